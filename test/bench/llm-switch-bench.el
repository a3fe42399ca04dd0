;;; llm-switch-bench.el --- The Emacs that is measured  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; bench.py runs Emacs with this file, in a terminal, and connects it with
;; `llm-switch-bench-listen': a line with a form comes in, and a line of JSON
;; goes out when what was measured has ended.  In between Emacs is left to its
;; command loop.

;;; Code:

(require 'lisp-mnt)
(require 'llm-switch-bench-chat)
(require 'llm-switch-bench-process)

(defconst llm-switch-bench--settled 0.1
  "Seconds of quiet before and after a measurement.
In them Emacs redisplays, what was sent ends, and the kernel brings the CPU
time of the main thread up to date.")

;;; Connection

(defvar llm-switch-bench--driver nil
  "The connection to bench.py.")

(defun llm-switch-bench-listen (port)
  "Evaluate the forms that come from PORT of this machine, one a line."
  (setq llm-switch-bench--driver
        (make-network-process :name "driver" :host "127.0.0.1" :service port :noquery t
                              :coding 'utf-8 :filter #'llm-switch-bench--hear)))

(defun llm-switch-bench--hear (_driver form)
  "Evaluate FORM, whose result, if it has one, is sent later.
Outside of the filter, in which quitting and redisplay are not what they are
for a command."
  (run-at-time 0 nil #'llm-switch-bench--evaluate (read form)))

(defun llm-switch-bench--evaluate (form)
  "Evaluate FORM, or tell why that failed."
  (condition-case problem
      (eval form t)
    (error (llm-switch-bench--tell (list :error (error-message-string problem))))))

(defun llm-switch-bench--tell (result)
  "Send RESULT, a plist, to bench.py."
  (process-send-string llm-switch-bench--driver (concat (json-serialize result) "\n")))

;;; First word

(defun llm-switch-bench-first (side url)
  "Tell when the first word of an answer stands in its buffer.
SIDE and URL are as for `llm-switch-bench-chat-open'.  This waits, and so no
redisplay comes in between: that takes as long on both sides, and the transport
is no reason for it."
  (let ((chat (llm-switch-bench-chat-open side url 5 0 300))
        (ended nil))
    (sleep-for llm-switch-bench--settled)
    (llm-switch-bench-chat-send chat (lambda () (setq ended t)))
    (while (not ended) (accept-process-output nil 0.05))
    (llm-switch-bench--tell (list :first (vector (car (llm-switch-bench-chat-times chat)))))
    (llm-switch-bench-chat-close chat)))

;;; Streams

(defun llm-switch-bench-stream (side url words rate event count notes)
  "Have COUNT chats answered at once, and tell what it cost when all have ended.
SIDE, URL, WORDS, RATE and EVENT are as for `llm-switch-bench-chat-open'.
NOTES non-nil shows all chats and a buffer to type in, else one chat is shown."
  (let ((chats (cl-loop repeat count
                        collect (llm-switch-bench-chat-open side url words rate event))))
    (delete-other-windows)
    (if notes
        (llm-switch-bench--show-all chats)
      (switch-to-buffer (car chats)))
    (garbage-collect)
    (run-at-time llm-switch-bench--settled nil #'llm-switch-bench--send chats
                 (lambda (used)
                   (llm-switch-bench--tell (llm-switch-bench--result chats words used))
                   (mapc #'llm-switch-bench-chat-close chats)))))

(defun llm-switch-bench--show-all (chats)
  "Show CHATS in two rows and select a buffer to type in below them."
  (let* ((notes (split-window nil -12))
         (half (/ (length chats) 2))
         (lower (split-window)))
    (llm-switch-bench--show-row (selected-window) (seq-take chats half))
    (llm-switch-bench--show-row lower (seq-drop chats half))
    (balance-windows (window-parent lower))
    (select-window notes)
    (switch-to-buffer (generate-new-buffer "*notes*"))))

(defun llm-switch-bench--show-row (window chats)
  "Show CHATS side by side in the space of WINDOW."
  (set-window-buffer window (car chats))
  (dolist (chat (cdr chats))
    (set-window-buffer (split-window window nil 'left) chat)))

(defun llm-switch-bench--send (chats finished)
  "Let all CHATS be answered.
When all have ended call FINISHED with the CPU time used, (MAIN ALL) in seconds."
  (let* ((waiting (length chats))
         (all (llm-switch-bench-process-all))
         (before (progn (sleep-for 0.01) (list (llm-switch-bench-process-main) all))))
    (dolist (chat chats)
      (llm-switch-bench-chat-send
       chat
       (lambda ()
         (when (zerop (cl-decf waiting))
           (run-at-time llm-switch-bench--settled nil
                        (lambda () (funcall finished (llm-switch-bench--used before))))))))))

(defun llm-switch-bench--used (before)
  "Return the CPU time used since BEFORE, both (MAIN ALL) in seconds."
  (cl-mapcar #'- (list (llm-switch-bench-process-main) (llm-switch-bench-process-all)) before))

(defun llm-switch-bench--result (chats words used)
  "Return, as a plist, the times of CHATS of WORDS words, which have USED CPU time."
  (let ((times (mapcar #'llm-switch-bench-chat-times chats)))
    (list :main (car used) :all (cadr used)
          :first (vconcat (mapcar #'car times))
          :wall (vconcat (mapcar #'cadr times))
          :whole (cl-count-if (lambda (chat) (llm-switch-bench-chat-whole-p chat words))
                              chats))))

;;; A fresh Emacs in batch mode

(defun llm-switch-bench-load-time (module)
  "Print how long it takes to load the file MODULE, seconds."
  (let ((start (float-time)))
    (module-load module)
    (llm-switch-bench--print (- (float-time) start))))

(defun llm-switch-bench-memory (side url)
  "Print the memory that the first answer takes, RESIDENT PRIVATE, bytes.
SIDE and URL are as for `llm-switch-bench-chat-open'.  For \"module\" the module
is loaded and started, which is most of it."
  (llm-switch-bench-process-memory)     ;reading it the first time takes memory too
  (let ((before (llm-switch-bench-process-memory))
        (ended nil))
    (llm-switch-bench-chat-send (llm-switch-bench-chat-open side url 100 0 300)
                                (lambda () (setq ended t)))
    (while (not ended) (accept-process-output nil 0.05))
    (apply #'llm-switch-bench--print
           (cl-mapcar #'- (llm-switch-bench-process-memory) before))))

(defun llm-switch-bench-versions ()
  "Print the versions of Emacs and of gptel."
  (llm-switch-bench--print emacs-version (lm-version (locate-library "gptel.el"))))

(defun llm-switch-bench--print (&rest values)
  "Print VALUES on one line."
  (princ (mapconcat (lambda (value) (format "%s" value)) values " ")))

(provide 'llm-switch-bench)
;;; llm-switch-bench.el ends here
