;;; llm-switch-llm-helper.el --- What tests of the provider for llm share  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Needs a checkout of `llm' on the load path: `make test-checkouts'.

;;; Code:

(require 'llm-switch-test-helper)

;; Of these `llm' wants that they are loaded.  Only its own providers call them.
(dolist (feature '(plz plz-event-source plz-media-type))
  (unless (locate-library (symbol-name feature)) (provide feature)))

(require 'llm)
(require 'llm-switch-llm)

(defun llm-switch-llm-test-provider (model &rest slots)
  "Return our provider with the simulator's MODEL, and SLOTS."
  (apply #'llm-switch-llm-make-provider :model (concat "sim/" model) slots))

(defmacro llm-switch-llm-test-with (&rest body)
  "Run BODY with an engine of its own that knows the simulator."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with (llm-switch-test-config) ,@body))

(defun llm-switch-llm-test-roles (prompt)
  "Return the roles in PROMPT, an `llm-chat-prompt', in their order."
  (mapcar #'llm-chat-prompt-interaction-role (llm-chat-prompt-interactions prompt)))

(defun llm-switch-llm-test-received (prompt)
  "Return what the service receives for PROMPT, a plist."
  (json-parse-string (llm-chat (llm-switch-llm-test-provider "inspect") prompt)
                     :object-type 'plist :array-type 'list))

(defun llm-switch-llm-test-tool (name function &rest arguments)
  "Return a tool of NAME that calls FUNCTION with ARGUMENTS, plists.
Without arguments it takes a city."
  (llm-make-tool :name name :function function :description "For a test."
                 :args (or arguments '((:name "city" :type string :description "A city."
                                        :enum ["Zürich" "Bern"])))))

(provide 'llm-switch-llm-helper)
;;; llm-switch-llm-helper.el ends here
