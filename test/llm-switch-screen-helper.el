;;; llm-switch-screen-helper.el --- Screens as a user drives them  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What the tests of the buffers that show the ledger share: keys, and what is
;; seen after them.

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-spend-screen)

(defun llm-switch-screen-test-wait ()
  "Wait until this screen shows what it asked for."
  (llm-switch-test-wait (and llm-switch-spend-screen-value (not llm-switch-spend-screen--id))))

(defun llm-switch-screen-test-type (&rest keys)
  "Type KEYS in the selected window's buffer and wait for what comes of it."
  (dolist (key keys)
    (execute-kbd-macro (kbd key))
    (set-buffer (window-buffer))
    (llm-switch-screen-test-wait)))

(defun llm-switch-screen-test-lines ()
  "Return the lines of this buffer."
  (split-string (buffer-substring-no-properties (point-min) (point-max)) "\n"))

(defun llm-switch-screen-test-see (regexp)
  "Go to the line that REGEXP matches, and fail when there is none."
  (goto-char (point-min))
  (unless (re-search-forward regexp nil t)
    (ert-fail (list "not seen" regexp (llm-switch-screen-test-lines))))
  (beginning-of-line))

(provide 'llm-switch-screen-helper)
;;; llm-switch-screen-helper.el ends here
