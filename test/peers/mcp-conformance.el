;;; mcp-conformance.el --- The client that MCP's conformance suite examines  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; .dev/mcp-conformance has the suite run a batch Emacs with this file and an
;; address, once for each scenario.  It does
;; what a user and a model do with any server: write it into the configuration,
;; log in where that is asked, and call each tool.  No scenario has a way of its
;; own here; the suite's context is used where it holds what a user would write
;; down (who is registered) or a model would think of (arguments).

;;; Code:

(require 'cl-lib)
(require 'llm-switch-auth)
(require 'llm-switch-channel)
(require 'llm-switch-mcp-answers)
(require 'subr-x)

(defconst mcp-conformance-client "https://conformance-test.local/client-metadata.json"
  "Who llm-switch says that it is where it is not registered.")

(defconst mcp-conformance-most 3
  "How often one thing is tried, logging in before each further time.")

(defconst mcp-conformance-context
  (let ((json (getenv "MCP_CONFORMANCE_CONTEXT")))
    (and json (llm-switch-mcp-answers-parse json)))
  "What the suite says beside the address, a plist or nil.")

;;; Configuration

(defun mcp-conformance-configuration (url)
  "Return the text of a configuration whose one server is at URL."
  (let ((secret (plist-get mcp-conformance-context :client_secret)))
    (format "[mcp.peer]\nlocal = true\nurl = %S\noauth = { client-id = %S%s }\n[mcp-rules]\nallow = ['mcp__*']\n"
            url
            (or (plist-get mcp-conformance-context :client_id) mcp-conformance-client)
            (if secret ", client-secret = 'env:MCP_CONFORMANCE_SECRET'" ""))))

(defun mcp-conformance-prepare (folder url)
  "Let the engine live in FOLDER and know the server at URL."
  (setenv "MCP_CONFORMANCE_SECRET" (plist-get mcp-conformance-context :client_secret))
  ;; Before the cache is another: the module lies in the user's.
  (llm-switch-module-load)
  (setq llm-switch-config-file (expand-file-name "config.toml" folder)
        llm-switch-ledger-file (expand-file-name "ledger.db" folder)
        llm-switch-state-directory (expand-file-name "state/" folder)
        llm-switch-cache-directory (expand-file-name "cache/" folder)
        llm-switch-channel-question-functions
        (append llm-switch-mcp-answers llm-switch-channel-question-functions))
  (with-temp-file llm-switch-config-file
    (insert (mcp-conformance-configuration url))))

;;; The server

(defun mcp-conformance-ask (method &rest params)
  "Return the value of METHOD with PARAMS."
  (llm-switch-call method `(:project :null ,@params)))

(defun mcp-conformance-state ()
  "Return the server's state."
  (plist-get (car (plist-get (mcp-conformance-ask "mcp.list") :servers)) :state))

(defun mcp-conformance-persist (method &rest params)
  "Return the value of METHOD with PARAMS, logging in first where that is asked.
A server may ask again at once, as one does that moves to another authorization
server."
  (let ((value nil) (tries 0))
    (while (not value)
      (condition-case problem
          (progn
            (when (> tries 0) (mcp-conformance-ask "mcp.login" :server "peer"))
            (setq value (apply #'mcp-conformance-ask method params)))
        (llm-switch-error
         (cl-incf tries)
         (unless (and (< tries mcp-conformance-most) (equal (mcp-conformance-state) "needs-login"))
           (signal (car problem) (cdr problem))))))
    value))

;;; Tools

(defun mcp-conformance-tools ()
  "Return the server's tools, as plists."
  (plist-get (mcp-conformance-ask "mcp.tools" :server "peer") :tools))

(defun mcp-conformance-arguments (tool tools)
  "Return arguments for TOOL, one of TOOLS, as JSON text.
Who asks for a schema gets that of another tool, as it came."
  (let* ((schema (llm-switch-mcp-answers-parse (plist-get tool :parameters)))
         (other (cl-find-if-not (lambda (it) (eq it tool)) tools)))
    (if (and other (plist-get (plist-get schema :properties) :schema))
        (format "{\"schema\": %s}" (plist-get other :parameters))
      (llm-switch-mcp-answers-json (llm-switch-mcp-answers-object schema)))))

(defun mcp-conformance-calls ()
  "Return what to call, an alist of names and arguments.
That is what the context says, else each tool."
  (let ((tools (mcp-conformance-tools)))
    (if-let* ((calls (plist-get mcp-conformance-context :toolCalls)))
        (cl-loop for call across calls
                 collect (cons (concat "mcp__peer__" (plist-get call :name))
                               (llm-switch-mcp-answers-json (plist-get call :arguments))))
      (cl-loop for tool in tools
               collect (cons (plist-get tool :name) (mcp-conformance-arguments tool tools))))))

;;; The run

(let ((url (pop command-line-args-left))
      (folder (make-temp-file "mcp-conformance-" t)))
  (unwind-protect
      (progn (mcp-conformance-prepare folder url)
             (mcp-conformance-persist "mcp.start" :server "peer")
             (pcase-dolist (`(,name . ,arguments) (mcp-conformance-calls))
               (mcp-conformance-persist "mcp.call" :name name :arguments arguments)))
    (llm-switch-channel-stop)
    (delete-directory folder t)))
;;; mcp-conformance.el ends here
