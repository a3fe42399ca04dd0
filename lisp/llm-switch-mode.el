;;; llm-switch-mode.el --- Everything through the switch  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; `llm-switch-mode' adopts gptel's own backends, so that every chat has the
;; ledger, the caps and the modes.  Its lighter says which mode holds, what set
;; it, and who would answer.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-adopt)

(autoload 'llm-switch-menu "llm-switch-menu" nil t)
(declare-function transient-append-suffix "transient" (prefix loc suffix &optional keep-other))
(declare-function transient-get-suffix "transient" (prefix loc))
(declare-function transient-remove-suffix "transient" (prefix loc))

(defvar llm-switch-mode--lighter nil
  "What the lighter last showed here, and when: (TIME KEY . TEXT).")
(make-variable-buffer-local 'llm-switch-mode--lighter)

(defconst llm-switch-mode--patience 3
  "Seconds for which files of projects are not looked at again for the lighter.")

(defun llm-switch-mode--text ()
  "Return the lighter's text: the mode, what set it, and who would answer.
Outside of chats only the mode."
  (pcase-let* ((llm-switch-project-quiet t)
               (`(,name . ,scope) (llm-switch-modes-here))
               (pins (llm-switch-modes-pins)))
    (concat " sw"
            (when name (format ":%s" name))
            (when (and name (not (eq scope 'global))) (format "(%s)" scope))
            (when pins (format "!%s" (string-join pins "!")))
            (when (and (bound-and-true-p gptel-mode) (not (llm-switch-gptel-any-p)))
              (format "→%s" (string-replace "%" "%%" (llm-switch-gptel-current)))))))

(defun llm-switch-mode-lighter ()
  "Return the lighter for this buffer.
It is called at each redisplay, so files are looked at every few seconds only."
  (let ((key (list gptel-backend gptel-model llm-switch-mode-name llm-switch-pins
                   llm-switch-projects default-directory llm-switch-adopt--done)))
    (pcase llm-switch-mode--lighter
      (`(,time ,(pred (equal key)) . ,text)
       (if (< (- (float-time) time) llm-switch-mode--patience)
           text
         (llm-switch-mode--renew key)))
      (_ (llm-switch-mode--renew key)))))

(defun llm-switch-mode--renew (key)
  "Return the lighter as it is now, and keep it under KEY."
  (let ((text (condition-case nil (llm-switch-mode--text) (error " sw:?"))))
    (setq llm-switch-mode--lighter (cons (float-time) (cons key text)))
    text))

;;;###autoload
(define-minor-mode llm-switch-mode
  "Let all requests of gptel go through the switch.
Its own backends are adopted: the same chats go on, with the ledger, the caps
and the modes of llm-switch.  Nothing of gptel's is changed, so that all is as
it was when the mode is off again.  `llm-switch-adopted' shows what was adopted,
and what could not be and why.

The lighter shows the mode that holds, in parentheses what set it unless that
was for everywhere, after an exclamation mark each pin, and in chats who would
answer."
  :global t
  :group 'llm-switch
  :lighter (:eval (llm-switch-mode-lighter))
  (if llm-switch-mode
      (llm-switch-adopt-begin)
    (llm-switch-adopt-end))
  (llm-switch-mode--into-gptel-menu))

(defconst llm-switch-mode--place '(1 0 -1)
  "Where our entry stands in gptel's menu: the last of the request's parameters.
Places are found by number, since in Emacs 28 transient stumbles over entries
without a key when it looks for one by name.")

(defun llm-switch-mode--in-gptel-menu-p ()
  "Return non-nil if gptel's menu leads to ours."
  (string-match-p "llm-switch-menu"
                  (format "%S" (transient-get-suffix 'gptel-menu llm-switch-mode--place))))

(defun llm-switch-mode--into-gptel-menu ()
  "Let gptel's menu lead to ours while the mode is on."
  (require 'gptel-transient)
  ;; A menu of another shape is left alone.
  (ignore-errors
    (let ((there (llm-switch-mode--in-gptel-menu-p)))
      (cond ((and llm-switch-mode (not there))
             (transient-append-suffix 'gptel-menu llm-switch-mode--place
               '("L" "llm-switch…" llm-switch-menu) 'always))
            ((and there (not llm-switch-mode))
             (transient-remove-suffix 'gptel-menu llm-switch-mode--place))))))

(provide 'llm-switch-mode)
;;; llm-switch-mode.el ends here
