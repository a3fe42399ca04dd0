;;; llm-switch-scope-test.el --- Where a choice holds  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'gptel-rewrite)
(require 'llm-switch-mode)

(defmacro llm-switch-scope-test-in (files &rest body)
  "Run BODY in a buffer in a project with FILES, an alist of names and texts.
The engine has the simulator.  Choices for everywhere are undone."
  (declare (indent 1) (debug t))
  `(llm-switch-test-with (llm-switch-test-config)
     (let ((root (expand-file-name "project/" llm-switch-test-folder))
           (backend (default-value 'gptel-backend))
           (model (default-value 'gptel-model))
           (llm-switch-projects nil)
           (llm-switch-project--refused nil))
       (make-directory (expand-file-name ".git" root) t)
       (pcase-dolist (`(,name . ,text) ,files)
         (make-directory (file-name-directory (expand-file-name name root)) t)
         (with-temp-file (expand-file-name name root) (insert text)))
       (unwind-protect
           (with-temp-buffer
             (setq default-directory root)
             ,@body)
         (setq-default gptel-backend backend gptel-model model llm-switch-mode-name nil)))))

(defun llm-switch-scope-test-sent (function)
  "Call FUNCTION and return the `llm_switch' objects of what was submitted."
  (let* ((sent nil)
         (note (lambda (request &rest _)
                 (push (plist-get (json-parse-string request :object-type 'plist :array-type 'list)
                                  :llm_switch)
                       sent))))
    (advice-add 'llm-switch-channel-submit :before note)
    (unwind-protect (funcall function)
      (advice-remove 'llm-switch-channel-submit note))
    (nreverse sent)))

(defun llm-switch-scope-test-choose (mode scope)
  "Let MODE, a name, hold in SCOPE."
  (llm-switch-backend (seq-find (lambda (row) (equal (plist-get row :name) mode))
                                (llm-switch-choices))
                      scope))

(ert-deftest llm-switch-scope/the-nearest-mode-wins ()
  (llm-switch-scope-test-in nil
    (should (equal (llm-switch-modes-here) '(nil . global)))
    (llm-switch-scope-test-choose "cloud" 'global)
    (should (equal (llm-switch-modes-here) '("cloud" . global)))
    (llm-switch-scope-test-choose "free" 'project)
    (should (equal (llm-switch-modes-here) '("free" . project)))
    (llm-switch-scope-test-choose "auto" 'buffer)
    (should (equal (llm-switch-modes-here) '("auto" . buffer)))
    (llm-switch-scope-test-choose "local" 'once)
    (should (equal (llm-switch-modes-here) '("local" . once)))
    (with-temp-buffer
      (setq default-directory root)
      (should (equal (llm-switch-modes-here) '("free" . project))))
    (with-temp-buffer
      (setq default-directory "/")
      (should (equal (llm-switch-modes-here) '("cloud" . global))))
    (llm-switch-scope-end-once)
    (should (equal (llm-switch-modes-here) '("auto" . buffer)))))

(ert-deftest llm-switch-scope/a-projects-choice-reaches-its-buffers-and-no-own-choice ()
  (llm-switch-scope-test-in nil
    (let ((here (current-buffer))
          (row (llm-switch-test-row "sim/words:3")))
      (with-temp-buffer
        (setq default-directory root)
        (with-temp-buffer
          (setq default-directory root)
          (llm-switch-backend (llm-switch-test-row "sim/echo") 'buffer)
          (with-current-buffer here (llm-switch-backend row 'project))
          (should (eq gptel-model 'sw/sim/echo)))
        (should (eq gptel-model 'sw/sim/words:3)))
      ;; And those that come later.
      (with-temp-buffer
        (setq default-directory root)
        (org-mode)
        (gptel-mode 1)
        (should (eq gptel-model 'sw/sim/words:3))
        (should (eq (llm-switch-scope-of 'gptel-model) 'project))
        (set-buffer-modified-p nil))
      (with-temp-buffer
        (setq default-directory temporary-file-directory)
        (should-not (eq gptel-model 'sw/sim/words:3))))))

(ert-deftest llm-switch-scope/mode-and-pins-go-with-chats-rewrites-and-tool-turns ()
  (llm-switch-scope-test-in '((".dir-locals.el" . "((nil . ((llm-switch-pins . (\"local\")))))"))
    (let ((told (lambda (sent) (mapcar (lambda (it) (list (plist-get it :purpose)
                                                          (plist-get it :mode)
                                                          (plist-get it :pins)))
                                       sent))))
      (llm-switch-test-chat "sim/tools" #'text-mode
        (setq default-directory root)
        (setq-local llm-switch-mode-name "auto"
                    gptel-use-tools t
                    gptel-tools (list (gptel-make-tool :name "add" :description "Adds."
                                                       :function (lambda (&rest _) "3")
                                                       :args '((:name "a" :type number)
                                                               (:name "b" :type number)))))
        (should (equal '(("chat" "auto" ("local")) ("tool-turn" "auto" ("local")))
                       (funcall told (llm-switch-scope-test-sent
                                      (lambda () (llm-switch-test-ask "Add"))))))
        (should (member '("rewrite" "auto" ("local"))
                        (funcall told
                                 (llm-switch-scope-test-sent
                                  (lambda ()
                                    (llm-switch-test-finish
                                     (gptel-request "Hi" :callback #'gptel--rewrite-callback
                                       :context (list (make-overlay 1 1)))))))))))))

(ert-deftest llm-switch-scope/pins-of-all-folders-above-hold ()
  (llm-switch-scope-test-in
      '((".dir-locals.el" . "((nil . ((llm-switch-pins . \"local\"))))")
        ("deep/.dir-locals.el" . "((nil . ((llm-switch-pins . (\"cloud\" \"free\")))))")
        ("deep/down/note" . "")
        ("other/.dir-locals.el" . "((\"in\" . ((nil . ((llm-switch-pins \"proxy\"))))))"))
    (should (equal (llm-switch-modes-pins) '("local")))
    (setq default-directory (expand-file-name "deep/down/" root))
    (should (equal (llm-switch-modes-pins) '("cloud" "free" "local")))
    (setq default-directory (expand-file-name "other/" root))
    (should (equal (llm-switch-modes-pins) '("local")))
    (setq default-directory (expand-file-name "other/in/" root))
    (should (equal (llm-switch-modes-pins) '("proxy" "local")))
    (let ((llm-switch-projects `((,root :pins ("free")))))
      (setq default-directory root)
      (should (equal (llm-switch-modes-pins) '("local" "free"))))
    (setq-local llm-switch-pins "auto")
    (should (equal (llm-switch-modes-pins) '("auto" "local")))))

(ert-deftest llm-switch-scope/a-file-that-may-hold-a-pin-and-cannot-be-read-stops-the-request ()
  (llm-switch-scope-test-in '((".dir-locals.el" . "((nil . ((llm-switch-pins . \"local\"))"))
    (should (string-match-p "may pin a mode" (cadr (should-error (llm-switch-modes-pins)
                                                                 :type 'user-error))))))

(ert-deftest llm-switch-scope/a-project-narrows-in-silence-and-widens-only-when-allowed ()
  (llm-switch-scope-test-in
      '((".dir-locals.el" . "((nil . ((llm-switch-mode-name . \"cloud\"))))"))
    (let ((noninteractive nil) (asked 0) (answer nil))
      (cl-letf (((symbol-function 'y-or-n-p) (lambda (_) (cl-incf asked) answer)))
        ;; Without a mode of the user's own, every mode narrows.
        (should (equal (llm-switch-modes-here) '("cloud" . project)))
        (setq-default llm-switch-mode-name "auto")
        (should (equal (llm-switch-modes-here) '("cloud" . project)))
        (should (= asked 0))
        (setq-default llm-switch-mode-name "local")
        (should (equal (llm-switch-modes-here) '("local" . global)))
        (should (equal (llm-switch-modes-here) '("local" . global)))
        (should (= asked 1))
        (setq llm-switch-project--refused nil answer t)
        (let ((llm-switch-project-quiet t))
          (should (equal (llm-switch-modes-here) '("local" . global))))
        (should (equal (llm-switch-modes-here) '("cloud" . project)))
        (should (equal (llm-switch-modes-here) '("cloud" . project)))
        (should (= asked 2))
        ;; Another content is another file.
        (with-temp-file (expand-file-name ".dir-locals.el" root)
          (insert "((nil . ((llm-switch-mode-name . \"free\"))))"))
        (setq answer nil)
        (clrhash llm-switch-project--read)
        (should (equal (llm-switch-modes-here) '("local" . global)))
        (should (= asked 3))))))

(ert-deftest llm-switch-scope/what-emacs-takes-from-the-file-is-not-the-buffers-own ()
  (llm-switch-scope-test-in
      '((".dir-locals.el" . "((nil . ((llm-switch-mode-name . \"cloud\"))))") ("note" . ""))
    (setq-default llm-switch-mode-name "local")
    (let* ((enable-local-variables t)
           (buffer (find-file-noselect (expand-file-name "note" root))))
      (unwind-protect
          (with-current-buffer buffer
            (should (equal llm-switch-mode-name "cloud"))
            ;; In batch nobody allows it.
            (should (equal (llm-switch-modes-here) '("local" . global))))
        (kill-buffer buffer)))))

(ert-deftest llm-switch-scope/the-lighter-tells-mode-scope-pins-and-who-answers ()
  (llm-switch-scope-test-in '((".dir-locals.el" . "((nil . ((llm-switch-pins . \"local\"))))"))
    (llm-switch-test-chat "sim/hello" #'text-mode
      (setq default-directory root)
      (setq-local llm-switch-mode-name "free")
      (should (equal (llm-switch-mode-lighter) " sw:free(buffer)!local→sim/hello"))
      (gptel-mode -1)
      (setq llm-switch-mode--lighter nil)
      (should (equal (llm-switch-mode-lighter) " sw:free(buffer)!local")))
    (with-temp-buffer
      (setq default-directory "/")
      (should (equal (llm-switch-mode-lighter) " sw")))))

(provide 'llm-switch-scope-test)
;;; llm-switch-scope-test.el ends here
