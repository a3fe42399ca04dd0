;;; llm-switch-llm-test.el --- The provider for the package llm  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Needs a checkout of `llm' on the load path: `make test-checkouts'.

;;; Code:

(require 'llm-switch-llm-helper)

;;; Answers

(ert-deftest llm-switch-llm/answers-and-the-prompt-goes-on ()
  (llm-switch-llm-test-with
    (let ((prompt (llm-make-chat-prompt "First")))
      (should (equal (llm-chat (llm-switch-llm-test-provider "echo") prompt) "First"))
      (llm-chat-prompt-append-response prompt "Second")
      (should (equal (mapcar (lambda (message)
                               (list (plist-get message :role) (plist-get message :text)))
                             (plist-get (llm-switch-llm-test-received prompt) :messages))
                     '(("user" "First") ("assistant" "First") ("user" "Second"))))
      (should (equal (llm-switch-llm-test-roles prompt) '(user assistant user assistant))))))

(ert-deftest llm-switch-llm/streams-what-has-come-so-far ()
  (llm-switch-llm-test-with
    (with-temp-buffer
      (let ((home (current-buffer)) (pieces nil) (whole nil) (places nil)
            (prompt (llm-make-chat-prompt "Count.")))
        (llm-chat-streaming (llm-switch-llm-test-provider "words:100@200") prompt
                            (lambda (text) (push text pieces) (push (current-buffer) places))
                            (lambda (text) (setq whole text) (push (current-buffer) places))
                            (lambda (&rest problem) (ert-fail problem)))
        (with-temp-buffer (llm-switch-test-wait whole))
        (should (string-match-p "\\`w1 w2 .* w99 w100é🦄 \\'" whole))
        (should (> (length pieces) 3))
        (cl-loop for (longer shorter) on pieces while shorter
                 do (should (string-prefix-p shorter longer)))
        (should (equal (seq-uniq places) (list home)))
        (should (equal (llm-chat-prompt-interaction-content
                        (cadr (llm-chat-prompt-interactions prompt)))
                       whole))))))

(ert-deftest llm-switch-llm/who-asks-from-a-temporary-buffer-is-answered ()
  (llm-switch-llm-test-with
    (let ((answer nil))
      (with-temp-buffer
        (llm-chat-async (llm-switch-llm-test-provider "slow:200:hello") (llm-make-chat-prompt "Hi")
                        (lambda (text) (setq answer text))
                        (lambda (&rest problem) (ert-fail problem))))
      (llm-switch-test-wait answer)
      (should (equal answer "Hello from the simulator.")))))

(ert-deftest llm-switch-llm/multi-output-tells-reasoning-and-tokens ()
  (llm-switch-llm-test-with
    (let* ((prompt (llm-make-chat-prompt "Three little words"))
           (told (llm-chat (llm-switch-llm-test-provider "reasoning") prompt t)))
      (should (equal (plist-get told :text) "Hello from the simulator."))
      (should (string-match-p "I shall answer" (plist-get told :reasoning)))
      (should (equal (plist-get told :input-tokens) 3))
      (should (> (plist-get told :output-tokens) 4)))
    (let ((provider (llm-switch-llm-test-provider "usage:1000,800,50,30")))
      (should (equal (plist-get (llm-chat provider (llm-make-chat-prompt "Hi") t) :input-tokens)
                     1000)))
    (let ((pieces nil) (end nil))
      (llm-chat-streaming (llm-switch-llm-test-provider "drip:20:reasoning")
                          (llm-make-chat-prompt "Hi")
                          (lambda (so-far) (push so-far pieces)) (lambda (told) (setq end told))
                          (lambda (&rest problem) (ert-fail problem)) t)
      (llm-switch-test-wait end)
      (should (plist-get (car (last pieces)) :reasoning))
      (should-not (plist-get (car (last pieces)) :text))
      (should (equal (plist-get end :text) "Hello from the simulator.")))))

;;; What is sent

(ert-deftest llm-switch-llm/sends-what-a-prompt-can-say ()
  (llm-switch-llm-test-with
    (let* ((told (llm-switch-llm-test-received
                  (llm-make-chat-prompt
                   (llm-make-multipart "What?" (make-llm-media :mime-type "image/png" :data "\xff\x00"))
                   :context "Be brief." :examples '(("1+1" . "2")) :temperature 0.5 :max-tokens 99
                   :reasoning 'light :response-format '(:type object
                                                        :properties (:cities (:type array))
                                                        :required ["cities"])
                   :tools (list (llm-switch-llm-test-tool "weather" #'identity))
                   :tool-options (make-llm-tool-options :tool-choice 'any)
                   :non-standard-params '(("top_k" . 7) ("vendor_says" . ("a" "b"))))))
           (parameters (plist-get told :parameters))
           (messages (plist-get told :messages)))
      (should (equal (plist-get (car messages) :role) "system"))
      (should (string-match-p "\\`Be brief\\.\n.*\n\nUser: 1\\+1\nAssistant: 2"
                              (plist-get (car messages) :text)))
      (should (equal (plist-get (cadr messages) :text) "What?"))
      (should (equal (plist-get (car (plist-get (cadr messages) :media)) :mime) "image/png"))
      (should (equal (mapcar (lambda (key) (plist-get parameters key))
                             '(:temperature :reasoning_effort :tool_choice :top_k :vendor_says))
                     '(0.5 "low" "required" 7 ("a" "b"))))
      (should (member 99 (list (plist-get parameters :max_tokens)
                               (plist-get parameters :max_completion_tokens))))
      (should (equal (plist-get (plist-get (plist-get (plist-get parameters :response_format)
                                                      :json_schema)
                                           :schema)
                                :required)
                     '("cities")))
      (should (equal (plist-get (car (plist-get told :tools)) :name) "weather")))))

(ert-deftest llm-switch-llm/bytes-that-are-no-text-do-not-stop-a-request ()
  (llm-switch-llm-test-with
    (should (equal (llm-chat (llm-switch-llm-test-provider "echo")
                             (llm-make-chat-prompt (concat "a" (string #x3fffff) "é")))
                   "a�é"))))

(ert-deftest llm-switch-llm/what-llm-does-not-know-is-said ()
  (llm-switch-llm-test-with
    (dolist (prompt (list (llm-make-chat-prompt "Hi" :reasoning 'much)
                          (llm-make-chat-prompt
                           "Hi" :tools (list (llm-switch-llm-test-tool "weather" #'identity))
                           :tool-options (make-llm-tool-options :tool-choice 'perhaps))))
      (should-error (llm-chat (llm-switch-llm-test-provider "hello") prompt)
                    :type 'llm-not-supported))))

;;; What the user chose

(ert-deftest llm-switch-llm/budgets-know-who-asks ()
  (llm-switch-test-with (concat (llm-switch-test-config)
                                "[[budget]]\non = { client = 'ellama' }\nwindow = 'day'\nrequests = 1\n")
    (let ((ellama (llm-switch-llm-test-provider "hello" :client "ellama"))
          (other (llm-switch-llm-test-provider "hello")))
      (should (llm-chat ellama (llm-make-chat-prompt "Hi")))
      (should (string-match-p "budget \"client ellama"
                              (cadr (should-error (llm-chat ellama (llm-make-chat-prompt "Hi"))
                                                  :type 'llm-request-refusal))))
      (should (llm-chat other (llm-make-chat-prompt "Hi")))
      (should (equal (mapcar (lambda (row) (plist-get row :client))
                             (plist-get (llm-switch-call "spend.requests" '(:limit 10)) :rows))
                     '("llm" "ellama" "ellama"))))))

(ert-deftest llm-switch-llm/pins-modes-and-caps-of-the-buffer-hold ()
  (llm-switch-test-with (concat (llm-switch-test-config)
                                "payer = 'metered'\n[price.'sim/*']\nper-million = '1'\n"
                                "[route.mine]\nuse = ['sim/hello']\n"
                                "[mode.work]\nallow = ['local']\nroute = 'mine'\n")
    (with-temp-buffer
      (setq-local llm-switch-mode-name "work")
      (should (equal (llm-chat (llm-switch-llm-make-provider) (llm-make-chat-prompt "Hi"))
                     "Hello from the simulator."))
      (should (> (car llm-switch-cost-buffer) 0))
      (setq-local llm-switch-chat-cap "0.000000000001")
      (should-error (llm-chat (llm-switch-llm-make-provider) (llm-make-chat-prompt "Hi"))
                    :type 'llm-request-refusal))
    (with-temp-buffer
      (setq-local llm-switch-pins '("free"))
      (should (string-match-p "pin"
                              (cadr (should-error (llm-chat (llm-switch-llm-test-provider "hello")
                                                            (llm-make-chat-prompt "Hi"))
                                                  :type 'llm-request-refusal)))))))

(ert-deftest llm-switch-llm/tells-what-a-route-can-do ()
  (llm-switch-test-with
      (concat (llm-switch-test-config)
              "[account.openai]\nkey = 'env:NONE'\nmodels = ['gpt-5']\n"
              "[route.best]\nuse = ['sim/hello', 'openai/gpt-5']\n")
    (let ((route (llm-switch-llm-make-provider :model "best"))
          (local (llm-switch-llm-test-provider "hello")))
      (should-not (seq-difference '(streaming tool-use streaming-tool-use json-response model-list
                                    image-input reasoning)
                                  (llm-capabilities route)))
      (should-not (memq 'image-input (llm-capabilities local)))
      (should-not (memq 'embeddings (llm-capabilities route)))
      (should (> (llm-chat-token-limit route) 100000))
      (should (> (llm-chat-token-limit local) 1000))
      (should (member "best" (llm-models route)))
      (should (member "sim/hello" (llm-models route)))
      (should (equal (mapcar #'llm-name (list route local (llm-switch-llm-make-provider)))
                     '("best" "hello" "llm-switch")))
      (should (< 100 (llm-count-tokens local (make-string 1000 ?x)) 1100))
      (should-not (llm-nonfree-message-info route)))))

;;; Errors

(ert-deftest llm-switch-llm/errors-have-the-conditions-of-llm ()
  (llm-switch-llm-test-with
    (pcase-dolist (`(,model . ,condition) '(("status:401" . llm-request-authentication-error)
                                            ("status:400" . llm-request-bad-request)
                                            ("error:context" . llm-request-bad-request)
                                            ("error:filter" . llm-request-refusal)
                                            ("status:429" . llm-request-error)
                                            ("midstream:openai" . llm-request-error)))
      (ert-info (model)
        (let ((problem nil))
          (llm-chat-streaming (llm-switch-llm-test-provider model) (llm-make-chat-prompt "Hi")
                              #'ignore #'ert-fail
                              (lambda (type message) (setq problem (cons type message))))
          (llm-switch-test-wait problem)
          (should (eq (car problem) condition))
          (should (string-match-p (concat "sim/" model) (cdr problem))))))
    (should-error (llm-chat (llm-switch-llm-make-provider :model "nobody")
                            (llm-make-chat-prompt "Hi"))
                  :type 'llm-provider-unconfigured)))

(ert-deftest llm-switch-llm/a-missing-module-is-told-as-any-error ()
  (let ((problem nil))
    (cl-letf (((symbol-function 'llm-switch-channel-start)
               (lambda () (signal 'llm-switch-module '("No module")))))
      (llm-chat-async (llm-switch-llm-test-provider "hello") (llm-make-chat-prompt "Hi") #'ert-fail
                      (lambda (&rest it) (setq problem it)))
      (should (equal (should-error (llm-chat (llm-switch-llm-test-provider "hello")
                                             (llm-make-chat-prompt "Hi")))
                     '(llm-provider-unconfigured "No module"))))
    (llm-switch-test-wait problem)
    (should (equal problem '(llm-provider-unconfigured "No module")))))

(ert-deftest llm-switch-llm/there-are-no-embeddings ()
  (llm-switch-llm-test-with
    (should (eq 'not-implemented
                (condition-case problem (llm-embedding (llm-switch-llm-test-provider "hello") "x")
                  (t (car problem)))))))

;;; Ends

(ert-deftest llm-switch-llm/a-cancelled-request-is-not-heard-of-again ()
  (llm-switch-llm-test-with
    (llm-switch-test-reset)
    (let* ((heard nil)
           (note (lambda (&rest it) (push it heard)))
           (request (llm-chat-streaming (llm-switch-llm-test-provider "words:2000@100")
                                        (llm-make-chat-prompt "Hi") note note note)))
      (llm-switch-test-wait heard)
      (llm-cancel-request request)
      (setq heard nil)
      (llm-switch-test-wait (equal (plist-get (car (llm-switch-test-received)) :outcome)
                                   "client-left"))
      (should-not heard))))

(ert-deftest llm-switch-llm/what-is-cancelled-at-the-last-moment-is-not-heard-of ()
  (llm-switch-llm-test-with
    (let* ((heard nil)
           (prompt (llm-make-chat-prompt "Hi"))
           (note (lambda (&rest it) (push it heard)))
           (cancel (lambda (request &rest _) (llm-cancel-request request))))
      (unwind-protect
          (progn (advice-add 'llm-switch-llm-request--end :after cancel)
                 (llm-chat-async (llm-switch-llm-test-provider "hello") prompt note note)
                 (sleep-for 0.5))
        (advice-remove 'llm-switch-llm-request--end cancel))
      (should-not heard)
      (should (equal (llm-switch-llm-test-roles prompt) '(user))))))

(ert-deftest llm-switch-llm/quitting-cancels-who-waits ()
  (llm-switch-llm-test-with
    (llm-switch-test-reset)
    (run-at-time 0.5 nil (lambda () (setq quit-flag t)))
    (should (eq 'quit (condition-case nil
                          (llm-chat (llm-switch-llm-test-provider "slow:20000:hello")
                                    (llm-make-chat-prompt "Hi"))
                        (quit 'quit))))
    (llm-switch-test-wait (equal (plist-get (car (llm-switch-test-received)) :outcome)
                                 "client-left"))))

;;; The tests of llm

(defconst llm-switch-llm-test--upstream
  '((llm-chat . "echo") (llm-chat-multi-output . "echo")
    (llm-chat-async . "echo") (llm-chat-async-multi-output . "echo")
    (llm-chat-streaming . "echo") (llm-chat-streaming-multi-output . "echo")
    (llm-tool-use . "tools") (llm-tool-use-multi-output . "tools")
    (llm-tool-use-streaming-multi-output . "tools") (llm-tool-use-multiple . "tools:2")
    (llm-reasoning . "reasoning") (llm-reasoning-streaming . "reasoning")
    (llm-count-tokens . "hello") (llm-models . "hello"))
  "Those of llm's own integration tests that a simulator can answer, and its model.
Left out are what only a model can know (an owl, a city in a recording, the
largest cities of France, whether Lyon is the capital) and embeddings.")

(defun llm-switch-llm-test--loaded ()
  "Return llm's own integration tests, an alist, without defining them here."
  (let ((tests nil))
    (cl-letf (((symbol-function 'ert-set-test) (lambda (name test) (push (cons name test) tests))))
      (load "llm-integration-test" nil t))
    tests))

(defvar llm-integration-test-chat-prompt)
(defvar llm-integration-test-fc-answer)

(ert-deftest llm-switch-llm/passes-the-tests-of-llm-itself ()
  (llm-switch-llm-test-with
    (let* ((tests (llm-switch-llm-test--loaded))
           (llm-integration-test-chat-prompt "Paris")
           (llm-integration-test-fc-answer '(("capital_of_country" . "Zürich \"🦄\""))))
      (pcase-dolist (`(,name . ,model) llm-switch-llm-test--upstream)
        (cl-letf* ((provider (llm-switch-llm-test-provider model))
                   ((symbol-function 'llm-integration-test-providers) (lambda () (list provider)))
                   (known (symbol-function 'llm-switch-llm--rows))
                   ((symbol-function 'llm-switch-llm--rows)
                    (lambda (provider) (cons '(:can ("reasoning")) (funcall known provider)))))
          (ert-info ((symbol-name name))
            (let ((result (ert-run-test (alist-get name tests))))
              (should (equal (list name (ert-test-passed-p result)
                                   (and (ert-test-result-with-condition-p result)
                                        (ert-test-result-with-condition-condition result)))
                             (list name t nil))))))))))

(provide 'llm-switch-llm-test)
;;; llm-switch-llm-test.el ends here
