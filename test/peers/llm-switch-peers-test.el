;;; llm-switch-peers-test.el --- Servers that others wrote  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; `make test-peers' starts a LiteLLM proxy and a proxy that speaks Ollama's
;; dialect, both in front of a real llama-server with tiny-demo.gguf: see
;; .dev/peers for the models that they know.  Nothing here is simulated.

;;; Code:

(require 'llm-switch-test-helper)

(defun llm-switch-peers-variable (name)
  "Return the value of the environment variable NAME, which .dev/peers sets."
  (or (getenv name) (ert-fail (concat name " is not set; use make test-peers"))))

(defun llm-switch-peers-known (events)
  "Return what is known of the answer of EVENTS, which came to a good end."
  (let ((end (llm-switch-test-end events)))
    (should (eq 'done (car end)))
    (cdr end)))

;;; LiteLLM

(defconst llm-switch-peers-dialects '("openai-chat" "openai-responses" "anthropic")
  "What LiteLLM speaks.")

(defun llm-switch-peers-litellm (&optional dialect)
  "Return a configuration whose account \"litellm\" is called in DIALECT.
Its key is named, not given."
  (let ((url (llm-switch-peers-variable "LLM_SWITCH_LITELLM_URL")))
    (format "[provider.litellm]\nbase-url = %S\ndialect = %S\nauth = 'bearer'\npayer = 'metered'\n\
[account.litellm]\nkey = 'env:LLM_SWITCH_LITELLM_KEY'\nunpriced = ['*']\n"
            (if (equal dialect "anthropic") (string-remove-suffix "/v1" url) url)
            (or dialect "openai-chat"))))

(defun llm-switch-peers-bill (usage)
  "Return what LiteLLM bills for USAGE, in pico-dollars.
Its price of tiny-demo is a dollar per million tokens in, cached or not, and
two per million out."
  (+ (* 1000000 (+ (plist-get usage :input) (plist-get usage :cache-read)))
     (* 2000000 (plist-get usage :output))))

(ert-deftest llm-switch-peers/litellm-lists-its-models ()
  (llm-switch-test-with (llm-switch-peers-litellm)
    (let ((found (mapcar (lambda (row) (plist-get row :deployment)) (llm-switch-deployments))))
      (dolist (model '("tiny-demo" "unpriced" "broken"))
        (should (member (concat "litellm/" model) found))))
    (llm-switch-test-evidence "litellm" '("models"))))

(ert-deftest llm-switch-peers/litellm-streams-what-it-answers-whole ()
  (llm-switch-test-with (llm-switch-peers-litellm)
    (let ((answers
           (mapcar (lambda (stream)
                     (let ((events (llm-switch-test-submit "litellm/tiny-demo" "Tell me a story about a cat."
                                                           :temperature 0 :stream stream)))
                       (should (< 10 (plist-get (plist-get (llm-switch-peers-known events) :usage)
                                                :output)))
                       (alist-get 'text events)))
                   '(t :json-false))))
      (should (string-match-p "cat" (car answers)))
      (should (equal (car answers) (cadr answers))))
    (llm-switch-test-evidence "litellm" '("text" "stream" "usage"))))

(ert-deftest llm-switch-peers/litellm-reports-the-cost-of-a-stream-in-its-usage ()
  (llm-switch-test-with (llm-switch-peers-litellm)
    (let* ((known (llm-switch-peers-known
                   (llm-switch-test-submit "litellm/tiny-demo" "Hi" :temperature 0)))
           (cost (plist-get known :cost)))
      (should (equal (plist-get cost :basis) "reported"))
      (should (= (plist-get cost :amount) (llm-switch-peers-bill (plist-get known :usage)))))
    (llm-switch-test-evidence "litellm" '("cost"))))

(ert-deftest llm-switch-peers/litellm-reports-the-cost-of-a-whole-answer-in-its-head ()
  (dolist (dialect llm-switch-peers-dialects)
    (llm-switch-test-with (llm-switch-peers-litellm dialect)
      (let* ((known (llm-switch-peers-known
                     (llm-switch-test-submit "litellm/tiny-demo" "Hi"
                                             :temperature 0 :stream :json-false)))
             (cost (plist-get known :cost)))
        (should (equal (list dialect (plist-get cost :basis)) (list dialect "reported")))
        (should (= (plist-get cost :amount) (llm-switch-peers-bill (plist-get known :usage))))))))

(ert-deftest llm-switch-peers/litellm-without-a-price-is-of-unknown-cost ()
  (llm-switch-test-with (llm-switch-peers-litellm)
    (dolist (stream '(t :json-false))
      (let ((known (llm-switch-peers-known
                    (llm-switch-test-submit "litellm/unpriced" "Hi" :stream stream))))
        (should (equal (plist-get (plist-get known :cost) :basis) "unknown"))))))

(ert-deftest llm-switch-peers/litellm-tells-in-every-dialect-who-answered ()
  (dolist (dialect llm-switch-peers-dialects)
    (llm-switch-test-with (llm-switch-peers-litellm dialect)
      (pcase-dolist (`(,asked ,stream ,substituted) '(("unpriced" t nil) ("unpriced" :json-false nil)
                                                      ("broken" t t) ("broken" :json-false t)))
        (let ((known (llm-switch-peers-known
                      (llm-switch-test-submit (concat "litellm/" asked) "Hi" :stream stream))))
          (should (equal (list dialect asked stream (plist-get known :served))
                         (list dialect asked stream "unpriced")))
          (should (eq (plist-get known :substituted) substituted)))))))

(ert-deftest llm-switch-peers/litellm-passes-a-tool-call-on ()
  (llm-switch-test-with (llm-switch-peers-litellm)
    (dolist (stream '(t :json-false))
      (let* ((tool '(:type "function" :function
                     (:name "get_weather" :description "Get the weather of a city" :parameters
                      (:type "object" :required ["city"] :properties
                       (:city (:type "string" :enum ["Paris"]))))))
             (events (llm-switch-test-submit "litellm/tiny-demo" "What is the weather in Paris?"
                                             :temperature 0 :stream stream :tools (vector tool)))
             (call (alist-get 'tool-call events)))
        (should (equal (plist-get (llm-switch-peers-known events) :stop-reason) "tool-calls"))
        (should (equal (plist-get call :name) "get_weather"))
        (should (string-match-p "Paris" (format "%S" (plist-get call :arguments))))))
    (llm-switch-test-evidence "litellm" '("tools") "the call; its result was not sent back")))

(ert-deftest llm-switch-peers/litellm-refuses-an-unknown-model-in-words ()
  (llm-switch-test-with (llm-switch-peers-litellm)
    (let ((error (cdr (llm-switch-test-end (llm-switch-test-submit "litellm/nonesuch" "Hi")))))
      (should (equal (plist-get error :kind) "model-not-found"))
      (should (string-match-p "Invalid model name passed in model=nonesuch"
                              (plist-get error :message))))
    (llm-switch-test-evidence "litellm" '("errors") "one refusal: a model that it does not know")))

(ert-deftest llm-switch-peers/litellm-gets-its-key-and-nothing-keeps-it ()
  (let ((key (llm-switch-peers-variable "LLM_SWITCH_LITELLM_KEY")))
    (llm-switch-test-with (llm-switch-peers-litellm)
      (llm-switch-peers-known (llm-switch-test-submit "litellm/tiny-demo" "Hi"))
      (let ((process-environment (cons (concat "LLM_SWITCH_LITELLM_KEY=" (llm-switch-test-key "sk-wrong")) process-environment)))
        (llm-switch-channel-stop)
        (should (eq 'error (car (llm-switch-test-end
                                 (llm-switch-test-submit "litellm/tiny-demo" "Hi"))))))
      (llm-switch-channel-stop)
      (should (eq 1 (call-process "grep" nil nil nil "-ra" key llm-switch-test-folder))))))

;;; Ollama's dialect

(defconst llm-switch-peers-not-ollama "ollama-proxy-plus answered, which is not Ollama itself"
  "What the evidence of this part leaves open.")

(defun llm-switch-peers-ollama ()
  "Return a configuration whose account \"ollama\" is a server of others."
  (format "[provider.ollama]\nbase-url = %S\n"
          (llm-switch-peers-variable "LLM_SWITCH_OLLAMA_URL")))

(ert-deftest llm-switch-peers/ollama-lists-its-models ()
  (llm-switch-test-with (llm-switch-peers-ollama)
    (should (cl-find "ollama/local/tiny-demo" (llm-switch-deployments) :test #'equal
                     :key (lambda (row) (plist-get row :deployment))))
    (llm-switch-test-evidence "ollama" '("models") llm-switch-peers-not-ollama)))

(ert-deftest llm-switch-peers/ollama-streams-what-it-answers-whole ()
  (llm-switch-test-with (llm-switch-peers-ollama)
    (let ((answers
           (mapcar (lambda (stream)
                     (let* ((events (llm-switch-test-submit
                                     "ollama/local/tiny-demo" "How do I save a file in Emacs?"
                                     :temperature 0 :stream stream))
                            (known (llm-switch-peers-known events)))
                       (should (equal (plist-get known :served) "local/tiny-demo"))
                       (should (< 0 (plist-get (plist-get known :usage) :output)))
                       (should (equal (plist-get (plist-get known :cost) :basis) "free"))
                       (alist-get 'text events)))
                   '(t :json-false))))
      (should (string-match-p "C-x" (car answers)))
      (should (equal (car answers) (cadr answers))))
    (llm-switch-test-evidence "ollama" '("text" "stream" "usage" "cost")
                              llm-switch-peers-not-ollama)))

(provide 'llm-switch-peers-test)
;;; llm-switch-peers-test.el ends here
