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
                               (format "Trust %s and let it start?" (plist-get question :server))
                               '((?y "yes" . yes) (?n "no" . no)))))

(defun llm-switch-mcp-trust--text (question)
  "Return what there is to know before QUESTION is answered."
  (let ((values (plist-get question :values))
        (variables (plist-get question :variables)))
    (concat
     (propertize (format "%s, which this project brings, would %s\n\n"
                         (plist-get question :server)
                         (if (string-match-p "\\`https?://" (plist-get question :launch))
                             "be called at" "run"))
                 'face 'bold)
     "  " (llm-switch-mcp-ask-visible (plist-get question :launch)) "\n\n"
     (format "It is written in %s%s.\n" (abbreviate-file-name (plist-get question :file))
             (if-let* ((line (plist-get question :line))) (format ", line %d" line) ""))
     (llm-switch-mcp-trust--field question :cwd "It runs in: %s\n")
     (llm-switch-mcp-trust--field question :env-file "It reads variables from the file: %s\n")
     (if values
         (concat "It is given:\n" (mapconcat #'llm-switch-mcp-trust--value values ""))
       "")
     (if-let* ((inputs (plist-get question :inputs)))
         (format "You will be asked for: %s.\n"
                 (llm-switch-mcp-ask-visible (string-join inputs ", ")))
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

(defun llm-switch-mcp-trust--field (question key text)
  "Return TEXT with the value of KEY in QUESTION in it; nothing where that is nil."
  (if-let* ((value (plist-get question key)))
      (format text (llm-switch-mcp-ask-visible value))
    ""))

(defun llm-switch-mcp-trust--value (given)
  "Return the line for GIVEN, a plist (:name :value) of what a server is given.
The value is as it is written, or its length where it may be secret."
  (llm-switch-mcp-ask-visible
   (format "  %s = %s\n" (plist-get given :name)
           ;; What stands on further lines must not look like other names.
           (string-replace "\n" "\\n" (plist-get given :value)))))

(provide 'llm-switch-mcp-trust)
;;; llm-switch-mcp-trust.el ends here
