;;; llm-switch-comparison-vote.el --- What is kept of a vote  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A vote goes to the ledger with whom was asked, who answered and for what
;; purpose: no question and no answer.  The last vote about the same answers
;; counts.

;;; Code:

(require 'llm-switch-comparison)

(defun llm-switch-comparison-vote (comparison vote)
  "Have VOTE about COMPARISON written down: the best candidate, or `none'.
Signal an error if there was nothing to choose from."
  (llm-switch-call "compare.vote" (llm-switch-comparison-vote--params comparison vote)))

(defun llm-switch-comparison-vote--params (comparison vote)
  "Return what is written down of VOTE in COMPARISON, a plist.
Who gave no answer was not compared."
  (let ((project (llm-switch-comparison-project comparison))
        (answers (seq-filter #'llm-switch-candidate-answered-p
                             (llm-switch-comparison-candidates comparison))))
    (unless (cdr answers) (user-error "A vote needs two answers or more"))
    `(:purpose ,(llm-switch-comparison-purpose comparison)
      ,@(when project (list :project project))
      :answers ,(vconcat (mapcar #'llm-switch-comparison-vote--answer answers))
      ,@(unless (eq vote 'none) (list :won (llm-switch-candidate-request vote))))))

(defun llm-switch-comparison-vote--answer (candidate)
  "Return what is written down of CANDIDATE, a plist."
  (list :request (llm-switch-candidate-request candidate)
        :asked (llm-switch-candidate-name candidate)
        :deployment (llm-switch-candidate-served candidate)))

(provide 'llm-switch-comparison-vote)
;;; llm-switch-comparison-vote.el ends here
