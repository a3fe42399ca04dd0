;;; llm-switch-mcp-peers-test.el --- MCP servers that others wrote  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The servers of the protocol's authors and Playwright's with a real browser,
;; as .dev/mcp-peers has installed them: those in npm speak the protocol that
;; begins with `initialize', those in Python the newer one.

;;; Code:

(require 'llm-switch-mcp-peers-helper)
(require 'llm-switch-mcp-tools)

;;; Programs of one purpose

(ert-deftest llm-switch-mcp-peers/files-are-read-and-written-where-the-server-may ()
  (llm-switch-mcp-test-with
      (llm-switch-mcp-peers-node "files" "@modelcontextprotocol/server-filesystem/dist/index.js"
                                 (directory-file-name llm-switch-mcp-test-project))
    (should (equal (plist-get (llm-switch-mcp-test-start "files") :version) "2025-11-25"))
    (let ((file (expand-file-name "notes.txt" llm-switch-mcp-test-project)))
      (llm-switch-mcp-test-text "files" "write_file" :path file :content "größer\nals je 🦄")
      (should (equal (llm-switch-mcp-test-text "files" "read_text_file" :path file)
                     "größer\nals je 🦄"))
      (should (equal (llm-switch-mcp-test-text "files" "search_files"
                                               :path llm-switch-mcp-test-project :pattern "*.txt")
                     file)))
    (should (string-match-p "Access denied.*/etc/passwd"
                            (llm-switch-mcp-test-failure "files" "read_text_file" :path "/etc/passwd")))
    ;; Each of the four calls, since nothing allows them.
    (should (= 4 (length (llm-switch-mcp-test-asked "mcp-permission"))))))

(ert-deftest llm-switch-mcp-peers/a-graph-is-remembered-when-the-server-has-restarted ()
  (llm-switch-mcp-test-with
      (concat (llm-switch-mcp-test-program
               "memory" (llm-switch-mcp-peers-script "@modelcontextprotocol/server-memory/dist/index.js")
               "MEMORY_FILE_PATH" (expand-file-name "graph.json" llm-switch-mcp-test-project))
              llm-switch-mcp-peers-allowed)
    (let ((pid (plist-get (llm-switch-mcp-test-start "memory") :pid)))
      (llm-switch-mcp-test-text
       "memory" "create_entities"
       :entities [(:name "Ada" :entityType "person" :observations ["writes programs"])])
      (llm-switch-mcp-test-text "memory" "create_relations"
                                :relations [(:from "Ada" :to "Ada" :relationType "knows")])
      (llm-switch-mcp-test-ask "mcp.restart" :server "memory")
      (should-not (equal pid (plist-get (llm-switch-mcp-test-state "memory" "ready") :pid)))
      (let ((graph (llm-switch-mcp-answers-parse
                    (plist-get (llm-switch-mcp-test-call "memory" "read_graph") :structured))))
        (should (equal (plist-get (aref (plist-get graph :entities) 0) :observations)
                       ["writes programs"]))
        (should (equal (plist-get (aref (plist-get graph :relations) 0) :relationType) "knows"))))
    (should-not (llm-switch-mcp-test-asked "mcp-permission"))))

(ert-deftest llm-switch-mcp-peers/a-time-is-converted ()
  (llm-switch-mcp-test-with (llm-switch-mcp-peers-python "time" "mcp_server_time" "--local-timezone" "UTC")
    (should (equal (plist-get (llm-switch-mcp-test-start "time") :version) "2026-07-28"))
    (should (equal (llm-switch-mcp-test-tools "time") '("convert_time" "get_current_time")))
    (should (string-match-p
             "T21:00:00\\+09:00"
             (llm-switch-mcp-test-text "time" "convert_time" :source_timezone "UTC" :time "12:00"
                                       :target_timezone "Asia/Tokyo")))
    (should (string-match-p
             "Invalid timezone"
             (llm-switch-mcp-test-failure "time" "convert_time" :source_timezone "Nowhere"
                                          :time "12:00" :target_timezone "Asia/Tokyo")))))

(ert-deftest llm-switch-mcp-peers/a-commit-is-made-in-the-one-repository ()
  (llm-switch-mcp-test-with
      (llm-switch-mcp-peers-python "git" "mcp_server_git" "--repository"
                                   (directory-file-name llm-switch-mcp-test-project))
    (call-process "git" nil nil nil "init" "--quiet")
    (call-process "git" nil nil nil "config" "user.name" "Ada")
    (call-process "git" nil nil nil "config" "user.email" "ada@example.org")
    (llm-switch-mcp-test-file "notes.txt" "text")
    (llm-switch-mcp-test-start "git")
    (let ((here (directory-file-name llm-switch-mcp-test-project)))
      (should (string-match-p "notes.txt" (llm-switch-mcp-test-text "git" "git_status" :repo_path here)))
      (llm-switch-mcp-test-text "git" "git_add" :repo_path here :files ["notes.txt"])
      (llm-switch-mcp-test-text "git" "git_commit" :repo_path here :message "First notes")
      (should (string-match-p "First notes" (llm-switch-mcp-test-text "git" "git_log" :repo_path here)))
      (should (equal (process-lines "git" "log" "--format=%an %s") '("Ada First notes"))))
    (should (string-match-p "outside the allowed repository"
                            (llm-switch-mcp-test-failure "git" "git_status" :repo_path "/")))))

(ert-deftest llm-switch-mcp-peers/a-page-of-this-machine-is-fetched ()
  (llm-switch-mcp-peers-page url
    (llm-switch-mcp-test-with
        (concat (llm-switch-mcp-peers-python "fetch" "mcp_server_fetch" "--ignore-robots-txt"
                                             "--allow-private-ips")
                (llm-switch-mcp-peers-python "careful" "mcp_server_fetch" "--ignore-robots-txt"))
      (llm-switch-mcp-test-start "fetch")
      (should (string-match-p "A text of \\*\\*some\\*\\* length\\."
                              (llm-switch-mcp-test-text "fetch" "fetch" :url url)))
      (llm-switch-mcp-test-start "careful")
      (should (string-match-p "not a public address"
                              (llm-switch-mcp-test-failure "careful" "fetch" :url url))))))

;;; What a project brings

(defun llm-switch-mcp-peers-project-file ()
  "Let the project bring a server \"memory\", whose file stands in the environment."
  (llm-switch-mcp-test-file
   ".mcp.json"
   (json-encode
    `((mcpServers
       . ((memory
           . ((command . ,(car (llm-switch-mcp-peers-script "")))
              (args . ,(cdr (llm-switch-mcp-peers-script
                             "@modelcontextprotocol/server-memory/dist/index.js")))
              (env . ((MEMORY_FILE_PATH . "${GRAPH:-/nowhere}")))))))))))

(ert-deftest llm-switch-mcp-peers/a-server-of-the-project-runs-once-it-is-trusted ()
  (llm-switch-mcp-test-with (concat "default-mode = 'auto'\n" llm-switch-mcp-peers-allowed)
    (llm-switch-mcp-peers-project-file)
    (let* ((graph (expand-file-name "graph.json" llm-switch-mcp-test-project))
           (process-environment (cons (concat "GRAPH=" graph) process-environment)))
      (let ((llm-switch-mcp-test-answers `(("mcp-trust" . ,#'ignore))))
        (should-error (llm-switch-mcp-test-start "memory") :type 'llm-switch-refused)
        (should (equal (plist-get (llm-switch-mcp-test-row "memory") :state) "needs-trust"))
        (should-not (llm-switch-mcp-test-processes)))
      (llm-switch-mcp-test-start "memory")
      (llm-switch-mcp-test-text "memory" "create_entities"
                                :entities [(:name "Ada" :entityType "person" :observations [])])
      (should (file-exists-p graph))
      (llm-switch-mcp-test-ask "mcp.restart" :server "memory")
      (should (= 2 (length (llm-switch-mcp-test-asked "mcp-trust")))))))

;;; A browser

(defun llm-switch-mcp-peers--screenshot-in-chat ()
  "Have a model take a screenshot in a chat; return what it was shown, a plist.
The model is the simulator's, which would make up arguments that name no element."
  (let ((gptel--known-tools nil) (gptel-tools nil) (gptel-use-tools t)
        (gptel-confirm-tool-calls nil) (done nil))
    (llm-switch-test-chat "sim/tools:1" #'text-mode
      (setq default-directory llm-switch-mcp-test-project)
      (llm-switch-mcp-tools-refresh (lambda () (setq done t)))
      (llm-switch-test-wait done)
      (setq-local gptel-tools (list (gptel-get-tool '("mcp-browser"
                                                      "mcp__browser__browser_take_screenshot"))))
      (cl-letf (((symbol-function 'llm-switch-mcp-call--arguments) (lambda (&rest _) "{}")))
        (llm-switch-test-ask "What does the page look like?"))
      (goto-char (point-min))
      (should (re-search-forward "image/png, [0-9]+ bytes: mcp-content:" nil t))
      (car (plist-get (car (last (llm-switch-test-received))) :media)))))

(ert-deftest llm-switch-mcp-peers/a-browser-is-led-and-leaves-nothing-behind ()
  (llm-switch-mcp-peers-page url
    (llm-switch-mcp-test-with (concat (llm-switch-test-config) (llm-switch-mcp-peers-browser)
                                      llm-switch-mcp-peers-allowed)
      (let ((llm-switch-test-patience 120))
        (llm-switch-mcp-test-start "browser")
        (should (string-match-p "Page Title: Title"
                                (llm-switch-mcp-test-text "browser" "browser_navigate" :url url)))
        (llm-switch-mcp-test-text "browser" "browser_type" :element "name" :target "#name" :text "Ada")
        (llm-switch-mcp-test-text "browser" "browser_click" :element "button" :target "#go")
        (should (string-match-p "clicked by Ada"
                                (llm-switch-mcp-test-text "browser" "browser_snapshot")))
        (let ((image (car (llm-switch-mcp-peers-handles
                           (llm-switch-mcp-test-call "browser" "browser_take_screenshot") "image"))))
          (should (equal (plist-get image :mime) "image/png"))
          (should (equal (llm-switch-mcp-peers-head image 8) "\211PNG\r\n\032\n"))
          (should (< 1000 (plist-get image :bytes))))
        (let ((shown (llm-switch-mcp-peers--screenshot-in-chat)))
          (should (equal (plist-get shown :mime) "image/png"))
          (should (eq (plist-get shown :of_tool) t))
          (should (< 1000 (plist-get shown :bytes))))
        (should (seq-find (lambda (it) (string-match-p "chrom" (nth 2 it)))
                          llm-switch-mcp-test-started))
        (llm-switch-mcp-test-ask "mcp.stop" :server "browser")
        (llm-switch-mcp-test-gone)))))

(provide 'llm-switch-mcp-peers-test)
;;; llm-switch-mcp-peers-test.el ends here
