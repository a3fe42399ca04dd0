;;; llm-switch-first-start-test.el --- What a fresh install finds  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(defmacro llm-switch-first-start-test-said (&rest body)
  "Return what is said in the echo area while BODY runs."
  (declare (indent 0) (debug t))
  `(let* ((said nil)
          (note (lambda (form &rest rest) (when form (push (apply #'format form rest) said)))))
     (advice-add 'message :before note)
     (unwind-protect (progn ,@body) (advice-remove 'message note))
     (string-join (nreverse said) "\n")))

(ert-deftest llm-switch-first-start/a-new-chat-says-once-what-is-there ()
  (llm-switch-test-with (llm-switch-test-config)
    (let* ((llm-switch-mode-name nil)
           (gptel--known-backends (list (cons "One" (gptel-make-openai "One"))
                                        (cons "Two" (gptel-make-openai "Two"))))
           (chat (lambda () (save-window-excursion (llm-switch-chat))))
           (first (llm-switch-first-start-test-said (funcall chat))))
      (should (string-match-p "llm-switch: mode local\\. Found .*(hello and [0-9]+ more)" first))
      (should (string-match-p "Your 2 gptel backends can move in: M-x llm-switch-mode\\. \
Nothing is spent until you choose an account that costs money\\." first))
      (should-not (string-match-p "Found" (llm-switch-first-start-test-said (funcall chat)))))))

(ert-deftest llm-switch-first-start/choosing-says-it-beside-who-answers ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-choices)
    (with-temp-buffer
      (let ((choose (lambda () (llm-switch-backend
                                (llm-switch-test-row "sim/hello") 'buffer))))
        (should (string-match-p "answers (buffer.*)\nllm-switch: mode .*Found"
                                (llm-switch-first-start-test-said (funcall choose))))
        (should-not (string-match-p "Found" (llm-switch-first-start-test-said (funcall choose))))))))

(ert-deftest llm-switch-first-start/what-the-configuration-says-is-told-and-what-is-free-comes-first ()
  (llm-switch-test-with
      (format "default-mode = 'auto'\n[provider.dear]\nbase-url = %S\npayer = 'metered'\n%s"
              (llm-switch-test-url) (llm-switch-test-config))
    (let* ((llm-switch-mode-name nil)
           (gptel--known-backends nil)
           (first (llm-switch-first-start-test-said (save-window-excursion (llm-switch-chat)))))
      (should (string-match-p "llm-switch: mode auto\\. Found" first))
      (should-not (string-match-p "Nothing is spent" first))
      (with-current-buffer "*llm-switch*"
        (should (string-prefix-p "sim/" (llm-switch-gptel-current)))))))

(ert-deftest llm-switch-first-start/where-nothing-answers-that-is-said ()
  (llm-switch-test-with ""
    (let ((gptel--known-backends nil))
      (should (string-match-p "No server on this machine answers\\. Nothing is spent"
                              (llm-switch-first-start nil)))
      (should-not (llm-switch-first-start nil)))))

(provide 'llm-switch-first-start-test)
;;; llm-switch-first-start-test.el ends here
