;;; llm-switch-org-helper.el --- What the tests of org blocks share  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'ob-llm-switch)

(defmacro llm-switch-org-test-in (config text &rest body)
  "Run BODY in an org buffer with TEXT and an engine of CONFIG, as if interactively.
Blocks are run without a question, and wait for nothing.  The buffer is bound to
`notes'; its folder is one of the test's."
  (declare (indent 2) (debug t))
  `(llm-switch-test-with ,config
     (let* ((org-confirm-babel-evaluate nil)
            (llm-switch-org-wait nil)
            (default-directory llm-switch-test-folder)
            (notes (generate-new-buffer "notes.org")))
       (unwind-protect
           (with-current-buffer notes
             (insert ,text)
             (org-mode)
             (goto-char (point-min))
             ,@body)
         (when (buffer-live-p notes) (kill-buffer notes))))))

(defun llm-switch-org-test-block (arguments &optional body)
  "Return a block with ARGUMENTS that asks BODY."
  (format "#+begin_src llm-switch %s\n%s\n#+end_src\n" arguments (or body "Hi")))

(defun llm-switch-org-test-finish ()
  "Wait until no answer is under way."
  (llm-switch-test-wait (null llm-switch-org-run--all)))

(defun llm-switch-org-test-run ()
  "Run the block at or behind point and wait for its result; return the buffer's text."
  (unless (llm-switch-org-block) (org-babel-next-src-block))
  (org-babel-execute-src-block)
  (llm-switch-org-test-finish)
  (buffer-string))

(defun llm-switch-org-test-all ()
  "Run all blocks of this buffer and wait for their results."
  (org-babel-execute-buffer)
  (llm-switch-org-test-finish))

(defun llm-switch-org-test-messages ()
  "Return how many messages each request had that the simulator got."
  (mapcar (lambda (request) (plist-get request :messages)) (llm-switch-test-received)))

(defun llm-switch-org-run-test-shown (text)
  "Wait until TEXT stands in this buffer."
  (llm-switch-test-wait (string-match-p text (buffer-string))))

(defconst llm-switch-org-run-test-result "#\\+RESULTS:\n:results:\nw1 w2 w3 .*\n\\(?:#\\+llm.*\n\\)+:end:\n"
  "What the result of a block looks like that says words.")

(provide 'llm-switch-org-helper)
;;; llm-switch-org-helper.el ends here
