;;; llm-switch-channel-test.el --- Waiting for the module  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(ert-deftest llm-switch-channel/a-handler-can-wait-for-a-call-of-its-own ()
  (llm-switch-test-with (llm-switch-test-config)
    (let ((events nil) (modes nil))
      (llm-switch-channel-submit
       (llm-switch-channel--json
        `(:model "sw/sim/words:200@400" :stream t :messages [(:role "user" :content "Count.")]
          :llm_switch (:v ,llm-switch-module-boundary :purpose "chat")))
       (lambda (kind rest)
         (push (cons kind rest) events)
         (unless modes
           (setq modes (with-timeout (5 'late) (llm-switch-call "modes.list"))))))
      (llm-switch-test-wait (eq (caar events) 'done))
      (should (member "local" (mapcar (lambda (row) (plist-get row :name)) (ensure-list modes))))
      (should (string-match-p "\\`w1 w2 .* w199 w200é🦄 \\'"
                              (mapconcat #'cdr (reverse (cdr events)) ""))))))

(ert-deftest llm-switch-channel/a-call-that-is-quit-is-forgotten ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-channel-start)
    (should (eq 'quit (condition-case nil
                          (cl-letf (((symbol-function 'accept-process-output)
                                     (lambda (&rest _) (signal 'quit nil))))
                            (llm-switch-call "deployments.list"))
                        (quit 'quit))))
    (should (hash-table-empty-p llm-switch-channel--handlers))))

(provide 'llm-switch-channel-test)
;;; llm-switch-channel-test.el ends here
