;;; llm-switch-mcp-confirm.el --- Where gptel has calls confirmed  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel shows calls that are to be confirmed in the chat, and has keys to run
;; them once or to cancel.  Here are keys to let the tools of MCP servers run
;; from now on, and to deny a call with a reason that the model reads.  What
;; gptel shows of a call is cut; of these tools the arguments are shown whole.

;;; Code:

(require 'gptel)
(require 'llm-switch-mcp-log)
(require 'llm-switch-mcp-permission)
(require 'llm-switch-mcp-tools)

(defconst llm-switch-mcp-confirm--keys
  '(("C-c C-s" "session" llm-switch-mcp-confirm-session)
    ("C-c C-p" "project" llm-switch-mcp-confirm-project)
    ("C-c C-a" "always" llm-switch-mcp-confirm-always)
    ("C-c C-d" "deny" llm-switch-mcp-confirm-deny))
  "Keys on calls that are to be confirmed, what they are called, and commands.")

;;; Commands

(defun llm-switch-mcp-confirm--here ()
  "Return what is to be confirmed at point, and its overlay: (PENDING . OVERLAY)."
  (let ((found (get-char-property-and-overlay (point) 'gptel-tool)))
    (unless (car found) (user-error "There is no call to confirm here"))
    found))

(defun llm-switch-mcp-confirm-session ()
  "Run what is at point, and let its tools run unasked for this session."
  (interactive)
  (llm-switch-mcp-confirm--allow "session"))

(defun llm-switch-mcp-confirm-project ()
  "Run what is at point, and let its tools run unasked in this project."
  (interactive)
  (llm-switch-mcp-confirm--allow "project"))

(defun llm-switch-mcp-confirm-always ()
  "Run what is at point, and let its tools run unasked everywhere."
  (interactive)
  (llm-switch-mcp-confirm--allow "always"))

(defun llm-switch-mcp-confirm--allow (scope)
  "Run what is at point, and let its tools run unasked in SCOPE."
  (pcase-let* ((`(,calls . ,overlay) (llm-switch-mcp-confirm--here))
               (rows (llm-switch-mcp-confirm--rows calls)))
    (unless rows (user-error "These tools are of no MCP server; run them once"))
    (dolist (row rows)
      (llm-switch-mcp-place-ask
       "mcp.permit"
       (list :rule (llm-switch-mcp-tools-rule (plist-get row :server) (plist-get row :tool))
             :tool (plist-get row :tool) :decision "allow" :scope scope)))
    (llm-switch-mcp-tools-refresh)
    (gptel--accept-tool-calls calls overlay)))

(defun llm-switch-mcp-confirm--rows (pending)
  "Return the rows of the tools of MCP servers in PENDING, each once."
  (seq-uniq (delq nil (mapcar (lambda (call) (llm-switch-mcp-tools-row (gptel-tool-name (car call))))
                              pending))))

(defun llm-switch-mcp-confirm-deny (reason)
  "Do not run what is at point; tell the model REASON, and let it go on."
  (interactive (progn (llm-switch-mcp-confirm--here)
                      (list (llm-switch-mcp-permission-reason))))
  (pcase-let ((`(,calls . ,overlay) (llm-switch-mcp-confirm--here)))
    ;; With no calls to make, that takes away what was shown of them.
    (gptel--accept-tool-calls nil overlay)
    (pcase-dolist (`(,tool ,_ ,answer) calls)
      (funcall answer (llm-switch-mcp-confirm--denied (gptel-tool-name tool) reason)))))

(defun llm-switch-mcp-confirm--denied (name reason)
  "Return for the model that the tool NAME was denied for REASON."
  (llm-switch-mcp-call-failed
   (concat name " was not called: the user does not allow it."
           (if (string-blank-p reason) "" (concat " They say: " reason)))))

;;; Show

(defvar llm-switch-mcp-confirm--pending nil
  "What gptel is about to show, in its order: ((TOOL ARGS CALLBACK)...).")

(defun llm-switch-mcp-confirm-show (show pending &rest rest)
  "Let SHOW, gptel's, show PENDING with REST as its arguments; advice around it.
Calls of tools of MCP servers are shown whole, and our keys are told too."
  (llm-switch-mcp-confirm--previews pending)
  (let* ((llm-switch-mcp-confirm--pending (copy-sequence pending))
         (prompt (apply show pending rest)))
    (llm-switch-mcp-confirm--tell prompt)
    prompt))

(defun llm-switch-mcp-confirm--tell (prompt)
  "Tell our keys too on PROMPT, the overlay in which gptel has its own."
  (when (and (overlayp prompt) (overlay-get prompt 'before-string)
             (llm-switch-mcp-confirm--ours-p prompt))
    (let ((keys (mapconcat (lambda (it)
                             (concat (cadr it) ": "
                                     (propertize (car it) 'face 'help-key-binding)))
                           llm-switch-mcp-confirm--keys ", ")))
      (overlay-put prompt 'before-string
                   (concat "\n" (propertize (concat "Allow for " keys) 'face 'font-lock-string-face)
                           (overlay-get prompt 'before-string))))))

(defun llm-switch-mcp-confirm--ours-p (prompt)
  "Return non-nil if PROMPT is about a tool of an MCP server."
  (with-current-buffer (overlay-buffer prompt)
    (llm-switch-mcp-confirm--rows
     (get-char-property (max (point-min) (1- (overlay-end prompt))) 'gptel-tool))))

(defun llm-switch-mcp-confirm-preview (name values _info)
  "Show a call of the tool NAME with VALUES whole, at point, for gptel."
  (let ((row (llm-switch-mcp-tools-row name)))
    (insert (llm-switch-mcp-permission-text
             `(,@row :project ,(llm-switch-project-folder)
               :arguments ,(llm-switch-mcp-log-pretty
                            (llm-switch-mcp-confirm--arguments name values))))
            "\n")))

(defun llm-switch-mcp-confirm--arguments (name values)
  "Return all arguments of the call of the tool NAME that is shown, as JSON text.
VALUES are those that the tool declares; a call may have others."
  (if-let* ((pending (seq-find (lambda (it) (equal name (gptel-tool-name (car it))))
                               llm-switch-mcp-confirm--pending)))
      (progn (setq llm-switch-mcp-confirm--pending
                   (delq pending llm-switch-mcp-confirm--pending))
             (llm-switch-mcp-call-show pending))
    (llm-switch-mcp-call-arguments name values)))

(defun llm-switch-mcp-confirm--previews (pending)
  "Have gptel show what is of MCP servers in PENDING whole.
gptel 0.9.9.3 has no previews."
  (pcase-dolist (`(,tool . ,_) (and (boundp 'gptel--tool-preview-alist) pending))
    (let ((name (gptel-tool-name tool)))
      (when (llm-switch-mcp-tools-row name)
        (setf (alist-get name gptel--tool-preview-alist nil nil #'equal)
              (list (apply-partially #'llm-switch-mcp-confirm-preview name)))))))

;; gptel 0.9.9.3 makes a keymap anew for each prompt: there only its own keys are offered.
(when (boundp 'gptel-tool-call-actions-map)
  (pcase-dolist (`(,key ,_ ,command) llm-switch-mcp-confirm--keys)
    (define-key gptel-tool-call-actions-map (kbd key) command)))

(provide 'llm-switch-mcp-confirm)
;;; llm-switch-mcp-confirm.el ends here
