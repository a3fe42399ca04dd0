;;; llm-switch-mcp-input.el --- Values that definitions of servers leave open  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The definition of a server may name values that everybody has to give
;; themselves, as a key.  The module asks for them before it starts the server
;; and keeps them for the session.  A secret that auth-source has under the
;; server, as in "machine mcp:tracker login api-key password …", is offered.

;;; Code:

(require 'llm-switch-auth)
(require 'llm-switch-mcp-question)
(require 'subr-x)

(defun llm-switch-mcp-input-answer (question)
  "Return the value that QUESTION, a plist, asks for.
In batch mode there is none."
  (unless noninteractive
    (let ((prompt (llm-switch-mcp-input--prompt question))
          (default (plist-get question :default))
          (options (plist-get question :options)))
      (cond ((plist-get question :password)
             (or (llm-switch-mcp-input--kept question)
                 (read-passwd prompt nil default)))
            (options (completing-read prompt options nil t nil nil default))
            (t (read-string prompt nil nil default))))))

(defun llm-switch-mcp-input--kept (question)
  "Return the secret that auth-source has for QUESTION, if the user agrees.
Another server may have come by the name, so they are asked."
  (let ((server (plist-get question :server))
        (input (plist-get question :input)))
    (when-let* ((kept (llm-switch-auth-lookup (format "auth-source:%s@mcp:%s" input server))))
      (and (y-or-n-p (format "Give %s the %s that auth-source has for it? "
                             (llm-switch-mcp-ask-line server)
                             (llm-switch-mcp-ask-line input)))
           kept))))

(defun llm-switch-mcp-input--prompt (question)
  "Return the prompt for QUESTION.  The default of a password is not shown."
  (let ((default (plist-get question :default)))
    (format "%s needs %s%s: " (llm-switch-mcp-ask-line (plist-get question :server))
            (llm-switch-mcp-ask-line (or (plist-get question :description)
                                              (plist-get question :input)))
            (if (and default (not (plist-get question :password)))
                (format " (default %s)" (llm-switch-mcp-ask-line default))
              ""))))

(provide 'llm-switch-mcp-input)
;;; llm-switch-mcp-input.el ends here
