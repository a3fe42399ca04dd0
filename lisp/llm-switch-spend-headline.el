;;; llm-switch-spend-headline.el --- What was spent, in the first lines  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The first question is answered in the first lines: what today, this week and
;; this month cost, and what the month will come to.

;;; Code:

(require 'llm-switch-spend-screen)

(defun llm-switch-spend-headline-insert (value)
  "Insert the lines of VALUE that answer the first question."
  (insert (propertize "Spend" 'face 'llm-switch-spend-heading) "  "
          (llm-switch-spend-time "%A %-d %B" (plist-get value :now))
          (propertize (concat "   showing " (llm-switch-spend-title llm-switch-spend-screen-query))
                      'face 'llm-switch-spend-dim)
          "\n")
  (llm-switch-spend-headline--segments
   (append (mapcar (lambda (word)
                     (concat (propertize (concat (substring (symbol-name word) 1) " ")
                                         'face 'llm-switch-spend-dim)
                             (propertize (llm-switch-spend-money (plist-get value word))
                                         'face 'llm-switch-spend-figure)))
                   '(:today :week :month))
           (list (llm-switch-spend-headline--forecast (plist-get value :forecast)))))
  (dolist (trouble (plist-get value :trouble))
    (insert (propertize (string-fill (concat "! " trouble) (llm-switch-spend-screen-width))
                        'face 'error)
            "\n")))

(defun llm-switch-spend-headline--segments (segments)
  "Insert SEGMENTS, texts, with three spaces between them or a new line."
  (let ((width (llm-switch-spend-screen-width)))
    (dolist (segment segments)
      (cond ((bolp))
            ((> (+ (current-column) 3 (string-width segment)) width) (insert "\n"))
            (t (insert "   ")))
      (insert segment))
    (insert "\n")))

(defun llm-switch-spend-headline--forecast (forecast)
  "Return FORECAST in words; nil is one that cannot be made yet."
  (if (null forecast)
      (propertize "forecast after three days" 'face 'llm-switch-spend-dim)
    (pcase-let ((`(,expected ,low ,high)
                 (mapcar (lambda (key) (llm-switch-spend-rough (plist-get forecast key)))
                         '(:expected :low :high))))
      (concat (propertize "forecast " 'face 'llm-switch-spend-dim)
              (propertize expected 'face 'llm-switch-spend-figure)
              (unless (equal low high) (format " (%s–%s)" low (string-remove-prefix "$" high)))))))

(provide 'llm-switch-spend-headline)
;;; llm-switch-spend-headline.el ends here
