;;; llm-switch-header-test.el --- Who answers, and at what cost, above a chat  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(ert-deftest llm-switch-header/a-route-tells-whom-it-led-to-and-a-deployment-only-itself ()
  (llm-switch-test-with (concat (llm-switch-test-config) "[route.both]\nuse = ['sim/hello']\n")
    (llm-switch-test-chat "sim/hello" #'text-mode
      (llm-switch-gptel-use '(:route "both") 'buffer)
      (should (equal (llm-switch-header-deployment) "both"))
      (llm-switch-test-ask "Hi")
      (should (equal (llm-switch-header-deployment) "both → sim/hello"))
      (llm-switch-gptel-use (llm-switch-test-row "sim/words:3") 'buffer)
      (should (equal (llm-switch-header-deployment) "sim/words:3")))))

(provide 'llm-switch-header-test)
;;; llm-switch-header-test.el ends here
