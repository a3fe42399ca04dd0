;;; llm-switch-local-log.el --- What a local server says  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A buffer with the last lines that a server said, and new ones as it says
;; them.

;;; Code:

(require 'ansi-color)
(require 'llm-switch-channel)
(require 'llm-switch-log)

(defvar-local llm-switch-local-log--server nil
  "The number of the server whose log this is.")

(defvar-local llm-switch-local-log--id nil
  "The id of the call that follows, or nil when nothing more comes.")

(define-derived-mode llm-switch-local-log-mode llm-switch-log-mode "Log"
  "Follows what a local server says.
\\<llm-switch-local-log-mode-map>\\[revert-buffer] reads it anew, \\[quit-window] buries it; \
killing this buffer
leaves the server alone.

\\{llm-switch-local-log-mode-map}"
  (setq-local mode-line-process '(:eval (if llm-switch-local-log--id ":following" ":ended"))
              revert-buffer-function (lambda (&rest _) (llm-switch-local-log--follow)))
  (add-hook 'kill-buffer-hook #'llm-switch-local-log--leave nil t))

(defun llm-switch-local-log (server name)
  "Show the log of SERVER, a number of local.list, which is called NAME."
  (pop-to-buffer (format "*llm-switch log: %s*" name))
  (unless (derived-mode-p 'llm-switch-local-log-mode) (llm-switch-local-log-mode))
  (unless (and llm-switch-local-log--id (eql server llm-switch-local-log--server))
    (setq llm-switch-local-log--server server)
    (llm-switch-local-log--follow)))

(defun llm-switch-local-log--follow ()
  "Read the log of this buffer's server from its beginning, and follow it."
  (llm-switch-local-log--leave)
  (let ((inhibit-read-only t)
        (buffer (current-buffer)))
    (erase-buffer)
    (setq llm-switch-local-log--id
          (llm-switch-channel-call
           "local.tail" (list :server llm-switch-local-log--server :follow t
                              :lines llm-switch-log-most)
           (lambda (kind rest)
             (with-current-buffer buffer (llm-switch-local-log--hear kind rest)))
           buffer))))

(defun llm-switch-local-log--hear (kind rest)
  "Show an event of KIND with REST."
  (pcase kind
    ('text (llm-switch-log-add (ansi-color-filter-apply rest)))
    ('value (setq llm-switch-local-log--id nil)
            (llm-switch-log-add (format "-- the server is %s\n" (plist-get rest :state))))
    ('error (setq llm-switch-local-log--id nil)
            (llm-switch-log-add (format "-- %s\n" (plist-get rest :message)))))
  (force-mode-line-update))

(defun llm-switch-local-log--leave ()
  "Follow no more."
  (when llm-switch-local-log--id
    (llm-switch-channel-forget llm-switch-local-log--id)
    (setq llm-switch-local-log--id nil)))

(provide 'llm-switch-local-log)
;;; llm-switch-local-log.el ends here
