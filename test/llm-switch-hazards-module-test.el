;;; llm-switch-hazards-module-test.el --- Loading, matching and replacing the module  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; There is one module in an Emacs, of the right version, whatever happens to
;; its file.

;;; Code:

(require 'llm-switch-hazards-helper)

(ert-deftest llm-switch-hazards/loading-twice-does-nothing ()
  (should (equal (llm-switch-hazards-value
                   (let ((running (llm-switch-hazards-submit "words:50@100"))
                         (llm-switch-cache-directory "/nowhere/"))
                     (llm-switch-module-load)
                     (llm-switch-module-load)
                     (llm-switch-hazards-end running)))
                 'done)))

(ert-deftest llm-switch-hazards/a-second-copy-is-never-loaded ()
  (should-not (llm-switch-hazards-value
                (let ((loaded nil))
                  (advice-add 'module-load :before (lambda (file) (push file loaded)))
                  (llm-switch-channel-start)
                  (llm-switch-channel-stop)
                  (llm-switch-channel-start)
                  loaded))))

(ert-deftest llm-switch-hazards/a-second-copy-loaded-by-hand-says-what-to-do ()
  (should (string-match-p
           "not running.*Restart Emacs"
           (llm-switch-hazards-value
             (let ((copy (expand-file-name "copy.so" llm-switch-hazards-folder)))
               (llm-switch-call "fault.lock")
               (copy-file (getenv "LLM_SWITCH_TEST_MODULE") copy)
               (module-load copy)
               (condition-case problem (llm-switch-call "fault.lock")
                 (llm-switch-module (error-message-string problem))))))))

(ert-deftest llm-switch-hazards/a-module-of-another-version-is-refused-at-load ()
  (should (string-match-p
           "boundary 1.*want boundary 2.*Restart Emacs"
           (llm-switch-hazards-value
             (let ((llm-switch-module-boundary 2))
               (condition-case problem (llm-switch-channel-start)
                 (llm-switch-module (error-message-string problem))))))))

(ert-deftest llm-switch-hazards/lisp-of-another-version-is-refused-in-every-call ()
  (let ((said (llm-switch-hazards-value
                (llm-switch-channel-start)
                (let* ((llm-switch-module-boundary 2)
                       (ids (list (llm-switch-hazards-fault "lock")
                                  (llm-switch-hazards-submit "hello"))))
                  (mapc #'llm-switch-hazards-end ids)
                  (mapcar (lambda (id)
                            (plist-get (cdar (llm-switch-hazards-events id)) :message))
                          ids)))))
    (should (= 2 (length said)))
    (dolist (message said)
      (should (string-match-p "different versions.*Restart Emacs" message)))))

(defconst llm-switch-hazards-module-outlives
  '(let ((running (llm-switch-hazards-submit "words:300@100"))
         (replaced (expand-file-name "replaced" llm-switch-hazards-folder)))
     (llm-switch-hazards-wait (not (equal "" (llm-switch-hazards-text running))))
     (llm-switch-hazards-tell 'streams)
     (llm-switch-hazards-wait (file-exists-p replaced))
     (llm-switch-hazards-tell
      (list (llm-switch-hazards-end running)
            (condition-case nil (llm-switch--mod-fault-panic) (rust-panic 'signalled))
            (llm-switch-hazards-end (llm-switch-hazards-submit "hello")))))
  "Streams while its module's file is replaced, and does what it can after that.")

(ert-deftest llm-switch-hazards/a-file-replaced-while-loaded-harms-nobody ()
  (llm-switch-test-with (llm-switch-test-config)
    (let* ((built (llm-switch-hazards-module))
           (file (expand-file-name "cache/module.so" llm-switch-test-folder))
           (install (lambda ()
                      (llm-switch-module--install "" file)
                      (file-attribute-inode-number (file-attributes file)))))
      (cl-letf (((symbol-function 'llm-switch-module--built-file) (lambda (_) built))
                ((symbol-function 'llm-switch-hazards-module) (lambda () file)))
        (let ((loaded (funcall install)))
          (llm-switch-hazards-with-emacs (emacs llm-switch-hazards-module-outlives)
            (llm-switch-hazards-told)
            (should-not (= loaded (funcall install)))
            (write-region "" nil (expand-file-name "replaced" llm-switch-test-folder))
            (should (equal (llm-switch-hazards-told) '(done signalled done)))
            (should (equal (llm-switch-hazards-status emacs) 0)))))
      (should (equal (directory-files (file-name-directory file) nil "^[^.]") '("module.so"))))))

(ert-deftest llm-switch-hazards/arguments-that-are-no-text-are-signals ()
  (should (equal (llm-switch-hazards-value
                   (llm-switch-channel-start)
                   (append
                    (cl-loop for (function . arguments) in
                             `((llm-switch--mod-submit "\377\376")
                               (llm-switch--mod-submit ,(string #x3fffff))
                               (llm-switch--mod-submit ,(string #xd800))
                               (llm-switch--mod-submit nil)
                               (llm-switch--mod-call "a" ,(string ?a #x3fffff))
                               (llm-switch--mod-call "a")
                               (llm-switch--mod-start [])
                               (llm-switch--mod-cancel "1")
                               (llm-switch--mod-open-channel nil))
                             collect (condition-case nil (apply function arguments)
                                       (error 'signalled)))
                    (list (llm-switch--mod-cancel 1000000) (llm-switch-call "fault.lock"))))
                 '(signalled signalled signalled signalled signalled signalled signalled signalled
                   signalled nil 0))))

(provide 'llm-switch-hazards-module-test)
;;; llm-switch-hazards-module-test.el ends here
