;;; ob-llm-switch.el --- Org source blocks that ask a model  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; #+begin_src llm-switch :route coding-cheap :session plan :max-cost 0.02
;; Three risks of this migration?
;; #+end_src
;;
;; C-c C-c asks, and the answer is streamed into the result.  It is waited for
;; where Org needs it at once: in batch and export, for a reference, a #+call, an
;; inline block, and where Org does something with the whole of it.
;;
;; :compare coding-best coding-cheap asks several, and their answers grow one below
;; the other.
;;
;; To export never asks anybody, unless the block says :eval yes.

;;; Code:

(require 'llm-switch-org-arguments)
(require 'llm-switch-org-compare)
(require 'llm-switch-org-prompt)
(require 'llm-switch-org-request)
(require 'llm-switch-org-result)
(require 'llm-switch-org-run)
(require 'ob)
(require 'org-element)
(require 'org-src)

;; `llm-switch-mode', which Org would take for the mode of the language, is a
;; global one: to colour a block must not switch it.
;;;###autoload (with-eval-after-load 'org-src (add-to-list 'org-src-lang-modes '("llm-switch" . text)))
(add-to-list 'org-src-lang-modes '("llm-switch" . text))

(defun llm-switch-org-default-results ()
  "Return the default of :results: a drawer, which an inline block cannot have."
  (if (eq (org-element-type (org-element-context)) 'inline-src-block)
      "value replace"
    "value drawer replace"))

(defvar org-babel-default-header-args:llm-switch
  '((:results . llm-switch-org-default-results)
    (:exports . "both") (:eval . "never-export") (:async . "yes"))
  "Default header arguments of blocks that ask a model.")

(defconst org-babel-header-args:llm-switch
  '((model . :any) (route . :any) (mode . ((local proxy cloud free auto :any)))
    (compare . :any) (preset . :any) (system . :any) (temperature . :any) (max-tokens . :any)
    (max-cost . :any) (tools . :any) (schema . :any) (context . ((entry buffer :any)))
    (session . :any) (format . ((org markdown json raw))) (stream . ((yes no)))
    (async . ((yes no))) (dry-run . ((yes no))))
  "Header arguments of blocks that ask a model, for Org to complete and to check.")

;;; Execute

(defun org-babel-execute:llm-switch (body params)
  "Ask a model BODY, as PARAMS want it; return the answer, or a placeholder for it."
  (let ((wants (llm-switch-org-arguments params))
        (text (org-babel-expand-body:llm-switch body params))
        (unset (llm-switch-org-prompt-unset body params)))
    (when (string-empty-p text) (user-error "This block asks nothing: it is empty"))
    (when unset
      (setq wants (plist-put wants :unset unset))
      (message "llm-switch: %s" (llm-switch-org-result-unset unset)))
    (save-excursion
      (let* ((block (llm-switch-org-block))
             (prompt (lambda () (llm-switch-org-question text wants))))
        (when block (goto-char block))
        (if (and block (llm-switch-org-async-p params wants))
            (llm-switch-org-run block params wants prompt)
          ;; For another block it is asked beside what is under way for its own result.
          (when (and block (llm-switch-org--own-p params))
            (llm-switch-org-run-drop block))
          (prog1 (llm-switch-org-now params wants prompt)
            (when (and block (llm-switch-org--own-p params))
              (llm-switch-org-result-clear params))))))))

(defun org-babel-expand-body:llm-switch (body params)
  "Return BODY with the variables of PARAMS put in."
  (llm-switch-org-prompt-body body params))

(defun llm-switch-org-block ()
  "Return where the block at point begins, or nil if point is at none.
It is none at a #+call and an inline block."
  (let ((element (org-element-at-point)))
    (when (eq (org-element-type element) 'src-block)
      (org-element-property :post-affiliated element))))

(defun llm-switch-org-question (text wants)
  "Return what is asked by the block at point, with TEXT and WANTS.
That is a list of texts: what was asked and answered before, and the question."
  (let ((around (llm-switch-org-prompt-around (plist-get wants :context)))
        (session (plist-get wants :session)))
    (append (when session (llm-switch-org-prompt-turns session (point)))
            (list (if (org-string-nw-p around)
                      (format "<context>\n%s\n</context>\n\n%s" around text)
                    text)))))

;;; When

(defvar llm-switch-org-wait noninteractive
  "Non-nil if every block waits for its answer, as in batch mode.")

(defconst llm-switch-org-whole-results
  '("none" "discard" "file" "append" "prepend" "raw" "list" "table" "vector")
  "Kinds of results that Org does not replace later, or makes something of.")

(defun llm-switch-org-async-p (params wants)
  "Return non-nil if the block at point, with PARAMS and WANTS, need not wait.
A dry run asks nobody."
  (let ((result-params (cdr (assq :result-params params))))
    (not (or llm-switch-org-wait
             org-babel-exp-reference-buffer
             (eq (plist-get wants :async) 'no)
             (eq (plist-get wants :dry-run) 'yes)
             (seq-intersection result-params llm-switch-org-whole-results)
             (assq :post params)
             (not (llm-switch-org--own-p params))))))

(defun llm-switch-org--own-p (params)
  "Return non-nil if the block at point, with PARAMS, is run for its own result.
One that is run for another does not stand where the execution began."
  (let ((location org-babel-current-src-block-location))
    (and (not (member "none" (cdr (assq :result-params params))))
         (eql (llm-switch-org-block)
              (if (markerp location) (marker-position location) location)))))

(defun llm-switch-org-now (params wants prompt)
  "Ask what PROMPT gives and return the answer, as PARAMS and WANTS have it."
  (cond ((eq (plist-get wants :dry-run) 'yes)
         (if (plist-get wants :compare)
             (llm-switch-org-compare-dry wants (funcall prompt) params)
           (llm-switch-org-result (llm-switch-org-request-dry wants (funcall prompt)) nil wants
                                  params)))
        (t (llm-switch-org--await-session wants)
           (if (plist-get wants :compare)
               (llm-switch-org--now-several params wants (funcall prompt))
             (llm-switch-org--now-one params wants (funcall prompt))))))

(defun llm-switch-org--now-one (params wants prompt)
  "Ask PROMPT and return the answer, as PARAMS and WANTS have it."
  (pcase-let ((`(,text . ,info) (llm-switch-org--ask wants prompt)))
    (when (plist-get info :error)
      (user-error "%s%s" llm-switch-org-prompt-failure (llm-switch-org-result-failure info)))
    (cond ((llm-switch-org--for-program-p params)
           (llm-switch-org-result-plain (string-trim text) wants))
          ((llm-switch-org-block)
           (llm-switch-org-result text info wants params))
          (t (llm-switch-org--inline text info wants params)))))

(defun llm-switch-org--now-several (params wants prompt)
  "Ask PROMPT of several and return their answers, as PARAMS and WANTS have it."
  (when (llm-switch-org--inline-p)
    (user-error "An inline block has room for one answer; :compare is for blocks"))
  (let ((comparison (llm-switch-org-compare-now wants prompt)))
    (cond ((llm-switch-org--for-program-p params)
           (llm-switch-org-compare-result comparison wants nil))
          (t (when (llm-switch-org-block) (llm-switch-org-compare-remember comparison))
             (llm-switch-org-compare-result comparison wants params)))))

(defun llm-switch-org--for-program-p (params)
  "Return non-nil if PARAMS want an answer for a program, and not for a reader.
A reference is the one or the other, by the version of Org."
  (seq-intersection '("none" "silent") (cdr (assq :result-params params))))

(defun llm-switch-org--inline-p ()
  "Return non-nil if point is at an inline block, or the call of one."
  (memq (org-element-type (org-element-context)) '(inline-src-block inline-babel-call)))

(defun llm-switch-org--inline (text info wants params)
  "Return TEXT as the result of what is no block.
WANTS, INFO and PARAMS are as for `llm-switch-org-result'.  An inline
block has room for one line."
  (if (llm-switch-org--inline-p)
      (replace-regexp-in-string "[ \t]*\n[ \t\n]*" " "
                                (string-trim (llm-switch-org-result-plain text wants)))
    (llm-switch-org-result text info wants params)))

(defun llm-switch-org--await-session (wants)
  "Wait until the earlier blocks of the session of WANTS have their answers."
  (while (llm-switch-org-run-busy-p (plist-get wants :session) (point))
    (accept-process-output nil 0.05)))

(defun llm-switch-org--ask (wants prompt)
  "Ask PROMPT, a list of texts, as WANTS has it; return (ANSWER . INFO)."
  (let* ((pieces nil)
         (fsm (llm-switch-org-request
               wants prompt
               (lambda (response info)
                 (if (stringp response) (push response pieces)
                   (llm-switch-org-request-hear response info)))
               #'ignore 'whole)))
    (llm-switch-org-request-wait fsm)
    (cons (string-join (nreverse pieces) "\n\n") (gptel-fsm-info fsm))))

;;; Cancel

;;;###autoload
(defun llm-switch-org-cancel ()
  "Cancel the answer that is under way for the block at point.
What has come of it stays.  Where only one is under way in this buffer, it is
that one, wherever point is."
  (interactive)
  (llm-switch-org-run-cancel
   (or (llm-switch-org-run-here)
       (user-error "No answer is under way for the block at point"))))

(provide 'ob-llm-switch)
;;; ob-llm-switch.el ends here
