;;; llm-switch-mcp-hub-test.el --- The table of MCP servers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; By keys, with the server of the tests and the real module.

;;; Code:

(require 'llm-switch-mcp-screen-helper)

(defconst llm-switch-mcp-hub-test-priced
  "[provider.sim]\nbase-url = 'http://127.0.0.1:1/v1'\n[account.sim]\npayer = 'metered'
[price.'sim/*']\ninput = '10'\noutput = '10'\n"
  "The end of a configuration with a model that has a price.")

(defun llm-switch-mcp-hub-test-line ()
  "Return the line at point."
  (buffer-substring-no-properties (line-beginning-position) (line-end-position)))

(ert-deftest llm-switch-mcp/a-server-is-started-and-stopped-by-keys ()
  (llm-switch-mcp-screen-test-with (llm-switch-mcp-screen-test-box)
    (llm-switch-mcp-screen-test-see "off +box +config +stdio +\\? +\\? +\\? +–")
    (llm-switch-mcp-screen-test-type "s")
    (llm-switch-mcp-screen-test-see "ready +box +config +stdio +\\([0-9]+\\)/\\1 +[0-9]+ +\\? +–")
    (llm-switch-mcp-test-note)
    (let ((pid (plist-get (llm-switch-mcp-test-row "box") :pid)))
      (llm-switch-mcp-screen-test-type "r")
      (llm-switch-test-wait
        (let ((row (llm-switch-mcp-test-row "box")))
          (and (equal (plist-get row :state) "ready") (/= pid (plist-get row :pid))))))
    (llm-switch-mcp-screen-test-see "ready +box")
    (llm-switch-mcp-test-note)
    (llm-switch-mcp-screen-test-type "k")
    (llm-switch-mcp-screen-test-see "stopped +box")
    (should-error (llm-switch-mcp-stop) :type 'user-error)))

(ert-deftest llm-switch-mcp/the-line-at-point-stays-while-others-change ()
  (llm-switch-mcp-screen-test-with
      (concat (llm-switch-mcp-screen-test-box)
              (llm-switch-mcp-test-program "other" '("no-such-program")))
    (llm-switch-mcp-screen-test-see "other")
    (move-to-column 17)
    (set-window-point (selected-window) (point))
    (llm-switch-mcp-screen-call "mcp.start" '(:server "box") #'ignore)
    (llm-switch-test-wait
      (save-excursion (goto-char (point-min)) (re-search-forward "ready +box" nil t)))
    (should (equal (tabulated-list-get-id) "other"))
    (should (= (current-column) 17))
    ;; A row that comes above it moves it.
    (with-temp-buffer
      (insert (llm-switch-mcp-test-program "another" '("cat")))
      (write-region nil nil llm-switch-config-file 'append 'quiet))
    (llm-switch-mcp-screen-test-type "g")
    (llm-switch-test-wait
      (save-excursion (goto-char (point-min)) (re-search-forward "off +another" nil t)))
    (should (equal (tabulated-list-get-id) "other"))
    (should (= (current-column) 17))
    (should (= (point) (window-point)))))

(ert-deftest llm-switch-mcp/without-servers-it-says-what-to-write-where ()
  (llm-switch-mcp-screen-test-with ""
    (llm-switch-mcp-screen-test-see "No server of tools is written down")
    (llm-switch-mcp-screen-test-see "\\[mcp\\.files\\]")
    (llm-switch-mcp-screen-test-see "mcpServers")
    (should-not (string-match-p "\n.\\{81\\}" (buffer-string)))
    (llm-switch-mcp-test-file ".mcp.json" "{\"mcpServers\": {\"new\": {\"command\": \"cat\"}}}")
    (llm-switch-mcp-screen-test-type "g")
    (llm-switch-mcp-screen-test-see "needs trust +new +\\.mcp\\.json")))

(ert-deftest llm-switch-mcp/what-is-wrong-is-told-below ()
  (llm-switch-mcp-screen-test-with (llm-switch-mcp-test-program "broken" '("no-such-program"))
    (llm-switch-mcp-test-file ".mcp.json" "{\"mcpServers\": {\"broken\": {\"command\": \"cat\"}}}")
    (llm-switch-mcp-screen-test-type "g")
    (llm-switch-mcp-screen-test-see "^ ! .*\\.mcp\\.json: line 1: the$\\|^ ! .*mcp\\.json")
    (llm-switch-mcp-screen-test-see "off +broken")
    (llm-switch-mcp-screen-test-type "s")
    (llm-switch-mcp-screen-test-see "failed +broken")
    (llm-switch-mcp-screen-test-see "^ ! broken: ")))

(ert-deftest llm-switch-mcp/a-chat-uses-tools-after-it-is-told-what-they-cost ()
  (llm-switch-mcp-screen-test-with
      (concat (llm-switch-mcp-screen-test-box) llm-switch-mcp-hub-test-priced)
    (with-current-buffer "*chat*" (llm-switch-gptel-use (llm-switch-test-row "sim/dear") 'buffer))
    (llm-switch-mcp-screen-test-see "off +box")
    (let ((asked nil))
      (cl-letf (((symbol-function 'y-or-n-p) (lambda (prompt) (setq asked prompt) t)))
        (llm-switch-mcp-screen-test-type "u")
        (llm-switch-mcp-screen-test-see "^ \\* ready +box +config +stdio +\\([0-9]+\\)/\\1 +[0-9]+ +\\$0\\.00"))
      (should (string-match-p "The tools of box add [0-9]+ tokens, \\$0\\.00[0-9]+ to each request of \\*chat\\*"
                              asked)))
    (with-current-buffer "*chat*"
      (should gptel-use-tools)
      (should (= (length gptel-tools) (length (llm-switch-mcp-test-tools "box")))))
    (llm-switch-mcp-screen-test-type "u")
    (llm-switch-mcp-screen-test-see "^   ready +box")
    (should-not (buffer-local-value 'gptel-tools (get-buffer "*chat*")))))

(ert-deftest llm-switch-mcp/who-does-not-want-the-cost-gets-no-tools ()
  (llm-switch-mcp-screen-test-with (llm-switch-mcp-screen-test-box)
    (llm-switch-mcp-screen-test-see "off +box")
    (let ((asked nil))
      (cl-letf (((symbol-function 'y-or-n-p) (lambda (prompt) (setq asked prompt) nil)))
        (llm-switch-mcp-screen-test-type "u")
        (llm-switch-test-wait asked)
        (should (string-match-p "at a price that is not known" asked))))
    (should-not (buffer-local-value 'llm-switch-mcp-tools-servers (get-buffer "*chat*")))))

(ert-deftest llm-switch-mcp/all-tools-of-a-server-are-switched-off-and-on ()
  (llm-switch-mcp-screen-test-with (llm-switch-mcp-screen-test-box)
    (llm-switch-mcp-screen-test-see "off +box")
    (llm-switch-mcp-screen-test-type "s")
    (llm-switch-mcp-screen-test-see "\\([0-9]+\\)/\\1")
    (llm-switch-mcp-screen-test-type "e")
    (llm-switch-mcp-screen-test-see "ready +box +config +stdio +0/[0-9]+ +0 ")
    (llm-switch-mcp-screen-test-type "e")
    (llm-switch-mcp-screen-test-see "\\([0-9]+\\)/\\1")))

(ert-deftest llm-switch-mcp/trust-is-given-and-taken-back ()
  (llm-switch-mcp-screen-test-with ""
    (llm-switch-mcp-test-file ".mcp.json" "{\"mcpServers\": {\"new\":\n {\"command\": \"cat\",
 \"args\": [\"a b\"], \"env\": {\"TOKEN\": \"x\"}}}}")
    (llm-switch-mcp-screen-test-type "g")
    (llm-switch-mcp-screen-test-see "needs trust +new")
    (let ((shown nil))
      (cl-letf (((symbol-function 'llm-switch-mcp-ask)
                 (lambda (text &rest _) (setq shown text) 'yes)))
        (llm-switch-mcp-screen-test-type "t"))
      (dolist (part '("cat \"a b\"" ".mcp.json, line 2" "TOKEN = …"))
        (should (string-search part shown)))
      (should-not (string-match-p "was changed" shown)))
    (llm-switch-mcp-screen-test-see "off +new")
    (llm-switch-mcp-screen-test-answering "y" (llm-switch-mcp-trust))
    (llm-switch-mcp-screen-test-see "needs trust +new")))

(ert-deftest llm-switch-mcp/calls-are-counted-out-of-the-ledger ()
  (llm-switch-mcp-screen-test-with (llm-switch-mcp-screen-test-box)
    (llm-switch-mcp-screen-test-see "off +box")
    (llm-switch-mcp-screen-test-type "s")
    (llm-switch-mcp-screen-test-see "ready +box")
    (with-current-buffer "*chat*"
      (llm-switch-mcp-test-call "box" "echo" :text "hi")
      (llm-switch-mcp-test-call "box" "error"))
    ;; The ledger writes in its own time.
    (llm-switch-test-wait
      (llm-switch-mcp-screen-test-type "g")
      (accept-process-output nil 0.1)
      (save-excursion (goto-char (point-min))
                      (re-search-forward "ready +box .* 2 (1!), [0-9]+ ms$" nil t)))))

(ert-deftest llm-switch-mcp/it-leads-to-where-a-server-is-written ()
  (llm-switch-mcp-screen-test-with (concat "\n\n" (llm-switch-mcp-screen-test-box))
    (llm-switch-mcp-screen-test-see "off +box")
    (llm-switch-mcp-screen-test-type "w")
    (should (equal buffer-file-name llm-switch-config-file))
    (should (looking-at-p "\\[mcp\\.box\\]"))
    (kill-buffer)))

(ert-deftest llm-switch-mcp/a-program-has-nothing-to-log-in-to ()
  (llm-switch-mcp-screen-test-with (llm-switch-mcp-screen-test-box)
    (llm-switch-mcp-screen-test-see "off +box")
    (should-error (llm-switch-mcp-login) :type 'user-error)
    (should-error (llm-switch-mcp-trust) :type 'user-error)))

(provide 'llm-switch-mcp-hub-test)
;;; llm-switch-mcp-hub-test.el ends here
