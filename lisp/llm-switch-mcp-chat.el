;;; llm-switch-mcp-chat.el --- What chats have of servers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; In a chat resources and prompts are completed at point, resources that are
;; mentioned go along, and what tools gave is seen.

;;; Code:

(require 'gptel)
(require 'llm-switch-mcp-attach)
(require 'llm-switch-mcp-content)
(require 'llm-switch-mcp-mention)
(require 'llm-switch-mcp-prompt)
(require 'llm-switch-mcp-tools)

(defconst llm-switch-mcp-chat--completions
  '(llm-switch-mcp-mention-capf llm-switch-mcp-prompt-capf)
  "What completes at point in chats.")

;;;###autoload
(defun llm-switch-mcp-chat-begin ()
  "Let this chat complete what servers have, and show what tools gave.
In `gptel-mode-hook', also when the mode is switched off."
  (dolist (function llm-switch-mcp-chat--completions)
    (if gptel-mode
        (add-hook 'completion-at-point-functions function nil t)
      (remove-hook 'completion-at-point-functions function t)))
  (when gptel-mode
    (llm-switch-mcp-content-refresh)
    (llm-switch-mcp-tools-begin)))

(defun llm-switch-mcp-chat--shown (_results info)
  "Show the contents of results that gptel has inserted for INFO."
  (when-let* ((chat (plist-get info :buffer))
              ((buffer-live-p chat)))
    (with-current-buffer chat
      (when gptel-mode (llm-switch-mcp-content-refresh)))))

(advice-add 'gptel--display-tool-results :after #'llm-switch-mcp-chat--shown)
;; Before what gptel has there itself: the text must be the user's own.
(add-hook 'gptel-prompt-transform-functions #'llm-switch-mcp-attach-note -90)
;; After it: the text must be whole.
(add-hook 'gptel-prompt-transform-functions #'llm-switch-mcp-attach 90)

(provide 'llm-switch-mcp-chat)
;;; llm-switch-mcp-chat.el ends here
