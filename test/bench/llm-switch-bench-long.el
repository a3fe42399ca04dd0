;;; llm-switch-bench-long.el --- One more question in a long chat  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What grows with a chat is what gptel reads of it and what is made of that,
;; before anything is sent, on both sides.  What comes back should cost as
;; little as in a short chat, also where it is one long line.

;;; Code:

(require 'llm-switch-bench)

(declare-function org-element-cache-reset "org-element" (&optional all no-persistence))

(defconst llm-switch-bench-long--turns 500
  "Questions in a long chat, each with its answer.")

(defconst llm-switch-bench-long--answer 9900
  "Characters of an answer in a long chat: with its question about 10 KB.")

(defconst llm-switch-bench-long--line 120000
  "Characters of the answer that is one line.")

(defun llm-switch-bench-long--words (length)
  "Return LENGTH characters of words, in lines of 72 columns."
  (let ((line "The quick brown fox jumps over the lazy dog, and the dog does not mind.\n"))
    (substring (apply #'concat (make-list (1+ (/ length (length line))) line)) 0 length)))

(defun llm-switch-bench-long--fill (line)
  "Put 5 MB of questions and answers before the question of this chat.
With LINE non-nil the last of the answers is one long line."
  (goto-char (point-min))
  (let ((answer (llm-switch-bench-long--words llm-switch-bench-long--answer))
        ;; As in a chat that was just visited; and nobody waits for it here.
        (inhibit-modification-hooks t)
        (buffer-undo-list t))
    (dotimes (turn llm-switch-bench-long--turns)
      (llm-switch-bench-long--insert (format "This is question %d, of a usual length." turn) answer))
    (when line
      (llm-switch-bench-long--insert
       "And in one line?"
       (string-replace "\n" " " (llm-switch-bench-long--words llm-switch-bench-long--line)))))
  ;; It was not told.
  (when (derived-mode-p 'org-mode) (org-element-cache-reset))
  (goto-char (point-max)))

(defun llm-switch-bench-long--insert (question answer)
  "Insert QUESTION and its ANSWER as gptel leaves them."
  (insert question "\n\n" (propertize answer 'gptel 'response 'front-sticky '(gptel)) "\n\n"))

(defun llm-switch-bench-long (side url words rate mode line)
  "Tell what it costs to ask once more in a long chat.
SIDE, URL, WORDS and RATE are as for `llm-switch-bench-chat-open'; MODE is the
name of a major mode.  With LINE non-nil one of its answers is one line."
  (let ((chat (llm-switch-bench-chat-open side url words rate 300 (intern mode))))
    (delete-other-windows)
    (switch-to-buffer chat)
    (llm-switch-bench-long--fill line)
    (garbage-collect)
    (run-at-time llm-switch-bench--settled nil #'llm-switch-bench-long--ask chat words)))

(defun llm-switch-bench-long--ask (chat words)
  "Send the question of CHAT, whose answer has WORDS words, and tell what it cost.
That is the main thread's CPU time until `gptel-send' returns, and after that."
  (let ((before (progn (sleep-for 0.01) (llm-switch-bench-process-main)))
        (sent nil))
    (llm-switch-bench-chat-send
     chat
     (lambda ()
       (run-at-time llm-switch-bench--settled nil
                    (lambda ()
                      (llm-switch-bench-long--end
                       chat
                       (list :send (- sent before)
                             :answer (- (llm-switch-bench-process-main) sent)
                             :whole (if (llm-switch-bench-chat-whole-p chat words) 1 0)))))))
    (setq sent (llm-switch-bench-process-main))))

(defun llm-switch-bench-long--end (chat result)
  "Forget CHAT and tell RESULT.
In this order: told the last result, bench.py ends this Emacs by a signal, and
one that comes while megabytes are freed makes it wait for itself forever."
  (llm-switch-bench-chat-close chat)
  (garbage-collect)
  (llm-switch-bench--tell result))

(provide 'llm-switch-bench-long)
;;; llm-switch-bench-long.el ends here
