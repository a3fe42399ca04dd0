;;; llm-switch-compare-money-test.el --- What the same question to several costs  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-compare-helper)

;;; Money

(ert-deftest llm-switch-compare/shares-add-up-to-no-more-than-the-total ()
  (should (equal (llm-switch-comparison-shares '(10 nil 20 nil) 100) '(10 35 20 35)))
  (should (equal (llm-switch-comparison-shares '(0 50 50) 60) '(0 30 30)))
  (should (equal (llm-switch-comparison-shares '(5 0 6) 101) '(50 0 51)))
  (should (equal (llm-switch-comparison-shares '(nil nil nil) 0) '(0 0 0)))
  (dotimes (seed 200)
    (let* ((total (random (1+ (* seed seed))))
           (needs (mapcar (lambda (_) (unless (= 0 (random 3)) (random 1000)))
                          (make-list (1+ (random 6)) nil)))
           (shares (llm-switch-comparison-shares needs total)))
      (should (<= (apply #'+ shares) total))
      (seq-mapn (lambda (need share)
                  (should (>= share (min (or need total) (/ total (length needs)))))
                  (when (eq need 0) (should (= share 0))))
                needs shares))))

(defun llm-switch-compare-test-cost ()
  "Return what all requests in the ledger have cost, in pico-dollars."
  (plist-get (llm-switch-call "ledger.totals" '(:from 0 :to 99999999999999)) :cost))

(ert-deftest llm-switch-compare/never-more-than-the-total-is-spent ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let* ((total "0.006")
           (candidates (llm-switch-compare-test-run
                        '("dear/metered:tokens:9000" "dear/slow:5:metered:tokens:9000"
                          "sim/tokens:9000" "dear/slow:9:metered:tokens:9000")
                        nil total))
           (spent (llm-switch-compare-test-cost)))
      ;; Each was stopped at its share, but the free one, which needs none.
      (should (equal (llm-switch-candidate-state (nth 2 candidates)) 'done))
      (should (= 0 (llm-switch-candidate-share (nth 2 candidates))))
      (should (<= 36000 (length (llm-switch-candidate-text (nth 2 candidates)))))
      (should (<= spent (llm-switch-cap-pico total)))
      (should (> spent (/ (llm-switch-cap-pico total) 2)))
      (dolist (candidate (seq-remove (lambda (it) (eq it (nth 2 candidates))) candidates))
        (should (<= (llm-switch-candidate-spent candidate) (/ (llm-switch-cap-pico total) 3)))))))

(ert-deftest llm-switch-compare/a-total-that-pays-for-nothing-is-refused-before-anything-is-sent ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (llm-switch-test-reset)
    (let* ((main (llm-switch-compare-test-start '("dear/hello" "dear/words:5") nil "0.000001"))
           (candidates (llm-switch-compare-test-end main)))
      (should (equal (llm-switch-compare-test-states candidates) '(failed failed)))
      (dolist (candidate candidates)
        (should (string-match-p "no more than \\$0.0000005 is allowed"
                                (llm-switch-compare-test-column candidate)))
        (should (string-match-p (concat "share of \\$0.000001 for all 2 answers is \\$0.0000005: "
                                        "enter a larger total")
                                (llm-switch-candidate-problem candidate)))
        (should-not (string-search "max-cost" (llm-switch-candidate-problem candidate))))
      (should-not (llm-switch-test-received))
      ;; A block of Org has its total in its header.
      (let ((asked (llm-switch-comparison-run "Hi" '("dear/hello" "sim/hello")
                                              :purpose "org" :total "0.000001")))
        (llm-switch-test-wait (llm-switch-comparison-over-p asked))
        (should (string-search "raise :max-cost" (llm-switch-candidate-problem
                                                  (car (llm-switch-comparison-candidates asked))))))
      (should (= 0 (llm-switch-compare-test-cost))))))

(ert-deftest llm-switch-compare/a-free-route-that-may-fall-back-to-a-metered-one-has-a-share ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[route.both]\nuse = ['sim/status:500', 'dear/hello']\n")
    (let ((candidates (llm-switch-compare-test-run '("both" "sim/hello"))))
      (should (> (llm-switch-candidate-share (car candidates)) 0))
      (should (equal (llm-switch-candidate-served (car candidates)) "dear/hello"))
      (should (= 1 (length (llm-switch-candidate-fallbacks (car candidates))))))))

(ert-deftest llm-switch-compare/a-route-has-a-share-for-the-dearest-that-it-falls-back-to ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config
       "[price.'dear/slow:1:hello']\nper-million = '1000'\n"
       "[route.risen]\nuse = ['dear/status:500', 'dear/slow:1:hello']\n"
       "[route.late]\nuse = ['sim/status:500', 'dear/slow:1:hello']\n")
    (let* ((gptel-max-tokens 100)
           (candidates (llm-switch-compare-test-run '("risen" "late") nil "5.00")))
      (should (equal (llm-switch-compare-test-states candidates) '(done done)))
      (dolist (candidate candidates)
        (should (equal (llm-switch-candidate-served candidate) "dear/slow:1:hello"))
        ;; What the failed attempt has cost is not missing for the next one.
        (should (> (llm-switch-candidate-share candidate) (llm-switch-cap-pico "2.00"))))
      ;; Where it is scarce, the dear one has more of it than the cheap one leaves.
      (set-buffer "*llm-switch compare test*")
      (setq candidates (llm-switch-compare-test-run '("late" "dear/words:3") nil "0.40"))
      (should (equal (llm-switch-compare-test-states candidates) '(done done)))
      (should (> (llm-switch-candidate-share (car candidates)) (llm-switch-cap-pico "0.30"))))))

(ert-deftest llm-switch-compare/what-a-cancelled-answer-has-cost-is-shown ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("dear/stall:3" "sim/hello"))))
      (with-current-buffer main
        (llm-switch-test-wait (string-search "w3" (buffer-string)))
        (goto-char (point-min))
        (llm-switch-compare-cancel))
      (let ((one (car (llm-switch-compare-test-end main))))
        (should (eq (llm-switch-candidate-state one) 'cancelled))
        (should (= (llm-switch-candidate-spent one) (llm-switch-compare-test-cost)))
        (should (> (llm-switch-candidate-spent one) 0))
        (should (string-match-p "^dear/stall:3  cancelled\n.* in [0-9]+ out · ~<?\\$0\\.0"
                                (llm-switch-compare-test-seen main)))
        (with-current-buffer main
          (should-not (string-search "?  " (substring (llm-switch-compare-screen--summary)
                                                      0 30))))))))

(ert-deftest llm-switch-compare/what-the-chat-may-still-cost-limits-all-together ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (setq llm-switch-chat-cap "0.000002")
    (let ((candidates (llm-switch-compare-test-run '("dear/hello" "dear/words:5"))))
      (should (<= (apply #'+ (mapcar #'llm-switch-candidate-share candidates)) 2000000))
      (should (equal (llm-switch-compare-test-states candidates) '(failed failed))))))

(ert-deftest llm-switch-compare/what-it-would-cost-is-shown-before-the-total-is-read ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (llm-switch-test-reset)
    (let ((prompts nil)
          (gptel-max-tokens 100))
      (cl-letf (((symbol-function 'read-string)
                 (lambda (prompt &rest _) (push prompt prompts) (signal 'quit nil))))
        (should (eq 'left (condition-case nil
                              (llm-switch-compare '("dear/hello" "sim/hello") '(:prompt "Hi"))
                            (quit 'left)))))
      (should (string-match-p "^  dear/hello  ~\\$0.0001[0-9]*.*\n  sim/hello  free\nAll together ~\\$"
                              (car prompts)))
      (should-not (llm-switch-test-received))
      (should (string-match-p " (at most \\$[0-9.]+)" (car prompts)))
      (setq gptel-max-tokens nil)
      (cl-letf (((symbol-function 'read-string)
                 (lambda (prompt &rest _) (push prompt prompts) (signal 'quit nil))))
        (condition-case nil (llm-switch-compare '("dear/hello" "sim/hello") '(:prompt "Hi"))
          (quit nil)))
      (should (string-match-p (concat "^  dear/hello  ~\\$0.[0-9]+ (no known limit)\n"
                                      "  sim/hello  free\n"
                                      "All together ~\\$0.[0-9]+ (no known limit)")
                              (car prompts)))
      (should-error (cl-letf (((symbol-function 'read-string) (lambda (&rest _) "ten")))
                      (llm-switch-compare '("dear/hello" "sim/hello") '(:prompt "Hi")))
                    :type 'user-error)
      ;; Where nothing can cost anything, nobody is asked.
      (cl-letf (((symbol-function 'read-string) (lambda (&rest _) (error "Asked"))))
        (llm-switch-compare '("sim/words:1" "sim/hello") '(:prompt "Hi" :purpose "chat"))
        (llm-switch-compare-test-end (get-buffer "*llm-switch compare*"))))))

(ert-deftest llm-switch-compare/who-is-outside-of-mode-or-pins-is-refused-in-its-place ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[account.openai]\nkey = 'env:NOBODY'\n")
    (setq-local llm-switch-pins "local")
    (let* ((main (llm-switch-compare-test-start '("openai/gpt-5" "sim/hello")))
           (candidates (llm-switch-compare-test-end main)))
      (should (equal (llm-switch-compare-test-states candidates) '(failed done)))
      (should (string-match-p "local" (llm-switch-compare-test-column (car candidates))))))
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[account.openai]\nkey = 'env:NOBODY'\n")
    (setq-local llm-switch-mode-name "local")
    (should (equal (llm-switch-compare-test-states
                    (llm-switch-compare-test-run '("openai/gpt-5" "sim/hello")))
                   '(failed done)))))

(ert-deftest llm-switch-compare/a-mode-that-holds-once-holds-for-all-of-them ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[account.openai]\nkey = 'env:NOBODY'\n")
    (llm-switch-scope-set 'llm-switch-mode-name "free" 'once)
    (let ((candidates (llm-switch-compare-test-run '("sim/hello" "sim/words:2" "openai/gpt-5"))))
      (should (equal (llm-switch-compare-test-states candidates) '(done done failed)))
      (should (string-match-p "mode \"?free" (llm-switch-candidate-problem (nth 2 candidates)))))))

(ert-deftest llm-switch-compare/a-mode-is-asked-as-any-other-name ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[mode.local]\nallow = ['local']\nroute = 'here'\n"
                                      "[route.here]\nuse = ['sim/words:2']\n")
    (let ((candidates (llm-switch-compare-test-run '("local" "here" "sim/hello"))))
      (should (equal (mapcar #'llm-switch-candidate-served candidates)
                     '("sim/words:2" "sim/words:2" "sim/hello")))
      (should (equal (plist-get (llm-switch-candidate-known (car candidates)) :mode) "local")))))

(provide 'llm-switch-compare-money-test)
;;; llm-switch-compare-money-test.el ends here
