;;; llm-switch-health-test.el --- Who can answer now  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-health)

(defmacro llm-switch-health-test-in (&rest body)
  "Run BODY in the table of health; route \"r\" has one that is out and one that is not."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with (concat (llm-switch-test-config)
                                 "[route.r]\nuse = ['sim/status:429', 'sim/hello']\n")
     (save-window-excursion
       (unwind-protect
           (progn
             (llm-switch-test-submit "sim/status:429" "Hi")
             (llm-switch-health)
             ,@body)
         (kill-buffer llm-switch-health--buffer)))))

(defun llm-switch-health-test-line (deployment)
  "Go to the first line that begins with DEPLOYMENT, or a route, and return it."
  (goto-char (point-min))
  (re-search-forward (concat "^ *" (regexp-quote deployment)))
  (buffer-substring-no-properties (line-beginning-position) (line-end-position)))

(ert-deftest llm-switch-health/a-route-tells-who-is-out-and-when-it-comes-back ()
  (llm-switch-health-test-in
    (let ((route (llm-switch-health-test-line "r ")))
      (should (string-match-p "\\` r +1 +1 +1 +degraded +sim/status:429 \\(in\\|now\\)" route)))
    (should (string-match-p "sim/status:429 +1 (1!) +cooling +\\(in\\|now\\)"
                            (llm-switch-health-test-line "sim/status:429")))
    (should (string-match-p "sim/hello +0 +healthy" (llm-switch-health-test-line "sim/hello")))))

(ert-deftest llm-switch-health/retry-and-disable-and-enable-by-keys ()
  (llm-switch-health-test-in
    (llm-switch-health-test-line "sim/status:429")
    (execute-kbd-macro "r")
    (llm-switch-test-wait
      (string-match-p "half open" (save-excursion (llm-switch-health-test-line "sim/status:429"))))
    (should (equal (cadr (tabulated-list-get-id)) "sim/status:429"))
    (llm-switch-health-test-line "sim/hello")
    (execute-kbd-macro "d")
    (llm-switch-test-wait
      (string-match-p "disabled" (save-excursion (llm-switch-health-test-line "sim/hello"))))
    (execute-kbd-macro "d")
    (llm-switch-test-wait
      (string-match-p "healthy" (save-excursion (llm-switch-health-test-line "sim/hello"))))
    (goto-char (point-min))
    (should-error (llm-switch-health-retry) :type 'user-error)))

(ert-deftest llm-switch-health/the-table-follows-what-happens-and-point-stays ()
  (llm-switch-health-test-in
    (llm-switch-call "health.retry" '(:deployment "sim/status:429"))
    (revert-buffer)
    (llm-switch-test-wait
      (string-match-p "half open" (save-excursion (llm-switch-health-test-line "sim/status:429"))))
    (llm-switch-health-test-line "sim/hello")
    (llm-switch-test-submit "sim/status:429" "Hi")
    (llm-switch-test-wait
      (string-match-p "cooling" (save-excursion (llm-switch-health-test-line "sim/status:429"))))
    (should (equal (cadr (tabulated-list-get-id)) "sim/hello"))))

(ert-deftest llm-switch-health/when-it-comes-back-is-told-as-is-nearest ()
  (let ((now (time-convert nil 'integer)))
    (pcase-dolist (`(,left . ,told) '((-5 . "now due") (30 . "in \\(30\\|29\\|28\\) s")
                                      (250 . "in 4 m") (22320 . "in 6 h 1[12] m")
                                      (90000 . "[A-Z][a-z]+ [0-9:]+") (9000000 . "[0-9]+ [A-Z]")))
      (should (string-match-p (concat "\\`" told)
                              (llm-switch-health--until (list :until (* 1000 (+ now left)))))))))

(provide 'llm-switch-health-test)
;;; llm-switch-health-test.el ends here
