;;; report.el --- Runs the loaded tests and writes down what became of each  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; .dev/test-checkouts compares runs test by test.  LLM_SWITCH_RESULTS names the
;; file to write, a line for each test: its name, what became of it, and why it
;; was left out, with tabs between.  LLM_SWITCH_KIND says how gptel's code must be
;; there: interpreted, byte-compiled or native-compiled.

;;; Code:

(require 'ert)
(require 'seq)

(defconst report--kinds
  `(("interpreted" . ,(lambda (it) (not (or (byte-code-function-p it) (subrp it)))))
    ("byte-compiled" . byte-code-function-p)
    ("native-compiled" . ,(lambda (it) (and (fboundp 'subr-native-elisp-p)
                                            (subr-native-elisp-p it)))))
  "How it is known of a function that it is of a kind.")

(defun report--check-kind ()
  "Signal an error unless the code that is loaded is of the kind that is wanted."
  (when-let* ((kind (getenv "LLM_SWITCH_KIND")))
    (dolist (name (seq-filter #'fboundp '(gptel-request gptel--handle-wait llm-switch-gptel--send
                                                        llm-switch-answer--finish)))
      ;; What we advise is wrapped.
      (unless (funcall (cdr (assoc kind report--kinds)) (advice--cd*r (symbol-function name)))
        (error "%s is not %s" name kind)))))

(defun report--reason (result)
  "Return why the test with RESULT was left out, or the empty string."
  (if (ert-test-skipped-p result)
      (format "%s" (cadr (ert-test-result-with-condition-condition result)))
    ""))

(defun report--word (test result)
  "Return in a word what became of TEST with RESULT."
  (cond ((null result) "failed")        ;it was not even begun
        ((ert-test-skipped-p result) "skipped")
        ((ert-test-result-expected-p test result) "passed")
        (t "failed")))

(defun report-run ()
  "Run all tests, write down what became of each, and end Emacs.
Whoever reads what is written knows which failed: that is no reason to exit with
another status than 0."
  (report--check-kind)
  (let ((stats (ert-run-tests-batch t)))
    (with-temp-file (getenv "LLM_SWITCH_RESULTS")
      (seq-do (lambda (test)
                (let ((result (ert-test-most-recent-result test)))
                  (insert (format "%s\t%s\t%s\n" (ert-test-name test) (report--word test result)
                                  (report--reason result)))))
              (ert--stats-tests stats))))
  (kill-emacs 0))

(provide 'report)
;;; report.el ends here
