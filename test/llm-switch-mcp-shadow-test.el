;;; llm-switch-mcp-shadow-test.el --- Two MCP servers of one name  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A project may have a server of its own by the name of one that is there for
;; all projects.  The one is hidden there, and goes on for the others.

;;; Code:

(require 'llm-switch-mcp-helper)

(defun llm-switch-mcp-shadow-test--write (file own)
  "Say in FILE that all projects have the server \"g\".
If OWN, the project of the test has one of its own."
  (let* ((entry (lambda (who)
                  `(:command ,(getenv "LLM_SWITCH_MCP_SERVER") :args ["stdio"] :env (:WHO ,who))))
         (project (intern (concat ":" (directory-file-name llm-switch-mcp-test-project)))))
    (with-temp-file file
      (insert (llm-switch-channel--json
               `(:mcpServers (:g ,(funcall entry "all"))
                 ,@(when own
                     `(:projects (,project (:mcpServers (:g ,(funcall entry "own"))))))))))))

(defun llm-switch-mcp-shadow-test--who (project)
  "Return who answers as \"g\" in PROJECT: \"own\" or \"all\"."
  (let ((text (plist-get (llm-switch-call
                          "mcp.call" (list :project project :name "mcp__g__env" :arguments "{}"
                                           :granted t))
                         :text)))
    (and (string-match "^WHO=\\(.*\\)" text) (match-string 1 text))))

(ert-deftest llm-switch-mcp-shadow/a-projects-own-server-hides-that-of-all-and-stops-nobodys ()
  (let ((file (expand-file-name ".claude.json" (getenv "HOME")))
        (there (make-temp-file "llm-switch-there-" t)))
    ;; Never that of a user.
    (should-not (file-exists-p file))
    (unwind-protect
        (llm-switch-mcp-test-with ""
          (let ((here (directory-file-name llm-switch-mcp-test-project)))
            (llm-switch-mcp-shadow-test--write file t)
            (llm-switch-call "mcp.start" (list :project there :server "g"))
            (should (equal (llm-switch-mcp-shadow-test--who there) "all"))
            (llm-switch-mcp-test-start "g")
            (should (equal (llm-switch-mcp-shadow-test--who here) "own"))
            (should (equal (llm-switch-mcp-shadow-test--who there) "all"))
            (should (equal (plist-get (llm-switch-mcp-test-row "g") :kind) "claude-local"))
            ;; What is hidden does not take the place of what is over.
            (llm-switch-mcp-test-ask "mcp.stop" :server "g")
            (should-error (llm-switch-mcp-shadow-test--who here) :type 'llm-switch-mcp)
            (llm-switch-mcp-shadow-test--write file nil)
            (llm-switch-mcp-test-start "g")
            (should (equal (llm-switch-mcp-shadow-test--who here) "all"))
            (llm-switch-mcp-test-note)))
      (delete-file file)
      (delete-directory there t))))

(provide 'llm-switch-mcp-shadow-test)
;;; llm-switch-mcp-shadow-test.el ends here
