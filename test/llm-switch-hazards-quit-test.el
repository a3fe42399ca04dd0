;;; llm-switch-hazards-quit-test.el --- Keys that are typed while Emacs waits  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; C-g is a signal from the terminal, which batch mode has not: so here Emacs
;; has a terminal, and the keys are typed.

;;; Code:

(require 'llm-switch-hazards-helper)

(defmacro llm-switch-hazards-typing (keys form)
  "Type KEYS into an Emacs on a terminal and return what FORM tells there.
FORM is the command of a key, and tells before that when it waits."
  (declare (indent 1) (debug t))
  `(llm-switch-test-with (llm-switch-test-config)
     (llm-switch-hazards-with-emacs
         (emacs '(progn
                  (global-set-key "x" (lambda () (interactive) ,form))
                  (run-at-time 0 nil #'llm-switch-hazards-tell 'ready))
                t)
       (llm-switch-hazards-told)
       (process-send-string emacs "x")
       (should (eq 'waiting (llm-switch-hazards-told)))
       (process-send-string emacs ,keys)
       (llm-switch-hazards-told))))

(ert-deftest llm-switch-hazards/c-g-ends-a-call-and-what-it-waited-for ()
  (should (equal (llm-switch-hazards-typing "\C-g"
                   (progn
                     (run-at-time 0 nil #'llm-switch-hazards-tell 'waiting)
                     (let ((id nil))
                       (advice-add 'llm-switch-channel-forget :before
                                   (lambda (forgotten) (setq id forgotten)))
                       (condition-case nil (llm-switch-call "fault.hang")
                         (quit (llm-switch-hazards-tell
                                (list 'quit
                                      (hash-table-count llm-switch-channel--handlers)
                                      (llm-switch-hazards-end id)
                                      (llm-switch-call "fault.lock"))))))))
                 '(quit 0 "cancelled" 0))))

(defmacro llm-switch-hazards-confirming (keys)
  "Return what a question comes to when KEYS are typed to answer it."
  `(llm-switch-hazards-typing ,keys
     (progn
       (add-hook 'minibuffer-setup-hook (lambda () (llm-switch-hazards-tell 'waiting)))
       (llm-switch-hazards-tell
        (llm-switch-call "fault.question" '(:kind "confirm" :patience-ms 600000
                                            :details (:prompt "Sure? ")))))))

(ert-deftest llm-switch-hazards/a-question-is-answered-by-a-key ()
  (should (equal (llm-switch-hazards-confirming "y") t)))

(ert-deftest llm-switch-hazards/a-question-that-is-declined-has-its-default ()
  (should (equal (llm-switch-hazards-confirming "n") "default")))

(ert-deftest llm-switch-hazards/c-g-at-a-question-gives-its-default-and-ends-nothing-else ()
  (should (equal (llm-switch-hazards-confirming "\C-g") "default")))

(ert-deftest llm-switch-hazards/c-g-ends-a-long-search-for-an-answer ()
  (should (equal (llm-switch-hazards-typing "\C-g"
                   (progn
                     (push (cons "probe" (lambda (_)
                                           (llm-switch-hazards-tell 'waiting)
                                           (while t (accept-process-output nil 0.01))))
                           llm-switch-channel-question-functions)
                     (llm-switch-hazards-tell
                      (llm-switch-call "fault.question"
                                       '(:kind "probe" :patience-ms 600000)))))
                 "default")))

(provide 'llm-switch-hazards-quit-test)
;;; llm-switch-hazards-quit-test.el ends here
