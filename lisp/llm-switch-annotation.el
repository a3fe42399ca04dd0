;;; llm-switch-annotation.el --- What is worth knowing when choosing  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What stands beside a mode, a route or a deployment in the list to choose
;; from.  It goes by what was last heard and asks nobody: the list must be there
;; at once, with a thousand deployments too.

;;; Code:

(require 'llm-switch-choices)
(require 'llm-switch-cost)
(require 'seq)

(defun llm-switch-annotation (row)
  "Return what is worth knowing of ROW when choosing."
  (pcase (plist-get row :kind)
    ('mode (llm-switch-annotation--of-mode row))
    ('route (llm-switch-annotation--of-route row))
    (_ (llm-switch-annotation--of-deployment row))))

(defun llm-switch-annotation--of-mode (row)
  "Return what may be used in the mode of ROW, and its route."
  (let ((places (mapcar (lambda (it)
                          (downcase (alist-get it llm-switch-choices-localities nil nil #'equal)))
                        (plist-get row :allow)))
        (payers (plist-get row :payers))
        (data (plist-get row :data)))
    (string-join
     (delq nil (list (if (= (length places) 4) "anywhere" (string-join places ", "))
                     (when (< (length payers) 3) (string-join payers " or "))
                     (unless (member data '(nil "any")) (string-replace "-" " " data))
                     (when (plist-get row :route) (concat "→ " (plist-get row :route)))))
     " · ")))

(defun llm-switch-annotation--of-route (row)
  "Return who serves the route of ROW, the price, and how one is chosen."
  (let* ((serving (plist-get row :use))
         (strategy (plist-get row :strategy))
         (model (lambda (it) (car (last (split-string (plist-get it :deployment) "/"))))))
    (string-trim-right
     (format "%-21s %-11s %s"
             (truncate-string-to-width (mapconcat model serving " → ") 21 nil nil "…")
             (llm-switch-annotation--prices serving)
             (if (equal strategy "ordered") "" strategy)))))

(defun llm-switch-annotation--prices (rows)
  "Return what those of ROWS charge: one price, or the least and the most.
Where there are several only what goes in is told."
  (let* ((rank (lambda (row) (string-to-number (or (plist-get row :input) "0"))))
         (ordered (seq-sort-by rank #'< rows))
         (prices (seq-uniq (mapcar #'llm-switch-annotation--price ordered)))
         (input (lambda (price) (car (split-string price "/")))))
    (cond ((null prices) "?")
          ((cdr prices) (concat (funcall input (car prices)) "…"
                                (funcall input (car (last prices)))))
          (t (car prices)))))

(defun llm-switch-annotation--price (row)
  "Return what ROW's deployment charges for a million tokens, in and out."
  (let ((input (plist-get row :input)))
    (cond ((member (plist-get row :payer) '("free" "plan")) (plist-get row :payer))
          (input (format "$%s/$%s" input (plist-get row :output)))
          (t "?"))))

(defconst llm-switch-annotation--tail-width 15
  "What is left of 80 columns for health or pace, and cost.")

(defun llm-switch-annotation--of-deployment (row)
  "Return what ROW's deployment is, can and charges, and how it does today."
  (string-trim-right
   (format "%4s %-15s %-11s %s"
           (llm-switch-annotation--context (plist-get row :context))
           (llm-switch-annotation--abilities (plist-get row :can))
           (llm-switch-annotation--price row)
           (llm-switch-annotation--tail row))))

(defun llm-switch-annotation--context (tokens)
  "Return a context window of TOKENS, or of unknown size, as text."
  (cond ((null tokens) "")
        ((>= tokens 1000000) (format "%gM" (/ (round tokens 100000) 10.0)))
        (t (format "%dk" (round tokens 1000)))))

(defun llm-switch-annotation--abilities (can)
  "Return what a model CAN do, as text."
  (string-join (delq nil (list (and (member "tools" can) "tools")
                               (and (member "vision" can) "img")
                               (and (member "reasoning" can) "think")))
               " "))

(defun llm-switch-annotation--tail (row)
  "Return how ROW's deployment does, or how fast it is, and what it cost today.
Where there is no room for all, the speed is left out."
  (let* ((health (llm-switch-annotation--health row))
         (pace (plist-get row :pace))
         (first (plist-get pace :first-token-ms))
         (speed (plist-get pace :tokens-per-second))
         (join (lambda (&rest texts) (string-join (delq nil texts) " ")))
         (spent (llm-switch-annotation--spent row))
         (begins (or health (when first (llm-switch-annotation--seconds first))))
         (all (funcall join begins (and speed (not health) (format "%d/s" speed)) spent)))
    (if (<= (string-width all) llm-switch-annotation--tail-width)
        all
      (funcall join begins spent))))

(defun llm-switch-annotation--seconds (milliseconds)
  "Return MILLISECONDS as a short text."
  (if (< milliseconds 100)
      (format "%dms" milliseconds)
    (format "%.1fs" (/ milliseconds 1000.0))))

(defvar llm-switch-annotation--indices nil
  "Tables over what was heard, an alist (KEY LIST . TABLE).")

(defun llm-switch-annotation--find (key name rows function)
  "Return the one of ROWS, of KEY, of which FUNCTION gives NAME.
The table that this needs is made once for the same ROWS."
  (let ((index (alist-get key llm-switch-annotation--indices)))
    (unless (and index (eq (car index) rows))
      (let ((table (make-hash-table :test #'equal)))
        ;; Of two rows of one name the first one counts.
        (dolist (row (reverse rows)) (puthash (funcall function row) row table))
        (setq index (cons rows table))
        (setf (alist-get key llm-switch-annotation--indices) index)))
    (gethash name (cdr index))))

(defun llm-switch-annotation--spent (row)
  "Return what ROW's deployment cost today, or nil if it cost nothing."
  (let* ((sums (llm-switch-annotation--find
                :spent (plist-get row :deployment)
                (plist-get (llm-switch-choices-known :spent) :rows)
                (lambda (it) (string-join (plist-get it :names) "/"))))
         (cost (plist-get sums :cost)))
    (when (and cost (> cost 0)) (llm-switch-cost-format-money cost))))

(defun llm-switch-annotation--health (row)
  "Return how ROW's deployment does, or nil if it does well or that is not known."
  (let ((health (llm-switch-annotation--find :health (plist-get row :deployment)
                                          (llm-switch-choices-known :health)
                                          (lambda (it) (plist-get it :deployment)))))
    (unless (plist-get health :up) (plist-get health :state))))

(provide 'llm-switch-annotation)
;;; llm-switch-annotation.el ends here
