;;; llm-switch-mcp-faults-test.el --- Tests of MCP servers that misbehave  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Each fault ends with a state and a text that say what is the matter, within
;; the time that the configuration allows, with no process left (the helper
;; looks), and Emacs is free meanwhile: a timer ticks.

;;; Code:

(require 'llm-switch-mcp-helper)
(require 'llm-switch-mcp-tools)

;;; Servers

(defun llm-switch-mcp-faults-test--odd (how &rest lines)
  "Return the section of a configuration for the server \"s\" that is odd.
HOW is what odd.py is told, LINES stand in the section too."
  (concat (llm-switch-mcp-test-program
           "s" (list "python3"
                     (expand-file-name "test/fixtures/mcp/servers/odd.py" llm-switch-test-root)
                     how))
          (string-join lines "\n") "\n"))

(defun llm-switch-mcp-faults-test--good (arguments &rest lines)
  "Return the section for the server \"s\" of rmcp, with ARGUMENTS.
LINES stand in the section too."
  (concat (llm-switch-mcp-test-program
           "s" `(,(getenv "LLM_SWITCH_MCP_SERVER") "stdio" ,@arguments))
          (string-join lines "\n") "\n"))

;;; Emacs is free

(defmacro llm-switch-mcp-faults-test-free (seconds &rest body)
  "Run BODY, which must end within SECONDS and leave Emacs free, for its value.
A timer that ticks notes the processes too.  SECONDS is what must not be
exceeded whatever happens, far more than it takes."
  (declare (indent 1) (debug t))
  `(llm-switch-mcp-faults-test--free ,seconds (lambda () ,@body)))

(defun llm-switch-mcp-faults-test--free (seconds body)
  "Call BODY as `llm-switch-mcp-faults-test-free' does, with SECONDS."
  (let* ((ticks 0)
         (begin (float-time))
         (timer (run-with-timer 0 0.2 (lambda ()
                                        (setq ticks (1+ ticks))
                                        (llm-switch-mcp-test-note)))))
    (unwind-protect (prog1 (funcall body)
                      (let ((took (- (float-time) begin)))
                        (should (< took seconds))
                        ;; Of five a second, on a machine that has other things to do.
                        (should (>= ticks (max 1 (floor took))))))
      (cancel-timer timer))))

(defun llm-switch-mcp-faults-test--error (method &rest params)
  "Return what METHOD with PARAMS, which must fail at the server, says."
  (cadr (should-error (apply #'llm-switch-mcp-test-ask method params) :type 'llm-switch-mcp)))

(defun llm-switch-mcp-faults-test--call-error (tool &rest arguments)
  "Return what the call of TOOL with ARGUMENTS, which must fail, says."
  (cadr (should-error (apply #'llm-switch-mcp-test-call "s" tool arguments)
                      :type 'llm-switch-mcp)))

(defun llm-switch-mcp-faults-test--log (kind)
  "Return the lines of KIND in the log of the server."
  (append (plist-get (llm-switch-mcp-test-ask "mcp.log" :server "s" :kind kind) :lines) nil))

;;; Starts

(ert-deftest llm-switch-mcp-faults/one-that-never-answers-fails-in-time ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "mute" "start-timeout = 1")
    (llm-switch-mcp-faults-test-free 15
      (should (string-match-p "MCP server s: it was not ready within 1 s"
                              (llm-switch-mcp-faults-test--error "mcp.start" :server "s")))
      (should llm-switch-mcp-test-started)
      (let ((row (llm-switch-mcp-test-row "s")))
        (should (equal (plist-get row :state) "failed"))
        (should (string-match-p "not ready within 1 s" (plist-get row :problem))))
      (llm-switch-mcp-test-gone))))

(ert-deftest llm-switch-mcp-faults/one-that-ends-at-its-start-says-how ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "ends")
    (llm-switch-mcp-faults-test-free 15
      (should (string-match-p "exit code 3"
                              (llm-switch-mcp-faults-test--error "mcp.start" :server "s")))
      (should (equal (plist-get (llm-switch-mcp-test-row "s") :state) "failed"))))
  (llm-switch-mcp-test-with
      (concat (llm-switch-mcp-test-program "s" '("/bin/sh" "-c" "echo no license >&2; exit 3")))
    (should (string-match-p "exit code 3, saying: no license"
                            (llm-switch-mcp-faults-test--error "mcp.start" :server "s")))))

(ert-deftest llm-switch-mcp-faults/a-start-can-be-given-up ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "mute" "start-timeout = 60")
    (llm-switch-mcp-faults-test-free 20
      (let ((id (llm-switch-channel-call
                 "mcp.start" (llm-switch-mcp-test--params :server "s") #'ignore)))
        (llm-switch-mcp-test-state "s" "starting")
        (llm-switch-test-wait llm-switch-mcp-test-started)
        (llm-switch-channel-forget id)
        (should (equal (plist-get (llm-switch-mcp-test-ask "mcp.stop" :server "s") :state)
                       "stopped"))
        (llm-switch-mcp-test-gone)))))

;;; Calls

(ert-deftest llm-switch-mcp-faults/a-call-that-is-never-answered-ends ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "hangs" "idle-timeout = 1")
    (llm-switch-mcp-test-start "s")
    (llm-switch-mcp-faults-test-free 15
      (should (string-match-p "calling work: nothing was heard for 1 s; it was cancelled"
                              (llm-switch-mcp-faults-test--call-error "work")))
      (should (equal (plist-get (llm-switch-mcp-test-row "s") :state) "ready")))))

(ert-deftest llm-switch-mcp-faults/a-call-that-only-talks-ends-at-its-cap ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--good nil "total-timeout = 2")
    (llm-switch-mcp-test-start "s")
    (llm-switch-mcp-faults-test-free 15
      (should (string-match-p "calling slow: it took more than 2 s"
                              (llm-switch-mcp-faults-test--call-error
                               "slow" :steps 1000 :delay 100))))))

(ert-deftest llm-switch-mcp-faults/one-that-dies-in-a-call-says-how-and-its-last-words ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "dies")
    (llm-switch-mcp-test-start "s")
    (llm-switch-mcp-faults-test-free 15
      (let ((text (llm-switch-mcp-faults-test--call-error "work")))
        (should (string-match-p "calling work: it ended with exit code 9" text))
        (should (string-match-p "reading the rows\nthe disk is gone" text)))
      (should (equal (plist-get (llm-switch-mcp-test-row "s") :state) "failed"))
      (should (equal (llm-switch-mcp-faults-test--log "stderr")
                     '("reading the rows" "the disk is gone"))))))

(ert-deftest llm-switch-mcp-faults/a-flood-of-stderr-holds-up-nothing ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "floods")
    (llm-switch-mcp-faults-test-free 30
      (llm-switch-mcp-test-start "s")
      (should (equal (llm-switch-mcp-test-text "s" "work") "worked"))
      (llm-switch-test-wait (= 200 (length (llm-switch-mcp-faults-test--log "stderr"))))
      (should (equal (plist-get (llm-switch-mcp-test-ask "mcp.stop" :server "s") :state)
                     "stopped")))))

(ert-deftest llm-switch-mcp-faults/rubbish-on-stdout-is-passed-over ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "rubbish" "start-timeout = 20")
    (llm-switch-mcp-faults-test-free 30
      (llm-switch-mcp-test-start "s")
      (should (equal (llm-switch-mcp-test-text "s" "work") "worked")))))

(ert-deftest llm-switch-mcp-faults/one-that-ignores-eof-and-term-is-killed-with-its-children ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "stubborn")
    (llm-switch-mcp-test-start "s")
    (should (>= (length llm-switch-mcp-test-started) 2))
    (llm-switch-mcp-faults-test-free 20
      (should (equal (plist-get (llm-switch-mcp-test-ask "mcp.stop" :server "s") :state)
                     "stopped"))
      (llm-switch-mcp-test-gone)))
  ;; The end of the engine kills it too.
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "stubborn")
    (llm-switch-mcp-test-start "s")
    (llm-switch-channel-stop)
    (llm-switch-mcp-test-gone)))

(defun llm-switch-mcp-faults-test--left-by (&rest forms)
  "Return the process of the server that an Emacs has started which runs FORMS then."
  (let* ((start '(plist-get (llm-switch-call "mcp.start" (list :server "s" :project :null)) :pid))
         (output (cdr (llm-switch-test-emacs
                       '(require 'llm-switch-environment)
                       `(setq llm-switch-config-file ,llm-switch-config-file
                              llm-switch-ledger-file ,llm-switch-ledger-file
                              llm-switch-state-directory ,llm-switch-state-directory)
                       `(let ((pid ,start))
                          ;; Written at once, unlike what is printed.
                          (message "<%d %S>" pid (alist-get 'start (process-attributes pid)))
                          ,@forms)))))
    (should (string-match "<\\([0-9]+\\) \\(.*\\)>" output))
    (list (string-to-number (match-string 1 output)) (read (match-string 2 output)))))

(ert-deftest llm-switch-mcp-faults/no-server-outlives-its-emacs ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--odd "stubborn")
    (llm-switch-mcp-test-gone (list (llm-switch-mcp-faults-test--left-by '(kill-emacs)))))
  ;; Killed, Emacs can see to nothing any more; a server ends with its input.
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--good nil)
    (llm-switch-mcp-test-gone
     (list (llm-switch-mcp-faults-test--left-by '(signal-process (emacs-pid) 'SIGKILL)
                                                '(sleep-for 30))))))

(ert-deftest llm-switch-mcp-faults/twenty-megabytes-are-cut-and-kept ()
  (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--good nil "output-limit = 1000")
    (llm-switch-mcp-test-start "s")
    (llm-switch-mcp-faults-test-free 30
      (let ((value (llm-switch-mcp-test-call "s" "big" :megabytes 20)))
        (should (string-match-p "bytes were left out here\\. The whole is in the file"
                                (plist-get value :text)))
        (should (= (ash 20 20) (file-attribute-size
                                (file-attributes (plist-get value :path)))))
        (delete-file (plist-get value :path))))))

;;; Restarts over HTTP

(defun llm-switch-mcp-faults-test--http (port &rest arguments)
  "Return a server over HTTP at PORT, started with ARGUMENTS; 0 is any port."
  (let* ((output "")
         (process (make-process
                   :name "mcp" :connection-type 'pipe :noquery t
                   :command `("/bin/sh" "-c" "exec \"$@\" 2>&1" "sh"
                              ,(getenv "LLM_SWITCH_MCP_SERVER")
                              "http" ,(number-to-string port) ,@arguments)
                   :filter (lambda (process text)
                             (setq output (concat output text))
                             (when (string-match "listening on .*:\\([0-9]+\\)\n" output)
                               (process-put process 'port
                                            (string-to-number (match-string 1 output))))))))
    (llm-switch-test-wait (process-get process 'port))
    process))

(defun llm-switch-mcp-faults-test--kill (process)
  "Kill PROCESS and wait until it has left its port."
  (let ((id (process-id process)))
    (delete-process process)
    (llm-switch-test-wait (/= 0 (signal-process id 0)))))

(ert-deftest llm-switch-mcp-faults/a-restart-over-http-ends-the-call-and-the-next-one-works ()
  (dolist (era '(nil ("--old")))
    (ert-info ((format "%S" era))
      (let* ((server (apply #'llm-switch-mcp-faults-test--http 0 era))
             (port (process-get server 'port)))
        (unwind-protect
            (llm-switch-mcp-test-with
                (format "[mcp.s]\nurl = \"http://127.0.0.1:%d/\"\nidle-timeout = 15\n" port)
              (llm-switch-mcp-test-start "s")
              (llm-switch-mcp-faults-test-free 40
                (run-with-timer 0.5 nil
                                (lambda ()
                                  (llm-switch-mcp-faults-test--kill server)
                                  (setq server (apply #'llm-switch-mcp-faults-test--http
                                                      port era))))
                (should (string-match-p "calling slow: \\(the connection broke\\|nothing was heard\\)"
                                        (llm-switch-mcp-faults-test--call-error
                                         "slow" :steps 1 :delay 60000)))
                (llm-switch-mcp-test-state "s" "ready")
                (should (equal (llm-switch-mcp-test-text "s" "echo" :text "again") "again"))))
          (delete-process server))))))

;;; Tools

(defun llm-switch-mcp-faults-test--known ()
  "Return the names of the server's tools that gptel knows."
  (mapcar #'car (alist-get "mcp-s" gptel--known-tools nil nil #'equal)))

(ert-deftest llm-switch-mcp-faults/gptel-follows-tools-that-change ()
  (dolist (era '(nil ("--old")))
    (let ((gptel--known-tools nil))
      (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--good era)
        (let ((llm-switch-channel-notice-functions (list #'llm-switch-mcp-tools--changed)))
          (llm-switch-mcp-test-start "s")
          (llm-switch-test-wait (member "mcp__s__change" (llm-switch-mcp-faults-test--known)))
          (should-not (member "mcp__s__added-1" (llm-switch-mcp-faults-test--known)))
          (llm-switch-mcp-faults-test-free 20
            (llm-switch-mcp-test-text "s" "change")
            (llm-switch-test-wait
              (member "mcp__s__added-1" (llm-switch-mcp-faults-test--known)))))))))

(ert-deftest llm-switch-mcp-faults/a-chat-keeps-its-tools-when-another-place-looks ()
  (let ((gptel--known-tools nil) (elsewhere (make-temp-file "llm-switch-mcp-" t)))
    (unwind-protect
        (llm-switch-mcp-test-with ""
          (llm-switch-mcp-test-file
           ".mcp.json" (llm-switch-channel--json
                        `(:mcpServers (:s (:command ,(getenv "LLM_SWITCH_MCP_SERVER")
                                           :args ["stdio"])))))
          (llm-switch-mcp-test-start "s")
          (with-temp-buffer
            (setq default-directory llm-switch-mcp-test-project)
            (let ((chat (current-buffer)) (done nil))
              (llm-switch-mcp-tools-refresh (lambda () (setq done t)))
              (llm-switch-test-wait done)
              (llm-switch-mcp-tools-use '("s"))
              (should (< 10 (length gptel-tools)))
              (with-temp-buffer
                (setq default-directory (file-name-as-directory elsewhere)
                      done nil)
                (llm-switch-mcp-tools-refresh (lambda () (setq done t)))
                (llm-switch-test-wait done))
              (should (< 10 (length (buffer-local-value 'gptel-tools chat)))))))
      (delete-directory elsewhere t))))

(ert-deftest llm-switch-mcp-faults/three-hundred-tools-are-a-row-and-names ()
  (let ((gptel--known-tools nil))
    (llm-switch-mcp-test-with (llm-switch-mcp-faults-test--good '("--many" "300"))
      (llm-switch-mcp-faults-test-free 30
        (let ((row (llm-switch-mcp-test-start "s")) (done nil))
          (should (equal (list (plist-get row :tools) (plist-get row :tools-on)) '(314 314)))
          (should (> (plist-get row :schema-tokens) 3000))
          (llm-switch-mcp-tools-refresh (lambda () (setq done t)))
          (llm-switch-test-wait done)
          (let ((names (llm-switch-mcp-faults-test--known)))
            (should (= 314 (length (delete-dups (copy-sequence names)))))
            (dolist (name names)
              (should (string-match-p "\\`[A-Za-z0-9_-]\\{1,64\\}\\'" name)))))))))

;;; Sampling

(ert-deftest llm-switch-mcp-faults/sampling-stays-on-this-machine-where-nothing-may-leave-it ()
  (llm-switch-test-reset)
  (llm-switch-mcp-test-with
      (concat (format "[provider.far]\nbase-url = %S\nlocality = 'proxy'\nauth = 'none'\n"
                      (llm-switch-test-url))
              "[route.far]\nuse = [\"far/hello\"]\n[mode.local]\nallow = [\"local\"]\nroute = \"far\"\n"
              (llm-switch-mcp-faults-test--good nil "local = true"))
    (llm-switch-mcp-test-ask "mcp.start" :server "s" :mode "local")
    (llm-switch-mcp-faults-test-free 30
      (should (string-match-p
               "reject"
               (cadr (should-error
                      (llm-switch-mcp-test-ask
                       "mcp.call" :name "mcp__s__ask" :mode "local"
                       :arguments "{\"what\":\"sampling\"}"))))))
    (should-not (llm-switch-test-received))))

(provide 'llm-switch-mcp-faults-test)
;;; llm-switch-mcp-faults-test.el ends here
