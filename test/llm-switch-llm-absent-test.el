;;; llm-switch-llm-absent-test.el --- Where the package llm is not  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What the provider does where `llm' is installed is tested with a checkout of
;; it: see the folder checkouts.

;;; Code:

(require 'llm-switch-test-helper)

(ert-deftest llm-switch-llm/says-what-to-install-where-llm-is-missing ()
  (let ((llm-switch-test-folder temporary-file-directory))
    (pcase-let ((`(,status . ,output)
                 ;; Left alone, Emacs 28 shortens the message.
                 (llm-switch-test-emacs '(condition-case problem
                                             (require 'llm-switch-llm)
                                           (error (princ (error-message-string problem))
                                                  (kill-emacs 3))))))
      (should (equal status 3))
      (should (string-match-p "needs the package llm, which is not installed" output))
      (should (string-match-p "M-x package-install RET llm RET" output)))))

(ert-deftest llm-switch-llm/nothing-of-ours-loads-it ()
  (let ((llm-switch-test-folder temporary-file-directory))
    (pcase-let ((`(,status . ,output)
                 (llm-switch-test-emacs
                  '(dolist (file (directory-files (file-name-directory (locate-library "llm-switch"))
                                                  nil "\\`[^.].*\\.el\\'"))
                     (unless (string-prefix-p "llm-switch-llm" file)
                       (require (intern (file-name-base file)))))
                  '(princ (featurep 'llm-switch-llm)))))
      (should (equal status 0))
      (should (string-suffix-p "nil" output)))))

(provide 'llm-switch-llm-absent-test)
;;; llm-switch-llm-absent-test.el ends here
