;;; llm-switch-contract-org-test.el --- Chats in Org  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)
(require 'gptel-org)
(require 'org)

(defun llm-switch-contract-org--received ()
  "Return what sim/inspect said in this buffer, as (ROLE . TEXT) of each message."
  (goto-char (point-min))
  (re-search-forward "{\"[a-z]")
  (goto-char (match-beginning 0))
  (llm-switch-contract-turns (json-parse-buffer :object-type 'plist :array-type 'list)))

(ert-deftest llm-switch-contract-org/properties-of-a-heading-choose-and-narrow ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/hello" #'org-mode
      (let ((gptel-org-convert-response nil))
        (insert "* Elsewhere\nThis is not sent.\n* Moons\n:PROPERTIES:\n:GPTEL_TOPIC: moons\n"
                ":GPTEL_BACKEND: llm-switch\n:GPTEL_MODEL: sw/sim/inspect\n"
                ":GPTEL_SYSTEM: Be an astronomer.\n:END:\nHow many moons?")
        (let ((gptel-prompt-prefix-alist nil))
          (llm-switch-test-ask nil))
        (let ((turns (llm-switch-contract-org--received)))
          (should (equal (car turns) '("system" . "Be an astronomer.")))
          (should (= (length turns) 2))
          (should (string-search "How many moons?" (cdr (nth 1 turns))))
          (should-not (string-search "not sent" (cdr (nth 1 turns)))))
        (should (eq gptel-model 'sw/sim/hello))))))

(ert-deftest llm-switch-contract-org/a-branch-is-sent-without-its-siblings ()
  (llm-switch-contract-need 'branching)
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/inspect" #'org-mode
      (let ((gptel-org-convert-response nil) (gptel-org-branching-context t))
        (insert "* Trunk\nCommon ground.\n** One\nThe first way.\n** Two\nThe second way.")
        (llm-switch-test-ask nil)
        (let ((sent (mapconcat #'cdr (llm-switch-contract-org--received) "\n")))
          (should (string-search "Common ground." sent))
          (should (string-search "The second way." sent))
          (should-not (string-search "The first way." sent)))))))

(ert-deftest llm-switch-contract-org/markdown-is-converted-across-the-pieces-of-a-stream ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/drip:40:echo" #'org-mode
      (let ((pieces 0)
            (code "```elisp\n(message \"**no**\")\n```"))
        (add-hook 'gptel-post-stream-hook (lambda () (setq pieces (1+ pieces))) nil t)
        (llm-switch-test-ask (concat "Some **bold words** and `a bit of code` then\n" code))
        (should (> pieces 2))
        (goto-char (point-min))
        (should (search-forward "*bold words* and =a bit of code=" nil t))
        (should (search-forward "#+begin_src elisp\n(message \"**no**\")\n#+end_src" nil t))))))

(ert-deftest llm-switch-contract-org/reasoning-is-a-block-of-its-own ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/reasoning:reasoning_content" #'org-mode
      (let ((gptel-include-reasoning 'ignore))
        (llm-switch-test-ask "Why?")
        (should (string-match-p
                 (concat "#\\+begin_reasoning\nThe user said something\\. I shall answer it\\.\n"
                         "#\\+end_reasoning\n+Hello from the simulator\\.")
                 (buffer-string)))))))

(ert-deftest llm-switch-contract-org/a-tool-block-is-read-back ()
  (llm-switch-contract-with
    (llm-switch-contract-tools (list (llm-switch-contract-tool #'identity))
      (llm-switch-test-chat "sim/tools:1" #'org-mode
        (llm-switch-test-ask "Look!")
        (should (string-search "#+begin_tool (look :thing \"moon\")" (buffer-string)))
        (llm-switch-contract-use "sim/inspect")
        (let ((gptel-org-convert-response nil))
          (llm-switch-test-ask "\n\nAnd what was that?"))
        (should (equal (mapcar #'car (llm-switch-contract-org--received))
                       '("system" "user" "assistant" "tool" "assistant" "user")))))))

(provide 'llm-switch-contract-org-test)
;;; llm-switch-contract-org-test.el ends here
