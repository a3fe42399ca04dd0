;;; llm-switch-mcp-chat-test.el --- Contents, resources and prompts in chats  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Chats of gptel with the server of the tests and the simulator, which tells
;; what it got.

;;; Code:

(require 'gptel-context)
(require 'llm-switch-mcp-chat)
(require 'llm-switch-mcp-helper)
(require 'markdown-mode nil t)
(require 'org)

(defmacro llm-switch-mcp-chat-test (model mode &rest body)
  "Run BODY in a chat in MODE, a symbol, where the simulator's MODEL answers.
The server is ready, and the caches are of the test."
  (declare (indent 2) (debug t))
  `(llm-switch-mcp-test-with
       (concat (llm-switch-test-config)
               ;; Of whose models it is known that they see.
               (format "[provider.openai]\nbase-url = %S\nlocality = 'proxy'\nauth = 'none'\n"
                       (llm-switch-test-url))
               (llm-switch-mcp-test-program "it" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio")))
     ;; Which looks for itself in that cache.
     (llm-switch-module-load)
     (let ((llm-switch-cache-directory (expand-file-name "cache/" llm-switch-test-folder))
           (llm-switch-mcp-known--values nil))
       ;; So that this is the project.
       (llm-switch-mcp-test-file ".mcp.json" "{}")
       (llm-switch-mcp-test-start "it")
       (llm-switch-test-wait
         (setq llm-switch-mcp-known--values nil)
         (llm-switch-mcp-prompt-rows))
       (llm-switch-test-chat ,model ,mode ,@body))))

(defun llm-switch-mcp-chat-test-sent ()
  "Return the texts of the user's turns that the simulator says it got last."
  (let* ((answer (llm-switch-turn-text (llm-switch-turn)))
         (told (json-parse-string answer :object-type 'plist :array-type 'list)))
    (mapcar (lambda (message) (plist-get message :text))
            (seq-filter (lambda (message) (equal (plist-get message :role) "user"))
                        (plist-get told :messages)))))

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

;;; Looking at resources

(ert-deftest llm-switch-mcp-chat/a-resource-is-shown-in-its-mode ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (llm-switch-mcp-resource "it:doc://notes.org")
    (llm-switch-test-wait (get-buffer "*it:doc://notes.org*"))
    (with-current-buffer "*it:doc://notes.org*"
      (should (derived-mode-p 'org-mode))
      (should (equal (buffer-string) "# notes.org\n"))
      (should buffer-read-only)
      (kill-buffer))
    ;; What this Emacs, in batch mode, cannot show.
    (let ((opened nil))
      (cl-letf (((symbol-function 'llm-switch-mcp-content--open-outside)
                 (lambda (file) (setq opened file))))
        (llm-switch-mcp-resource "it:picture://red")
        (should (string-suffix-p ".png" (llm-switch-test-wait opened)))))
    (should-error (llm-switch-mcp-resource "nothing") :type 'user-error)))

(ert-deftest llm-switch-mcp-chat/gaps-of-addresses-are-filled ()
  (pcase-dolist (`(,template ,address)
                 '(("n://{a}" "n://x%20y%2F") ("n://{+a}" "n://x%20y/") ("n://q{?a,b,c}" "n://q?a=x%20y%2F&c=1")
                   ("n:/{/a,c}" "n://x%20y%2F/1") ("n://{#c}{&c}" "n://#1&c=1") ("n://{b}" "n://")
                   ("n://{c:3}{c*}" "n://11")))
    (should (equal (llm-switch-mcp-template-fill template '(("a" . "x y/") ("c" . "1"))) address)))
  (should (equal (llm-switch-mcp-template-gaps "n://{a}/{?b,a*}") '("a" "b"))))

(ert-deftest llm-switch-mcp-chat/completion-waits-for-no-server ()
  (cl-letf (((symbol-function 'llm-switch-mcp-place-ask)
             (lambda (&rest _)
               (while t (accept-process-output nil 0.05)))))
    (let ((begin (float-time)))
      (should-not (llm-switch-mcp-template--complete "s" :template "n://{a}" "a" "" nil))
      (should (< 0.9 (- (float-time) begin) 3))
      (let ((unread-command-events (list ?x)))
        (setq begin (float-time))
        (should-not (llm-switch-mcp-template--complete "s" :template "n://{a}" "a" "" nil))
        (should (< (- (float-time) begin) 0.5)))))
  (cl-letf (((symbol-function 'llm-switch-mcp-place-ask)
             (lambda (&rest _) (signal 'llm-switch-refused '("no")))))
    (should-not (llm-switch-mcp-template--complete "s" :template "n://{a}" "a" "" nil))))

;;; Prompts

(ert-deftest llm-switch-mcp-chat/a-prompt-becomes-turns ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (llm-switch-test-keys "rust RET dearly RET" (llm-switch-mcp-prompt "it:talk"))
    (llm-switch-test-wait (string-match-p "Begin" (buffer-string)))
    (should (equal (buffer-substring-no-properties (point-min) (point-max))
                   "Let us talk about rust\n\nYes, dearly\n\n### Begin"))
    (should (eq (point) (point-max)))
    (llm-switch-test-reset)
    (llm-switch-test-ask nil)
    (should (equal (llm-switch-mcp-chat-test-sent) '("Let us talk about rust" "Begin")))))

(ert-deftest llm-switch-mcp-chat/a-slash-at-the-beginning-calls-a-prompt ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (insert "### /mcp__it__re")
    (pcase-let ((`(,begin ,end ,table . ,more) (llm-switch-mcp-prompt-capf)))
      (should (equal (all-completions (buffer-substring begin end) table) '("mcp__it__review")))
      (insert "view")
      (llm-switch-test-keys "lisp RET"
        (funcall (plist-get more :exit-function) "mcp__it__review" 'finished)))
    (llm-switch-test-wait (string-match-p "Review" (buffer-string)))
    (should (equal (buffer-string) "### Review lisp"))
    (insert " and /mcp__it__re")
    (should-not (llm-switch-mcp-prompt-capf))))

;;; Contents

(defun llm-switch-mcp-chat-test-overlays (property)
  "Return the overlays of this buffer that have PROPERTY, by place."
  (sort (seq-filter (lambda (it) (overlay-get it property)) (overlays-in (point-min) (point-max)))
        (lambda (a b) (< (overlay-start a) (overlay-start b)))))

(defun llm-switch-mcp-chat-test-result (text)
  "Insert TEXT as gptel inserts the result of a tool."
  (insert "``` tool (media)"
          (propertize (concat "\n(:name \"mcp__it__media\" :args nil)\n\n" text)
                      'gptel '(tool . "1"))
          "\n```\n"))

(ert-deftest llm-switch-mcp-chat/images-stand-behind-the-result-that-is-folded ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (cl-letf (((symbol-function 'display-images-p) #'always)
              ((symbol-function 'create-image) (lambda (file &rest _) (list 'image :file file))))
      (llm-switch-mcp-chat-test-result (llm-switch-mcp-test-text "it" "media" :real t))
      (insert "after")
      (llm-switch-mcp-content-refresh)
      (llm-switch-mcp-content-refresh)
      (let ((shown (llm-switch-mcp-chat-test-overlays 'after-string)))
        (should (= (length shown) 1))
        (goto-char (overlay-start (car shown)))
        (should (equal (buffer-substring (line-beginning-position) (point)) "```"))
        (should (string-suffix-p ".png" (plist-get (cdr (get-text-property
                                                         0 'display (overlay-get (car shown)
                                                                                 'after-string)))
                                                   :file))))
      ;; It is there again in a chat that is opened, and gone with its file.
      (mapc #'delete-overlay (overlays-in (point-min) (point-max)))
      (gptel-mode -1)
      (gptel-mode 1)
      (should (llm-switch-mcp-chat-test-overlays 'after-string))
      (delete-directory llm-switch-cache-directory t)
      (llm-switch-mcp-content-refresh)
      (should-not (llm-switch-mcp-chat-test-overlays 'after-string)))
    (llm-switch-mcp-content-refresh)
    (should-not (llm-switch-mcp-chat-test-overlays 'after-string))))

(ert-deftest llm-switch-mcp-chat/what-stands-for-a-content-opens-it ()
  (llm-switch-mcp-chat-test "sim/inspect" #'text-mode
    (llm-switch-mcp-chat-test-result (llm-switch-mcp-test-text "it" "media" :real t))
    (llm-switch-mcp-content-refresh)
    (let ((marked (llm-switch-mcp-chat-test-overlays 'llm-switch-mcp-content-action))
          (chat (current-buffer)))
      (should (equal (mapcar (lambda (it) (buffer-substring-no-properties
                                           (1+ (overlay-start it)) (+ 6 (overlay-start it))))
                             marked)
                     '("image" "audio" "resou")))
      (goto-char (overlay-start (nth 0 marked)))
      (switch-to-buffer chat)
      (let ((opened nil))
        (cl-letf (((symbol-function 'llm-switch-mcp-content--open-outside)
                   (lambda (file) (setq opened file))))
          (call-interactively (key-binding (kbd "RET")))
          (should (string-suffix-p ".png" opened))))
      (switch-to-buffer chat)
      (goto-char (overlay-start (nth 2 marked)))
      (llm-switch-mcp-content-follow)
      (llm-switch-test-wait (get-buffer "*it:note://1*"))
      (should (string-match-p "This is note://1"
                              (with-current-buffer "*it:note://1*" (buffer-string))))
      (kill-buffer "*it:note://1*")
      (delete-directory llm-switch-cache-directory t)
      (with-current-buffer chat
        (goto-char (overlay-start (nth 0 marked)))
        (should-error (llm-switch-mcp-content-follow) :type 'user-error)))))

(provide 'llm-switch-mcp-chat-test)
;;; llm-switch-mcp-chat-test.el ends here
