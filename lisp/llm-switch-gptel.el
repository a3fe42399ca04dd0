;;; llm-switch-gptel.el --- The gptel backend  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel chooses between two transport functions and knows no third.  So the
;; backend here is a struct that includes gptel's OpenAI backend, whose request
;; format the module understands, and the two functions are advised: a request
;; to our backend goes to the module, any other passes by.  Nothing else of
;; gptel is touched, except that streaming is not refused where curl is absent.
;;
;; What gptel expects of a transport while the answer comes stands in
;; `llm-switch-answer-handler' and what it calls.  The backend's URL is one that curl refuses: should
;; gptel ever stop calling what is advised, nothing leaves the machine.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'gptel-openai)
(require 'llm-switch-answer)
(require 'llm-switch-answer-place)
(require 'llm-switch-channel)
(require 'llm-switch-facts)
(require 'llm-switch-guard)
(require 'llm-switch-header)
(require 'llm-switch-models)
(require 'llm-switch-modes)
(require 'llm-switch-project)
(require 'llm-switch-recall)
(require 'llm-switch-request)
(require 'llm-switch-scope)
(require 'llm-switch-turn)
(require 'seq)

(autoload 'llm-switch-continue-hear "llm-switch-continue")
(autoload 'llm-switch-mcp-chat-begin "llm-switch-mcp-chat")
(declare-function llm-switch-adopt-deployment-here "llm-switch-adopt" ())
(declare-function gptel--stream-convert-markdown->org "gptel-org" (start-marker))
(declare-function gptel--rewrite-callback "gptel-rewrite" (response info))
(defvar gptel-org-convert-response)

;;; Backend

(cl-defstruct (llm-switch-gptel (:constructor llm-switch-gptel--make)
                                (:copier nil)
                                (:include gptel-openai))
  "A gptel backend whose requests go to the module.")

(defconst llm-switch-gptel-name "llm-switch"
  "The name of our backend in gptel.")

(defconst llm-switch-gptel--prefix "sw/"
  "What the models of our backend begin with.
gptel overwrites the properties of the symbols that name models, and users have
lists of their own with names such as openai/gpt-5.")

(defconst llm-switch-gptel--any "mode"
  "The model that leaves it to the module whom to ask, within the mode.")

(defun llm-switch-gptel-model (deployment)
  "Return the symbol that names DEPLOYMENT, a string, among gptel's models."
  (intern (concat llm-switch-gptel--prefix deployment)))

(defun llm-switch-gptel-deployment (model)
  "Return the deployment that gptel's MODEL names, or nil if it is not ours."
  (let ((name (gptel--model-name model)))
    (and (string-prefix-p llm-switch-gptel--prefix name)
         (substring name (length llm-switch-gptel--prefix)))))

;;;###autoload
(defun llm-switch-gptel-make-backend (&optional deployments)
  "Return our gptel backend, made at first use, offering DEPLOYMENTS too.
DEPLOYMENTS is a list of strings such as \"ollama/qwen3:8b\".  The backend is
registered with gptel under the name \"llm-switch\"."
  (llm-switch-gptel-install)
  (let ((backend (or (alist-get llm-switch-gptel-name gptel--known-backends nil nil #'equal)
                     (llm-switch-gptel--register))))
    (dolist (deployment deployments backend)
      (llm-switch-models-admit :backend backend :model (llm-switch-gptel-model deployment)))))

(defun llm-switch-gptel--register ()
  "Make our backend, register it with gptel, and return it.
It comes behind the others: to the first gptel turns when the user names none.
The module chooses when a model is named that is none of ours."
  (let ((backend (llm-switch-gptel--make
                  :name llm-switch-gptel-name :host "llm-switch" :protocol "module"
                  :endpoint "/chat" :url "module://llm-switch/chat" :stream t)))
    (llm-switch-models-offer backend
                             `((,llm-switch-gptel--any :route ,llm-switch-gptel--any)))
    (setq gptel--known-backends
          (append gptel--known-backends (list (cons llm-switch-gptel-name backend))))
    backend))

(defun llm-switch-gptel-current-p ()
  "Return non-nil if this buffer's gptel backend is ours."
  (llm-switch-gptel-p gptel-backend))

(defun llm-switch-gptel-any-p ()
  "Return non-nil if it is left to the module who answers in this buffer."
  (and (llm-switch-gptel-current-p)
       (equal (llm-switch-gptel-deployment gptel-model) llm-switch-gptel--any)))

(defun llm-switch-gptel-current ()
  "Return who answers in this buffer: a deployment or route, or another backend."
  (cond ((not (gptel-backend-p gptel-backend)) "nobody")
        ((llm-switch-gptel-any-p) (format "mode %s" (car (llm-switch-modes-here))))
        ((llm-switch-gptel-current-p) (llm-switch-gptel-deployment gptel-model))
        ((and (bound-and-true-p llm-switch-mode) (llm-switch-adopt-deployment-here)))
        (t (gptel-backend-name gptel-backend))))

(defun llm-switch-gptel-use (row scope)
  "Let the deployment or route of ROW answer gptel's requests in SCOPE.
ROW is a plist as `llm-switch-deployments' returns, or one with :route."
  (let ((name (or (plist-get row :deployment) (plist-get row :route))))
    (llm-switch-models-offer (llm-switch-gptel-make-backend) (list (cons name row)))
    (when (eq scope 'project) (llm-switch-project-put :model name))
    (llm-switch-gptel--set name (lambda (symbol value)
                                  (llm-switch-scope-set symbol value scope)))
    (llm-switch-header-install)
    (force-mode-line-update)))

(defun llm-switch-gptel--set (name setter)
  "Let NAME answer by our backend: call SETTER with gptel's variables and values."
  (funcall setter 'gptel-backend (llm-switch-gptel-make-backend (list name)))
  (funcall setter 'gptel-model (llm-switch-gptel-model name)))

(defun llm-switch-gptel-use-mode (row scope)
  "Let the mode of ROW, a plist as modes.list gives them, hold in SCOPE.
The mode's route then answers, or whom the module chooses for the mode."
  (let ((name (plist-get row :name)))
    (if (eq scope 'project)
        (llm-switch-scope-set-project 'llm-switch-mode-name :mode name)
      (llm-switch-scope-set 'llm-switch-mode-name name scope))
    (llm-switch-gptel-use (list :route (or (plist-get row :route) llm-switch-gptel--any))
                          scope)))

(defun llm-switch-gptel-inherit ()
  "Let whom the project wants answer here, unless this buffer has its own choice."
  (when-let* ((name (llm-switch-project-get :model)))
    (llm-switch-gptel--set name #'llm-switch-scope-inherit)))

(defun llm-switch-gptel-chat (row)
  "Return a gptel chat buffer in which the deployment of ROW answers."
  (let* ((deployment (plist-get row :deployment))
         (backend (llm-switch-gptel-make-backend (list deployment)))
         (model (llm-switch-gptel-model deployment)))
    ;; A new chat starts with the defaults, and gptel warns when there are none.
    (cl-letf (((default-value 'gptel-backend) backend)
              ((default-value 'gptel-model) model))
      (with-current-buffer (gptel (format "*%s*" llm-switch-gptel-name))
        (llm-switch-gptel-use row 'buffer)
        (current-buffer)))))

;;; Request

(cl-defmethod gptel--request-data ((_backend llm-switch-gptel) _prompts)
  "Add to the OpenAI request what the module wants to know beside it."
  (append (cl-call-next-method)
          `(:llm_switch (:v ,llm-switch-module-boundary :purpose "chat" :client "emacs"
                         :cache ,(llm-switch-gptel--cache)
                         :show-reasoning ,(if gptel-include-reasoning t :json-false)))))

(defun llm-switch-gptel--cache ()
  "Return what `gptel-cache' wants cached, as the module names it."
  (vconcat (mapcar #'symbol-name
                   (if (eq gptel-cache t) '(system tool message) gptel-cache))))

(cl-defmethod gptel--parse-tool-results ((_backend llm-switch-gptel) tool-use)
  "Mark the results of TOOL-USE that are errors; gptel's own backend does not."
  (cl-mapcar (lambda (message call)
               (if (llm-switch-gptel--failed-p call) (append message '(:is_error t)) message))
             (cl-call-next-method) tool-use))

(defun llm-switch-gptel--failed-p (call)
  "Return non-nil if CALL, an element of gptel's :tool-use, has failed."
  (or (plist-get call :error)
      (let ((result (plist-get call :result)))
        (and (stringp result) (not (string-empty-p result))
             (get-text-property 0 'llm-switch-failed result)))))

(defun llm-switch-gptel--purpose (info)
  "Return why the request of INFO is made."
  (cond ((plist-get info :uuid) "tool-turn")
        ((plist-get (llm-switch-turn-context info) :purpose))
        ((eq (plist-get info :callback) 'gptel--rewrite-callback) "rewrite")
        (t "chat")))

(defun llm-switch-gptel--encode (info)
  "Return the request in INFO as JSON text."
  (let ((data (plist-get info :data)))
    (with-current-buffer (plist-get info :buffer)
      (llm-switch-request-complete (plist-get data :llm_switch)
                                   (llm-switch-gptel--purpose info)
                                   (llm-switch-turn-wish info)))
    (llm-switch-request-json data)))

;;; Transport

(defun llm-switch-gptel--send (fsm)
  "Send the request of FSM through the module, if it is for our backend.
As advice before gptel's transports: return nil to let them do it.  In a buffer
pinned to this machine, those to other backends end here."
  (if (not (llm-switch-gptel-p (plist-get (gptel-fsm-info fsm) :backend)))
      (llm-switch-gptel--guard fsm)
    (let* ((info (gptel-fsm-info fsm))
           (request (llm-switch-gptel--encode info))
           (tag (list 'llm-switch)))
      (llm-switch-gptel--complete-info fsm)
      (with-current-buffer (plist-get info :buffer)
        (llm-switch-scope-end-once)
        (add-hook 'kill-buffer-hook #'llm-switch-gptel--leave nil t))
      (when gptel-log-level (gptel--log request "request body"))
      (setf (alist-get tag gptel--request-alist)
            (cons fsm (lambda () (llm-switch-channel-cancel (cdr tag)))))
      (condition-case problem
          (setcdr tag (llm-switch-channel-submit
                       request
                       (llm-switch-answer-handler fsm tag)
                       (plist-get info :buffer)))
        (llm-switch-error
         (llm-switch-answer-fail fsm tag `(:kind "module" :message ,(cadr problem))))))
    t))

(defun llm-switch-gptel--leave ()
  "Cancel our requests from this buffer, which is about to be killed.
Who says nothing more would else be waited for."
  (pcase-dolist (`(,tag ,fsm . ,cancel) (copy-sequence gptel--request-alist))
    (when (and (eq (car-safe tag) 'llm-switch)
               (eq (plist-get (gptel-fsm-info fsm) :buffer) (current-buffer)))
      (funcall cancel)
      (setf (alist-get tag gptel--request-alist nil 'remove) nil))))

(defun llm-switch-gptel-cancel (fsm)
  "Cancel the request of FSM; its last event still comes.
Return nil if none is under way."
  (when-let* ((entry (seq-find (lambda (it) (eq (cadr it) fsm)) gptel--request-alist))
              (id (cdr-safe (car entry))))
    (llm-switch-channel-cancel id)
    t))

(defun llm-switch-gptel--guard (fsm)
  "End the request of FSM if it would leave the machine to which it is pinned.
Return non-nil then."
  (let ((info (gptel-fsm-info fsm)))
    (when-let* ((why (llm-switch-guard-objection (plist-get info :backend)
                                                 (plist-get info :buffer))))
      (llm-switch-gptel--complete-info fsm)
      (llm-switch-answer-fail fsm (list 'llm-switch) (list :kind "refused" :message why))
      t)))

(defun llm-switch-gptel--complete-info (fsm)
  "Complete the info of FSM as a transport does at its first run."
  (let ((info (gptel-fsm-info fsm)))
    (if (plist-get info :uuid)
        (plist-put info :uuid (gensym "llm-switch"))
      (setf (gptel-fsm-info fsm)
            (nconc (list :uuid (gensym "llm-switch")
                         :transformer (llm-switch-gptel--transformer info))
                   (unless (plist-get info :callback)
                     (list :callback (if (plist-get info :stream)
                                         #'gptel-curl--stream-insert-response
                                       #'gptel--insert-response)))
                   info)))))

(defun llm-switch-gptel--transformer (info)
  "Return a converter of the answer for the buffer of INFO, or nil."
  (when (with-current-buffer (plist-get info :buffer)
          (and (derived-mode-p 'org-mode) gptel-org-convert-response))
    (gptel--stream-convert-markdown->org (plist-get info :position))))

;;; Advice

(defconst llm-switch-gptel--transports '(gptel-curl-get-response gptel--url-get-response)
  "The transport functions of gptel, which take a state machine each.")

(defun llm-switch-gptel--realize (fsm)
  "Let FSM stream through our backend where there is no curl.
As advice before `gptel--realize-query', which wants `gptel-use-curl' for
streaming, in the buffer that holds the prompt."
  (let ((prompt (plist-get (gptel-fsm-info fsm) :data)))
    (when (buffer-live-p prompt)
      (with-current-buffer prompt
        (when (llm-switch-gptel-current-p)
          (setq-local gptel-use-curl t))))))

(defconst llm-switch-gptel--ended
  '(llm-switch-turn-note llm-switch-recall-tell llm-switch-continue-hear)
  "Who hears when an answer has ended.")

;;;###autoload
(defun llm-switch-gptel-install ()
  "Let gptel's requests to our backend go through the module."
  (dolist (transport llm-switch-gptel--transports)
    ;; The inner of the two: it is for what the other lets pass.
    (advice-add transport :around #'llm-switch-guard-confine '((depth . 90)))
    (advice-add transport :before-until #'llm-switch-gptel--send))
  (advice-add 'gptel--realize-query :before #'llm-switch-gptel--realize)
  (advice-add 'gptel--sanitize-model :before #'llm-switch-models-admit)
  (add-hook 'llm-switch-choices-known-hook #'llm-switch-models-offer-known)
  (llm-switch-facts-begin)
  (llm-switch-answer-place-install)
  (dolist (function llm-switch-gptel--ended)
    (add-hook 'llm-switch-answer-ended-functions function))
  (add-hook 'gptel-mode-hook #'llm-switch-models-admit)
  (add-hook 'gptel-mode-hook #'llm-switch-gptel-inherit)
  (add-hook 'gptel-mode-hook #'llm-switch-header-install)
  (add-hook 'gptel-mode-hook #'llm-switch-mcp-chat-begin))

(defun llm-switch-gptel-uninstall ()
  "Undo `llm-switch-gptel-install'.
Requests to our backend then fail, and say so; other backends never notice."
  (dolist (transport llm-switch-gptel--transports)
    (advice-remove transport #'llm-switch-guard-confine)
    (advice-remove transport #'llm-switch-gptel--send))
  (advice-remove 'gptel--realize-query #'llm-switch-gptel--realize)
  (advice-remove 'gptel--sanitize-model #'llm-switch-models-admit)
  (remove-hook 'llm-switch-choices-known-hook #'llm-switch-models-offer-known)
  (llm-switch-facts-end)
  (llm-switch-answer-place-uninstall)
  (dolist (function llm-switch-gptel--ended)
    (remove-hook 'llm-switch-answer-ended-functions function))
  (remove-hook 'gptel-mode-hook #'llm-switch-models-admit)
  (remove-hook 'gptel-mode-hook #'llm-switch-gptel-inherit)
  (remove-hook 'gptel-mode-hook #'llm-switch-header-install)
  (remove-hook 'gptel-mode-hook #'llm-switch-mcp-chat-begin))

(provide 'llm-switch-gptel)
;;; llm-switch-gptel.el ends here
