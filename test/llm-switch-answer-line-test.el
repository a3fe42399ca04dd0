;;; llm-switch-answer-line-test.el --- Who answered, how fast, at what cost  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-answer-line)

(defun llm-switch-answer-line-test-turn (&rest more)
  "Return a turn as people know them, with MORE, which counts before it."
  (append more
          (list :account "openai-work" :sent "gpt-5" :title "OpenAI" :payer "metered"
                :usage '(:input 194 :cache-read 1920 :cache-write-5m 0 :cache-write-1h 0
                         :output 388 :reasoning 0)
                :cost '(:basis "computed" :amount 4400000000)
                :first-token-ms 900 :total-ms 6143 :paced t)))

(ert-deftest llm-switch-answer-line/is-as-it-was-drawn ()
  (should (equal (llm-switch-answer-line (list (llm-switch-answer-line-test-turn)) 200)
                 "── openai-work/gpt-5 (OpenAI, metered) · 0.9 s to first token · 74 tok/s · \
2,114 in (1,920 cached) 388 out · $0.0044")))

(ert-deftest llm-switch-answer-line/breaks-between-segments-where-it-is-narrow ()
  (dolist (width '(80 60 20))
    (let ((lines (split-string (llm-switch-answer-line
                                (list (llm-switch-answer-line-test-turn)) width)
                               "\n")))
      (should (string-prefix-p "── openai-work/gpt-5 (OpenAI, metered)" (car lines)))
      (dolist (line (cdr lines))
        (should (string-prefix-p "   " line))
        (should (or (<= (string-width line) width) (not (string-search " · " line))))))))

(ert-deftest llm-switch-answer-line/no-speed-is-told-that-is-not-known ()
  (let ((speed (lambda (&rest more)
                 (llm-switch-answer-line-speed
                  (list (apply #'llm-switch-answer-line-test-turn more))))))
    (should (equal (funcall speed) "74 tok/s"))
    (should (equal (funcall speed :total-ms 60900) "6.5 tok/s"))
    (should-not (funcall speed :paced nil))
    (should-not (funcall speed :first-token-ms nil))
    (should-not (funcall speed :total-ms 910))
    (should-not (funcall speed :usage nil))))

(ert-deftest llm-switch-answer-line/what-was-thought-in-secret-makes-no-speed ()
  (let ((paced (lambda (reasoning &rest info)
                 (llm-switch-answer-facts--paced-p info `(:usage (:reasoning ,reasoning))))))
    (should (funcall paced 0 :stream t))
    (should (funcall paced 30 :stream t :reasoning-block 'done))
    (should-not (funcall paced 30 :stream t))
    (should-not (funcall paced 0))))

(ert-deftest llm-switch-answer-line/turns-are-summed-and-the-first-token-is-the-first ()
  (let ((answer (list (llm-switch-answer-line-test-turn)
                      (llm-switch-answer-line-test-turn
                       :first-token-ms 300 :total-ms 1300
                       :cost '(:basis "estimated" :amount 1000000000)))))
    (should (equal (llm-switch-answer-line answer 200)
                   "── openai-work/gpt-5 (OpenAI, metered) · 0.9 s to first token · 124 tok/s · \
4,228 in (3,840 cached) 776 out · ~$0.0054"))))

(ert-deftest llm-switch-answer-line/costs-on-several-bases-are-one-honest-sum ()
  (let ((cost (lambda (&rest costs)
                (llm-switch-answer-line-cost
                 (mapcar (lambda (it) (list :cost (list :basis (car it) :amount (cdr it))))
                         costs)))))
    (should-not (funcall cost))
    (should (equal (funcall cost '("free" . 0) '("free" . 0)) "free"))
    (should (equal (funcall cost '("plan" . 0)) "plan"))
    (should (equal (funcall cost '("free" . 0) '("computed" . 1000000000)) "$0.0010"))
    (should (equal (funcall cost '("unknown") '("computed" . 1000000000)) "$0.0010 + ?"))
    (should (equal (funcall cost '("unknown") '("free" . 0)) "?"))
    (should (equal (funcall cost '("unknown")) "?"))))

(ert-deftest llm-switch-answer-line/in-a-margin-the-cost-is-never-cut ()
  (let ((answer (list (llm-switch-answer-line-test-turn :sent "a-model-with-a-long-name"))))
    (should (equal (llm-switch-answer-line-short answer 20) "a-model-wit… $0.0044"))
    (should (equal (llm-switch-answer-line-short answer 99)
                   "a-model-with-a-long-name $0.0044"))))

(provide 'llm-switch-answer-line-test)
;;; llm-switch-answer-line-test.el ends here
