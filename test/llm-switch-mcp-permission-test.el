;;; llm-switch-mcp-permission-test.el --- Calls and servers that are asked about  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The module asks, keys answer, and what comes of it is seen at the server.

;;; Code:

(require 'llm-switch-mcp-permission-helper)

;;; Calls

(ert-deftest llm-switch-mcp-permission/once-is-once ()
  (llm-switch-mcp-permission-test-with
    (should (equal "a" (llm-switch-mcp-permission-test-call "o" "echo" :text "a")))
    (should (equal "b" (llm-switch-mcp-permission-test-call "o" "echo" :text "b")))
    (should (= 2 (llm-switch-mcp-permission-test-asked)))
    (should-not (llm-switch-mcp-permission-test-rules))
    (let ((shown (car llm-switch-mcp-permission-test-shown)))
      (dolist (part '("echo wants to be called on the server box" "Gives its text back"
                      "It only reads, stays with its server" "\"text\": \"b\""))
        (should (string-search part shown))))
    (should-not (get-buffer llm-switch-mcp-ask--buffer))))

(ert-deftest llm-switch-mcp-permission/each-scope-holds ()
  (pcase-dolist (`(,keys ,rule ,scope) '(("s RET" "mcp__box__echo" "session")
                                         ("p RET" "mcp__box__echo" "project")
                                         ("a RET" "mcp__box__echo" "always")
                                         ("S p RET" "mcp__box" "project")))
    (llm-switch-mcp-permission-test-with
      (should (equal "a" (llm-switch-mcp-permission-test-call keys "echo" :text "a")))
      (should (equal "b" (llm-switch-mcp-permission-test-call "" "echo" :text "b")))
      (should (= 1 (llm-switch-mcp-permission-test-asked)))
      (should (equal (llm-switch-mcp-permission-test-rules) (list (list rule "allow" scope)))))))

(ert-deftest llm-switch-mcp-permission/no-is-no-and-the-model-reads-why ()
  (llm-switch-mcp-permission-test-with
    (should (string-match-p "does not allow it.*They say: use the log"
                            (llm-switch-mcp-permission-test-call "d u s e SPC t h e SPC l o g RET"
                                                                 "echo")))
    (should (string-match-p "nobody answered" (llm-switch-mcp-permission-test-call "C-g" "echo")))
    (should-not (llm-switch-mcp-permission-test-rules))
    (should (string-match-p "does not allow it" (llm-switch-mcp-permission-test-call "n RET" "echo")))
    (should (equal (llm-switch-mcp-permission-test-rules)
                   '(("mcp__box__echo" "deny" "always"))))))

(ert-deftest llm-switch-mcp-permission/batch-mode-and-a-killed-chat-are-no ()
  (llm-switch-mcp-permission-test-with
    (should-error (llm-switch-mcp-test-call "box" "echo" :text "a") :type 'llm-switch-refused))
  (with-temp-buffer
    (let ((chat (current-buffer)))
      (should-not (cl-letf (((symbol-function 'read-key)
                             (lambda (_) (kill-buffer chat) ?y)))
                    (let ((executing-kbd-macro t))
                      (llm-switch-mcp-ask "What" "Yes?" '((?y "yes" . yes)))))))))

(ert-deftest llm-switch-mcp-permission/what-may-destroy-is-not-allowed-with-its-server ()
  (llm-switch-mcp-permission-test-with
    ;; S is no answer, so it is the next key that counts.
    (should (equal "done" (llm-switch-mcp-permission-test-call "S o RET" "slow")))
    (should (string-search "It may destroy something, reaches beyond its server"
                           (car llm-switch-mcp-permission-test-shown)))
    (should-not (llm-switch-mcp-permission-test-rules))))

(ert-deftest llm-switch-mcp-permission/an-edit-is-shown-as-a-diff-below-its-arguments ()
  (llm-switch-mcp-permission-test-with
    (let ((file (llm-switch-mcp-test-file "notes.txt" "one\ntwo\nthree\n")))
      (pcase-dolist (`(,arguments ,diff)
                     `(((:path "notes.txt" :content "one\n2\nthree\n")
                        "--- notes.txt\n+++ notes.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n")
                       ((:file_path ,file :old_string "two" :new_string "zwei") "-two\n")
                       ((:path ,file :edits [(:oldText "one" :newText "eins")
                                             (:oldText "two" :newText "zwei")])
                        "+eins\n")
                       ((:path ,(concat file ".new") :content "fresh") nil)))
        (apply #'llm-switch-mcp-permission-test-call "o" "echo" :text "x" arguments)
        (let ((shown (car llm-switch-mcp-permission-test-shown)))
          (should (string-search "\"text\": \"x\"" shown))
          (if diff (should (string-search diff shown))
            (should-not (string-search "+++" shown))))))))

(ert-deftest llm-switch-mcp-permission/nothing-that-is-shown-hides-a-part-of-itself ()
  (llm-switch-mcp-permission-test-with
    (llm-switch-mcp-permission-test-call "o" "echo" :text "rm \u202e fdp\u200b")
    (should (string-search "rm \\u202e fdp\\u200b" (car llm-switch-mcp-permission-test-shown)))))

(ert-deftest llm-switch-mcp-permission/what-lasts-needs-ret-behind-its-key ()
  (llm-switch-mcp-permission-test-with
    ;; What is typed instead is another answer.
    (should (equal "a" (llm-switch-mcp-permission-test-call "a s x p o" "echo" :text "a")))
    (should (string-match-p "nobody answered" (llm-switch-mcp-permission-test-call "a C-g" "echo")))
    (should-not (llm-switch-mcp-permission-test-rules))
    (should (string-match-p "nobody answered" (llm-switch-mcp-permission-test-call "o C-g" "slow")))))

(ert-deftest llm-switch-mcp-permission/names-are-one-line-and-cannot-forge-another ()
  (let ((text (llm-switch-mcp-permission-text
               '(:server "s\nIt only reads\u2028" :tool "t\nYou agreed" :title "T\nYou agreed"
                 :description "One\u061c\nYou agreed" :arguments "{}"))))
    (should (equal (split-string text "\n")
                   '("t You agreed (T You agreed) wants to be called on the server s It only reads\\u2028"
                     "One\\u061c" "It changes something, but destroys nothing, stays with its server"
                     "" "{}" "")))))

(ert-deftest llm-switch-mcp-ask/nothing-unseen-is-shown-as-it-is ()
  (pcase-dolist (`(,text ,shown)
                 '(("a\n\tb é 读 🙂" "a\n\tb é 读 🙂") ("\u202e\u200b\u00ad" "\\u202e\\u200b\\u00ad")
                   ("\u061c\u2066" "\\u061c\\u2066") ("\U000e0041\U000e0100" "\\ue0041\\ue0100")
                   ("\u2028\u2029" "\\u2028\\u2029") ("\ue000" "\\ue000") ("\r\e\x7f" "\\u000d\\u001b\\u007f")
                   ("\u3164" "\\u3164")))
    (should (equal (substring-no-properties (llm-switch-mcp-ask-visible text)) shown))))

;;; Trust

(ert-deftest llm-switch-mcp-trust/what-would-run-is-shown-before-it-runs ()
  (llm-switch-mcp-permission-test-with
    (let* ((program (getenv "LLM_SWITCH_MCP_SERVER"))
           (write (lambda (mode)
                    (llm-switch-mcp-test-file
                     ".mcp.json" (format "{\"mcpServers\": {\n \"pro\": {\"command\": %S,
 \"args\": [\"stdio\", %S], \"env\": {\"TOKEN\": %S, \"WHO\": \"${USER:-x}\"}}}}" program mode (llm-switch-test-key "t")))))
           (start (lambda (keys)
                    (llm-switch-test-keys keys
                      (condition-case problem
                          (plist-get (llm-switch-mcp-test-ask "mcp.start" :server "pro") :state)
                        (llm-switch-error (error-message-string problem)))))))
      (funcall write "--old")
      (should (string-match-p "it was not started" (funcall start "n")))
      (should (string-match-p "it was not started" (funcall start "C-g")))
      (should (equal "needs-trust" (plist-get (llm-switch-mcp-test-row "pro") :state)))
      (should (equal "ready" (funcall start "y RET")))
      (llm-switch-mcp-test-note)
      (let ((shown (car llm-switch-mcp-permission-test-shown)))
        (dolist (part (list (concat program " stdio --old") ".mcp.json, line 2"
                            "  TOKEN = …" "  WHO = …"
                            "Out of your environment it reads: USER"))
          (should (string-search part shown)))
        (should-not (string-search (llm-switch-test-key "t") shown))
        (should-not (string-search "was changed" shown)))
      (llm-switch-mcp-test-ask "mcp.stop" :server "pro")
      (funcall write "--new")
      (should (equal "ready" (funcall start "y RET")))
      (llm-switch-mcp-test-note)
      (should (string-search "was changed since" (car llm-switch-mcp-permission-test-shown))))))

(ert-deftest llm-switch-mcp-trust/what-a-repository-brought-is-allowed-in-its-project-alone ()
  (llm-switch-mcp-permission-test-with
    (llm-switch-mcp-test-file
     ".mcp.json" (format "{\"mcpServers\": {\"pro\": {\"command\": %S, \"args\": [\"stdio\"]}}}"
                         (getenv "LLM_SWITCH_MCP_SERVER")))
    (llm-switch-test-keys "y RET" (llm-switch-mcp-test-start "pro"))
    (dolist (rule '("mcp__pro__echo" "mcp__pro" "mcp__box__echo"))
      (llm-switch-mcp-test-ask "mcp.permit" :rule rule :decision "allow" :scope "always"))
    (should (equal (sort (llm-switch-mcp-permission-test-rules)
                         (lambda (a b) (string< (car a) (car b))))
                   '(("mcp__box__echo" "allow" "always") ("mcp__pro" "allow" "project")
                     ("mcp__pro__echo" "allow" "project"))))))

(provide 'llm-switch-mcp-permission-test)
;;; llm-switch-mcp-permission-test.el ends here
