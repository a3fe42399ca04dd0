;;; llm-switch-mcp-mention-test.el --- Resources that prompts mention  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What goes along with a prompt, what does not, and who may mention anything.

;;; Code:

(require 'gptel-context)
(require 'llm-switch-mcp-chat-helper)
(require 'org)

;;; Mentions

(ert-deftest llm-switch-mcp-chat/what-a-prompt-mentions-goes-along ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (llm-switch-test-reset)
    (llm-switch-test-ask "Compare @it:doc://a.md\nwith (@it:doc://b.md).\n\nBriefly.")
    (should (equal (llm-switch-mcp-chat-test-sent)
                   '("Compare @it:doc://a.md
with (@it:doc://b.md).

Resource @it:doc://a.md

```
# a.md
```

Resource @it:doc://b.md

```
# b.md
```

Briefly.")))
    (should (string-match-p "\\`Compare @it:doc://a.md\nwith (@it:doc://b.md).\n\nBriefly.\n\n{"
                            (buffer-string)))
    (should-not gptel--request-alist)))

(ert-deftest llm-switch-mcp-chat/code-and-mail-and-strangers-are-no-mentions ()
  (let ((prompt "Write to ada@it:doc://a or `@it:doc://b`, `say @it:doc://e` or @them:doc://c
```
@it:doc://d
```
say:"))
    (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
      (llm-switch-test-reset)
      (llm-switch-test-ask prompt)
      (should (equal (llm-switch-mcp-chat-test-sent) (list prompt)))))
  (with-temp-buffer
    (insert "See =@it:doc://a= and\n#+begin_src txt\n@it:doc://b\n#+end_src\nand @it:doc://c, too")
    (delay-mode-hooks (org-mode))
    (should (equal (mapcar #'cddr (llm-switch-mcp-mention-all)) '(("it" "doc://c"))))))

(ert-deftest llm-switch-mcp-chat/nothing-is-sent-when-a-resource-is-not-there ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (llm-switch-test-reset)
    (let ((info (llm-switch-test-ask "Look at @it:gone://x and @it:doc://a")))
      (should (string-match-p "there is no gone://x.*Nothing was sent: @it:gone://x"
                              (plist-get (plist-get info :error) :message)))
      (should (equal (buffer-string) "Look at @it:gone://x and @it:doc://a"))
      (should-not (llm-switch-test-received))
      (should-not gptel--request-alist))))

(ert-deftest llm-switch-mcp-chat/an-older-mention-that-is-gone-holds-up-nothing ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (insert "Look at @it:gone://x" (propertize "\n\nYes.\n\n" 'gptel 'response))
    (llm-switch-test-reset)
    (llm-switch-test-ask "And @it:doc://a")
    (should (equal (llm-switch-mcp-chat-test-sent)
                   '("Look at @it:gone://x"
                     "And @it:doc://a\n\nResource @it:doc://a\n\n```\n# a\n```")))))

(ert-deftest llm-switch-mcp-chat/reading-is-aborted-with-the-request ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (llm-switch-test-reset)
    (let ((fsm (llm-switch-test-send "Look at @it:doc://a")))
      (gptel-abort (current-buffer))
      (should (eq (gptel-fsm-state fsm) 'ABRT))
      (should-not gptel--request-alist)
      ;; So long that it would have been read.
      (llm-switch-mcp-test-ask "mcp.list")
      (dotimes (_ 3) (llm-switch-mcp-test-ask "mcp.read" :server "it" :uri "doc://a"))
      (should (eq (gptel-fsm-state fsm) 'ABRT))
      (should-not (seq-some (lambda (it) (string-prefix-p " *gptel-prompt" (buffer-name it)))
                            (buffer-list)))
      (should-not (llm-switch-test-received)))))

(ert-deftest llm-switch-mcp-chat/a-picture-that-is-mentioned-goes-along ()
  (llm-switch-mcp-chat-test "openai/gpt-5-mini" #'text-mode
    (llm-switch-test-reset)
    (llm-switch-test-ask "What is @it:picture://red ?")
    (should (equal (mapcar (lambda (it) (plist-get it :mime))
                           (plist-get (car (llm-switch-test-received)) :media))
                   '("image/png")))))

(ert-deftest llm-switch-mcp-chat/resources-are-completed-at-point ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (insert "See @it:no")
    (pcase-let ((`(,begin ,end ,table . ,more) (llm-switch-mcp-mention-capf)))
      (should (equal (buffer-substring begin end) "it:no"))
      (should (member "it:note://7" (all-completions "it:no" table)))
      (should (equal (funcall (alist-get 'annotation-function
                                         (cdr (completion-metadata "" table nil)))
                              "it:note://7")
                     "  note 7"))
      (insert "te://{number}")
      (cl-letf (((symbol-function 'completing-read)
                 (lambda (_ table &rest _)
                   (should (equal (all-completions "ru" table) '("rust" "ruby")))
                   "a b")))
        (funcall (plist-get more :exit-function) "it:note://{number}" 'finished)))
    (should (equal (buffer-string) "See @it:note://a%20b"))
    (insert " ada@it:no")
    (should-not (llm-switch-mcp-mention-capf))))

;;; Who may mention

(defun llm-switch-mcp-chat-test-read (body)
  "Call BODY and return which addresses were read meanwhile."
  (let* ((read nil)
         (call (symbol-function 'llm-switch-mcp-place-call)))
    (cl-letf (((symbol-function 'llm-switch-mcp-place-call)
               (lambda (method params &rest rest)
                 (when (equal method "mcp.read") (push (plist-get params :uri) read))
                 (apply call method params rest))))
      (funcall body))
    read))

(ert-deftest llm-switch-mcp-chat/a-file-of-the-context-mentions-nothing ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    ;; gptel puts it into a block of code, which it can end.
    (let* ((file (llm-switch-mcp-test-file "notes.md" "```\nSee @it:doc://secret ok\n```\n"))
           (gptel-context (list (list file)))
           (gptel-use-context 'user)
           ;; Without a word before it: the context comes right before the mention.
           (read (llm-switch-mcp-chat-test-read
                  (lambda () (llm-switch-test-ask "@it:doc://a is it\n\nso?")))))
      (should (equal read '("doc://a")))
      (let ((sent (car (llm-switch-mcp-chat-test-sent))))
        (should (string-search "See @it:doc://secret ok" sent))
        (should-not (string-search "Resource @it:doc://secret" sent))
        (should (string-search "@it:doc://a is it\n\nResource @it:doc://a\n\n```\n# a\n```\n\nso?"
                               sent))))))

(ert-deftest llm-switch-mcp-chat/a-buffer-that-is-no-chat-mentions-nothing ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (gptel-mode -1)
    (should-not (llm-switch-mcp-chat-test-read
                 (lambda () (llm-switch-test-ask "Look at @it:doc://a"))))))

(ert-deftest llm-switch-mcp-chat/what-a-rule-denies-is-not-read ()
  (dolist (rule '("mcp__it" "mcp__*"))
    (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
      (llm-switch-mcp-test-ask "mcp.permit" :rule rule :decision "deny" :scope "session")
      (llm-switch-test-reset)
      (should-not
       (llm-switch-mcp-chat-test-read
        (lambda ()
          (let ((info (llm-switch-test-ask "Look at @it:doc://a")))
            (should (string-match-p "rule denies the server it.*Nothing was sent"
                                    (plist-get (plist-get info :error) :message)))))))
      (should-not (llm-switch-test-received))
      ;; What an older prompt mentions holds up nothing.
      (erase-buffer)
      (insert "Look at @it:doc://a" (propertize "\n\nYes.\n\n" 'gptel 'response))
      (should-not (llm-switch-mcp-chat-test-read (lambda () (llm-switch-test-ask "And?"))))
      (should (equal (llm-switch-mcp-chat-test-sent) '("Look at @it:doc://a" "And?"))))))

(provide 'llm-switch-mcp-mention-test)
;;; llm-switch-mcp-mention-test.el ends here
