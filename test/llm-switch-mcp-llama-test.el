;;; llm-switch-mcp-llama-test.el --- A real model calls a tool of a real server  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The model of llama-server is tiny: it is made to call a tool, with an
;; argument that it can choose from one value only.  What it then says of the
;; result is its own.

;;; Code:

(require 'llm-switch-mcp-helper)
(require 'llm-switch-mcp-tools)

(defconst llm-switch-mcp-llama-test-model "llamacpp/tiny-demo"
  "The deployment that the make target serves.")

(defun llm-switch-mcp-llama-test-config ()
  "Return a configuration with the llama-server of the make target and a server."
  (concat (format "[provider.llamacpp]\nbase-url = %S\n" (getenv "LLM_SWITCH_DEMO_URL"))
          (llm-switch-mcp-test-program "s" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio"))))

(defun llm-switch-mcp-llama-test--offer ()
  "Let the chat here have the tool that tells the weather."
  (setq default-directory llm-switch-mcp-test-project)
  (let ((done nil))
    (llm-switch-mcp-tools-refresh (lambda () (setq done t)))
    (llm-switch-test-wait done))
  (setq-local gptel-tools (list (gptel-get-tool '("mcp-s" "mcp__s__weather")))))

(ert-deftest llm-switch-mcp-llama/a-chat-calls-a-tool-and-goes-on-with-its-result ()
  (dolist (stream '(t nil))
    (let ((gptel--known-tools nil) (gptel-tools nil) (gptel-use-tools t)
          (gptel-confirm-tool-calls nil) (gptel-log-level 'info)
          (gptel-temperature 0) (gptel-system-prompt nil) (gptel-stream stream))
      (llm-switch-mcp-test-with (llm-switch-mcp-llama-test-config)
        (llm-switch-mcp-test-start "s")
        (llm-switch-test-chat llm-switch-mcp-llama-test-model #'text-mode
          (llm-switch-mcp-llama-test--offer)
          (let* ((info (llm-switch-test-ask "What is the weather in Paris?"))
                 (messages (append (plist-get (plist-get info :data) :messages) nil))
                 (result (car (last messages))))
            (should-not (plist-get info :error))
            (should (equal (mapcar (lambda (it) (plist-get it :role)) messages)
                           '("user" "assistant" "tool")))
            (should (equal (plist-get result :content) "18 degrees, sunny in \"Paris\""))
            (let ((asked (llm-switch-mcp-test-asked "mcp-permission")))
              (should (equal (json-parse-string (plist-get (car asked) :arguments)
                                                :object-type 'plist)
                             '(:city "Paris")))
              (should (= 1 (length asked))))
            ;; Something is said behind it.
            (goto-char (point-max))
            (should (text-property-search-backward 'gptel 'response t))))))))

(provide 'llm-switch-mcp-llama-test)
;;; llm-switch-mcp-llama-test.el ends here
