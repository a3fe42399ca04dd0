;;; llm-switch-menu-test.el --- Everything on one key  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'gptel-transient)
(require 'llm-switch-menu)
(require 'llm-switch-mode)

(defmacro llm-switch-menu-test-in (&rest body)
  "Run BODY in a chat in the selected window, with \\`C-c m' for the menu."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with (concat (llm-switch-test-config)
                                 "[account.openai]\nkey = 'env:NONE'\n")
     (let ((llm-switch-scope-default 'buffer)
           (llm-switch-segment--today nil)
           (llm-switch-projects nil))
       (llm-switch-choices)
       (save-window-excursion
         (llm-switch-test-chat "sim/echo" #'text-mode
           (switch-to-buffer (current-buffer))
           (local-set-key (kbd "C-c m") #'llm-switch-menu)
           ,@body)))))

(defun llm-switch-menu-test-shown ()
  "Return what the menu shows for the current buffer."
  (let* ((shown nil)
         (note (lambda (&rest _)
                 (setq shown (with-current-buffer transient--buffer-name
                               (buffer-substring-no-properties (point-min) (point-max)))))))
    (advice-add 'transient--show :after note)
    (unwind-protect (execute-kbd-macro (kbd "C-c m C-g"))
      (advice-remove 'transient--show note))
    shown))

(ert-deftest llm-switch-menu/who-answers-is-changed-by-keys ()
  (llm-switch-menu-test-in
    (execute-kbd-macro (kbd "C-c m b sim/hello RET"))
    (should (eq gptel-model 'sw/sim/hello))
    (execute-kbd-macro (kbd "C-c m f"))
    (should (equal llm-switch-mode-name "free"))
    (execute-kbd-macro (kbd "C-c m p"))
    (should-not llm-switch-mode-name)
    (should (eq gptel-model 'sw/sim/hello))))

(ert-deftest llm-switch-menu/a-scope-holds-for-the-choice-after-it ()
  (llm-switch-menu-test-in
    (execute-kbd-macro (kbd "C-c m S S S l"))
    (should (eq llm-switch-scope-default 'once))
    (should (equal (llm-switch-modes-here) '("local" . once)))
    (execute-kbd-macro (kbd "C-c m S C-g"))
    (should (eq llm-switch-scope-default 'buffer))))

(ert-deftest llm-switch-menu/parameters-of-this-chat-go-with-its-requests ()
  (llm-switch-menu-test-in
    (execute-kbd-macro (kbd "C-c m m 123 RET T 0.5 RET e low RET C-g"))
    (let* ((sent nil)
           (note (lambda (request &rest _) (setq sent request))))
      (advice-add 'llm-switch-channel-submit :before note)
      (unwind-protect (should-not (plist-get (llm-switch-test-ask "Hi") :error))
        (advice-remove 'llm-switch-channel-submit note))
      (let ((request (json-parse-string sent :object-type 'plist)))
        (should (equal (plist-get request :reasoning_effort) "low"))
        (should (equal (plist-get request :temperature) 0.5))
        (should (= (or (plist-get request :max_tokens)
                       (plist-get request :max_completion_tokens))
                   123))))
    (with-temp-buffer
      (should-not gptel-max-tokens)
      (should-not gptel--request-params))
    (execute-kbd-macro (kbd "C-c m m C-a C-k RET e RET C-g"))
    (should-not gptel-max-tokens)
    (should-not gptel--request-params)))

(ert-deftest llm-switch-menu/what-is-no-number-changes-nothing ()
  (llm-switch-menu-test-in
    (dolist (wrong '("1.5" "-3" "many"))
      (llm-switch-test-keys (concat wrong " RET")
        (should-error (call-interactively #'llm-switch-menu-output-limit) :type 'user-error))
      (should-not gptel-max-tokens))))

(ert-deftest llm-switch-menu/the-chat-is-capped-from-it ()
  (llm-switch-menu-test-in
    (execute-kbd-macro (kbd "C-c m u 0.25 RET"))
    (should (equal llm-switch-chat-cap "0.25"))))

(ert-deftest llm-switch-menu/its-heading-and-suffixes-tell-how-things-stand ()
  (llm-switch-menu-test-in
    (setq-local llm-switch-mode-name "free" llm-switch-pins '("local"))
    (let ((shown (llm-switch-menu-test-shown)))
      (should (string-match-p "llm-switch +\\*chat\\* in /.* today \\$0" shown))
      (should (string-match-p "^mode free (buffer) · pinned: local$" shown))
      (should (string-match-p "b backend sim/echo" shown))
      (should (string-match-p "S scope buffer" shown))
      (should (string-match-p "m output limit –" shown))
      (dolist (line (split-string shown "\n"))
        (should (<= (string-width line) 80))))))

(ert-deftest llm-switch-menu/gptels-menu-leads-to-it-while-the-mode-is-on ()
  (llm-switch-test-with ""
    (let ((there (lambda ()
                   (string-match-p "llm-switch-menu"
                                   (format "%S" (get 'gptel-menu 'transient--layout))))))
      (unwind-protect
          (progn
            (should-not (funcall there))
            (llm-switch-mode 1)
            (should (funcall there))
            (llm-switch-mode 1)
            (llm-switch-mode -1)
            (should-not (funcall there)))
        (llm-switch-mode -1)))))

(provide 'llm-switch-menu-test)
;;; llm-switch-menu-test.el ends here
