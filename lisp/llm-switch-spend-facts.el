;;; llm-switch-spend-facts.el --- What of the spending is worth a look  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Short lines below the sums of the dashboard, each of which leads on: to the
;; requests it is about, or to sums that show it.

;;; Code:

(require 'llm-switch-spend-requests)

(declare-function llm-switch-dashboard-sum-by "llm-switch-dashboard" (by))

(defun llm-switch-spend-facts-insert (value)
  "Insert what of VALUE is worth a look."
  (llm-switch-spend-screen-heading "Look at")
  (let ((facts (llm-switch-spend-facts--all value)))
    (pcase-dolist (`(,id ,text ,open) facts)
      (llm-switch-spend-screen-row (list 'fact id) open "  "
                                   (truncate-string-to-width
                                    text (- (llm-switch-spend-screen-width) 3) nil nil "…")))
    (unless facts (insert "  nothing\n"))))

(defun llm-switch-spend-facts--all (value)
  "Return what of VALUE is worth a look: a list of (ID TEXT OPEN)."
  (let ((query llm-switch-spend-screen-query))
    (delq nil
          (list
           (llm-switch-spend-facts--caching (plist-get value :caching))
           (when-let* ((others (plist-get value :substituted)))
             (list 'substituted (llm-switch-spend-facts--substituted others)
                   (lambda ()
                     (llm-switch-spend-requests
                      (llm-switch-spend-with query :substituted t)))))
           (when-let* ((unpriced (plist-get value :unpriced)))
             (list 'unpriced (llm-switch-spend-facts--unpriced unpriced)
                   (lambda ()
                     (llm-switch-spend-requests
                      (llm-switch-spend-with-name query "basis" "unknown")))))
           (when-let* ((row (plist-get value :dearest)))
             (llm-switch-spend-facts--request 'dearest row "dearest request "
                                            (llm-switch-spend-request-money
                                             (plist-get row :cost))))
           (when-let* ((row (plist-get value :slowest))
                       (ms (plist-get row :total-ms)))
             (llm-switch-spend-facts--request 'slowest row "slowest request "
                                            (llm-switch-spend-seconds ms)))
           (when-let* ((bases (plist-get value :bases)))
             (list 'bases (llm-switch-spend-facts--bases bases)
                   (lambda () (llm-switch-dashboard-sum-by "basis"))))))))

(defun llm-switch-spend-facts--caching (caching)
  "Return the fact about CACHING, a plist, or nil if there was none."
  (let ((saved (plist-get caching :saved)))
    (when (> (plist-get caching :read) 0)
      (list 'caching
            (concat (cond ((null saved) "caching: ")
                          ((>= saved 0)
                           (format "caching saved ~%s: " (llm-switch-cost-format-money saved)))
                          (t (format "caching cost ~%s more than it saved: "
                                     (llm-switch-cost-format-money (- saved)))))
                    (llm-switch-spend-percent (plist-get caching :read)
                                              (plist-get caching :input))
                    " of the input came from a cache")
            (lambda () (llm-switch-dashboard-sum-by "model"))))))

(defun llm-switch-spend-facts--substituted (others)
  "Return in words that OTHERS, a list of plists, were served."
  (let ((count (apply #'+ (mapcar (lambda (it) (plist-get it :attempts)) others)))
        (first (car others)))
    (format "! another model served %s: %s → %s%s"
            (llm-switch-spend-facts--several count "request" "requests")
            (plist-get first :sent) (plist-get first :served)
            (if (cdr others) (format " and %d more" (length (cdr others))) ""))))

(defun llm-switch-spend-facts--unpriced (unpriced)
  "Return in words that the models UNPRICED, a list of plists, have no price."
  (format "? %s without a price: %s"
          (llm-switch-spend-facts--several (length unpriced) "model" "models")
          (mapconcat (lambda (it)
                       (format "%s/%s (%s)" (plist-get it :provider) (plist-get it :model)
                               (llm-switch-spend-count (plist-get it :attempts))))
                     unpriced ", ")))

(defun llm-switch-spend-facts--bases (bases)
  "Return in words how costs are known according to BASES, a list of plists."
  (let ((all (apply #'+ (mapcar (lambda (it) (plist-get it :attempts)) bases))))
    (concat "by basis: "
            (mapconcat (lambda (it)
                         (format "%s %s" (llm-switch-spend-percent (plist-get it :attempts) all)
                                 (plist-get it :basis)))
                       bases " "))))

(defun llm-switch-spend-facts--request (id row words figure)
  "Return the fact ID about the request ROW: WORDS and FIGURE."
  (let ((key (plist-get row :request)))
    (list id
          (concat words figure ": " (llm-switch-spend-requests--model row) ", "
                  (llm-switch-spend-time "%a %-d %b %H:%M" (plist-get row :started)))
          (lambda () (llm-switch-spend-request key)))))

(defun llm-switch-spend-facts--several (count one many)
  "Return COUNT with ONE or MANY, its noun."
  (format "%s %s" (llm-switch-spend-count count) (if (= count 1) one many)))

(provide 'llm-switch-spend-facts)
;;; llm-switch-spend-facts.el ends here
