;;; llm-switch-footer-test.el --- What happened to an answer, below it  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'org)

(defun llm-switch-footer-test-shown ()
  "Return what stands beside the answers of this buffer and is no text."
  (mapconcat (lambda (overlay)
               (when (overlay-get overlay 'llm-switch-footer)
                 (concat (overlay-get overlay 'before-string)
                         (overlay-get overlay 'after-string))))
             (overlays-in (point-min) (point-max)) ""))

(defun llm-switch-footer-test-pair (more first second)
  "Return a configuration with MORE and a route of FIRST, free, and SECOND, paid."
  (let ((url (llm-switch-test-url)))
    (format "[provider.first]\nbase-url = %S\n[provider.paid]\nbase-url = %S\npayer = 'metered'\n\
[price.'paid/*']\ninput = '1'\noutput = '2'\n[route.both]\nuse = ['first/%s', 'paid/%s']\n%s"
            url url first second more)))

(ert-deftest llm-switch-footer/a-fallback-is-shown-with-both-models-and-both-prices ()
  (dolist (mode (list #'text-mode #'org-mode))
    (dolist (stream '(t nil))
      (llm-switch-test-with (llm-switch-footer-test-pair "" "status:503" "hello")
        (llm-switch-test-chat "both" mode
          (let ((gptel-stream stream))
            (llm-switch-test-ask "Hi")
            (should (string-match-p "^── asked first/status:503 (free), fell back to paid/hello \
(\\$1/\\$2): .*503.*\nHello" (string-replace "\n   " " " (llm-switch-test-seen))))
            (should-not (string-match-p "──" (buffer-string)))))))))

(ert-deftest llm-switch-footer/a-fallback-is-said-before-the-answer-comes ()
  (llm-switch-test-with (llm-switch-footer-test-pair "" "status:503" "stall:2")
    (llm-switch-test-chat "both" #'text-mode
      (let* ((said nil)
             (note (lambda (form &rest rest) (when form (push (apply #'format form rest) said)))))
        (advice-add 'message :before note)
        (unwind-protect
            (progn (llm-switch-test-send "Hi")
                   (llm-switch-test-wait (string-match-p "w2" (buffer-string))))
          (advice-remove 'message note))
        (should (string-match-p "fell back to paid/stall:2 (\\$1/\\$2)" (string-join said "\n")))
        (gptel-abort (current-buffer))))))

(ert-deftest llm-switch-footer/another-model-than-was-asked-is-marked ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-chat "sim/served:another-model" #'text-mode
      (llm-switch-test-ask "Hi")
      (should (string-match-p "── ! asked served:another-model, served another-model"
                              (llm-switch-footer-test-shown))))))

(ert-deftest llm-switch-footer/another-model-is-said-where-there-is-no-chat ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-gptel-use (llm-switch-test-row "sim/served:another-model") 'global)
    (let ((said nil) (answer nil))
      (cl-letf (((symbol-function 'message)
                 (lambda (form &rest rest) (when form (push (apply #'format form rest) said)))))
        (gptel-request "Hi" :callback (lambda (response _) (setq answer response)))
        (llm-switch-test-wait said))
      (should answer)
      (should (equal said '("llm-switch: ! asked served:another-model, served another-model"))))))

(ert-deftest llm-switch-footer/slowness-and-the-choice-are-told-in-words ()
  (should (equal (llm-switch-footer-slowness
                  nil '(:slow (:first-token-ms 5000 :usual-first-token-ms 140)))
                 "slow: 5.0 s to first token, usually 0.1 s"))
  (should (equal (llm-switch-footer-slowness nil '(:slow (:ms-per-token 250 :usual-ms-per-token 10)))
                 "slow: 4.0 tok/s, usually 100 tok/s"))
  (should (equal (llm-switch-footer-choice
                  nil '(:chosen (:tier "quick" :route "coding-cheap" :reason "a small edit")))
                 "auto: coding-cheap, a small edit")))

(ert-deftest llm-switch-footer/who-is-far-slower-than-its-own-past-is-marked ()
  (let ((llm-switch-answer-place nil)
        (fast (llm-switch-test-simulator "--plays" "m=hello"))
        (slow (llm-switch-test-simulator "--plays" "m=slow:1300:hello")))
    (unwind-protect
        (llm-switch-test-with (llm-switch-test-config (process-get fast 'url))
          (llm-switch-test-chat "sim/m" #'text-mode
            (dotimes (_ 6) (llm-switch-test-ask "\n\nHi"))
            (should (equal (llm-switch-footer-test-shown) ""))
            (with-temp-file llm-switch-config-file
              (insert (llm-switch-test-config (process-get slow 'url))))
            (llm-switch-reload)
            (llm-switch-test-ask "\n\nHi")
            (should (string-match-p "── slow: 1\\.[3-9] s to first token, usually 0\\.0 s"
                                    (llm-switch-footer-test-shown)))))
      (delete-process fast)
      (delete-process slow))))

(ert-deftest llm-switch-footer/of-what-is-as-it-should-be-only-the-facts-are-told ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (llm-switch-test-ask "Hi")
      (should (string-match-p "\\`\n── sim/hello · .*\\'" (llm-switch-footer-test-shown)))
      (let ((llm-switch-answer-place nil))
        (llm-switch-answer-redraw)
        (should (equal (llm-switch-footer-test-shown) ""))))))

(ert-deftest llm-switch-footer/it-goes-with-the-answer ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-chat "sim/served:another-model" #'text-mode
      (llm-switch-test-ask "Hi")
      (goto-char (point-min))
      (search-forward "Hello")
      (pcase-let ((`(,start . ,end) (gptel--get-response-bounds)))
        (delete-region start end))
      (should (equal (llm-switch-footer-test-shown) "")))))

(ert-deftest llm-switch-footer/an-answer-that-is-not-whole-is-told-where-it-is-cut ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-chat "sim/length" #'text-mode
      (llm-switch-test-ask "Hi")
      (should (string-match-p "\n── ! cut at the output limit, .* M-x llm-switch-continue"
                              (llm-switch-test-seen))))))

(ert-deftest llm-switch-footer/a-failure-is-told-with-its-cause-and-on-one-line ()
  (should-not (llm-switch-footer-failure nil '(:stop-reason "end")))
  (should-not (llm-switch-footer-failure nil '(:kind "cancelled" :message "you did")))
  (should (equal (substring-no-properties
                  (llm-switch-footer-failure nil '(:kind "refused" :message "no\n  money. Do this")))
                 "! refused: no money. Do this"))
  (should (equal (substring-no-properties
                  (llm-switch-footer-failure nil '(:kind "server" :message "503" :can-continue t)))
                 "broke off: 503 · M-x llm-switch-continue")))

(provide 'llm-switch-footer-test)
;;; llm-switch-footer-test.el ends here
