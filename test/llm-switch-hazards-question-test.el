;;; llm-switch-hazards-question-test.el --- Questions that Rust asks  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A question has an answer or its default, and never hangs.  Where the
;; default is not that of a time-out, the time is far longer than a test.

;;; Code:

(require 'llm-switch-channel)
(require 'llm-switch-hazards-helper)

(defmacro llm-switch-hazards-question (patience answer &rest body)
  "Return what a question comes to when ANSWER is evaluated to answer it.
It waits PATIENCE milliseconds.  BODY is evaluated first; ANSWER sees the
question as `question'."
  (declare (indent 2) (debug t))
  `(llm-switch-hazards-value
     ,@body
     (push (cons "probe" (lambda (question) (ignore question) ,answer))
           llm-switch-channel-question-functions)
     (llm-switch-call "fault.question"
                      '(:kind "probe" :patience-ms ,patience :details (:prompt "Sure?")))))

(ert-deftest llm-switch-hazards/a-question-is-answered ()
  (should (equal (llm-switch-hazards-question 600000
                   (concat "I was asked: " (plist-get question :prompt)))
                 "I was asked: Sure?")))

(ert-deftest llm-switch-hazards/a-question-is-asked-outside-of-the-filter ()
  (should (equal (llm-switch-hazards-question 600000
                   (if filtering "inside" "outside")
                   (defvar filtering nil)
                   (advice-add 'llm-switch-channel--wake :around
                               (lambda (wake &rest arguments)
                                 (let ((filtering t)) (apply wake arguments)))))
                 "outside")))

(ert-deftest llm-switch-hazards/a-question-times-out-and-the-late-answer-is-dropped ()
  (should (equal (llm-switch-hazards-value
                   (let* ((id nil)
                          (answered nil)
                          (answer (lambda (_)
                                    ;; Emacs is busy: it does not hear that time is up.
                                    (let ((end (+ (float-time) 0.3)))
                                      (while (< (float-time) end)))
                                    (setq answered t)
                                    "too late")))
                     (push (cons "probe" answer) llm-switch-channel-question-functions)
                     (setq id (llm-switch-hazards-fault "question" :kind "probe" :patience-ms 50))
                     (llm-switch-hazards-wait answered)
                     (llm-switch-call "fault.lock")
                     (llm-switch-channel-stop)
                     (llm-switch-hazards-ends id)))
                 '("default"))))

(ert-deftest llm-switch-hazards/a-question-that-times-out-is-left-by-itself ()
  (should (equal (llm-switch-hazards-value
                   (let* ((left nil)
                          (answer (lambda (_)
                                    (unwind-protect (llm-switch-hazards-wait nil)
                                      (setq left t)))))
                     (push (cons "probe" answer) llm-switch-channel-question-functions)
                     (let ((id (llm-switch-hazards-fault "question" :kind "probe"
                                                         :patience-ms 50)))
                       (llm-switch-hazards-wait left)
                       (llm-switch-hazards-end id)
                       (llm-switch-hazards-ends id))))
                 '("default"))))

(ert-deftest llm-switch-hazards/a-question-that-is-quit-has-its-default ()
  (should (equal (llm-switch-hazards-question 600000 (signal 'quit nil)) "default")))

(ert-deftest llm-switch-hazards/a-question-whose-answer-errs-has-its-default ()
  (should (equal (llm-switch-hazards-question 600000 (error "On purpose")) "default")))

(ert-deftest llm-switch-hazards/a-question-that-nobody-knows-has-its-default ()
  (should (equal (llm-switch-hazards-value
                   (llm-switch-call "fault.question" '(:kind "unheard-of" :patience-ms 600000)))
                 "default")))

(ert-deftest llm-switch-hazards/a-question-in-batch-mode-has-its-default ()
  (should (equal (llm-switch-hazards-value
                   (llm-switch-call "fault.question"
                                    '(:kind "confirm" :patience-ms 600000
                                      :details (:prompt "Sure? "))))
                 "default")))

(ert-deftest llm-switch-hazards/a-question-about-a-killed-buffer-is-not-asked ()
  (should (equal (llm-switch-hazards-value
                   (let ((asked nil)
                         (buffer (generate-new-buffer "doomed")))
                     (push (cons "probe" (lambda (_) (setq asked t)))
                           llm-switch-channel-question-functions)
                     ;; Killed after the question has come and before it is asked.
                     (advice-add 'llm-switch-channel--ask :before
                                 (lambda (&rest _) (kill-buffer buffer)))
                     (let ((id (llm-switch-channel-call
                                "fault.question" '(:kind "probe" :patience-ms 600000)
                                #'ignore buffer)))
                       (list (llm-switch-hazards-end id) asked))))
                 '("default" nil))))

(ert-deftest llm-switch-hazards/what-is-typed-already-is-no-answer ()
  (let ((unread-command-events (list ?y ?\r)) (noninteractive nil)
        (llm-switch-channel-question-functions
         '(("it" . (lambda (_) (if unread-command-events "typed" "nothing"))))))
    (should (equal (llm-switch-channel--ask-in '(:kind "it" :question 1) nil) "nothing"))))

(ert-deftest llm-switch-hazards/who-types-is-not-asked-before-they-rest ()
  (let* ((idle 0.8) (asked nil) (noninteractive nil))
    (cl-letf (((symbol-function 'current-idle-time) (lambda () (and idle (seconds-to-time idle))))
              ((symbol-function 'llm-switch-channel--ask) (lambda (&rest _) (setq asked t))))
      (llm-switch-channel--ask-when-quiet '(:question 1) nil)
      (should-not asked)
      ;; A key, meanwhile.
      (setq idle 0.9)
      (accept-process-output nil 0.3)
      (sit-for 0)
      (setq idle 1.2)
      (llm-switch-test-wait asked)
      ;; A command that waits for it is not idle.
      (setq idle nil asked nil)
      (llm-switch-channel--ask-when-quiet '(:question 1) nil)
      (should asked))))

(provide 'llm-switch-hazards-question-test)
;;; llm-switch-hazards-question-test.el ends here
