;;; llm-switch-channel.el --- What goes to the module and what comes back  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A request or a call gets an integer id at once; what becomes of it comes as
;; events.  The module gathers events in a queue and writes one byte to a pipe
;; process, whose filter drains the queue into a list in Lisp.  The list is
;; worked off one event at a time, so that a handler which waits for output
;; (and so lets the filter run again) neither loses nor reorders events.

;;; Code:

(require 'llm-switch-module)
(require 'seq)
(require 'subr-x)

(declare-function llm-switch--mod-start "ext:llm-switch-native" (options))
(declare-function llm-switch--mod-open-channel "ext:llm-switch-native" (process))
(declare-function llm-switch--mod-submit "ext:llm-switch-native" (request))
(declare-function llm-switch--mod-call "ext:llm-switch-native" (method params))
(declare-function llm-switch--mod-cancel "ext:llm-switch-native" (id))
(declare-function llm-switch--mod-drain "ext:llm-switch-native" ())
(declare-function llm-switch--mod-shutdown "ext:llm-switch-native" ())

;;; Options

(defcustom llm-switch-config-file
  (expand-file-name "llm-switch/config.toml" (or (getenv "XDG_CONFIG_HOME") "~/.config/"))
  "The configuration file; it need not exist.
Takes effect when the engine starts."
  :group 'llm-switch
  :type 'file)

(defcustom llm-switch-ledger-file
  (expand-file-name "llm-switch/ledger.db" (or (getenv "XDG_DATA_HOME") "~/.local/share/"))
  "The ledger.  Takes effect when the engine starts.
Never visit this file, copy it or look into it from within Emacs: that makes
SQLite lose records."
  :group 'llm-switch
  :type 'file)

(defcustom llm-switch-state-directory
  (expand-file-name "llm-switch/" (or (getenv "XDG_STATE_HOME") "~/.local/state/"))
  "Where the module keeps what it has learnt about deployments.
Takes effect when the engine starts."
  :group 'llm-switch
  :type 'directory)

(defcustom llm-switch-pace 33
  "Milliseconds between two insertions of a streamed answer.
Each costs a redisplay, which is most of what a stream costs.  The first piece
of an answer never waits.  Takes effect when the engine starts."
  :group 'llm-switch
  :type '(integer :match (lambda (_ value) (and (integerp value) (<= 1 value 1000)))))

(defvar llm-switch-channel-notice-functions '(llm-switch-channel-warn)
  "Functions to call with each notice, a plist (:kind :message).
The first one that returns non-nil has dealt with it.")

(defvar llm-switch-channel-question-functions
  '(("confirm" . llm-switch-channel--confirm))
  "Who answers which kind of question: an alist (KIND . FUNCTION).
FUNCTION is called with the question, a plist, in the buffer of the request,
outside of any process filter.  It returns what `json-serialize' takes, or nil
for no answer.  Quitting and an error are no answer either.")

;;; State

(defvar llm-switch-channel--process nil
  "The pipe process that the module rings at.")

(defvar llm-switch-channel--handlers (make-hash-table :test #'eql)
  "Who hears the events of an id: (FUNCTION . BUFFER), BUFFER may be nil.")

(defvar llm-switch-channel--events nil
  "Drained events that wait to be handled, oldest first.")

(defvar llm-switch-channel--dispatching nil
  "Non-nil while events are being handled.")

(defvar llm-switch-channel--waiting nil
  "Questions that are asked when the one before them is answered, with buffers.")

(defvar llm-switch-channel--asking nil
  "The ids of the questions that are being asked, the innermost first.")

(defvar llm-switch-channel--open nil
  "The ids of the questions for whose answers somebody waits.")

;;; Start and stop

(defun llm-switch-channel-start ()
  "Load the module and start the engine, unless that is done.
Signal `llm-switch-module' when there is no module that fits."
  (unless (llm-switch-channel-live-p)
    (llm-switch-module-load)
    ;; Else Emacs reads the byte up to 50 ms late.
    (setq llm-switch-channel--process
          (let ((process-adaptive-read-buffering nil))
            (make-pipe-process :name "llm-switch" :buffer nil :noquery t :coding 'binary
                               :filter #'llm-switch-channel--wake :sentinel #'ignore)))
    (llm-switch--mod-open-channel llm-switch-channel--process)
    (llm-switch--mod-start
     (json-serialize `(:config-file ,(expand-file-name llm-switch-config-file)
                       :ledger-file ,(expand-file-name llm-switch-ledger-file)
                       :state-folder ,(expand-file-name llm-switch-state-directory)
                       :cache-folder ,(expand-file-name llm-switch-cache-directory)
                       :pace-ms ,llm-switch-pace)))
    (add-hook 'kill-emacs-hook #'llm-switch-channel-stop)
    ;; What was rung for while there was no process.
    (llm-switch-channel--wake nil nil)))

(defun llm-switch-channel-live-p ()
  "Return non-nil while the engine is running."
  (process-live-p llm-switch-channel--process))

(defun llm-switch-channel-stop ()
  "End the engine; each unfinished request gets its last event."
  (remove-hook 'kill-emacs-hook #'llm-switch-channel-stop)
  (when llm-switch-channel--process
    (let ((last (llm-switch--mod-shutdown)))
      (delete-process llm-switch-channel--process)
      (setq llm-switch-channel--process nil
            llm-switch-channel--open nil)
      (llm-switch-channel--leave-later)
      (llm-switch-channel--dispatch last))))

;;; Out

(defun llm-switch-channel--json (object)
  "Return OBJECT, a plist, as JSON text."
  (json-serialize object :null-object :null :false-object :json-false))

(defun llm-switch-channel-submit (request handler &optional buffer)
  "Start the LLM request REQUEST, JSON text, and return its id.
HANDLER is called with each event: a symbol KIND and REST, as
`llm-switch--mod-drain' documents them.  When BUFFER, if non-nil, is dead the
request is cancelled and HANDLER hears no more."
  (llm-switch-channel-start)
  (llm-switch-channel--register (llm-switch--mod-submit request) handler buffer))

(defun llm-switch-channel-call (method params handler &optional buffer)
  "Start METHOD of the module with PARAMS, a plist, and return its id.
HANDLER and BUFFER are as for `llm-switch-channel-submit'."
  (llm-switch-channel-start)
  (let ((json (llm-switch-channel--json `(:v ,llm-switch-module-boundary ,@params))))
    (llm-switch-channel--register (llm-switch--mod-call method json) handler buffer)))

(defun llm-switch-channel--register (id handler buffer)
  "Let HANDLER hear the events of ID, about BUFFER; return ID."
  (puthash id (cons handler buffer) llm-switch-channel--handlers)
  id)

(defun llm-switch-channel-cancel (id)
  "Cancel ID.  Its last event still comes."
  (llm-switch--mod-cancel id))

(defun llm-switch-channel-forget (id)
  "Cancel ID and hear no more of it."
  (remhash id llm-switch-channel--handlers)
  (llm-switch--mod-cancel id))

(defun llm-switch-call (method &optional params)
  "Run METHOD of the module with PARAMS, a plist, and return its value.
Waits, but Emacs goes on handling output and timers, and \\[keyboard-quit]
cancels.  Signal the method's error, a condition under `llm-switch-error'."
  (let* ((end nil)
         (id (llm-switch-channel-call
              method params
              (lambda (kind rest)
                (when (memq kind '(value error)) (setq end (cons kind rest)))))))
    (llm-switch-channel-wait id (lambda () end))
    (if (eq (car end) 'value)
        (cdr end)
      (llm-switch-channel-signal (cdr end)))))

(defun llm-switch-channel-wait (id over)
  "Wait for ID until OVER gives non-nil, and forget it if the wait ends before.
OVER is a function without arguments.  Emacs goes on handling output and
timers, and \\[keyboard-quit] ends the wait.  A handler may wait too: other
events wait meanwhile, those of ID do not."
  (unwind-protect
      (while (not (funcall over))
        (accept-process-output nil 0.05)
        (when llm-switch-channel--dispatching (llm-switch-channel--overtake id)))
    (unless (funcall over) (llm-switch-channel-forget id))))

(defun llm-switch-channel-signal (error)
  "Signal ERROR, the plist of an `error' event, as its condition."
  (signal (intern (concat "llm-switch-" (plist-get error :kind)))
          (list (plist-get error :message))))

;;; In

(defun llm-switch-channel--wake (_process _bytes)
  "Drain the module's queue and handle what was in it."
  (llm-switch-channel--dispatch (llm-switch--mod-drain)))

(defun llm-switch-channel--dispatch (events)
  "Handle EVENTS after those that wait, one at a time.
When called from within a handler, leave them to the outer call."
  (setq llm-switch-channel--events (nconc llm-switch-channel--events events))
  (unless llm-switch-channel--dispatching
    (let ((llm-switch-channel--dispatching t))
      (while llm-switch-channel--events
        (llm-switch-channel--attend (pop llm-switch-channel--events))))))

(defun llm-switch-channel--overtake (id)
  "Handle the events of ID now, although others came before them."
  (let ((mine (seq-filter (lambda (event) (eql (car event) id)) llm-switch-channel--events)))
    (setq llm-switch-channel--events
          (seq-remove (lambda (event) (eql (car event) id)) llm-switch-channel--events))
    (mapc #'llm-switch-channel--attend mine)))

(defun llm-switch-channel--attend (event)
  "Handle EVENT, (ID KIND . REST), whatever its handler does.
One broken handler harms nobody else; in batch an error in a filter would even
end Emacs."
  (condition-case problem
      (llm-switch-channel--handle (car event) (cadr event) (cddr event))
    ((error quit)
     (message "llm-switch: error in the handler of a %s event: %s"
              (cadr event) (error-message-string problem)))))

(defun llm-switch-channel--handle (id kind rest)
  "Hand the event of KIND with REST to whoever listens to ID."
  (pcase-let ((`(,handler . ,buffer) (gethash id llm-switch-channel--handlers))
              (last (memq kind '(done error value))))
    (when last (remhash id llm-switch-channel--handlers))
    (cond
     ((eq kind 'withdrawn) (llm-switch-channel--withdraw (plist-get rest :question)))
     ((eq kind 'notice) (run-hook-with-args-until-success 'llm-switch-channel-notice-functions rest))
     ;; Nobody's in particular: a server asks while no call waits for it.
     ((and (eq kind 'question) (eql id 0)) (llm-switch-channel--ask-soon rest nil))
     ((null handler))
     ((and buffer (not (buffer-live-p buffer)))
      (unless last (llm-switch-channel-forget id)))
     ((eq kind 'question) (llm-switch-channel--ask-soon rest buffer))
     (t (funcall handler kind rest)))))

(defun llm-switch-channel-warn (notice)
  "Show NOTICE, a plist (:kind :message), as a warning.
One without a message is for who looks, and disturbs nobody."
  (when (plist-get notice :message)
    (display-warning (list 'llm-switch (intern (plist-get notice :kind)))
                     (plist-get notice :message))))

;;; Questions

(defun llm-switch-channel--ask-soon (question buffer)
  "Ask QUESTION, a plist, in BUFFER, outside of the process filter."
  (push (plist-get question :question) llm-switch-channel--open)
  (run-at-time 0 nil #'llm-switch-channel--ask-when-quiet question buffer))

(defconst llm-switch-channel--quiet 1
  "Seconds without a key after which a question does not take one by mistake.")

(defun llm-switch-channel--ask-when-quiet (question buffer)
  "Ask QUESTION, a plist, in BUFFER, when the user does not type.
While a command waits for the answer Emacs is never idle: then it is asked now."
  (let* ((idle (and (not noninteractive) (current-idle-time)))
         (left (and idle (- llm-switch-channel--quiet (float-time idle)))))
    (if (and left (> left 0))
        (run-at-time left nil #'llm-switch-channel--ask-when-quiet question buffer)
      (llm-switch-channel--ask question buffer))))

(defun llm-switch-channel--ask (question buffer)
  "Have QUESTION, a plist, answered in BUFFER, as soon as it is its turn."
  (if (and llm-switch-channel--asking (llm-switch-channel--waits-p question))
      (setq llm-switch-channel--waiting
            (append llm-switch-channel--waiting (list (cons question buffer))))
    (llm-switch-channel--ask-now question buffer)
    (when-let* (((not llm-switch-channel--asking))
                (next (pop llm-switch-channel--waiting)))
      (run-at-time 0 nil #'llm-switch-channel--ask (car next) (cdr next)))))

(defun llm-switch-channel--waits-p (question)
  "Return non-nil if QUESTION is asked after another and not in the midst of it.
Those of servers are: an answer can call several tools at once, and who thinks
about one call must not have to think about another."
  (string-prefix-p "mcp-" (plist-get question :kind)))

(defun llm-switch-channel--ask-now (question buffer)
  "Have QUESTION, a plist, answered in BUFFER, and send the answer.
One that has been taken back, or is while it is asked, gets none."
  (let* ((id (plist-get question :question))
         (answer (when (memq id llm-switch-channel--open)
                   (llm-switch-channel--ask-in question buffer))))
    (when (memq id llm-switch-channel--open)
      (llm-switch-channel--withdraw id)
      (llm-switch-channel-call "question.answer"
                               `(:question ,id :answer ,(or answer :null))
                               #'ignore))
    ;; The one around it may have been taken back meanwhile.
    (llm-switch-channel--leave-later)))

(defun llm-switch-channel--ask-in (question buffer)
  "Return the answer to QUESTION, a plist, asked in BUFFER, or nil."
  (condition-case problem
      (when (or (null buffer) (buffer-live-p buffer))
        (with-current-buffer (or buffer (current-buffer))
          (let ((llm-switch-channel--asking
                 (cons (plist-get question :question) llm-switch-channel--asking))
                ;; Whoever types something else now is asked all the same.
                (enable-recursive-minibuffers t))
            ;; What was typed before it was seen is no answer.
            (unless executing-kbd-macro (discard-input))
            (catch (car llm-switch-channel--asking) (llm-switch-channel--answer question)))))
    (quit nil)
    (error (message "llm-switch: %s" (error-message-string problem)) nil)))

(defun llm-switch-channel--withdraw (id)
  "Nobody waits for the answer to the question ID any more: do not ask it on."
  (setq llm-switch-channel--open (delq id llm-switch-channel--open))
  (llm-switch-channel--leave-later))

(defun llm-switch-channel--leave-later ()
  "Soon leave the innermost question if it has been taken back."
  (when (and llm-switch-channel--asking
             (not (memq (car llm-switch-channel--asking) llm-switch-channel--open)))
    (run-at-time 0 nil #'llm-switch-channel--leave (car llm-switch-channel--asking))))

(defun llm-switch-channel--leave (id)
  "Leave the question ID if it is the innermost one."
  (when (eql id (car llm-switch-channel--asking))
    (throw id nil)))

(defun llm-switch-channel--answer (question)
  "Return the answer to QUESTION, or nil."
  (let* ((kind (plist-get question :kind))
         (function (cdr (assoc kind llm-switch-channel-question-functions))))
    (if function
        (let ((inhibit-quit nil)) (funcall function question))
      (error "Nobody answers questions of kind %s" kind))))

(defun llm-switch-channel--confirm (question)
  "Ask the :prompt of QUESTION; in batch mode the answer is no."
  (and (not noninteractive)
       (y-or-n-p (plist-get question :prompt))
       t))

(provide 'llm-switch-channel)
;;; llm-switch-channel.el ends here
