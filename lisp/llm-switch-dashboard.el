;;; llm-switch-dashboard.el --- What was spent, and on what  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; One screen: what today, this week and this month cost and what the month
;; will come to, the budgets, a chart, sums by any column, and what is worth a
;; look.  The module tells all of it in one answer; nothing here computes money.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-chart)
(require 'llm-switch-export)
(require 'llm-switch-spend-budgets)
(require 'llm-switch-spend-facts)
(require 'llm-switch-spend-headline)
(require 'llm-switch-spend-requests)
(require 'llm-switch-spend-timeline)

(defcustom llm-switch-dashboard-by "route"
  "What the dashboard sums by when it is opened."
  :group 'llm-switch
  :type '(choice (const "route") (const "model") (const "account") (const "project")
                 (const "provider") (const "purpose") (const "client") (const "payer")
                 (const "basis") (const "hour") (const "day")))

(defcustom llm-switch-dashboard-rows 15
  "How many sums the dashboard shows before it is asked for the others."
  :group 'llm-switch
  :type 'integer)

(defvar-local llm-switch-dashboard--by nil
  "What the sums are by.")

(defvar-local llm-switch-dashboard--sort nil
  "What they are sorted by, and whether the largest comes first; nil is as usual.")

(defvar-local llm-switch-dashboard--order nil
  "The ids of the rows as they stand, which they keep until they are asked to sort.")

(defvar-local llm-switch-dashboard--unfolded nil
  "Non-nil if all sums are shown, however many they are.")

(defconst llm-switch-dashboard--spark-days 28
  "How many days a sparkline can have.")

(defconst llm-switch-dashboard--groupings
  '((?p . "provider") (?a . "account") (?m . "model") (?r . "route") (?j . "project")
    (?u . "purpose") (?c . "client") (?y . "payer") (?b . "basis") (?h . "hour") (?d . "day"))
  "What \\`b' and another key sum by.")

;;; Mode

(defvar llm-switch-dashboard-by-map
  (let ((map (make-sparse-keymap)))
    (pcase-dolist (`(,key . ,by) llm-switch-dashboard--groupings)
      (define-key map (vector key)
                  (cons by (lambda ()
                             (interactive nil llm-switch-dashboard-mode)
                             (llm-switch-dashboard-sum-by by)))))
    map)
  "Keys for what to sum by.")

(defvar llm-switch-dashboard-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "b") (cons "sum by" llm-switch-dashboard-by-map))
    (define-key map (kbd "S") #'llm-switch-dashboard-sort)
    (define-key map (kbd "d") #'llm-switch-dashboard-today)
    (define-key map (kbd "w") #'llm-switch-dashboard-week)
    (define-key map (kbd "m") #'llm-switch-dashboard-month)
    (define-key map (kbd "y") #'llm-switch-dashboard-year)
    (define-key map (kbd "A") #'llm-switch-dashboard-all)
    (define-key map (kbd "D") #'llm-switch-dashboard-dates)
    (define-key map (kbd "[") #'llm-switch-dashboard-earlier)
    (define-key map (kbd "]") #'llm-switch-dashboard-later)
    (define-key map (kbd "/") #'llm-switch-dashboard-filter)
    (define-key map (kbd "f") #'llm-switch-dashboard-filter-row)
    (define-key map (kbd "x") #'llm-switch-dashboard-clear-filter)
    (define-key map (kbd "+") #'llm-switch-dashboard-unfold)
    (define-key map (kbd "L") #'llm-switch-dashboard-requests)
    (define-key map (kbd "e") #'llm-switch-export-spend)
    (define-key map (kbd "g") #'llm-switch-dashboard-refresh)
    map)
  "Keys in the dashboard.")

(define-derived-mode llm-switch-dashboard-mode llm-switch-spend-screen-mode "Dashboard"
  "Shows what was spent, and on what.

Sums count what has ended.  \"?\" is a cost that is not known, \"~\" an
estimate, \"free\" what runs here or on a free tier, and \"plan\" what a
subscription covers.  The forecast compares the days left with the last four
weeks, weekends with weekends; in brackets is the range of eight cases of ten.

\\{llm-switch-dashboard-mode-map}"
  (setq header-line-format
        " RET open  b by  S sort  d w m y span  [ ] move  / filter  e export  ? keys"))

;;;###autoload
(defun llm-switch-dashboard (&optional query)
  "Show what was spent, and on what, by QUERY; nil is this month."
  (interactive)
  (let ((query (or query (llm-switch-spend-query))))
    (llm-switch-spend-screen-show "*llm-switch dashboard*" #'llm-switch-dashboard-mode query
                                  #'llm-switch-dashboard--ask #'llm-switch-dashboard--draw)))

(defun llm-switch-dashboard--ask ()
  "Return what to call for the whole screen."
  (setq llm-switch-dashboard--by (or llm-switch-dashboard--by llm-switch-dashboard-by))
  (cons "spend.overview"
        (append (list :by llm-switch-dashboard--by :spark llm-switch-dashboard--spark-days)
                (pcase-let ((`(,sort . ,descending) (llm-switch-dashboard--sorted)))
                  (list :sort sort :ascending (if descending :json-false t)))
                (llm-switch-spend-params llm-switch-spend-screen-query))))

;;; Commands

(defun llm-switch-dashboard-refresh ()
  "Ask the ledger again, and sort the rows."
  (interactive nil llm-switch-dashboard-mode)
  (setq llm-switch-dashboard--order nil
        llm-switch-spend-screen-value nil)
  (llm-switch-spend-screen-refresh))

(defun llm-switch-dashboard--look (query)
  "Look at QUERY from now on."
  (setq llm-switch-spend-screen-query query)
  (llm-switch-dashboard-refresh))

(defun llm-switch-dashboard-sum-by (by)
  "Sum BY a column, \"hour\" or \"day\"."
  (interactive (list (llm-switch-spend-read-column "Sum by: ")) llm-switch-dashboard-mode)
  (setq llm-switch-dashboard--by by
        llm-switch-dashboard--unfolded nil
        llm-switch-dashboard--sort nil)
  (llm-switch-dashboard-refresh))

(defun llm-switch-dashboard-sort ()
  "Sort by the column at point; by the same one again, the other way round.
On no column, ask for one."
  (interactive nil llm-switch-dashboard-mode)
  (let ((sort (llm-switch-spend-table-sort-at-point (llm-switch-dashboard--columns)))
        (old (llm-switch-dashboard--sorted)))
    (setq llm-switch-dashboard--sort
          (cons sort (if (equal sort (car old)) (not (cdr old)) (not (equal sort "name")))))
    (llm-switch-dashboard-refresh)))

(defun llm-switch-dashboard--sorted ()
  "Return what rows are sorted by, and whether the largest comes first."
  (cond (llm-switch-dashboard--sort)
        ;; The newest first.
        ((member llm-switch-dashboard--by '("hour" "day")) '("name" . t))
        (t '("cost" . t))))

(defun llm-switch-dashboard--span (span)
  "Look at SPAN, a name, of now."
  (llm-switch-dashboard--look
   (llm-switch-spend-with-span llm-switch-spend-screen-query span)))

(defun llm-switch-dashboard-today ()
  "Look at today."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-dashboard--span "day"))

(defun llm-switch-dashboard-week ()
  "Look at this week."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-dashboard--span "week"))

(defun llm-switch-dashboard-month ()
  "Look at this month."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-dashboard--span "month"))

(defun llm-switch-dashboard-year ()
  "Look at this year."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-dashboard--span "year"))

(defun llm-switch-dashboard-all ()
  "Look at all that was ever spent."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-dashboard--span "all"))

(defun llm-switch-dashboard-dates ()
  "Look at the days from one date to another."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-dashboard--look (llm-switch-spend-read-dates llm-switch-spend-screen-query)))

(defun llm-switch-dashboard--shift (count)
  "Look at the span COUNT earlier than this one."
  (let* ((query llm-switch-spend-screen-query)
         (back (+ (or (plist-get query :back) 0) count)))
    (cond ((or (null (plist-get query :span)) (equal (plist-get query :span) "all"))
           (user-error "Choose a day, week, month or year first: d w m y"))
          ((< back 0) (user-error "This is the current %s" (plist-get query :span))))
    (llm-switch-dashboard--look (llm-switch-spend-with query :back back))))

(defun llm-switch-dashboard-earlier (count)
  "Look at the span before this one, or COUNT before it."
  (interactive "p" llm-switch-dashboard-mode)
  (llm-switch-dashboard--shift count))

(defun llm-switch-dashboard-later (count)
  "Look at the span after this one, or COUNT after it."
  (interactive "p" llm-switch-dashboard-mode)
  (llm-switch-dashboard--shift (- count)))

(defun llm-switch-dashboard-filter ()
  "Look only at what has a certain name in a column."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-dashboard--look (llm-switch-spend-read-filter llm-switch-spend-screen-query)))

(defun llm-switch-dashboard-filter-row ()
  "Look only at what the row at point sums up."
  (interactive nil llm-switch-dashboard-mode)
  (pcase (get-text-property (line-beginning-position) 'llm-switch-spend-id)
    (`(row ,query) (llm-switch-dashboard--look query))
    (_ (user-error "There is no sum on this line"))))

(defun llm-switch-dashboard-clear-filter ()
  "Look at everything in this span."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-dashboard--look
   (llm-switch-spend-with llm-switch-spend-screen-query :filter nil :substituted nil)))

(defun llm-switch-dashboard-requests ()
  "List the requests of this span."
  (interactive nil llm-switch-dashboard-mode)
  (llm-switch-spend-requests llm-switch-spend-screen-query))

;;; Screen

(defun llm-switch-dashboard--draw (value)
  "Insert the whole screen of VALUE."
  (llm-switch-spend-headline-insert value)
  (llm-switch-spend-budgets-insert (plist-get value :budgets))
  (llm-switch-spend-timeline-insert (plist-get value :chart))
  (llm-switch-dashboard--insert-sums value)
  (llm-switch-spend-facts-insert value)
  (insert (propertize (format "\nAs of %s" (llm-switch-spend-time "%H:%M" (plist-get value :now)))
                      'face 'llm-switch-spend-dim)
          "\n"))

;;; Sums

(defun llm-switch-dashboard--columns ()
  "Return the columns of the sums: see llm-switch-spend-table.el."
  (let* ((width (llm-switch-spend-screen-width))
         (days (cond ((>= width 120) 28) ((>= width 100) 14) (t 7)))
         (spark (not (member llm-switch-dashboard--by '("hour" "day"))))
         (all (plist-get (plist-get llm-switch-spend-screen-value :total) :cost)))
    `((:title ,(concat "by " llm-switch-dashboard--by) :left t :sort "name"
       :text llm-switch-dashboard--name)
      (:title "requests" :width 9 :sort "requests"
       :text ,(lambda (row) (llm-switch-spend-count (plist-get row :requests))))
      (:title "attempts" :width 9 :sort "attempts" :wide 120
       :text ,(lambda (row) (llm-switch-spend-count (plist-get row :attempts))))
      (:title "in" :width 6 :sort "input"
       :text ,(lambda (row) (llm-switch-spend-tokens (llm-switch-spend-input row))))
      (:title "out" :width 6 :sort "output"
       :text ,(lambda (row) (llm-switch-spend-tokens (plist-get row :output))))
      (:title "reasoning" :width 9 :wide 120
       :text ,(lambda (row) (llm-switch-spend-tokens (plist-get row :reasoning))))
      (:title "cached" :width 7 :sort "cached" :text llm-switch-spend-cached)
      (:title "cost" :width 9 :sort "cost" :text llm-switch-spend-money)
      (:title "share" :width 5
       :text ,(lambda (row) (llm-switch-spend-percent (plist-get row :cost) (or all 0))))
      ,@(when spark
          `((:title ,(format "%d days" days) :width ,days :left t
             :text ,(lambda (row) (llm-switch-dashboard--spark row days))))))))

(defun llm-switch-dashboard--name (row)
  "Return the name of ROW: its own, or its time."
  (if (plist-get row :from)
      (llm-switch-spend-time (if (equal llm-switch-dashboard--by "hour")
                                 "%a %d %b %H:%M" "%a %d %b %Y")
                             (plist-get row :from))
    (llm-switch-spend-name (or (plist-get row :all) (car (plist-get row :names))))))

(defun llm-switch-dashboard--spark (row days)
  "Return the costs of the last DAYS of ROW as a sparkline."
  (let ((costs (last (plist-get row :spark) days)))
    (cond ((or (null costs) (zerop (apply #'max 0 costs))) "")
          ((llm-switch-chart-graphical-p)
           (propertize (make-string days ?\s)
                       'display (llm-switch-chart-svg-sparkline costs)))
          (t (propertize (llm-switch-chart-sparkline costs) 'face 'llm-switch-chart)))))

(defun llm-switch-dashboard--spark-sum (rows)
  "Return the sparks of ROWS added up."
  (let ((sparks (mapcar (lambda (row) (plist-get row :spark)) rows)))
    (when (car sparks) (apply #'cl-mapcar #'+ sparks))))

(defun llm-switch-dashboard--insert-sums (value)
  "Insert the sums of VALUE by what is asked for."
  (let* ((rows (llm-switch-dashboard--settled (plist-get value :rows)))
         (shown (if llm-switch-dashboard--unfolded rows
                  (seq-take rows llm-switch-dashboard-rows)))
         (all `(:all "all" :spark ,(llm-switch-dashboard--spark-sum rows)
                ,@(plist-get value :total)))
         (columns (llm-switch-spend-table-fitted (llm-switch-dashboard--columns)
                                                 (llm-switch-spend-screen-width)
                                                 (cons all shown)))
         (sorted (llm-switch-dashboard--sorted)))
    (insert (propertize "\n" 'llm-switch-spend-section t))
    (llm-switch-spend-table-heading columns (car sorted) (cdr sorted))
    (dolist (row shown)
      (let ((query (llm-switch-dashboard--row-query row)))
        (llm-switch-spend-screen-row (list 'row query)
                                     (lambda () (llm-switch-spend-requests query))
                                     (llm-switch-spend-table-row columns row))))
    (llm-switch-dashboard--insert-more (- (length rows) llm-switch-dashboard-rows))
    (if rows
        (when (cdr rows)
          (insert (propertize (llm-switch-spend-table-row columns all)
                              'face 'llm-switch-spend-figure)
                  "\n"))
      (insert "  nothing was spent, "
              (llm-switch-spend-title llm-switch-spend-screen-query) "\n"))))

(defun llm-switch-dashboard--insert-more (count)
  "Insert a row for the COUNT sums that are not shown, if there are any."
  (when (> count 0)
    (llm-switch-spend-screen-row
     'more #'llm-switch-dashboard-unfold
     (propertize (if llm-switch-dashboard--unfolded "  show fewer, with RET"
                   (format "  and %s more, with RET" (llm-switch-spend-count count)))
                 'face 'llm-switch-spend-dim))))

(defun llm-switch-dashboard-unfold ()
  "Show all sums, or only the first ones again."
  (interactive nil llm-switch-dashboard-mode)
  (setq llm-switch-dashboard--unfolded (not llm-switch-dashboard--unfolded))
  (llm-switch-spend-screen-draw))

(defun llm-switch-dashboard--row-query (row)
  "Return the query for what ROW sums up."
  (let ((query llm-switch-spend-screen-query))
    (if (plist-get row :from)
        (llm-switch-spend-with query :span nil :back nil
                               :from (plist-get row :from) :to (plist-get row :to))
      (llm-switch-spend-with-name query llm-switch-dashboard--by (car (plist-get row :names))))))

(defun llm-switch-dashboard--settled (rows)
  "Return ROWS in the order in which they stand, new ones last.
A row that somebody looks at must not change its place by itself."
  (let* ((id (lambda (row) (or (plist-get row :from) (car (plist-get row :names)))))
         (places (make-hash-table :test #'equal))
         (place (lambda (row) (gethash (funcall id row) places most-positive-fixnum)))
         (rows (progn (seq-do-indexed (lambda (it at) (puthash it at places))
                                      llm-switch-dashboard--order)
                      (seq-sort-by place #'< rows))))
    (setq llm-switch-dashboard--order (mapcar id rows))
    rows))

(provide 'llm-switch-dashboard)
;;; llm-switch-dashboard.el ends here
