;;; llm-switch-comparison-shares.el --- What each may cost of a total  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Where a total is scarce, a share is no larger than what an answer can cost at
;; most, so that the cheap ones leave more to the dear.  Where it is not, all of
;; it is given out: an attempt that fails may be paid for too, and who is asked
;; next wants as much again.

;;; Code:

(require 'cl-lib)
(require 'seq)

(defun llm-switch-comparison-shares (needs total)
  "Return what each gets of TOTAL, where NEEDS is what one answer can cost at most.
All are pico-dollars; a need of nil has no bound.  Who needs less than an equal
share leaves the rest to the others.  What is left when all have what they need
is shared too, by those who need anything.  The sum is never more than TOTAL."
  (let* ((shares (make-vector (length needs) 0))
         (by-need (seq-sort-by #'car #'< (seq-map-indexed
                                          (lambda (need at) (cons (or need total) at)) needs)))
         (count (length needs)))
    (pcase-dolist (`(,need . ,at) by-need)
      (let ((share (min need (/ total count))))
        (aset shares at share)
        (setq total (- total share)
              count (1- count))))
    (llm-switch-comparison-shares--spread (append shares nil) total)))

(defun llm-switch-comparison-shares--spread (shares left)
  "Return SHARES with LEFT added in equal parts to those that are not 0."
  (let ((count (seq-count #'cl-plusp shares)))
    (mapcar (lambda (share) (if (> share 0) (+ share (/ left count)) share)) shares)))

(provide 'llm-switch-comparison-shares)
;;; llm-switch-comparison-shares.el ends here
