;;; llm-switch-test.el --- Choosing who answers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(defmacro llm-switch-test-keys (input &rest form)
  "Run FORM, which reads from the minibuffer, with INPUT typed into it.
Batch Emacs reads the minibuffer from stdin, so the keys go through a macro."
  (declare (indent 1) (debug t))
  `(let ((executing-kbd-macro t)
         (unread-command-events (listify-key-sequence (kbd ,input))))
     ,@form))

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

(defun llm-switch-test-far (locality)
  "A configuration with the simulator as the server \"far\" at LOCALITY."
  (format "[provider.far]\nbase-url = %S\nlocality = '%s'\n\
[account.far]\nmodels = ['mine']\n" (llm-switch-test-url) locality))

(defun llm-switch-test-listed (rows)
  "The names of the deployments in ROWS that are at \"far\"."
  (cl-loop for row in rows
           for name = (plist-get row :deployment)
           when (string-prefix-p "far/" name) collect name))

(ert-deftest llm-switch/listing-sends-nothing-to-a-cloud ()
  (llm-switch-test-with (llm-switch-test-far "cloud")
    (llm-switch-test-reset)
    (should (equal (llm-switch-test-listed (llm-switch-deployments)) '("far/mine")))
    (should-not (llm-switch-test-received))))

(ert-deftest llm-switch/a-cloud-is-asked-for-its-models-when-that-is-wished-for ()
  (llm-switch-test-with (llm-switch-test-far "cloud")
    (llm-switch-test-reset)
    (let* ((told (llm-switch-call "deployments.list" '(:ask "far")))
           (listed (llm-switch-test-listed (plist-get told :deployments))))
      (should (member "far/mine" listed))
      (should (member "far/hello" listed)))
    (should (equal (mapcar (lambda (it) (plist-get it :target)) (llm-switch-test-received))
                   '("/v1/models")))
    (should-error (llm-switch-call "deployments.list" '(:ask "nobody"))
                  :type 'llm-switch-config)))

(ert-deftest llm-switch/the-users-own-servers-are-asked-wherever-they-are ()
  (dolist (locality '("local" "lan" "proxy"))
    (llm-switch-test-with (llm-switch-test-far locality)
      (let ((listed (llm-switch-test-listed (llm-switch-deployments))))
        (should (member "far/mine" listed))
        (should (member "far/hello" listed))))))

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
