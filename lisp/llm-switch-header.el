;;; llm-switch-header.el --- Who answers, and at what cost, above a chat  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel's header line has its own name, the status and, at the right, an info
;; segment.  Between them goes one of ours: who answers here, and what the chat
;; has cost.  In buffers with another backend it is empty.

;;; Code:

(require 'gptel)
(require 'llm-switch-segment)

(declare-function llm-switch-gptel-current-p "llm-switch-gptel" ())
(declare-function llm-switch-gptel-any-p "llm-switch-gptel" ())
(declare-function llm-switch-gptel-current "llm-switch-gptel" ())

(defconst llm-switch-header--segment '(:eval (llm-switch-header))
  "What is put into the header line.")

(defcustom llm-switch-header-segments
  '(llm-switch-header-deployment llm-switch-header-locality llm-switch-header-price
    llm-switch-segment-chat llm-switch-segment-today llm-switch-segment-cap)
  "What the header line of a chat shows: functions that return a text or nil."
  :group 'llm-switch
  :type 'hook
  :options '(llm-switch-header-deployment llm-switch-header-locality llm-switch-header-price
             llm-switch-segment-answer llm-switch-segment-chat llm-switch-segment-today
             llm-switch-segment-cap))

(defun llm-switch-header ()
  "Return the segment for this buffer, or nil if its backend is not ours."
  (when (llm-switch-gptel-current-p)
    (concat "  " (llm-switch-segment-join llm-switch-header-segments) "  ")))

(defun llm-switch-header-deployment ()
  "Return who answers here: a deployment, a route, or a mode that chooses.
Of the latter two, whom they led to last is told too."
  (let ((name (llm-switch-gptel-current))
        (last (llm-switch-header--last)))
    (if (and last (llm-switch-header--chosen-p)) (concat name " → " last) name)))

(defun llm-switch-header--chosen-p ()
  "Return non-nil if it is chosen for each request anew who answers here."
  (or (llm-switch-gptel-any-p) (plist-get (get gptel-model 'llm-switch) :route)))

(defun llm-switch-header--last ()
  "Return who gave the last answer in this buffer, or nil."
  (when-let* ((account (plist-get llm-switch-cost-last-here :account)))
    (concat account "/" (plist-get llm-switch-cost-last-here :sent))))

(defun llm-switch-header-locality ()
  "Return how far away the one who answers here is."
  (plist-get (get gptel-model 'llm-switch) :locality))

(defun llm-switch-header-price ()
  "Return what the one who answers here charges, until something was spent.
Of a route it is not known beforehand who answers."
  (let ((row (get gptel-model 'llm-switch)))
    (unless (or llm-switch-cost-buffer (plist-get row :route))
      (llm-switch-header--price row))))

(defun llm-switch-header--price (row)
  "Return what ROW's deployment charges, as far as it is known."
  (let ((payer (plist-get row :payer))
        (input (plist-get row :input)))
    (cond ((member payer '("free" "plan")) payer)
          (input (format "$%s/$%s per M" input (plist-get row :output)))
          (t "?"))))

(defun llm-switch-header-install ()
  "Show the segment in this buffer, behind gptel's status."
  (when (and gptel-mode gptel-use-header-line (consp header-line-format)
             (not (memq llm-switch-header--segment header-line-format)))
    (setq header-line-format
          `(,(nth 0 header-line-format) ,(nth 1 header-line-format)
            ,llm-switch-header--segment ,@(nthcdr 2 header-line-format)))))

(provide 'llm-switch-header)
;;; llm-switch-header.el ends here
