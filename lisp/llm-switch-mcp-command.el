;;; llm-switch-mcp-command.el --- What can be done with an MCP server  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Commands of the table of servers and of a server's page.  Each is about the
;; server at point, returns at once, and says later what came of it.

;;; Code:

(require 'llm-switch-mcp-cost)
(require 'llm-switch-mcp-log)
(require 'llm-switch-mcp-screen)
(require 'llm-switch-mcp-tools)
(require 'llm-switch-mcp-trust)

(defvar llm-switch-mcp-command-map
  (let ((map (make-sparse-keymap)))
    (define-key map "s" #'llm-switch-mcp-start)
    (define-key map "k" #'llm-switch-mcp-stop)
    (define-key map "r" #'llm-switch-mcp-restart)
    (define-key map "e" #'llm-switch-mcp-enable)
    (define-key map "u" #'llm-switch-mcp-use)
    (define-key map "t" #'llm-switch-mcp-trust)
    (define-key map "l" #'llm-switch-mcp-show-log)
    (define-key map "P" #'llm-switch-mcp-show-protocol)
    (define-key map "w" #'llm-switch-mcp-visit)
    (define-key map "L" #'llm-switch-mcp-login)
    (define-key map "?" #'describe-mode)
    map)
  "Keys that are about the server at point.")

(defun llm-switch-mcp-command--name ()
  "Return the name of the server at point."
  (plist-get (llm-switch-mcp-screen-here) :server))

(defun llm-switch-mcp-command--run (method name said then)
  "Run METHOD for the server NAME, say SAID, and call THEN with the value."
  (message "llm-switch: %s %s…" said name)
  (llm-switch-mcp-screen-call method (list :server name)
                              (lambda (value)
                                (funcall then value)
                                (funcall llm-switch-mcp-screen-refresh))))

;;; Run

(defun llm-switch-mcp-start ()
  "Start the server at point."
  (interactive)
  (llm-switch-mcp-command--start "mcp.start" "starting"))

(defun llm-switch-mcp-restart ()
  "Start the server at point anew, as it is written now."
  (interactive)
  (llm-switch-mcp-command--start "mcp.restart" "restarting"))

(defun llm-switch-mcp-command--start (method said)
  "Start the server at point by METHOD, and say SAID and what came of it."
  (let ((name (llm-switch-mcp-command--name)))
    (llm-switch-mcp-command--run
     method name said
     (lambda (row)
       (message "llm-switch: %s is ready, %d of %d tools are on" name
                (plist-get row :tools-on) (plist-get row :tools))))))

(defun llm-switch-mcp-stop ()
  "Stop the server at point."
  (interactive)
  (let* ((row (llm-switch-mcp-screen-here))
         (name (plist-get row :server)))
    (unless (member (plist-get row :state) '("starting" "ready" "needs-login"))
      (user-error "%s does not run" name))
    (llm-switch-mcp-command--run "mcp.stop" name "stopping"
                                 (lambda (_) (message "llm-switch: %s is stopped" name)))))

;;; Tools

(defun llm-switch-mcp-enable ()
  "Switch all tools of the server at point off in this project, or on again.
What was decided about one tool alone is left as it is."
  (interactive)
  (let* ((name (llm-switch-mcp-command--name))
         (rule (llm-switch-mcp-tools-rule name)))
    (llm-switch-mcp-screen-call
     "mcp.rules" nil
     (lambda (told)
       (let ((on (llm-switch-mcp-command--off-p rule (plist-get told :rules))))
         (llm-switch-mcp-screen-call
          "mcp.set" `(:rule ,rule :on ,(if on t :json-false) :scope "project")
          (lambda (_)
            (message "llm-switch: the tools of %s are %s in this project" name
                     (if on "on" "off"))
            (funcall llm-switch-mcp-screen-refresh))))))))

(defun llm-switch-mcp-command--off-p (rule rules)
  "Return non-nil if what RULE names is off by RULES, those of `mcp.rules'."
  (let ((nearest (seq-find (lambda (it)
                             (and (equal (plist-get it :rule) rule)
                                  (member (plist-get it :decision) '("on" "off"))))
                           rules)))
    (equal (plist-get nearest :decision) "off")))

(defun llm-switch-mcp-use ()
  "Let the chat have the tools of the server at point, or have them no more.
The chat is the buffer that this screen was opened from.  The server is started,
if need be, and before all it is said what its tools add to each request."
  (interactive)
  (let* ((name (llm-switch-mcp-command--name))
         (chat (llm-switch-mcp-screen-origin)))
    (when (eq chat (current-buffer)) (user-error "Its chat is gone; open it from another"))
    (if (member name (buffer-local-value 'llm-switch-mcp-tools-servers chat))
        (llm-switch-mcp-command--take chat name)
      (llm-switch-mcp-command--run "mcp.start" name "starting"
                                   (lambda (_) (llm-switch-mcp-command--offer chat name))))))

(defun llm-switch-mcp-command--take (chat name)
  "Let CHAT not have the tools of the server NAME any more."
  (with-current-buffer chat
    (llm-switch-mcp-tools-use (remove name llm-switch-mcp-tools-servers)))
  (message "llm-switch: %s has the tools of %s no more" (buffer-name chat) name)
  (funcall llm-switch-mcp-screen-refresh))

(defun llm-switch-mcp-command--offer (chat name)
  "Say what the tools of the server NAME add in CHAT, and let it have them."
  (llm-switch-mcp-screen-call
   "mcp.cost" (llm-switch-mcp-cost-params
               (with-current-buffer chat (llm-switch-mcp-cost-deployment)) name)
   (lambda (told)
     ;; A question must not stand in the filter that brings all other answers.
     (run-at-time 0 nil #'llm-switch-mcp-command--give (current-buffer) chat name told))))

(defun llm-switch-mcp-command--give (screen chat name told)
  "Let CHAT have the tools of the server NAME, which cost what is TOLD.
Ask before.  SCREEN shows it."
  (when (and (buffer-live-p chat)
             (y-or-n-p (format "The tools of %s add %s to each request of %s.  Use them? "
                               name (llm-switch-mcp-cost-words told) (buffer-name chat))))
    (with-current-buffer chat
      (llm-switch-mcp-tools-refresh
       (lambda ()
         (llm-switch-mcp-tools-use (append llm-switch-mcp-tools-servers (list name)))
         (message "llm-switch: %s has the tools of %s" (buffer-name chat) name)
         (when (buffer-live-p screen)
           (with-current-buffer screen (funcall llm-switch-mcp-screen-refresh))))))))

;;; Trust

(defun llm-switch-mcp-trust ()
  "Trust the server at point, which a repository brought, or do so no more.
What it would run is shown before."
  (interactive)
  (let* ((row (llm-switch-mcp-screen-here))
         (name (plist-get row :server))
         (trusted (plist-get row :trusted)))
    (unless (member (plist-get row :kind) '("project" "vs-code"))
      (user-error "%s is your own, and needs no trust" name))
    (when (if trusted
              (y-or-n-p (format "Trust %s no more, and be asked before it starts again? " name))
            (llm-switch-mcp-trust-ask row))
      (llm-switch-mcp-screen-call
       "mcp.trust" `(:server ,name :trust ,(if trusted :json-false t) :hash ,(plist-get row :hash))
       (lambda (_)
         (message "llm-switch: %s is %s" name (if trusted "trusted no more" "trusted"))
         (funcall llm-switch-mcp-screen-refresh))))))

;;; Look

(defun llm-switch-mcp-show-log ()
  "Follow what the server at point writes to its standard error."
  (interactive)
  (llm-switch-mcp-log (llm-switch-mcp-command--name) "stderr"))

(defun llm-switch-mcp-show-protocol ()
  "Follow the messages to and from the server at point."
  (interactive)
  (llm-switch-mcp-log (llm-switch-mcp-command--name) "protocol"))

(defun llm-switch-mcp-visit ()
  "Visit where the server at point is written down; without one, the configuration."
  (interactive)
  (let ((row (ignore-errors (llm-switch-mcp-screen-here))))
    (find-file-other-window (or (plist-get row :file) llm-switch-config-file))
    (when (plist-get row :line)
      (goto-char (point-min))
      (forward-line (1- (plist-get row :line))))))

;;; Log in

(defun llm-switch-mcp-login ()
  "Log in to the server at point, or log out of it if nothing is missing."
  (interactive)
  (let* ((row (llm-switch-mcp-screen-here))
         (name (plist-get row :server)))
    (unless (equal (plist-get row :transport) "http")
      (user-error "%s is a program of this machine: there is nothing to log in to" name))
    (if (equal (plist-get row :state) "needs-login")
        (llm-switch-mcp-command--run "mcp.login" name "logging in to"
                                     (lambda (_) (message "llm-switch: logged in to %s" name)))
      (when (y-or-n-p (format "Log out of %s? " name))
        (llm-switch-mcp-command--run "mcp.logout" name "logging out of"
                                     (lambda (_) (message "llm-switch: logged out of %s" name)))))))

(provide 'llm-switch-mcp-command)
;;; llm-switch-mcp-command.el ends here
