;;; llm-switch-org-vote.el --- Say which answer of an org block is the best  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A vote is about requests in the ledger, and a notebook has no names of those:
;; so only what was compared in this Emacs can be voted for.

;;; Code:

(require 'llm-switch-comparison-vote)
(require 'llm-switch-org-compare)
(require 'ob-core)
(require 'org-table)

(defconst llm-switch-org-vote--none "none is better"
  "What is offered beside the names.")

;;;###autoload
(defun llm-switch-org-vote (name)
  "Say that NAME gave the best answer of the block at point, which has :compare.
Interactively that is the answer in which point is, or the row of the table
below; elsewhere, and with a prefix argument, it is read who was the best.
\\[llm-switch-votes] shows the sums."
  (interactive (list (llm-switch-org-vote--read current-prefix-arg)))
  (let ((comparison (cdr (llm-switch-org-vote--here))))
    (llm-switch-comparison-vote comparison (llm-switch-org-vote--candidate comparison name))
    (message "Voted: %s" name)))

(defun llm-switch-org-vote--candidate (comparison name)
  "Return who is called NAME in COMPARISON and has answered, or `none'."
  (if (equal name llm-switch-org-vote--none)
      'none
    (let ((candidate (seq-find (lambda (it) (equal (llm-switch-candidate-name it) name))
                               (llm-switch-comparison-candidates comparison))))
      (unless (and candidate (llm-switch-candidate-answered-p candidate))
        (user-error "%s has given no whole answer here" name))
      candidate)))

(defun llm-switch-org-vote--read (ask)
  "Return who gave the answer at point; with ASK non-nil read who was the best."
  (pcase-let* ((`(,block . ,comparison) (llm-switch-org-vote--here))
               (names (mapcar #'llm-switch-candidate-name
                              (llm-switch-comparison-candidates comparison))))
    (or (unless ask (llm-switch-org-vote--name names block))
        (completing-read "The best answer: " (append names (list llm-switch-org-vote--none))
                         nil t))))

(defun llm-switch-org-vote--here ()
  "Return the block at point and what it compared: (BLOCK . COMPARISON).
Point can be in the block or in its result."
  (or (seq-find (lambda (it) (llm-switch-org-vote--in-p (car it)))
                (llm-switch-org-compare-finished))
      (user-error "Nothing that was compared in this Emacs session stands here; \
C-c C-c in a block with :compare asks again")))

(defun llm-switch-org-vote--in-p (block)
  "Return non-nil if point is in BLOCK, a position, or in its result."
  (let ((result (save-excursion (goto-char block) (org-babel-where-is-src-block-result))))
    (and result
         (<= block (line-end-position))
         (< (line-beginning-position)
            (save-excursion (goto-char result)
                            (forward-line 1)
                            (org-babel-result-end))))))

(defun llm-switch-org-vote--name (names block)
  "Return in whose answer point is, of NAMES, behind BLOCK, a position; or nil.
In a table it is who has the row."
  (save-excursion
    (end-of-line)
    (when (if (org-at-table-p)
              (progn (beginning-of-line)
                     (looking-at (format "[ \t]*| %s +|" (regexp-opt names t))))
            (re-search-backward (format "^[ \t]*%s[ \t]*$"
                                        (regexp-opt (mapcar #'llm-switch-org-prompt-title names) t))
                                block t))
      (string-trim (match-string-no-properties 1) "\\*" "\\*"))))

(provide 'llm-switch-org-vote)
;;; llm-switch-org-vote.el ends here
