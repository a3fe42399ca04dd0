;;; llm-switch-mode-line.el --- Spending in the mode line  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; `llm-switch-mode-line-mode' shows in every mode line what was spent today and
;; how the budget stands that is nearest to its limit.

;;; Code:

(require 'llm-switch-segment)

(defcustom llm-switch-mode-line-segments '(llm-switch-segment-today llm-switch-segment-cap)
  "What the mode line shows: functions that return a text or nil."
  :group 'llm-switch
  :type 'hook
  :options '(llm-switch-segment-today llm-switch-segment-cap
             llm-switch-segment-chat llm-switch-segment-answer))

(defconst llm-switch-mode-line--construct '(:eval (llm-switch-mode-line))
  "What is put into `global-mode-string'.")

(defun llm-switch-mode-line ()
  "Return the text for the mode line."
  (let ((text (llm-switch-segment-join llm-switch-mode-line-segments)))
    (if (string-empty-p text) "" (concat " " text " "))))

;;;###autoload
(define-minor-mode llm-switch-mode-line-mode
  "Show in the mode line what was spent today, and the nearest cap."
  :global t
  :group 'llm-switch
  (setq global-mode-string (delete llm-switch-mode-line--construct
                                   (or global-mode-string '(""))))
  (when llm-switch-mode-line-mode
    (setq global-mode-string
          (append global-mode-string (list llm-switch-mode-line--construct)))
    (llm-switch-channel-start)
    (llm-switch-segment-refresh)))

(provide 'llm-switch-mode-line)
;;; llm-switch-mode-line.el ends here
