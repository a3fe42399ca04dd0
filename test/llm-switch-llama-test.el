;;; llm-switch-llama-test.el --- A real llama-server with a real model  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; LLM_SWITCH_DEMO_URL is where `make test' has started a llama-server with
;; tiny-demo.gguf.  Nothing here is simulated.

;;; Code:

(require 'llm-switch-test-helper)

(defun llm-switch-llama-config ()
  "Return a configuration whose account \"llamacpp\" is the real llama-server.
It is the catalogue's row, elsewhere than on its usual port."
  (format "[provider.llamacpp]\nbase-url = %S\n"
          (or (getenv "LLM_SWITCH_DEMO_URL")
              (ert-fail "LLM_SWITCH_DEMO_URL is not set; use make test-lisp"))))

(defconst llm-switch-llama-model "llamacpp/tiny-demo"
  "The deployment under test.")

(ert-deftest llm-switch-llama/is-found-with-its-model-and-context ()
  (llm-switch-test-with (llm-switch-llama-config)
    (let ((row (cl-find llm-switch-llama-model (llm-switch-deployments)
                        :key (lambda (row) (plist-get row :deployment)) :test #'equal)))
      (should row)
      (should (< 1000 (plist-get row :context))))
    (llm-switch-test-evidence "llamacpp" '("models"))))

(ert-deftest llm-switch-llama/chats-and-is-recorded-as-free ()
  (llm-switch-test-with (llm-switch-llama-config)
    (llm-switch-test-chat llm-switch-llama-model #'text-mode
      (let ((gptel-temperature 0) (gptel-system-prompt nil))
        (llm-switch-test-ask "Tell me a story about a cat.")
        (should (string-match-p "cat" (buffer-substring (search-backward "story")
                                                        (point-max))))
        (let* ((known llm-switch-cost-last)
               (row (llm-switch-call "ledger.request" (list :request (plist-get known :request))))
               (attempt (car (plist-get row :attempts))))
          (should (equal (plist-get row :outcome) "done"))
          (should (equal (plist-get attempt :served-model) "tiny-demo"))
          (should (equal (plist-get (plist-get attempt :cost) :basis) "free"))
          (should (< 10 (plist-get (plist-get attempt :usage) :output))))))
    (llm-switch-test-evidence "llamacpp" '("stream" "usage" "cost"))))

(ert-deftest llm-switch-llama/streamed-and-whole-answers-are-equal ()
  (llm-switch-test-with (llm-switch-llama-config)
    (let ((answers
           (mapcar (lambda (stream)
                     (let ((events (llm-switch-test-submit
                                    llm-switch-llama-model "How do I save a file in Emacs?"
                                    :temperature 0 :seed 1 :stream stream)))
                       (should (eq 'done (car (llm-switch-test-end events))))
                       (alist-get 'text events)))
                   '(t :json-false))))
      (should (string-match-p "C-x" (car answers)))
      (should (equal (car answers) (cadr answers))))
    (llm-switch-test-evidence "llamacpp" '("text" "stream"))))

(ert-deftest llm-switch-llama/reasons ()
  (llm-switch-test-with (llm-switch-llama-config)
    (let ((events (llm-switch-test-submit llm-switch-llama-model "What is the capital of France? /think"
                                          :temperature 0)))
      (should (alist-get 'reasoning events))
      (should (alist-get 'text events))
      (should (eq 'done (car (llm-switch-test-end events)))))))

(ert-deftest llm-switch-llama/calls-a-tool-and-uses-its-result ()
  (llm-switch-test-with (llm-switch-llama-config)
    (dolist (stream '(t nil))
      (let* ((called nil)
             (gptel-tools
              (list (gptel-make-tool
                     :name "get_weather" :description "Get the weather of a city"
                     :args '((:name "city" :type string :enum ["Paris"] :description "City"))
                     :function (lambda (city) (push city called) "18 degrees, sunny"))))
             (gptel-use-tools t) (gptel-confirm-tool-calls nil)
             (gptel-log-level 'info)    ;else gptel drops the messages at the end
             (gptel-temperature 0) (gptel-system-prompt nil) (gptel-stream stream))
        (llm-switch-test-chat llm-switch-llama-model #'text-mode
          (let ((info (llm-switch-test-ask "What is the weather in Paris?")))
            (should-not (plist-get info :error))
            (should (equal called '("Paris")))
            (should (equal (mapcar (lambda (message) (plist-get message :role))
                                   (append (plist-get (plist-get info :data) :messages) nil))
                           '("user" "assistant" "tool")))
            (let ((row (llm-switch-call
                        "ledger.request"
                        (list :request (plist-get llm-switch-cost-last :request)))))
              (should (equal (plist-get row :purpose) "tool-turn")))))))
    (llm-switch-test-evidence "llamacpp" '("tools"))))

;;; The other dialects that llama-server speaks

(defun llm-switch-llama-dialect-config (dialect)
  "Return a configuration whose account \"llamacpp\" is called in DIALECT."
  (let ((url (getenv "LLM_SWITCH_DEMO_URL")))
    (format "[provider.llamacpp]\nbase-url = %S\ndialect = %S\n"
            (if (equal dialect "anthropic") (string-remove-suffix "/v1" url) url)
            dialect)))

(defconst llm-switch-llama-dialects '("openai-chat" "openai-responses" "anthropic")
  "What llama-server speaks.")

(ert-deftest llm-switch-llama/every-dialect-gives-the-same-answer ()
  (let ((answers
         (mapcar
          (lambda (dialect)
            (llm-switch-test-with (llm-switch-llama-dialect-config dialect)
              (should (llm-switch-deployments))
              (mapcar (lambda (stream)
                        (let ((events (llm-switch-test-submit
                                       llm-switch-llama-model "Tell me a story about a cat."
                                       :temperature 0 :stream stream)))
                          (should (eq 'done (car (llm-switch-test-end events))))
                          (should (< 10 (plist-get (plist-get (cdr (llm-switch-test-end events))
                                                              :usage)
                                                   :output)))
                          (alist-get 'text events)))
                      '(t :json-false))))
          llm-switch-llama-dialects)))
    (should (string-match-p "cat" (caar answers)))
    (should (= 1 (length (delete-dups (apply #'append answers)))))))

(ert-deftest llm-switch-llama/every-dialect-calls-a-tool-and-reasons ()
  (dolist (dialect llm-switch-llama-dialects)
    (llm-switch-test-with (llm-switch-llama-dialect-config dialect)
      (let ((events (llm-switch-test-submit
                     llm-switch-llama-model "What is the weather in Paris?"
                     :temperature 0 :tool_choice "required"
                     :tools [(:type "function"
                              :function (:name "get_weather" :description "Get the weather of a city"
                                         :parameters (:type "object" :required ["city"]
                                                      :properties (:city (:type "string"
                                                                          :enum ["Paris"])))))])))
        (should (eq 'done (car (llm-switch-test-end events))))
        (should (equal (plist-get (alist-get 'tool-call events) :name) "get_weather"))
        (should (string-match-p "Paris" (plist-get (alist-get 'tool-call events) :arguments))))
      (let ((events (llm-switch-test-submit
                     llm-switch-llama-model "What is the capital of France? /think"
                     :temperature 0)))
        (should (alist-get 'reasoning events))
        (should (string-match-p "Paris" (alist-get 'text events)))))))

(ert-deftest llm-switch-llama/a-conversation-that-is-too-long-is-told ()
  (llm-switch-test-with (llm-switch-llama-config)
    (let ((end (llm-switch-test-end
                (llm-switch-test-submit llm-switch-llama-model
                                        (apply #'concat (make-list 9000 "word "))))))
      (should (equal (plist-get (cdr end) :kind) "context-length")))
    (llm-switch-test-evidence "llamacpp" '("errors") "one rule of it: the context that is too long")))

(provide 'llm-switch-llama-test)
;;; llm-switch-llama-test.el ends here
