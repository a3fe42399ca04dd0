;;; llm-switch-plans-test.el --- What is paid each month, and what is left  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-plans-helper)
(require 'llm-switch-plans)

(ert-deftest llm-switch-plans/the-first-three-lines-answer-the-question ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-plans)
    (let ((lines (llm-switch-screen-test-lines)))
      ;; 19 + 1200 / 12, and 30 days of $0.25 and a dollar.
      (should (equal (nth 0 lines)
                     "Paying $127.50 a month: $119.00 plans + $8.50 metered in 30 days"))
      (should (equal (nth 1 lines) "Hardly used: Kimi Code (worth $1.62 of $19.00 in 30 days)"))
      (should (equal (nth 2 lines) "Renews next: Kimi Code, $19.00 a month, on 15 December")))))

(ert-deftest llm-switch-plans/says-when-no-plan-is-hardly-used ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-plans)
    (llm-switch-screen-test-see "^  Kimi Code .* hardly used")
    (let* ((value llm-switch-spend-screen-value)
           (plans (mapcar (lambda (plan) (plist-put (copy-sequence plan) :hardly-used nil))
                          (plist-get value :plans))))
      (llm-switch-spend-screen--take (plist-put (copy-sequence value) :plans plans))
      (llm-switch-screen-test-see "^Hardly used: none that is seen; the use of 1 goes past Emacs")
      (llm-switch-spend-screen--take
       (plist-put (copy-sequence value) :plans (list (car plans))))
      (llm-switch-screen-test-see "^Hardly used: none$"))))

(ert-deftest llm-switch-plans/a-plan-tells-price-renewal-use-and-worth ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-plans)
    (llm-switch-screen-test-see "^  Kimi Code +\\$19\\.00 +15 Dec +18 +65k +\\$0\\.32 +6")
    (llm-switch-screen-test-see "^  Claude.* \\$100\\.00 +28 Feb +0 +0 +– +0 not seen")
    (llm-switch-plans-test-fits)))

(ert-deftest llm-switch-plans/windows-say-whether-they-are-told-or-counted ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-plans)
    (llm-switch-screen-test-see "^  Kimi Code, 5 h +▓▓░+ +50 of 200 +in 1 h 0 m +told 3 h ago")
    (llm-switch-screen-test-see "^  Kimi Code, week +▓░+ +54k of 2\\.0M tok +on 23 Nov +counted")
    (llm-switch-screen-test-see "^  Claude .*5 h +0 req +counted")))

(ert-deftest llm-switch-plans/credit-is-counted-and-told-with-its-age ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-plans)
    ;; 20 days of $0.25, and a dollar; at the pace of 14 days.
    (llm-switch-screen-test-see "^  november +\\$25\\.00 +\\$6\\.00 +\\$19\\.00 +– +18 Jan +Nov 2027")
    (llm-switch-screen-test-see "^  deepseek +– +– +– +110\\.00 CNY, 2 d ago +– +–")
    (llm-switch-plans-test-fits)))

(ert-deftest llm-switch-plans/return-unfolds-details-and-folds-them-again ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-plans)
    (dolist (row '(("^  Kimi Code +\\$" . "this term: 18 requests on 6 days, 65k tokens, worth \\$0\\.32")
                   ("^  Claude.*\\$100" . "past Emacs: nothing can be said")
                   ("^  Kimi Code, week" . "counted from the ledger: what went past Emacs")
                   ("^  november" . "a day in the last 14 days: it lasts to 2027-01-")))
      (llm-switch-screen-test-see (car row))
      (llm-switch-screen-test-type "RET")
      (llm-switch-screen-test-see (cdr row))
      (llm-switch-plans-test-fits)
      (llm-switch-screen-test-see (car row))
      (llm-switch-screen-test-type "RET")
      (should-error (llm-switch-screen-test-see (cdr row)) :type 'ert-test-failed))))

(ert-deftest llm-switch-plans/a-balance-is-entered-with-keys-and-counted-down-from-there ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-plans)
    (llm-switch-screen-test-see "^  november")
    (llm-switch-screen-test-type "s RET 12.50 RET")
    (llm-switch-test-wait
      (save-excursion (goto-char (point-min)) (re-search-forward "\\$12\\.50, you, 0 m ago" nil t)))
    (llm-switch-screen-test-see "^  november +\\$25\\.00 +\\$6\\.00 +\\$12\\.50 +\\$12\\.50, you, 0 m ago")
    (llm-switch-plans-test-fits)))

(ert-deftest llm-switch-plans/asks-the-providers-for-balances-and-shows-their-age ()
  (let ((process-environment
         (cons (concat "LLM_SWITCH_PLANS_KEY=" (llm-switch-test-key "right")) process-environment)))
    (llm-switch-plans-test-with
        (format "%s[provider.litellm]\nbase-url = %S
[account.proxy]\nprovider = 'litellm'\npayer = 'metered'\nkey = 'env:LLM_SWITCH_PLANS_KEY'\n"
                llm-switch-plans-test-config (llm-switch-test-url))
        (llm-switch-plans)
      (setq llm-switch-spend-now nil)
      (should-error (llm-switch-screen-test-see "^  proxy") :type 'ert-test-failed)
      (llm-switch-screen-test-type "b")
      (llm-switch-test-wait (null llm-switch-plans--asking))
      (llm-switch-screen-test-wait)
      (llm-switch-screen-test-see "^  proxy +– +– +– +\\$3\\.75, 0 m ago"))))

(ert-deftest llm-switch-plans/lists-the-requests-behind-a-row ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-plans)
    (llm-switch-screen-test-see "^  Kimi Code +\\$")
    (llm-switch-screen-test-type "L")
    (should (derived-mode-p 'llm-switch-spend-requests-mode))
    (llm-switch-screen-test-see "1–18")))

(ert-deftest llm-switch-plans/an-empty-configuration-says-what-to-write ()
  (llm-switch-plans-test-with "" (llm-switch-plans)
    (llm-switch-screen-test-see "^Paying \\$8\\.50 a month: \\$0 plans")
    (llm-switch-screen-test-see "^Hardly used: no plan is written down")
    (llm-switch-screen-test-see "\\[plan\\.NAME\\]")
    (llm-switch-screen-test-see "\\[credit\\.NAME\\]")
    (llm-switch-plans-test-fits)))

(provide 'llm-switch-plans-test)
;;; llm-switch-plans-test.el ends here
