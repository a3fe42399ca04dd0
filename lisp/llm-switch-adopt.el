;;; llm-switch-adopt.el --- gptel's own backends, through the switch  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel's backends become accounts of the module, with their models and with
;; their keys, which stay where they are until they are asked for.  Nothing of
;; gptel's changes for it: a request is given to a twin of its backend at the
;; last moment, in the hidden buffer that holds the prompt.  So there is nothing
;; to put back, and the chats never notice.

;;; Code:

(require 'llm-switch-choices)
(require 'llm-switch-gptel)
(require 'llm-switch-guard)

(defcustom llm-switch-adopt-payers nil
  "Who pays for adopted backends: an alist (NAME . PAYER).
NAME is the backend's in gptel; PAYER is \"free\", \"metered\" or \"plan\".
What is not named here is paid for as is usual at its service.  A free tier that
could also be paid for is taken to be: it counts, and has a cap."
  :group 'llm-switch
  :type '(alist :key-type string
                :value-type (choice (const "free") (const "metered") (const "plan"))))

(defcustom llm-switch-adopt-except nil
  "Names of gptel's backends that are not adopted."
  :group 'llm-switch
  :type '(repeat string))

(defconst llm-switch-adopt--dialects
  '((gptel-openai "openai-chat" "/chat/completions")
    (gptel-deepseek "openai-chat" "/chat/completions")
    (gptel-perplexity "openai-chat" "/chat/completions")
    (gptel-openai-responses "openai-responses" "/responses")
    (gptel-anthropic "anthropic" "/v1/messages")
    (gptel-gemini "gemini" "/models")
    (gptel-ollama "ollama" "/api/chat"))
  "What gptel's types of backend speak, and what they add to the base URL.")

(defconst llm-switch-adopt--foreign
  '((gptel-bedrock . "signs its requests with keys of AWS")
    (gptel--gh . "signs in to GitHub Copilot in a way of its own")
    (gptel-openai-oauth . "signs in to ChatGPT in a way of its own")
    (gptel-kagi . "speaks a protocol of its own")
    (gptel-privategpt . "sends and shows more than an answer"))
  "Why gptel's other types of backend are not adopted.")

(defvar llm-switch-adopt--done nil
  "What became of which backends: (ENGINE BACKENDS . ROWS).
Each row is a plist with :backend and :name, and either :account, :locality,
:payer and :twin, or :why.")

;;; What a backend is

(defun llm-switch-adopt--obstacle (backend)
  "Return why BACKEND cannot be adopted as far as Emacs sees, or nil."
  (let ((type (type-of backend))
        (url (llm-switch-guard-address backend)))
    (cond ((member (gptel-backend-name backend) llm-switch-adopt-except)
           "stands in llm-switch-adopt-except")
          ((alist-get type llm-switch-adopt--foreign))
          ((not (assq type llm-switch-adopt--dialects))
           (format "is of a type that is not known, %s" type))
          ((not (llm-switch-adopt--base-url backend))
           (format "has no address that ends in %s"
                   (nth 2 (assq type llm-switch-adopt--dialects))))
          ((string-search "?" url) "has an address with a query")
          ((gptel-backend-curl-args backend) "needs arguments to curl")
          ((not (member gptel-proxy '(nil ""))) "goes through gptel-proxy")
          (t (llm-switch-adopt--header-obstacle backend)))))

(defconst llm-switch-adopt--headers
  '("authorization" "x-api-key" "anthropic-version" "anthropic-beta" "x-goog-api-key"
    "content-type")
  "The headers that the module sends by itself.")

(defun llm-switch-adopt--header-obstacle (backend)
  "Return how the headers of BACKEND keep it from being adopted, or nil.
No key is fetched for it: a mark stands in for the key."
  (condition-case nil
      (let* ((header (gptel-backend-header backend))
             (mark "llm-switch-mark")
             (sent (if (functionp header)
                       (cl-letf (((symbol-function 'gptel--get-api-key)
                                  (lambda (&rest _) (and (gptel-backend-key backend) mark))))
                         (let ((gptel-backend backend))
                           (if (eq (car (func-arity header)) 0)
                               (funcall header)
                             (funcall header nil))))
                     header))
             (other (cl-remove-if (lambda (it) (member (downcase (car it))
                                                       llm-switch-adopt--headers))
                                  sent))
             (keys (cl-remove-if-not (lambda (it)
                                       (member (downcase (car it))
                                               '("authorization" "x-api-key" "x-goog-api-key")))
                                     sent)))
        (cond (other (format "sends headers of its own: %s" (mapconcat #'car other ", ")))
              ((not (cl-every (lambda (it) (string-search mark (cdr it))) keys))
               "keeps its key in a header")))
    ((error) "makes its headers in a way of its own")))

(defun llm-switch-adopt--base-url (backend)
  "Return the base URL of BACKEND as the module knows it, or nil."
  (let ((url (llm-switch-guard-address backend))
        (end (nth 2 (assq (type-of backend) llm-switch-adopt--dialects))))
    (and url (string-suffix-p end url) (string-remove-suffix end url))))

(defun llm-switch-adopt--describe (backend)
  "Return BACKEND as the module's accounts.adopt takes it."
  (let* ((name (gptel-backend-name backend))
         (payer (alist-get name llm-switch-adopt-payers nil nil #'equal)))
    `(:name ,name
      :base-url ,(llm-switch-adopt--base-url backend)
      :dialect ,(nth 1 (assq (type-of backend) llm-switch-adopt--dialects))
      :models ,(vconcat (mapcar #'llm-switch-adopt--model (gptel-backend-models backend)))
      ,@(when (gptel-backend-key backend) (list :key (concat "gptel:" name)))
      ,@(when payer (list :payer payer)))))

(defun llm-switch-adopt--model (model)
  "Return MODEL of a gptel backend as accounts.adopt takes it."
  (let ((input (get model :input-cost))
        (output (get model :output-cost)))
    `(:name ,(gptel--model-name model)
      ,@(when (and (numberp input) (numberp output)) (list :input input :output output)))))

;;; Adopt

(defun llm-switch-adopt-rows ()
  "Adopt gptel's backends as they are now; return what became of each.
That is a list of rows as in `llm-switch-adopt--done'.  The module is only asked
when something has changed."
  (llm-switch-channel-start)
  (let ((backends (llm-switch-adopt--backends)))
    (unless (and (eq (car llm-switch-adopt--done) llm-switch-channel--process)
                 (equal (cadr llm-switch-adopt--done) (llm-switch-adopt--state backends)))
      (setq llm-switch-adopt--done
            (cons llm-switch-channel--process
                  (cons (llm-switch-adopt--state backends) (llm-switch-adopt--run backends))))
      (llm-switch-choices-forget))
    (cddr llm-switch-adopt--done)))

(defun llm-switch-adopt--backends ()
  "Return gptel's backends that are not ours, in gptel's order."
  (cl-remove-if #'llm-switch-gptel-p
                (cl-remove-if-not #'gptel-backend-p (mapcar #'cdr gptel--known-backends))))

(defun llm-switch-adopt--state (backends)
  "Return what of BACKENDS and the options decides what becomes of them."
  (list backends gptel-proxy llm-switch-adopt-payers llm-switch-adopt-except))

(defun llm-switch-adopt--run (backends)
  "Have the module adopt BACKENDS; return their rows."
  (let* ((rows (mapcar (lambda (backend)
                         (list :backend backend :name (gptel-backend-name backend)
                               :why (llm-switch-adopt--obstacle backend)))
                       backends))
         (able (cl-remove-if (lambda (row) (plist-get row :why)) rows))
         (wanted (mapcar (lambda (row) (llm-switch-adopt--describe (plist-get row :backend)))
                         able))
         (told (llm-switch-call "accounts.adopt" `(:accounts ,(vconcat wanted)))))
    (mapcar (lambda (row) (if (plist-get row :why) row (llm-switch-adopt--row row told))) rows)))

(defun llm-switch-adopt--row (row told)
  "Return ROW with what the module TOLD of it."
  (let* ((mine (lambda (key)
                 (seq-find (lambda (it) (equal (plist-get it :name) (plist-get row :name)))
                           (plist-get told key))))
         (adopted (funcall mine :adopted)))
    (if (null adopted)
        (append (list :why (plist-get (funcall mine :refused) :message)) row)
      (append row adopted
              (list :twin (llm-switch-adopt--twin (plist-get row :backend)))))))

(defun llm-switch-adopt--twin (backend)
  "Return the backend of ours that stands in for BACKEND."
  (llm-switch-gptel--make
   :name (gptel-backend-name backend) :host "llm-switch" :protocol "module" :endpoint "/chat"
   :url "module://llm-switch/chat" :stream (gptel-backend-stream backend)
   :request-params (gptel-backend-request-params backend)))

(defun llm-switch-adopt--model-of (row model)
  "Return the symbol of ours that stands in for MODEL at the backend of ROW."
  (let ((twin (llm-switch-gptel-model (llm-switch-adopt--deployment row model))))
    (setplist twin `(llm-switch ,(list :title (plist-get row :name)
                                       :locality (plist-get row :locality)
                                       :payer (plist-get row :payer))
                     ,@(symbol-plist model)))
    twin))

(defun llm-switch-adopt--deployment (row model)
  "Return the deployment that MODEL at the backend of ROW is."
  (format "%s/%s" (plist-get row :account) (gptel--model-name model)))

(defun llm-switch-adopt-known (backend)
  "Return the row of BACKEND if it was adopted and nothing has changed since."
  (and (eq (car llm-switch-adopt--done) llm-switch-channel--process)
       (seq-find (lambda (row) (and (eq (plist-get row :backend) backend) (plist-get row :twin)))
                 (cddr llm-switch-adopt--done))))

(defun llm-switch-adopt-deployment-here ()
  "Return the deployment that answers in this buffer by adoption, or nil."
  (when-let* ((row (and (gptel-backend-p gptel-backend)
                        (llm-switch-adopt-known gptel-backend))))
    (llm-switch-adopt--deployment row gptel-model)))

;;;###autoload
(defun llm-switch-adopt-key (name)
  "Return the key of gptel's backend NAME, from its own function, or nil."
  (when-let* ((backend (alist-get name gptel--known-backends nil nil #'equal)))
    (let ((gptel-backend backend))
      (gptel--get-api-key (gptel-backend-key backend)))))

;;; On and off

(defun llm-switch-adopt--realize (fsm)
  "Let the twin of its backend have the request of FSM.
As advice before `gptel--realize-query'."
  (let* ((info (gptel-fsm-info fsm))
         (prompt (plist-get info :data)))
    (when (buffer-live-p prompt)
      (with-current-buffer prompt
        (unless (or (llm-switch-gptel-current-p) (not (gptel-backend-p gptel-backend)))
          (llm-switch-adopt-rows)
          (when-let* ((row (llm-switch-adopt-known gptel-backend))
                      ((llm-switch-adopt--may-p row (plist-get info :buffer))))
            (setq-local gptel-model (llm-switch-adopt--model-of row gptel-model)
                        gptel-backend (plist-get row :twin))))))))

(defun llm-switch-adopt--may-p (row buffer)
  "Return non-nil if the backend of ROW may have a request from BUFFER.
Else it is left to gptel's transport, where it ends with the reason."
  (or (member (plist-get row :locality) '("local" "lan"))
      (with-current-buffer buffer (not (llm-switch-modes-local-pin)))))

(defun llm-switch-adopt-begin ()
  "Let requests to gptel's own backends go through the module."
  (llm-switch-gptel-install)
  ;; Before our own, which wants to know whose request it is.
  (advice-add 'gptel--realize-query :before #'llm-switch-adopt--realize '((depth . -50)))
  (add-hook 'llm-switch-choices-refresh-hook #'llm-switch-adopt-rows))

(defun llm-switch-adopt-end ()
  "Undo `llm-switch-adopt-begin'; the module forgets the accounts."
  (advice-remove 'gptel--realize-query #'llm-switch-adopt--realize)
  (remove-hook 'llm-switch-choices-refresh-hook #'llm-switch-adopt-rows)
  (when (and llm-switch-adopt--done (llm-switch-channel-live-p))
    (llm-switch-call "accounts.adopt" '(:accounts [])))
  (setq llm-switch-adopt--done nil)
  (llm-switch-choices-forget))

;;; The list

(define-derived-mode llm-switch-adopted-mode tabulated-list-mode "Adopted"
  "Shows which of gptel's backends go through the module, and which do not.
\\{llm-switch-adopted-mode-map}"
  (setq tabulated-list-format [("Backend" 16 t) ("Account" 18 t) ("Where" 6 t) ("Paid" 8 t)
                               ("Remark" 0 nil)]
        tabulated-list-padding 1)
  (add-hook 'tabulated-list-revert-hook #'llm-switch-adopted--fill nil t)
  (tabulated-list-init-header))

(define-key llm-switch-adopted-mode-map (kbd "?") #'describe-mode)

(defun llm-switch-adopted--fill ()
  "Put what became of the backends into this table."
  (setq tabulated-list-entries
        (mapcar (lambda (row)
                  (let ((text (lambda (key) (or (plist-get row key) "–"))))
                    (list (plist-get row :backend)
                          (vector (plist-get row :name) (funcall text :account)
                                  (funcall text :locality) (funcall text :payer)
                                  (llm-switch-adopted--remark row)))))
                (llm-switch-adopt-rows))))

(defun llm-switch-adopted--remark (row)
  "Return what is to be said of ROW."
  (cond ((plist-get row :why) (concat "not adopted: " (plist-get row :why)))
        ((bound-and-true-p llm-switch-mode) "")
        (t "as soon as llm-switch-mode is on")))

;;;###autoload
(defun llm-switch-adopted ()
  "Show which of gptel's backends are adopted, and which are not and why."
  (interactive)
  (pop-to-buffer (get-buffer-create "*llm-switch adopted*"))
  (llm-switch-adopted-mode)
  (llm-switch-adopted--fill)
  (tabulated-list-print))

(provide 'llm-switch-adopt)
;;; llm-switch-adopt.el ends here
