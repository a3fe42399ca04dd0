;;; llm-switch-hazards-panic-test.el --- Panics, and the one end of every id  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Whatever happens in Rust, Emacs lives, its screen is left alone, and whoever
;; waits hears the end once.

;;; Code:

(require 'llm-switch-hazards-helper)

(ert-deftest llm-switch-hazards/a-panic-in-a-native-function-is-a-signal ()
  (should (equal (llm-switch-hazards-value
                   (list (condition-case problem (llm-switch--mod-fault-panic)
                           (rust-panic (car problem)))
                         (llm-switch-call "fault.lock")))
                 '(rust-panic 0)))
  (should (equal llm-switch-hazards-said "")))

(ert-deftest llm-switch-hazards/a-panic-in-a-task-is-an-error-of-that-task-only ()
  (should (equal (llm-switch-hazards-value
                   (let ((other (llm-switch-hazards-submit "words:50@100")))
                     (list (condition-case problem (llm-switch-call "fault.panic")
                             (llm-switch-module (car problem)))
                           (llm-switch-hazards-end other))))
                 '(llm-switch-module done)))
  (should (equal llm-switch-hazards-said "")))

(ert-deftest llm-switch-hazards/a-panic-under-a-lock-leaves-the-lock-usable ()
  (should (equal (llm-switch-hazards-value
                   (list (llm-switch-hazards-end (llm-switch-hazards-fault "panic-locked"))
                         (llm-switch-hazards-end (llm-switch-hazards-fault "panic-locked"))
                         (llm-switch-call "fault.lock")))
                 '("module" "module" 2)))
  (should (equal llm-switch-hazards-said "")))

(ert-deftest llm-switch-hazards/every-call-ends-exactly-once ()
  (should (equal (llm-switch-hazards-value
                   (let ((over (mapcar #'llm-switch-hazards-fault '("lock" "error" "panic")))
                         (cancelled (llm-switch-hazards-fault "hang"))
                         (running (llm-switch-hazards-fault "hang")))
                     (mapc #'llm-switch-hazards-end over)
                     (llm-switch-channel-cancel cancelled)
                     (llm-switch-hazards-end cancelled)
                     (mapc #'llm-switch-channel-cancel over)
                     (llm-switch-channel-stop)
                     (mapcar #'llm-switch-hazards-ends `(,@over ,cancelled ,running))))
                 '((0) ("server") ("module") ("cancelled") ("cancelled")))))

(ert-deftest llm-switch-hazards/every-request-ends-exactly-once ()
  (should (equal (llm-switch-hazards-value
                   (let ((over (mapcar #'llm-switch-hazards-submit
                                       '("words:10" "status:500" "cut:3")))
                         (cancelled (llm-switch-hazards-submit "stall:3"))
                         (running (llm-switch-hazards-submit "stall:3")))
                     (mapc #'llm-switch-hazards-end over)
                     (llm-switch-hazards-wait (equal (llm-switch-hazards-text running) "w1 w2 w3 "))
                     (llm-switch-channel-cancel cancelled)
                     (llm-switch-hazards-end cancelled)
                     (mapc #'llm-switch-channel-cancel over)
                     (llm-switch-channel-stop)
                     (mapcar #'llm-switch-hazards-ends `(,@over ,cancelled ,running))))
                 '((done) ("server") ("network") ("cancelled") ("cancelled")))))

(ert-deftest llm-switch-hazards/a-job-that-cannot-be-stopped-ends-once-at-shutdown ()
  (should (equal (llm-switch-hazards-value
                   (let ((stuck (llm-switch-hazards-fault "stuck")))
                     (llm-switch-call "fault.lock")
                     (llm-switch-channel-stop)
                     (llm-switch-hazards-ends stuck)))
                 '("cancelled"))))

(provide 'llm-switch-hazards-panic-test)
;;; llm-switch-hazards-panic-test.el ends here
