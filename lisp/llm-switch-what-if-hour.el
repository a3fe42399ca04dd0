;;; llm-switch-what-if-hour.el --- What an hour of work would cost  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A calculator for those who have no history: some hours a month of work that
;; is made up, ranked as `llm-switch-what-if' ranks what was really asked.

;;; Code:

(require 'llm-switch-what-if)

(defvar-local llm-switch-what-if--level "typical"
  "How hard the hour is: \"typical\", \"heavy\" or \"very-heavy\".")

(defvar-local llm-switch-what-if--hours 40
  "How many hours a month.")

(defvar llm-switch-what-if-hour-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "c") #'llm-switch-what-if-add)
    (define-key map (kbd "k") #'llm-switch-what-if-remove)
    (define-key map (kbd "+") #'llm-switch-what-if-unfold)
    (define-key map (kbd "l") #'llm-switch-what-if-level)
    (define-key map (kbd "h") #'llm-switch-what-if-hours)
    map)
  "Keys in the calculator.")

(define-derived-mode llm-switch-what-if-hour-mode llm-switch-spend-screen-mode "Hour"
  "Ranks what some hours of work a month would cost.

\\{llm-switch-what-if-hour-mode-map}"
  (setq-local llm-switch-spend-interval 600)
  (setq header-line-format " l level  h hours a month  c add  k remove  + all  ? keys"))

;;;###autoload
(defun llm-switch-what-if-hour (level hours)
  "Show what HOURS a month of work at LEVEL would cost, without any history.
LEVEL is \"typical\", \"heavy\" or \"very-heavy\".  These are assumptions, not
measurements:

  typical     20 requests an hour of  8,000 tokens in, 60% cached, 600 out
  heavy       90 requests an hour of 30,000 tokens in, 80% cached, 700 out
  very-heavy 300 requests an hour of 60,000 tokens in, 90% cached, 800 out

They were held against what Anthropic tells of Claude Code, $13 for a
developer's active day on average (https://code.claude.com/docs/en/costs):
that is four heavy hours at $3 in, $0.30 cached and $15 out per million."
  (interactive (list (llm-switch-what-if--read-level)
                     (read-number "Hours a month: " 40)))
  (let ((buffer (get-buffer-create "*llm-switch hour*")))
    (with-current-buffer buffer
      (unless (derived-mode-p 'llm-switch-what-if-hour-mode) (llm-switch-what-if-hour-mode))
      (setq llm-switch-what-if--level level
            llm-switch-what-if--hours hours))
    (llm-switch-spend-screen-show (buffer-name buffer) #'llm-switch-what-if-hour-mode
                                  (list :level level :hours hours)
                                  #'llm-switch-what-if--ask-hour
                                  #'llm-switch-what-if--draw-hour)))

(defun llm-switch-what-if--read-level ()
  "Read how hard the hour is."
  (completing-read "How hard an hour (typical): " '("typical" "heavy" "very-heavy")
                   nil t nil nil "typical"))

(defun llm-switch-what-if--ask-hour ()
  "Return what to call for the calculator."
  (cons "what_if.hour"
        (append (list :level llm-switch-what-if--level :hours llm-switch-what-if--hours)
                (llm-switch-what-if--also-param)
                (when llm-switch-spend-now (list :now llm-switch-spend-now)))))

;;; Commands

(defun llm-switch-what-if-level (level)
  "Suppose that the hour is LEVEL."
  (interactive (list (llm-switch-what-if--read-level)) llm-switch-what-if-hour-mode)
  (setq llm-switch-what-if--level level)
  (llm-switch-spend-screen-refresh))

(defun llm-switch-what-if-hours (hours)
  "Suppose that it is HOURS a month."
  (interactive (list (read-number "Hours a month: " llm-switch-what-if--hours))
               llm-switch-what-if-hour-mode)
  (setq llm-switch-what-if--hours hours)
  (llm-switch-spend-screen-refresh))

;;; Drawing

(defun llm-switch-what-if--draw-hour (value)
  "Insert the costs of some hours a month, VALUE."
  (let* ((usage (plist-get value :usage)) (best (car (plist-get value :rows)))
         (input (+ (plist-get usage :input) (plist-get usage :cache-read))))
    (llm-switch-what-if--line
     (propertize "What if" 'face 'llm-switch-spend-heading)
     (format "  %d %s hours a month" (plist-get value :hours)
             (string-replace "-" " " (plist-get value :level))))
    (llm-switch-what-if--line
     (format "an hour: %s requests of %s tokens in, %s cached, and %s out"
             (llm-switch-spend-count (plist-get value :requests)) (llm-switch-spend-count input)
             (llm-switch-spend-percent (plist-get usage :cache-read) input)
             (llm-switch-spend-count (plist-get usage :output))))
    (llm-switch-what-if--line
     "the cheapest: "
     (if (plist-get best :total)
         (format "%s, %s a month" (plist-get best :title)
                 (llm-switch-cost-format-money (plist-get best :total)))
       "none"))
    (llm-switch-what-if--insert-table (plist-get value :rows)
                                      (llm-switch-what-if--hour-columns value))
    (llm-switch-what-if--insert-assumptions (plist-get value :assumptions))))

(defun llm-switch-what-if--hour-columns (value)
  "Return the columns of the calculator for VALUE."
  (let ((hours (plist-get value :hours)))
    `((:title "candidate" :left t :text ,(lambda (it) (plist-get it :title)))
      (:title "a month" :width 9
       :text ,(lambda (it) (if-let* ((total (plist-get it :total)))
                               (llm-switch-cost-format-money total)
                             "too small")))
      (:title "an hour" :width 9
       :text ,(lambda (it) (if-let* ((total (plist-get it :total)))
                               (llm-switch-cost-format-money (/ total hours))
                             "–")))
      (:title "" :width 14 :left t :text llm-switch-what-if--kind))))

(provide 'llm-switch-what-if-hour)
;;; llm-switch-what-if-hour.el ends here
