;;; llm-switch-spend-table.el --- Rows of figures that fit the window  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A table is a list of columns, plists:
;;
;;   :title   in the heading
;;   :width   in characters, at least; nil for the one that takes what is left
;;   :text    function from a row to its text
;;   :sort    what the module calls the measure it sorts by, or nil
;;   :left    whether it is aligned at the left; figures are at the right
;;   :wide    the width of the window from which on it is shown
;;
;; tabulated-list is not used: it owns its buffer, and here a table is one of
;; several things in it.

;;; Code:

(require 'llm-switch-spend-screen)

(defconst llm-switch-spend-table-indent 2
  "Columns before each row.")

(defconst llm-switch-spend-table--longest 44
  "The most that the column without width takes.")

(defun llm-switch-spend-table-fitted (columns width rows)
  "Return those of COLUMNS that are shown in WIDTH, each with its :width.
Columns of figures are as wide as those of ROWS are: no figure is ever cut."
  (let* ((columns (mapcar (lambda (it) (llm-switch-spend-table--widened it rows))
                          (seq-filter (lambda (it) (>= width (or (plist-get it :wide) 0)))
                                      columns)))
         (taken (seq-reduce (lambda (sum it) (+ sum (or (plist-get it :width) 0)))
                            columns (+ llm-switch-spend-table-indent (length columns) -1)))
         (left (min llm-switch-spend-table--longest (max 8 (- width taken)))))
    (mapcar (lambda (it)
              (if (plist-get it :width) it (append (list :width left) it)))
            columns)))

(defun llm-switch-spend-table--widened (column rows)
  "Return COLUMN, wide enough for its figures in ROWS."
  (if (or (plist-get column :left) (not (plist-get column :width)))
      column
    (let ((text (plist-get column :text)))
      (append (list :width (seq-reduce (lambda (width row)
                                         (max width (string-width (funcall text row))))
                                       rows (plist-get column :width)))
              column))))

(defun llm-switch-spend-table--line (columns cell)
  "Return a line of COLUMNS with the text that CELL gives for each."
  (concat (make-string llm-switch-spend-table-indent ?\s)
          (mapconcat (lambda (column)
                       (llm-switch-spend-fit (funcall cell column) (plist-get column :width)
                                             (not (plist-get column :left))))
                     columns " ")))

(defvar llm-switch-spend-table-heading-map
  (let ((map (make-sparse-keymap)))
    (define-key map [mouse-1] #'llm-switch-spend-table-sort-mouse)
    (define-key map [mouse-2] #'llm-switch-spend-table-sort-mouse)
    map)
  "Keys on the headings of columns.")

(defun llm-switch-spend-table-sort-mouse (event)
  "Sort by the column that EVENT is on, as \\`S' does."
  (interactive "e" llm-switch-spend-screen-mode)
  (mouse-set-point event)
  (call-interactively (key-binding "S")))

(defun llm-switch-spend-table-heading (columns sort descending)
  "Insert the heading of COLUMNS, a line; they are sorted by SORT, DESCENDING.
An arrow says so."
  (let* ((start (point))
         (title (lambda (column)
                  (let ((measure (plist-get column :sort)))
                    (propertize
                     (concat (plist-get column :title)
                             (when (and measure (equal measure sort)) (if descending "↓" "↑")))
                     'llm-switch-spend-sort measure
                     'keymap (when measure llm-switch-spend-table-heading-map)
                     'mouse-face (when measure 'highlight)
                     'help-echo (when measure "mouse-1, S: sort by this"))))))
    (insert (llm-switch-spend-table--line columns title) "\n")
    (add-face-text-property start (point) 'llm-switch-spend-heading t)))

(defun llm-switch-spend-table-row (columns row)
  "Return the text of ROW in COLUMNS, each marked with what it is sorted by."
  (llm-switch-spend-table--line
   columns
   (lambda (column)
     (propertize (funcall (plist-get column :text) row)
                 'llm-switch-spend-sort (plist-get column :sort)))))

(defun llm-switch-spend-table-sort-at-point (columns)
  "Return what the column of COLUMNS at point is sorted by, or read one."
  (or (get-text-property (point) 'llm-switch-spend-sort)
      (let ((sorts (seq-mapcat (lambda (it)
                                 (when (plist-get it :sort)
                                   (list (cons (plist-get it :title) (plist-get it :sort)))))
                               columns)))
        (cdr (assoc (completing-read "Sort by: " sorts nil t) sorts)))))

(provide 'llm-switch-spend-table)
;;; llm-switch-spend-table.el ends here
