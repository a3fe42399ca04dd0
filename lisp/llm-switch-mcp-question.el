;;; llm-switch-mcp-question.el --- What servers of tools ask  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Who answers which question of a server, and what all of these have in
;; common.  What a server says is shown as what it is: in a window of its own,
;; whole, and never as a part of what Emacs says.

;;; Code:

(require 'llm-switch-channel)
(require 'subr-x)

;;; Who answers

(defconst llm-switch-mcp-question--kinds
  '(("mcp-form" llm-switch-mcp-form-answer "llm-switch-mcp-form")
    ("mcp-input" llm-switch-mcp-input-answer "llm-switch-mcp-input")
    ("mcp-login" llm-switch-mcp-login-answer "llm-switch-mcp-login")
    ("mcp-page" llm-switch-mcp-page-answer "llm-switch-mcp-page")
    ("mcp-sampling" llm-switch-mcp-sampling-answer "llm-switch-mcp-sampling"))
  "Kinds of questions, the functions that answer them, and their files.")

(pcase-dolist (`(,kind ,function ,file) llm-switch-mcp-question--kinds)
  (autoload function file)
  (setf (alist-get kind llm-switch-channel-question-functions nil nil #'equal) function))

;;; What is shown

(defconst llm-switch-mcp-question--buffer "*llm-switch question*"
  "The buffer in which what a server says is shown.")

(defun llm-switch-mcp-question-who (question)
  "Return who asks QUESTION, a plist, as text."
  (let ((server (llm-switch-mcp-question-line (plist-get question :server)))
        (tools (plist-get question :tools)))
    (if tools
        (format "%s (while it runs %s)" server
                (mapconcat #'llm-switch-mcp-question-line tools ", "))
      server)))

(defun llm-switch-mcp-question-line (text)
  "Return TEXT, which a server wrote, as a part of a line.
Nothing in it can begin another line or turn the direction of writing."
  (string-trim (replace-regexp-in-string
                (rx (+ (any space cntrl "\u200e\u200f\u2028-\u202e\u2066-\u2069"))) " "
                (or text ""))))

(defun llm-switch-mcp-question-showing (text read)
  "Call READ while TEXT is shown, and return its value."
  (let* ((buffer (generate-new-buffer llm-switch-mcp-question--buffer))
         (window (progn (llm-switch-mcp-question--fill buffer text)
                        (llm-switch-mcp-question--display buffer))))
    (unwind-protect (funcall read)
      (when (and (window-live-p window) (eq (window-buffer window) buffer))
        (quit-restore-window window))
      (kill-buffer buffer))))

(defun llm-switch-mcp-question--fill (buffer text)
  "Let BUFFER hold TEXT."
  (with-current-buffer buffer
    (special-mode)
    (setq-local bidi-paragraph-direction 'left-to-right
                word-wrap t
                truncate-lines nil)
    (let ((inhibit-read-only t))
      (insert (string-trim-right text) "\n")
      (goto-char (point-min)))))

(defun llm-switch-mcp-question--display (buffer)
  "Show BUFFER below what is shown, as high as it needs; return its window."
  (display-buffer buffer '((display-buffer-reuse-window display-buffer-below-selected)
                           (window-height . fit-window-to-buffer))))

(provide 'llm-switch-mcp-question)
;;; llm-switch-mcp-question.el ends here
