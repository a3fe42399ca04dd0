;;; llm-switch-contract-rewrite-test.el --- Rewriting, and where gptel's menu sends  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)
(require 'gptel-rewrite)
(require 'gptel-transient)

(defvar gptel--system-message)

(defmacro llm-switch-contract-rewrite-with (deployment &rest body)
  "Run BODY after DEPLOYMENT has rewritten a region, whose overlay is `ov'."
  (declare (indent 1) (debug t))
  `(llm-switch-contract-with
     (let ((gptel-model (llm-switch-gptel-model ,deployment))
           (transient-mark-mode t)
           (gptel--rewrite-overlays nil))
       (save-window-excursion
         (with-temp-buffer
           (insert "kept before\nsome old text\nkept after\n")
           (goto-char (point-min))
           (forward-line)
           (push-mark (point) t t)
           (end-of-line)
           (gptel--suffix-rewrite "Rewrite it.")
           (llm-switch-test-wait (null gptel--request-alist))
           (let ((ov (car gptel--rewrite-overlays))) ,@body))))))

(ert-deftest llm-switch-contract-rewrite/the-diff-shows-both ()
  (llm-switch-contract-rewrite-with "sim/hello"
    (should (equal (overlay-get ov 'gptel-rewrite) "Hello from the simulator."))
    (let ((buffer (window-buffer (gptel--rewrite-diff ov))))
      (with-current-buffer buffer
        (llm-switch-test-wait (string-search "Diff finished" (buffer-string)))
        (should (string-match-p "^-some old text" (buffer-string)))
        (should (string-match-p "^\\+Hello from the simulator\\." (buffer-string)))
        (should (string-match-p "^ kept after" (buffer-string)))
        (kill-buffer)))
    (should (string-search "some old text" (buffer-string)))))

(ert-deftest llm-switch-contract-rewrite/the-merge-leaves-a-conflict-to-resolve ()
  (llm-switch-contract-rewrite-with "sim/hello"
    (gptel--rewrite-merge ov)
    (should (equal (buffer-string)
                   (concat "kept before\n<<<<<<< original\nsome old text\n=======\n"
                           "Hello from the simulator.\n>>>>>>> llm-switch\n\nkept after\n")))
    (should smerge-mode)
    (should-not gptel--rewrite-overlays)))

(ert-deftest llm-switch-contract-rewrite/rejected-or-failed-it-leaves-the-text ()
  (dolist (deployment '("sim/hello" "sim/status:500" "sim/midstream:openai"))
    (llm-switch-contract-rewrite-with deployment
      (when ov (gptel--rewrite-reject ov))
      (should (equal (buffer-string) "kept before\nsome old text\nkept after\n"))
      (should-not gptel--rewrite-overlays))))

(ert-deftest llm-switch-contract-rewrite/it-can-be-rewritten-once-more ()
  (llm-switch-contract-rewrite-with "sim/hello"
    (goto-char (overlay-start ov))
    (setq gptel-model (llm-switch-gptel-model "sim/words:3"))
    (gptel--suffix-rewrite "Shorter.")
    (llm-switch-test-wait (null gptel--request-alist))
    (gptel--rewrite-accept (car gptel--rewrite-overlays))
    (should (equal (buffer-string) "kept before\nw1 w2 w3 \nkept after\n"))))

;;; The menu

(defmacro llm-switch-contract-rewrite-menu (arguments &rest body)
  "Run BODY in a buffer from which gptel's menu has sent with ARGUMENTS."
  (declare (indent 1) (debug t))
  `(llm-switch-contract-with
     (save-window-excursion
       (with-temp-buffer
         (text-mode)
         (insert "The question")
         (llm-switch-contract-use "sim/hello")
         (gptel--suffix-send ,arguments)
         (llm-switch-test-wait (null gptel--request-alist))
         ,@body))))

(ert-deftest llm-switch-contract-menu/an-answer-goes-to-the-kill-ring ()
  (let ((kill-ring nil))
    (llm-switch-contract-rewrite-menu '("k")
      (should (equal (current-kill 0) "Hello from the simulator."))
      (should (equal (buffer-string) "The question")))))

(ert-deftest llm-switch-contract-menu/an-answer-takes-the-place-of-the-question ()
  (llm-switch-contract-rewrite-menu '("i")
    (should (equal (string-trim (buffer-string)) "Hello from the simulator."))))

(ert-deftest llm-switch-contract-menu/an-answer-goes-to-another-buffer ()
  (llm-switch-contract-rewrite-menu '("b*another*")
    (should (equal (buffer-string) "The question"))
    (with-current-buffer "*another*"
      (should (string-search "Hello from the simulator." (buffer-string)))
      (kill-buffer))))

(ert-deftest llm-switch-contract-menu/an-answer-goes-to-a-new-chat ()
  (let ((gptel-default-mode #'text-mode))
    (llm-switch-contract-rewrite-menu '("g*a new chat*")
      (should (equal (buffer-string) "The question"))
      (with-current-buffer "*a new chat*"
        (should gptel-mode)
        (should (eq gptel-model 'sw/sim/hello))
        (should (string-match-p "The question[^\0]*Hello from the simulator\\." (buffer-string)))
        (set-buffer-modified-p nil)
        (kill-buffer)))))

(ert-deftest llm-switch-contract-menu/an-answer-goes-to-the-echo-area ()
  (llm-switch-contract-rewrite-menu '("e")
    (should (equal (buffer-string) "The question"))
    (with-current-buffer (messages-buffer)
      (should (string-search "llm-switch response: Hello from the simulator." (buffer-string))))))

(ert-deftest llm-switch-contract-menu/a-directive-of-once-goes-along ()
  (llm-switch-contract-with
    (with-temp-buffer
      (text-mode)
      (insert "The question")
      (llm-switch-contract-use "sim/inspect")
      ;; Its name before 0.9.9.5, and now.
      (let* ((gptel--system-message "Be brief.") (gptel-system-prompt "Be brief."))
        (gptel--suffix-send '(":And kind.")))
      (llm-switch-test-wait (null gptel--request-alist))
      (should (string-search "Be brief.\\n\\nAnd kind." (buffer-string))))))

(provide 'llm-switch-contract-rewrite-test)
;;; llm-switch-contract-rewrite-test.el ends here
