;;; llm-switch-contract-tools-test.el --- Tools in gptel, through the module  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)

(defmacro llm-switch-contract-tools-chat (deployment tools &rest body)
  "Run BODY in a chat with DEPLOYMENT, which may call TOOLS, streaming and not."
  (declare (indent 2) (debug t))
  `(llm-switch-contract-with
     (dolist (stream '(t nil))
       (llm-switch-contract-tools ,tools
         (llm-switch-test-chat ,deployment #'text-mode
           (let ((gptel-stream stream)) ,@body))))))

(ert-deftest llm-switch-contract-tools/sync-and-async-ones-run-in-one-turn ()
  (llm-switch-contract-tools-chat "sim/tools:2"
      (list (llm-switch-contract-tool (lambda (thing) (concat thing " now")))
            (gptel-make-tool :name "later" :description "Look later." :async t :args nil
                             :function (lambda (done) (run-at-time 0.05 nil done "moon later"))))
    (let ((info (llm-switch-test-ask "Look!")))
      (should-not (plist-get info :error))
      (should (string-search "The tools said: \"moon now\", \"moon later\"." (buffer-string))))))

(ert-deftest llm-switch-contract-tools/arguments-beyond-ascii-arrive-whole ()
  (let ((heard nil))
    (llm-switch-contract-tools-chat "sim/tools:1"
        (list (gptel-make-tool
               :name "say" :description "Say it."
               :args '((:name "what" :type string :description "What"))
               :function (lambda (what) (push what heard) "“gesagt” 🦄")))
      (llm-switch-test-ask "Say!")
      (should (string-search "“gesagt” 🦄" (buffer-string))))
    (should (equal heard '("Zürich \"🦄\"" "Zürich \"🦄\"")))))

(ert-deftest llm-switch-contract-tools/the-thoughts-before-a-call-go-back-unchanged ()
  (dolist (dialect '("openai-chat" "openai-responses" "anthropic" "gemini"))
    (llm-switch-test-with
        (format "[provider.sim]\nbase-url = %S\ndialect = %S\nauth = 'none'\n"
                (concat (string-remove-suffix "/v1" (llm-switch-test-url))
                        (pcase dialect ("anthropic" "") ("gemini" "/v1beta") (_ "/v1")))
                dialect)
      (dolist (stream '(t nil))
        (llm-switch-contract-tools (list (llm-switch-contract-tool #'identity))
          (llm-switch-test-chat "sim/tools-reasoning:2" #'text-mode
            (let* ((gptel-stream stream) (info (llm-switch-test-ask "Look!")))
              (should-not (plist-get info :error))
              (should (string-search "The tools said: \"moon\", \"moon\"." (buffer-string))))))))))

;; gptel-rewrite and sub-agents wait for more when they see it.
(ert-deftest llm-switch-contract-tools/what-is-called-is-known-before-the-turn-ends ()
  (llm-switch-contract-with
    (dolist (stream '(t nil))
      (llm-switch-contract-tools (list (llm-switch-contract-tool #'identity))
        (let* ((gptel-model (llm-switch-gptel-model "sim/tools-reasoning:reasoning_content:1"))
               (known nil)
               (fsm (gptel-request "Look!" :stream stream
                      :callback (lambda (it info)
                                  (when (if stream (eq it t) (eq (car-safe it) 'reasoning))
                                    (push (plist-get (car (plist-get info :tool-use)) :name)
                                          known))))))
          (llm-switch-test-finish fsm)
          (should (equal known '(nil "look"))))))))

(ert-deftest llm-switch-contract-tools/calls-and-results-are-read-back-from-the-buffer ()
  (llm-switch-contract-tools-chat "sim/tools:1" (list (llm-switch-contract-tool #'identity))
    (llm-switch-test-ask "Look!")
    (should (string-match-p "``` tool (look :thing \"moon\")" (buffer-string)))
    (llm-switch-contract-use "sim/inspect")
    (llm-switch-test-ask "\n\nAnd what was that?")
    (goto-char (point-min))
    (search-forward "{\"")
    (goto-char (match-beginning 0))
    (should (equal (mapcar #'car (llm-switch-contract-turns
                                  (json-parse-buffer :object-type 'plist :array-type 'list)))
                   '("system" "user" "assistant" "tool" "assistant" "user")))))

(ert-deftest llm-switch-contract-tools/confirmation-goes-gptels-own-way ()
  (llm-switch-contract-tools-chat "sim/tools:1" (list (llm-switch-contract-tool #'identity))
    (let ((gptel-confirm-tool-calls t))
      (dolist (answer '(gptel--accept-tool-calls gptel--reject-tool-calls))
        (erase-buffer)
        (let* ((fsm (llm-switch-test-send "Look!"))
               (ov (llm-switch-test-wait
                     (seq-find (lambda (ov) (overlay-get ov 'gptel-tool))
                               (overlays-in (point-min) (point-max))))))
          (should-not (string-search "The tools said" (buffer-string)))
          (funcall answer (overlay-get ov 'gptel-tool) ov)
          (if (eq answer 'gptel--reject-tool-calls)
              (should (eq (gptel-fsm-state fsm) 'TOOL))
            (llm-switch-test-finish fsm)
            (should (string-search "The tools said: \"moon\"" (buffer-string)))))))))

(ert-deftest llm-switch-contract-tools/one-that-is-not-there-is-told-to-the-model ()
  (llm-switch-contract-need 'unknown-tool)
  (llm-switch-contract-with
    (dolist (stream '(t nil))
      (llm-switch-contract-tools (list (llm-switch-contract-tool #'identity))
        (let* ((gptel-model (llm-switch-gptel-model "sim/tools:1"))
               (answer "")
               ;; gptel's own callback cannot show the result of a tool that is not there.
               (fsm (gptel-request "Look!" :stream stream
                                   :callback (lambda (it _) (when (stringp it)
                                                              (setq answer (concat answer it)))))))
          (plist-put (gptel-fsm-info fsm) :tools nil)
          (should-not (plist-get (llm-switch-test-finish fsm) :error))
          (should (string-match-p "Tool 'look' is not available" answer)))))))

(ert-deftest llm-switch-contract-tools/one-that-fails-is-told-to-the-model ()
  (llm-switch-contract-tools-chat "sim/tools:1"
      (list (llm-switch-contract-tool (lambda (_) (error "No moon tonight"))))
    (should-not (plist-get (llm-switch-test-ask "Look!") :error))
    (should (string-search "No moon tonight" (buffer-string)))))

(ert-deftest llm-switch-contract-tools/hooks-change-arguments-and-results-and-block ()
  (llm-switch-contract-need 'tool-hooks)
  (pcase-dolist (`(,before ,after ,said)
                 '(((:args (:thing "sun")) nil "\"sun\"")
                   ((:block "not today") nil "not today")
                   ((:result "a painting") nil "\"a painting\"")
                   (nil (:result "half a moon") "\"half a moon\"")))
    (llm-switch-contract-tools-chat "sim/tools:1" (list (llm-switch-contract-tool #'identity))
      (when before
        (add-hook 'gptel-pre-tool-call-functions (lambda (_) (copy-tree before)) nil t))
      (when after
        (add-hook 'gptel-post-tool-call-functions (lambda (_) (copy-tree after)) nil t))
      (should-not (plist-get (llm-switch-test-ask "Look!") :error))
      (should (string-match-p (concat "The tools said:[^\0]*" (regexp-quote said))
                              (buffer-string))))))

(ert-deftest llm-switch-contract-tools/a-hook-can-stop-the-request ()
  (llm-switch-contract-need 'tool-hooks)
  (llm-switch-contract-tools-chat "sim/tools:1" (list (llm-switch-contract-tool #'identity))
    (add-hook 'gptel-pre-tool-call-functions
              (lambda (_) (list :stop t :stop-reason "enough")) nil t)
    (should (equal (plist-get (llm-switch-test-ask "Look!") :error) "enough"))
    (should-not gptel--request-alist)))

(ert-deftest llm-switch-contract-tools/a-tool-asks-a-model-itself ()
  (llm-switch-contract-tools-chat "sim/tools:1"
      (list (llm-switch-contract-tool
             (lambda (done _thing)
               (let ((gptel-model (llm-switch-gptel-model "sim/echo")) (gptel-tools nil))
                 (gptel-request "asked within"
                   :callback (lambda (response _) (when (stringp response)
                                                    (funcall done response))))))
             :async t))
    (should-not (plist-get (llm-switch-test-ask "Look!") :error))
    (should (string-search "The tools said: \"asked within\"." (buffer-string)))))

(provide 'llm-switch-contract-tools-test)
;;; llm-switch-contract-tools-test.el ends here
