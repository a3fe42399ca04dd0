;;; llm-switch-mcp-place.el --- From where tools are asked for  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Which servers of tools there are, and what they may do, depends on the
;; project, the mode and the pins of the buffer.  Each call of a method `mcp.*'
;; says them.

;;; Code:

(require 'llm-switch-auth)
(require 'llm-switch-channel)
(require 'llm-switch-environment)
(require 'llm-switch-mcp-question)
(require 'llm-switch-modes)
(require 'llm-switch-project)

(autoload 'llm-switch-mcp-permission-ask "llm-switch-mcp-permission")
(autoload 'llm-switch-mcp-trust-ask "llm-switch-mcp-trust")

(add-to-list 'llm-switch-channel-question-functions
             '("mcp-permission" . llm-switch-mcp-permission-ask))
(add-to-list 'llm-switch-channel-question-functions '("mcp-trust" . llm-switch-mcp-trust-ask))

(defun llm-switch-mcp-place ()
  "Return what the module wants to know of this buffer, a plist."
  (append (list :project (or (llm-switch-project-folder) :null))
          (llm-switch-modes-of-request)))

(defun llm-switch-mcp-place-call (method params handler &optional buffer)
  "Start METHOD, one of `mcp.*', with PARAMS from here, and return its id.
HANDLER and BUFFER are as for `llm-switch-channel-submit'."
  (llm-switch-channel-call method (append params (llm-switch-mcp-place)) handler buffer))

(defun llm-switch-mcp-place-ask (method &optional params)
  "Run METHOD, one of `mcp.*', with PARAMS from here, and return its value.
Waits as `llm-switch-call' does."
  (llm-switch-call method (append params (llm-switch-mcp-place))))

(provide 'llm-switch-mcp-place)
;;; llm-switch-mcp-place.el ends here
