;;; llm-switch-compare-vote.el --- Say which answer is the best  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; From a vote on it is shown who answered, even if that was hidden.  What is kept
;; of it: see llm-switch-comparison-vote.el.

;;; Code:

(require 'llm-switch-compare-screen)
(require 'llm-switch-comparison-vote)

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
  (llm-switch-comparison-vote (llm-switch-compare-screen-comparison) vote)
  (llm-switch-compare-screen-reveal vote))

(provide 'llm-switch-compare-vote)
;;; llm-switch-compare-vote.el ends here
