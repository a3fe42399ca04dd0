;;; llm-switch-votes.el --- Who was liked best, and for what  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The votes of `llm-switch-compare', summed up by the ledger.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-spend-table)

(defvar-local llm-switch-votes--by "asked"
  "What the votes are summed by: \"asked\" or \"deployment\".")

(defvar llm-switch-votes-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "b") #'llm-switch-votes-by)
    (define-key map (kbd "j") #'llm-switch-votes-project)
    map)
  "Keys in the sums of votes.")

(define-derived-mode llm-switch-votes-mode llm-switch-spend-screen-mode "Votes"
  "Shows how often whose answer was the best one, and of how many.

\"won\" of \"compared\" answers were the best ones; \"none\" counts the
comparisons that nobody won.  A vote that was changed counts once.

\\{llm-switch-votes-mode-map}"
  (setq header-line-format " b routes or deployments   j this project   g again   ? keys   q back"))

;;;###autoload
(defun llm-switch-votes ()
  "Show how often whose answer was the best one, by purpose."
  (interactive)
  (llm-switch-spend-screen-show "*llm-switch votes*" #'llm-switch-votes-mode
                                (list :folder (llm-switch-project-folder))
                                #'llm-switch-votes--ask #'llm-switch-votes--draw))

(defun llm-switch-votes--ask ()
  "Return what to call for the sums."
  (let ((project (plist-get llm-switch-spend-screen-query :project)))
    (cons "compare.votes"
          (append (list :by llm-switch-votes--by) (when project (list :project project))))))

(defun llm-switch-votes-by ()
  "Sum up by the deployments that answered, or again by whom was asked."
  (interactive nil llm-switch-votes-mode)
  (setq llm-switch-votes--by (if (equal llm-switch-votes--by "asked") "deployment" "asked")
        llm-switch-spend-screen-value nil)
  (llm-switch-spend-screen-refresh))

(defun llm-switch-votes-project ()
  "Look only at the votes of the project this was called from, or again at all."
  (interactive nil llm-switch-votes-mode)
  (let ((folder (plist-get llm-switch-spend-screen-query :folder))
        (project (plist-get llm-switch-spend-screen-query :project)))
    (unless folder (user-error "This was called from no project"))
    (setq llm-switch-spend-screen-value nil)
    (llm-switch-spend-screen-change
     (list :folder folder :project (unless project folder)))))

;;; Screen

(defun llm-switch-votes--draw (rows)
  "Insert ROWS, the sums."
  (let ((project (plist-get llm-switch-spend-screen-query :project)))
    (insert (propertize "Votes" 'face 'llm-switch-spend-heading)
            (if (equal llm-switch-votes--by "asked") "  by whom was asked" "  by who answered")
            (if project (concat ", in " (abbreviate-file-name project)) "")
            "\n"))
  (if rows
      (pcase-dolist (`(,purpose . ,of-it) (seq-group-by (lambda (it) (plist-get it :purpose)) rows))
        (llm-switch-votes--insert purpose of-it))
    (insert "\n  nothing was voted; v in a comparison does: M-x llm-switch-compare\n")))

(defun llm-switch-votes--insert (purpose rows)
  "Insert ROWS, all for PURPOSE."
  (let ((columns (llm-switch-spend-table-fitted (llm-switch-votes--columns purpose)
                                                (llm-switch-spend-screen-width) rows)))
    (insert (propertize "\n" 'llm-switch-spend-section t))
    (llm-switch-spend-table-heading columns nil nil)
    (dolist (row rows)
      (llm-switch-spend-screen-row (list purpose (plist-get row :name)) nil
                                   (llm-switch-spend-table-row columns row)))))

(defun llm-switch-votes--columns (purpose)
  "Return the columns of the sums for PURPOSE: see llm-switch-spend-table.el."
  (let ((count (lambda (key)
                 (lambda (row) (llm-switch-spend-count (plist-get row key))))))
    `((:title ,(concat "for " purpose) :left t :text ,(lambda (row) (plist-get row :name)))
      (:title "won" :width 5 :text ,(funcall count :won))
      (:title "compared" :width 8 :text ,(funcall count :compared))
      (:title "none" :width 5 :text ,(funcall count :undecided))
      (:title "share" :width 5
       :text ,(lambda (row)
                (llm-switch-spend-percent (plist-get row :won) (plist-get row :compared)))))))

(provide 'llm-switch-votes)
;;; llm-switch-votes.el ends here
