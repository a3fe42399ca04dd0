;;; llm-switch-mcp-sampling.el --- Servers that ask a model  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A server may ask a model, which the user pays for.  They see all of what
;; would be sent, who would answer and what that would cost.  Mode, pins and
;; budgets hold as for every request.

;;; Code:

(require 'llm-switch-mcp-question)
(require 'llm-switch-preview)

(defun llm-switch-mcp-sampling-answer (question)
  "Ask whether the server of QUESTION, a plist, may ask a model; return t then.
In batch mode there is no answer."
  (unless noninteractive
    (llm-switch-mcp-ask-showing
     (llm-switch-mcp-sampling--text question)
     (lambda ()
       (if (y-or-n-p (llm-switch-mcp-sampling--prompt question)) t :json-false)))))

(defun llm-switch-mcp-sampling--text (question)
  "Return what is shown of QUESTION: who would be told what, and the cost."
  (format "%s wants to ask a model.\n\nWho: %s\n\nWhat:\n%s"
          (llm-switch-mcp-question-who question)
          (llm-switch-mcp-sampling--model question)
          (llm-switch-mcp-ask-indented (plist-get question :text))))

(defun llm-switch-mcp-sampling--model (question)
  "Return who would answer QUESTION, and at what cost."
  (let ((mode (plist-get question :mode))
        (preview (plist-get question :preview)))
    (concat (if mode (format "mode %s · " mode) "")
            (if preview (llm-switch-preview-format preview) "nobody who can answer is known"))))

(defun llm-switch-mcp-sampling--prompt (question)
  "Return what the user is asked about QUESTION."
  (let ((most (plist-get question :most)))
    (format "Let %s ask %s%s? "
            (llm-switch-mcp-ask-line (plist-get question :server))
            (or (plist-get (plist-get question :preview) :deployment) "a model")
            (if most (format ", for at most %d tokens" most) ""))))

(provide 'llm-switch-mcp-sampling)
;;; llm-switch-mcp-sampling.el ends here
