;;; llm-switch-mcp-login.el --- Logging in to servers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; One logs in to a server in the browser, which comes back to a port of this
;; machine by itself.  Where it cannot, as over SSH, the address at which it
;; ended is pasted here.  What comes first counts: if the browser is back the
;; module takes the question back, and nothing has to be pasted any more.

;;; Code:

(require 'browse-url)
(require 'llm-switch-mcp-page)
(require 'llm-switch-mcp-question)

(defun llm-switch-mcp-login-answer (question)
  "Let the user log in as QUESTION, a plist, asks; return (:url ADDRESS) or nil.
ADDRESS is what was pasted, or \"\" to go on waiting for the browser.  In batch
mode there is no answer."
  (unless noninteractive
    (let ((url (llm-switch-mcp-page-address (plist-get question :url))))
      (llm-switch-mcp-ask-showing
       (llm-switch-mcp-login--text question url)
       (lambda () (llm-switch-mcp-login--read question url))))))

(defun llm-switch-mcp-login--text (question url)
  "Return what is shown while the user logs in at URL for QUESTION."
  (format "%s wants to know who you are.  Log in at %s:

  %s

The browser comes back to %s.
Where that does not work, as over SSH, its last page does not open: copy the
whole address of that page and paste it here."
          (llm-switch-mcp-question-who question)
          (llm-switch-mcp-ask-line (plist-get question :host)) url
          (llm-switch-mcp-ask-line (plist-get question :callback))))

(defun llm-switch-mcp-login--read (question url)
  "Open URL if the user wants to log in for QUESTION, and read what is pasted."
  (when (y-or-n-p (format "Log in at %s in the browser? "
                          (llm-switch-mcp-ask-line (plist-get question :host))))
    (llm-switch-mcp-login--open url)
    (list :url (string-trim
                (read-string "Address of the last page, if it does not open (else wait): ")))))

(defun llm-switch-mcp-login--open (url)
  "Open URL in the browser; where there is none it is shown, to be copied."
  (kill-new url)
  (condition-case problem
      (browse-url url)
    (error (message "No browser (%s): the address is in the kill ring"
                    (error-message-string problem)))))

(provide 'llm-switch-mcp-login)
;;; llm-switch-mcp-login.el ends here
