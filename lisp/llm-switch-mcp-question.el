;;; llm-switch-mcp-question.el --- What servers of tools ask  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Who answers which question of a server, and who asks it.  What a server says
;; is shown as what it is: in a window of its own, whole, and never as a part of
;; what Emacs says.

;;; Code:

(require 'llm-switch-channel)
(require 'llm-switch-mcp-ask)

;;; Who answers

(defconst llm-switch-mcp-question--kinds
  '(("mcp-form" llm-switch-mcp-form-answer "llm-switch-mcp-form")
    ("mcp-input" llm-switch-mcp-input-answer "llm-switch-mcp-input")
    ("mcp-login" llm-switch-mcp-login-answer "llm-switch-mcp-login")
    ("mcp-page" llm-switch-mcp-page-answer "llm-switch-mcp-page")
    ("mcp-sampling" llm-switch-mcp-sampling-answer "llm-switch-mcp-sampling"))
  "Kinds of questions, the functions that answer them, and their files.")

(pcase-dolist (`(,kind ,function ,file) llm-switch-mcp-question--kinds)
  (autoload function file)
  (setf (alist-get kind llm-switch-channel-question-functions nil nil #'equal) function))

;;; Who asks

(defun llm-switch-mcp-question-who (question)
  "Return who asks QUESTION, a plist, as text."
  (let ((server (llm-switch-mcp-ask-line (plist-get question :server)))
        (tools (plist-get question :tools)))
    (if tools
        (format "%s (while it runs %s)" server (mapconcat #'llm-switch-mcp-ask-line tools ", "))
      server)))

(provide 'llm-switch-mcp-question)
;;; llm-switch-mcp-question.el ends here
