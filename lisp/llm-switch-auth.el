;;; llm-switch-auth.el --- Keys, from where the user keeps them  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The configuration says where a key is kept, never what it is.  The module
;; asks for a key when it needs one, and Emacs looks it up here.  Keys are not
;; stored, logged or shown.

;;; Code:

(require 'auth-source)
(require 'auth-source-pass)
(require 'llm-switch-channel)
(require 'subr-x)

(autoload 'llm-switch-adopt-key "llm-switch-adopt")

(defun llm-switch-auth-lookup (source)
  "Return the key that is kept at SOURCE, a string, or nil if there is none.
SOURCE is \"auth-source:HOST\", \"auth-source:USER@HOST\", \"env:NAME\",
\"file:PATH#NAME\", \"pass:ENTRY\", \"cmd:COMMAND\" or \"gptel:BACKEND\"."
  (when (string-match "\\`\\([a-z-]+\\):\\(.+\\)\\'" source)
    (let ((kind (match-string 1 source))
          (place (match-string 2 source)))
      (pcase kind
        ("auth-source" (llm-switch-auth--auth-source place))
        ;; Only because the configuration names it: a stray variable must
        ;; never choose who pays.
        ("env" (getenv place))
        ("file" (llm-switch-auth--file place))
        ("pass" (auth-source-pass-get 'secret place))
        ("cmd" (llm-switch-auth--command place))
        ("gptel" (llm-switch-adopt-key place))))))

(defun llm-switch-auth--auth-source (place)
  "Return the secret that auth-source has for PLACE: HOST or USER@HOST."
  (let* ((parts (split-string place "@"))
         (host (car (last parts)))
         (user (string-join (butlast parts) "@"))
         (found (apply #'auth-source-search :host host :max 1 :require '(:secret)
                       (unless (string-empty-p user) (list :user user))))
         (secret (plist-get (car found) :secret)))
    (if (functionp secret) (funcall secret) secret)))

(defun llm-switch-auth--file (place)
  "Return the key in the file of PLACE, written PATH#NAME.
The file has a line \"NAME:\" and the key on the next line; without #NAME the
key is the first line."
  (pcase-let ((`(,path ,name) (split-string place "#")))
    (with-temp-buffer
      (insert-file-contents (substitute-in-file-name path))
      (when (or (null name)
                (re-search-forward (concat "^" (regexp-quote name) ":[ \t]*\n?") nil t))
        (string-trim (buffer-substring (point) (line-end-position)))))))

(defun llm-switch-auth--command (command)
  "Return the first line that the shell COMMAND prints."
  (with-temp-buffer
    (when (eq 0 (call-process shell-file-name nil '(t nil) nil shell-command-switch command))
      (goto-char (point-min))
      (string-trim (buffer-substring (point) (line-end-position))))))

(defun llm-switch-auth--answer (question)
  "Answer QUESTION of the module for the key at its :source."
  (llm-switch-auth-lookup (plist-get question :source)))

(add-to-list 'llm-switch-channel-question-functions '("key" . llm-switch-auth--answer))

(provide 'llm-switch-auth)
;;; llm-switch-auth.el ends here
