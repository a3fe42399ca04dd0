;;; llm-switch-auth-test.el --- Keys from where the user keeps them  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(defmacro llm-switch-auth-test-with-file (content &rest body)
  "Run BODY with `file' bound to the name of a file with CONTENT."
  (declare (indent 1) (debug t))
  `(let ((file (make-temp-file "llm-switch-auth-" nil nil ,content)))
     (unwind-protect (progn ,@body) (delete-file file))))

(ert-deftest llm-switch-auth/finds-a-key-in-each-kind-of-place ()
  (let ((one (llm-switch-test-key "one")) (two (llm-switch-test-key "two")))
    (llm-switch-auth-test-with-file
        (format "machine api.example.org login work password %s\n\
machine api.example.org login apikey password %s\n" one two)
      (let ((auth-sources (list file)) (auth-source-do-cache nil))
        (should (equal (llm-switch-auth-lookup "auth-source:work@api.example.org") one))
        (should (equal (llm-switch-auth-lookup "auth-source:apikey@api.example.org") two))
        (should-not (llm-switch-auth-lookup "auth-source:nobody.example.org"))))
    (let ((process-environment (cons (concat "LLM_SWITCH_TEST_KEY=" one) process-environment)))
      (should (equal (llm-switch-auth-lookup "env:LLM_SWITCH_TEST_KEY") one)))
    (llm-switch-auth-test-with-file (format "OPENAI:\n%s\nMISTRAL:\n%s\n" one two)
      (should (equal (llm-switch-auth-lookup (concat "file:" file "#MISTRAL")) two))
      (should-not (llm-switch-auth-lookup (concat "file:" file "#GROQ"))))
    (llm-switch-auth-test-with-file (concat one "\n")
      (should (equal (llm-switch-auth-lookup (format "cmd:cat %s; echo more" file)) one))))
  (should-not (llm-switch-auth-lookup "cmd:false"))
  (should-not (llm-switch-auth-lookup "nonsense")))

(ert-deftest llm-switch-auth/a-cloud-account-with-a-key-from-auth-source-answers ()
  (let* ((key (llm-switch-test-key "right"))
         (simulator (llm-switch-test-locked-simulator key)))
    (unwind-protect
        (llm-switch-auth-test-with-file
            (format "machine api.cloud.example login apikey password %s\n" key)
          (let ((auth-sources (list file)) (auth-source-do-cache nil))
            (llm-switch-test-with
                (format "[provider.cloudy]\nbase-url = %S\nlocality = 'proxy'\nauth = 'bearer'\n\
payer = 'metered'\n[account.cloudy]\nkey = 'auth-source:api.cloud.example'\nmodels = ['hello']\n\
unpriced = ['hello']\n"
                        (process-get simulator 'url))
              (llm-switch-test-chat "cloudy/hello" #'text-mode
                (llm-switch-test-ask "Hi")
                (should (string-match-p "Hello from the simulator" (buffer-string)))
                (should (string-match-p "metered" (llm-switch-last-cost)))))))
      (delete-process simulator))))

(ert-deftest llm-switch-auth/a-missing-key-is-told-with-its-place ()
  (llm-switch-test-with (format "[provider.cloudy]\nbase-url = %S\nlocality = 'proxy'\nauth = 'bearer'\n\
[account.cloudy]\nkey = 'env:LLM_SWITCH_NO_SUCH_KEY'\n" (llm-switch-test-url))
    (llm-switch-test-reset)
    (let ((error (cdr (llm-switch-test-end (llm-switch-test-submit "cloudy/hello" "Hi")))))
      (should (equal (plist-get error :kind) "auth"))
      (should (string-match-p "no key at env:LLM_SWITCH_NO_SUCH_KEY" (plist-get error :message))))
    (should-not (llm-switch-test-received))))

(ert-deftest llm-switch-auth/a-key-is-nowhere-but-in-the-request ()
  (let* ((key (llm-switch-test-key "sk-very-secret"))
         (simulator (llm-switch-test-locked-simulator key))
         (process-environment (cons (concat "LLM_SWITCH_TEST_KEY=" key) process-environment))
         (gptel-log-level 'debug))
    (unwind-protect
        (llm-switch-test-with
            (format "[provider.cloudy]\nbase-url = %S\nlocality = 'proxy'\nauth = 'bearer'\n\
[account.cloudy]\nkey = 'env:LLM_SWITCH_TEST_KEY'\nunpriced = ['*']\n" (process-get simulator 'url))
          (dolist (script '("hello" "status:401" "midstream:openai" "stall:1"))
            (llm-switch-test-chat (concat "cloudy/" script) #'text-mode
              (let ((fsm (llm-switch-test-send "Hi")))
                (if (equal script "stall:1")
                    (progn (llm-switch-test-wait (string-match-p "w1" (buffer-string)))
                           (gptel-abort (current-buffer)))
                  (llm-switch-test-finish fsm))
                (should-not (string-search key (format "%S" (gptel-fsm-info fsm)))))))
          (llm-switch-channel-stop)
          (dolist (buffer (buffer-list))
            (with-current-buffer buffer
              (should-not (string-search key (buffer-string)))))
          (should-not (eq 0 (call-process "grep" nil nil nil "-ra" key llm-switch-test-folder))))
      (delete-process simulator))))

(provide 'llm-switch-auth-test)
;;; llm-switch-auth-test.el ends here
