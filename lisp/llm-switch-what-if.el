;;; llm-switch-what-if.el --- What it would have cost elsewhere  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; `llm-switch-what-if' prices what was asked in a span of time again, under
;; other deployments and plans, and ranks them.  What is supposed stands below
;; the figures.  `llm-switch-what-if-hour' is for those who have no history.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-spend-table)

(defcustom llm-switch-what-if-rows 12
  "How many candidates are ranked before one asks for the others.
Those that you added, plans and what was really paid are always there."
  :group 'llm-switch
  :type 'integer)

(defvar-local llm-switch-what-if--also nil
  "The candidates that the user added.")

(defvar-local llm-switch-what-if--cache "as-it-was"
  "What is supposed of prompt caches: \"as-it-was\", \"off\" or \"on\".")

(defvar-local llm-switch-what-if--all nil
  "Non-nil if what was free or under a plan is looked at too.")

(defvar-local llm-switch-what-if--unfolded nil
  "Non-nil if all candidates are shown, however many they are.")

(defvar-local llm-switch-what-if--details nil
  "The candidates whose details are shown.")

(defvar llm-switch-what-if--names nil
  "Names of candidates, for completion in this session.")

;;; Mode

(autoload 'llm-switch-what-if-hour "llm-switch-what-if-hour" nil t)

(defvar llm-switch-what-if-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "c") #'llm-switch-what-if-add)
    (define-key map (kbd "k") #'llm-switch-what-if-remove)
    (define-key map (kbd "+") #'llm-switch-what-if-unfold)
    (define-key map (kbd "m") #'llm-switch-what-if-month)
    (define-key map (kbd "l") #'llm-switch-what-if-last-30-days)
    (define-key map (kbd "D") #'llm-switch-what-if-dates)
    (define-key map (kbd "/") #'llm-switch-what-if-filter)
    (define-key map (kbd "x") #'llm-switch-what-if-clear-filter)
    (define-key map (kbd "C") #'llm-switch-what-if-cache)
    (define-key map (kbd "a") #'llm-switch-what-if-all)
    (define-key map (kbd "h") #'llm-switch-what-if-hour)
    map)
  "Keys in the ranking.")

(define-derived-mode llm-switch-what-if-mode llm-switch-spend-screen-mode "What if"
  "Ranks what the same requests would have cost elsewhere.

Each attempt is priced again by its own tokens, at the time it was made.  One
that is too large for a model, has no price there or is beyond the limits of a
plan stays where it was, at what was paid for it: \"stay\" counts these.
\"as it was\" is what was asked, with other caches.

\\{llm-switch-what-if-mode-map}"
  (setq-local llm-switch-spend-interval 600)
  (setq header-line-format
        " c add  m month  l 30 days  D dates  / filter  C cache  a all  h hour  ? keys"))

;;;###autoload
(defun llm-switch-what-if (&optional query)
  "Show what the requests of QUERY would have cost elsewhere; nil is this month."
  (interactive)
  (llm-switch-spend-screen-show "*llm-switch what if*" #'llm-switch-what-if-mode
                                (or query (llm-switch-spend-query))
                                #'llm-switch-what-if--ask #'llm-switch-what-if--draw))

(defun llm-switch-what-if--ask ()
  "Return what to call for the ranking."
  (cons "what_if.run"
        (append (list :cache llm-switch-what-if--cache
                      :all (if llm-switch-what-if--all t :json-false))
                (llm-switch-what-if--also-param)
                (llm-switch-spend-params llm-switch-spend-screen-query))))

(defun llm-switch-what-if--also-param ()
  "Return the candidates that were added as a parameter, a plist."
  (when llm-switch-what-if--also (list :also (vconcat llm-switch-what-if--also))))

;;; Commands

(defun llm-switch-what-if-add (name)
  "Rank NAME too: a deployment, a model as provider/model, a plan, or \"$200\"."
  (interactive
   (list (completing-read
          "Candidate (a deployment, a plan, or dollars a month): "
          (or llm-switch-what-if--names
              (setq llm-switch-what-if--names
                    (append (llm-switch-call "what_if.candidates") nil)))))
   llm-switch-what-if-mode llm-switch-what-if-hour-mode)
  (let ((known llm-switch-what-if--also))
    (setq llm-switch-what-if--also (cons name (delete name (copy-sequence known))))
    (condition-case error
        ;; Waited for, so that a name that is none is not kept.
        (pcase-let ((`(,method . ,params) (funcall llm-switch-spend-screen--ask)))
          (setq llm-switch-spend-screen-value (llm-switch-call method params))
          (llm-switch-spend-screen-draw)
          (llm-switch-spend-screen-find (list 'candidate name)))
      (error (setq llm-switch-what-if--also known)
             (signal (car error) (cdr error))))))

(defun llm-switch-what-if-remove ()
  "Do not rank the candidate at point any more, if it was added."
  (interactive nil llm-switch-what-if-mode llm-switch-what-if-hour-mode)
  (pcase (get-text-property (line-beginning-position) 'llm-switch-spend-id)
    ((and `(candidate ,name) (guard (member name llm-switch-what-if--also)))
     (setq llm-switch-what-if--also (delete name llm-switch-what-if--also))
     (llm-switch-spend-screen-refresh))
    (_ (user-error "This line is no candidate that was added with c"))))

(defun llm-switch-what-if-unfold ()
  "Show all candidates, or only the first ones again."
  (interactive nil llm-switch-what-if-mode llm-switch-what-if-hour-mode)
  (setq llm-switch-what-if--unfolded (not llm-switch-what-if--unfolded))
  (llm-switch-spend-screen-draw))

(defun llm-switch-what-if--look (query)
  "Look at QUERY from now on.
It is drawn even if the figures are the same: the title is not."
  (setq llm-switch-spend-screen-value nil)
  (llm-switch-spend-screen-change query))

(defun llm-switch-what-if-month ()
  "Look at this month."
  (interactive nil llm-switch-what-if-mode)
  (llm-switch-what-if--look
   (llm-switch-spend-with-span llm-switch-spend-screen-query "month")))

(defun llm-switch-what-if-last-30-days ()
  "Look at the last 30 days, today among them."
  (interactive nil llm-switch-what-if-mode)
  (let* ((now (or llm-switch-spend-now (round (* 1000 (float-time)))))
         (date (lambda (ms) (llm-switch-spend-time "%Y-%m-%d" ms))))
    (llm-switch-what-if--look
     (llm-switch-spend-with llm-switch-spend-screen-query :span nil :back nil
                            :from (funcall date (- now (* 29 86400000)))
                            :to (funcall date now)))))

(defun llm-switch-what-if-dates ()
  "Look at the days from one date to another."
  (interactive nil llm-switch-what-if-mode)
  (llm-switch-what-if--look (llm-switch-spend-read-dates llm-switch-spend-screen-query)))

(defun llm-switch-what-if-filter ()
  "Look only at what has a certain name in a column."
  (interactive nil llm-switch-what-if-mode)
  (llm-switch-what-if--look (llm-switch-spend-read-filter llm-switch-spend-screen-query)))

(defun llm-switch-what-if-clear-filter ()
  "Look at everything in this span."
  (interactive nil llm-switch-what-if-mode)
  (llm-switch-what-if--look
   (llm-switch-spend-with llm-switch-spend-screen-query :filter nil)))

(defun llm-switch-what-if-cache ()
  "Suppose other prompt caches: as they were, off, on."
  (interactive nil llm-switch-what-if-mode)
  (setq llm-switch-what-if--cache
        (pcase llm-switch-what-if--cache ("as-it-was" "off") ("off" "on") (_ "as-it-was")))
  (llm-switch-spend-screen-refresh))

(defun llm-switch-what-if-all ()
  "Look at what was free or under a plan too, or only at what was metered."
  (interactive nil llm-switch-what-if-mode)
  (setq llm-switch-what-if--all (not llm-switch-what-if--all))
  (llm-switch-spend-screen-refresh))

;;; Ranking

(defun llm-switch-what-if--draw (value)
  "Insert the ranking of VALUE."
  (let* ((paid (plist-get value :paid))
         (rows (plist-get value :rows))
         (real (list :candidate 'paid :title "really paid" :kind "paid" :total paid)))
    (llm-switch-what-if--insert-top value)
    (llm-switch-what-if--insert-table
     (llm-switch-what-if--with-paid rows real)
     (llm-switch-what-if--columns paid))
    (llm-switch-what-if--insert-assumptions (plist-get value :assumptions))))

(defun llm-switch-what-if--insert-top (value)
  "Insert the lines of VALUE that answer the question."
  (let ((paid (plist-get value :paid)) (best (car (plist-get value :rows))))
    (llm-switch-what-if--line
     (propertize "What if" 'face 'llm-switch-spend-heading) "  "
     (llm-switch-spend-title llm-switch-spend-screen-query)
     (if (plist-get value :all) ", all use" ", metered use")
     "   cache " (pcase (plist-get value :cache) ("as-it-was" "as it was") (word word))
     (if (and (equal (plist-get value :cache) "on") (null (plist-get value :hits)))
         " (there is none)" ""))
    (llm-switch-what-if--line
     "paid " (propertize (llm-switch-cost-format-money paid) 'face 'llm-switch-spend-figure)
     (if (> (plist-get value :unknown) 0) " + ?" "")
     (format " for %s attempts; the cheapest: "
             (llm-switch-spend-count (plist-get value :attempts)))
     (if (and best (> (plist-get value :attempts) 0))
         (format "%s, %s (%s)" (plist-get best :title)
                 (llm-switch-cost-format-money (plist-get best :total))
                 (llm-switch-what-if--change (plist-get best :difference) paid))
       "nothing was asked; h calculates without history"))))

(defun llm-switch-what-if--line (&rest texts)
  "Insert TEXTS as a line that fits the window."
  (insert (truncate-string-to-width (apply #'concat texts) (1- (llm-switch-spend-screen-width))
                                    nil nil "…")
          "\n"))

(defun llm-switch-what-if--change (difference paid)
  "Return DIFFERENCE to PAID in percent, with its sign."
  (if (<= paid 0) "–"
    (let ((percent (round (* 100.0 difference) paid)))
      (cond ((> percent 9999) ">+9999%")
            ((> percent 0) (format "+%d%%" percent))
            ((< percent 0) (format "−%d%%" (- percent)))
            (t "±0%")))))

(defun llm-switch-what-if--signed (pico)
  "Return PICO pico-dollars with their sign."
  (cond ((> pico 0) (concat "+" (llm-switch-cost-format-money pico)))
        ((< pico 0) (concat "−" (llm-switch-cost-format-money (- pico))))
        (t "$0")))

(defun llm-switch-what-if--with-paid (rows real)
  "Return ROWS with REAL, what was really paid, at its place."
  (let ((cheaper (seq-take-while (lambda (row) (< (plist-get row :total) (plist-get real :total)))
                                 rows)))
    (append cheaper (list real) (seq-drop rows (length cheaper)))))

(defun llm-switch-what-if--columns (paid)
  "Return the columns of the ranking compared with PAID."
  `((:title "candidate" :left t :text ,(lambda (it) (plist-get it :title)))
    (:title "cost" :width 9
     :text ,(lambda (it) (llm-switch-cost-format-money (plist-get it :total))))
    (:title "difference" :width 10
     :text ,(lambda (it) (if (eq (plist-get it :candidate) 'paid) ""
                           (llm-switch-what-if--signed (plist-get it :difference)))))
    (:title "" :width 6
     :text ,(lambda (it) (if (eq (plist-get it :candidate) 'paid) ""
                           (llm-switch-what-if--change (plist-get it :difference) paid))))
    (:title "stay" :width 5 :text llm-switch-what-if--stay)
    (:title "" :width 14 :left t :text llm-switch-what-if--kind)))

(defun llm-switch-what-if--stay (row)
  "Return how many attempts of ROW stay where they were."
  (let ((count (apply #'+ (mapcar (lambda (key) (or (plist-get row key) 0))
                                  '(:too-large :unpriced :beyond)))))
    (if (> count 0) (llm-switch-spend-count count) "")))

(defun llm-switch-what-if--kind (row)
  "Return what ROW is, in a word or two."
  (pcase (plist-get row :kind)
    ("plan" (cond ((plist-get row :own) "your plan")
                  ((> (or (plist-get row :months) 1) 1)
                   (format "%d months" (plist-get row :months)))
                  (t "a plan")))
    ("deployment" (if (plist-get row :account) "" "no account"))
    ("same" "other caches")
    (_ "")))

(defun llm-switch-what-if--insert-table (rows columns)
  "Insert ROWS in COLUMNS; the first ones, and those that one wants to see."
  (let* ((shown (llm-switch-what-if--shown rows))
         (width (1- (llm-switch-spend-screen-width)))
         (columns (llm-switch-spend-table-fitted columns width shown)))
    (insert (propertize "\n" 'llm-switch-spend-section t))
    (llm-switch-spend-table-heading columns nil nil)
    (dolist (row shown)
      (let* ((name (plist-get row :candidate)) (id (list 'candidate name))
             (text (llm-switch-spend-table-row columns row)))
        (llm-switch-spend-screen-row
         id (lambda () (llm-switch-what-if--toggle name))
         (if (eq name 'paid) (propertize text 'face 'llm-switch-spend-figure) text))
        (when (member name llm-switch-what-if--details)
          (dolist (detail (llm-switch-what-if--row-details row))
            (insert (propertize (concat "      " detail) 'face 'llm-switch-spend-dim) "\n")))))
    (let ((more (- (length rows) (length shown))))
      (when (or (> more 0) llm-switch-what-if--unfolded)
        (llm-switch-spend-screen-row
         'more #'llm-switch-what-if-unfold
         (propertize (if llm-switch-what-if--unfolded "  show fewer, with RET"
                       (format "  and %s more, with RET" (llm-switch-spend-count more)))
                     'face 'llm-switch-spend-dim))))))

(defun llm-switch-what-if--shown (rows)
  "Return those of ROWS that are shown."
  (let ((at -1))
    (seq-filter (lambda (row)
                  (setq at (1+ at))
                  (or llm-switch-what-if--unfolded
                      (< at llm-switch-what-if-rows)
                      (not (equal (plist-get row :kind) "deployment"))
                      (member (plist-get row :candidate) llm-switch-what-if--also)))
                rows)))

(defun llm-switch-what-if--toggle (name)
  "Show the details of the candidate NAME, or hide them."
  (setq llm-switch-what-if--details (if (member name llm-switch-what-if--details)
                                        (delete name llm-switch-what-if--details)
                                      (cons name llm-switch-what-if--details)))
  (llm-switch-spend-screen-draw))

(defun llm-switch-what-if--row-details (row)
  "Return what else there is to say of ROW, a list of texts."
  (let ((count (lambda (key) (llm-switch-spend-count (or (plist-get row key) 0))))
        (some (lambda (key) (> (or (plist-get row key) 0) 0))))
    (delq nil
          (list
           (when (plist-get row :taken)
             (format "%s attempts at %s" (funcall count :taken)
                     (llm-switch-cost-format-money (plist-get row :cost))))
           (when (funcall some :too-large)
             (format "%s too large for its context stay where they were"
                     (funcall count :too-large)))
           (when (funcall some :unpriced)
             (format "%s without a price there stay where they were" (funcall count :unpriced)))
           (when (funcall some :beyond)
             (format "%s beyond the limits of the plan stay where they were"
                     (funcall count :beyond)))
           (when-let* ((months (plist-get row :months)))
             (format "%d month%s of the plan" months (if (= months 1) "" "s")))))))

(defun llm-switch-what-if--insert-assumptions (texts)
  "Insert TEXTS, what is supposed."
  (llm-switch-spend-screen-heading "Supposed")
  (dolist (text texts)
    (let ((start (point)) (fill-column (- (llm-switch-spend-screen-width) 2))
          (fill-prefix "    "))
      (insert "  · " text "\n")
      (fill-region start (point) nil t))))

(provide 'llm-switch-what-if)
;;; llm-switch-what-if.el ends here
