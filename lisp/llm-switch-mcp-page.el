;;; llm-switch-mcp-page.el --- Pages that servers want to be looked at  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A server may ask for something that passes neither through a model nor
;; through Emacs, as a password or a payment, on a page in the browser.  The
;; page is whosever it is, so its whole address is shown before it is opened.

;;; Code:

(require 'browse-url)
(require 'llm-switch-mcp-question)
(require 'url-util)

(defun llm-switch-mcp-page-answer (question)
  "Open the page of QUESTION, a plist, if the user wants to; return t then.
In batch mode there is no answer."
  (unless noninteractive
    (let ((url (llm-switch-mcp-page-address (plist-get question :url))))
      (llm-switch-mcp-ask-showing
       (format "%s asks you to open a page in your browser:\n\n  %s\n\nIt says: %s"
               (llm-switch-mcp-question-who question) url
               (llm-switch-mcp-ask-line (plist-get question :message)))
       (lambda ()
         (if (y-or-n-p (format "Open this page of %s? "
                               (llm-switch-mcp-ask-line (plist-get question :host))))
             (progn (browse-url url) t)
           :json-false))))))

(defun llm-switch-mcp-page-address (url)
  "Return URL as it is opened, in letters that cannot be mistaken.
Signal an error unless it is the address of a page of the web: a browser can
be made to open files and to run programs by others."
  (let ((url (url-encode-url url)))
    (unless (string-match-p (rx bos "http" (? "s") "://" (+ (any "!-~")) eos) url)
      (user-error "A server wants to open %s, which is no page of the web"
                  (llm-switch-mcp-ask-line url)))
    url))

(provide 'llm-switch-mcp-page)
;;; llm-switch-mcp-page.el ends here
