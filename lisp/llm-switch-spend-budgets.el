;;; llm-switch-spend-budgets.el --- Budgets, as the dashboard shows them  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A row for each budget: its name, a bar, what is spent of what, and what will
;; come of it.  The colour of the bar repeats what the text says.

;;; Code:

(require 'llm-switch-budget)
(require 'llm-switch-chart)
(require 'llm-switch-spend-requests)

(defun llm-switch-spend-budgets-insert (budgets)
  "Insert BUDGETS, a list of plists as budget.list gives them."
  (when budgets
    (llm-switch-spend-screen-heading "Budgets")
    (let ((width (if (< (llm-switch-spend-screen-width) 100) 18 34)))
      (dolist (budget budgets)
        (llm-switch-spend-screen-row
         (list 'budget (plist-get budget :name))
         (lambda () (llm-switch-spend-requests (llm-switch-spend-budgets--query budget)))
         (llm-switch-spend-budgets--row budget width))))))

(defun llm-switch-spend-budgets--row (budget width)
  "Return BUDGET as a row whose name takes WIDTH."
  (let* ((limit (max 1 (plist-get budget :limit)))
         (spent (plist-get budget :spent))
         (held (or (plist-get budget :held) 0))
         (fraction (llm-switch-budget-fraction budget))
         (amount (llm-switch-spend-budgets--amount spent limit (plist-get budget :unit))))
    (concat "  " (llm-switch-spend-fit (plist-get budget :name) width) " "
            (propertize (llm-switch-chart-bar fraction 10 (/ held (float limit)))
                        'face (or (llm-switch-budget-face budget) 'success))
            (llm-switch-spend-fit amount 20 t)
            (llm-switch-spend-fit (llm-switch-spend-percent spent limit) 5 t)
            "  " (llm-switch-spend-budgets--end budget fraction))))

(defun llm-switch-spend-budgets--amount (spent limit unit)
  "Return SPENT of LIMIT in UNIT, \"dollars\", \"tokens\" or \"requests\", as text."
  (let ((format-one (pcase unit
                      ("dollars" #'llm-switch-cost-format-money)
                      ("tokens" #'llm-switch-spend-tokens)
                      (_ #'llm-switch-spend-count))))
    (concat (funcall format-one spent) " of " (funcall format-one limit)
            (pcase unit ("dollars" "") ("tokens" " tok") (_ " req")))))

(defun llm-switch-spend-budgets--end (budget fraction)
  "Return what comes of BUDGET, of which FRACTION is used, in words."
  (let ((until (plist-get budget :until))
        (passes (plist-get budget :passes))
        (now (plist-get llm-switch-spend-screen-value :now)))
    (cond ((and (>= fraction 1) until)
           (if (llm-switch-spend-budgets--soon-p until now)
               (concat "used up for " (llm-switch-spend-lasting (- until now)))
             (concat "used up until " (llm-switch-spend-time "%-d %b" until))))
          ((>= fraction 1) "used up")
          ((and passes (<= passes now)) "passes it today")
          (passes (concat "passes it " (llm-switch-spend-time "%-d %b" passes)))
          ((null until) "")
          ((llm-switch-spend-budgets--soon-p until now)
           (concat "resets in " (llm-switch-spend-lasting (- until now))))
          (t (concat "resets " (llm-switch-spend-time "%-d %b" until))))))

(defun llm-switch-spend-budgets--soon-p (until now)
  "Return non-nil if UNTIL is within two days of NOW."
  (< (- until now) (* 48 3600 1000)))

(defun llm-switch-spend-budgets--query (budget)
  "Return the query for what counts against BUDGET."
  ;; What it is on is "global", or a plist of one column and a name.
  (pcase (plist-get budget :on)
    (`(,column ,name)
     (llm-switch-spend-with-name (llm-switch-spend-budgets--span budget)
                                 (substring (symbol-name column) 1) name))
    (_ (llm-switch-spend-budgets--span budget))))

(defun llm-switch-spend-budgets--span (budget)
  "Return the query for everything in the window of BUDGET."
  (llm-switch-spend-query :from (plist-get budget :from)
                          :to (or (plist-get budget :until)
                                  (1+ (plist-get llm-switch-spend-screen-value :now)))))

(provide 'llm-switch-spend-budgets)
;;; llm-switch-spend-budgets.el ends here
