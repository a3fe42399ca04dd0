;;; llm-switch-mcp-log.el --- What an MCP server says, and what is said to it  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Two logs of a server: what it writes to its standard error, and the messages
;; that pass.  While one is seen it asks for what is new, without waiting.

;;; Code:

(require 'json)
(require 'llm-switch-log)
(require 'llm-switch-mcp-ask)
(require 'llm-switch-mcp-screen)
(require 'llm-switch-spend-format)

(defconst llm-switch-mcp-log--interval 0.5
  "Seconds after which a log that is seen asks for what is new.")

(defvar-local llm-switch-mcp-log--server nil
  "The name of the server whose log this is.")

(defvar-local llm-switch-mcp-log--kind nil
  "What is shown: \"stderr\" or \"protocol\".")

(defvar-local llm-switch-mcp-log--run nil
  "Which start of the server what is shown is of, a number, or nil.")

(defvar-local llm-switch-mcp-log--next 0
  "The number of the first line that is not shown yet.")

(defvar-local llm-switch-mcp-log--asking nil
  "Non-nil while what is new is asked for.")

(defvar llm-switch-mcp-log--timer nil
  "The timer that lets logs ask while there is one.")

(defvar llm-switch-mcp-log-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'llm-switch-mcp-log-message)
    map)
  "Keys in the log of an MCP server.")

(define-derived-mode llm-switch-mcp-log-mode llm-switch-log-mode "MCP log"
  "Follows what an MCP server says.
\\<llm-switch-mcp-log-mode-map>On a message \\[llm-switch-mcp-log-message] shows it whole; \
\\[revert-buffer] reads the log anew.
Values of the server's environment and headers do not stand in it.

\\{llm-switch-mcp-log-mode-map}"
  (setq-local revert-buffer-function (lambda (&rest _) (llm-switch-mcp-log--anew))))

(defun llm-switch-mcp-log (server kind)
  "Show the log of KIND, \"stderr\" or \"protocol\", of SERVER and follow it."
  (llm-switch-mcp-screen-open (format "*llm-switch %s: %s*"
                                      (if (equal kind "stderr") "log" kind) server)
                              'llm-switch-mcp-log-mode)
  (setq llm-switch-mcp-log--server server
        llm-switch-mcp-log--kind kind)
  (unless (timerp llm-switch-mcp-log--timer)
    (setq llm-switch-mcp-log--timer
          (run-with-timer llm-switch-mcp-log--interval llm-switch-mcp-log--interval
                          #'llm-switch-mcp-log--tick)))
  (llm-switch-mcp-log--ask))

(defun llm-switch-mcp-log--anew ()
  "Read the log of this buffer from its beginning."
  (let ((inhibit-read-only t)) (erase-buffer))
  (setq llm-switch-mcp-log--run nil
        llm-switch-mcp-log--next 0
        llm-switch-mcp-log--asking nil)
  (llm-switch-mcp-log--ask))

(defun llm-switch-mcp-log--tick ()
  "Let each log that is seen ask for what is new."
  (let ((logs (seq-filter (lambda (it)
                            (eq (buffer-local-value 'major-mode it) 'llm-switch-mcp-log-mode))
                          (buffer-list))))
    (if logs
        (dolist (log logs)
          (when (and (get-buffer-window log 'visible) (llm-switch-channel-live-p))
            (with-current-buffer log (llm-switch-mcp-log--ask))))
      (cancel-timer llm-switch-mcp-log--timer)
      (setq llm-switch-mcp-log--timer nil))))

(defun llm-switch-mcp-log--ask ()
  "Ask in the background for what is new, unless that is under way."
  (unless llm-switch-mcp-log--asking
    (setq llm-switch-mcp-log--asking t)
    (let ((screen (current-buffer))
          (llm-switch-project-quiet t))
      (with-current-buffer (llm-switch-mcp-screen-origin)
        (llm-switch-mcp-place-call
         "mcp.log" (with-current-buffer screen
                     (list :server llm-switch-mcp-log--server :kind llm-switch-mcp-log--kind
                           :after llm-switch-mcp-log--next))
         (lambda (kind rest)
           (with-current-buffer screen (llm-switch-mcp-log--hear kind rest)))
         screen)))))

(defun llm-switch-mcp-log--hear (kind rest)
  "Show the event of KIND with REST, the answer to `llm-switch-mcp-log--ask'."
  (setq llm-switch-mcp-log--asking nil)
  (pcase kind
    ('value
     (if (member llm-switch-mcp-log--run (list nil 0 (plist-get rest :run)))
         (progn
           (setq llm-switch-mcp-log--next (plist-get rest :next)
                 llm-switch-mcp-log--run (plist-get rest :run))
           (seq-do (lambda (line) (llm-switch-log-add (llm-switch-mcp-log--line line)))
                   (plist-get rest :lines)))
       ;; It was asked for what came after lines of another process.
       (llm-switch-log-add "-- the server was started anew\n")
       (setq llm-switch-mcp-log--run nil
             llm-switch-mcp-log--next 0)
       (llm-switch-mcp-log--ask)))
    ;; Once: the next time it would be the same.
    ('error (unless (equal (plist-get rest :kind) "cancelled")
              (setq llm-switch-mcp-log--asking t)
              (llm-switch-log-add (format "-- %s\n" (llm-switch-mcp-ask-visible
                                                      (plist-get rest :message))))))))

(defun llm-switch-mcp-log--line (line)
  "Return LINE, a text or a message of the protocol, as text."
  (if (stringp line) (concat (llm-switch-mcp-ask-visible line) "\n")
    (propertize (format "%s %s %s%s\n"
                        (llm-switch-spend-time "%H:%M:%S" (plist-get line :at))
                        (if (equal (plist-get line :direction) "sent") "→" "←")
                        (llm-switch-mcp-ask-visible (plist-get line :text))
                        (if (plist-get line :cut) " …" ""))
                'llm-switch-mcp-message line)))

(defun llm-switch-mcp-log-message ()
  "Show the message on this line whole, over several lines."
  (interactive nil llm-switch-mcp-log-mode)
  (let ((line (or (get-text-property (line-beginning-position) 'llm-switch-mcp-message)
                  (user-error "There is no message on this line"))))
    (with-help-window "*llm-switch message*"
      (princ (format "%s at %s%s\n\n" (plist-get line :direction)
                     (llm-switch-spend-time "%H:%M:%S.%3N" (plist-get line :at))
                     (if (plist-get line :cut) ", cut" "")))
      (princ (llm-switch-mcp-ask-visible (llm-switch-mcp-log-pretty (plist-get line :text)))))))

(defun llm-switch-mcp-log-pretty (json)
  "Return the text JSON over several lines, or as it is if it is cut."
  (with-temp-buffer
    (insert json)
    (let ((json-encoding-object-sort-predicate nil))
      (ignore-errors (json-pretty-print-buffer)))
    (buffer-string)))

(provide 'llm-switch-mcp-log)
;;; llm-switch-mcp-log.el ends here
