;;; llm-switch-mcp-permission.el --- Whether a tool may be called  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Before a tool runs that no rule allows, the user sees which, with what, and
;; what it may do, and says yes or no with one key: for this once or for longer.
;; What lasts, or may destroy something, needs RET behind it.

;;; Code:

(require 'llm-switch-mcp-ask)
(require 'llm-switch-mcp-edit)
(require 'llm-switch-mcp-schema)

;;; What is asked about

(defun llm-switch-mcp-permission-text (question)
  "Return what there is to know before QUESTION, a plist, is answered.
It has :server, :tool, the hints and :arguments, JSON text, of a call."
  (let ((diff (llm-switch-mcp-permission--diff question)))
    (concat (propertize (format "%s wants to be called on the server %s\n"
                                (llm-switch-mcp-permission--name question)
                                (llm-switch-mcp-ask-line (plist-get question :server)))
                        'face 'bold)
            (llm-switch-mcp-permission--about question)
            "\n"
            (llm-switch-mcp-ask-visible (or (plist-get question :arguments) "{}")) "\n"
            (if diff (concat "\n" (llm-switch-mcp-ask-visible diff)) ""))))

(defun llm-switch-mcp-permission--name (question)
  "Return what the tool of QUESTION is called."
  (let ((title (plist-get question :title))
        (tool (llm-switch-mcp-ask-line (plist-get question :tool))))
    (if (or (null title) (equal title tool)) tool
      (format "%s (%s)" tool (llm-switch-mcp-ask-line title)))))

(defun llm-switch-mcp-permission--about (question)
  "Return what the tool of QUESTION does, in words."
  (let ((description (plist-get question :description)))
    (concat
     (if description
         (concat (llm-switch-mcp-ask-first-line description 76) "\n")
       "")
     (propertize (concat (llm-switch-mcp-permission-hints question) "\n")
                 'face (if (plist-get question :destructive) 'warning 'shadow)))))

(defun llm-switch-mcp-permission-hints (row)
  "Return what the tool of ROW may do, by its server's own hints, in words."
  (string-join
   (list (cond ((plist-get row :read-only) "It only reads")
               ((plist-get row :destructive) "It may destroy something")
               (t "It changes something, but destroys nothing"))
         (if (plist-get row :open-world) "reaches beyond its server" "stays with its server"))
   ", "))

(defun llm-switch-mcp-permission--diff (question)
  "Return what the call of QUESTION would change, or nil."
  (when-let* ((arguments (ignore-errors
                           (llm-switch-mcp-schema-parse (plist-get question :arguments)))))
    (llm-switch-mcp-edit-diff arguments (plist-get question :project))))

;;; Answers

(defconst llm-switch-mcp-permission--scopes
  '((?s "session" . "session") (?p "project" . "project") (?a "always" . "always"))
  "For how long a tool may run unasked.")

(defun llm-switch-mcp-permission--choices (question)
  "Return the answers to QUESTION: (KEY LABEL . VALUE)."
  `((?o "once" . "once")
    ,@llm-switch-mcp-permission--scopes
    ;; What may destroy something is allowed by its own name or not at all.
    ,@(unless (plist-get question :destructive) '((?S "all of the server" . server)))
    (?d "deny" . "deny")
    (?n "never" . "never")))

(defun llm-switch-mcp-permission--sure (question)
  "Return the keys of the answers to QUESTION that last or are dangerous."
  `(,@(when (plist-get question :destructive) '(?o)) ?s ?p ?a ?n))

(defun llm-switch-mcp-permission-ask (question)
  "Ask whether the call of QUESTION may be made; return the answer or nil."
  (let* ((text (llm-switch-mcp-permission-text question))
         (answer (llm-switch-mcp-ask text "Call it?"
                                     (llm-switch-mcp-permission--choices question)
                                     (llm-switch-mcp-permission--sure question))))
    (pcase answer
      ('nil nil)
      ('server (llm-switch-mcp-permission--server question text))
      ("deny" (list :decision "deny" :of "tool" :reason (llm-switch-mcp-permission-reason)))
      (_ (list :decision answer :of "tool" :reason "")))))

(defun llm-switch-mcp-permission--server (question text)
  "Ask how long all of the server of QUESTION may run unasked, showing TEXT."
  (when-let* ((scope (llm-switch-mcp-ask
                      text (format "All of %s that destroys nothing:"
                                   (llm-switch-mcp-ask-line (plist-get question :server)))
                      llm-switch-mcp-permission--scopes
                      (mapcar #'car llm-switch-mcp-permission--scopes))))
    (list :decision scope :of "server" :reason "")))

(defun llm-switch-mcp-permission-reason ()
  "Read why a call is not made, a text for the model."
  (read-string "Why not, for the model (RET for no reason): "))

(provide 'llm-switch-mcp-permission)
;;; llm-switch-mcp-permission.el ends here
