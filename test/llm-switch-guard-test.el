;;; llm-switch-guard-test.el --- Who may not be asked by gptel itself  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A server on this machine is asked by gptel itself, while the simulator stands
;; for the outside, to which a redirect or a proxy would lead.

;;; Code:

(require 'llm-switch-test-helper)

(defun llm-switch-guard-test-outside ()
  "Return host and port of the simulator that is the outside."
  (string-remove-suffix "/v1" (string-remove-prefix "http://" (llm-switch-test-url))))

(defun llm-switch-guard-test-ask (model &rest pins)
  "Ask MODEL of another simulator, with gptel's own transport, in a chat pinned to PINS.
Return (INFO . RECEIVED): what the outside was sent."
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-gptel-install)
    (llm-switch-test-reset)
    (let ((here (llm-switch-test-simulator)))
      (unwind-protect
          (with-temp-buffer
            (text-mode)
            (setq-local gptel-model model
                        llm-switch-pins pins
                        gptel-backend
                        (gptel-make-openai "Here" :protocol "http" :stream t :key "none"
                          :models (list model)
                          :host (replace-regexp-in-string "\\`http://\\|/v1\\'" ""
                                                          (process-get here 'url))))
            (gptel-mode 1)
            (let ((info (llm-switch-test-ask "Hi")))
              (set-buffer-modified-p nil)
              (cons info (llm-switch-test-received))))
        (delete-process here)))))

(ert-deftest llm-switch-guard/a-redirect-leads-nobody-out-of-a-pinned-buffer ()
  (let ((moved (intern (format "redirect:http://%s/v1/chat/completions"
                               (llm-switch-guard-test-outside)))))
    (dolist (gptel-use-curl '(t nil))
      ;; Where nothing is pinned it does: the test sees it.
      (should (cdr (llm-switch-guard-test-ask moved)))
      (pcase-let ((`(,info . ,received) (llm-switch-guard-test-ask moved "local")))
        (should-not received)
        (should (string-match-p "302" (format "%s" (plist-get info :status))))))))

(ert-deftest llm-switch-guard/a-proxy-of-the-environment-gets-nothing-of-a-pinned-buffer ()
  (let ((process-environment
         (append (list (concat "http_proxy=http://" (llm-switch-guard-test-outside))
                       "no_proxy" "NO_PROXY")
                 process-environment))
        (url-proxy-services `(("http" . ,(llm-switch-guard-test-outside)))))
    (dolist (gptel-use-curl '(t nil))
      ;; Our simulator is no proxy, and says so.
      (should (plist-get (car (llm-switch-guard-test-ask 'hello)) :error))
      (should-not (plist-get (car (llm-switch-guard-test-ask 'hello "local")) :error)))))

(ert-deftest llm-switch-guard/arguments-for-all-of-curl-are-not-trusted-either ()
  (let ((gptel-curl-extra-args '("--connect-to" "::192.0.2.1:80")))
    (let ((problem (plist-get (car (llm-switch-guard-test-ask 'hello "local")) :error)))
      (should (equal (plist-get problem :type) "refused")))))

(provide 'llm-switch-guard-test)
;;; llm-switch-guard-test.el ends here
