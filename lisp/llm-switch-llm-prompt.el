;;; llm-switch-llm-prompt.el --- What a prompt of the package llm asks  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A prompt of `llm' keeps the conversation as interactions; the module wants an
;; OpenAI chat request.  What a service wants back with the results of tools,
;; such as sealed thoughts, stands in the plist that `llm' keeps beside each
;; interaction for this, and so goes wherever the prompt goes.
;;
;; Only `llm-switch-llm' loads this file, when it has seen that `llm' is there.

;;; Code:

(require 'cl-lib)
(require 'seq)
(require 'subr-x)

(declare-function llm-alist-p "ext:llm-provider-utils" (v))
(declare-function llm-chat-prompt-interaction-content "ext:llm" (interaction) t)
(declare-function llm-chat-prompt-interaction-multi-turn-plist "ext:llm" (interaction) t)
(declare-function llm-chat-prompt-interaction-role "ext:llm" (interaction) t)
(declare-function llm-chat-prompt-interaction-tool-results "ext:llm" (interaction) t)
(declare-function llm-chat-prompt-interactions "ext:llm" (prompt) t)
(declare-function llm-chat-prompt-max-tokens "ext:llm" (prompt) t)
(declare-function llm-chat-prompt-non-standard-params "ext:llm" (prompt) t)
(declare-function llm-chat-prompt-reasoning "ext:llm" (prompt) t)
(declare-function llm-chat-prompt-response-format "ext:llm" (prompt) t)
(declare-function llm-chat-prompt-temperature "ext:llm" (prompt) t)
(declare-function llm-chat-prompt-tool-options "ext:llm" (prompt) t)
(declare-function llm-chat-prompt-tool-result-call-id "ext:llm" (result) t)
(declare-function llm-chat-prompt-tool-result-result "ext:llm" (result) t)
(declare-function llm-chat-prompt-tools "ext:llm" (prompt) t)
(declare-function llm-media-data "ext:llm" (media) t)
(declare-function llm-media-mime-type "ext:llm" (media) t)
(declare-function llm-media-p "ext:llm" (object) t)
(declare-function llm-multipart-p "ext:llm" (object) t)
(declare-function llm-multipart-parts "ext:llm" (multipart) t)
(declare-function llm-provider-utils-append-to-prompt "ext:llm-provider-utils"
                  (prompt output &optional tool-results multi-turn role))
(declare-function llm-provider-utils-convert-to-serializable "ext:llm-provider-utils" (plist))
(declare-function llm-provider-utils-get-system-prompt "ext:llm-provider-utils"
                  (prompt &optional example-prelude))
(declare-function llm-provider-utils-json-serialize "ext:llm-provider-utils" (object))
(declare-function llm-provider-utils-openai-tool-spec "ext:llm-provider-utils" (tool) t)
(declare-function llm-provider-utils-tool-use-args "ext:llm-provider-utils" (use) t)
(declare-function llm-provider-utils-tool-use-id "ext:llm-provider-utils" (use) t)
(declare-function llm-provider-utils-tool-use-name "ext:llm-provider-utils" (use) t)
(declare-function llm-provider-utils-tool-use-p "ext:llm-provider-utils" (object) t)
(declare-function llm-tool-options-tool-choice "ext:llm" (options) t)

(defun llm-switch-llm-prompt-request (prompt)
  "Return PROMPT, an `llm-chat-prompt', as an OpenAI chat request.
That is a plist for `json-serialize', without a model."
  ;; Of two values for one name the first goes out: what is asked by name wins.
  (append (llm-switch-llm-prompt--extra prompt)
          (list :messages (llm-switch-llm-prompt--messages prompt))
          (llm-switch-llm-prompt--limits prompt)
          (llm-switch-llm-prompt--tools prompt)
          (when-let* ((format (llm-chat-prompt-response-format prompt)))
            (list :response_format (llm-switch-llm-prompt--format format)))))

(defun llm-switch-llm-prompt-purpose (prompt)
  "Return why PROMPT is sent: a \"chat\" or a \"tool-turn\"."
  (let ((last (car (last (llm-chat-prompt-interactions prompt)))))
    (if (and last (llm-chat-prompt-interaction-tool-results last)) "tool-turn" "chat")))

;;; Messages

(defun llm-switch-llm-prompt--messages (prompt)
  "Return the messages of PROMPT, a vector."
  (let ((system (llm-provider-utils-get-system-prompt prompt))
        (messages nil))
    (unless (string-empty-p system)
      (push (list :role "system" :content system) messages))
    (dolist (interaction (llm-chat-prompt-interactions prompt))
      (dolist (message (llm-switch-llm-prompt--of-interaction interaction))
        (setq messages (llm-switch-llm-prompt--add message messages))))
    (vconcat (nreverse messages))))

(defun llm-switch-llm-prompt--of-interaction (interaction)
  "Return the messages that INTERACTION stands for."
  (let ((role (llm-chat-prompt-interaction-role interaction))
        (content (llm-chat-prompt-interaction-content interaction))
        (results (llm-chat-prompt-interaction-tool-results interaction)))
    (cond (results (mapcar #'llm-switch-llm-prompt--result results))
          ((and (consp content) (llm-provider-utils-tool-use-p (car content)))
           (list (llm-switch-llm-prompt--calls interaction)))
          (t (list (list :role (symbol-name role)
                         :content (llm-switch-llm-prompt--content content)))))))

(defun llm-switch-llm-prompt--add (message messages)
  "Return MESSAGES, the last first, with MESSAGE added.
What the assistant said before it called tools is of the same turn."
  (let ((before (car messages)))
    (if (and (plist-get message :tool_calls)
             (equal (plist-get before :role) "assistant")
             (not (plist-get before :tool_calls)))
        (cons (plist-put message :content (plist-get before :content)) (cdr messages))
      (cons message messages))))

(defun llm-switch-llm-prompt--content (content)
  "Return CONTENT, a string or an `llm-multipart', as OpenAI writes it."
  (cond ((llm-multipart-p content)
         (vconcat (mapcar #'llm-switch-llm-prompt--part (llm-multipart-parts content))))
        ((stringp content) content)
        (t (format "%s" (or content "")))))

(defun llm-switch-llm-prompt--part (part)
  "Return PART, a string or an `llm-media', as OpenAI writes it.
The module goes by the type that stands in the URL, whether or not it is one of
an image."
  (if (llm-media-p part)
      (list :type "image_url"
            :image_url (list :url (format "data:%s;base64,%s" (llm-media-mime-type part)
                                          (base64-encode-string (llm-media-data part) t))))
    (list :type "text" :text part)))

(defun llm-switch-llm-prompt--result (result)
  "Return RESULT, an `llm-chat-prompt-tool-result', as a message."
  (list :role "tool"
        :tool_call_id (llm-chat-prompt-tool-result-call-id result)
        :content (format "%s" (llm-chat-prompt-tool-result-result result))))

;;; Calls of tools

(defun llm-switch-llm-prompt-keep-calls (prompt uses calls opaque)
  "Append to PROMPT which tools the assistant has called.
To `llm' they are USES, to the module CALLS, plists (:id :name :arguments).
OPAQUE is what the service wants back with the results, a string, or nil."
  (llm-provider-utils-append-to-prompt
   prompt uses nil
   ;; In the words of the service: `llm' takes false for nil in its own.
   (append (list :llm-switch-calls (vconcat (mapcar #'llm-switch-llm-prompt--call calls)))
           (when opaque (list :llm-switch-opaque opaque)))))

(defun llm-switch-llm-prompt--calls (interaction)
  "Return INTERACTION, in which tools were called, as a message."
  (let* ((kept (llm-chat-prompt-interaction-multi-turn-plist interaction))
         (opaque (plist-get kept :llm-switch-opaque)))
    (append (list :role "assistant" :content :null
                  :tool_calls (or (plist-get kept :llm-switch-calls)
                                  (llm-switch-llm-prompt--foreign-calls
                                   (llm-chat-prompt-interaction-content interaction))))
            (when opaque (list :llm_switch opaque)))))

(defun llm-switch-llm-prompt--foreign-calls (uses)
  "Return what was called through another provider as OpenAI writes it.
USES are structs `llm-provider-utils-tool-use'."
  (vconcat
   (mapcar (lambda (use)
             (llm-switch-llm-prompt--call
              (list :id (llm-provider-utils-tool-use-id use)
                    :name (llm-provider-utils-tool-use-name use)
                    :arguments (llm-provider-utils-json-serialize
                                (llm-provider-utils-tool-use-args use)))))
           uses)))

(defun llm-switch-llm-prompt--call (call)
  "Return CALL, a plist (:id :name :arguments), as OpenAI writes it."
  (list :id (plist-get call :id) :type "function"
        :function (list :name (plist-get call :name) :arguments (plist-get call :arguments))))

;;; Beside the messages

(defun llm-switch-llm-prompt--limits (prompt)
  "Return the part of a request for PROMPT that is about how it is answered."
  (let ((temperature (llm-chat-prompt-temperature prompt))
        (tokens (llm-chat-prompt-max-tokens prompt))
        (reasoning (llm-chat-prompt-reasoning prompt)))
    (append
     ;; From 0 to 1 in `llm' and not stretched to the 2 that some services know:
     ;; which of them answers is only known when it does.
     (when temperature (list :temperature temperature))
     (when tokens (list :max_tokens tokens))
     (when reasoning (list :reasoning_effort (llm-switch-llm-prompt--effort reasoning))))))

(defun llm-switch-llm-prompt--effort (reasoning)
  "Return REASONING, a symbol of `llm', in the word that all services know."
  (pcase reasoning
    ('none "none")
    ('light "low")
    ('medium "medium")
    ('maximum "high")
    (_ (signal 'llm-not-supported (list (format "No such effort of reasoning: %s" reasoning))))))

(defun llm-switch-llm-prompt--tools (prompt)
  "Return the part of a request for PROMPT that is about tools."
  (when-let* ((tools (llm-chat-prompt-tools prompt)))
    (append (list :tools (vconcat (mapcar #'llm-provider-utils-openai-tool-spec tools)))
            (when-let* ((options (llm-chat-prompt-tool-options prompt)))
              (list :tool_choice
                    (llm-switch-llm-prompt--choice (llm-tool-options-tool-choice options)))))))

(defun llm-switch-llm-prompt--choice (choice)
  "Return CHOICE, a symbol or the name of a tool, as OpenAI writes it."
  (pcase choice
    ('auto "auto")
    ('none "none")
    ('any "required")
    ((pred stringp) (list :type "function" :function (list :name choice)))
    (_ (signal 'llm-not-supported (list (format "No such choice of tools: %s" choice))))))

(defun llm-switch-llm-prompt--format (format)
  "Return FORMAT as OpenAI writes it: the symbol `json' or a JSON schema, a plist."
  (if (eq format 'json)
      '(:type "json_object")
    (list :type "json_schema"
          :json_schema (list :name "response" :strict t
                             :schema (llm-switch-llm-prompt--schema format)))))

(defun llm-switch-llm-prompt--schema (schema)
  "Return SCHEMA, a plist, for `json-serialize'.  Strict services want it closed."
  (append (llm-provider-utils-convert-to-serializable schema)
          (when (equal (format "%s" (plist-get schema :type)) "object")
            '(:additionalProperties :false))))

(defun llm-switch-llm-prompt--extra (prompt)
  "Return what PROMPT wants a service to know that has no place in `llm', a plist."
  (cl-loop for (name . value) in (llm-chat-prompt-non-standard-params prompt)
           collect (intern (concat ":" (string-remove-prefix ":" (format "%s" name))))
           collect (if (and (consp value) (not (llm-alist-p value))) (vconcat value) value)))

(provide 'llm-switch-llm-prompt)
;;; llm-switch-llm-prompt.el ends here
