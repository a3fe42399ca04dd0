;;; llm-switch-export.el --- The ledger for other programs  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A file with every attempt, as CSV, JSON or an org table; and a dynamic block
;; that keeps sums in an org file, for those who have clock tables:
;;
;;     #+BEGIN: llm-switch-spend :by model :span month
;;     #+END:

;;; Code:

(require 'llm-switch-spend)

(defvar llm-switch-spend-screen-query)
(declare-function org-table-align "org-table" ())

(defconst llm-switch-export-formats '("csv" "json" "org")
  "The formats of an export, which are endings of file names too.")

;;; File

;;;###autoload
(defun llm-switch-export-spend (format file query)
  "Write each attempt of QUERY into FILE in FORMAT, \"csv\", \"json\" or \"org\".
In the dashboard or a list of requests these are the attempts that it shows;
elsewhere the span is asked for.  Costs are exact, in pico-dollars, and in
dollars beside.  Emacs goes on meanwhile; FILE is there when it is whole."
  (interactive (llm-switch-export--read))
  (let ((file (expand-file-name file)))
    (llm-switch-channel-call
     "spend.export" `(:format ,format :file ,file ,@(llm-switch-spend-params query))
     (lambda (kind rest)
       (if (eq kind 'value)
           (message "llm-switch: %s attempts, %s, in %s"
                    (llm-switch-spend-count (plist-get rest :rows))
                    (llm-switch-cost-format-money (plist-get rest :cost))
                    (abbreviate-file-name file))
         (message "llm-switch: %s" (plist-get rest :message)))))))

(defun llm-switch-export--read ()
  "Read the arguments of `llm-switch-export-spend'."
  (let* ((query (or (bound-and-true-p llm-switch-spend-screen-query)
                    (llm-switch-spend-query
                     :span (completing-read "Export the spending of this: "
                                            llm-switch-spend-spans nil t nil nil "month"))))
         (format (completing-read "Format: " llm-switch-export-formats nil t nil nil "csv"))
         (file (read-file-name (format "Write %s into: "
                                       (llm-switch-spend-title query))
                               nil nil nil (concat "llm-spend." format))))
    (when (and (file-exists-p file)
               (not (y-or-n-p (format "Replace %s? " (abbreviate-file-name file)))))
      (user-error "Nothing was written"))
    (list format file query)))

;;; Dynamic block

(defun llm-switch-export--block-query (params)
  "Return the query that PARAMS of a dynamic block describe."
  (let ((text (lambda (key)
                (let ((value (plist-get params key)))
                  (when value (format "%s" value)))))
        (filter nil))
    (dolist (column llm-switch-spend-columns)
      (when-let* ((name (funcall text (intern (concat ":" column)))))
        (push (list column (unless (equal name "none") name)) filter)))
    (llm-switch-spend-query :span (unless (plist-get params :from)
                                    (or (funcall text :span) "month"))
                            :back (plist-get params :back)
                            :from (funcall text :from) :to (funcall text :to)
                            :filter (nreverse filter))))

(defun llm-switch-export--block-rows (by report)
  "Return the rows of REPORT, which is BY a column, as lists of texts."
  (let ((all (plist-get (plist-get report :total) :cost)))
    (mapcar (lambda (row)
              (cons (llm-switch-export--block-name by row)
                    (llm-switch-export--block-figures row all)))
            (plist-get report :rows))))

(defun llm-switch-export--block-name (by row)
  "Return the name of ROW of a report BY a column."
  (if (plist-get row :from)
      (llm-switch-spend-time (if (equal by "hour") "%Y-%m-%d %H:%M" "%Y-%m-%d")
                             (plist-get row :from))
    (llm-switch-spend-name (car (plist-get row :names)))))

(defun llm-switch-export--block-figures (sums all)
  "Return the figures of SUMS as texts; ALL is the cost of everything."
  (list (number-to-string (plist-get sums :requests))
        (llm-switch-spend-tokens (llm-switch-spend-input sums))
        (llm-switch-spend-tokens (plist-get sums :output))
        (llm-switch-spend-cached sums)
        (llm-switch-spend-money sums)
        (llm-switch-spend-percent (plist-get sums :cost) all)))

(defun llm-switch-export--insert-line (cells)
  "Insert CELLS, texts, as a line of an org table."
  (insert "| "
          (mapconcat (lambda (cell) (replace-regexp-in-string "|" "\\vert{}" cell t t))
                     cells " | ")
          " |\n"))

;;;###autoload
(defun org-dblock-write:llm-switch-spend (params)
  "Write what was spent as an org table, as PARAMS of the block say.
These are :by (a column, hour or day; model is usual), :span (day, week, month,
year or all) with :back (how many ago), or :from and :to (dates), :sort (name,
requests, attempts, input, cached, output or cost), :limit, and the name of any
column with what it is to be, such as :route coding-best."
  (let* ((by (format "%s" (or (plist-get params :by) "model")))
         (query (llm-switch-export--block-query params))
         (sort (plist-get params :sort))
         (limit (plist-get params :limit))
         (report (llm-switch-call
                  "spend.report"
                  `(:by ,by ,@(when sort (list :sort (format "%s" sort)))
                    ,@(when limit (list :limit limit)) ,@(llm-switch-spend-params query))))
         (total (plist-get report :total)))
    (insert "#+CAPTION: LLM spending, " (llm-switch-spend-title query) "\n")
    (llm-switch-export--insert-line (list by "requests" "in" "out" "cached" "cost" "share"))
    (insert "|-\n")
    (mapc #'llm-switch-export--insert-line (llm-switch-export--block-rows by report))
    (insert "|-\n")
    (llm-switch-export--insert-line
     (cons "all" (llm-switch-export--block-figures total (plist-get total :cost))))
    (delete-char -1)
    (org-table-align)))

;;;###autoload
(defun llm-switch-export-insert-block ()
  "Insert a dynamic block with what was spent this month, by model."
  (interactive)
  (org-create-dblock '(:name "llm-switch-spend" :by model :span month))
  (org-update-dblock))

(declare-function org-create-dblock "org" (plist))
(declare-function org-update-dblock "org" ())
(declare-function org-dynamic-block-define "org" (type func))

(defun llm-switch-export--offer-block ()
  "Offer the block where org asks which one to insert."
  (org-dynamic-block-define "llm-switch-spend" #'llm-switch-export-insert-block))

(if (featurep 'org)
    (llm-switch-export--offer-block)
  (add-hook 'org-load-hook #'llm-switch-export--offer-block))

(provide 'llm-switch-export)
;;; llm-switch-export.el ends here
