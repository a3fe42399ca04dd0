;;; llm-switch-spend.el --- What of the ledger is looked at  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A query says what is looked at: a span of time and a filter by columns.  It
;; is a plist, and is changed by making another one:
;;
;;   :span     "day", "week", "month", "year" or "all"
;;   :back     how many of these ago, 0 or nil being the current one
;;   :from :to instead of a span: Unix milliseconds, or dates as text of which
;;             the last one is included
;;   :filter   an alist of columns and lists of names; nil is no name
;;   :substituted  whether only requests count that another model answered

;;; Code:

(require 'llm-switch-channel)
(require 'llm-switch-spend-format)
(require 'seq)

(defcustom llm-switch-spend-week-start 1
  "The day on which weeks begin in reports: 0 is Sunday, 1 is Monday."
  :group 'llm-switch
  :type '(choice (const :tag "Monday" 1) (const :tag "Sunday" 0) (const :tag "Saturday" 6)
                 integer))

(defvar llm-switch-spend-now nil
  "What reports take for now, in Unix milliseconds; nil is the clock's.
For tests, and for looking back.")

(defconst llm-switch-spend-spans '("day" "week" "month" "year" "all")
  "The spans by name.")

(defconst llm-switch-spend-columns
  '("provider" "account" "model" "route" "project" "purpose" "client" "payer" "basis")
  "What can be filtered and summed by.")

(defconst llm-switch-spend-groupings (append llm-switch-spend-columns '("hour" "day"))
  "What can be summed by.")

(defun llm-switch-spend-query (&rest fields)
  "Return a query with FIELDS, a plist; this month, where these say nothing."
  (if (or (plist-get fields :span) (plist-get fields :from))
      fields
    (append '(:span "month") fields)))

(defun llm-switch-spend-with (query &rest fields)
  "Return QUERY with FIELDS, a plist, in the place of its own."
  (let ((query (copy-sequence query)))
    (while fields
      (setq query (plist-put query (pop fields) (pop fields))))
    query))

(defun llm-switch-spend-with-span (query span)
  "Return QUERY over SPAN, a name, of now."
  (llm-switch-spend-with query :span span :back 0 :from nil :to nil))

(defun llm-switch-spend-with-name (query column name)
  "Return QUERY with only NAME let through in COLUMN; nil is no name."
  (let ((others (seq-remove (lambda (it) (equal (car it) column)) (plist-get query :filter))))
    (llm-switch-spend-with query :filter (append others (list (list column name))))))

(defun llm-switch-spend-params (query)
  "Return QUERY as parameters of the module's methods, a plist."
  (let ((filter (plist-get query :filter)))
    (append
     (seq-mapcat (lambda (field)
                   (when-let* ((value (plist-get query field))) (list field value)))
                 '(:span :back :from :to :substituted))
     (when filter (list :filter (mapcan #'llm-switch-spend--filter-param (copy-sequence filter))))
     (when llm-switch-spend-time-zone (list :zone llm-switch-spend-time-zone))
     (when llm-switch-spend-now (list :now llm-switch-spend-now))
     (list :week-start llm-switch-spend-week-start))))

(defun llm-switch-spend--filter-param (entry)
  "Return ENTRY of a filter, (COLUMN NAME...), as the module wants it."
  (list (intern (concat ":" (car entry)))
        (vconcat (mapcar (lambda (name) (or name :null)) (cdr entry)))))

;;; In words

(defun llm-switch-spend-span-title (query)
  "Return the span of QUERY in words."
  (let ((from (plist-get query :from)) (to (plist-get query :to))
        (span (plist-get query :span)) (back (or (plist-get query :back) 0)))
    (cond ((or from to)
           (format "%s – %s" (llm-switch-spend--edge-title from nil)
                   (llm-switch-spend--edge-title to t)))
          ((equal span "all") "all time")
          ((= back 0) (if (equal span "day") "today" (concat "this " span)))
          ((= back 1) (if (equal span "day") "yesterday" (concat "last " span)))
          (t (format "%d %ss ago" back span)))))

(defun llm-switch-spend--edge-title (edge last)
  "Return EDGE of a span in words: a date, or milliseconds; LAST if it ends it."
  (cond ((null edge) "…")
        ((stringp edge) edge)
        (t (llm-switch-spend-time "%-d %b %H:%M" (if last (1- edge) edge)))))

(defun llm-switch-spend-filter-title (query)
  "Return the filter of QUERY in words, or nil if it has none."
  (let ((parts (mapcar (lambda (entry)
                         (format "%s %s" (car entry)
                                 (mapconcat #'llm-switch-spend-name (cdr entry) " or ")))
                       (plist-get query :filter))))
    (when (plist-get query :substituted)
      (setq parts (append parts '("another model answered"))))
    (when parts (string-join parts ", "))))

(defun llm-switch-spend-title (query)
  "Return span and filter of QUERY in words."
  (string-join (delq nil (list (llm-switch-spend-span-title query)
                               (llm-switch-spend-filter-title query)))
               ", "))

;;; Asking the user

(defun llm-switch-spend-read-column (prompt)
  "Read a column to sum by, with PROMPT."
  (completing-read prompt llm-switch-spend-groupings nil t))

(defun llm-switch-spend-read-dates (query)
  "Return QUERY over the days that are read from the minibuffer."
  (let ((from (llm-switch-spend--read-date "From (YYYY-MM-DD, empty: the beginning): "))
        (to (llm-switch-spend--read-date "To and with (YYYY-MM-DD, empty: today): ")))
    (if (or from to)
        (llm-switch-spend-with query :span nil :back nil :from from :to to)
      (llm-switch-spend-with-span query "all"))))

(defun llm-switch-spend--read-date (prompt)
  "Read a date with PROMPT; return it as text, or nil if it is empty."
  (let ((text (string-trim (read-string prompt))))
    (cond ((string-empty-p text) nil)
          ((and (string-match-p "\\`[0-9]\\{4\\}-[0-9][0-9]-[0-9][0-9]\\'" text)) text)
          (t (user-error "%s is not a date such as 2026-11-20" text)))))

(defun llm-switch-spend-read-filter (query)
  "Return QUERY with a filter that is read from the minibuffer.
The names that are offered are those of its span."
  (let* ((column (completing-read "Filter by: " llm-switch-spend-columns nil t))
         (rows (plist-get (llm-switch-call "spend.report"
                                           `(:by ,column ,@(llm-switch-spend-params query)))
                          :rows))
         (names (mapcar (lambda (row)
                          (let ((name (car (plist-get row :names))))
                            (cons (llm-switch-spend-name name) name)))
                        rows)))
    (unless names (user-error "Nothing was spent in this span"))
    (llm-switch-spend-with-name
     query column
     (cdr (assoc (completing-read (format "%s: " (capitalize column)) names nil t) names)))))

(provide 'llm-switch-spend)
;;; llm-switch-spend.el ends here
