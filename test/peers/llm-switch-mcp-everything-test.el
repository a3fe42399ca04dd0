;;; llm-switch-mcp-everything-test.el --- The server that does everything  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Each tool of the protocol authors' own test server, over stdio and over HTTP.

;;; Code:

(require 'llm-switch-mcp-peers-helper)

(defconst llm-switch-mcp-everything-tools
  '("echo" "get-annotated-message" "get-env" "get-resource-links" "get-resource-reference"
    "get-roots-list" "get-structured-content" "get-sum" "get-tiny-image" "gzip-file-as-resource"
    "simulate-research-query" "toggle-simulated-logging" "toggle-subscriber-updates"
    "trigger-elicitation-request" "trigger-long-running-operation" "trigger-sampling-request"
    "trigger-url-elicitation")
  "What the server has for a client that can all that it asks of one.")

(defmacro llm-switch-mcp-everything-deftest (name &rest body)
  "Define a test NAME over stdio and another over HTTP, each of which runs BODY.
The server is \"all\", it is ready, and none of its tools is asked about."
  (declare (indent 1) (debug (symbolp body)))
  `(progn
     (ert-deftest ,(intern (format "llm-switch-mcp-everything/%s-over-stdio" name)) ()
       (llm-switch-mcp-everything-with (llm-switch-mcp-peers-everything) ,@body))
     (ert-deftest ,(intern (format "llm-switch-mcp-everything/%s-over-http" name)) ()
       (llm-switch-mcp-peers-call-with-everything
        (lambda (section) (llm-switch-mcp-everything-with section ,@body))))))

(defmacro llm-switch-mcp-everything-with (section &rest body)
  "Run BODY with the server of SECTION, and a simulated model for what it asks."
  (declare (indent 1) (debug t))
  `(llm-switch-mcp-test-with
       (concat (llm-switch-test-config) ,section llm-switch-mcp-peers-allowed)
     (llm-switch-mcp-test-start "all")
     ,@body))

(defun llm-switch-mcp-everything-text (tool &rest arguments)
  "Call TOOL with ARGUMENTS, which must succeed, and return its text."
  (apply #'llm-switch-mcp-test-text "all" tool arguments))

;;; Lists

(llm-switch-mcp-everything-deftest all-is-listed
  ;; The server adds the last ones when it knows what the client can.
  (llm-switch-test-wait (equal (llm-switch-mcp-test-tools "all") llm-switch-mcp-everything-tools))
  (let ((row (llm-switch-mcp-test-row "all")))
    (should (equal (list (plist-get row :tools) (plist-get row :resources) (plist-get row :prompts))
                   ;; Two of the nine are templates.
                   '(17 9 4)))
    (should (equal (plist-get row :version) "2025-11-25"))))

;;; Kinds of content

(llm-switch-mcp-everything-deftest texts-and-numbers-come-back
  (should (equal (llm-switch-mcp-everything-text "echo" :message "größer 🦄") "Echo: größer 🦄"))
  (should (equal (llm-switch-mcp-everything-text "get-sum" :a 1 :b 2.5) "The sum of 1 and 2.5 is 3.5.")))

(llm-switch-mcp-everything-deftest images-are-kept-as-files
  (let* ((value (llm-switch-mcp-test-call "all" "get-annotated-message"
                                          :messageType "error" :includeImage t))
         (image (car (llm-switch-mcp-peers-handles value "image"))))
    (should (string-match-p "Error: Operation failed" (plist-get value :text)))
    (should (string-match-p (regexp-quote (plist-get image :handle)) (plist-get value :text)))
    (should (equal (llm-switch-mcp-peers-head image 8) "\211PNG\r\n\032\n")))
  (should (llm-switch-mcp-peers-handles (llm-switch-mcp-test-call "all" "get-tiny-image") "image")))

(llm-switch-mcp-everything-deftest resources-are-linked-held-and-packed
  (should (string-match-p "demo://resource/dynamic/text/2"
                          (llm-switch-mcp-everything-text "get-resource-links" :count 2)))
  (should (string-match-p "Resource 1: This is a plaintext resource"
                          (llm-switch-mcp-everything-text "get-resource-reference"
                                                          :resourceType "Text" :resourceId 1)))
  (let ((packed (car (llm-switch-mcp-peers-handles
                      (llm-switch-mcp-test-call "all" "gzip-file-as-resource" :name "a.gz"
                                                :data "data:text/plain;base64,aGVsbG8="
                                                :outputType "resource")
                      "resource"))))
    (should (equal (plist-get packed :mime) "application/gzip"))
    (should (equal (llm-switch-mcp-peers-head packed 2) "\037\213"))))

(llm-switch-mcp-everything-deftest structure-comes-beside-the-text
  (let* ((value (llm-switch-mcp-test-call "all" "get-structured-content" :location "New York"))
         (weather (llm-switch-mcp-answers-parse (plist-get value :structured)))
         (told (llm-switch-mcp-answers-parse (plist-get value :text))))
    (dolist (name '(:temperature :conditions :humidity))
      (should (plist-get weather name))
      (should (equal (plist-get weather name) (plist-get told name))))))

;;; What servers ask

(llm-switch-mcp-everything-deftest a-form-is-filled-with-its-defaults
  (should (string-match-p "Favorite Integer: 42"
                          (llm-switch-mcp-everything-text "trigger-elicitation-request")))
  (should (equal (plist-get (car (llm-switch-mcp-test-asked "mcp-form")) :server) "all")))

(llm-switch-mcp-everything-deftest a-form-can-be-declined
  (let ((llm-switch-mcp-test-answers `(("mcp-form" . ,(lambda (_) '(:answer "decline"))))))
    (should (string-match-p "declined" (llm-switch-mcp-everything-text "trigger-elicitation-request")))))

(llm-switch-mcp-everything-deftest a-page-is-opened-only-after-a-question
  (should (string-match-p "User completed the URL elicitation"
                          (llm-switch-mcp-everything-text "trigger-url-elicitation"
                                                          :url "https://example.org/login")))
  (should (equal (plist-get (car (llm-switch-mcp-test-asked "mcp-page")) :host) "example.org")))

(llm-switch-mcp-everything-deftest a-model-answers-the-server-if-the-user-agrees
  (should (string-match-p "LLM sampling result"
                          (llm-switch-mcp-everything-text "trigger-sampling-request" :prompt "Hi")))
  (should (string-match-p "Hi" (plist-get (car (llm-switch-mcp-test-asked "mcp-sampling")) :text))))

(llm-switch-mcp-everything-deftest the-project-is-the-root
  (should (string-match-p (regexp-quote (directory-file-name llm-switch-mcp-test-project))
                          (llm-switch-mcp-everything-text "get-roots-list"))))

;;; Time

(llm-switch-mcp-everything-deftest progress-comes-in-order
  (let ((value (llm-switch-mcp-test-call "all" "trigger-long-running-operation" :duration 1 :steps 4)))
    (should (string-match-p "completed" (plist-get value :text)))
    (should (equal (mapcar (lambda (it) (list (plist-get it :done) (plist-get it :total)))
                           (plist-get value :progress))
                   '((1.0 4.0) (2.0 4.0) (3.0 4.0) (4.0 4.0))))))

(llm-switch-mcp-everything-deftest notes-and-updates-begin-and-end-with-the-server
  (should (string-match-p "Started" (llm-switch-mcp-everything-text "toggle-simulated-logging")))
  (should (string-match-p "Started" (llm-switch-mcp-everything-text "toggle-subscriber-updates")))
  ;; From now on the server does not end when its input does.
  (llm-switch-mcp-test-ask "mcp.stop" :server "all")
  (llm-switch-mcp-test-gone))

;;; What fails

(llm-switch-mcp-everything-deftest what-only-the-server-can-know-fails-in-its-words
  ;; Tasks of the older protocol, which the library does not speak.
  (should (string-match-p "requires task augmentation"
                          (llm-switch-mcp-test-failure "all" "simulate-research-query" :topic "bees")))
  (should (string-match-p "Invalid arguments"
                          (llm-switch-mcp-test-failure "all" "get-sum" :a "one"))))

(ert-deftest llm-switch-mcp-everything/the-environment-of-emacs-is-not-the-server-s ()
  (let ((process-environment (cons (concat "SECRET=" (llm-switch-test-key "user")) process-environment)))
    (llm-switch-mcp-everything-with (llm-switch-mcp-peers-everything)
      (let ((text (llm-switch-mcp-everything-text "get-env")))
        (should (string-match-p "\"PATH\"" text))
        (should-not (string-match-p "SECRET\\|LLM_SWITCH" text))))))

(provide 'llm-switch-mcp-everything-test)
;;; llm-switch-mcp-everything-test.el ends here
