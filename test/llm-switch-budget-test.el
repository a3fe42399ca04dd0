;;; llm-switch-budget-test.el --- Budgets as a user meets them  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-mode-line)
(require 'llm-switch-preview)

(defun llm-switch-budget-test-config (&rest budget)
  "Return a configuration in which the simulator costs $1 per million tokens.
BUDGET are lines of a budget on everything."
  (concat (llm-switch-test-config)
          "payer = 'metered'\n[price.'sim/*']\nper-million = '1'\n"
          (when budget "[[budget]]\non = 'global'\n")
          (string-join budget "\n")))

(defmacro llm-switch-budget-test-answering (function answer &rest body)
  "Run BODY with FUNCTION returning ANSWER and saying what it was asked.
The questions are bound to `questions', newest first.  As if not in batch mode."
  (declare (indent 2) (debug t))
  `(let ((questions nil) (noninteractive nil))
     (cl-letf (((symbol-function ,function)
                (lambda (prompt &rest _) (push prompt questions) ,answer)))
       ,@body)))

(ert-deftest llm-switch-budget/a-refusal-says-what-is-left-and-what-to-do ()
  (llm-switch-test-with (llm-switch-budget-test-config "window = 'day'" "limit = '0.000001'")
    (let ((error (cdr (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi")))))
      (should (equal (plist-get error :kind) "refused"))
      (should (string-match-p "sim/hello: budget \"all, day\" has \\$0.000001 left of \\$0.000001"
                              (plist-get error :message)))
      (should (string-match-p "M-x llm-switch-allow" (plist-get error :message)))
      (should (> (plist-get error :resets-at) (* 1000 (float-time)))))))

(ert-deftest llm-switch-budget/the-first-metered-account-has-a-default-cap ()
  (llm-switch-test-with (llm-switch-budget-test-config)
    (let ((row (car (llm-switch-budget-list))))
      (should (equal (plist-get row :name) "sim, day, default"))
      (should (eq (plist-get row :default) t))
      (should (equal (llm-switch-budget-amount row :limit) "$5.00")))))

(ert-deftest llm-switch-budget/a-question-lets-a-request-pass ()
  (llm-switch-test-with (llm-switch-budget-test-config "window = 'day'" "limit = '0.000001'"
                                                       "at-limit = 'ask'")
    (llm-switch-budget-test-answering 'yes-or-no-p nil
      (should (eq (car (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi"))) 'error)))
    (llm-switch-budget-test-answering 'yes-or-no-p t
      (should (eq (car (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi"))) 'done))
      (should (string-match-p "Let this one request pass\\? " (car questions))))))

(ert-deftest llm-switch-budget/in-batch-nobody-lets-anything-pass ()
  (llm-switch-test-with (llm-switch-budget-test-config "window = 'day'" "limit = '0.000001'"
                                                       "at-limit = 'ask'")
    (should (eq (car (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi"))) 'error))))

(ert-deftest llm-switch-budget/the-owner-allows-more-by-keys ()
  (llm-switch-test-with (llm-switch-budget-test-config "window = 'day'" "limit = '0.000001'")
    (let ((noninteractive nil)
          (executing-kbd-macro nil))
      (execute-kbd-macro (kbd "M-x llm-switch-allow RET all, SPC day RET 0.01 RET 6 0 RET")))
    (should (equal (llm-switch-budget-amount (car (llm-switch-budget-list)) :limit) "$0.010"))
    (should (eq (car (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi"))) 'done))))

(ert-deftest llm-switch-budget/an-alert-is-said-once-and-given-to-a-command ()
  (llm-switch-test-with (llm-switch-budget-test-config "window = 'day'" "limit = '0.01'"
                                                       "warn = [0.1]")
    (let* ((file (expand-file-name "alert" llm-switch-test-folder))
           (llm-switch-budget-alert-command `("sh" "-c" ,(format "cat > %s" file)))
           (llm-switch-channel-notice-functions '(llm-switch-budget--notice))
           (said nil)
           (llm-switch-budget-alert-functions
            (list (lambda (alert) (push alert said)) #'llm-switch-budget-run)))
      (dotimes (_ 3)
        (llm-switch-test-submit "sim/usage:1000,0,100,0" "Hi" :max_tokens 100))
      (llm-switch-test-wait (and said (file-exists-p file)
                                 (> (file-attribute-size (file-attributes file)) 0)))
      (should (equal (mapcar (lambda (it) (plist-get it :percent)) said) '(10.0)))
      (should (string-match-p "budget \"all, day\": \\$0.00" (plist-get (car said) :message)))
      (with-temp-buffer
        (insert-file-contents file)
        (should (equal (plist-get (json-parse-buffer :object-type 'plist) :unit) "dollars"))))))

(ert-deftest llm-switch-budget/a-bar-and-a-mark-tell-what-the-colour-tells ()
  (let ((row (lambda (spent) `(:name "b" :unit "requests" :spent ,spent :limit 10 :warn [0.8]))))
    (should (equal (substring-no-properties (llm-switch-budget-format (funcall row 3)))
                   "3 requests/10 requests ▓▓░░░░░"))
    (should (eq (llm-switch-budget-face (funcall row 8)) 'llm-switch-budget-near))
    (should (string-suffix-p "▓▓▓▓▓▓▓!" (llm-switch-budget-format (funcall row 12))))))

(ert-deftest llm-switch-budget/header-and-mode-line-show-today-and-the-nearest-cap ()
  (llm-switch-test-with (llm-switch-budget-test-config "window = 'day'" "limit = '0.01'")
    (let ((global-mode-string nil))
      (unwind-protect
          (llm-switch-test-chat "sim/usage:1000,0,1000,0" #'text-mode
            (llm-switch-mode-line-mode)
            (llm-switch-test-ask "Hi")
            (llm-switch-test-wait
              (string-match-p "today \\$0.0020 · \\$0.0020/\\$0.010 ▓░░░░░░" (llm-switch-mode-line)))
            (should (string-match-p "· chat \\$0.0020 · today" (llm-switch-header)))
            (let ((llm-switch-header-segments '(llm-switch-segment-answer)))
              (should (equal (llm-switch-header) "  answer ~$0.0020  "))))
        (llm-switch-mode-line-mode -1)
        (setq llm-switch-budget-rows nil llm-switch-segment--today nil)))))

(ert-deftest llm-switch-budget/a-chat-has-a-cap-of-its-own ()
  (llm-switch-test-with (llm-switch-budget-test-config)
    (llm-switch-test-chat "sim/usage:1000,0,1000,0" #'text-mode
      (should-error (llm-switch-set-chat-cap "-1") :type 'user-error)
      (llm-switch-set-chat-cap "0.0025")
      (let ((gptel-max-tokens 1000))
        (should-not (plist-get (llm-switch-test-ask "Hi") :error))
        (should (equal (plist-get (llm-switch-cap-of-request) :max-cost) "0.000500000000"))
        (let ((error (plist-get (llm-switch-test-ask "Again") :error)))
          (should (string-match-p "no more than \\$0.0005 is allowed"
                                  (plist-get error :message)))))
      (llm-switch-set-chat-cap "")
      (should-not (llm-switch-cap-of-request)))))

(ert-deftest llm-switch-budget/a-dear-request-is-asked-about ()
  (llm-switch-test-with (llm-switch-budget-test-config)
    (let ((llm-switch-confirm-cost "0.000001"))
      (llm-switch-test-chat "sim/hello" #'text-mode
        (llm-switch-budget-test-answering 'yes-or-no-p nil
          (should (plist-get (llm-switch-test-ask "Hi") :error))
          (should (string-match-p "This probably costs \\$0.000.* at sim/hello" (car questions))))
        (llm-switch-budget-test-answering 'yes-or-no-p t
          (should-not (plist-get (llm-switch-test-ask "Hi") :error)))))))

(ert-deftest llm-switch-budget/what-a-request-would-cost-is-told-and-nothing-is-sent ()
  (llm-switch-test-with (llm-switch-budget-test-config "window = 'day'" "limit = '0.01'")
    (llm-switch-test-reset)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (insert (make-string 4000 ?x))
      (let ((gptel-max-tokens 100)
            (gptel-system-prompt nil))
        (should (equal (llm-switch-preview-cost)
                       (concat "sim/hello · ~$0.0011 (at most $0.0042) · 1016 (at most 4080) in"
                               " · 100 out · all, day: $0.010 left")))))
    (should-not (llm-switch-test-received))))

(provide 'llm-switch-budget-test)
;;; llm-switch-budget-test.el ends here
