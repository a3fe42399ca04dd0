;;; llm-switch-mcp-security-test.el --- Tests of what MCP servers may not do  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What a repository brings does not run unasked, what servers are not given
;; they do not see, and what the user has forbidden does not happen.  Who may
;; call what is tested in rust/engine/tests/mcp too.

;;; Code:

(require 'llm-switch-mcp-helper)
(require 'llm-switch-mcp-tools)

;;; A project that brings servers

(defun llm-switch-mcp-security-test--entry (&rest environment)
  "Return what a file says of a server, a plist; ENVIRONMENT is its env.
When it is started it leaves the file \"started\" in its folder, the project's."
  `(:command "/bin/sh"
    :args ["-c" "touch started; exec \"$0\" stdio" ,(getenv "LLM_SWITCH_MCP_SERVER")]
    :env ,(or environment (make-hash-table))))

(defun llm-switch-mcp-security-test--bring (&rest environment)
  "Let the project bring the server \"p\" with ENVIRONMENT."
  (llm-switch-mcp-test-file
   ".mcp.json" (llm-switch-channel--json
                `(:mcpServers (:p ,(apply #'llm-switch-mcp-security-test--entry environment))))))

(defun llm-switch-mcp-security-test--started-p ()
  "Return non-nil if a server of the project was started."
  (file-exists-p (expand-file-name "started" llm-switch-mcp-test-project)))

(defmacro llm-switch-mcp-security-test-answering (answers &rest body)
  "Run BODY while questions are answered as ANSWERS, an alist of kinds, say."
  (declare (indent 1) (debug t))
  `(let ((llm-switch-mcp-test-answers
          (mapcar (lambda (it) (cons (car it) (lambda (_) (cdr it)))) ,answers)))
     ,@body))

(ert-deftest llm-switch-mcp-security/a-projects-server-is-never-started-unasked ()
  (let ((gptel--known-tools nil))
    (llm-switch-mcp-test-with ""
      (llm-switch-mcp-security-test--bring)
      (llm-switch-mcp-test-file
       ".vscode/mcp.json"
       (llm-switch-channel--json `(:servers (:v ,(llm-switch-mcp-security-test--entry)))))
      (let ((before (mapcar #'car (llm-switch-mcp-test-processes)))
            (file (llm-switch-mcp-test-file "notes.txt" "Hello\n"))
            (done nil))
        (dolist (server '("p" "v"))
          (should (equal (plist-get (llm-switch-mcp-test-row server) :state) "needs-trust")))
        (with-current-buffer (find-file-noselect file)
          (unwind-protect
              (progn (gptel-mode 1)
                     (llm-switch-mcp-tools-refresh (lambda () (setq done t)))
                     (llm-switch-test-wait done))
            (set-buffer-modified-p nil)
            (kill-buffer)))
        (should-not (llm-switch-mcp-test-asked "mcp-trust"))
        (dolist (answer '(nil :null "yes"))
          (llm-switch-mcp-security-test-answering `(("mcp-trust" . ,answer))
            (should-error (llm-switch-mcp-test-ask "mcp.start" :server "p")
                          :type 'llm-switch-refused)))
        (should-not (llm-switch-mcp-security-test--started-p))
        (should-not (seq-difference (mapcar #'car (llm-switch-mcp-test-processes)) before))))))

(ert-deftest llm-switch-mcp-security/trust-is-kept-outside-of-the-repository ()
  (llm-switch-mcp-test-with ""
    (llm-switch-mcp-security-test--bring :TOKEN (llm-switch-test-key "brought"))
    (llm-switch-mcp-test-start "p")
    (let ((question (car (llm-switch-mcp-test-asked "mcp-trust"))))
      (should (string-match-p "touch started" (plist-get question :launch)))
      (should (equal (append (plist-get question :env-names) nil) '("TOKEN")))
      (should-not (eq (plist-get question :changed) t))
      (should-not (string-match-p (llm-switch-test-key "brought") (format "%S" question))))
    (should (equal (directory-files llm-switch-mcp-test-project nil "\\`[^.]\\|json")
                   '(".mcp.json" "started")))
    (let ((file (expand-file-name "mcp-trust.json" llm-switch-state-directory)))
      (should (= #o600 (file-modes file)))
      (should (= #o700 (file-modes (file-name-directory file)))))
    ;; Another Emacs, and the definition at another line.
    (llm-switch-channel-stop)
    (with-temp-file (expand-file-name ".mcp.json" llm-switch-mcp-test-project)
      (insert "\n\n")
      (insert (llm-switch-channel--json
               `(:mcpServers (:p ,(llm-switch-mcp-security-test--entry
                                   :TOKEN (llm-switch-test-key "brought")))))))
    (llm-switch-mcp-test-start "p")
    (should (= 1 (length (llm-switch-mcp-test-asked "mcp-trust"))))))

(ert-deftest llm-switch-mcp-security/a-changed-definition-asks-again-and-says-so ()
  (llm-switch-mcp-test-with ""
    (llm-switch-mcp-security-test--bring :MODE "one")
    (llm-switch-mcp-test-start "p")
    (llm-switch-mcp-test-ask "mcp.stop" :server "p")
    (delete-file (expand-file-name "started" llm-switch-mcp-test-project))
    (llm-switch-mcp-security-test--bring :MODE "another")
    (let ((row (llm-switch-mcp-test-row "p")))
      (should (eq (plist-get row :changed) t)))
    (llm-switch-mcp-security-test-answering '(("mcp-trust"))
      (should-error (llm-switch-mcp-test-ask "mcp.start" :server "p") :type 'llm-switch-refused))
    (should (eq (plist-get (car (llm-switch-mcp-test-asked "mcp-trust")) :changed) t))
    (should-not (llm-switch-mcp-security-test--started-p))))

;;; Secrets

(defun llm-switch-mcp-security-test--holders (text)
  "Return the files below `llm-switch-test-folder' that hold TEXT, but for config.toml."
  (seq-filter (lambda (file)
                (with-temp-buffer
                  (set-buffer-multibyte nil)
                  (insert-file-contents-literally file)
                  (search-forward text nil t)))
              (seq-remove (lambda (file) (string-suffix-p "config.toml" file))
                          (directory-files-recursively llm-switch-test-folder ""))))

(ert-deftest llm-switch-mcp-security/a-server-sees-no-secrets-and-nothing-tells-its-own ()
  (let* ((foreign (llm-switch-test-key "foreign"))
         (own (llm-switch-test-key "its-own"))
         (process-environment (append (list (concat "OPENAI_API_KEY=" foreign)
                                            (concat "SSH_AUTH_SOCK=/tmp/" foreign)
                                            (concat "AWS_SECRET_ACCESS_KEY=" foreign))
                                      process-environment)))
    (llm-switch-mcp-test-with
        (llm-switch-mcp-test-program "s" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio")
                                     "TOKEN" own)
      (llm-switch-mcp-test-start "s")
      (let ((text (llm-switch-mcp-test-text "s" "env")))
        (should (string-match-p (concat "TOKEN=" (regexp-quote own)) text))
        (should (string-match-p "^PATH=" text))
        (should-not (string-match-p (regexp-quote foreign) text))
        (should-not (string-match-p "SSH_AUTH_SOCK\\|_KEY=" text)))
      (should-error (llm-switch-mcp-test-call "s" own) :type 'llm-switch-mcp)
      (dolist (kind '("protocol" "stderr" "message"))
        (should-not (string-match-p (regexp-quote own)
                                    (format "%S" (llm-switch-mcp-test-ask
                                                  "mcp.log" :server "s" :kind kind)))))
      (should-not (string-match-p (regexp-quote own)
                                  (format "%S" (llm-switch-mcp-test-ask "mcp.list"))))
      (llm-switch-mcp-test-ask "mcp.permit" :rule "mcp__s__env" :decision "allow" :scope "always")
      (llm-switch-channel-stop)
      (should-not (llm-switch-mcp-security-test--holders own))
      (should-not (llm-switch-mcp-security-test--holders foreign))
      (dolist (file (directory-files llm-switch-state-directory t "\\.json\\'"))
        (should (= #o600 (file-modes file))))
      ;; .dev/keys searches what tests leave.
      (delete-file llm-switch-config-file))))

;;; Calls

(ert-deftest llm-switch-mcp-security/what-a-call-does-is-shown-before-it-does-it ()
  (llm-switch-mcp-test-with
      (llm-switch-mcp-test-program "s" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio"))
    (llm-switch-mcp-test-start "s")
    (llm-switch-mcp-security-test-answering
        '(("mcp-permission" . (:decision "deny" :reason "not in this folder")))
      (should (string-match-p
               "They say: not in this folder"
               (cadr (should-error (llm-switch-mcp-test-call "s" "crash" :path "/home/ada")
                                   :type 'llm-switch-refused)))))
    (let ((question (car (llm-switch-mcp-test-asked "mcp-permission"))))
      (should (eq (plist-get question :destructive) t))
      (should (string-match-p "\"path\": \"/home/ada\"" (plist-get question :arguments))))
    (should (equal (plist-get (llm-switch-mcp-test-row "s") :state) "ready"))))

(defmacro llm-switch-mcp-security-test-chat (config &rest body)
  "Run BODY in a chat with the tools cancelled and error, with CONFIG.
The configuration has the simulator and the server \"s\" too.  The model,
\"inspect\", answers with what it got."
  (declare (indent 1) (debug t))
  `(let ((gptel--known-tools nil) (gptel-tools nil) (gptel-use-tools t)
         (gptel-confirm-tool-calls nil) (gptel-stream t))
     (llm-switch-mcp-test-with
         (concat (llm-switch-test-config)
                 (llm-switch-mcp-test-program
                  "s" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio"))
                 ,config)
       (make-directory ".git")
       (llm-switch-mcp-test-start "s")
       (llm-switch-test-chat "sim/inspect" #'text-mode
         (setq default-directory llm-switch-mcp-test-project)
         (let ((done nil))
           (llm-switch-mcp-tools-refresh (lambda () (setq done t)))
           (llm-switch-test-wait done))
         (setq-local gptel-tools
                     (mapcar (lambda (name) (gptel-get-tool (list "mcp-s" name)))
                             '("mcp__s__cancelled" "mcp__s__error")))
         ,@body))))

(defun llm-switch-mcp-security-test--offered ()
  "Return the names of the tools that a request from here offers, as it arrives."
  (llm-switch-test-ask "What do you see?")
  (let ((text (buffer-string)))
    (seq-filter (lambda (name) (string-match-p (format "\"name\": *\"%s\"" name) text))
                '("mcp__s__cancelled" "mcp__s__error"))))

(ert-deftest llm-switch-mcp-security/access-hides-tools-from-models-routes-and-projects ()
  (dolist (on '("model = \"inspect\"" "account = \"sim\"" "route = \"r\"" "project = %S"))
    (ert-info (on)
      (llm-switch-mcp-security-test-chat
          (format "[route.r]\nuse = [\"sim/inspect\"]\n\
[[mcp-access]]\non = { %s }\ntools = [\"mcp__s__cancelled\"]\n"
                  (format on (directory-file-name default-directory)))
        (when (string-search "route" on)
          (should (= 2 (length (llm-switch-mcp-security-test--offered))))
          (erase-buffer)
          (llm-switch-gptel-use (llm-switch-test-row "r") 'buffer))
        (should (equal (llm-switch-mcp-security-test--offered) '("mcp__s__cancelled"))))))
  (llm-switch-mcp-security-test-chat
      "[[mcp-access]]\non = { model = \"another\" }\ntools = [\"mcp__s__cancelled\"]\n"
    (should (equal (llm-switch-mcp-security-test--offered)
                   '("mcp__s__cancelled" "mcp__s__error")))))

(ert-deftest llm-switch-mcp-security/a-model-that-calls-what-it-was-not-told-of-is-refused ()
  (llm-switch-mcp-security-test-chat ""
    (let* ((name "mcp__s__error")
           (tool (gptel-get-tool (list "mcp-s" name)))
           (told nil)
           (llm-switch-mcp-call--running
            (gptel-make-fsm :info (list :buffer (current-buffer) :tools (list tool)
                                        :llm-switch (list :withheld (list name))
                                        :tool-use (list (list :name name :args nil))))))
      (funcall (gptel-tool-function tool) (lambda (text) (setq told text)))
      (llm-switch-test-wait told)
      (should (string-match-p "does not let it be used here" told))
      (should-not (llm-switch-mcp-test-asked "mcp-permission")))))

(ert-deftest llm-switch-mcp-security/what-is-off-is-not-offered-and-not-called ()
  (llm-switch-mcp-security-test-chat ""
    (dolist (scope '("session" "project" "always"))
      (ert-info (scope)
        (let ((on-p (lambda ()
                      (plist-get (seq-find (lambda (it) (equal (plist-get it :tool) "error"))
                                           (plist-get (llm-switch-mcp-test-ask "mcp.tools") :tools))
                                 :on)))
              (set (lambda (on)
                     (llm-switch-mcp-test-ask "mcp.set" :rule "mcp__s__error" :on on
                                              :scope scope))))
          (funcall set :json-false)
          (should-not (eq (funcall on-p) t))
          (should-error (llm-switch-mcp-test-call "s" "error") :type 'llm-switch-refused)
          (funcall set :null)
          (should (eq (funcall on-p) t)))))))

;;; This machine

(ert-deftest llm-switch-mcp-security/where-nothing-may-leave-only-local-servers-start ()
  (llm-switch-mcp-test-with
      (concat (llm-switch-mcp-test-program "near" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio"))
              "local = true\n"
              (llm-switch-mcp-test-program "far" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio")))
    (dolist (limit '((:mode "local") (:pins ["local"])))
      (let ((text (cadr (should-error
                         (apply #'llm-switch-mcp-test-ask "mcp.start" :server "far" limit)
                         :type 'llm-switch-refused))))
        (should (string-match-p "nothing may leave this machine" text))
        (should (string-match-p "`local = true` into \\[mcp\\.far\\]" text)))
      (should (equal (plist-get (apply #'llm-switch-mcp-test-ask "mcp.start" :server "near" limit)
                                :state)
                     "ready")))
    (llm-switch-mcp-test-note)))

(ert-deftest llm-switch-mcp-security/a-local-server-over-http-sends-nobody-elsewhere ()
  (let* ((port nil)
         (process
          (make-process
           :name "redirect" :connection-type 'pipe :noquery t
           :command (list "python3" (expand-file-name "test/fixtures/mcp/servers/redirect.py"
                                                      llm-switch-test-root)
                          ;; An address of nobody's, RFC 5737.
                          "http://192.0.2.77:9/mcp")
           :filter (lambda (_ text)
                     (when (string-match "listening on \\([0-9]+\\)" text)
                       (setq port (string-to-number (match-string 1 text))))))))
    (unwind-protect
        (progn
          (llm-switch-test-wait port)
          (llm-switch-mcp-test-with
              (format "[mcp.s]\nurl = \"http://127.0.0.1:%d/mcp\"\nlocal = true\nstart-timeout = 20\n"
                      port)
            (let ((text (cadr (should-error (llm-switch-mcp-test-ask "mcp.start" :server "s")
                                            :type 'llm-switch-error))))
              (should (string-match-p "192\\.0\\.2\\.77 is not on this machine; nothing was sent"
                                      text)))
            (should (equal (plist-get (llm-switch-mcp-test-row "s") :state) "failed")))
          (llm-switch-mcp-test-with
              "[mcp.s]\nurl = \"http://192.0.2.77:9/mcp\"\nlocal = true\n"
            (should-error (llm-switch-mcp-test-ask "mcp.start" :server "s")
                          :type 'llm-switch-config)))
      (delete-process process))))

(provide 'llm-switch-mcp-security-test)
;;; llm-switch-mcp-security-test.el ends here
