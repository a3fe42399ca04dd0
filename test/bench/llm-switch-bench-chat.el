;;; llm-switch-bench-chat.el --- Chats whose answers are timed  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Both sides are real gptel chats of the same mode, with gptel's own callback
;; and with its options and hooks as they are shipped; only the backend differs.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'gptel-openai)
(require 'llm-switch-gptel)

;; Except this one.  It animates the end of an answer for a third of a second,
;; the same on both sides, and costs several times what a fast stream does.
(remove-hook 'gptel-post-response-functions #'pulse-momentary-highlight-region)

(defvar-local llm-switch-bench-chat--sent nil
  "When the request of this chat was made, seconds.")

(defvar-local llm-switch-bench-chat--first nil
  "When the first word of the answer stood in the buffer, seconds.")

(defvar-local llm-switch-bench-chat--ended nil
  "When the answer was complete, seconds.")

(defvar-local llm-switch-bench-chat--answer nil
  "The answer.")

;;; Sides

(defconst llm-switch-bench-chat--event 190
  "Bytes of an event of the simulator, about, before its model's name is filled.")

(defun llm-switch-bench-chat-open (side url words rate event &optional mode)
  "Return a new chat that the simulator at URL answers with WORDS words.
They come RATE a second, or at full speed if that is 0, in events of about
EVENT bytes.  SIDE is \"module\" or \"curl\"; the module knows URL as account
\"sim\".  The chat is in MODE, a function, `text-mode' unless it is given."
  (with-current-buffer (generate-new-buffer "*chat*")
    (funcall (or mode #'text-mode))
    ;; Our segment of the header line is no cost of gptel's.
    (let ((gptel-mode-hook nil)) (gptel-mode 1))
    (if (equal side "module")
        (llm-switch-gptel-use '(:deployment "sim/words" :title "Simulator"
                                :locality "local" :payer "free")
                              'buffer)
      (setq-local gptel-model 'words
                  gptel-backend (llm-switch-bench-chat--peer url)))
    (setq-local gptel--request-params
                (list :model (concat (and (equal side "module") "sw/sim/")
                                     (llm-switch-bench-chat--script words rate event))))
    (insert "Count.")
    (current-buffer)))

(defun llm-switch-bench-chat--script (words rate event)
  "Return the name of a model for WORDS, RATE and EVENT.
The simulator repeats the name in each event, so zeros fill it up.  The size
matters: once a process has sent less than 256 bytes, Emacs reads it late and
several events at once (`process-adaptive-read-buffering'), for which gptel
redisplays only once."
  (format "words:%d@%d.%s" words rate
          (make-string (max 1 (- event llm-switch-bench-chat--event)) ?0)))

(defun llm-switch-bench-chat--peer (url)
  "Return gptel's own backend for the service at URL, http://HOST:PORT/v1."
  (string-match "\\`http://\\([^/]+\\)/v1\\'" url)
  (gptel-make-openai "peer" :host (match-string 1 url) :protocol "http"
                     :endpoint "/v1/chat/completions" :models '(words)
                     :key "none" :stream t))

;;; Sending

(defun llm-switch-bench-chat-send (chat ended)
  "Send CHAT's prompt; call ENDED, without arguments, when the answer is complete."
  (with-current-buffer chat
    (goto-char (point-max))
    (add-hook 'after-change-functions #'llm-switch-bench-chat--changed nil t)
    (add-hook 'gptel-post-response-functions
              (lambda (beg end)
                (setq llm-switch-bench-chat--ended (float-time)
                      llm-switch-bench-chat--answer (buffer-substring-no-properties beg end))
                (funcall ended))
              nil t)
    (setq llm-switch-bench-chat--sent (float-time))
    (gptel-send)))

(defun llm-switch-bench-chat--changed (beg end _removed)
  "Note when the answer's first word stands between BEG and END."
  (when (string-match-p "w1 " (buffer-substring-no-properties beg end))
    (setq llm-switch-bench-chat--first (float-time))
    (remove-hook 'after-change-functions #'llm-switch-bench-chat--changed t)))

;;; Results

(defun llm-switch-bench-chat-times (chat)
  "Return (FIRST WALL) of CHAT: seconds from the request to first word and end."
  (with-current-buffer chat
    (list (- llm-switch-bench-chat--first llm-switch-bench-chat--sent)
          (- llm-switch-bench-chat--ended llm-switch-bench-chat--sent))))

(defun llm-switch-bench-chat-whole-p (chat words)
  "Return non-nil if CHAT's answer is the simulator's first WORDS words, in order."
  (equal (split-string (buffer-local-value 'llm-switch-bench-chat--answer chat))
         (cl-loop for i from 1 to words
                  collect (format (if (zerop (% i 10)) "w%dé🦄" "w%d") i))))

(defun llm-switch-bench-chat-close (chat)
  "Forget CHAT."
  (with-current-buffer chat (set-buffer-modified-p nil))
  (kill-buffer chat))

(provide 'llm-switch-bench-chat)
;;; llm-switch-bench-chat.el ends here
