;;; llm-switch-spend-test.el --- Figures, columns, charts and origins  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What the screens of spending are made of, without a ledger.

;;; Code:

(require 'ert)
(require 'llm-switch-chart)
(require 'llm-switch-spend-format)
(require 'llm-switch-spend-origin)
(require 'llm-switch-spend-table)

(ert-deftest llm-switch-spend/a-column-is-as-wide-as-its-figures ()
  (let* ((column (list :title "cost" :width 5 :text #'identity))
         (columns (llm-switch-spend-table-fitted
                   (list (list :title "name" :left t :text #'identity) column) 40
                   '("$1" "$123456789.00 + ?"))))
    (should (equal (mapcar (lambda (it) (plist-get it :width)) columns) '(20 17)))))

(ert-deftest llm-switch-spend/figures-fit-their-columns ()
  (should (equal (mapcar #'llm-switch-spend-count '(0 999 1904 1234567 -5000))
                 '("0" "999" "1,904" "1,234,567" "-5,000")))
  (should (equal (mapcar #'llm-switch-spend-tokens '(0 999 1000 9949 9999 310000 999499 999500 4100000 2000000000))
                 '("0" "999" "1.0k" "9.9k" "10k" "310k" "999k" "1.0M" "4.1M" "2.0G")))
  (should (equal (list (llm-switch-spend-percent 0 0) (llm-switch-spend-percent 0 5)
                       (llm-switch-spend-percent 1 1000) (llm-switch-spend-percent 1 2))
                 '("–" "0%" "<1%" "50%")))
  (should (equal (mapcar #'llm-switch-spend-seconds '(nil 900 94000 3720000))
                 '("–" "0.9 s" "94 s" "1 h 2 m")))
  (dolist (text '("short" "exactly-ten" "a-name-that-is-much-too-long" "模型名称太长了模型名称"))
    (should (= 10 (string-width (llm-switch-spend-fit text 10))))
    (should (= 10 (string-width (llm-switch-spend-fit text 10 t))))))

(ert-deftest llm-switch-spend/charts-show-nothing-as-nothing-and-little-as-little ()
  (should (equal (llm-switch-chart-sparkline '(0 1 1000 500)) "▁▂█▅"))
  (should (equal (llm-switch-chart-sparkline '(0 0)) "▁▁"))
  (should (equal (llm-switch-chart-bar 0 6) "░░░░░░"))
  (should (equal (llm-switch-chart-bar 0.001 6) "▓░░░░░"))
  (should (equal (llm-switch-chart-bar 0.999 6) "▓▓▓▓▓░"))
  (should (equal (llm-switch-chart-bar 7 6) "▓▓▓▓▓▓"))
  (should (equal (llm-switch-chart-bar 0.5 6 0.2) "▓▓▓▒░░"))
  (should (equal (llm-switch-chart-columns '(0 1 8 16) 2 4) '("   █" " ▁██"))))

(ert-deftest llm-switch-spend/a-dead-buffer-is-not-kept-by-what-points-into-it ()
  (let ((buffer (generate-new-buffer "origin")))
    (with-current-buffer buffer
      (insert "text")
      (llm-switch-spend-origin-note 12345678901234567890 2))
    (garbage-collect)
    (should (equal 2 (marker-position (llm-switch-spend-origin 12345678901234567890))))
    (kill-buffer buffer)
    (should-not (llm-switch-spend-origin 12345678901234567890))
    (should-error (llm-switch-spend-origin-visit 12345678901234567890) :type 'user-error)))

(provide 'llm-switch-spend-test)
;;; llm-switch-spend-test.el ends here
