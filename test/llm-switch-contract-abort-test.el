;;; llm-switch-contract-abort-test.el --- Requests that end before their answer does  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)

(defun llm-switch-contract-abort--outcomes ()
  "Return how far the service got with each request, in the order of the alphabet."
  (sort (mapcar (lambda (it) (plist-get it :outcome)) (llm-switch-test-received)) #'string<))

(ert-deftest llm-switch-contract-abort/what-comes-late-is-not-heard ()
  (llm-switch-contract-with
    (llm-switch-test-reset)
    (let* ((heard nil)
           (gptel-model (llm-switch-gptel-model "sim/words:2000@200")))
      (with-temp-buffer
        (gptel-request "Count." :stream t :callback (lambda (it _) (push it heard)))
        (llm-switch-test-wait (> (length heard) 2))
        (gptel-abort (current-buffer))
        (should (eq (car heard) 'abort))
        (let ((so-far (length heard)))
          (llm-switch-test-wait
            (equal (llm-switch-contract-abort--outcomes) '("client-left")))
          (should (= (length heard) so-far)))))))

(ert-deftest llm-switch-contract-abort/one-of-several-ends-and-the-others-go-on ()
  (llm-switch-contract-with
    (llm-switch-test-reset)
    (with-temp-buffer
      (let* ((gptel-model (llm-switch-gptel-model "sim/words:60@60"))
             (heard (list nil nil nil))
             (machines (cl-loop for n below 3 collect
                                (let ((n n))
                                  (gptel-request "Count." :stream t
                                                 :callback (lambda (it _)
                                                             (push it (nth n heard))))))))
        (llm-switch-test-wait (cl-every #'cdr heard))
        (gptel-abort (current-buffer))
        (mapc #'llm-switch-test-finish machines)
        (should (equal (sort (mapcar #'gptel-fsm-state machines) #'string<) '(ABRT DONE DONE)))
        (should (= (seq-count (lambda (it) (eq (car it) t)) heard) 2))
        (llm-switch-test-wait
          (equal (llm-switch-contract-abort--outcomes) '("answered" "answered" "client-left")))
        (should-not gptel--request-alist)))))

(ert-deftest llm-switch-contract-abort/the-answer-at-point-is-the-one-to-stop ()
  (llm-switch-contract-with
    (with-temp-buffer
      (insert "one\n\ntwo\n\nthree\n")
      (let* ((gptel-model (llm-switch-gptel-model "sim/stall:3"))
             (machines (mapcar (lambda (word)
                                 (goto-char (point-min))
                                 (search-forward word)
                                 (gptel-request "Count." :stream t :position (point-marker)))
                               '("one" "two" "three"))))
        (llm-switch-test-wait (= (how-many "w3" (point-min) (point-max)) 3))
        (goto-char (point-min))
        (re-search-forward "two\\(.\\|\n\\)*?w2")
        (llm-switch-abort)
        (should (equal (mapcar #'gptel-fsm-state machines) '(TYPE ABRT TYPE)))
        (should (= (length gptel--request-alist) 2))
        (goto-char (point-max))
        (llm-switch-abort)
        (llm-switch-abort)
        (should (equal (mapcar #'gptel-fsm-state machines) '(ABRT ABRT ABRT)))
        (should-not gptel--request-alist)
        (should-error (llm-switch-abort) :type 'user-error)))))

(ert-deftest llm-switch-contract-abort/a-buffer-that-is-killed-leaves-nothing-behind ()
  (llm-switch-contract-with
    (llm-switch-test-reset)
    (llm-switch-test-chat "sim/stall:3" #'text-mode
      (llm-switch-test-send "Count.")
      (llm-switch-test-wait (string-match-p "w3" (buffer-string)))
      (set-buffer-modified-p nil)
      (kill-buffer))
    (llm-switch-test-wait (equal (llm-switch-contract-abort--outcomes) '("client-left")))
    (should-not gptel--request-alist)))

(ert-deftest llm-switch-contract-abort/an-error-is-heard-as-nil-with-its-reason ()
  (llm-switch-contract-with
    (pcase-dolist (`(,model . ,type) '(("sim/status:429" . "rate-limited")
                                       ("sim/status:500" . "server")
                                       ("sim/midstream:openai" . "server")
                                       ("sim/reset:0" . "network")))
      (dolist (stream '(t nil))
        (let* ((gptel-model (llm-switch-gptel-model model))
               (heard (llm-switch-contract-hear "Hi" :stream stream))
               (info (car (last heard))))
          (should (null (car (last heard 2))))
          (should (equal (plist-get (plist-get info :error) :type) type))
          (should (stringp (plist-get info :status)))
          (should (stringp (plist-get info :http-status))))))))

(ert-deftest llm-switch-contract-abort/the-chat-goes-on-after-it ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/stall:3" #'text-mode
      (llm-switch-test-send "One.")
      (llm-switch-test-wait (string-match-p "w3" (buffer-string)))
      (gptel-abort (current-buffer))
      (llm-switch-contract-use "sim/inspect")
      (llm-switch-test-ask "\n\nTwo.")
      (should (string-match-p "\"text\":\"Two\\.\"" (buffer-string)))
      (should (string-match-p "\"text\":\"w1 w2 w3\"" (buffer-string))))))

(provide 'llm-switch-contract-abort-test)
;;; llm-switch-contract-abort-test.el ends here
