;;; llm-switch-what-if-test.el --- What it would have cost elsewhere  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-plans-helper)
(require 'llm-switch-what-if-hour)

(defun llm-switch-what-if-test-totals ()
  "Return the costs of the ranking, in pico-dollars, as they stand."
  (mapcar (lambda (row) (plist-get row :total)) (plist-get llm-switch-spend-screen-value :rows)))

(ert-deftest llm-switch-what-if/the-first-lines-answer-the-question ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-what-if)
    (let ((lines (llm-switch-screen-test-lines)))
      (should (equal (nth 0 lines) "What if  this month, metered use   cache as it was"))
      (should (string-match-p "^paid \\$6\\.00 for 21 attempts; the cheapest: .*, \\$0\\.[0-9]+ (−[0-9]+%)"
                              (nth 1 lines))))
    (llm-switch-plans-test-fits)
    (should (equal (llm-switch-what-if-test-totals)
                   (sort (llm-switch-what-if-test-totals) #'<)))))

(ert-deftest llm-switch-what-if/ranks-deployments-plans-caches-and-what-was-paid ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-what-if)
    (llm-switch-screen-test-see "^  really paid +\\$6\\.00")
    (llm-switch-screen-test-see "^  \\$200 a month +\\$200\\.00 +\\+\\$194\\.00 +\\+3233% +a plan")
    (llm-switch-screen-test-see "^  Kimi Code +\\$[0-9.]+ .*your plan")
    (llm-switch-screen-test-see "^  as it was, cache off .*other caches")
    (llm-switch-screen-test-see "^  as it was, cache on ")
    (llm-switch-screen-test-see "no account")
    (llm-switch-screen-test-see "and [0-9]+ more, with RET")
    (llm-switch-screen-test-type "RET")
    (llm-switch-screen-test-see "show fewer")
    (llm-switch-plans-test-fits)))

(ert-deftest llm-switch-what-if/says-what-is-supposed ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-what-if)
    (dolist (text '("^Supposed" "tokenizers differ by up to 47%" "is not compared"
                    "Only metered use is looked at" "Cache on: 37% of all input is read from a cache, as of coding-best"
                    "too small a context"
                    "You pay for Kimi Code, Claude"))
      (llm-switch-screen-test-see text))))

(ert-deftest llm-switch-what-if/adds-a-candidate-and-removes-it ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-what-if)
    (llm-switch-screen-test-type "c $37 RET")
    (should (looking-at-p "  \\$37 a month +\\$37\\.00"))
    (llm-switch-screen-test-type "k")
    (should-error (llm-switch-screen-test-see "^  \\$37") :type 'ert-test-failed)
    (llm-switch-screen-test-type "c moonshot/kimi-k3 RET")
    (should (looking-at-p "  moonshot/kimi-k3 +\\$"))
    (should-error (llm-switch-what-if-add "nobody/x"))
    (should (equal llm-switch-what-if--also '("moonshot/kimi-k3")))
    (should-error (progn (llm-switch-screen-test-see "^  really paid") (llm-switch-what-if-remove))
                  :type 'user-error)))

(ert-deftest llm-switch-what-if/what-does-not-fit-is-counted-and-explained ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-what-if)
    (llm-switch-screen-test-type "c mistral/devstral-2512 RET")
    (should (looking-at-p "  mistral/devstral-2512 +\\$[0-9.]+ +−\\$[0-9.]+ +−[0-9]+% +1 no account"))
    (llm-switch-screen-test-type "RET")
    (llm-switch-screen-test-see "20 attempts at \\$")
    (llm-switch-screen-test-see "1 too large for its context stay where they were")))

(ert-deftest llm-switch-what-if/looks-at-other-spans-caches-and-payers ()
  (llm-switch-plans-test-with llm-switch-plans-test-config (llm-switch-what-if)
    (llm-switch-screen-test-type "l")
    (llm-switch-screen-test-see "^What if  2026-10-22 – 2026-11-20, metered use")
    (llm-switch-screen-test-see "^paid \\$8\\.50 for 31 attempts")
    (llm-switch-screen-test-type "D 2026-11-18 RET 2026-11-18 RET")
    (llm-switch-screen-test-see "^paid \\$0\\.25 for 1 attempts")
    (llm-switch-screen-test-type "m" "a")
    (llm-switch-screen-test-see "^What if  this month, all use")
    (llm-switch-screen-test-see "^paid \\$6\\.00 for 81 attempts")
    (llm-switch-screen-test-type "a" "C")
    (llm-switch-screen-test-see "cache off")
    (llm-switch-screen-test-type "C")
    (llm-switch-screen-test-see "cache on")
    (llm-switch-screen-test-type "/ model RET gpt-5 RET")
    (llm-switch-screen-test-see "this month, model gpt-5")
    (llm-switch-plans-test-fits)))

(ert-deftest llm-switch-what-if/an-hour-is-calculated-without-history ()
  (llm-switch-test-with llm-switch-plans-test-config
    (save-window-excursion
      (set-frame-size (selected-frame) 80 24)
      (delete-other-windows)
      (unwind-protect
          (progn
            (llm-switch-what-if-hour "heavy" 40)
            (llm-switch-screen-test-wait)
            (llm-switch-screen-test-see "^What if  40 heavy hours a month")
            (llm-switch-screen-test-see
             "^an hour: 90 requests of 30,000 tokens in, 80% cached, and 700 out")
            (llm-switch-screen-test-see "^  \\$200 a month +\\$200\\.00 +\\$5\\.00")
            (llm-switch-screen-test-type "c openai/gpt-5 RET")
            ;; 6,000 at 1.25, 24,000 at 0.125 and 700 at 10 a million, 90 times.
            (should (looking-at-p "  openai/gpt-5 +\\$63\\.00 +\\$1\\.5[78]"))
            (llm-switch-screen-test-type "h 1 RET")
            (llm-switch-screen-test-see "^What if  1 heavy hours")
            (llm-switch-screen-test-type "l very-heavy RET")
            (llm-switch-screen-test-see "^an hour: 300 requests")
            (llm-switch-plans-test-fits))
        (when (get-buffer "*llm-switch hour*") (kill-buffer "*llm-switch hour*"))
        (set-frame-size (selected-frame) 80 25)))))

(provide 'llm-switch-what-if-test)
;;; llm-switch-what-if-test.el ends here
