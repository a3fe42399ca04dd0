;;; llm-switch-mcp-known.el --- What servers list, remembered  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; While something is typed what servers list is looked up again and again.
;; It is remembered until a server says that it has changed.

;;; Code:

(require 'llm-switch-mcp-place)

(defvar llm-switch-mcp-known--values nil
  "What methods returned, by method and project: (((METHOD . PROJECT) . VALUE)...).")

(defun llm-switch-mcp-known (method)
  "Return the value of METHOD, which lists something of the servers here."
  (let ((key (cons method (llm-switch-project-folder))))
    (cdr (or (assoc key llm-switch-mcp-known--values)
             (car (push (cons key (llm-switch-mcp-place-ask method))
                        llm-switch-mcp-known--values))))))

(defun llm-switch-mcp-known--forget (notice)
  "Forget what servers list if NOTICE is about a change of it."
  (when (and (equal (plist-get notice :kind) "mcp")
             (not (equal (plist-get notice :change) "message")))
    (setq llm-switch-mcp-known--values nil))
  ;; Others may want to hear it.
  nil)

(add-hook 'llm-switch-channel-notice-functions #'llm-switch-mcp-known--forget)

(provide 'llm-switch-mcp-known)
;;; llm-switch-mcp-known.el ends here
