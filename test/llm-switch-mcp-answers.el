;;; llm-switch-mcp-answers.el --- What a willing user says to MCP servers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Answers to the questions of servers, and arguments for their tools, made
;; from the JSON schemas alone: nothing here knows any server.  Both the tests
;; and the client of the conformance suite use it, so it loads little.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-channel)
(require 'url)

(defvar url-proxy-services)

;;; JSON

(defun llm-switch-mcp-answers-parse (json)
  "Return what the text JSON stands for: plists, vectors, :null and :json-false."
  (json-parse-string json :object-type 'plist :null-object :null :false-object :json-false))

(defun llm-switch-mcp-answers-json (object)
  "Return OBJECT, a plist, as JSON text; an empty one is an object too."
  (if object (decode-coding-string (llm-switch-channel--json object) 'utf-8) "{}"))

;;; Values that a schema allows

(defun llm-switch-mcp-answers-value (schema)
  "Return a value that SCHEMA, a plist, allows; its default if it has one."
  (cond ((plist-member schema :default) (plist-get schema :default))
        ((plist-member schema :const) (plist-get schema :const))
        ((plist-get schema :enum) (aref (plist-get schema :enum) 0))
        (t (llm-switch-mcp-answers--typed schema))))

(defun llm-switch-mcp-answers--typed (schema)
  "Return a value of the type that SCHEMA names."
  (pcase (plist-get schema :type)
    ((or "integer" "number") (or (plist-get schema :minimum) 1))
    ("boolean" t)
    ("null" :null)
    ("array" (vector))
    ("object" (or (llm-switch-mcp-answers-object schema) (make-hash-table)))
    (_ (llm-switch-mcp-answers--text schema))))

(defun llm-switch-mcp-answers--text (schema)
  "Return a text of the format that SCHEMA names."
  (pcase (plist-get schema :format)
    ("email" "ada@example.org")
    ((or "uri" "url") "https://example.org/")
    ("date" "2026-01-01")
    ("date-time" "2026-01-01T00:00:00Z")
    (_ "text")))

(defun llm-switch-mcp-answers-object (schema)
  "Return a plist that SCHEMA, that of an object, allows.
It has what is required and what has a default."
  (let ((required (append (plist-get schema :required) nil)))
    (cl-loop for (name property) on (plist-get schema :properties) by #'cddr
             when (or (plist-member property :default)
                      (member (substring (symbol-name name) 1) required))
             append (list name (llm-switch-mcp-answers-value property)))))

;;; Questions

(defun llm-switch-mcp-answers-form (question)
  "Accept the form of QUESTION with its defaults."
  (let ((schema (llm-switch-mcp-answers-parse (plist-get question :schema))))
    (list :answer "accept"
          :value (llm-switch-mcp-answers-json (llm-switch-mcp-answers-object schema)))))

(defun llm-switch-mcp-answers-login (question)
  "Log in as QUESTION asks, and answer with the address that the browser came to.
That is what a user pastes whose browser is on another machine.  The page of
the address here answers at once with a redirection, so it takes no browser."
  (list :url (llm-switch-mcp-answers--redirection (plist-get question :url))))

(defun llm-switch-mcp-answers--redirection (url)
  "Return where URL, of this machine, sends whoever asks for it."
  (let ((url-proxy-services nil)
        (url-max-redirections 0)
        (case-fold-search t))
    (with-current-buffer (url-retrieve-synchronously url t t 10)
      (unwind-protect
          (progn (goto-char (point-min))
                 (if (re-search-forward "^location: *\\(.*?\\)\r?$" nil t)
                     (match-string 1)
                   (error "Logging in at %s redirects nowhere" url)))
        (kill-buffer)))))

(defun llm-switch-mcp-answers-input (question)
  "Answer QUESTION with its default or first option, else with the input's name."
  (or (plist-get question :default)
      (car (append (plist-get question :options) nil))
      (plist-get question :input)))

(defun llm-switch-mcp-answers-yes (_question)
  "Consent."
  t)

(defun llm-switch-mcp-answers-once (_question)
  "Let the tool run this time."
  '(:decision "once" :of "tool"))

(defconst llm-switch-mcp-answers
  `(("mcp-trust" . ,#'llm-switch-mcp-answers-yes)
    ("mcp-input" . ,#'llm-switch-mcp-answers-input)
    ("mcp-permission" . ,#'llm-switch-mcp-answers-once)
    ("mcp-form" . ,#'llm-switch-mcp-answers-form)
    ("mcp-page" . ,#'llm-switch-mcp-answers-yes)
    ("mcp-sampling" . ,#'llm-switch-mcp-answers-yes)
    ("mcp-login" . ,#'llm-switch-mcp-answers-login))
  "Who answers what, as in `llm-switch-channel-question-functions'.")

(provide 'llm-switch-mcp-answers)
;;; llm-switch-mcp-answers.el ends here
