;;; llm-switch-scope.el --- Where a choice holds  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A choice holds once, in a buffer, in a project, or everywhere.  The nearest
;; wins, which is what Emacs's variables do by themselves: a scope decides how
;; one is set.  A project's choice is a local variable too, marked as such, so
;; that one made for the buffer is not overwritten.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-project)

(defconst llm-switch-scopes '(buffer project global once)
  "The scopes of a choice.")

(defcustom llm-switch-scope-default 'buffer
  "Where a choice holds unless a prefix argument asks: one of `llm-switch-scopes'."
  :group 'llm-switch
  :type '(choice (const buffer) (const project) (const global) (const once)))

(defvar-local llm-switch-scope--restore nil
  "What to undo after the next request: a list of (SYMBOL LOCAL VALUE).")

(defvar-local llm-switch-scope--of-project nil
  "The variables whose local value here is the project's.")

(defun llm-switch-scope-read (argument)
  "Return the scope that ARGUMENT, a raw prefix argument, asks for."
  (if (null argument)
      llm-switch-scope-default
    (intern (completing-read "Scope: " (mapcar #'symbol-name llm-switch-scopes) nil t))))

(defun llm-switch-scope-describe (scope)
  "Return SCOPE in words, for the current buffer."
  (pcase-exhaustive scope
    ('buffer (format "buffer %s" (buffer-name)))
    ('project (format "project %s" (file-name-nondirectory
                                    (directory-file-name (llm-switch-project-root)))))
    ('global "global")
    ('once (format "once in %s" (buffer-name)))))

(defun llm-switch-scope-of (symbol)
  "Return the scope that gave SYMBOL its value in this buffer."
  (cond ((assq symbol llm-switch-scope--restore) 'once)
        ((not (local-variable-p symbol)) 'global)
        ((memq symbol llm-switch-scope--of-project) 'project)
        (t 'buffer)))

(defun llm-switch-scope-set (symbol value scope)
  "Set the variable SYMBOL to VALUE in SCOPE."
  (pcase-exhaustive scope
    ('buffer (llm-switch-scope--own symbol)
             (set (make-local-variable symbol) value))
    ('project (llm-switch-scope--own symbol)
              (kill-local-variable symbol)
              (llm-switch-scope--set-project symbol value))
    ('global (llm-switch-scope--own symbol)
             (kill-local-variable symbol)
             (set-default symbol value))
    ('once (unless (assq symbol llm-switch-scope--restore)
             (push (list symbol (local-variable-p symbol) (symbol-value symbol))
                   llm-switch-scope--restore))
           (set (make-local-variable symbol) value))))

(defun llm-switch-scope--own (symbol)
  "Forget what was set once of SYMBOL here, or by the project."
  (setq llm-switch-scope--restore (assq-delete-all symbol llm-switch-scope--restore)
        llm-switch-scope--of-project (remq symbol llm-switch-scope--of-project)))

(defun llm-switch-scope--set-project (symbol value)
  "Set SYMBOL to VALUE in the buffers of this project that have no own value."
  (let ((root (llm-switch-project-root)))
    (dolist (buffer (buffer-list))
      (when (string-prefix-p root (expand-file-name
                                   (buffer-local-value 'default-directory buffer)))
        (with-current-buffer buffer (llm-switch-scope-inherit symbol value))))))

(defun llm-switch-scope-set-project (symbol key value)
  "Let the project say VALUE under KEY, and forget this buffer's own SYMBOL."
  (llm-switch-scope--own symbol)
  (kill-local-variable symbol)
  (llm-switch-project-put key value))

(defun llm-switch-scope-inherit (symbol value)
  "Give SYMBOL the project's VALUE here, unless this buffer has its own."
  (when (memq (llm-switch-scope-of symbol) '(global project))
    (set (make-local-variable symbol) value)
    (cl-pushnew symbol llm-switch-scope--of-project)))

(defun llm-switch-scope-end-once ()
  "Undo what was set once in this buffer."
  (pcase-dolist (`(,symbol ,local ,value) llm-switch-scope--restore)
    (if local
        (set symbol value)
      (kill-local-variable symbol)))
  (setq llm-switch-scope--restore nil))

;;; The way back

(defun llm-switch-scope-snapshot (symbols scope)
  "Return how SYMBOLS stand in SCOPE, for `llm-switch-scope-return'."
  (cons scope
        (mapcar (lambda (symbol)
                  (if (memq scope '(global project))
                      (list symbol t (if (eq scope 'global)
                                         (default-value symbol)
                                       (symbol-value symbol)))
                    (list symbol (local-variable-p symbol) (symbol-value symbol))))
                symbols)))

(defun llm-switch-scope-return (snapshot)
  "Let all stand as it did at SNAPSHOT."
  (pcase-dolist (`(,symbol ,set ,value) (cdr snapshot))
    (if set
        (llm-switch-scope-set symbol value (car snapshot))
      (llm-switch-scope--own symbol)
      (kill-local-variable symbol))))

(provide 'llm-switch-scope)
;;; llm-switch-scope.el ends here
