;;; llm-switch-scope.el --- Where a choice holds  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A choice holds once, in a buffer, or everywhere.  The nearest wins, which is
;; what Emacs's variables do by themselves: a scope decides how one is set.

;;; Code:

(require 'seq)

(defconst llm-switch-scopes '(buffer global once)
  "The scopes of a choice, the default first.")

(defvar-local llm-switch-scope--restore nil
  "What to undo after the next request: a list of (SYMBOL LOCAL VALUE).")

(defun llm-switch-scope-read (argument)
  "Return the scope that ARGUMENT, a raw prefix argument, asks for."
  (if (null argument)
      (car llm-switch-scopes)
    (intern (completing-read "Scope: " (mapcar #'symbol-name llm-switch-scopes) nil t))))

(defun llm-switch-scope-describe (scope)
  "Return SCOPE in words, for the current buffer."
  (pcase-exhaustive scope
    ('buffer (format "buffer %s" (buffer-name)))
    ('global "global")
    ('once (format "once in %s" (buffer-name)))))

(defun llm-switch-scope-set (symbol value scope)
  "Set the variable SYMBOL to VALUE in SCOPE."
  (pcase-exhaustive scope
    ('buffer (set (make-local-variable symbol) value))
    ('global (kill-local-variable symbol)
             (set-default symbol value))
    ('once (unless (assq symbol llm-switch-scope--restore)
             (push (list symbol (local-variable-p symbol) (symbol-value symbol))
                   llm-switch-scope--restore))
           (set (make-local-variable symbol) value))))

(defun llm-switch-scope-end-once ()
  "Undo what was set once in this buffer."
  (pcase-dolist (`(,symbol ,local ,value) llm-switch-scope--restore)
    (if local
        (set symbol value)
      (kill-local-variable symbol)))
  (setq llm-switch-scope--restore nil))

(provide 'llm-switch-scope)
;;; llm-switch-scope.el ends here
