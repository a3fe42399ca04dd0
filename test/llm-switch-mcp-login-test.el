;;; llm-switch-mcp-login-test.el --- Logging in to a server  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A server of tools with its authorization server, in this Emacs, on loopback.
;; It knows just enough of either protocol, and lets in whoever bears its token.

;;; Code:

(require 'llm-switch-mcp-helper)
(require 'llm-switch-mcp-login)
(require 'llm-switch-mcp-place)
(require 'url)

;;; The server

(defvar llm-switch-mcp-login-test-token nil
  "The token that is good.")

(defvar llm-switch-mcp-login-test-logins 0
  "How many tokens were given out.")

(defun llm-switch-mcp-login-test-said (message)
  "Return the result of MESSAGE, a plist, as an MCP server of the older era."
  (pcase (plist-get message :method)
    ("initialize" '(:protocolVersion "2025-11-25" :capabilities (:tools nil)
                    :serverInfo (:name "guarded" :version "1")))
    ("tools/list" '(:tools [(:name "echo" :inputSchema (:type "object"))]))))

(defun llm-switch-mcp-login-test-answer (path headers body here)
  "Return (STATUS HEADER OBJECT) for PATH with HEADERS and BODY, served at HERE."
  (pcase (car (split-string path "?"))
    ("/mcp" (llm-switch-mcp-login-test-guard headers body here))
    ("/.well-known/oauth-protected-resource/mcp"
     `(200 nil (:resource ,(concat here "/mcp") :authorization_servers [,here])))
    ("/.well-known/oauth-authorization-server"
     `(200 nil (:issuer ,here :authorization_endpoint ,(concat here "/authorize")
                :token_endpoint ,(concat here "/token")
                :registration_endpoint ,(concat here "/register")
                :response_types_supported ["code"] :code_challenge_methods_supported ["S256"])))
    ("/register" '(200 nil (:client_id "registered" :redirect_uris [])))
    ("/authorize" (list 302 (llm-switch-mcp-login-test-back path) '(:a "b")))
    ("/token" `(200 nil (:access_token ,(llm-switch-mcp-login-test-new) :token_type "Bearer"
                         :expires_in 3600)))
    (_ '(404 nil (:a "b")))))

(defun llm-switch-mcp-login-test-new ()
  "Return a new token."
  (setq llm-switch-mcp-login-test-token
        (llm-switch-test-key (format "access%d" (cl-incf llm-switch-mcp-login-test-logins)))))

(defun llm-switch-mcp-login-test-back (path)
  "Return the header that leads back from PATH, at which the user logs in."
  (let ((query (url-parse-query-string (cadr (split-string path "?")))))
    (format "location: %s?code=%s&state=%s\r\n" (cadr (assoc "redirect_uri" query))
            (llm-switch-test-key "code") (url-hexify-string (cadr (assoc "state" query))))))

(defun llm-switch-mcp-login-test-guard (headers body here)
  "Return what the server at HERE answers to BODY if HEADERS bear its token."
  (if (not (and llm-switch-mcp-login-test-token
                (string-search (concat "Bearer " llm-switch-mcp-login-test-token) headers)))
      (list 401 (format "www-authenticate: Bearer resource_metadata=%S\r\n"
                        (concat here "/.well-known/oauth-protected-resource/mcp"))
            '(:a "b"))
    (let* ((message (ignore-errors (json-parse-string body :object-type 'plist)))
           (id (plist-get message :id))
           (result (llm-switch-mcp-login-test-said message)))
      (cond ((null message) '(405 nil (:a "b")))
            ((null id) '(202 nil nil))
            (result `(200 nil (:jsonrpc "2.0" :id ,id :result ,result)))
            (t `(200 nil (:jsonrpc "2.0" :id ,id
                          :error (:code -32601 :message "not known"))))))))

(defun llm-switch-mcp-login-test-hear (process text)
  "Answer the request of PROCESS once all of it is there; TEXT is more of it."
  (let ((all (concat (process-get process 'text) text))
        (case-fold-search t))
    (process-put process 'text all)
    (when-let* ((end (string-search "\r\n\r\n" all)))
      (let* ((head (substring all 0 end))
             (body (substring all (+ end 4)))
             (length (if (string-match "^content-length: *\\([0-9]+\\)" head)
                         (string-to-number (match-string 1 head))
                       0)))
        (when (>= (string-bytes body) length)
          (string-match "\\`[A-Z]+ \\([^ ]+\\)" head)
          (llm-switch-mcp-login-test-send process (match-string 1 head) head body))))))

(defun llm-switch-mcp-login-test-send (process path head body)
  "Send PROCESS the answer to a request for PATH with HEAD and BODY."
  (pcase-let* ((here (and (string-match "^host: *\\([^ \r\n]+\\)" head)
                          (concat "http://" (match-string 1 head))))
               (`(,status ,header ,object)
                (llm-switch-mcp-login-test-answer path head body here))
               (json (if object (json-serialize object) "")))
    (process-send-string
     process (format "HTTP/1.1 %d X\r\n%scontent-type: application/json\r\ncontent-length: %d\r\n\
connection: close\r\n\r\n%s" status (or header "") (length json) json))
    (process-send-eof process)))

(defmacro llm-switch-mcp-login-test (&rest body)
  "Run BODY with the server, \"it\", to whom nobody is logged in."
  (declare (indent 0) (debug t))
  `(let* ((llm-switch-mcp-login-test-token nil)
          (llm-switch-mcp-login-test-logins 0)
          (listener (make-network-process :name "guarded" :server t :host "127.0.0.1" :service t
                                          :family 'ipv4 :coding 'binary :noquery t
                                          :filter #'llm-switch-mcp-login-test-hear))
          (port (process-contact listener :service)))
     (unwind-protect
         (llm-switch-mcp-test-with (format "[mcp.it]\nurl = \"http://127.0.0.1:%s/mcp\"\n" port)
           ,@body)
       (delete-process listener))))

(defun llm-switch-mcp-login-test-state ()
  "Return the state of the server."
  (plist-get (llm-switch-mcp-test-row "it") :state))

(defun llm-switch-mcp-login-test-kept ()
  "Return what is kept of logins."
  (with-temp-buffer
    (ignore-errors
      (insert-file-contents (expand-file-name "mcp-logins.json" llm-switch-state-directory)))
    (buffer-string)))

;;; Tests

(ert-deftest llm-switch-mcp-login/a-pasted-address-logs-in ()
  (llm-switch-mcp-login-test
    (should-error (llm-switch-mcp-test-ask "mcp.start" :server "it") :type 'llm-switch-mcp)
    (should (equal (llm-switch-mcp-login-test-state) "needs-login"))
    (should (equal (plist-get (llm-switch-mcp-test-ask "mcp.login" :server "it") :state) "ready"))
    (should (equal (plist-get (car (llm-switch-mcp-test-asked "mcp-login")) :host) "127.0.0.1"))
    (should (equal (llm-switch-mcp-test-tools "it") '("echo")))))

(ert-deftest llm-switch-mcp-login/the-question-ends-when-the-browser-is-back ()
  (llm-switch-mcp-login-test
    (let* ((noninteractive nil)
           (pasting nil)
           (llm-switch-mcp-test-answers '(("mcp-login" . llm-switch-mcp-login-answer))))
      (cl-letf (((symbol-function 'y-or-n-p) (lambda (prompt) (string-search "127.0.0.1" prompt)))
                ((symbol-function 'browse-url)
                 (lambda (url &rest _) (url-retrieve url #'ignore nil t)))
                ((symbol-function 'read-string)
                 (lambda (&rest _)
                   (setq pasting t)
                   (unwind-protect (llm-switch-test-wait nil)
                     (setq pasting 'over)))))
        (should (equal (plist-get (llm-switch-mcp-test-ask "mcp.login" :server "it") :state)
                       "ready"))
        (should (eq pasting 'over))
        (should-not (get-buffer llm-switch-mcp-ask--buffer))))))

(ert-deftest llm-switch-mcp-login/what-the-user-pastes-logs-in ()
  (llm-switch-mcp-login-test
    (let* ((noninteractive nil)
           (opened nil)
           (llm-switch-mcp-test-answers '(("mcp-login" . llm-switch-mcp-login-answer))))
      (cl-letf (((symbol-function 'y-or-n-p) #'always)
                ((symbol-function 'browse-url) (lambda (url &rest _) (setq opened url)))
                ((symbol-function 'read-string)
                 (lambda (&rest _) (llm-switch-mcp-answers--redirection opened))))
        (should (equal (plist-get (llm-switch-mcp-test-ask "mcp.login" :server "it") :state)
                       "ready"))))))

(ert-deftest llm-switch-mcp-login/one-that-is-not-wanted-is-left ()
  (llm-switch-mcp-login-test
    (let ((noninteractive nil)
          (llm-switch-mcp-test-answers '(("mcp-login" . llm-switch-mcp-login-answer))))
      (cl-letf (((symbol-function 'y-or-n-p) #'ignore)
                ((symbol-function 'browse-url) (lambda (&rest _) (ert-fail "opened"))))
        (should-error (llm-switch-mcp-test-ask "mcp.login" :server "it")
                      :type 'llm-switch-cancelled)
        (should (equal (llm-switch-mcp-login-test-state) "needs-login"))))))

(ert-deftest llm-switch-mcp-login/a-login-is-forgotten-and-can-be-made-anew ()
  (llm-switch-mcp-login-test
    (llm-switch-mcp-test-ask "mcp.login" :server "it")
    (should (string-search llm-switch-mcp-login-test-token (llm-switch-mcp-login-test-kept)))
    (llm-switch-mcp-test-ask "mcp.logout" :server "it")
    (should-not (string-search llm-switch-mcp-login-test-token (llm-switch-mcp-login-test-kept)))
    (llm-switch-mcp-test-state "it" "needs-login")
    (llm-switch-mcp-test-ask "mcp.login" :server "it")
    (should (= llm-switch-mcp-login-test-logins 2))
    ;; Of one that does not run, too.
    (llm-switch-mcp-test-ask "mcp.stop" :server "it")
    (llm-switch-mcp-test-ask "mcp.logout" :server "it")
    (should-not (string-search llm-switch-mcp-login-test-token (llm-switch-mcp-login-test-kept)))))

(provide 'llm-switch-mcp-login-test)
;;; llm-switch-mcp-login-test.el ends here
