;;; llm-switch-plans-credits.el --- Money that was paid beforehand  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A row for each credit, with what the ledger counts, what the service told,
;; and what its owner entered; and the command that enters it.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-plans-row)

;;;###autoload
(defun llm-switch-set-balance (account amount)
  "Note that AMOUNT, dollars as text, is left on ACCOUNT now.
From then on it is counted down by what the ledger says was spent there."
  (interactive (list (llm-switch-plans--read-account)
                     (read-string "What is left, in dollars: ")))
  (let ((answer (llm-switch-call "plans.set_balance"
                                 `(:account ,account :amount ,amount
                                   ,@(when llm-switch-spend-now
                                       (list :now llm-switch-spend-now))))))
    (when (derived-mode-p 'llm-switch-plans-mode) (llm-switch-spend-screen-refresh))
    (message "%s has %s left, and is counted down from there" account
             (llm-switch-cost-format-money (plist-get answer :remaining)))))

(defun llm-switch-plans--read-account ()
  "Read the name of a metered account; the one at point is the default."
  (let* ((rows (seq-filter (lambda (row) (equal (plist-get row :payer) "metered"))
                           (append (llm-switch-call "accounts.list") nil)))
         (names (or (mapcar (lambda (row) (plist-get row :account)) rows)
                    (user-error "No account of yours is metered")))
         (here (car (member (plist-get (llm-switch-plans--here) :account) names))))
    (completing-read (if here (format "Account (%s): " here) "Account: ")
                     names nil t nil nil here)))

;;; Rows

(defun llm-switch-plans--credit-columns ()
  "Return the columns of credits: see llm-switch-spend-table.el."
  (let ((money (lambda (key)
                 (lambda (it)
                   (let ((pico (plist-get it key)))
                     (if pico (llm-switch-cost-format-money pico) "–"))))))
    `((:title "credit" :left t
       :text ,(lambda (it) (or (plist-get it :credit) (plist-get it :account))))
      (:title "bought" :width 8 :text ,(funcall money :bought))
      (:title "spent" :width 8 :text ,(funcall money :spent))
      (:title "counted" :width 8
       :text ,(lambda (it)
                (if (plist-get it :expired) "expired" (funcall (funcall money :remaining) it))))
      (:title "told or entered" :width 17 :text llm-switch-plans--told)
      (:title "lasts to" :width 8
       :text ,(lambda (it)
                (if-let* ((at (plist-get it :empty-at))) (llm-switch-plans--date at) "–")))
      (:title "expires" :width 8
       :text ,(lambda (it)
                (if-let* ((at (plist-get it :expires-at))) (llm-switch-plans--date at) "–"))))))

(defun llm-switch-plans--told (credit)
  "Return what was told or entered of CREDIT's account, with its age."
  (let* ((told (plist-get credit :told)) (entered (plist-get credit :entered))
         (seen (plist-get told :seen-at)) (at (plist-get entered :at)))
    (cond ((and at (or (null seen) (> at seen)))
           (format "%s, you, %s ago" (llm-switch-cost-format-money (plist-get entered :remaining))
                   (llm-switch-plans--age at)))
          (seen (format "%s, %s ago" (llm-switch-plans--purses told) (llm-switch-plans--age seen)))
          (t "–"))))

(defun llm-switch-plans--purses (told)
  "Return what is left according to TOLD, the dollars or else the first."
  (let* ((purses (plist-get told :purses))
         (left (delq nil (mapcar (lambda (it) (plist-get it :remaining)) purses)))
         (amount (or (seq-find (lambda (it) (plist-get it :amount)) left) (car left))))
    (cond ((null amount) "?")
          ((plist-get amount :amount) (llm-switch-cost-format-money (plist-get amount :amount)))
          (t (concat (plist-get amount :number) " " (plist-get amount :unit))))))

(defun llm-switch-plans-credits-insert (credits)
  "Insert CREDITS, a list of plists as plans.list gives them."
  (if credits
      (llm-switch-plans--insert-table
       credits (llm-switch-plans--credit-columns)
       (lambda (it) (list 'credit (plist-get it :account) (plist-get it :credit)))
       #'llm-switch-plans--credit-details)
    (llm-switch-spend-screen-heading "Credits")
    (insert "  none is known; b asks the services, s enters a figure, and [credit.NAME]\n"
            "  in the configuration says what was bought\n")))

(defun llm-switch-plans--credit-details (credit)
  "Return what else there is to say of CREDIT, a list of texts."
  (let ((left (plist-get credit :left)) (unpriced (plist-get credit :unpriced)))
    (list
     (concat "account " (plist-get credit :account)
             (when-let* ((on (plist-get credit :on))) (concat ", bought on " on))
             (when-let* ((date (plist-get credit :expires))) (concat ", expires on " date)))
     (when left
       (format "left on the account: %s, %s" (llm-switch-cost-format-money left)
               (pcase (plist-get credit :source)
                 ("told" "as the service told, less what was spent since")
                 ("entered" "as you entered, less what was spent since")
                 (_ "as bought, less what was spent since"))))
     (format "%s a day in the last 14 days%s"
             (llm-switch-cost-format-money (plist-get credit :pace))
             (if-let* ((date (plist-get credit :empty))) (concat ": it lasts to " date) ""))
     (when (> unpriced 0)
       (format "%s requests cost an amount that is not known, and are not counted" unpriced))
     (unless (plist-get credit :asks) "this service does not tell what is left: s enters it"))))

(provide 'llm-switch-plans-credits)
;;; llm-switch-plans-credits.el ends here
