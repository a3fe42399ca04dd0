;;; llm-switch-escalate-test.el --- Ask again, one step up  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-escalate)
(require 'llm-switch-escalations)
(require 'llm-switch-mode)
(require 'org)

(defconst llm-switch-escalate-test-config
  "[route.coding-cheap]\nuse = ['sim/words:3']\n[route.coding-best]\nuse = ['sim/inspect']\n"
  "The routes that the rules know: the better one says what it received.")

(defconst llm-switch-escalate-test-question
  "Write a function that adds two numbers and another that multiplies them."
  "A question for which the rules choose the cheap route.")

(defmacro llm-switch-escalate-test-in (mode &rest body)
  "Run BODY in a chat in MODE in the selected window, in a project, with keys.
The choice is automatic."
  (declare (indent 1) (debug t))
  `(llm-switch-test-with (concat (llm-switch-test-config) llm-switch-escalate-test-config)
     (make-directory (expand-file-name ".git" llm-switch-test-folder))
     (save-window-excursion
       (llm-switch-test-chat "mode" ,mode
         (switch-to-buffer (current-buffer))
         (setq default-directory llm-switch-test-folder)
         (setq-local llm-switch-mode-name "auto")
         (local-set-key (kbd "C-c l") llm-switch-command-map)
         ,@body))))

(defun llm-switch-escalate-test-type (keys)
  "Type KEYS, which ask for an answer, and wait for it."
  (execute-kbd-macro (kbd keys))
  (llm-switch-test-wait (null gptel--request-alist)))

(defun llm-switch-escalate-test-footers ()
  "Return what is shown and is no text, in this buffer, each line whole."
  (string-replace
   "\n   " " "
   (mapconcat (lambda (overlay) (or (overlay-get overlay 'after-string) ""))
              (seq-sort-by #'overlay-start #'< (overlays-in (point-min) (point-max))) "")))

(ert-deftest llm-switch-escalate/the-last-question-is-asked-again-one-step-up-in-any-kind-of-chat ()
  (dolist (mode (list #'text-mode #'org-mode (if (fboundp 'markdown-mode) 'markdown-mode 'text-mode)))
    (llm-switch-escalate-test-in mode
      (llm-switch-test-ask "An older question")
      (goto-char (point-max))
      (llm-switch-test-ask (concat "\n\n" llm-switch-escalate-test-question))
      (should (string-match-p "w1 w2 w3" (buffer-string)))
      (llm-switch-escalate-test-type "C-c l e")
      (goto-char (point-min))
      (search-forward llm-switch-escalate-test-question)
      (let ((after (buffer-substring-no-properties (point) (point-max))))
        (should (string-match-p "\"role\"" after))
        ;; What was asked again holds the older turn, and not the old answer.
        (should (= 1 (how-many "^w1 w2 w3" (point-min) (point-max))))
        (should (string-match-p (regexp-quote llm-switch-escalate-test-question) after)))
      (should (string-match-p "auto: coding-best, .*asked again one step up"
                              (llm-switch-escalate-test-footers)))
      (should (string-match-p "asked again after the answer of sim/words:3"
                              (llm-switch-escalate-test-footers))))))

(ert-deftest llm-switch-escalate/the-old-answer-comes-back-by-undo-and-is-a-variant ()
  (llm-switch-escalate-test-in #'text-mode
    (buffer-enable-undo)
    (llm-switch-test-ask llm-switch-escalate-test-question)
    (let ((before (buffer-string)))
      (undo-boundary)
      (llm-switch-escalate-test-type "C-c l e")
      (should-not (string-match-p "w1 w2 w3" (buffer-string)))
      (goto-char (point-min))
      (search-forward "\"role\"")
      (should (string-match-p "w1 w2 w3" (car (gptel--at-response-history-p))))
      (undo-boundary)
      (let ((last-command nil)) (undo))
      (should (equal (buffer-string) before)))))

(ert-deftest llm-switch-escalate/the-old-answer-stays-where-nobody-gives-another ()
  (llm-switch-test-with (concat (llm-switch-test-config)
                                "[route.coding-cheap]\nuse = ['sim/words:3']\n"
                                "[route.coding-best]\nuse = ['sim/status:400']\n")
    (llm-switch-test-chat "coding-cheap" #'text-mode
      (setq-local llm-switch-mode-name "auto")
      (llm-switch-test-ask llm-switch-escalate-test-question)
      (let ((before (buffer-string)))
        (llm-switch-escalate)
        (llm-switch-test-wait (null gptel--request-alist))
        (should (equal (buffer-string) before))))))

(ert-deftest llm-switch-escalate/a-press-counts-once-and-none-while-an-answer-comes ()
  (llm-switch-escalate-test-in #'text-mode
    (llm-switch-test-ask llm-switch-escalate-test-question)
    (execute-kbd-macro (kbd "C-c l e"))
    (should-error (llm-switch-escalate) :type 'user-error)
    (llm-switch-test-wait (null gptel--request-alist))
    (should (equal (mapcar (lambda (row) (plist-get row :times))
                           (llm-switch-call "auto.escalations"))
                   '(1)))))

(ert-deftest llm-switch-escalate/a-chat-with-a-named-deployment-is-led-one-step-up-too ()
  (llm-switch-escalate-test-in #'text-mode
    (kill-local-variable 'llm-switch-mode-name)
    (llm-switch-gptel-use (llm-switch-test-row "sim/words:3") 'buffer)
    (llm-switch-test-ask llm-switch-escalate-test-question)
    (llm-switch-escalate-test-type "C-c l e")
    (should (equal (plist-get llm-switch-cost-last-here :sent) "inspect"))
    (should (eq gptel-model 'sw/sim/words:3))))

(ert-deftest llm-switch-escalate/an-adopted-chat-is-led-one-step-up-too ()
  (llm-switch-escalate-test-in #'text-mode
    (let* ((gptel--known-backends nil)
           (host (replace-regexp-in-string "\\`http://\\|/v1\\'" "" (llm-switch-test-url)))
           (llm-switch-adopt--done nil))
      (kill-local-variable 'llm-switch-mode-name)
      (setq-local gptel-backend (gptel-make-openai "Mine" :host host :protocol "http"
                                  :endpoint "/v1/chat/completions"
                                  :stream t :models '(words:3))
                  gptel-model 'words:3)
      (unwind-protect
          (progn
            (llm-switch-mode 1)
            (llm-switch-test-ask llm-switch-escalate-test-question)
            (llm-switch-escalate-test-type "C-c l e")
            (should (equal (plist-get llm-switch-cost-last-here :sent) "inspect")))
        (llm-switch-mode -1)))))

(ert-deftest llm-switch-escalate/a-chat-out-of-a-file-is-asked-again-too ()
  (llm-switch-escalate-test-in #'text-mode
    (insert llm-switch-escalate-test-question "\n\n"
            (propertize "An answer of yesterday." 'gptel 'response) "\n\n")
    (llm-switch-escalate-test-type "C-c l e")
    (should-not (string-match-p "of yesterday" (buffer-string)))
    (should (string-match-p (concat "\\`" (regexp-quote llm-switch-escalate-test-question)
                                    "\n\n{")
                            (buffer-string)))))

(ert-deftest llm-switch-escalate/what-a-narrowed-buffer-hides-is-not-sent ()
  (llm-switch-escalate-test-in #'text-mode
    (insert "A secret.\n\n")
    (narrow-to-region (point) (point-max))
    (insert llm-switch-escalate-test-question "\n\n"
            (propertize "An answer of yesterday." 'gptel 'response) "\n\n")
    (llm-switch-escalate-test-type "C-c l e")
    (should-not (string-match-p "secret" (buffer-string)))
    (should (string-match-p "{" (buffer-string)))
    (widen)
    (narrow-to-region (point-min) 3)
    (should-error (llm-switch-escalate) :type 'user-error)))

(ert-deftest llm-switch-escalate/foreign-backends-and-empty-chats-are-told-so ()
  (llm-switch-escalate-test-in #'text-mode
    (should-error (llm-switch-escalate) :type 'user-error)
    (setq-local gptel-backend (gptel-make-openai "other" :models '(m)))
    (insert (propertize "Answer" 'gptel 'response))
    (let ((problem (should-error (llm-switch-escalate) :type 'user-error)))
      (should (string-match-p "gptel backend is other" (cadr problem))))))

(ert-deftest llm-switch-escalate/what-was-learnt-is-seen-and-cleared-by-keys ()
  (llm-switch-escalate-test-in #'text-mode
    (llm-switch-test-ask llm-switch-escalate-test-question)
    (llm-switch-escalate-test-type "C-c l e")
    (llm-switch-escalate-test-type "C-c l e")
    (execute-kbd-macro (kbd "C-c l E"))
    (with-current-buffer "*llm-switch escalations*"
      (should (string-match-p "make +2 one step up by itself" (buffer-string)))
      (goto-char (point-min))
      (execute-kbd-macro "d")
      (should (string-empty-p (buffer-string)))
      (kill-buffer))
    (should-not (llm-switch-call "auto.escalations"))
    ;; The rule holds again as it is written.
    (goto-char (point-max))
    (llm-switch-test-ask (concat "\n\n" llm-switch-escalate-test-question))
    (should (equal (plist-get llm-switch-cost-last-here :sent) "words:3"))))

(provide 'llm-switch-escalate-test)
;;; llm-switch-escalate-test.el ends here
