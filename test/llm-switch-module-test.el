;;; llm-switch-module-test.el --- Finding, building and checking the module  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(defmacro llm-switch-module-test-with-sources (&rest body)
  "Run BODY with `sources' bound to a folder of sources that cargo is not run on."
  (declare (indent 0) (debug t))
  `(let* ((sources (file-name-as-directory (make-temp-file "llm-switch-sources-" t)))
          (llm-switch-module--folder (expand-file-name "lisp/" sources))
          (llm-switch-cache-directory (expand-file-name "cache/" sources)))
     (unwind-protect
         (progn
           (make-directory llm-switch-module--folder)
           (make-directory (expand-file-name "rust/types/src" sources) t)
           (with-temp-file (expand-file-name "Cargo.toml" sources)
             (insert "[workspace.package]\nrust-version = \"1.91\"\n"))
           (with-temp-file (expand-file-name "Cargo.lock" sources))
           (with-temp-file (expand-file-name "rust/types/src/lib.rs" sources) (insert "//!\n"))
           ,@body)
       (delete-directory sources t))))

(defun llm-switch-module-test-cargo (folder version)
  "Make a program in FOLDER that says that it is cargo VERSION; return its name."
  (let ((file (expand-file-name "cargo" folder)))
    (with-temp-file file (insert "#!/bin/sh\necho cargo " version " \\(abc 2026-01-01\\)\n"))
    (set-file-modes file #o755)
    file))

(ert-deftest llm-switch-module/each-state-of-the-sources-has-a-file-of-its-own ()
  (llm-switch-module-test-with-sources
    (let ((before (llm-switch-module-file)))
      (should (string-prefix-p llm-switch-cache-directory before))
      (should (equal before (llm-switch-module-file)))
      (write-region "fn new() {}\n" nil (expand-file-name "rust/types/src/lib.rs" sources) t 'silent)
      (should-not (equal before (llm-switch-module-file))))))

(ert-deftest llm-switch-module/tests-and-simulator-do-not-make-it-another-module ()
  (llm-switch-module-test-with-sources
    (let ((before (llm-switch-module-file)))
      (dolist (folder '("rust/types/tests" "rust/simulator/src"))
        (make-directory (expand-file-name folder sources) t)
        (write-region "" nil (expand-file-name (concat folder "/x.rs") sources) nil 'silent))
      (should (equal before (llm-switch-module-file))))))

(ert-deftest llm-switch-module/missing-sources-are-told ()
  (llm-switch-module-test-with-sources
    (delete-file (expand-file-name "Cargo.lock" sources))
    (should (string-match-p "Install the package again"
                            (cadr (should-error (llm-switch-module-file) :type 'llm-switch-module))))))

(ert-deftest llm-switch-module/no-cargo-or-an-old-one-is-told-with-the-version-needed ()
  (llm-switch-module-test-with-sources
    (let ((llm-switch-cargo (expand-file-name "no-such-cargo" sources)))
      (should (string-match-p "needs Rust 1\\.91 or newer, and there is no"
                              (cadr (should-error (llm-switch-build-module)
                                                  :type 'llm-switch-module)))))
    (let ((llm-switch-cargo (llm-switch-module-test-cargo sources "1.63.0")))
      (should (string-match-p "1\\.91 or newer; .*cargo is 1\\.63\\.0"
                              (cadr (should-error (llm-switch-build-module)
                                                  :type 'llm-switch-module)))))
    (let ((llm-switch-cargo (llm-switch-module-test-cargo sources "1.100.1")))
      (should-not (llm-switch-module--check-rust sources)))))

(ert-deftest llm-switch-module/a-checkout-builds-in-its-target-and-a-package-in-the-cache ()
  (llm-switch-module-test-with-sources
    (should (string-prefix-p llm-switch-cache-directory
                             (llm-switch-module--target-directory sources)))
    (make-directory (expand-file-name ".git" sources))
    (should (equal (llm-switch-module--target-directory sources)
                   (expand-file-name "target" sources)))))

(ert-deftest llm-switch-module/is-put-in-place-by-a-rename ()
  (llm-switch-module-test-with-sources
    (let ((file (llm-switch-module-file))
          (built (llm-switch-module--built-file sources)))
      (make-directory (file-name-directory built) t)
      (write-region "one" nil built nil 'silent)
      (llm-switch-module--install sources file)
      (let ((old (file-attribute-inode-number (file-attributes file))))
        (write-region "two" nil built nil 'silent)
        (llm-switch-module--install sources file)
        (should-not (equal old (file-attribute-inode-number (file-attributes file)))))
      (should (equal (directory-files (file-name-directory file) nil "^[^.]")
                     (list (file-name-nondirectory file)))))))

(ert-deftest llm-switch-module/without-a-module-batch-says-what-to-do ()
  (llm-switch-test-with ""
    (pcase-let ((`(,status . ,output)
                 (llm-switch-test-emacs
                  '(require 'llm-switch)
                  '(setq llm-switch-cache-directory "/nonexistent/")
                  '(condition-case problem (llm-switch-deployments)
                     (llm-switch-module (princ (cadr problem)))))))
      (should (eq status 0))
      (should (string-match-p "not built\\.  Build it with M-x llm-switch-build-module" output)))))

(ert-deftest llm-switch-module/loading-the-package-loads-neither-module-nor-gptel ()
  (llm-switch-test-with ""
    (should (equal (cdr (llm-switch-test-emacs
                         '(require 'llm-switch)
                         '(princ (list (featurep 'llm-switch-native) (featurep 'gptel)
                                       (featurep 'org) (featurep 'transient)))))
                   "(nil nil nil nil)"))))

(provide 'llm-switch-module-test)
;;; llm-switch-module-test.el ends here
