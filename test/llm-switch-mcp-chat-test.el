;;; llm-switch-mcp-chat-test.el --- Contents, resources and prompts in chats  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Chats of gptel with the server of the tests and the simulator, which tells
;; what it got.

;;; Code:

(require 'llm-switch-mcp-chat-helper)
(require 'markdown-mode nil t)
(require 'org)

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
