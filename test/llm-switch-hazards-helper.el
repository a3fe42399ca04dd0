;;; llm-switch-hazards-helper.el --- Starts the Emacs in which things go wrong  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A hazard may end its Emacs, so each test has one of its own, with a module
;; that `make faults' builds in a place from where it is never installed.

;;; Code:

(require 'llm-switch-test-helper)

(defun llm-switch-hazards-module ()
  "Return the name of the module that can break things on purpose."
  (let ((file (expand-file-name
               (file-name-nondirectory (llm-switch-module--built-file llm-switch-test-root))
               (or (getenv "LLM_SWITCH_FAULTS")
                   (expand-file-name "target/faults/release" llm-switch-test-root)))))
    (unless (file-exists-p file)
      (ert-fail (format "there is no %s; `make faults' builds it" file)))
    file))

(defun llm-switch-hazards-start (form &optional terminal)
  "Start an Emacs for FORM and return its process.
It is on a terminal of its own when TERMINAL is non-nil, else in batch.  What
FORM says with `llm-switch-hazards-tell', `llm-switch-hazards-told' hears."
  (let ((file (expand-file-name "form.el" llm-switch-test-folder))
        (process-environment
         (append (list (concat "LLM_SWITCH_TEST_FOLDER=" llm-switch-test-folder)
                       (concat "LLM_SWITCH_TEST_MODULE=" (llm-switch-hazards-module))
                       "TERM=vt100")
                 process-environment)))
    (with-temp-file file
      (insert ";;; -*- lexical-binding: t -*-\n")
      (prin1 `(setq load-path ',load-path) (current-buffer))
      (prin1 '(require 'llm-switch-hazards-child) (current-buffer))
      (prin1 form (current-buffer)))
    (let ((process (make-process
                    :name "emacs" :buffer (generate-new-buffer " *emacs*") :noquery t
                    :connection-type (if terminal 'pty 'pipe) :sentinel #'ignore
                    :command (list (expand-file-name invocation-name invocation-directory)
                                   "-Q" (if terminal "-nw" "--batch") "-l" file))))
      (when terminal (set-process-window-size process 24 80))
      process)))

(defun llm-switch-hazards-status (process)
  "Wait for the end of PROCESS and return its exit status.
When a signal ended it, return (signal . NUMBER)."
  (llm-switch-test-wait (not (process-live-p process)))
  (if (eq (process-status process) 'signal)
      (cons 'signal (process-exit-status process))
    (process-exit-status process)))

(defun llm-switch-hazards-output (process)
  "Return what PROCESS wrote on both its outputs."
  (while (accept-process-output process 0))
  (with-current-buffer (process-buffer process) (buffer-string)))

(defmacro llm-switch-hazards-with-emacs (binding &rest body)
  "Run BODY with another Emacs, and see that this one is gone in the end.
BINDING is (NAME FORM [TERMINAL]); see `llm-switch-hazards-start'."
  (declare (indent 1) (debug t))
  `(let ((,(car binding) (llm-switch-hazards-start ,@(cdr binding))))
     (unwind-protect (progn ,@body)
       (delete-process ,(car binding))
       (kill-buffer (process-buffer ,(car binding))))))

(defun llm-switch-hazards-told ()
  "Wait until the other Emacs tells something, and return that."
  (let ((file (expand-file-name "value" llm-switch-test-folder))
        (coding-system-for-read 'utf-8-emacs-unix))
    (llm-switch-test-wait (file-exists-p file))
    (with-temp-buffer
      (insert-file-contents file)
      (delete-file file)
      (read (current-buffer)))))

(defvar llm-switch-hazards-said nil
  "What the last Emacs of `llm-switch-hazards-value' wrote on its outputs.")

(defmacro llm-switch-hazards-value (&rest forms)
  "Return the value that FORMS have in a batch Emacs of their own.
It has its engine and knows the simulator as account \"sim\".  Fail when
FORMS do, or when that Emacs does not end properly."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with (llm-switch-test-config)
     (llm-switch-hazards--value '(progn ,@forms))))

(defun llm-switch-hazards--value (form)
  "Return the value of FORM in a batch Emacs of its own."
  (llm-switch-hazards-with-emacs (emacs `(llm-switch-hazards-tell ,form))
    (let ((status (llm-switch-hazards-status emacs)))
      (setq llm-switch-hazards-said (llm-switch-hazards-output emacs))
      (unless (equal status 0)
        (ert-fail (list status llm-switch-hazards-said)))
      (llm-switch-hazards-told))))

(provide 'llm-switch-hazards-helper)
;;; llm-switch-hazards-helper.el ends here
