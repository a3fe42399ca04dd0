;;; llm-switch-mcp-cost.el --- What it costs to tell models of tools  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The schemas of all tools that are on go out with each request, and are paid
;; for each time.  The price is that of who answers in the chat.

;;; Code:

(require 'llm-switch-cost)
(require 'llm-switch-gptel)
(require 'llm-switch-spend-format)

(declare-function llm-switch-adopt-deployment-here "llm-switch-adopt" ())

(defun llm-switch-mcp-cost-deployment ()
  "Return who answers in this chat, \"account/model\", or nil if that is open.
Of a route or a mode that is who answered last."
  (let ((row (and (llm-switch-gptel-current-p) (get gptel-model 'llm-switch)))
        (last llm-switch-cost-last-here))
    (cond ((plist-get row :deployment))
          ((plist-get last :sent) (concat (plist-get last :account) "/" (plist-get last :sent)))
          ((bound-and-true-p llm-switch-mode) (llm-switch-adopt-deployment-here)))))

(defun llm-switch-mcp-cost-params (deployment &optional server)
  "Return the parameters of `mcp.cost' for DEPLOYMENT and the tools of SERVER.
Without SERVER it is about all tools that are on."
  (append (when server (list :server server))
          (when deployment (list :deployment deployment))))

(defun llm-switch-mcp-cost-dollars (told)
  "Return the money of TOLD, the value of `mcp.cost', or \"?\" if it is not known."
  (if-let* ((dollars (plist-get told :dollars)))
      (let ((pico (round (* (string-to-number dollars) llm-switch-cost-dollar))))
        (if (zerop pico) "free" (llm-switch-cost-format-money pico)))
    "?"))

(defun llm-switch-mcp-cost-words (told)
  "Return TOLD, the value of `mcp.cost', in words."
  (format "%s tokens, %s" (llm-switch-spend-count (plist-get told :tokens))
          (pcase (llm-switch-mcp-cost-dollars told)
            ("?" "at a price that is not known")
            (dollars dollars))))

(provide 'llm-switch-mcp-cost)
;;; llm-switch-mcp-cost.el ends here
