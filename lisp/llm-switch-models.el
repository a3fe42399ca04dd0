;;; llm-switch-models.el --- What gptel knows of our models  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel reads from the properties of a model's symbol what to say of it and
;; what may be sent to it, and offers what its backend lists.  A model that is
;; not listed gptel replaces by the first that is, without a word; a model of
;; ours that a saved chat, an Org property or a preset names is therefore listed
;; when it is met.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-choices)
(require 'seq)

(declare-function llm-switch-gptel-deployment "llm-switch-gptel" (model))
(declare-function llm-switch-gptel-model "llm-switch-gptel" (deployment))
(declare-function llm-switch-gptel-p "llm-switch-gptel" (object))

(defconst llm-switch-models--images '("image/jpeg" "image/png" "image/gif" "image/webp")
  "The images that services take.")

(defun llm-switch-models--describe (model row)
  "Tell gptel about MODEL, a symbol, from ROW.
ROW is a plist as `llm-switch-deployments' returns, or one with :route, or with
:unknown if nothing is known but the name."
  (let ((context (plist-get row :context))
        (input (plist-get row :input))
        (capabilities (llm-switch-models--capabilities row)))
    (setplist model
              `(llm-switch ,row
                :description ,(llm-switch-models--description row)
                :capabilities ,capabilities
                ,@(when (memq 'media capabilities)
                    `(:mime-types (,@llm-switch-models--images "application/pdf")))
                ,@(when context (list :context-window (/ context 1000.0)))
                ,@(when input (list :input-cost (string-to-number input)
                                    :output-cost (string-to-number (plist-get row :output))))))))

(defun llm-switch-models--description (row)
  "Return in words whom ROW stands for."
  (cond ((plist-get row :route) "Whoever of a route or mode can answer")
        ((plist-get row :unknown) "Not asked for yet")
        (t (format "%s, %s" (plist-get row :title) (plist-get row :locality)))))

(defun llm-switch-models--capabilities (row)
  "Return what the model of ROW can, in gptel's words.
Of what the catalogue does not list nothing is known: then the service has the
say, and the module refuses what it knows better."
  (let ((can (append (plist-get row :can) nil)))
    `(,@(when (or (null can) (member "vision" can)) '(media))
      ,@(when (or (null can) (member "tools" can)) '(tool-use))
      json
      ,@(when (member "reasoning" can) '(reasoning)))))

(defun llm-switch-models-offer (backend rows)
  "Let BACKEND offer what ROWS tell of, an alist by deployment or route.
What is offered first stays the first, since gptel falls back to that."
  (let ((listed (make-hash-table :test #'eq))
        (new nil))
    (dolist (model (gptel-backend-models backend)) (puthash model t listed))
    (pcase-dolist (`(,name . ,row) rows)
      (let ((model (llm-switch-gptel-model name)))
        (llm-switch-models--describe model row)
        (unless (gethash model listed)
          (puthash model t listed)
          (push model new))))
    (when new
      (setf (gptel-backend-models backend)
            (append (gptel-backend-models backend) (nreverse new))))))

(cl-defun llm-switch-models-admit (&key (backend gptel-backend) (model gptel-model)
                                        &allow-other-keys)
  "Let BACKEND, if it is ours, offer MODEL, if it is named as ours are.
As advice before `gptel--sanitize-model', which would replace MODEL, and when
a chat begins that names them."
  (when-let* (((llm-switch-gptel-p backend))
              (name (and model (llm-switch-gptel-deployment model))))
    (unless (memq (llm-switch-gptel-model name) (gptel-backend-models backend))
      (llm-switch-models-offer backend (list (cons name (llm-switch-models--row name)))))))

(defun llm-switch-models-offer-known ()
  "Let our backend offer what there is to choose from, in gptel's menu too."
  (when-let* ((backend (cdr (seq-find (lambda (entry) (llm-switch-gptel-p (cdr entry)))
                                      gptel--known-backends))))
    (llm-switch-models-offer
     backend
     (append (mapcar #'llm-switch-models--route (llm-switch-choices-known :routes))
             (mapcar (lambda (row) (cons (plist-get row :deployment) row))
                     (plist-get (llm-switch-choices-known :deployments) :deployments))))))

(defun llm-switch-models--route (route)
  "Return (NAME . ROW) for ROUTE, a plist as routes.list gives them."
  (let ((name (plist-get route :name)))
    `(,name :route ,name ,@route)))

(defun llm-switch-models--row (name)
  "Return what was last heard of NAME, a deployment or route, without asking."
  (let ((with-name (lambda (key rows)
                     (seq-find (lambda (row) (equal (plist-get row key) name)) rows))))
    (or (funcall with-name :deployment
                 (plist-get (llm-switch-choices-known :deployments) :deployments))
        (when-let* ((route (funcall with-name :name (llm-switch-choices-known :routes))))
          (cdr (llm-switch-models--route route)))
        (list :unknown t))))

(provide 'llm-switch-models)
;;; llm-switch-models.el ends here
