;;; llm-switch-mcp-chat-helper.el --- Chats with a server, for tests  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Chats of gptel with the server of the tests and the simulator, which tells
;; what it got.

;;; Code:

(require 'llm-switch-mcp-chat)
(require 'llm-switch-mcp-helper)

(defmacro llm-switch-mcp-chat-test (model mode &rest body)
  "Run BODY in a chat in MODE, a symbol, where the simulator's MODEL answers.
The server is ready, and the caches are of the test."
  (declare (indent 2) (debug t))
  `(llm-switch-mcp-test-with
       (concat (llm-switch-test-config)
               ;; Of whose models it is known that they see.
               (format "[provider.openai]\nbase-url = %S\nlocality = 'proxy'\nauth = 'none'\n"
                       (llm-switch-test-url))
               (llm-switch-mcp-test-program "it" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio")))
     ;; Which looks for itself in that cache.
     (llm-switch-module-load)
     (let ((llm-switch-cache-directory (expand-file-name "cache/" llm-switch-test-folder))
           (llm-switch-mcp-known--values nil))
       ;; So that this is the project.
       (llm-switch-mcp-test-file ".mcp.json" "{}")
       (llm-switch-mcp-test-start "it")
       (llm-switch-test-wait
         (setq llm-switch-mcp-known--values nil)
         (llm-switch-mcp-prompt-rows))
       (llm-switch-test-chat ,model ,mode ,@body))))

(defun llm-switch-mcp-chat-test-sent ()
  "Return the texts of the user's turns that the simulator says it got last."
  (let* ((answer (llm-switch-turn-text (llm-switch-turn)))
         (told (json-parse-string answer :object-type 'plist :array-type 'list)))
    (mapcar (lambda (message) (plist-get message :text))
            (seq-filter (lambda (message) (equal (plist-get message :role) "user"))
                        (plist-get told :messages)))))

(provide 'llm-switch-mcp-chat-helper)
;;; llm-switch-mcp-chat-helper.el ends here
