;;; llm-switch-local-peers-test.el --- A LiteLLM proxy that is started here  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The real LiteLLM, which .dev/python-peers has installed, as a child of the
;; module in front of the llama-server of `make test-peers'.

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-local)

(defun llm-switch-local-peers-packages ()
  "Return the folder of the Python packages, or fail."
  (or (car (ignore-errors
             (process-lines (expand-file-name ".dev/python-peers" llm-switch-test-root)
                            "--installed")))
      (ert-fail "LiteLLM is not installed; use make test-peers")))

(defun llm-switch-local-peers-config (port)
  "Return a configuration in which LiteLLM is expected at PORT and costs nothing."
  (format "[provider.litellm]\nbase-url = 'http://127.0.0.1:%d/v1'\nlocality = 'proxy'\n\
payer = 'free'\nauth = 'bearer'\n[account.litellm]\nkey = 'env:LITELLM_MASTER_KEY'\npayer = 'free'\n"
          port))

(defun llm-switch-local-peers-yaml ()
  "Write a config.yaml whose key stands in the environment, and return its name."
  (let ((file (expand-file-name "config.yaml" llm-switch-test-folder)))
    (with-temp-file file
      (insert (format "model_list:
  - model_name: tiny
    litellm_params: {model: openai/tiny-demo, api_base: %S, api_key: os.environ/OPENAI_API_KEY}
"
                      (or (getenv "LLM_SWITCH_DEMO_URL")
                          (ert-fail "LLM_SWITCH_DEMO_URL is not set; use make test-peers")))))
    file))

(defun llm-switch-local-peers-port ()
  "Return a port of this machine that was free a moment ago."
  (let ((holder (make-network-process :name "port" :server t :service t :host "127.0.0.1")))
    (prog1 (process-contact holder :service) (delete-process holder))))

(ert-deftest llm-switch-local/litellm-is-started-with-its-config-asked-and-stopped ()
  (let ((process-environment
         (append (list (concat "PYTHONPATH=" (llm-switch-local-peers-packages))
                       "PYTHONNOUSERSITE=1"
                       ;; LiteLLM starts with no key of its own only when it is told that it may.
                       (concat "LITELLM_MASTER_KEY=sk-" (llm-switch-test-key "proxy"))
                       (concat "OPENAI_API_KEY=" (llm-switch-test-key "upstream")))
                 process-environment))
        (llm-switch-local-programs
         '(("litellm" "python3" "-c" "import litellm; litellm.run_server()")))
        (llm-switch-test-patience 120))
    (llm-switch-test-with (llm-switch-local-peers-config (llm-switch-local-peers-port))
      (let* ((told (llm-switch-call "local.start"
                                    `(:kind "litellm" :file ,(llm-switch-local-peers-yaml)
                                      :program ,(llm-switch-local-start--program "litellm"))))
             (row (seq-find (lambda (it) (equal (plist-get it :server) (plist-get told :server)))
                            (llm-switch-call "local.list")))
             (events (llm-switch-test-submit "litellm/tiny" "Tell me a story about a cat."
                                             :temperature 0)))
        (should (equal (plist-get told :account) "litellm"))
        (should (equal (plist-get row :state) "ready"))
        (should (equal (mapcar (lambda (it) (plist-get it :name)) (plist-get row :models))
                       '("tiny")))
        (should (eq 'done (car (llm-switch-test-end events))))
        (should (string-match-p "cat" (alist-get 'text events)))
        (llm-switch-call "local.stop" (list :server (plist-get told :server)))
        (should-not (process-attributes (plist-get row :pid)))))))

(provide 'llm-switch-local-peers-test)
;;; llm-switch-local-peers-test.el ends here
