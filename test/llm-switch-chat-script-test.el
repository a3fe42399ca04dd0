;;; llm-switch-chat-script-test.el --- The same chat in every dialect  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What `make chat-script' shows, a dialect a test.

;;; Code:

(require 'llm-switch-chat-script)

(defun llm-switch-chat-script-test--in (dialect)
  "Check that DIALECT gives the buffers that are expected."
  (llm-switch-test-with (llm-switch-chat-script-config)
    (dolist (mode llm-switch-chat-script-modes)
      (ert-info ((format "%s" mode))
        (should (equal (llm-switch-chat-script-run dialect mode)
                       (llm-switch-chat-script-expected mode)))))))

(ert-deftest llm-switch-chat-script/openai-chat-gives-the-expected-buffers ()
  (llm-switch-chat-script-test--in "openai-chat"))

(ert-deftest llm-switch-chat-script/openai-responses-gives-the-expected-buffers ()
  (llm-switch-chat-script-test--in "openai-responses"))

(ert-deftest llm-switch-chat-script/anthropic-gives-the-expected-buffers ()
  (llm-switch-chat-script-test--in "anthropic"))

(ert-deftest llm-switch-chat-script/gemini-gives-the-expected-buffers ()
  (llm-switch-chat-script-test--in "gemini"))

(ert-deftest llm-switch-chat-script/ollama-gives-the-expected-buffers ()
  (llm-switch-chat-script-test--in "ollama"))

(provide 'llm-switch-chat-script-test)
;;; llm-switch-chat-script-test.el ends here
