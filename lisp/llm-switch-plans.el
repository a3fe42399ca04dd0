;;; llm-switch-plans.el --- What is paid each month, and what is left  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; One screen: what all plans and metered use come to for a month, which plan
;; is hardly used, what renews when, and what is left of windows and credit.
;; The module tells all of it in one answer; nothing here computes money.
;;
;; A figure is told by the service, with its age, or counted from the ledger,
;; or entered by the owner and counted down from there.  Each says which.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-chart)
(require 'llm-switch-plans-credits)
(require 'llm-switch-spend-requests)

(defface llm-switch-plans-hardly-used '((t :inherit warning))
  "A plan that is hardly used."
  :group 'llm-switch)

(defvar-local llm-switch-plans--asking nil
  "The id of the call that asks providers for balances, or nil.")

;;; Mode

(defvar llm-switch-plans-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "b") #'llm-switch-plans-ask-balances)
    (define-key map (kbd "s") #'llm-switch-set-balance)
    (define-key map (kbd "L") #'llm-switch-plans-requests)
    (define-key map (kbd "w") #'llm-switch-what-if)
    map)
  "Keys in the screen of plans.")

(autoload 'llm-switch-what-if "llm-switch-what-if" nil t)

(define-derived-mode llm-switch-plans-mode llm-switch-spend-screen-mode "Plans"
  "Shows what is paid each month, what is left, and what renews when.

\"worth\" is what the tokens of this term would have cost at metered list
prices.  A plan is called hardly used when what went through it in the last 30
days is worth less than a quarter of its price; nothing is said of one whose
use goes past Emacs.  \"told\" is what the service itself said, with its age;
\"counted\" is from the ledger.

\\{llm-switch-plans-mode-map}"
  (setq header-line-format
        " RET details  g again  b ask for balances  s set balance  L requests  ? keys"))

;;;###autoload
(defun llm-switch-plans ()
  "Show what is paid each month, what is left, and what renews when."
  (interactive)
  (llm-switch-spend-screen-show "*llm-switch plans*" #'llm-switch-plans-mode nil
                                #'llm-switch-plans--ask #'llm-switch-plans--draw))

(defun llm-switch-plans--ask ()
  "Return what to call for the whole screen."
  (cons "plans.list" (when llm-switch-spend-now (list :now llm-switch-spend-now))))

;;; Commands

(defun llm-switch-plans-ask-balances ()
  "Ask the providers that tell it what is left, without waiting."
  (interactive nil llm-switch-plans-mode)
  (when llm-switch-plans--asking (user-error "They are being asked"))
  (let ((buffer (current-buffer)))
    (message "llm-switch: asking for balances…")
    (setq llm-switch-plans--asking
          (llm-switch-channel-call
           "accounts.balance" nil
           (lambda (kind rest)
             (with-current-buffer buffer
               (setq llm-switch-plans--asking nil)
               (message "llm-switch: %s"
                        (if (eq kind 'value) (llm-switch-plans--answers rest)
                          (plist-get rest :message)))
               (llm-switch-spend-screen-refresh)))
           buffer))))

(defun llm-switch-plans--answers (rows)
  "Return in words what came of asking for balances: ROWS as the module's."
  (let ((failed (seq-filter (lambda (row) (plist-get row :error)) rows)))
    (cond ((null rows) "no provider of your accounts tells what is left; s enters a figure")
          ((null failed) (format "%d told what is left" (length rows)))
          (t (format "%d of %d told what is left; %s" (- (length rows) (length failed))
                     (length rows)
                     (mapconcat (lambda (row) (concat (plist-get row :account) ": "
                                                      (plist-get row :error)))
                                failed "; "))))))

(defun llm-switch-plans-requests ()
  "List the requests that the plan or credit at point paid for."
  (interactive nil llm-switch-plans-mode)
  (let* ((row (or (llm-switch-plans--here) (user-error "There is no plan on this line")))
         (accounts (or (plist-get row :covers) (list (plist-get row :account)))))
    (llm-switch-spend-requests
     (llm-switch-spend-query
      :from (or (plist-get row :from) 0) :to (1+ (plist-get llm-switch-spend-screen-value :now))
      :filter `(("account" ,@accounts)
                ("payer" ,(if (plist-get row :covers) "plan" "metered")))))))

;;; Drawing

(defun llm-switch-plans--draw (value)
  "Insert the whole screen of VALUE."
  (llm-switch-plans--insert-top value)
  (llm-switch-plans--insert-plans (plist-get value :plans))
  (llm-switch-plans--insert-windows (plist-get value :plans))
  (llm-switch-plans-credits-insert (plist-get value :credits)))

(defun llm-switch-plans--insert-top (value)
  "Insert the three lines of VALUE that answer the first questions."
  (let* ((total (plist-get value :total))
         (plans (plist-get value :plans))
         (money (lambda (key) (llm-switch-cost-format-money (plist-get total key))))
         (next (car (seq-sort-by (lambda (it) (plist-get it :until)) #'< plans))))
    (llm-switch-plans--line
     "Paying " (propertize (funcall money :monthly) 'face 'llm-switch-spend-figure)
     " a month: " (funcall money :plans) " plans + " (funcall money :metered)
     (if (> (plist-get total :unknown) 0) " + ?" "") " metered in 30 days")
    (llm-switch-plans--line "Hardly used: " (llm-switch-plans--hardly value))
    (llm-switch-plans--line
     "Renews next: "
     (if next (format "%s, %s, on %s" (plist-get next :title) (llm-switch-plans--price next)
                      (llm-switch-spend-time "%-d %B" (plist-get next :until)))
       "nothing"))))

(defun llm-switch-plans--line (&rest texts)
  "Insert TEXTS as a line that fits the window."
  (insert (truncate-string-to-width (apply #'concat texts) (1- (llm-switch-spend-screen-width))
                                    nil nil "…")
          "\n"))

(defun llm-switch-plans--hardly (value)
  "Return which plans of VALUE are hardly used, in words."
  (let* ((plans (plist-get value :plans))
         (hardly (seq-filter (lambda (plan) (plist-get plan :hardly-used)) plans))
         (unseen (seq-remove (lambda (plan) (plist-get plan :seen)) plans)))
    (cond (hardly
           (propertize
            (mapconcat (lambda (plan)
                         (format "%s (worth %s of %s in 30 days)" (plist-get plan :title)
                                 (llm-switch-plans--worth (plist-get plan :lately))
                                 (llm-switch-cost-format-money (plist-get plan :monthly))))
                       hardly ", ")
            'face 'llm-switch-plans-hardly-used))
          ((null plans) "no plan is written down")
          (unseen (format "none that is seen; the use of %s go%s past Emacs" (length unseen)
                          (if (cdr unseen) "" "es")))
          (t "none"))))

(defun llm-switch-plans--price (plan)
  "Return what PLAN costs each time, in words."
  (format "%s a %s" (llm-switch-cost-format-money (plist-get plan :price)) (plist-get plan :per)))

(defun llm-switch-plans--worth (tally)
  "Return what the tokens of TALLY would have cost, as text."
  (let ((value (plist-get tally :value)) (unpriced (plist-get tally :unpriced)))
    (cond ((= unpriced 0) (llm-switch-cost-format-money value))
          ((= value 0) "?")
          (t (concat (llm-switch-cost-format-money value) " + ?")))))

(defun llm-switch-plans--tokens (tally)
  "Return all tokens of TALLY as text."
  (llm-switch-spend-tokens (+ (plist-get tally :input) (plist-get tally :output))))

;;; Plans

(defun llm-switch-plans--columns ()
  "Return the columns of plans: see llm-switch-spend-table.el."
  `((:title "plan" :left t :text ,(lambda (it) (plist-get it :title)))
    (:title "a month" :width 8
     :text ,(lambda (it) (llm-switch-cost-format-money (plist-get it :monthly))))
    (:title "renews" :width 8 :text ,(lambda (it) (llm-switch-plans--date (plist-get it :until))))
    (:title "requests" :width 8
     :text ,(lambda (it) (llm-switch-spend-count (plist-get (plist-get it :used) :requests))))
    (:title "tokens" :width 6 :text ,(lambda (it) (llm-switch-plans--tokens (plist-get it :used))))
    (:title "worth" :width 7
     :text ,(lambda (it)
              (if (plist-get it :seen) (llm-switch-plans--worth (plist-get it :used)) "–")))
    (:title "days" :width 4
     :text ,(lambda (it) (number-to-string (plist-get (plist-get it :used) :days))))
    (:title "" :width 11 :left t :text llm-switch-plans--verdict)))

(defun llm-switch-plans--verdict (plan)
  "Return what is to be said of PLAN in a word or two."
  (cond ((plist-get plan :hardly-used)
         (propertize "hardly used" 'face 'llm-switch-plans-hardly-used))
        ((plist-get plan :seen) "")
        (t "not seen")))

(defun llm-switch-plans--insert-plans (plans)
  "Insert PLANS, a list of plists as plans.list gives them."
  (if plans
      (llm-switch-plans--insert-table
       plans (llm-switch-plans--columns)
       (lambda (it) (list 'plan (plist-get it :plan))) #'llm-switch-plans--details)
    (llm-switch-spend-screen-heading "Plans")
    (insert "  none; write one as [plan.NAME] with price, renews and covers into\n  "
            (abbreviate-file-name llm-switch-config-file) "\n")))

(defun llm-switch-plans--details (plan)
  "Return what else there is to say of PLAN, a list of texts."
  (let ((used (plist-get plan :used)) (lately (plist-get plan :lately)))
    (list
     (format "%s, this term from %s" (llm-switch-plans--price plan)
             (llm-switch-spend-time "%-d %B %Y" (plist-get plan :from)))
     (format "covers %s; %s" (string-join (plist-get plan :covers) ", ")
             (if (plist-get plan :api) "use of the API is included"
               "use of the API by other programs is not included"))
     (format "this term: %s requests on %d days, %s tokens, worth %s"
             (llm-switch-spend-count (plist-get used :requests)) (plist-get used :days)
             (llm-switch-plans--tokens used) (llm-switch-plans--worth used))
     (format "last 30 days: %s requests on %d days, %s tokens, worth %s"
             (llm-switch-spend-count (plist-get lately :requests)) (plist-get lately :days)
             (llm-switch-plans--tokens lately) (llm-switch-plans--worth lately))
     (unless (plist-get plan :seen)
       "its service's own programs use it, past Emacs: nothing can be said of that"))))

;;; Windows

(defun llm-switch-plans--insert-windows (plans)
  "Insert the windows of PLANS."
  (when (seq-some (lambda (plan) (plist-get plan :windows)) plans)
    (llm-switch-spend-screen-heading "Windows")
    (dolist (plan plans)
      (dolist (window (plist-get plan :windows))
        (llm-switch-plans--insert-row
         (list 'window (plist-get plan :plan) (plist-get window :window)
               (plist-get window :account) (plist-get window :source))
         window (llm-switch-plans--window plan window)
         (llm-switch-plans--window-details window))))))

(defun llm-switch-plans--window (plan window)
  "Return WINDOW of PLAN as a row."
  (let* ((limit (plist-get window :limit)) (used (plist-get window :used))
         (fraction (and limit used (> limit 0) (/ used (float limit)))))
    (concat "  "
            (llm-switch-spend-fit
             (concat (plist-get plan :title) ", " (plist-get window :window)) 22)
            " "
            (if fraction
                (propertize (llm-switch-chart-bar fraction 8)
                            'face (cond ((>= fraction 1) 'error)
                                        ((>= fraction 0.8) 'warning)
                                        (t 'success)))
              (make-string 8 ?\s))
            (llm-switch-spend-fit (llm-switch-plans--amount window) 19 t) "  "
            (llm-switch-spend-fit (llm-switch-plans--reset window) 11) " "
            (llm-switch-plans--source window))))

(defun llm-switch-plans--amount (window)
  "Return how much of WINDOW is used, in its unit."
  (let* ((unit (plist-get window :unit))
         (figure (pcase unit
                   ("dollars" #'llm-switch-cost-format-money)
                   ("tokens" #'llm-switch-spend-tokens)
                   (_ #'llm-switch-spend-count)))
         (short (pcase unit ("tokens" " tok") ("requests" " req") (_ "")))
         (limit (plist-get window :limit)) (used (plist-get window :used)))
    (cond ((null used) "?")
          ((equal unit "percent") (format "%d%% used" used))
          (limit (concat (funcall figure used) " of " (funcall figure limit) short))
          (t (concat (funcall figure used) short)))))

(defun llm-switch-plans--reset (window)
  "Return when WINDOW is full again, in words."
  (let ((at (plist-get window :resets-at))
        (now (plist-get llm-switch-spend-screen-value :now)))
    (cond ((null at) "")
          ((< (- at now) (* 24 3600 1000)) (concat "in " (llm-switch-spend-lasting (- at now))))
          (t (concat "on " (llm-switch-plans--date at))))))

(defun llm-switch-plans--source (window)
  "Return where the figure of WINDOW is from."
  (propertize (if (equal (plist-get window :source) "told")
                  (format "told %s ago" (llm-switch-plans--age (plist-get window :seen-at)))
                "counted")
              'face 'llm-switch-spend-dim))

(defun llm-switch-plans--window-details (window)
  "Return what else there is to say of WINDOW, a list of texts."
  (list
   (when-let* ((at (plist-get window :resets-at)))
     (concat "full again " (llm-switch-spend-time "%A %-d %B, %H:%M" at)))
   (if (equal (plist-get window :source) "told")
       (format "told by the service of %s, %s" (plist-get window :account)
               (llm-switch-spend-time "%-d %B, %H:%M" (plist-get window :seen-at)))
     "counted from the ledger: what went past Emacs is not in it")
   (unless (plist-get window :limit) "its limit is not known: write requests, tokens or dollars")))

(provide 'llm-switch-plans)
;;; llm-switch-plans.el ends here
