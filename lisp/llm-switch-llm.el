;;; llm-switch-llm.el --- A provider for the package llm  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Packages such as ellama talk to language models through the package `llm'.
;; With the provider that `llm-switch-llm-make-provider' returns, what they send
;; goes the way of a chat: the same routes, modes, pins, budgets and ledger.
;;
;; Nothing of ours loads this file, and it needs `llm', 0.31 or newer:
;;
;;   (require 'llm-switch-llm)
;;   (setopt ellama-provider
;;           (llm-switch-llm-make-provider :model "coding-best" :client "ellama"))

;;; Code:

(require 'cl-lib)
(require 'seq)

;; No dependency of ours, and before all else: what defines methods must not be
;; the first to define what they are methods of.
(unless (require 'llm-provider-utils nil t)
  (error "`llm-switch-llm' needs the package llm, which is not installed.  \
Install it with M-x package-install RET llm RET and load this again"))

(require 'llm-switch-channel)
(require 'llm-switch-choices)
(require 'llm-switch-llm-prompt)
(require 'llm-switch-llm-request)
(require 'llm-switch-modes)
(require 'llm-switch-request)

(declare-function llm-make-chat-prompt "ext:llm" (content &rest keys) t)
(declare-function llm-provider-utils-append-to-prompt "ext:llm-provider-utils"
                  (prompt output &optional tool-results multi-turn role))

;;; Provider

(cl-defstruct (llm-switch-llm (:constructor llm-switch-llm-make-provider)
                              (:copier nil))
  "A provider of the package llm whose requests go to the module.

MODEL is a route such as \"coding-best\" or a deployment such as
\"openai/gpt-5\"; without one the mode in force decides who answers.

CLIENT names the package that asks, in the ledger and in budgets."
  model (client "llm"))

(defun llm-switch-llm--rows (provider)
  "Return the rows of the deployments that PROVIDER can lead to, as far as known."
  (let* ((choices (llm-switch-choices))
         (named (lambda (name)
                  (seq-find (lambda (row) (equal (plist-get row :name) name)) choices)))
         (row (funcall named (llm-switch-llm--route provider))))
    (if (plist-get row :use)
        (delq nil (mapcar (lambda (used) (funcall named (plist-get used :deployment)))
                          (plist-get row :use)))
      (and row (list row)))))

(defun llm-switch-llm--route (provider)
  "Return whom PROVIDER names, or else the route of the mode in force, or nil."
  (or (llm-switch-llm-model provider)
      (plist-get (llm-switch-modes-row (car (llm-switch-modes-here))) :route)))

(cl-defmethod llm-name ((provider llm-switch-llm))
  "Return the name of the model or route of PROVIDER, without the account."
  (let ((model (llm-switch-llm-model provider)))
    (if model (substring model (1+ (or (string-search "/" model) -1))) "llm-switch")))

(cl-defmethod llm-capabilities ((provider llm-switch-llm))
  "Return what whoever PROVIDER leads to can do, a list of symbols.
A route can what one of its deployments can: the module chooses one that does."
  (let ((can (seq-mapcat (lambda (row) (plist-get row :can)) (llm-switch-llm--rows provider))))
    (append '(streaming tool-use streaming-tool-use json-response model-list)
            (when (member "vision" can) '(image-input))
            (when (member "reasoning" can) '(reasoning streaming-reasoning)))))

(cl-defmethod llm-chat-token-limit ((provider llm-switch-llm))
  "Return how many tokens PROVIDER takes: the most that one of a route does."
  (let ((contexts (delq nil (mapcar (lambda (row) (plist-get row :context))
                                    (llm-switch-llm--rows provider)))))
    (if contexts (apply #'max contexts) (cl-call-next-method))))

(cl-defmethod llm-count-tokens ((provider llm-switch-llm) text)
  "Return about how many tokens TEXT has for PROVIDER, as far as is learnt."
  (let ((told (llm-switch-call
               "cost.preview"
               `(:request ,(llm-switch-llm--json provider (llm-make-chat-prompt text) nil nil)))))
    (or (plist-get (plist-get told :input) :likely) (cl-call-next-method))))

(cl-defmethod llm-models ((_provider llm-switch-llm))
  "Return the routes and deployments that there are."
  (delq nil (mapcar (lambda (row) (unless (eq (plist-get row :kind) 'mode) (plist-get row :name)))
                    (llm-switch-choices))))

;;; Requests

(cl-defmethod llm-chat ((provider llm-switch-llm) prompt &optional multi-output)
  "Have PROVIDER answer PROMPT and return that, a plist with MULTI-OUTPUT.
\\[keyboard-quit] ends it."
  (let* ((end nil)
         (request (llm-switch-llm-request-make
                   :provider provider :prompt prompt :multi-output multi-output :waits t
                   :success (lambda (result) (setq end (list nil result)))
                   :failure (lambda (type message) (setq end (list type message))))))
    (llm-switch-llm--send request nil)
    (unwind-protect
        (progn (llm-switch-channel-wait (llm-switch-llm-request-id request)
                                        (lambda () (llm-switch-llm-request-last request)))
               (llm-switch-llm-request-conclude request)
               ;; Of tools.
               (while (not end) (accept-process-output nil 0.05)))
      (setf (llm-switch-llm-request-over request) t))
    (pcase-let ((`(,type ,value) end))
      (if type (signal type (list value)) value))))

(cl-defmethod llm-chat-async ((provider llm-switch-llm) prompt success failure
                              &optional multi-output)
  "Have PROVIDER answer PROMPT; call SUCCESS or FAILURE.
With MULTI-OUTPUT the answer is a plist."
  (llm-switch-llm--send (llm-switch-llm-request-make
                         :provider provider :prompt prompt :multi-output multi-output
                         :success success :failure failure)
                        nil))

(cl-defmethod llm-chat-streaming ((provider llm-switch-llm) prompt partial success failure
                                  &optional multi-output)
  "Have PROVIDER answer PROMPT, and call PARTIAL with what has come so far.
Call SUCCESS or FAILURE in the end.  With MULTI-OUTPUT the answer is a plist."
  (llm-switch-llm--send (llm-switch-llm-request-make
                         :provider provider :prompt prompt :multi-output multi-output
                         :partial partial :success success :failure failure)
                        t))

(cl-defmethod llm-cancel-request ((request llm-switch-llm-request))
  "End REQUEST, whose callbacks are not called any more."
  (llm-switch-llm-request-cancel request))

(defun llm-switch-llm--send (request stream)
  "Send REQUEST, its answer in pieces if STREAM is non-nil; return REQUEST."
  (llm-switch-llm-request-send
   request
   (llm-switch-llm--json (llm-switch-llm-request-provider request)
                         (llm-switch-llm-request-prompt request)
                         (llm-switch-llm-request-multi-output request)
                         stream)))

(defun llm-switch-llm--json (provider prompt multi-output stream)
  "Return the request for PROVIDER to answer PROMPT here, as JSON text.
STREAM is non-nil for an answer in pieces; with MULTI-OUTPUT reasoning is shown."
  (let ((about (list :v llm-switch-module-boundary
                     :client (llm-switch-llm-client provider)
                     :show-reasoning (if multi-output t :false)))
        (model (llm-switch-llm-model provider)))
    (llm-switch-request-complete about (llm-switch-llm-prompt-purpose prompt))
    (llm-switch-request-json (append (when model (list :model model))
                                     (list :stream (if stream t :false) :llm_switch about)
                                     (llm-switch-llm-prompt-request prompt))
                             :false)))

(cl-defmethod llm-provider-append-to-prompt ((_provider llm-switch-llm) prompt result
                                             &optional tool-results multi-turn)
  "Append RESULT and TOOL-RESULTS to PROMPT, with MULTI-TURN beside it."
  (llm-provider-utils-append-to-prompt prompt result tool-results multi-turn))

(cl-defmethod llm-provider-populate-tool-uses ((_provider llm-switch-llm) _prompt _uses)
  "Do nothing: what was called is in the prompt already, and more beside it."
  nil)

(provide 'llm-switch-llm)
;;; llm-switch-llm.el ends here
