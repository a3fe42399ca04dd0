;;; llm-switch-mcp-conformance-test.el --- MCP's own conformance suite  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; `make mcp-conformance', as a test: see .dev/mcp-conformance.

;;; Code:

(require 'llm-switch-test-helper)

(defun llm-switch-mcp-conformance-surprises (revision)
  "Return what the suite says that should not be, for REVISION of the protocol.
That is a list of lines, empty if all is well."
  (with-temp-buffer
    (let* ((program (expand-file-name ".dev/mcp-conformance" llm-switch-test-root))
           (status (call-process program nil t nil revision))
           (said (buffer-string)))
      (cond ((eql status 0) (message "%s" (string-trim said)) nil)
            ((split-string said "\n" t))
            (t (list (format "%s ended with %s" program status)))))))

(ert-deftest llm-switch-mcp-conformance/clients-of-the-protocol-of-2025 ()
  (should-not (llm-switch-mcp-conformance-surprises "2025-11-25")))

(ert-deftest llm-switch-mcp-conformance/clients-of-the-protocol-of-2026 ()
  (should-not (llm-switch-mcp-conformance-surprises "2026-07-28")))

(provide 'llm-switch-mcp-conformance-test)
;;; llm-switch-mcp-conformance-test.el ends here
