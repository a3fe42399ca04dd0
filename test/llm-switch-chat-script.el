;;; llm-switch-chat-script.el --- One chat in five dialects  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A chat with everything in it, against the simulator in each dialect: the
;; buffer must be what test/fixtures/chat/script-MODE.eld says, byte for byte
;; and with gptel's text properties, whoever answered.  `make chat-script'
;; prints the table; test/llm-switch-chat-script-test.el keeps it true.

;; The fixtures were looked at.  To write them anew after a change that is
;; meant, evaluate (llm-switch-chat-script-write), and look again.

;;; Code:

(require 'gptel-context)
(require 'llm-switch-continue)
(require 'llm-switch-test-helper)

;;; Configuration

(defconst llm-switch-chat-script-dialects
  '(("openai-chat" . "/v1") ("openai-responses" . "/v1") ("anthropic" . "") ("gemini" . "/v1beta")
    ("ollama" . ""))
  "The dialects, and where the simulator speaks each.")

(defconst llm-switch-chat-script-modes '(text-mode org-mode)
  "The kinds of chat.")

(defconst llm-switch-chat-script--folder
  (expand-file-name "test/fixtures/chat/" llm-switch-test-root)
  "Where the picture is, and the buffers as they should be.")

(defun llm-switch-chat-script-config ()
  "Return a configuration with an account sim-DIALECT for each dialect."
  (let ((url (string-remove-suffix "/v1" (llm-switch-test-url))))
    (mapconcat (lambda (dialect)
                 (format "[provider.sim-%s]\nbase-url = %S\ndialect = %S\nauth = 'none'\n"
                         (car dialect) (concat url (cdr dialect)) (car dialect)))
               llm-switch-chat-script-dialects "")))

(defun llm-switch-chat-script-tools ()
  "Return two tools, one of which answers later."
  (let ((gptel--known-tools nil)
        (args '((:name "thing" :type string :description "What"))))
    (list (gptel-make-tool :name "look" :description "Look at a thing" :args args
                           :function (lambda (thing) (format "%s is *there*" thing)))
          (gptel-make-tool :name "read" :description "Read about a thing" :args args :async t
                           :function (lambda (done thing)
                                       (run-at-time 0.01 nil done (concat thing "\nis old")))))))

;;; Steps

(defconst llm-switch-chat-script-steps
  '((text "echo" llm-switch-chat-script--text)
    (reasoning "reasoning" llm-switch-chat-script--reasoning)
    (tools "tools:2" llm-switch-chat-script--tools)
    (image "sees" llm-switch-chat-script--image)
    (abort "stall:3" llm-switch-chat-script--abort)
    (continue "words:11" llm-switch-chat-script--continue)
    (recite "recite" llm-switch-chat-script--recite))
  "The steps of the script: a name, the model that answers, and what is done.")

(defun llm-switch-chat-script--ask (question)
  "Ask QUESTION here and wait for the end, which must be a good one."
  (llm-switch-chat-script--well (llm-switch-test-ask question)))

(defun llm-switch-chat-script--well (info)
  "Signal the error of INFO, if it ended in one."
  (when-let* ((problem (plist-get info :error)))
    (error "%s" (or (plist-get problem :message) problem))))

(defun llm-switch-chat-script--text ()
  "A text, with the markup that Org chats change."
  (llm-switch-chat-script--ask "Say **this** and `that`, ünd 🦄."))

(defun llm-switch-chat-script--reasoning ()
  "An answer after reasoning."
  (llm-switch-chat-script--ask "What do you think?"))

(defun llm-switch-chat-script--tools ()
  "Two parallel calls, and the answer to what they gave."
  (setq-local gptel-tools (llm-switch-chat-script-tools))
  (llm-switch-chat-script--ask "Look and read.")
  (setq-local gptel-tools nil))

(defun llm-switch-chat-script--image ()
  "A picture: by a link in Org, else out of the context, for text has no links."
  (if (derived-mode-p 'org-mode)
      (llm-switch-chat-script--ask "What is this?\n\n[[file:moon.png]]\n")
    (unwind-protect
        (progn (gptel-context-add-file (expand-file-name "moon.png"))
               (llm-switch-chat-script--ask "What is this?"))
      (gptel-context-remove-all))))

(defun llm-switch-chat-script--abort ()
  "An answer that is aborted after three words."
  (let ((from (point-max))
        (fsm (llm-switch-test-send "Count!")))
    (llm-switch-test-wait
      (save-excursion (goto-char from) (search-forward "w3 " nil t)))
    (gptel-abort (current-buffer))
    (llm-switch-test-finish fsm)))

(defun llm-switch-chat-script--continue ()
  "The rest of it."
  (let* ((fsm nil)
         (note (lambda (result) (setq fsm result))))
    (unwind-protect
        (progn (advice-add 'gptel-request :filter-return note)
               (llm-switch-continue))
      (advice-remove 'gptel-request note))
    (llm-switch-chat-script--well (llm-switch-test-finish fsm))))

(defun llm-switch-chat-script--recite ()
  "A last question: what went along."
  (llm-switch-chat-script--ask "What was said?"))

;;; Run

(defun llm-switch-chat-script-run (dialect mode)
  "Run the script in a new chat in MODE with DIALECT.
Return an alist of the steps: each what stands in the buffer since its question
began, as `llm-switch-chat-script--runs' gives it, or (error . MESSAGE)."
  (let ((gptel-stream t) (gptel-use-tools t) (gptel-confirm-tool-calls nil)
        (gptel-include-tool-results t) (gptel-include-reasoning 'ignore) (gptel-use-context 'system)
        (gptel-track-media t))
    (llm-switch-test-chat (format "sim-%s/hello" dialect) mode
      (setq default-directory llm-switch-chat-script--folder)
      (llm-switch-chat-script--steps (concat "sim-" dialect)))))

(defun llm-switch-chat-script--steps (account)
  "Take all steps here with the models of ACCOUNT, until one fails."
  (let ((begun nil) (done nil) (failed nil))
    (pcase-dolist (`(,name ,model ,function) llm-switch-chat-script-steps)
      (unless failed
        (llm-switch-chat-script--use (concat account "/" model))
        ;; The rest of an answer stands where its begin does.
        (push (cons name (if (eq name 'continue) (cdar begun) (point-max))) begun)
        (condition-case problem (funcall function)
          (error (setq failed (list name (cons 'error (error-message-string problem))))))
        (when (eq name 'abort)
          (push (cons name (llm-switch-chat-script--runs (cdar begun) (point-max))) done))))
    (let ((all (llm-switch-chat-script--all (nreverse begun) done)))
      (if failed (append (assq-delete-all (car failed) all) (list failed)) all))))

(defun llm-switch-chat-script--use (deployment)
  "Let DEPLOYMENT answer here."
  (llm-switch-gptel-use (llm-switch-test-row deployment) 'buffer))

(defun llm-switch-chat-script--all (begun done)
  "Return what stands in the buffer of each step.
BEGUN is an alist of their beginnings; those in DONE were looked at before."
  (cl-loop for (step . rest) on begun
           collect (or (assq (car step) done)
                       (cons (car step)
                             (llm-switch-chat-script--runs (cdr step)
                                                           (if rest (cdar rest) (point-max)))))))

(defun llm-switch-chat-script--runs (begin end)
  "Return the text from BEGIN to END as a list of (PROPERTY . TEXT).
PROPERTY is gptel's, with ids of tools as numbers in their order."
  (let ((position begin) (ids nil) (runs nil))
    (while (< position end)
      (let ((next (next-single-property-change position 'gptel nil end))
            (property (get-text-property position 'gptel)))
        (when (eq (car-safe property) 'tool)
          (unless (member (cdr property) ids)
            (setq ids (append ids (list (cdr property)))))
          (setq property (cons 'tool (seq-position ids (cdr property)))))
        (push (cons property (buffer-substring-no-properties position next)) runs)
        (setq position next)))
    (nreverse runs)))

;;; Compare

(defun llm-switch-chat-script--file (mode)
  "Return the file that says what a chat in MODE should be."
  (expand-file-name (format "script-%s.eld" mode) llm-switch-chat-script--folder))

(defun llm-switch-chat-script-expected (mode)
  "Return what `llm-switch-chat-script-run' should give in MODE."
  (with-temp-buffer
    (insert-file-contents (llm-switch-chat-script--file mode))
    (read (current-buffer))))

(defun llm-switch-chat-script-difference (step expected got)
  "Return in words how STEP differs between EXPECTED and GOT, or nil."
  (let* ((expected (alist-get step expected))
         (got (alist-get step got '((nil . "(the step was not reached)"))))
         (at (cl-mismatch expected got :test #'equal)))
    (when at
      (format "part %d: expected %S\n%s got %S" at (nth at expected)
              (make-string 7 ?\s) (nth at got)))))

(defun llm-switch-chat-script-write ()
  "Write what the chats are with the first dialect as what they should be."
  (llm-switch-test-with (llm-switch-chat-script-config)
    (dolist (mode llm-switch-chat-script-modes)
      (with-temp-file (llm-switch-chat-script--file mode)
        (let ((print-escape-newlines nil))
          (insert ";; -*- mode: lisp-data; coding: utf-8 -*-\n(")
          (dolist (step (llm-switch-chat-script-run "openai-chat" mode))
            (when (eq (car-safe (cadr step)) 'error) (error "%S" step))
            (insert (format "(%s" (car step)))
            (dolist (run (cdr step)) (insert "\n " (prin1-to-string run)))
            (insert ")\n"))
          (insert ")\n"))))))

;;; Table

(defun llm-switch-chat-script ()
  "Print a table of the steps in each dialect and kind of chat, for `make chat-script'.
Exit with 1 if a buffer differs from what it should be."
  (let ((differences nil)
        (inhibit-message t))
    (llm-switch-test-with (llm-switch-chat-script-config)
      (princ (llm-switch-chat-script--line "" (mapcar #'car llm-switch-chat-script-steps)))
      (dolist (mode llm-switch-chat-script-modes)
        (pcase-dolist (`(,dialect . ,_) llm-switch-chat-script-dialects)
          (let ((row (llm-switch-chat-script--row dialect mode)))
            (princ (llm-switch-chat-script--line
                    (format "%s, %s" dialect mode)
                    (mapcar (lambda (it) (if (cdr it) "differs" "ok")) row)))
            (pcase-dolist (`(,step . ,difference) row)
              (when difference
                (push (format "%s, %s, %s: %s" dialect mode step difference) differences)))))))
    (princ (mapconcat (lambda (it) (concat "\n" it "\n")) (nreverse differences) ""))
    (kill-emacs (if differences 1 0))))

(defun llm-switch-chat-script--row (dialect mode)
  "Return an alist of the steps of a chat in MODE with DIALECT, and how each differs."
  (let ((expected (llm-switch-chat-script-expected mode))
        (got (llm-switch-chat-script-run dialect mode)))
    (mapcar (lambda (step)
              (cons (car step) (llm-switch-chat-script-difference (car step) expected got)))
            llm-switch-chat-script-steps)))

(defun llm-switch-chat-script--line (name cells)
  "Return a line of the table that begins with NAME and has CELLS."
  (concat (string-trim-right
           (concat (format "%-28s" name)
                   (mapconcat (lambda (cell) (format "%-10s" cell)) cells "")))
          "\n"))

(provide 'llm-switch-chat-script)
;;; llm-switch-chat-script.el ends here
