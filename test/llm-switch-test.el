;;; llm-switch-test.el --- Choosing who answers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(ert-deftest llm-switch/offers-what-was-found-and-what-is-configured ()
  (llm-switch-test-with (concat (llm-switch-test-config)
                                "[account.openai]\nkey = 'env:NONE'\n")
    (let* ((rows (llm-switch-deployments))
           (find (lambda (name)
                   (cl-find name rows :key (lambda (row) (plist-get row :deployment))
                            :test #'equal))))
      (should (equal (plist-get (funcall find "sim/hello") :locality) "local"))
      (let ((row (funcall find "openai/gpt-5")))
        (should (equal (list (plist-get row :locality) (plist-get row :payer) (plist-get row :input)
                             (plist-get row :output) (plist-get row :context))
                       '("cloud" "metered" "1.25" "10" 400000)))))))

(defun llm-switch-test-problems (&optional ask)
  "The accounts that listing, with a wish to ASK one, could not ask."
  (mapcar (lambda (it) (plist-get it :account))
          (plist-get (llm-switch-call "deployments.list" (and ask `(:ask ,ask))) :problems)))

(ert-deftest llm-switch/listing-sends-nothing-to-a-cloud-unless-that-is-wished-for ()
  ;; Whoever is asked fails here: one has no address, the other no key.
  (llm-switch-test-with "[provider.far]\nbase-url = 'https://far.invalid/v1'\n\
[account.openai]\nkey = 'env:LLM_SWITCH_TEST_NONE'\n"
    (should-not (llm-switch-test-problems))
    (should (equal (llm-switch-test-problems "far") '("far")))
    (should (equal (llm-switch-test-problems "openai") '("openai")))
    (should-error (llm-switch-test-problems "nobody") :type 'llm-switch-config)))

(ert-deftest llm-switch/the-users-own-servers-are-asked-wherever-they-are ()
  ;; 0.0.0.0 leads to this machine too, but it is no address of this machine.
  (dolist (server `(("local" . ,(llm-switch-test-url))
                    ("proxy" . ,(llm-switch-test-url))
                    ("lan" . ,(string-replace "127.0.0.1" "0.0.0.0" (llm-switch-test-url)))))
    (llm-switch-test-with (format "[provider.own]\nbase-url = %S\nlocality = '%s'\n\
[account.own]\nmodels = ['mine']\n" (cdr server) (car server))
      (let ((listed (mapcar (lambda (row) (plist-get row :deployment)) (llm-switch-deployments))))
        (should (member "own/mine" listed))
        (should (member "own/hello" listed))))))

(ert-deftest llm-switch/in-mode-local-nobody-farther-away-is-asked-for-models ()
  (llm-switch-test-with (format "[provider.own]\nbase-url = %S\nlocality = 'proxy'\n\
[account.own]\nmodels = ['mine']\n" (llm-switch-test-url))
    (let ((names (lambda (rows)
                   (seq-intersection '("own/mine" "own/hello")
                                     (mapcar (lambda (row) (plist-get row :deployment)) rows))))
          (calls nil))
      (with-temp-buffer
        (cl-letf (((symbol-function 'llm-switch-choices) (lambda () (ert-fail "asked for models"))))
          (llm-switch-use-local 'buffer))
        ;; What the user has named stays in the list; who is asked later is asked by the same limits.
        (should (equal (funcall names (llm-switch-choices)) '("own/mine")))
        (should (equal (funcall names (llm-switch-deployments)) '("own/mine")))
        (let ((note (lambda (method params &rest _) (push (cons method params) calls))))
          (advice-add 'llm-switch-channel-call :before note)
          (unwind-protect
              (progn (llm-switch-choices)
                     (llm-switch-test-wait (assoc "deployments.list" calls)))
            (advice-remove 'llm-switch-channel-call note)))
        (should (equal (cdr (assoc "deployments.list" calls)) '(:mode "local"))))
      ;; Elsewhere it is asked, and at once.
      (with-temp-buffer
        (should (equal (funcall names (llm-switch-choices)) '("own/mine" "own/hello")))))))

(ert-deftest llm-switch/a-named-server-that-is-down-is-told ()
  (llm-switch-test-with "[provider.box]\nbase-url = 'http://127.0.0.1:9/v1'\n"
    (let ((told nil))
      (cl-letf (((symbol-function 'message)
                 (lambda (format &rest args) (push (apply #'format format args) told))))
        (llm-switch-deployments))
      (should (cl-find-if (lambda (it) (string-match-p "box: nothing answers" it)) told)))))

(ert-deftest llm-switch/the-command-sets-backend-and-model-of-the-buffer ()
  (llm-switch-test-with (llm-switch-test-config)
    (with-temp-buffer
      (let ((old (default-value 'gptel-backend)))
        (llm-switch-test-keys "sim/echo RET"
          (call-interactively #'llm-switch-backend))
        (should (eq gptel-model 'sw/sim/echo))
        (should (llm-switch-gptel-current-p))
        (should (eq old (default-value 'gptel-backend)))))))

(ert-deftest llm-switch/a-prefix-argument-chooses-the-scope ()
  (llm-switch-test-with (llm-switch-test-config)
    (let ((backend (default-value 'gptel-backend))
          (model (default-value 'gptel-model)))
      (unwind-protect
          (with-temp-buffer
            (let ((current-prefix-arg '(4)))
              (llm-switch-test-keys "global RET sim/hello RET"
                (call-interactively #'llm-switch-backend)))
            (should (eq (default-value 'gptel-model) 'sw/sim/hello))
            (should-not (local-variable-p 'gptel-model)))
        (setq-default gptel-backend backend gptel-model model)))))

(ert-deftest llm-switch/a-chat-opens-without-warnings ()
  (llm-switch-test-with (llm-switch-test-config)
    (let ((gptel-backend nil) (gptel-model nil) (warned nil) (buffer nil))
      (cl-letf (((symbol-function 'display-warning) (lambda (&rest it) (push it warned)))
                ((symbol-function 'llm-switch-deployments)
                 (lambda () (list (llm-switch-test-row "sim/hello")))))
        (unwind-protect
            (progn
              (llm-switch-chat)
              (setq buffer (current-buffer))
              (should gptel-mode)
              (should-not warned)
              (should (memq llm-switch-header--segment header-line-format))
              (llm-switch-test-ask "Hi")
              (should (string-match-p "Hello from the simulator" (buffer-string))))
          (when buffer
            (with-current-buffer buffer (set-buffer-modified-p nil))
            (kill-buffer buffer)))))))

(ert-deftest llm-switch/nothing-to-call-says-what-to-do ()
  (cl-letf (((symbol-function 'llm-switch-deployments) #'ignore))
    (should (string-match-p "Start one (Ollama" (cadr (should-error (llm-switch-chat)
                                                                    :type 'user-error))))))

(ert-deftest llm-switch/every-native-function-is-documented ()
  (llm-switch-test-with ""
    (llm-switch-channel-start)
    (let ((count 0))
      (mapatoms
       (lambda (symbol)
         (when (and (string-prefix-p "llm-switch--mod-" (symbol-name symbol)) (fboundp symbol))
           (cl-incf count)
           (let ((doc (documentation symbol)))
             (should (string-match-p "\\`[A-Z].*\\.\n" doc))
             (should (string-match-p "\n\n(fn.*)\\'" doc))))))
      (should (= count 8)))))

(provide 'llm-switch-test)
;;; llm-switch-test.el ends here
