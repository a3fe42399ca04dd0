;;; llm-switch-contract-wire-test.el --- What of gptel's wishes reaches the wire  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)
(require 'llm-switch-contract-server)

(defconst llm-switch-contract-wire--dialects
  '("openai-chat" "openai-responses" "anthropic" "gemini" "ollama")
  "The dialects there are.")

(defun llm-switch-contract-wire--sent (dialect)
  "Return the JSON text that a service of DIALECT gets for one request."
  (llm-switch-contract-server-with dialect '(400 "application/json" "{}")
    (let ((gptel-backend (llm-switch-gptel-make-backend))
          (gptel-model (llm-switch-gptel-model "told/any")))
      (llm-switch-contract-tools (list (llm-switch-contract-tool #'identity))
        (llm-switch-contract-hear "Hi" :system "Be brief." :stream t))
      (car llm-switch-contract-server-bodies))))

(defun llm-switch-contract-wire--marked (body)
  "Return which parts of BODY, a request of Anthropic's as text, are to be cached."
  (let* ((request (llm-switch-contract-parse body))
         (marked (lambda (value) (string-search ":cache_control" (format "%S" value)))))
    (seq-filter (lambda (part) (funcall marked (plist-get request part)))
                '(:system :tools :messages))))

(ert-deftest llm-switch-contract-wire/what-gptel-cache-names-is-marked-for-anthropic ()
  (pcase-dolist (`(,wish . ,marked) '((nil) ((system) :system) ((tool) :tools)
                                      ((message) :messages) ((system tool) :system :tools)
                                      (t :system :tools :messages)))
    (let ((gptel-cache wish))
      (should (equal (llm-switch-contract-wire--marked
                      (llm-switch-contract-wire--sent "anthropic"))
                     marked)))))

(ert-deftest llm-switch-contract-wire/the-other-dialects-know-no-marks ()
  (let ((gptel-cache t))
    (dolist (dialect (remove "anthropic" llm-switch-contract-wire--dialects))
      (should-not (string-search "cache_control" (llm-switch-contract-wire--sent dialect))))))

(ert-deftest llm-switch-contract-wire/nothing-of-ours-is-sent ()
  (dolist (dialect llm-switch-contract-wire--dialects)
    (let ((sent (llm-switch-contract-wire--sent dialect)))
      (should (string-search "Be brief." sent))
      (should-not (string-search "llm_switch" sent))
      (should-not (string-search "sw/" sent)))))

(ert-deftest llm-switch-contract-wire/temperature-and-limit-arrive-in-each-dialect ()
  (let ((gptel-temperature 0.25) (gptel-max-tokens 77))
    (dolist (dialect llm-switch-contract-wire--dialects)
      (let ((sent (llm-switch-contract-wire--sent dialect)))
        (should (string-match-p "\"temperature\":0\\.25" sent))
        (should (string-match-p ":77[,}]" sent))))))

(provide 'llm-switch-contract-wire-test)
;;; llm-switch-contract-wire-test.el ends here
