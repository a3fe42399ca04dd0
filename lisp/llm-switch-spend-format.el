;;; llm-switch-spend-format.el --- Figures of the ledger, in words  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Sums come from the module as plists: counts and tokens as integers, money
;; as integers of pico-dollars, times as Unix milliseconds.  Here they become
;; text of a few columns, with the unit.

;;; Code:

(require 'llm-switch-cost)

(defcustom llm-switch-spend-time-zone nil
  "The time zone of reports, such as \"Europe/Berlin\"; nil is the system's.
Days, weeks and months of spending begin by its clocks."
  :group 'llm-switch
  :type '(choice (const :tag "The system's" nil) string))

;;; Numbers

(defun llm-switch-spend-count (number)
  "Return NUMBER, an integer, with its thousands apart: \"1,904\"."
  (let ((digits (number-to-string (abs number))))
    (while (string-match "\\`\\([0-9]+\\)\\([0-9]\\{3\\}\\)" digits)
      (setq digits (replace-match "\\1,\\2" t nil digits)))
    (concat (when (< number 0) "-") digits)))

(defun llm-switch-spend-tokens (number)
  "Return NUMBER of tokens in five columns at most: \"612\", \"4.1M\", \"310k\"."
  (pcase-let ((`(,unit . ,size) (cond ((>= number 999500000) '("G" . 1e9))
                                      ((>= number 999500) '("M" . 1e6))
                                      ((>= number 1000) '("k" . 1e3))
                                      (t '("" . 1)))))
    (let ((scaled (/ number (float size))))
      (cond ((string-empty-p unit) (number-to-string number))
            ((< scaled 9.95) (format "%.1f%s" scaled unit))
            (t (format "%.0f%s" scaled unit))))))

(defun llm-switch-spend-percent (part whole)
  "Return PART of WHOLE in percent, or a dash when WHOLE is nothing.
What is less than half a percent, and is not nothing, is \"<1%\"."
  (cond ((<= whole 0) "–")
        ((and (> part 0) (< (* 200 part) whole)) "<1%")
        (t (format "%.0f%%" (/ (* 100.0 part) whole)))))

(defun llm-switch-spend-seconds (ms)
  "Return MS milliseconds as text, or a dash when it is nil."
  (cond ((null ms) "–")
        ((< ms 9950) (format "%.1f s" (/ ms 1000.0)))
        ((< ms 600000) (format "%.0f s" (/ ms 1000.0)))
        (t (llm-switch-spend-lasting ms))))

(defun llm-switch-spend-lasting (ms)
  "Return MS milliseconds in the two largest units: \"6 h 12 m\", \"3 d 4 h\"."
  (let* ((minutes (max 0 (round ms 60000)))
         (hours (/ minutes 60)))
    (cond ((< minutes 60) (format "%d m" minutes))
          ((< hours 48) (format "%d h %d m" hours (% minutes 60)))
          (t (format "%d d %d h" (/ hours 24) (% hours 24))))))

(defun llm-switch-spend-time (format ms)
  "Return MS, Unix milliseconds, by FORMAT as of `format-time-string'."
  (format-time-string format (/ ms 1000) llm-switch-spend-time-zone))

;;; Sums

(defun llm-switch-spend-input (sums)
  "Return all tokens that went in according to SUMS or a usage."
  (+ (plist-get sums :input) (plist-get sums :cache-read)
     (plist-get sums :cache-write-5m) (plist-get sums :cache-write-1h)))

(defun llm-switch-spend-cached (sums)
  "Return the share of input that SUMS or a usage had from a cache."
  (let ((read (plist-get sums :cache-read)))
    (if (zerop read) "–" (llm-switch-spend-percent read (llm-switch-spend-input sums)))))

(defun llm-switch-spend-money (sums)
  "Return what SUMS cost.
\"?\" is an amount that is not known, \"+ ?\" one that comes on top, and \"~\"
means that all of it is an estimate.  Where nobody paid, say why."
  (let* ((cost (plist-get sums :cost))
         (unknown (> (plist-get sums :unknown) 0))
         (money (llm-switch-cost-format-money cost)))
    (cond ((and unknown (zerop cost)) "?")
          (unknown (concat money " + ?"))
          ((and (zerop cost) (> (plist-get sums :attempts) 0)
                (= (plist-get sums :attempts) (plist-get sums :free)))
           "free")
          ((and (zerop cost) (> (plist-get sums :plan) 0)) "plan")
          ((and (> cost 0) (= cost (plist-get sums :estimated))) (concat "~" money))
          (t money))))

(defun llm-switch-spend-request-money (cost)
  "Return COST of a request, a plist (:amount :basis :unknown)."
  (let ((amount (plist-get cost :amount)))
    (cond ((null (plist-get cost :basis)) "–")
          ((and (equal (plist-get cost :basis) "unknown") (> (or amount 0) 0))
           (concat (llm-switch-cost-format-money amount) " + ?"))
          ((equal (plist-get cost :basis) "unknown") "?")
          (t (llm-switch-cost-format cost)))))

(defun llm-switch-spend-rough (pico)
  "Return PICO pico-dollars without cents from ten dollars up."
  (if (>= pico (* 10 llm-switch-cost-dollar))
      (format "$%.0f" (/ pico (float llm-switch-cost-dollar)))
    (llm-switch-cost-format-money pico)))

(defun llm-switch-spend-name (name)
  "Return NAME of a row as text; nil is \"(none)\".
The folder of a project is abbreviated."
  (cond ((null name) "(none)")
        ((file-name-absolute-p name) (abbreviate-file-name name))
        (t name)))

;;; Columns of text

(defun llm-switch-spend-fit (text width &optional right)
  "Return TEXT in exactly WIDTH columns, at the RIGHT if that is non-nil.
What is too long loses its middle, and can be read as a tooltip."
  (let* ((missing (- width (string-width text)))
         (space (make-string (max 0 missing) ?\s)))
    (cond ((< missing 0) (propertize (llm-switch-spend--shorten text width) 'help-echo text))
          (right (concat space text))
          (t (concat text space)))))

(defun llm-switch-spend--shorten (text width)
  "Return TEXT in WIDTH columns, with an ellipsis for its middle.
The ends of names tell them apart: versions at one, vendors at the other."
  (let* ((tail (/ (1- width) 2))
         (head (truncate-string-to-width text (- width tail 1)))
         (length (length text))
         (from length))
    (while (and (> from 0) (<= (string-width (substring text (1- from))) tail))
      (setq from (1- from)))
    (let ((short (concat head "…" (substring text from))))
      (concat short (make-string (max 0 (- width (string-width short))) ?\s)))))

(provide 'llm-switch-spend-format)
;;; llm-switch-spend-format.el ends here
