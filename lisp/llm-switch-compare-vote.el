;;; llm-switch-compare-vote.el --- Say which answer is the best  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A vote goes to the ledger with whom was asked, who answered and for what
;; purpose: no question and no answer.  The last vote about the same answers
;; counts.

;;; Code:

(require 'llm-switch-compare-screen)

(defun llm-switch-compare-vote ()
  "Say that the answer here is the best one."
  (interactive nil llm-switch-compare-mode)
  (let ((candidate (llm-switch-compare-screen-here)))
    (unless (llm-switch-candidate-answered-p candidate)
      (user-error "There is no whole answer here"))
    (llm-switch-compare-vote--send candidate)
    (message "Voted for %s" (llm-switch-candidate-name candidate))))

(defun llm-switch-compare-vote-none ()
  "Say that no answer is better than the others."
  (interactive nil llm-switch-compare-mode)
  (llm-switch-compare-vote--send 'none)
  (message "Voted: none is better"))

(defun llm-switch-compare-vote--send (vote)
  "Have VOTE, a candidate or `none', written down, and say who answered."
  (llm-switch-call "compare.vote"
                   (llm-switch-compare-vote--params (llm-switch-compare-screen-comparison) vote))
  (llm-switch-compare-screen-reveal vote))

(defun llm-switch-compare-vote--params (comparison vote)
  "Return what is written down of VOTE in COMPARISON, a plist.
Who gave no answer was not compared."
  (let ((project (llm-switch-comparison-project comparison))
        (answers (seq-filter #'llm-switch-candidate-answered-p
                             (llm-switch-comparison-candidates comparison))))
    (unless (cdr answers) (user-error "A vote needs two answers or more"))
    `(:purpose ,(llm-switch-comparison-purpose comparison)
      ,@(when project (list :project project))
      :answers ,(vconcat (mapcar #'llm-switch-compare-vote--answer answers))
      ,@(unless (eq vote 'none) (list :won (llm-switch-candidate-request vote))))))

(defun llm-switch-compare-vote--answer (candidate)
  "Return what is written down of CANDIDATE, a plist."
  (list :request (llm-switch-candidate-request candidate)
        :asked (llm-switch-candidate-name candidate)
        :deployment (llm-switch-candidate-served candidate)))

(provide 'llm-switch-compare-vote)
;;; llm-switch-compare-vote.el ends here
