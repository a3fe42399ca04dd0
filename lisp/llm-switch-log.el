;;; llm-switch-log.el --- A buffer that follows what a server says  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What all logs of servers have in common: they keep the last lines, and a
;; window whose point is at the end stays at the end.

;;; Code:

(require 'seq)

(defconst llm-switch-log-most 500
  "Lines that a log keeps; the oldest go first.")

(define-derived-mode llm-switch-log-mode special-mode "Log"
  "Follows what a server says.
\\<llm-switch-log-mode-map>\\[revert-buffer] reads it anew, \\[quit-window] buries it; \
killing this buffer
leaves the server alone.

\\{llm-switch-log-mode-map}"
  (setq-local truncate-lines t
              buffer-undo-list t))

(define-key llm-switch-log-mode-map "?" #'describe-mode)

(defun llm-switch-log-add (text)
  "Add TEXT; a window whose point is at the end stays there."
  (let* ((inhibit-read-only t)
         (end (point-max))
         (at-end (= (point) end))
         (windows (seq-filter (lambda (window) (= (window-point window) end))
                              (get-buffer-window-list nil nil t))))
    (save-excursion
      (goto-char end)
      (insert text)
      (forward-line (- llm-switch-log-most))
      (delete-region (point-min) (point)))
    (when at-end (goto-char (point-max)))
    (dolist (window windows) (set-window-point window (point-max)))))

(provide 'llm-switch-log)
;;; llm-switch-log.el ends here
