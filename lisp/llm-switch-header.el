;;; llm-switch-header.el --- Who answers, and at what cost, above a chat  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel's header line has its own name, the status and, at the right, an info
;; segment.  Between them goes one of ours: who answers here, and what the chat
;; has cost.  In buffers with another backend it is empty.

;;; Code:

(require 'gptel)
(require 'llm-switch-cost)

(declare-function llm-switch-gptel-current-p "llm-switch-gptel" ())
(declare-function llm-switch-gptel-deployment "llm-switch-gptel" (model))

(defconst llm-switch-header--segment '(:eval (llm-switch-header))
  "What is put into the header line.")

(defun llm-switch-header ()
  "Return the segment for this buffer, or nil if its backend is not ours."
  (when (llm-switch-gptel-current-p)
    (let ((row (get gptel-model 'llm-switch)))
      (concat "  " (llm-switch-gptel-deployment gptel-model)
              (when row (concat " · " (plist-get row :locality)))
              " · " (or (llm-switch-header--spent) (llm-switch-header--price row))
              "  "))))

(defun llm-switch-header--price (row)
  "Return what ROW's deployment charges, as far as it is known."
  (let ((payer (plist-get row :payer))
        (input (plist-get row :input)))
    (cond ((member payer '("free" "plan")) payer)
          (input (format "$%s/$%s per M" input (plist-get row :output)))
          (t "?"))))

(defun llm-switch-header--spent ()
  "Return what this chat has cost, or nil before its first answer."
  (when-let* ((spent (llm-switch-cost-format-buffer)))
    (if (equal spent "free") spent (concat "chat " spent))))

(defun llm-switch-header-install ()
  "Show the segment in this buffer, behind gptel's status."
  (when (and gptel-mode gptel-use-header-line (consp header-line-format)
             (not (memq llm-switch-header--segment header-line-format)))
    (setq header-line-format
          `(,(nth 0 header-line-format) ,(nth 1 header-line-format)
            ,llm-switch-header--segment ,@(nthcdr 2 header-line-format)))))

(provide 'llm-switch-header)
;;; llm-switch-header.el ends here
