;;; llm-switch-contract-helper.el --- What the contract tests share  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The contract tests hold our transport against what gptel expects of one, with
;; the real module and the simulator.  They also run on older versions of gptel
;; (`make test-checkouts'); what those lack stands in one list, with its reason.

;;; Code:

(require 'llm-switch-test-helper)
(require 'seq)

(defmacro llm-switch-contract-with (&rest body)
  "Run BODY with an engine at the simulator; that gptel calls curl or url.el fails."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with (llm-switch-test-config)
     (llm-switch-contract--alone (lambda () ,@body))))

(defun llm-switch-contract--alone (body)
  "Call BODY; fail if a transport of gptel's own is used."
  (cl-letf (((symbol-function 'gptel-curl--get-args)
             (lambda (&rest _) (ert-fail "gptel called curl")))
            ((symbol-function 'gptel--url-parse-response)
             (lambda (&rest _) (ert-fail "gptel called url-retrieve")))
            (gptel-backend (llm-switch-gptel-make-backend))
            (gptel-model (llm-switch-gptel-model "sim/hello")))
    (funcall body)))

;;; What is not there everywhere

(defconst llm-switch-contract-lacking
  '((tool-hooks "0.9.9.5" "gptel before 0.9.9.5 has no hooks around tool calls")
    (token-usage "0.9.9.5" "gptel before 0.9.9.5 does not show tokens in the header line")
    (unknown-tool "0.9.9.6" "gptel before 0.9.9.6 waits for ever for a tool that is not there")
    (branching org-element-lineage-map "gptel knows branches from Org 9.7 on"))
  "What is not there everywhere: (FEATURE SINCE WHY-NOT).
SINCE is a version of gptel, or a function that must be defined.")

(defun llm-switch-contract-version ()
  "Return the version of gptel under test: a release, or one above all for a checkout."
  (or (getenv "LLM_SWITCH_GPTEL_VERSION")
      (with-temp-buffer
        (insert-file-contents (concat (file-name-sans-extension (locate-library "gptel")) ".el"))
        (re-search-forward "^;; Version: *\\([0-9.]+\\)")
        (match-string 1))))

(defun llm-switch-contract-need (feature)
  "Leave out the test that runs if FEATURE is declaredly not there."
  (pcase-let ((`(,since ,why-not) (or (alist-get feature llm-switch-contract-lacking)
                                      (error "Nothing is declared of %s" feature))))
    (unless (if (stringp since)
                (version<= since (llm-switch-contract-version))
              (fboundp since))
      (ert-skip why-not))))

;;; Requests

(defun llm-switch-contract-use (deployment)
  "Let DEPLOYMENT answer here."
  (llm-switch-gptel-use (llm-switch-test-row deployment) 'buffer))

(defun llm-switch-contract-hear (prompt &rest arguments)
  "Ask PROMPT by `gptel-request' with ARGUMENTS.
Return what the callback heard, oldest first, and in the end the request's info."
  (let* ((heard nil)
         (fsm (apply #'gptel-request prompt
                     :callback (lambda (response _) (push response heard))
                     arguments)))
    (llm-switch-test-finish fsm)
    (append (nreverse heard) (list (gptel-fsm-info fsm)))))

(defun llm-switch-contract-text (heard)
  "Return the text of the answer in HEARD, as `llm-switch-contract-hear' gives it."
  (apply #'concat (seq-filter #'stringp heard)))

(defun llm-switch-contract-parse (text)
  "Return the JSON object in TEXT as a plist."
  (json-parse-string text :object-type 'plist :array-type 'list :null-object nil))

(defun llm-switch-contract-received (prompt &rest arguments)
  "Ask PROMPT of sim/inspect with ARGUMENTS; return what the service received."
  (let ((gptel-model (llm-switch-gptel-model "sim/inspect")))
    (llm-switch-contract-parse
     (llm-switch-contract-text (apply #'llm-switch-contract-hear prompt arguments)))))

(defun llm-switch-contract-turns (received)
  "Return (ROLE . TEXT) of each message that was RECEIVED."
  (mapcar (lambda (message) (cons (plist-get message :role) (plist-get message :text)))
          (plist-get received :messages)))

(defun llm-switch-contract-property (text property)
  "Return PROPERTY where TEXT stands in this buffer."
  (save-excursion
    (goto-char (point-min))
    (search-forward text)
    (get-text-property (match-beginning 0) property)))

;;; A tool

(defun llm-switch-contract-tool (function &rest more)
  "Return a tool that looks at a :thing, a moon, by FUNCTION.
MORE goes to `gptel-make-tool'."
  (apply #'gptel-make-tool
         :name "look" :description "Look at a thing." :function function
         :args '((:name "thing" :type string :enum ["moon"] :description "What to look at"))
         more))

(defmacro llm-switch-contract-tools (tools &rest body)
  "Run BODY with the list TOOLS for models to call, unconfirmed."
  (declare (indent 1) (debug t))
  `(let ((gptel-tools ,tools)
         (gptel-use-tools t)
         (gptel-confirm-tool-calls nil)
         (gptel-include-tool-results t))
     ,@body))

(provide 'llm-switch-contract-helper)
;;; llm-switch-contract-helper.el ends here
