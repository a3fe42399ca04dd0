;;; llm-switch-answer.el --- What gptel hears of an answer  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The events of a request become what gptel expects of a transport: the state
;; machine is moved on, the callback is called with text, reasoning and the
;; end, and the info of the request holds what was used.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-answer-facts)
(require 'llm-switch-cost)
(require 'llm-switch-footer)
(require 'llm-switch-recall)
(require 'llm-switch-spend-origin)
(require 'seq)

(defvar llm-switch-answer-ended-functions nil
  "Functions to call when an answer has ended, well or not.
They are called with the info of gptel's request and with what is known, the
plist of a `done' or `error' event.  Turns that call tools are no end.")

(defvar llm-switch-answer-begun-functions nil
  "Functions to call when a turn of an answer begins, or fails before it has.
They are called with the info of gptel's request.")

(defun llm-switch-answer-handler (fsm tag)
  "Return the function that hears the events of the request of FSM.
TAG is its key in `gptel--request-alist'."
  (let ((calls nil) (text nil))
    (lambda (kind rest)
      (let ((info (gptel-fsm-info fsm)))
        (pcase kind
          ((guard (eq (gptel-fsm-state fsm) 'ABRT)) (llm-switch-answer--aborted info kind rest))
          ('tool-call (push rest calls))
          ((or 'text 'reasoning)
           (if (plist-get info :stream)
               (llm-switch-answer--stream fsm kind rest)
             (push (cons kind rest) text)))
          ('fallback (llm-switch-answer--fall-back info rest))
          ('done (llm-switch-answer--finish fsm tag rest (nreverse calls) (nreverse text)))
          ('error (llm-switch-answer-fail fsm tag rest)))))))

(defun llm-switch-answer--aborted (info kind rest)
  "Take note of REST, an event of KIND, of the request of INFO, which was aborted.
gptel is through with it.  Of all that comes late only what it has cost counts."
  (when (memq kind '(done error))
    (llm-switch-answer--note info rest)
    (llm-switch-answer--run 'llm-switch-answer-ended-functions info rest)))

(defun llm-switch-answer--begin (fsm &optional code status)
  "The service answers FSM with CODE and STATUS, if it did not yet begin to.
Both are strings, as gptel wants them; without them all is well."
  (let ((info (gptel-fsm-info fsm)))
    (unless (plist-get info :http-status)
      (plist-put info :http-status (or code "200"))
      (plist-put info :status (or status "HTTP 200"))
      (llm-switch-answer--run 'llm-switch-answer-begun-functions info)
      (gptel--fsm-transition fsm))))    ;WAIT -> TYPE

(defun llm-switch-answer--say (info response)
  "Hand RESPONSE to the callback of INFO; its errors are its own."
  (with-demoted-errors "gptel callback error: %S"
    (funcall (plist-get info :callback) response info)))

(defun llm-switch-answer--stream (fsm kind text)
  "Hand TEXT of KIND, `text' or `reasoning', to the callback of FSM."
  (llm-switch-answer--begin fsm)
  (let ((info (gptel-fsm-info fsm)))
    (if (eq kind 'reasoning)
        (llm-switch-answer--reason info text)
      (llm-switch-answer--end-reasoning info)
      (llm-switch-answer--say info text))))

(defun llm-switch-answer--fall-back (info told)
  "Take note in INFO of TOLD, the plist of a `fallback' event.
Who is out is passed over in each turn of tools; it is told once."
  (let* ((before (plist-get info :llm-switch-fallbacks))
         (again (seq-some (lambda (it)
                            (and (equal (plist-get it :from) (plist-get told :from))
                                 (equal (plist-get it :to) (plist-get told :to))))
                          before))
         (turn (length (plist-get info :llm-switch-turns))))
    (plist-put info :llm-switch-fallbacks (append before (list `(:turn ,turn ,@told))))
    (when (or (plist-get told :asked) (not again))
      (llm-switch-answer-facts-note info (llm-switch-footer-fallback told))
      (llm-switch-answer--tell info (llm-switch-footer-fallback told)))))

(defun llm-switch-answer--tell (info text)
  "Say TEXT of the request of INFO in the echo area.
A command that shows such things itself has :quiet in its context."
  (let ((context (plist-get info :context)))
    (unless (and (eq (car-safe context) :llm-switch) (plist-get context :quiet))
      (message "llm-switch: %s" text))))

(defun llm-switch-answer--reason (info text)
  "Hand TEXT of reasoning to the callback of INFO."
  (unless (eq (plist-get info :reasoning-block) 'in)
    ;; Else gptel glues a second block outside of the first.
    (plist-put info :reasoning-marker nil)
    (plist-put info :reasoning-block 'in))
  (llm-switch-answer--say info (cons 'reasoning text)))

(defun llm-switch-answer--end-reasoning (info)
  "Close the block of reasoning of INFO, if one is open."
  (when (eq (plist-get info :reasoning-block) 'in)
    (llm-switch-answer--say info '(reasoning . t))
    (plist-put info :reasoning-block 'done)))

(defun llm-switch-answer--finish (fsm tag known tools text)
  "End the request of FSM: KNOWN of it, TOOLS called, and TEXT if not streamed.
TAG is its key in `gptel--request-alist'."
  (let ((info (gptel-fsm-info fsm)))
    (llm-switch-answer--begin fsm)
    (llm-switch-answer--end-reasoning info)
    (llm-switch-answer--note info known)
    (llm-switch-answer--remark info known)
    (plist-put info :stop-reason (plist-get known :stop-reason))
    ;; Before the last callback: gptel-rewrite and sub-agents look at it there.
    (when tools (llm-switch-answer--inject-calls info known tools))
    (if (plist-get info :stream)
        (llm-switch-answer--say info t)
      (llm-switch-answer--whole info text))
    (llm-switch-recall-note info known)
    (llm-switch-answer--leave fsm tag)
    (unless tools (llm-switch-answer--run 'llm-switch-answer-ended-functions info known))))

(defun llm-switch-answer--run (hook &rest arguments)
  "Call the functions of HOOK, a symbol, with ARGUMENTS.
A function that fails keeps nobody from hearing it."
  (run-hook-wrapped hook (lambda (function)
                           (with-demoted-errors "llm-switch: %S" (apply function arguments))
                           nil)))

(defun llm-switch-answer--remark (info known)
  "Say the remarks of KNOWN, but those of which INFO has heard as events."
  (let ((heard (mapcar (lambda (told)
                         (format "%s → %s: %s" (plist-get told :from) (plist-get told :to)
                                 (plist-get told :reason)))
                       (plist-get info :llm-switch-fallbacks))))
    (dolist (remark (seq-difference (plist-get known :remarks) heard))
      (llm-switch-answer--tell info remark))))

(defun llm-switch-answer--whole (info pieces)
  "Hand PIECES, an alist of kinds and texts, to the callback of INFO."
  (let ((joined (lambda (kind)
                  (string-trim (mapconcat #'cdr (cl-remove kind pieces :key #'car :test-not #'eq)
                                          "")))))
    (let ((reasoning (funcall joined 'reasoning))
          (text (funcall joined 'text)))
      (unless (string-empty-p reasoning)
        (llm-switch-answer--say info (cons 'reasoning reasoning)))
      (unless (string-empty-p text)
        (llm-switch-answer--say info text)))))

(defun llm-switch-answer--inject-calls (info known tools)
  "Add the assistant's turn with TOOLS called to the messages of INFO.
KNOWN is the plist of the `done' event."
  (let* ((message (plist-get known :message))
         (opaque (plist-get message :opaque)))
    (gptel--inject-prompt
     (plist-get info :backend) (plist-get info :data)
     `(:role "assistant" :content ,(or (plist-get message :content) :null)
       :tool_calls ,(vconcat (mapcar #'llm-switch-answer--wire-call tools))
       ,@(when opaque (list :llm_switch opaque))))
    (plist-put info :tool-use
               (mapcar (lambda (call)
                         (list :id (plist-get call :id) :name (plist-get call :name)
                               :llm-switch-arguments (plist-get call :arguments)
                               :args (ignore-errors
                                       (gptel--json-read-string (plist-get call :arguments)))))
                       tools))))

(defun llm-switch-answer--wire-call (call)
  "Return CALL as OpenAI writes it."
  `(:id ,(plist-get call :id) :type "function"
    :function (:name ,(plist-get call :name) :arguments ,(plist-get call :arguments))))

(defun llm-switch-answer--note (info known)
  "Take note of KNOWN, what the module told of tokens and cost, in INFO."
  (plist-put info :llm-switch known)
  (llm-switch-answer-facts-add info known)
  (when (buffer-live-p (plist-get info :buffer))
    (with-current-buffer (plist-get info :buffer)
      (llm-switch-cost-note known)
      (llm-switch-spend-origin-note (plist-get known :request) (plist-get info :position))))
  (when-let* ((usage (plist-get known :usage))
              (tokens (list :input (+ (plist-get usage :input)
                                      (plist-get usage :cache-write-5m)
                                      (plist-get usage :cache-write-1h))
                            :output (plist-get usage :output)
                            :cached (plist-get usage :cache-read))))
    (plist-put info :output-tokens (plist-get tokens :output))
    (plist-put info :tokens tokens)
    (when (fboundp 'gptel--sum-plists)
      (plist-put info :tokens-full (gptel--sum-plists (plist-get info :tokens-full) tokens)))))

(defun llm-switch-answer-fail (fsm tag error)
  "The request of FSM ended with ERROR, the plist of an `error' event.
TAG is its key in `gptel--request-alist'."
  (let ((info (gptel-fsm-info fsm))
        (status (plist-get error :http-status))
        (kind (plist-get error :kind)))
    (llm-switch-answer--begin fsm (format "%s" (or status 0))
                             (if status (format "HTTP %s" status) kind))
    (plist-put info :status (if status (format "HTTP %s" status) kind))
    (llm-switch-answer--end-reasoning info)
    (llm-switch-answer--note info error)
    (plist-put info :error (list :type kind :message (plist-get error :message)))
    (llm-switch-answer--say info nil)
    (llm-switch-answer--leave fsm tag)
    (llm-switch-answer--run 'llm-switch-answer-ended-functions info error)))

(defun llm-switch-answer--leave (fsm tag)
  "The request of FSM is over: drop its entry TAG and move on.
In this order, for a handler that fails must not leave a stale entry."
  (setf (alist-get tag gptel--request-alist nil 'remove) nil)
  (gptel--fsm-transition fsm))

(provide 'llm-switch-answer)
;;; llm-switch-answer.el ends here
