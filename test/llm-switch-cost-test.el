;;; llm-switch-cost-test.el --- Money as text  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(ert-deftest llm-switch-cost/money-has-two-decimals-or-two-digits ()
  (pcase-dolist (`(,pico . ,text) '((0 . "$0")
                                    (1840000000000 . "$1.84")
                                    (12345678000000 . "$12.35")
                                    (999000000000 . "$1.00")
                                    (500000000000 . "$0.50")
                                    (31000000000 . "$0.031")
                                    (4200000000 . "$0.0042")
                                    (123456789 . "$0.00012")
                                    (99999999 . "<$0.0001")
                                    (-1500000000000 . "-$1.50")))
    (should (equal (llm-switch-cost-format-money pico) text))))

(ert-deftest llm-switch-cost/the-basis-is-shown ()
  (pcase-dolist (`(,amount ,basis ,text) '((0 "free" "free") (0 "plan" "plan") (nil "unknown" "?")
                                           (4200000000 "computed" "$0.0042")
                                           (4200000000 "reported" "$0.0042")
                                           (4200000000 "estimated" "~$0.0042")))
    (should (equal (llm-switch-cost-format (list :amount amount :basis basis)) text))))

(ert-deftest llm-switch-cost/an-unknown-cost-is-never-summed-as-nothing ()
  (with-temp-buffer
    (llm-switch-cost-note '(:cost (:amount 31000000000 :basis "computed")))
    (llm-switch-cost-note '(:cost (:amount nil :basis "unknown")))
    (should (equal (llm-switch-cost-format-buffer) "$0.031 + 1 × ?"))))

(ert-deftest llm-switch-cost/a-metered-answer-costs-usage-times-price ()
  (let ((simulator (llm-switch-test-simulator "--plays" "gpt-5=usage:262960,257955,1744,1200")))
    (unwind-protect
        (llm-switch-test-with (format "[provider.openai]\nbase-url = %S\nlocality = 'proxy'\n\
dialect = 'openai-chat'\nauth = 'none'\n[account.openai]\n" (process-get simulator 'url))
          (let* ((known (cdr (llm-switch-test-end (llm-switch-test-submit "openai/gpt-5" "Hi"))))
                 (row (llm-switch-call "ledger.request"
                                       (list :request (plist-get known :request))))
                 (cost (plist-get (car (plist-get row :attempts)) :cost)))
            ;; 5,005 fresh at 1.25, 257,955 cached at 0.125, 1,744 out at 10 per million.
            (should (equal (plist-get (plist-get known :cost) :dollars) "0.055940625"))
            (should (equal (plist-get cost :amount) 55940625000))
            (should (equal (plist-get cost :basis) "computed"))
            (should (equal (plist-get cost :price) "openai/gpt-5@2026-11-20"))))
      (delete-process simulator))))

(ert-deftest llm-switch-cost/the-services-own-figure-wins ()
  (llm-switch-test-with (concat (llm-switch-test-config) "[account.sim]\npayer = 'metered'\n\
unpriced = ['*']\n")
    (let* ((known (cdr (llm-switch-test-end (llm-switch-test-submit "sim/cost:0.00123" "Hi"))))
           (row (llm-switch-call "ledger.request" (list :request (plist-get known :request))))
           (attempt (car (plist-get row :attempts))))
      (should (equal (plist-get known :cost)
                     '(:amount 1230000000 :dollars "0.00123" :basis "reported" :price nil)))
      (should (equal (plist-get (plist-get attempt :cost) :amount) 1230000000)))))

(ert-deftest llm-switch-cost/a-cut-answer-is-estimated ()
  (llm-switch-test-with (concat (llm-switch-test-config) "[account.sim]\npayer = 'metered'\n\
unpriced = ['*']\n")
    (let ((known (cdr (llm-switch-test-end (llm-switch-test-submit "sim/cut:400" "Hi")))))
      (should (< 100 (plist-get (plist-get known :usage) :output) 1000))
      (should (equal (plist-get (plist-get known :cost) :basis) "unknown")))))

(ert-deftest llm-switch-cost/another-model-than-asked-for-is-told ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-chat "sim/served:gpt-5-mini" #'text-mode
      (llm-switch-test-ask "Hi")
      (should (string-match-p "\\`sim/served:gpt-5-mini ! asked served:gpt-5-mini, served gpt-5-mini"
                              (llm-switch-last-cost))))))

(provide 'llm-switch-cost-test)
;;; llm-switch-cost-test.el ends here
