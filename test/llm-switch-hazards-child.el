;;; llm-switch-hazards-child.el --- The Emacs in which things go wrong  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Loaded by the Emacs that a hazard test starts.  It has the module that can
;; break things on purpose, and writes down every event before it is handled.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-channel)

(module-load (getenv "LLM_SWITCH_TEST_MODULE"))

(defconst llm-switch-hazards-folder (getenv "LLM_SWITCH_TEST_FOLDER")
  "The folder of the test.")

(setq llm-switch-config-file (expand-file-name "config.toml" llm-switch-hazards-folder)
      llm-switch-ledger-file (expand-file-name "child/ledger.db" llm-switch-hazards-folder)
      llm-switch-channel-notice-functions nil)

(defvar llm-switch-hazards-drains nil
  "What each drain delivered, a list of events, newest first.")

(advice-add 'llm-switch-channel--dispatch :before
            (lambda (events)
              ;; A copy: dispatching strings the lists together.
              (when events (push (copy-sequence events) llm-switch-hazards-drains))))

;;; What the test hears of

(defun llm-switch-hazards-tell (value)
  "Tell the test VALUE."
  (let ((file (expand-file-name "value" llm-switch-hazards-folder))
        (coding-system-for-write 'utf-8-emacs-unix))
    (with-temp-file (concat file ".new") (prin1 value (current-buffer)))
    (rename-file (concat file ".new") file t)))

;;; Waiting

(defmacro llm-switch-hazards-wait (&rest condition)
  "Wait until CONDITION gives non-nil and return that; Emacs handles output."
  (declare (indent 0) (debug t))
  `(llm-switch-hazards--until (lambda () ,@condition)
                              (lambda () (accept-process-output nil 0.01))))

(defmacro llm-switch-hazards-busy (&rest condition)
  "Keep Emacs so busy that it handles no output, until CONDITION gives non-nil."
  (declare (indent 0) (debug t))
  `(llm-switch-hazards--until (lambda () ,@condition)
                              (lambda () (call-process "sleep" nil nil nil "0.05"))))

(defun llm-switch-hazards--until (condition pass)
  "Call PASS until CONDITION gives non-nil and return that."
  (let ((deadline (+ (float-time) 20))
        (result nil))
    (while (not (setq result (funcall condition)))
      (when (> (float-time) deadline) (error "Waited in vain"))
      (funcall pass))
    result))

;;; Requests and faults

(defun llm-switch-hazards-fault (name &rest params)
  "Start the fault NAME with PARAMS and return its id."
  (llm-switch-channel-call (concat "fault." name) params #'ignore))

(defun llm-switch-hazards-submit (script &optional handler buffer)
  "Have the simulator play SCRIPT and return the id of the request.
HANDLER and BUFFER are as for `llm-switch-channel-submit'."
  (llm-switch-channel-submit
   (llm-switch-channel--json
    `(:model ,(concat "sw/sim/" script) :stream t
      :messages [(:role "user" :content "Hi")]
      :llm_switch (:v ,llm-switch-module-boundary :purpose "chat")))
   (or handler #'ignore) buffer))

(defun llm-switch-hazards-events (id)
  "Return the events of ID that were drained, as a list of (KIND . REST)."
  (mapcar #'cdr (cl-remove id (apply #'append (reverse llm-switch-hazards-drains))
                           :key #'car :test-not #'eql)))

(defun llm-switch-hazards-text (id)
  "Return the text that came for ID."
  (mapconcat (lambda (event) (if (eq (car event) 'text) (cdr event) ""))
             (llm-switch-hazards-events id) ""))

(defun llm-switch-hazards-ends (id)
  "Return the last events of ID: what was returned, `done', or an error's kind."
  (cl-loop for (kind . rest) in (llm-switch-hazards-events id)
           if (eq kind 'value) collect rest
           if (eq kind 'done) collect kind
           if (eq kind 'error) collect (plist-get rest :kind)))

(defun llm-switch-hazards-end (id)
  "Wait for the end of ID and return it as `llm-switch-hazards-ends' does."
  (car (llm-switch-hazards-wait (llm-switch-hazards-ends id))))

(provide 'llm-switch-hazards-child)
;;; llm-switch-hazards-child.el ends here
