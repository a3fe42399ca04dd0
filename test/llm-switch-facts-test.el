;;; llm-switch-facts-test.el --- What Emacs knows beside a request  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'compile)
(require 'grep)
(require 'org)

(defmacro llm-switch-facts-test-in (&rest body)
  "Run BODY in a buffer in a new project, while failures are counted."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with (concat (llm-switch-test-config) "[route.coding-cheap]\n\
use = ['sim/words:1']\n[route.coding-best]\nuse = ['sim/words:2']\n")
     (make-directory (expand-file-name ".git" llm-switch-test-folder))
     (let ((compilation-always-kill t))
       (with-temp-buffer
         (setq default-directory llm-switch-test-folder)
         (llm-switch-facts-end)
         (llm-switch-facts-begin)
         (unwind-protect (progn ,@body)
           (llm-switch-facts-end)
           (llm-switch-facts-begin))))))

(defun llm-switch-facts-test-run (command &optional mode)
  "Compile with COMMAND, in MODE, and wait for the end."
  (let* ((inhibit-message t)
         (ended nil)
         (compilation-finish-functions (append compilation-finish-functions
                                               (list (lambda (&rest _) (setq ended t))))))
    (save-window-excursion
      (compilation-start command mode (lambda (&rest _) "*facts*"))
      (llm-switch-test-wait ended)
      (kill-buffer "*facts*"))))

(ert-deftest llm-switch-facts/compilations-that-fail-in-a-row-are-counted-per-project ()
  (llm-switch-facts-test-in
    (llm-switch-facts-test-run "exit 2")
    (llm-switch-facts-test-run "exit 1")
    (should (= (llm-switch-facts-failures) 2))
    (should (= (let ((default-directory temporary-file-directory)) (llm-switch-facts-failures)) 0))
    (llm-switch-facts-test-run "exit 1" #'grep-mode)
    (should (= (llm-switch-facts-failures) 2))
    (llm-switch-facts-test-run "true")
    (should (= (llm-switch-facts-failures) 0))))

(ert-deftest llm-switch-facts/runs-of-ert-are-counted ()
  (llm-switch-facts-test-in
    (let ((run (lambda (body)
                 (let ((ert--current-run-stats nil))
                   (ert-run-tests (make-ert-test :name 'llm-switch-facts-test-inner :body body)
                                  #'ignore)))))
      (funcall run (lambda () (ert-fail "no")))
      (funcall run (lambda () (ert-fail "no")))
      (should (= (llm-switch-facts-failures) 2))
      (funcall run #'ignore)
      (should (= (llm-switch-facts-failures) 0)))))

(ert-deftest llm-switch-facts/when-switched-off-nothing-is-left ()
  (llm-switch-facts-test-in
    (llm-switch-facts-note t)
    (llm-switch-facts-end)
    (should (= (llm-switch-facts-failures) 0))
    (should-not (memq #'llm-switch-facts--compiled compilation-finish-functions))
    (should-not (advice-member-p #'llm-switch-facts--tested 'ert-run-tests))))

(ert-deftest llm-switch-facts/the-language-is-that-of-the-code ()
  (dolist (case '((emacs-lisp-mode "" "emacs-lisp") (python-mode "" "python") (text-mode "" nil)
                  (org-mode "#+begin_src elisp\n(car)|\n#+end_src\n" "emacs-lisp")
                  (org-mode "#+begin_src rust\nfn a() {}|\n#+end_src\n" "rust")
                  (org-mode "Why?|" nil)))
    (pcase-let ((`(,mode ,text ,language) case))
      (with-temp-buffer
        (insert text)
        (funcall mode)
        (when (search-backward "|" nil t) (delete-char 1))
        (should (equal (llm-switch-facts-language) language))))))

(ert-deftest llm-switch-facts/failures-lead-the-automatic-choice-one-step-up ()
  (llm-switch-facts-test-in
    (let ((ask (lambda ()
                 (llm-switch-test-chat "mode" #'text-mode
                   (setq default-directory llm-switch-test-folder)
                   (setq-local llm-switch-mode-name "auto")
                   (llm-switch-test-ask "Rename x to y.")
                   (plist-get llm-switch-cost-last-here :chosen)))))
      (should (equal (plist-get (funcall ask) :tier) "quick"))
      (llm-switch-facts-test-run "echo secret; exit 1")
      (llm-switch-facts-test-run "echo secret; exit 1")
      (let* ((sent nil)
             (note (lambda (request &rest _) (setq sent request))))
        (advice-add 'llm-switch-channel-submit :before note)
        (unwind-protect
            (should (equal (plist-get (funcall ask) :tier) "best"))
          (advice-remove 'llm-switch-channel-submit note))
        (should (string-match-p "\"failures\":2" sent))
        (should-not (string-match-p "secret" sent)))
      (let ((llm-switch-facts nil))
        (should (equal (plist-get (funcall ask) :tier) "quick"))))))

(provide 'llm-switch-facts-test)
;;; llm-switch-facts-test.el ends here
