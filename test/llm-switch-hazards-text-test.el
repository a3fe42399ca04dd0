;;; llm-switch-hazards-text-test.el --- Text that is hard to carry  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What a service sends arrives as it is, however it is cut, and what is no
;; text costs no more than itself.  No fault is needed for it.

;;; Code:

(require 'llm-switch-test-helper)

(defun llm-switch-hazards-text-of (script)
  "Return the text that SCRIPT comes to, having seen that it ends well."
  (let ((events (llm-switch-test-submit (concat "sim/" script) "Hi")))
    (should (eq 'done (car (llm-switch-test-end events))))
    (cdr (assq 'text events))))

(ert-deftest llm-switch-hazards/utf-8-may-be-split-at-any-byte ()
  (llm-switch-test-with (llm-switch-test-config)
    (let ((whole (llm-switch-hazards-text-of "words:200")))
      (should (string-match-p "w10é🦄 .* w200é🦄" whole))
      (should (equal (md5 whole nil nil 'utf-8)
                     (md5 (llm-switch-hazards-text-of "bytes:words:200") nil nil 'utf-8))))))

(ert-deftest llm-switch-hazards/halves-of-a-surrogate-pair-do-not-end-a-stream ()
  (llm-switch-test-with (llm-switch-test-config)
    (should (equal (llm-switch-hazards-text-of "surrogate")
                   "A unicorn: \ufffd\ufffd and no more."))
    (should (equal (llm-switch-hazards-text-of "surrogate:lone")
                   "A unicorn: \ufffd and no more."))))

(ert-deftest llm-switch-hazards/nulls-do-not-end-a-stream ()
  (llm-switch-test-with (llm-switch-test-config)
    (should (equal (llm-switch-hazards-text-of "nulls") "w1 w2 "))))

(provide 'llm-switch-hazards-text-test)
;;; llm-switch-hazards-text-test.el ends here
