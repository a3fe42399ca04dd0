;;; llm-switch-mcp-server.el --- The page of an MCP server  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What a server says of itself, and its tools: which of them models are told
;; of, which may run unasked, and what each adds to a request.

;;; Code:

(require 'llm-switch-mcp-ask)
(require 'llm-switch-mcp-command)
(require 'llm-switch-mcp-log)
(require 'llm-switch-mcp-permission)
(require 'llm-switch-mcp-screen)
(require 'llm-switch-mcp-try)
(require 'llm-switch-spend-format)

(defvar-local llm-switch-mcp-server--name nil
  "The name of the server whose page this is.")

(defvar-local llm-switch-mcp-server--row nil
  "What the module told last of the server: a row of `mcp.list'.")

(defvar-local llm-switch-mcp-server--tools nil
  "Its tools: rows of `mcp.tools'.")

(defvar llm-switch-mcp-server-mode-map
  (let ((map (make-sparse-keymap)))
    (set-keymap-parent map (make-composed-keymap llm-switch-mcp-command-map
                                                 tabulated-list-mode-map))
    (define-key map (kbd "RET") #'llm-switch-mcp-server-details)
    (define-key map "m" #'llm-switch-mcp-server-switch)
    (define-key map (kbd "SPC") #'llm-switch-mcp-server-switch)
    (define-key map "a" #'llm-switch-mcp-server-allow)
    (define-key map "c" #'llm-switch-mcp-server-confirm)
    (define-key map "d" #'llm-switch-mcp-server-deny)
    (define-key map "f" #'llm-switch-mcp-server-forget)
    (define-key map "x" #'llm-switch-mcp-server-try)
    map)
  "Keys on the page of an MCP server.")

(define-derived-mode llm-switch-mcp-server-mode tabulated-list-mode "MCP server"
  "Shows what a server says of itself, and its tools.
\\<llm-switch-mcp-server-mode-map>On a tool \\[llm-switch-mcp-server-details] shows all that is \
known of it, \\[llm-switch-mcp-server-try] calls it, and
\\[llm-switch-mcp-server-switch] tells models of it or not.  \\[llm-switch-mcp-server-allow] lets \
it run unasked, \\[llm-switch-mcp-server-confirm] has each call
confirmed, \\[llm-switch-mcp-server-deny] lets it not run, and \\[llm-switch-mcp-server-forget] \
forgets all that was decided.

What is decided holds in this project; with one prefix argument for this
session, with two everywhere.

\\{llm-switch-mcp-server-mode-map}"
  (setq tabulated-list-format [("On" 3 nil) ("Tool" 20 t) ("Rule" 5 t) ("Hints" 20 nil)
                               ("Tokens" 6 nil :right-align t) ("Description" 0 nil)]
        tabulated-list-padding 1
        llm-switch-mcp-screen-row (lambda () llm-switch-mcp-server--row)
        llm-switch-mcp-screen-refresh #'llm-switch-mcp-server--refresh
        revert-buffer-function (lambda (&rest _) (llm-switch-mcp-server--refresh)))
  (tabulated-list-init-header))

(defun llm-switch-mcp-server (name)
  "Show the page of the server NAME."
  (llm-switch-mcp-screen-open (format "*llm-switch mcp: %s*" name) 'llm-switch-mcp-server-mode)
  (setq llm-switch-mcp-server--name name)
  (llm-switch-mcp-server--refresh))

;;; Ask

(defun llm-switch-mcp-server--refresh ()
  "Ask in the background what is known of the server, and show it."
  (llm-switch-mcp-screen-look
   "mcp.list" nil
   (lambda (told)
     (setq llm-switch-mcp-server--row
           (seq-find (lambda (row) (equal (plist-get row :server) llm-switch-mcp-server--name))
                     (plist-get told :servers)))
     (llm-switch-mcp-screen-look
      "mcp.tools" (list :server llm-switch-mcp-server--name)
      (lambda (told)
        (setq llm-switch-mcp-server--tools (plist-get told :tools))
        (llm-switch-mcp-server--show))))))

;;; Show

(defun llm-switch-mcp-server--show ()
  "Show what is known."
  (setq tabulated-list-entries
        (mapcar (lambda (tool) (list (plist-get tool :tool) (llm-switch-mcp-server--line tool)))
                llm-switch-mcp-server--tools))
  (llm-switch-mcp-screen-print (llm-switch-mcp-server--above) (llm-switch-mcp-server--below)))

(defun llm-switch-mcp-server--line (tool)
  "Return the line of TOOL, a row of `mcp.tools'."
  (let ((rule (plist-get tool :rule)))
    (vector (if (plist-get tool :on) "on" (propertize "off" 'face 'shadow))
            (propertize (llm-switch-mcp-ask-line (plist-get tool :tool)) 'face 'bold)
            (propertize rule 'face (pcase rule ("allow" 'llm-switch-mcp-ready)
                                          ("deny" 'llm-switch-mcp-failed) (_ 'default)))
            (llm-switch-mcp-server--hints tool)
            (llm-switch-spend-tokens (plist-get tool :tokens))
            (llm-switch-mcp-ask-line
             (car (split-string (or (plist-get tool :description) "") "\n"))))))

(defun llm-switch-mcp-server--hints (tool)
  "Return what TOOL may do, by its server's own hints, in two words."
  (string-join
   (delq nil (list (cond ((plist-get tool :read-only) "reads")
                         ((plist-get tool :destructive)
                          (propertize "destroys" 'face 'llm-switch-mcp-waiting))
                         (t "changes"))
                   (when (plist-get tool :open-world) "open world")))
   ", "))

(defun llm-switch-mcp-server--above ()
  "Return what stands above the tools: what the server is by its own words."
  (let* ((row llm-switch-mcp-server--row)
         (instructions (plist-get row :instructions)))
    (if (null row)
        (format " %s is not written down any more.\n" llm-switch-mcp-server--name)
      (concat
       (format " %s  %s%s\n" (propertize (llm-switch-mcp-ask-line (plist-get row :server))
                                          'face 'bold)
               (llm-switch-mcp-screen-state (plist-get row :state))
               (llm-switch-mcp-server--itself row))
       (format " %s\n in %s%s\n" (llm-switch-mcp-ask-line (plist-get row :launch))
               (abbreviate-file-name (plist-get row :file))
               (if (plist-get row :line) (format ", line %d" (plist-get row :line)) ""))
       (llm-switch-mcp-server--lists row)
       (if (and instructions (not (string-blank-p instructions)))
           (concat "\n" (llm-switch-mcp-screen-wrap (llm-switch-mcp-ask-visible instructions)))
         "")
       "\n"))))

(defun llm-switch-mcp-server--itself (row)
  "Return the names that ROW's server gives itself, and what it speaks."
  (string-join
   (delq nil (list "" (when (plist-get row :title)
                        (llm-switch-mcp-ask-line
                         (concat (plist-get row :title) " " (plist-get row :release))))
                   (when (plist-get row :version) (concat "protocol " (plist-get row :version)))
                   (when (plist-get row :pid) (format "process %d" (plist-get row :pid)))
                   (when (plist-get row :changed)
                     "its definition has changed since it was started")))
   "  "))

(defun llm-switch-mcp-server--lists (row)
  "Return how much else ROW's server lists, as buttons."
  (let ((button (lambda (key noun command)
                  (let ((count (or (plist-get row key) 0)))
                    (when (> count 0)
                      (list (llm-switch-mcp-server--button
                             (format "%d %s%s" count noun (if (= count 1) "" "s")) command)))))))
    (let ((lists (append (funcall button :resources "resource" 'llm-switch-mcp-resource)
                         (funcall button :prompts "prompt" 'llm-switch-mcp-prompt))))
      (if lists (concat " " (string-join lists "  ") "\n") ""))))

(defun llm-switch-mcp-server--button (text command)
  "Return TEXT as a button for COMMAND in the chat of this screen."
  (make-text-button (copy-sequence text) nil
                    'action (lambda (_)
                              (let ((origin (llm-switch-mcp-screen-origin)))
                                (pop-to-buffer origin)
                                (call-interactively command)))
                    'follow-link t))

(defun llm-switch-mcp-server--below ()
  "Return what stands below the tools."
  (let ((problem (llm-switch-mcp-screen-problem llm-switch-mcp-server--row)))
    (concat
     (if llm-switch-mcp-server--tools ""
       (substitute-command-keys
        "\\<llm-switch-mcp-server-mode-map> Its tools are not known: \\[llm-switch-mcp-start] \
starts it.\n"))
     (if problem
         (concat "\n" (propertize (llm-switch-mcp-screen-wrap (concat "! " problem))
                                  'face 'llm-switch-mcp-failed))
       ""))))

;;; Tools

(defun llm-switch-mcp-server--here ()
  "Return the tool at point, or signal that there is none."
  (let ((name (tabulated-list-get-id)))
    (or (and name (seq-find (lambda (it) (equal (plist-get it :tool) name))
                            llm-switch-mcp-server--tools))
        (user-error "There is no tool on this line"))))

(defun llm-switch-mcp-server--scope ()
  "Return for how long to decide, by the prefix argument of this command.
What would hold in a project holds everywhere where there is none."
  (pcase (prefix-numeric-value current-prefix-arg)
    (4 "session")
    (16 "always")
    (_ (if (with-current-buffer (llm-switch-mcp-screen-origin) (llm-switch-project-folder))
           "project"
         "always"))))

(defun llm-switch-mcp-server--decide (method said &rest params)
  "Decide about the tool at point by METHOD with PARAMS, and say SAID of it."
  (let* ((tool (llm-switch-mcp-server--here))
         (rule (llm-switch-mcp-tools-rule (plist-get tool :server) (plist-get tool :tool)))
         (scope (llm-switch-mcp-server--scope)))
    (llm-switch-mcp-screen-call
     method `(:rule ,rule :tool ,(plist-get tool :tool) :scope ,scope ,@params)
     (lambda (_)
       (message "llm-switch: %s %s (%s)" (plist-get tool :tool) said scope)
       (llm-switch-mcp-server--refresh)))))

(defun llm-switch-mcp-server-switch ()
  "Tell models of the tool at point, or do so no more."
  (interactive nil llm-switch-mcp-server-mode)
  (let ((on (plist-get (llm-switch-mcp-server--here) :on)))
    (llm-switch-mcp-server--decide "mcp.set" (if on "is off" "is on") :on (if on :json-false t))))

(defun llm-switch-mcp-server-allow ()
  "Let the tool at point run unasked."
  (interactive nil llm-switch-mcp-server-mode)
  (llm-switch-mcp-server--decide "mcp.permit" "runs unasked" :decision "allow"))

(defun llm-switch-mcp-server-confirm ()
  "Have each call of the tool at point confirmed."
  (interactive nil llm-switch-mcp-server-mode)
  (llm-switch-mcp-server--decide "mcp.permit" "is asked about" :decision "ask"))

(defun llm-switch-mcp-server-deny ()
  "Let the tool at point not run."
  (interactive nil llm-switch-mcp-server-mode)
  (llm-switch-mcp-server--decide "mcp.permit" "does not run" :decision "deny"))

(defun llm-switch-mcp-server-forget ()
  "Forget all that was decided about the tool at point, whatever the scope."
  (interactive nil llm-switch-mcp-server-mode)
  (dolist (current-prefix-arg '((4) (16) nil))
    (llm-switch-mcp-server--decide "mcp.permit" "is as its server and the configuration say"
                                   :decision "forget")))

(defun llm-switch-mcp-server-try ()
  "Call the tool at point; its arguments are read before."
  (interactive nil llm-switch-mcp-server-mode)
  (llm-switch-mcp-try (llm-switch-mcp-server--here)))

(defun llm-switch-mcp-server-details ()
  "Show all that is known of the tool at point."
  (interactive nil llm-switch-mcp-server-mode)
  (let ((tool (llm-switch-mcp-server--here)))
    (with-help-window "*llm-switch tool*"
      (princ (llm-switch-mcp-server--details tool)))))

(defun llm-switch-mcp-server--details (tool)
  "Return all that is known of TOOL, as text."
  (concat
   (llm-switch-mcp-permission--name tool) "\nModels call it " (plist-get tool :name) "\n"
   (llm-switch-mcp-permission-hints tool)
   (if (plist-get tool :idempotent) "; calling it twice is as calling it once" "") "\n\n"
   (llm-switch-mcp-ask-visible (or (plist-get tool :description) "It has no description."))
   "\n\nArguments\n"
   (llm-switch-mcp-ask-visible (llm-switch-mcp-log-pretty (plist-get tool :parameters)))
   (if (plist-get tool :output-schema)
       (concat "\n\nResult\n" (llm-switch-mcp-ask-visible
                                 (llm-switch-mcp-log-pretty (plist-get tool :output-schema))))
     "")
   "\n"))

(provide 'llm-switch-mcp-server)
;;; llm-switch-mcp-server.el ends here
