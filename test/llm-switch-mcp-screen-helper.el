;;; llm-switch-mcp-screen-helper.el --- Screens of MCP servers, driven by keys  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A test opens a screen from a chat of its own, types keys, and waits for what
;; is seen.

;;; Code:

(require 'llm-switch-mcp)
(require 'llm-switch-mcp-helper)
(require 'llm-switch-screen-helper)

(defun llm-switch-mcp-screen-test-box ()
  "Return the section of a configuration for the server of the tests, \"box\"."
  (llm-switch-mcp-test-program "box" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio")
                               "SECRET" (llm-switch-test-key "box")))

(defmacro llm-switch-mcp-screen-test-with (config &rest body)
  "Run BODY in the table of servers, opened from the chat *chat*.
CONFIG is a form that gives the configuration."
  (declare (indent 1) (debug t))
  `(llm-switch-mcp-test-with ,config
     (let ((folder default-directory)
           (chat (get-buffer-create "*chat*")))
       (make-directory (expand-file-name ".git" folder))
       (unwind-protect
           (save-window-excursion
             (switch-to-buffer chat)
             (setq default-directory folder)
             (llm-switch-mcp)
             (llm-switch-test-wait llm-switch-mcp--told)
             ,@body)
         (setq gptel--known-tools nil)
         (dolist (buffer (buffer-list))
           (when (string-match-p "\\`\\*\\(chat\\|llm-switch \\)" (buffer-name buffer))
             (kill-buffer buffer)))))))

(defun llm-switch-mcp-screen-test-type (keys)
  "Type KEYS in the selected window; what they ask of the user comes after them."
  (execute-kbd-macro (kbd keys))
  (set-buffer (window-buffer)))

(defun llm-switch-mcp-screen-test-see (regexp)
  "Wait until the buffer of the selected window has what REGEXP matches; go there."
  (set-buffer (window-buffer))
  (condition-case nil
      (llm-switch-test-wait
        (save-excursion (goto-char (point-min)) (re-search-forward regexp nil t)))
    (ert-test-failed (ert-fail (list "not seen" regexp (llm-switch-screen-test-lines)))))
  (goto-char (point-min))
  (re-search-forward regexp)
  (beginning-of-line)
  (set-window-point (selected-window) (point)))

(defmacro llm-switch-mcp-screen-test-answering (keys &rest body)
  "Run BODY with KEYS typed to whatever is asked meanwhile."
  (declare (indent 1) (debug t))
  `(llm-switch-test-keys ,keys ,@body))

(provide 'llm-switch-mcp-screen-helper)
;;; llm-switch-mcp-screen-helper.el ends here
