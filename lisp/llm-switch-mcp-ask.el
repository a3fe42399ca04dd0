;;; llm-switch-mcp-ask.el --- A question that shows what it is about  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What a server or a model wants to do is shown whole in a window of its own,
;; which can be scrolled, and answered with one key.  Who does not answer has
;; not agreed: quitting, batch mode and a chat that is killed meanwhile are no.

;;; Code:

(require 'seq)
(require 'subr-x)

(defconst llm-switch-mcp-ask--buffer "*llm-switch question*"
  "The name of the buffer that shows what is asked about.")

(defun llm-switch-mcp-ask (text prompt choices)
  "Show TEXT, ask PROMPT, and return what one of CHOICES stands for, or nil.
CHOICES are (KEY LABEL . VALUE)."
  (let ((buffer (current-buffer)))
    (when (llm-switch-mcp-ask--somebody-p)
      (let ((value (save-window-excursion
                     (llm-switch-mcp-ask--show text)
                     (unwind-protect (llm-switch-mcp-ask--read prompt choices)
                       (kill-buffer llm-switch-mcp-ask--buffer)))))
        (and (buffer-live-p buffer) value)))))

(defun llm-switch-mcp-ask--somebody-p ()
  "Return non-nil if somebody can answer: no batch mode, or keys that are typed."
  (or executing-kbd-macro (not noninteractive)))

(defun llm-switch-mcp-ask--show (text)
  "Show TEXT in a window below, and return it."
  (with-current-buffer (get-buffer-create llm-switch-mcp-ask--buffer)
    (let ((inhibit-read-only t))
      (erase-buffer)
      (insert text)
      (goto-char (point-min)))
    (special-mode)
    (setq-local cursor-type nil))
  (display-buffer llm-switch-mcp-ask--buffer
                  '((display-buffer-below-selected display-buffer-at-bottom)
                    (window-height . fit-window-to-buffer))))

(defun llm-switch-mcp-ask--read (prompt choices)
  "Ask PROMPT until one of CHOICES, (KEY LABEL . VALUE), is typed.
Return its value.  What is shown can be scrolled meanwhile."
  (let ((whole (concat (propertize prompt 'face 'minibuffer-prompt) " "
                       (mapconcat #'llm-switch-mcp-ask--label choices ", ") " "))
        (choice nil))
    (while (not choice)
      (let ((key (read-key whole)))
        (when (memq key '(?\C-g ?\e -1)) (signal 'quit nil))
        (setq choice (assq key choices))
        (unless choice (llm-switch-mcp-ask--scroll key))))
    (message nil)
    (cddr choice)))

(defun llm-switch-mcp-ask--label (choice)
  "Return CHOICE, (KEY LABEL . VALUE), as it is in the prompt."
  (concat (propertize (char-to-string (car choice)) 'face 'help-key-binding)
          " " (cadr choice)))

(defun llm-switch-mcp-ask--scroll (key)
  "Scroll what is shown if KEY is one that scrolls."
  (when-let* ((window (get-buffer-window llm-switch-mcp-ask--buffer)))
    (with-selected-window window
      (ignore-errors
        (pcase key
          ((or ?\s ?\C-v 'next) (scroll-up-command))
          ((or ?\d ?\M-v 'prior 'backspace) (scroll-down-command)))))))

(defun llm-switch-mcp-ask-visible (text)
  "Return TEXT with nothing in it that cannot be seen.
A server chose it: it must not hide a part of itself, or reorder what is read."
  (replace-regexp-in-string
   "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
   (lambda (it) (propertize (format "\\u%04x" (string-to-char it)) 'face 'escape-glyph))
   text t t))

(provide 'llm-switch-mcp-ask)
;;; llm-switch-mcp-ask.el ends here
