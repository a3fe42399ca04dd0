;;; llm-switch-contract-request-test.el --- What gptel-request asks and hears  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)

(ert-deftest llm-switch-contract-request/a-callback-hears-reasoning-and-text-once-each ()
  (llm-switch-contract-with
    (let* ((gptel-model (llm-switch-gptel-model "sim/reasoning:reasoning_content"))
           (heard (llm-switch-contract-hear "Why?")))
      (should (equal (butlast heard)
                     '((reasoning . "The user said something. I shall answer it.")
                       "Hello from the simulator."))))))

(ert-deftest llm-switch-contract-request/a-streaming-callback-hears-pieces-and-the-end ()
  (llm-switch-contract-with
    (let* ((gptel-model (llm-switch-gptel-model "sim/drip:40:reasoning:reasoning_content"))
           (heard (butlast (llm-switch-contract-hear "Why?" :stream t))))
      (should (equal (llm-switch-contract-text heard) "Hello from the simulator."))
      (should (> (seq-count #'stringp heard) 1))
      (should (eq (car (last heard)) t))
      (should (= (seq-count (lambda (it) (equal it '(reasoning . t))) heard) 1))
      (should (stringp (car (last (seq-take heard (seq-position heard t)))))))))

(ert-deftest llm-switch-contract-request/a-list-of-prompts-is-a-conversation ()
  (llm-switch-contract-with
    (should (equal (llm-switch-contract-turns
                    (llm-switch-contract-received '("One?" "Yes, one." "Two?") :system "Be brief."))
                   '(("system" . "Be brief.") ("user" . "One?") ("assistant" . "Yes, one.")
                     ("user" . "Two?"))))))

(ert-deftest llm-switch-contract-request/temperature-limit-and-own-parameters-arrive ()
  (llm-switch-contract-with
    (let* ((gptel-temperature 0.25)
           (gptel-max-tokens 77)
           (gptel--request-params '(:top_p 0.5))
           (parameters (plist-get (llm-switch-contract-received "Hi") :parameters)))
      (should (equal (plist-get parameters :temperature) 0.25))
      (should (equal (or (plist-get parameters :max_tokens)
                         (plist-get parameters :max_completion_tokens))
                     77))
      (should (equal (plist-get parameters :top_p) 0.5)))))

(ert-deftest llm-switch-contract-request/a-schema-goes-along-streaming-or-not ()
  (llm-switch-contract-with
    (dolist (stream '(t nil))
      (let* ((schema '(:type "object" :properties (:moons (:type "integer")) :required ["moons"]))
             (received (llm-switch-contract-received "How many?" :schema schema :stream stream))
             (format (plist-get (plist-get received :parameters) :response_format)))
        (should (eq (plist-get received :stream) (or stream :false)))
        (should (equal (plist-get format :type) "json_schema"))
        (should (equal (plist-get (plist-get (plist-get (plist-get format :json_schema) :schema)
                                             :properties)
                                  :moons)
                       '(:type "integer")))))))

(ert-deftest llm-switch-contract-request/a-directive-of-several-parts-arrives ()
  (llm-switch-contract-with
    (let ((directive (lambda () '("Speak Latin." "Salve?" "Salve!"))))
      (should (equal (llm-switch-contract-turns
                      (llm-switch-contract-received "Quid agis?" :system directive))
                     '(("system" . "Speak Latin.") ("user" . "Salve?") ("assistant" . "Salve!")
                       ("user" . "Quid agis?")))))))

(ert-deftest llm-switch-contract-request/a-preset-names-backend-and-model ()
  (llm-switch-contract-with
    (let ((gptel--known-presets nil))
      (gptel-make-preset 'inspector :backend "llm-switch" :model 'sw/sim/inspect
                         :system "Inspect." :temperature 0.5)
      (gptel-with-preset 'inspector
        (let ((received (llm-switch-contract-parse
                         (llm-switch-contract-text (llm-switch-contract-hear "Hi")))))
          (should (equal (plist-get received :model) "inspect"))
          (should (equal (plist-get (plist-get received :parameters) :temperature) 0.5)))))))

(ert-deftest llm-switch-contract-request/a-preset-cookie-holds-for-its-message ()
  (llm-switch-contract-with
    (let ((gptel--known-presets nil))
      (gptel-make-preset 'inspector :backend "llm-switch" :model 'sw/sim/inspect
                         :system "Inspect.")
      (llm-switch-test-chat "sim/hello" #'text-mode
        (llm-switch-test-ask "@inspector What now?")
        (should (string-search "Inspect." (buffer-string)))
        (should (string-search "\"text\":\"What now?\"" (buffer-string)))
        (should (eq gptel-model 'sw/sim/hello))))))

(ert-deftest llm-switch-contract-request/a-dry-run-can-be-inspected-edited-and-continued ()
  (llm-switch-contract-with
    (llm-switch-test-reset)
    (save-window-excursion
      (let* ((heard nil)
             (gptel-model (llm-switch-gptel-model "sim/echo"))
             (fsm (gptel-request "First" :dry-run t
                                 :callback (lambda (it _) (push it heard)))))
        (should-not (llm-switch-test-received))
        (gptel--inspect-query fsm 'json)
        (with-current-buffer "*gptel-query*"
          (let ((inhibit-read-only t))
            (goto-char (point-min))
            (search-forward "First")
            (replace-match "Second"))
          (gptel--continue-query))
        (llm-switch-test-finish fsm)
        (should (equal heard '("Second")))
        (kill-buffer "*gptel-query*")))))

(ert-deftest llm-switch-contract-request/a-query-copied-for-curl-leads-nowhere ()
  (llm-switch-test-with (llm-switch-test-config)
    (save-window-excursion
      (let* ((gptel-backend (llm-switch-gptel-make-backend))
             (gptel-model (llm-switch-gptel-model "sim/echo"))
             (kill-ring nil)
             (fsm (gptel-request "First" :dry-run t)))
        (gptel--inspect-query fsm)
        (with-current-buffer "*gptel-query*" (gptel--continue-query 'copy))
        (should (string-match-p "module:" (string-replace "\\" "" (car kill-ring))))
        (kill-buffer "*gptel-query*")))))

(ert-deftest llm-switch-contract-request/gptels-log-holds-the-request ()
  (llm-switch-contract-with
    (let ((gptel-log-level 'info))
      (llm-switch-contract-hear "A word to be logged")
      (with-current-buffer "*gptel-log*"
        (should (string-search "A word to be logged" (buffer-string)))
        (kill-buffer)))))

(ert-deftest llm-switch-contract-request/gptels-status-of-a-request-tells-ours ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/hello" #'text-mode
      (llm-switch-test-ask "Hi")
      (save-window-excursion
        (gptel--inspect-fsm gptel--fsm-last)
        (with-current-buffer "*gptel-diagnostic*"
          (should (string-search "llm-switch" (buffer-string)))
          (kill-buffer))))))

(ert-deftest llm-switch-contract-request/a-model-not-yet-offered-is-not-replaced ()
  (llm-switch-contract-with
    (let* ((gptel-backend (llm-switch-gptel--register))
           (gptel-model 'sw/sim/inspect))
      (should-not (memq gptel-model (gptel-backend-models gptel-backend)))
      (should (equal (plist-get (llm-switch-contract-parse
                                 (llm-switch-contract-text (llm-switch-contract-hear "Hi")))
                                :model)
                     "inspect"))
      (should (eq gptel-model 'sw/sim/inspect))
      (should (memq gptel-model (gptel-backend-models gptel-backend))))))

(ert-deftest llm-switch-contract-request/gptels-menu-offers-what-can-be-called ()
  (llm-switch-contract-with
    (let* ((gptel--known-backends nil)
           (backend (llm-switch-gptel-make-backend)))
      (llm-switch-choices-forget)
      (should (equal (gptel-backend-models backend) '(sw/mode)))
      (llm-switch-choices)
      (llm-switch-test-wait (memq 'sw/sim/hello (gptel-backend-models backend)))
      (should (equal (get 'sw/sim/hello :description) "sim, local"))
      (should (eq (car (gptel-backend-models backend)) 'sw/mode)))))

(provide 'llm-switch-contract-request-test)
;;; llm-switch-contract-request-test.el ends here
