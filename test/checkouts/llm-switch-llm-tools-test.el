;;; llm-switch-llm-tools-test.el --- Tools through the provider for the package llm  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Needs a checkout of `llm' on the load path: `make test-checkouts'.

;;; Code:

(require 'llm-switch-llm-helper)

(ert-deftest llm-switch-llm/runs-parallel-tools-and-goes-on-with-what-they-gave ()
  (llm-switch-llm-test-with
    (let* ((provider (llm-switch-llm-test-provider "tools:2"))
           (prompt (llm-make-chat-prompt
                    "How is the weather?"
                    :tools (list (llm-switch-llm-test-tool "weather"
                                                           (lambda (city) (concat "rain in " city)))
                                 (llm-make-tool :name "time" :description "" :async t :args nil
                                                :function (lambda (done)
                                                            (run-at-time 0.1 nil done "noon")))))))
      (should (equal (sort (llm-chat provider prompt)
                           (lambda (one other) (string< (car one) (car other))))
                     '(("time" . "noon") ("weather" . "rain in Zürich"))))
      (should (equal (llm-switch-llm-test-roles prompt) '(user assistant tool-results)))
      (let ((answer (llm-chat provider prompt)))
        (should (string-match-p "The tools said: .*\"rain in Zürich\"" answer))
        (should (string-match-p "\"noon\"" answer)))
      (should (equal (mapcar (lambda (row) (plist-get row :purpose))
                             (plist-get (llm-switch-call "spend.requests" '(:limit 10)) :rows))
                     '("tool-turn" "chat"))))))

(defconst llm-switch-llm-test--dialects
  '(("openai-chat" . "/v1") ("openai-responses" . "/v1") ("anthropic" . "") ("gemini" . "/v1beta")
    ("ollama" . ""))
  "The dialects and where the simulator speaks each.")

(defun llm-switch-llm-test-dialects ()
  "Return a configuration with an account sim-DIALECT for each dialect."
  (let ((url (string-remove-suffix "/v1" (llm-switch-test-url))))
    (mapconcat (lambda (row)
                 (format "[provider.sim-%s]\nbase-url = %S\ndialect = %S\nauth = 'none'\n"
                         (car row) (concat url (cdr row)) (car row)))
               llm-switch-llm-test--dialects "")))

(ert-deftest llm-switch-llm/thoughts-go-back-with-the-results-of-tools-in-every-dialect ()
  (llm-switch-test-with (llm-switch-llm-test-dialects)
    (dolist (dialect (mapcar #'car llm-switch-llm-test--dialects))
      (ert-info (dialect)
        (let ((provider (llm-switch-llm-make-provider
                         :model (format "sim-%s/tools-reasoning:2" dialect)))
              (prompt (llm-make-chat-prompt "Hi" :tools (list (llm-switch-llm-test-tool
                                                               "weather" #'identity))))
              (told nil))
          (llm-chat-streaming provider prompt #'ignore (lambda (it) (setq told it))
                              (lambda (&rest problem) (ert-fail problem)) t)
          (llm-switch-test-wait told)
          (should (string-match-p "I shall answer" (plist-get told :reasoning)))
          (should (equal (plist-get told :tool-results)
                         '(("weather" . "Zürich") ("weather" . "Zürich"))))
          ;; As a session that ellama has saved.  The simulator refuses results
          ;; that come without the thoughts.
          (setf (llm-chat-prompt-tools prompt) nil)
          (should (equal (llm-chat provider (read (prin1-to-string prompt)))
                         "The tools said: \"Zürich\", \"Zürich\".")))))))

(ert-deftest llm-switch-llm/streams-calls-of-tools ()
  (llm-switch-llm-test-with
    (let* ((end nil)
           (prompt (llm-make-chat-prompt "Hi" :tools (list (llm-switch-llm-test-tool
                                                            "weather" #'identity)))))
      (llm-chat-streaming (llm-switch-llm-test-provider "tools") prompt #'ignore
                          (lambda (told) (setq end told))
                          (lambda (&rest problem) (ert-fail problem)) t)
      (llm-switch-test-wait end)
      (should (equal (plist-get end :tool-results) '(("weather" . "Zürich"))))
      (should (equal (plist-get end :tool-uses) '((:name "weather" :args ((city . "Zürich")))))))))

(ert-deftest llm-switch-llm/false-stays-false-in-what-was-called ()
  (llm-switch-llm-test-with
    (let* ((given 'nothing)
           (tool (llm-switch-llm-test-tool "switch" (lambda (on) (setq given on) "done")
                                           '(:name "on" :type boolean :enum [:false])))
           (prompt (llm-make-chat-prompt "Off!" :tools (list tool)))
           (sent nil))
      (llm-chat (llm-switch-llm-test-provider "tools") prompt)
      (should-not given)
      (setq sent (aref (plist-get (llm-switch-llm-prompt-request prompt) :messages) 1))
      (should (equal (plist-get (plist-get (aref (plist-get sent :tool_calls) 0) :function)
                                :arguments)
                     "{\"on\":false}")))))

(ert-deftest llm-switch-llm/calls-of-another-provider-are-sent-on ()
  (llm-switch-llm-test-with
    (let ((prompt (llm-make-chat-prompt "Hi")))
      (llm-provider-utils-append-to-prompt prompt "Let me look.")
      (llm-provider-utils-append-to-prompt
       prompt (list (make-llm-provider-utils-tool-use :id "call_7" :name "weather"
                                                      :args '((city . "Bern")))))
      (llm-provider-utils-append-to-prompt
       prompt nil (list (make-llm-chat-prompt-tool-result :call-id "call_7" :tool-name "weather"
                                                          :result 22)))
      (should (equal (plist-get (llm-switch-llm-prompt-request prompt) :messages)
                     [(:role "user" :content "Hi")
                      (:role "assistant" :content "Let me look."
                       :tool_calls [(:id "call_7" :type "function"
                                     :function (:name "weather" :arguments "{\"city\":\"Bern\"}"))])
                      (:role "tool" :tool_call_id "call_7" :content "22")]))
      (should (equal (llm-chat (llm-switch-llm-test-provider "tools") prompt)
                     "The tools said: \"22\".")))))

(ert-deftest llm-switch-llm/a-tool-can-ask-a-model-itself ()
  (llm-switch-llm-test-with
    (let* ((inner (llm-switch-llm-test-provider "echo"))
           (ask (lambda (city) (llm-chat inner (llm-make-chat-prompt city))))
           (prompt (lambda ()
                     (llm-make-chat-prompt "Hi" :tools (list (llm-switch-llm-test-tool "ask" ask)))))
           (end nil))
      (should (equal (llm-chat (llm-switch-llm-test-provider "tools") (funcall prompt))
                     '(("ask" . "Zürich"))))
      (llm-chat-async (llm-switch-llm-test-provider "tools") (funcall prompt)
                      (lambda (told) (setq end (list told (llm-switch-llm-test-wait inner "x"))))
                      (lambda (&rest problem) (ert-fail problem)))
      (llm-switch-test-wait end)
      (should (equal end '((("ask" . "Zürich")) "x"))))))

(defun llm-switch-llm-test-wait (provider text)
  "Ask PROVIDER TEXT as who waits for what does not wait by itself."
  (let ((answer nil))
    (llm-chat-async provider (llm-make-chat-prompt text) (lambda (it) (setq answer it)) #'ignore)
    (with-timeout (5) (while (not answer) (sleep-for 0.05)))
    answer))

(ert-deftest llm-switch-llm/a-tool-that-fails-is-told-once ()
  (llm-switch-llm-test-with
    (let* ((problems nil)
           (tool (llm-switch-llm-test-tool "weather" (lambda (_city) (error "No weather"))))
           (prompt (lambda () (llm-make-chat-prompt "Hi" :tools (list tool)))))
      (llm-chat-async (llm-switch-llm-test-provider "tools:2") (funcall prompt) #'ert-fail
                      (lambda (&rest problem) (push problem problems)))
      (llm-switch-test-wait problems)
      (accept-process-output nil 0.2)
      (should (equal problems '((llm-tool-call-error "No weather"))))
      (should (equal (should-error (llm-chat (llm-switch-llm-test-provider "tools")
                                             (funcall prompt)))
                     '(llm-tool-call-error "No weather"))))))

(provide 'llm-switch-llm-tools-test)
;;; llm-switch-llm-tools-test.el ends here
