;;; llm-switch-mcp-confirm-test.el --- Calls that gptel has confirmed  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Calls are shown in a chat as gptel shows them; what is granted is what was shown.

;;; Code:

(require 'llm-switch-mcp-confirm)
(require 'llm-switch-mcp-permission-helper)

;;; In the chat

(defun llm-switch-mcp-permission-test-pending (values)
  "Show a call of echo with VALUES in this buffer as gptel does, and go there.
Return a function that returns its result, or nil before it has one."
  (let* ((result nil)
         (tool (gptel-get-tool "mcp__box__echo")))
    (gptel--display-tool-calls (list (list tool values (lambda (it) (setq result it))))
                               (list :position (point-marker) :backend gptel-backend))
    (goto-char (point-min))
    (goto-char (next-single-char-property-change (point) 'gptel-tool))
    (unless (get-char-property (point) 'gptel-tool) (goto-char (point-min)))
    (lambda () result)))

(defmacro llm-switch-mcp-permission-test-chat (&rest body)
  "Run BODY in a chat that knows the tools of \"box\"."
  (declare (indent 0) (debug t))
  `(llm-switch-mcp-permission-test-with
     (let ((folder default-directory))
       (make-directory (expand-file-name ".git" folder))
       (unwind-protect
           (save-window-excursion
             (switch-to-buffer "*chat*")
             (setq default-directory folder)
             (setq-local gptel-backend (llm-switch-gptel-make-backend))
             (insert "question\n")
             (let ((known nil))
               (llm-switch-mcp-tools-refresh (lambda () (setq known t)))
               (llm-switch-test-wait known))
             ,@body)
         (setq gptel--known-tools nil
               llm-switch-mcp-call--waiting nil)
         (kill-buffer "*chat*")))))

(ert-deftest llm-switch-mcp-confirm/a-call-is-shown-whole-with-our-keys ()
  (llm-switch-mcp-permission-test-chat
    (llm-switch-mcp-permission-test-pending (list :text (make-string 400 ?x)))
    (should (string-search (make-string 400 ?x) (buffer-string)))
    (should (string-search "It only reads" (buffer-string)))
    (should (seq-some (lambda (it)
                        (string-search "Allow for session: C-c C-s, project: C-c C-p, always: C-c C-a, \
deny: C-c C-d"
                                       (or (overlay-get it 'before-string) "")))
                      (overlays-in (point-min) (point-max))))))

(ert-deftest llm-switch-mcp-confirm/keys-allow-for-longer-and-run-the-call ()
  (pcase-dolist (`(,keys ,scope)
                 '(("C-c C-s" "session") ("C-c C-p" "project") ("C-c C-a" "always")))
    (llm-switch-mcp-permission-test-chat
      (let ((given (llm-switch-mcp-permission-test-pending '(:text "hi"))))
        (execute-kbd-macro (kbd keys))
        (should (equal "hi" (llm-switch-test-wait (funcall given))))
        (should (equal (llm-switch-mcp-permission-test-rules)
                       (list (list "mcp__box__echo" "allow" scope))))
        (should-not (llm-switch-mcp-test-asked "mcp-permission"))
        (should (equal (buffer-string) "question\n"))
        (llm-switch-test-wait
          (equal "allow" (plist-get (llm-switch-mcp-tools-row "mcp__box__echo") :rule)))))))

(ert-deftest llm-switch-mcp-confirm/a-call-is-denied-with-a-reason ()
  (llm-switch-mcp-permission-test-chat
    (let ((given (llm-switch-mcp-permission-test-pending '(:text "hi"))))
      (execute-kbd-macro (kbd "C-c C-d n o w RET"))
      (should (equal (funcall given) "Error: mcp__box__echo was not called: the user does not \
allow it. They say: now"))
      (should (get-text-property 0 'llm-switch-failed (funcall given)))
      (should (equal (buffer-string) "question\n"))
      (should-error (llm-switch-mcp-confirm-session) :type 'user-error))))

;;; What is granted

(defun llm-switch-mcp-confirm-test-handle (&rest texts)
  "Have gptel ask about calls of echo with the arguments TEXTS, as models write them.
Return what it asks about: ((TOOL ARGS CALLBACK)...), in the order of TEXTS."
  (let* ((gptel-confirm-tool-calls t)
         (tool (gptel-get-tool "mcp__box__echo"))
         (calls (mapcar (lambda (text)
                          (list :id text :name "mcp__box__echo" :llm-switch-arguments text
                                :args (ignore-errors (gptel--json-read-string text))))
                        texts)))
    (gptel--handle-tool-use
     (gptel-make-fsm :info (list :buffer (current-buffer) :position (point-marker)
                                 :backend gptel-backend :tools (list tool) :tool-use calls
                                 :callback (lambda (pending info)
                                             (gptel--display-tool-calls (cdr pending) info)))))
    (goto-char (1- (point-max)))
    (reverse (get-char-property (point) 'gptel-tool))))

(defmacro llm-switch-mcp-confirm-test-sent (&rest body)
  "Return what BODY has sent: (GRANTED ARGUMENTS) of each call, in order."
  `(let ((sent nil))
     (cl-letf (((symbol-function 'llm-switch-mcp-place-call)
                (lambda (_method params &rest _)
                  (push (list (plist-get params :granted) (plist-get params :arguments)) sent)
                  1)))
       ,@body)
     (setq gptel--request-alist nil)
     (nreverse sent)))

(ert-deftest llm-switch-mcp-confirm/what-was-shown-is-what-is-sent ()
  (llm-switch-mcp-permission-test-chat
    (let* ((texts '("{\"text\":\"a\",\"also\":\"/home\"}" "{\"text\":\"a\",\"also\":\"/etc\"}" "" "{}"))
           (pending (apply #'llm-switch-mcp-confirm-test-handle texts)))
      (dolist (part '("\"also\": \"/home\"" "\"also\": \"/etc\""))
        (should (string-search part (buffer-string))))
      (should (equal (llm-switch-mcp-confirm-test-sent
                      (gptel--accept-tool-calls (list (nth 1 pending) (nth 0 pending)
                                                      (nth 2 pending) (nth 3 pending))))
                     (mapcar (lambda (at) (list t (nth at texts))) '(1 0 2 3))))
      (should-not llm-switch-mcp-call--waiting))))

(ert-deftest llm-switch-mcp-confirm/a-schema-without-properties-hides-nothing ()
  (llm-switch-mcp-permission-test-chat
    (let* ((row `(:parameters "{\"type\":\"object\"}"
                  ,@(llm-switch-mcp-tools-row "mcp__box__echo")))
           (tool (llm-switch-mcp-tools--make row)))
      (should-not (gptel-tool-args tool))
      (let ((pending (llm-switch-mcp-confirm-test-handle "{\"all\":true}")))
        (should (string-search "\"all\": true" (buffer-string)))
        (should (equal (llm-switch-mcp-confirm-test-sent (gptel--accept-tool-calls pending))
                       '((t "{\"all\":true}"))))))))

(ert-deftest llm-switch-mcp-confirm/what-was-edited-or-never-shown-is-not-granted ()
  (llm-switch-mcp-permission-test-chat
    (let ((pending (llm-switch-mcp-confirm-test-handle "{\"text\":\"a\",\"also\":1}")))
      ;; As gptel's buffer for edits does it.
      (setf (nth 1 (car pending)) '(:text "a" :also 2))
      (should (equal (llm-switch-mcp-confirm-test-sent (gptel--accept-tool-calls pending))
                     '((:json-false "{\"text\":\"a\",\"also\":2}")))))
    (let ((pending nil))
      (cl-letf (((symbol-function 'gptel--display-tool-calls)
                 (lambda (calls _info) (setq pending calls))))
        (llm-switch-mcp-confirm-test-handle "{\"text\":\"a\",\"also\":1}"))
      (should (equal (llm-switch-mcp-confirm-test-sent (gptel--accept-tool-calls pending))
                     '((:json-false "{\"text\":\"a\",\"also\":1}")))))))

(provide 'llm-switch-mcp-confirm-test)
;;; llm-switch-mcp-confirm-test.el ends here
