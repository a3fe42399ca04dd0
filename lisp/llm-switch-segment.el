;;; llm-switch-segment.el --- Pieces of headers and mode lines  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The header line of a chat and the mode line are put together from the same
;; pieces, each of which can be left out.  They show what was last heard; what
;; was spent today is asked for in the background, after each answer.

;;; Code:

(require 'seq)
(require 'llm-switch-budget)
(require 'llm-switch-cost)

(defvar llm-switch-segment--today nil
  "What was spent today in pico-dollars, as last heard, or nil.")

(defun llm-switch-segment--midnight ()
  "Return when today began, in Unix milliseconds."
  (pcase-let ((`(,_ ,_ ,_ ,day ,month ,year . ,_) (decode-time)))
    (* 1000 (time-convert (encode-time (list 0 0 0 day month year nil -1 nil)) 'integer))))

(defun llm-switch-segment-refresh (&rest _)
  "Hear in the background what was spent today, and how the budgets stand."
  (when (llm-switch-channel-live-p)
    (llm-switch-budget-refresh)
    (llm-switch-segment--refresh-today)))

(defun llm-switch-segment--refresh-today ()
  "Hear in the background what was spent today."
  (let ((from (llm-switch-segment--midnight)))
    (llm-switch-channel-call
     "ledger.totals" `(:from ,from :to ,(+ from (* 1000 60 60 48)))
     (lambda (kind rest)
       (when (eq kind 'value)
         (setq llm-switch-segment--today (plist-get rest :cost))
         (force-mode-line-update t))))))

(defun llm-switch-segment-answer ()
  "Return what the last answer in this buffer cost."
  (when-let* ((cost (llm-switch-cost-of-request llm-switch-cost-last-here)))
    (concat "answer " (llm-switch-cost-format cost))))

(defun llm-switch-segment-chat ()
  "Return what the answers in this buffer cost."
  (when-let* ((spent (llm-switch-cost-format-buffer)))
    (if (equal spent "free") spent (concat "chat " spent))))

(defun llm-switch-segment-today ()
  "Return what was spent today."
  (when llm-switch-segment--today
    (concat "today " (llm-switch-cost-format-money llm-switch-segment--today))))

(defun llm-switch-segment-cap ()
  "Return how the budget stands that is nearest to its limit."
  (when-let* ((row (llm-switch-budget-nearest)))
    (llm-switch-budget-format row)))

(defun llm-switch-segment-join (functions)
  "Return what FUNCTIONS return, those that return something, as one text."
  (string-join (delq nil (mapcar #'funcall functions)) " · "))

(add-hook 'llm-switch-cost-noted-hook #'llm-switch-segment-refresh)

(provide 'llm-switch-segment)
;;; llm-switch-segment.el ends here
