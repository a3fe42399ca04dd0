;;; llm-switch-mcp-server-test.el --- A server's page, its logs, and calls by hand  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; By keys, with the server of the tests and the real module.

;;; Code:

(require 'llm-switch-mcp-screen-helper)

(defmacro llm-switch-mcp-server-test-with (&rest body)
  "Run BODY on the page of the server \"box\", which runs."
  (declare (indent 0) (debug t))
  `(llm-switch-mcp-screen-test-with (llm-switch-mcp-screen-test-box)
     (llm-switch-mcp-screen-test-see "off +box")
     (llm-switch-mcp-screen-test-type "s")
     (llm-switch-mcp-screen-test-see "ready +box")
     (llm-switch-mcp-test-note)
     (llm-switch-mcp-screen-test-type "RET")
     (llm-switch-mcp-screen-test-see "^ on +echo")
     ,@body))

(defun llm-switch-mcp-server-test-rules ()
  "Return what is decided: (RULE DECISION SCOPE), the nearest first."
  (mapcar (lambda (it) (list (plist-get it :rule) (plist-get it :decision) (plist-get it :scope)))
          (plist-get (llm-switch-mcp-test-ask "mcp.rules") :rules)))

;;; The page

(ert-deftest llm-switch-mcp-server/the-page-says-what-the-server-says-of-itself ()
  (llm-switch-mcp-server-test-with
    (dolist (seen '("^ box  ready  test-server 1\\.2\\.3  protocol 2026-07-28  process [0-9]+$"
                    "^ /.* stdio$" "^ in .*config\\.toml, line 1$" "[0-9]+ resources  [0-9]+ prompts?$"
                    "^ Call echo first\\.$"
                    "^ on +echo +ask +reads +[0-9]+ Gives its text back$"
                    "^ on +slow +ask +destroys, open world +[0-9]+ Takes STEPS"))
      (llm-switch-mcp-screen-test-see seen))
    (should-not (string-search (llm-switch-test-key "box") (buffer-string)))))

(ert-deftest llm-switch-mcp-server/a-tool-is-switched-off-and-on-again ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-type "m")
    (llm-switch-mcp-screen-test-see "^ off +echo")
    (should (equal (llm-switch-mcp-server-test-rules) '(("mcp__box__echo" "off" "project"))))
    (llm-switch-mcp-screen-test-type "C-u SPC")
    (llm-switch-mcp-screen-test-see "^ on +echo")
    (should (equal (car (llm-switch-mcp-server-test-rules))
                   '("mcp__box__echo" "on" "session")))))

(ert-deftest llm-switch-mcp-server/rules-are-decided-by-keys-and-forgotten ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-type "C-u C-u a")
    (llm-switch-mcp-screen-test-see "^ on +echo +allow")
    (should (equal (llm-switch-mcp-server-test-rules) '(("mcp__box__echo" "allow" "always"))))
    (llm-switch-mcp-screen-test-type "c")
    (llm-switch-mcp-screen-test-see "^ on +echo +ask")
    (llm-switch-mcp-screen-test-type "C-u d")
    (llm-switch-mcp-screen-test-see "^ on +echo +deny")
    (should (= 3 (length (llm-switch-mcp-server-test-rules))))
    (llm-switch-mcp-screen-test-type "f")
    (llm-switch-mcp-screen-test-see "^ on +echo +ask")
    (llm-switch-test-wait (null (llm-switch-mcp-server-test-rules)))))

(ert-deftest llm-switch-mcp-server/what-is-decided-elsewhere-is-seen ()
  (llm-switch-mcp-server-test-with
    (with-current-buffer "*chat*"
      (llm-switch-mcp-test-ask "mcp.permit" :rule "mcp__box__slow" :decision "deny"
                               :scope "session"))
    (llm-switch-mcp-screen-test-see "^ on +slow +deny")))

(ert-deftest llm-switch-mcp-server/a-tool-is-shown-whole ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-type "RET")
    (with-current-buffer "*llm-switch tool*"
      (dolist (seen '("Models call it mcp__box__echo" "It only reads, stays with its server"
                      "\"x-odd\"" "Result" "\"x-kept\""))
        (should (string-search seen (buffer-string)))))))

;;; Calls by hand

(ert-deftest llm-switch-mcp-try/arguments-are-read-and-the-result-is-shown ()
  (llm-switch-mcp-server-test-with
    (llm-switch-test-keys "h i SPC ä RET" (llm-switch-mcp-server-try))
    (llm-switch-mcp-screen-test-see "^echo of box$")
    (llm-switch-mcp-screen-test-see "^{\"text\":\"hi ä\"}$")
    (llm-switch-mcp-screen-test-see "^It gave after [0-9]+ ms$")
    (llm-switch-mcp-screen-test-see "^hi ä$")
    (should-not (llm-switch-mcp-test-asked "mcp-permission"))))

(ert-deftest llm-switch-mcp-try/a-servers-file-sets-nothing-in-emacs ()
  (let ((file (make-temp-file "llm-switch-try" nil ".txt"
                              "-*- mode: emacs-lisp; fill-column: 33 -*-\n")))
    (unwind-protect
        (save-window-excursion
          (with-temp-buffer
            (insert (llm-switch-mcp-try--button "open" file "text/plain"))
            (goto-char (point-min))
            (let ((enable-local-variables :all)) (push-button)))
          (with-current-buffer (find-buffer-visiting file)
            (should-not (derived-mode-p 'emacs-lisp-mode))
            (should-not (equal fill-column 33))
            (should buffer-read-only)
            (kill-buffer)))
      (delete-file file))))

(ert-deftest llm-switch-mcp-try/server-and-tool-are-chosen-by-name ()
  (llm-switch-mcp-server-test-with
    (kill-buffer)
    (switch-to-buffer "*chat*")
    (llm-switch-test-keys "box RET echo RET h i RET" (call-interactively #'llm-switch-mcp-try))
    (llm-switch-mcp-screen-test-see "^echo of box$")
    (llm-switch-mcp-screen-test-see "^hi$")))

(ert-deftest llm-switch-mcp-try/contents-that-are-no-text-can-be-opened ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-see "^ on +media")
    (llm-switch-test-keys "y RET" (llm-switch-mcp-server-try))
    (llm-switch-mcp-screen-test-see "^\\[image/png, 5 bytes: mcp-content:[0-9a-f]+\\]$")
    (forward-line)
    (should (button-at (point)))
    ;; What this Emacs, in batch mode, cannot show.
    (let ((opened nil))
      (cl-letf (((symbol-function 'llm-switch-mcp-content--open-outside)
                 (lambda (file) (setq opened file))))
        (push-button))
      (should (string-suffix-p ".png" opened)))
    (with-current-buffer "*llm-switch call: media*"
      (should (string-match-p "As data\n{\n +\"rows\": \\[" (buffer-string))))))

(ert-deftest llm-switch-mcp-try/what-may-destroy-something-is-asked-about ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-see "^ on +slow")
    (llm-switch-test-keys "RET RET n" (llm-switch-mcp-server-try))
    (should-not (get-buffer "*llm-switch call: slow*"))))

(ert-deftest llm-switch-mcp-try/a-call-tells-how-far-it-is-and-is-cancelled ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-see "^ on +slow")
    (llm-switch-test-keys "2 0 RET 5 0 0 RET y RET" (llm-switch-mcp-server-try))
    (llm-switch-mcp-screen-test-see "^It runs…  C-g cancels it\\.$")
    (llm-switch-test-wait (string-match-p "\\`[0-9]+% step [0-9]+\\'"
                                          (or llm-switch-mcp-try--progress "")))
    (llm-switch-mcp-screen-test-type "C-c C-k")
    (llm-switch-mcp-screen-test-see "^Failed: .*cancelled")
    (should-not llm-switch-mcp-try--id)
    (with-current-buffer "*chat*"
      (llm-switch-test-wait (equal "slow" (llm-switch-mcp-test-text "box" "cancelled"))))))

(ert-deftest llm-switch-mcp-try/a-failure-is-shown-and-the-call-made-again ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-see "^ on +error")
    (llm-switch-test-keys "y RET" (llm-switch-mcp-server-try))
    (llm-switch-mcp-screen-test-see "^It failed after")
    (llm-switch-mcp-screen-test-see "^there is no such row$")
    ;; It may destroy something, so it is asked about again, and whole.
    (let ((shown nil))
      (dolist (answer '(no yes))
        (cl-letf (((symbol-function 'llm-switch-mcp-ask)
                   (lambda (text &rest _) (push text shown) answer))
                  ((symbol-function 'llm-switch-mcp-place-call)
                   (lambda (&rest _) (setq shown (list 'called)) 1)))
          (setq llm-switch-mcp-try--arguments
                (format "{\"path\":\"%s\",\"last\":1}" (make-string 400 ?x)))
          (llm-switch-mcp-screen-test-type "g")
          (when (eq answer 'no)
            (should (string-search "\"last\": 1" (car shown))))))
      (should (equal shown '(called)))
      (setq llm-switch-mcp-try--id nil))))

;;; Logs

(ert-deftest llm-switch-mcp-log/the-protocol-is-followed-and-a-message-is-shown-whole ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-type "P")
    (llm-switch-mcp-screen-test-see "^[0-9:]+ → {.*\"server/discover\"")
    (llm-switch-mcp-screen-test-type "RET")
    (with-current-buffer "*llm-switch message*"
      (should (string-match-p "^ +\"method\": \"server/discover\"" (buffer-string))))
    (with-current-buffer "*chat*" (llm-switch-mcp-test-text "box" "echo" :text "later"))
    (llm-switch-mcp-screen-test-see "^[0-9:]+ ← {.*\"later\"")
    (should-not (string-search (llm-switch-test-key "box") (buffer-string)))))

(ert-deftest llm-switch-mcp-log/the-log-follows-through-a-restart ()
  (llm-switch-mcp-server-test-with
    (llm-switch-mcp-screen-test-type "l")
    (with-current-buffer "*chat*" (llm-switch-mcp-test-call "box" "flood" :megabytes 1))
    (llm-switch-mcp-screen-test-see "^eeee")
    (with-current-buffer "*chat*" (llm-switch-mcp-test-ask "mcp.restart" :server "box"))
    (llm-switch-mcp-test-note)
    (llm-switch-mcp-screen-test-see "^-- the server was started anew$")))

(provide 'llm-switch-mcp-server-test)
;;; llm-switch-mcp-server-test.el ends here
