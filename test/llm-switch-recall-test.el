;;; llm-switch-recall-test.el --- Thoughts come back at the next question  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Chats with a model that tells with how many of its earlier turns its thoughts
;; came back, in each dialect whose services want them.

;;; Code:

(require 'llm-switch-chat-script)
(require 'llm-switch-test-helper)

(defconst llm-switch-recall-test-models
  '(("openai-chat" . "recall:details") ("openai-responses" . "recall") ("anthropic" . "recall")
    ("gemini" . "recall"))
  "The dialects whose services want thoughts back, and the model that tells.")

(defmacro llm-switch-recall-test-each (calls &rest body)
  "Run BODY in a chat of each dialect and kind, streamed and not.
The model calls CALLS tools, none if that is nil.  DIALECT and MODE are bound."
  (declare (indent 1) (debug t))
  `(llm-switch-test-with (llm-switch-chat-script-config)
     (pcase-dolist (`(,dialect . ,model) llm-switch-recall-test-models)
       (dolist (mode '(text-mode org-mode))
         (dolist (gptel-stream '(t nil))
           (ert-info ((format "%s %s %s" dialect mode gptel-stream))
             (llm-switch-test-chat (format "sim-%s/%s%s" dialect model (if ,calls (format ":%d" ,calls) ""))
                 mode
               (setq-local gptel-tools (and ,calls (llm-switch-chat-script-tools)))
               ,@body)))))))

(defun llm-switch-recall-test-counts (question)
  "Ask QUESTION here; return with how many of how many turns thoughts came back."
  (let ((from (point-max)))
    (should-not (plist-get (llm-switch-test-ask question) :error))
    (llm-switch-test-wait (hash-table-empty-p llm-switch-channel--handlers))
    (goto-char (point-max))
    (re-search-backward "\\([0-9]+\\) of \\([0-9]+\\)\\*+ turns" from)
    (prog1 (list (string-to-number (match-string 1)) (string-to-number (match-string 2)))
      (goto-char (point-max)))))

(ert-deftest llm-switch-recall/an-answer-goes-back-with-its-thoughts ()
  (llm-switch-recall-test-each nil
    (dotimes (asked 3)
      (should (equal (llm-switch-recall-test-counts "Is it?") (list asked asked))))))

(ert-deftest llm-switch-recall/so-do-turns-that-called-tools ()
  (let ((gptel-include-tool-results t) (gptel-use-tools t) (gptel-confirm-tool-calls nil))
    (llm-switch-recall-test-each 2
      (llm-switch-recall-test-counts "Look!")
      (pcase-let ((`(,with ,all) (llm-switch-recall-test-counts "Look again!")))
        ;; Two turns of the first question, and the calls of this one.
        (should (>= with 3))
        (should (= with all))))))

(defun llm-switch-recall-test-told (function)
  "Call FUNCTION; return the texts that the module is told meanwhile."
  (let* ((told nil)
         (note (lambda (method params &rest _)
                 (when (equal method "answer.stands")
                   (setq told (append (plist-get params :turns) nil))))))
    (unwind-protect
        (progn (advice-add 'llm-switch-channel-call :before note)
               (funcall function))
      (advice-remove 'llm-switch-channel-call note))
    (mapcan (lambda (turn) (append (plist-get turn :texts) nil)) told)))

(defun llm-switch-recall-test-sent ()
  "Return the texts of the model that gptel sends with the next question here."
  (goto-char (point-max))
  (delq nil (mapcar (lambda (message)
                      (and (equal (plist-get message :role) "assistant")
                           (plist-get message :content)))
                    (gptel--parse-buffer gptel-backend))))

(ert-deftest llm-switch-recall/the-module-is-told-what-gptel-sends ()
  (let ((gptel-use-tools t) (gptel-confirm-tool-calls nil))
    (dolist (gptel-include-tool-results '(t nil))
      (llm-switch-recall-test-each 2
        (let ((told (llm-switch-recall-test-told
                     (lambda () (llm-switch-recall-test-counts "Look!"))))
              (sent (llm-switch-recall-test-sent)))
          (if gptel-include-tool-results
              (should (equal told sent))
            ;; What was said before the calls may be one text with the answer, and is not told then.
            (should (cl-subsetp told sent :test #'equal))
            (should (= (length sent) (if told 2 1)))))))))

(ert-deftest llm-switch-recall/what-the-user-edits-goes-without ()
  (llm-switch-recall-test-each nil
    (llm-switch-recall-test-counts "Is it?")
    (re-search-backward "thoughts")
    (replace-match "ideas")
    (should (equal (llm-switch-recall-test-counts "Was it?") '(0 1)))))

(ert-deftest llm-switch-recall/a-module-that-was-started-again-knows-nothing-and-nothing-fails ()
  (let ((gptel-include-tool-results t) (gptel-use-tools t) (gptel-confirm-tool-calls nil))
    (llm-switch-recall-test-each 2
      ;; To start it takes a moment, and the kind of chat makes no difference.
      (when (and gptel-stream (eq mode 'text-mode))
        (llm-switch-recall-test-counts "Look!")
        (llm-switch-channel-stop)
        (pcase-let ((`(,with ,all) (llm-switch-recall-test-counts "Look again!")))
          (should (< with all)))))))

(provide 'llm-switch-recall-test)
;;; llm-switch-recall-test.el ends here
