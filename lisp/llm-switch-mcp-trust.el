;;; llm-switch-mcp-trust.el --- Whether a project's server may start  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Whoever clones a repository has not said that its programs may run.  What a
;; server of its would run is shown whole, and the user says yes or no.

;;; Code:

(require 'llm-switch-mcp-ask)

(defun llm-switch-mcp-trust-ask (question)
  "Ask whether to trust the server of QUESTION; return t or nil.
QUESTION is of kind mcp-trust, or a row of `mcp.list'."
  (eq 'yes (llm-switch-mcp-ask (llm-switch-mcp-trust--text question)
                               (format "Trust %s and let it start?"
                                       (llm-switch-mcp-ask-line (plist-get question :server)))
                               '((?y "yes" . yes) (?n "no" . no)) '(?y))))

(defun llm-switch-mcp-trust--text (question)
  "Return what there is to know before QUESTION is answered."
  (let ((names (plist-get question :env-names))
        (variables (plist-get question :variables)))
    (concat
     (propertize (format "%s, which this project brings, would %s\n\n"
                         (llm-switch-mcp-ask-line (plist-get question :server))
                         (if (string-match-p "\\`https?://" (plist-get question :launch))
                             "be called at" "run"))
                 'face 'bold)
     (llm-switch-mcp-ask-indented (plist-get question :launch)) "\n\n"
     (format "It is written in %s%s.\n" (abbreviate-file-name (plist-get question :file))
             (if-let* ((line (plist-get question :line))) (format ", line %d" line) ""))
     (if names
         (format "It is given: %s.\n" (llm-switch-mcp-ask-visible (string-join names ", ")))
       "")
     (if variables
         (propertize (format "Out of your environment it reads: %s.\n"
                             (llm-switch-mcp-ask-visible (string-join variables ", ")))
                     'face 'warning)
       "")
     (if (or (plist-get question :changed) (plist-get question :problem))
         (propertize "You trusted it before, but it was changed since.\n" 'face 'warning)
       "")
     "A program can do whatever you can.  It is asked about again when it changes.\n")))

(provide 'llm-switch-mcp-trust)
;;; llm-switch-mcp-trust.el ends here
