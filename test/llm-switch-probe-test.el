;;; llm-switch-probe-test.el --- Which accounts work?  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-probe)

(defun llm-switch-probe-test-config ()
  "Return a configuration with an account for each thing that can be wrong."
  (concat
   (llm-switch-test-config)
   "[account.sim]\nmodels = ['hello']\n"
   (mapconcat (lambda (it)
                (format "[account.%s]\nprovider = 'sim'\nmodels = ['%s']\n" (car it) (cdr it)))
              '(("broke" . "error:quota") ("shut" . "status:401") ("busy" . "status:503")
                ("limited" . "status:429") ("gone" . "status:404"))
              "")
   "[provider.box]\nbase-url = 'http://127.0.0.1:9/v1'\n[account.box]\nmodels = ['m']\n"
   "[account.keyless]\nprovider = 'openai'\nkey = 'env:LLM_SWITCH_NO_SUCH_KEY'\n"))

(ert-deftest llm-switch-probe/tells-what-is-wrong-with-each-account ()
  (llm-switch-test-with (llm-switch-probe-test-config)
    (let* ((json (llm-switch-probe-batch))
           (results (json-parse-string json :object-type 'plist :array-type 'list
                                       :null-object nil)))
      (should (equal (sort (mapcar (lambda (it) (cons (plist-get it :account)
                                                      (plist-get it :state)))
                                   results)
                           (lambda (a b) (string< (car a) (car b))))
                     '(("box" . "unreachable") ("broke" . "no-funds") ("busy" . "overloaded")
                       ("gone" . "wrong-configuration") ("keyless" . "no-key")
                       ("limited" . "quota") ("shut" . "dead-key") ("sim" . "ok"))))
      (dolist (it results)
        (unless (equal (plist-get it :state) "ok")
          (should (plist-get it :advice)))))))

(ert-deftest llm-switch-probe/the-table-fills-as-answers-come ()
  (llm-switch-test-with (llm-switch-probe-test-config)
    (save-window-excursion
      (llm-switch-probe (seq-filter (lambda (it) (member (plist-get it :account) '("sim" "broke")))
                                    (llm-switch-call "accounts.list")))
      (unwind-protect
          (progn
            (should (string-match-p "asking" (buffer-string)))
            (llm-switch-test-wait (= 2 (length llm-switch-probe--results)))
            (goto-char (point-min))
            (should (re-search-forward "sim .*ok .*hello .*free" nil t))
            (goto-char (point-min))
            (should (re-search-forward "broke .*no funds .*no money left" nil t)))
        (kill-buffer)))))

(ert-deftest llm-switch-probe/what-may-cost-too-much-or-anything-is-not-asked ()
  (llm-switch-test-with (concat (llm-switch-test-config)
                                "payer = 'metered'\n[account.sim]\nmodels = ['hello']\n")
    (llm-switch-test-reset)
    (should (string-match-p "not-asked" (llm-switch-probe-batch "sim")))
    (should-not (llm-switch-test-received))))

(ert-deftest llm-switch-probe/a-metered-account-is-asked-about-first ()
  (llm-switch-test-with (concat (llm-switch-test-config) "payer = 'metered'\n")
    (llm-switch-test-reset)
    (cl-letf (((symbol-function 'y-or-n-p) #'ignore))
      (should-error (llm-switch-probe (llm-switch-call "accounts.list")) :type 'user-error))
    (should-not (llm-switch-test-received))))

(provide 'llm-switch-probe-test)
;;; llm-switch-probe-test.el ends here
