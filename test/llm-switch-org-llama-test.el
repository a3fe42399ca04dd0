;;; llm-switch-org-llama-test.el --- Org blocks with a real model  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; LLM_SWITCH_DEMO_URL is where `make test' has started a llama-server with
;; tiny-demo.gguf.  Nothing here is simulated.

;;; Code:

(require 'llm-switch-org-helper)

(defun llm-switch-org-llama-test-config ()
  "Return a configuration whose account \"llamacpp\" is the real llama-server."
  (format "[provider.llamacpp]\nbase-url = %S\n"
          (or (getenv "LLM_SWITCH_DEMO_URL")
              (ert-fail "LLM_SWITCH_DEMO_URL is not set; use make test-lisp"))))

(ert-deftest llm-switch-org-llama/a-notebook-is-answered-streamed-and-waited-for-alike ()
  (llm-switch-org-test-in (llm-switch-org-llama-test-config)
      (concat "#+property: header-args:llm-switch :model llamacpp/tiny-demo :temperature 0 :system none\n\n"
              (llm-switch-org-test-block "" "How do I save a file in Emacs?") "\n"
              (llm-switch-org-test-block ":async no" "How do I save a file in Emacs?"))
    (llm-switch-org-test-all)
    (goto-char (point-min))
    (let ((answers nil))
      (while (re-search-forward "^:results:\n\\(\\(?:.\\|\n\\)*?\\)\n#\\+llm_cost: free llamacpp/tiny-demo "
                                nil t)
        (push (match-string-no-properties 1) answers))
      (should (= 2 (length answers)))
      (should (string-match-p "C-x" (car answers)))
      (should (equal (car answers) (cadr answers))))
    (should-not (string-match-p "llm-switch error" (buffer-string)))))

(provide 'llm-switch-org-llama-test)
;;; llm-switch-org-llama-test.el ends here
