;;; llm-switch-hazards-quit-test.el --- C-g  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; C-g is a signal from the terminal, which batch mode has not: so here Emacs
;; has a terminal, and the keys are typed.

;;; Code:

(require 'llm-switch-hazards-helper)

(defmacro llm-switch-hazards-with-terminal (form &rest body)
  "Run BODY beside an Emacs on a terminal, where the key x evaluates FORM.
The key y tells what became of it; see `llm-switch-hazards-type'."
  (declare (indent 1) (debug t))
  `(llm-switch-test-with (llm-switch-test-config)
     (llm-switch-hazards-with-emacs
         (emacs '(progn
                  (defvar outcome nil)
                  (global-set-key "x" (lambda () (interactive) ,form))
                  (global-set-key "y" (lambda () (interactive) (llm-switch-hazards-tell outcome)))
                  (llm-switch-channel-start)
                  (run-at-time 0 nil #'llm-switch-hazards-tell 'ready))
                t)
       (should (eq 'ready (llm-switch-hazards-told)))
       ,@body)))

(defun llm-switch-hazards-type (emacs keys)
  "Type KEYS in EMACS and return what it tells after that."
  (process-send-string emacs keys)
  (llm-switch-hazards-told))

(ert-deftest llm-switch-hazards/c-g-ends-a-call-and-what-it-waited-for ()
  (llm-switch-hazards-with-terminal
      (condition-case nil
          (progn (run-at-time 0 nil #'llm-switch-hazards-tell 'waiting)
                 (llm-switch-call "fault.hang"))
        (quit (setq outcome 'quit)))
    (should (eq 'waiting (llm-switch-hazards-type emacs "x")))
    (process-send-string emacs "\C-g")
    (should (equal '(quit 0 (("cancelled")))
                   (llm-switch-hazards-type emacs "y")))))

(provide 'llm-switch-hazards-quit-test)
;;; llm-switch-hazards-quit-test.el ends here
