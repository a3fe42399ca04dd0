;;; llm-switch-mcp-permission-helper.el --- Answering questions of calls by keys  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What is shown is noted, and keys answer.

;;; Code:

(require 'llm-switch-mcp-permission)
(require 'llm-switch-mcp-screen-helper)
(require 'llm-switch-mcp-trust)

(defvar llm-switch-mcp-permission-test-shown nil
  "What was shown when it was asked, the latest first.")

(defmacro llm-switch-mcp-permission-test-with (&rest body)
  "Run BODY while the server \"box\" runs and questions are asked by what users have."
  (declare (indent 0) (debug t))
  `(let ((llm-switch-mcp-permission-test-shown nil)
         (llm-switch-mcp-test-answers '(("mcp-permission" . llm-switch-mcp-permission-ask)
                                        ("mcp-trust" . llm-switch-mcp-trust-ask)))
         (fill (symbol-function 'llm-switch-mcp-ask--fill)))
     (cl-letf (((symbol-function 'llm-switch-mcp-ask--fill)
                (lambda (buffer text)
                  (push (substring-no-properties text) llm-switch-mcp-permission-test-shown)
                  (funcall fill buffer text))))
       (llm-switch-mcp-test-with (llm-switch-mcp-screen-test-box)
         (llm-switch-mcp-test-start "box")
         ,@body))))

(defun llm-switch-mcp-permission-test-call (keys tool &rest arguments)
  "Call TOOL of \"box\" with ARGUMENTS, answer KEYS, and return its text or the error."
  (llm-switch-test-keys keys
    (condition-case problem
        (plist-get (apply #'llm-switch-mcp-test-call "box" tool arguments) :text)
      (llm-switch-error (error-message-string problem)))))

(defun llm-switch-mcp-permission-test-rules ()
  "Return what is decided: (RULE DECISION SCOPE)."
  (mapcar (lambda (it) (list (plist-get it :rule) (plist-get it :decision) (plist-get it :scope)))
          (plist-get (llm-switch-mcp-test-ask "mcp.rules") :rules)))

(defun llm-switch-mcp-permission-test-asked ()
  "Return how many calls were asked about."
  (length (llm-switch-mcp-test-asked "mcp-permission")))

(provide 'llm-switch-mcp-permission-helper)
;;; llm-switch-mcp-permission-helper.el ends here
