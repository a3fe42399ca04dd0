;;; llm-switch-llm-request.el --- A request of the package llm  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The events of a request become what `llm' promises: the callbacks are called
;; with text, reasoning and the end, tools are run, and what was answered is
;; appended to the prompt.
;;
;; Only `llm-switch-llm' loads this file, when it has seen that `llm' is there.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-channel)
(require 'llm-switch-cost)
(require 'llm-switch-footer)
(require 'llm-switch-llm-prompt)
(require 'llm-switch-scope)

(declare-function llm-provider-append-to-prompt "ext:llm-provider-utils"
                  (provider prompt result &optional tool-results multi-turn) t)
(declare-function llm-provider-utils-callback-in-buffer "ext:llm-provider-utils"
                  (buf f &rest args))
(declare-function llm-provider-utils-execute-tool-uses "ext:llm-provider-utils"
                  (provider prompt tool-uses multi-output partial-result success error))
(declare-function llm-provider-utils-final-multi-output-result "ext:llm-provider-utils" (result))
(declare-function llm-provider-utils-parse-openai-tool-arguments "ext:llm-provider-utils"
                  (arguments))
(declare-function make-llm-provider-utils-tool-use "ext:llm-provider-utils" (&rest slots) t)

(cl-defstruct (llm-switch-llm-request (:constructor llm-switch-llm-request-make)
                                      (:copier nil))
  "A request under way, which `llm-cancel-request' ends.
PARTIAL, SUCCESS and FAILURE are the callbacks, which run in BUFFER.  TEXT,
REASONING and CALLS are what came so far; LAST is the last event, (KIND . REST).
Who WAITS works that off.  Nobody is called any more when it is OVER."
  provider prompt multi-output partial success failure buffer
  id text reasoning calls last waits over)

(defun llm-switch-llm-request-send (request json)
  "Send JSON, the text of REQUEST, from this buffer; return REQUEST."
  (setf (llm-switch-llm-request-buffer request) (current-buffer))
  (llm-switch-scope-end-once)
  (condition-case problem
      ;; Not for a buffer: many ask from a temporary one.
      (setf (llm-switch-llm-request-id request)
            (llm-switch-channel-submit json (apply-partially #'llm-switch-llm-request--hear
                                                             request)))
    (llm-switch-error
     (llm-switch-llm-request--end request 'error
                                  `(:kind "module" :message ,(cadr problem)))))
  request)

(defun llm-switch-llm-request-cancel (request)
  "End REQUEST, whose callbacks are not called any more."
  (setf (llm-switch-llm-request-over request) t)
  (when (llm-switch-llm-request-id request)
    (llm-switch-channel-forget (llm-switch-llm-request-id request))))

;;; While it comes

(defun llm-switch-llm-request--hear (request kind rest)
  "Take note for REQUEST of an event of KIND with REST."
  (pcase kind
    ('text (cl-callf concat (llm-switch-llm-request-text request) rest))
    ('reasoning (cl-callf concat (llm-switch-llm-request-reasoning request) rest))
    ('tool-call (push rest (llm-switch-llm-request-calls request)))
    ('fallback (message "llm-switch: %s" (llm-switch-footer-fallback rest)))
    ((or 'done 'error) (llm-switch-llm-request--end request kind rest)))
  (when (memq kind '(text reasoning)) (llm-switch-llm-request--show request)))

(defun llm-switch-llm-request--show (request)
  "Tell who asked in REQUEST what has come so far."
  (let ((so-far (if (llm-switch-llm-request-multi-output request)
                    (llm-switch-llm-request--output request)
                  (llm-switch-llm-request-text request))))
    (when so-far
      (llm-switch-llm-request--tell request (llm-switch-llm-request-partial request) so-far))))

(defun llm-switch-llm-request--tell (request callback &rest arguments)
  "Call CALLBACK with ARGUMENTS for who made REQUEST; nil is no callback."
  (apply #'llm-provider-utils-callback-in-buffer
         (llm-switch-llm-request-buffer request) callback arguments))

(defun llm-switch-llm-request--output (request)
  "Return what has come for REQUEST so far, a plist (:text :reasoning)."
  (let ((text (llm-switch-llm-request-text request))
        (reasoning (llm-switch-llm-request-reasoning request)))
    (append (when text (list :text text))
            (when reasoning (list :reasoning reasoning)))))

;;; Its end

(defun llm-switch-llm-request--end (request kind rest)
  "The last event of REQUEST has come, of KIND with REST; see to it."
  (setf (llm-switch-llm-request-last request) (cons kind rest))
  ;; Not at once: tools and callbacks ask models again, and some wait for them.
  (unless (llm-switch-llm-request-waits request)
    (run-at-time 0 nil #'llm-switch-llm-request-conclude request)))

(defun llm-switch-llm-request-conclude (request)
  "Work off the last event of REQUEST, unless it was cancelled."
  (pcase-let ((`(,kind . ,known) (llm-switch-llm-request-last request)))
    (llm-switch-llm-request--tell request #'llm-switch-cost-note known)
    (cond ((llm-switch-llm-request-over request))
          ((eq kind 'done) (llm-switch-llm-request--finish request known))
          (t (llm-switch-llm-request--fail
              request (llm-switch-llm-request--condition (plist-get known :kind))
              (plist-get known :message))))))

(defun llm-switch-llm-request--finish (request known)
  "Put the answer to REQUEST into its prompt, run its tools, and tell who asked.
KNOWN is the plist of the `done' event."
  (condition-case problem
      (let* ((calls (reverse (llm-switch-llm-request-calls request)))
             (uses (mapcar #'llm-switch-llm-request--use calls))
             (output (append (llm-switch-llm-request--output request)
                             (when uses (list :tool-uses uses))
                             (llm-switch-llm-request--tokens (plist-get known :usage)))))
        (llm-switch-llm-request--keep request known uses calls)
        (if uses
            (llm-switch-llm-request--run-tools request uses output)
          (llm-switch-llm-request--succeed request
                                           (if (llm-switch-llm-request-multi-output request)
                                               (llm-provider-utils-final-multi-output-result output)
                                             (or (plist-get output :text) "")))))
    (error
     ;; The callbacks' own errors are their own.
     (when (llm-switch-llm-request-over request) (signal (car problem) (cdr problem)))
     (llm-switch-llm-request--fail request 'llm-tool-call-error
                                   (error-message-string problem)))))

(defun llm-switch-llm-request--keep (request known uses calls)
  "Append to the prompt of REQUEST what was answered.
KNOWN is the plist of the `done' event.  `llm' knows the CALLS of tools as USES."
  (let ((prompt (llm-switch-llm-request-prompt request))
        (text (llm-switch-llm-request-text request)))
    (when text
      (llm-provider-append-to-prompt (llm-switch-llm-request-provider request) prompt text))
    (when uses
      (llm-switch-llm-prompt-keep-calls prompt uses calls
                                        (plist-get (plist-get known :message) :opaque)))))

(defun llm-switch-llm-request--run-tools (request uses output)
  "Run the tools that REQUEST was answered with.
To `llm' they are USES, and OUTPUT, a plist, is the answer."
  (llm-provider-utils-execute-tool-uses
   (llm-switch-llm-request-provider request) (llm-switch-llm-request-prompt request)
   uses (llm-switch-llm-request-multi-output request) output
   (apply-partially #'llm-switch-llm-request--succeed request)
   (apply-partially #'llm-switch-llm-request--fail request)))

(defun llm-switch-llm-request--use (call)
  "Return CALL, a plist (:id :name :arguments) of the module's, as `llm' wants it."
  (make-llm-provider-utils-tool-use
   :id (plist-get call :id) :name (plist-get call :name)
   :args (llm-provider-utils-parse-openai-tool-arguments (plist-get call :arguments))))

(defun llm-switch-llm-request--tokens (usage)
  "Return the tokens of USAGE, a plist of the module's, under the keys of `llm'."
  (when usage
    (list :input-tokens (+ (plist-get usage :input) (plist-get usage :cache-read)
                           (plist-get usage :cache-write-5m) (plist-get usage :cache-write-1h))
          :output-tokens (plist-get usage :output))))

(defun llm-switch-llm-request--succeed (request result)
  "Tell who asked in REQUEST the RESULT, unless it is over."
  (unless (llm-switch-llm-request-over request)
    (setf (llm-switch-llm-request-over request) t)
    (llm-switch-llm-request--tell request (llm-switch-llm-request-success request) result)))

(defun llm-switch-llm-request--fail (request type message)
  "Tell who asked in REQUEST that it failed: TYPE, a condition, and MESSAGE."
  (unless (llm-switch-llm-request-over request)
    (setf (llm-switch-llm-request-over request) t)
    (llm-switch-llm-request--tell request (llm-switch-llm-request-failure request) type message)))

(defun llm-switch-llm-request--condition (kind)
  "Return the condition of `llm' for the module's errors of KIND, a string."
  (pcase kind
    ("auth" 'llm-request-authentication-error)
    ((or "bad-request" "context-length" "model-not-found") 'llm-request-bad-request)
    ((or "content-filter" "refused") 'llm-request-refusal)
    ((or "config" "module") 'llm-provider-unconfigured)
    (_ 'llm-request-error)))

(provide 'llm-switch-llm-request)
;;; llm-switch-llm-request.el ends here
