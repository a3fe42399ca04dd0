;;; llm-switch-plans-row.el --- Rows of the screen of plans  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What plans, windows and credits share: rows whose details unfold below them,
;; and dates and ages in a few columns.

;;; Code:

(require 'llm-switch-spend-table)

(defvar-local llm-switch-plans--unfolded nil
  "The ids of the rows whose details are shown.")

(defun llm-switch-plans--here ()
  "Return the plan, window or credit of the row at point, a plist, or nil."
  (get-text-property (line-beginning-position) 'llm-switch-plans-row))

(defun llm-switch-plans--toggle (id)
  "Show the details of the row with ID, or hide them."
  (setq llm-switch-plans--unfolded (if (member id llm-switch-plans--unfolded)
                                       (delete id llm-switch-plans--unfolded)
                                     (cons id llm-switch-plans--unfolded)))
  (llm-switch-spend-screen-draw))

(defun llm-switch-plans--date (ms)
  "Return the date of MS in eight columns at most: without the year, if near."
  (let ((now (plist-get llm-switch-spend-screen-value :now)))
    (llm-switch-spend-time (if (< (- ms now) (* 300 86400000)) "%-d %b" "%b %Y") ms)))

(defun llm-switch-plans--age (ms)
  "Return how long ago MS was: \"5 m\", \"3 h\", \"2 d\"."
  (let ((minutes (max 0 (/ (- (plist-get llm-switch-spend-screen-value :now) ms) 60000))))
    (cond ((< minutes 60) (format "%d m" minutes))
          ((< minutes (* 48 60)) (format "%d h" (/ minutes 60)))
          (t (format "%d d" (/ minutes 1440))))))

(defun llm-switch-plans--insert-row (id row text details)
  "Insert TEXT as the row with ID about ROW; DETAILS, a list of texts, unfold."
  (let ((start (point)))
    (llm-switch-spend-screen-row id (lambda () (llm-switch-plans--toggle id)) text)
    (when (member id llm-switch-plans--unfolded)
      (mapc #'llm-switch-plans--insert-detail (delq nil details)))
    (put-text-property start (point) 'llm-switch-plans-row row)))

(defun llm-switch-plans--insert-detail (text)
  "Insert TEXT below its row, in as many lines as it takes."
  (let ((start (point)) (fill-column (- (llm-switch-spend-screen-width) 2))
        (fill-prefix "      "))
    (insert (propertize (concat "      " text) 'face 'llm-switch-spend-dim) "\n")
    (fill-region start (point) nil t)))

(defun llm-switch-plans--insert-table (rows columns id details)
  "Insert ROWS in COLUMNS; ID gives the id of one, and DETAILS its details."
  (let ((columns (llm-switch-spend-table-fitted columns (1- (llm-switch-spend-screen-width)) rows)))
    (insert (propertize "\n" 'llm-switch-spend-section t))
    (llm-switch-spend-table-heading columns nil nil)
    (dolist (row rows)
      (llm-switch-plans--insert-row (funcall id row) row
                                    (llm-switch-spend-table-row columns row)
                                    (funcall details row)))))

(provide 'llm-switch-plans-row)
;;; llm-switch-plans-row.el ends here
