;;; llm-switch-mcp-helper.el --- What the tests of MCP share  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A test has a project and a configuration of its own, answers its questions
;; as llm-switch-mcp-answers.el does unless it binds others, and may leave no
;; process behind: whatever its servers started is looked for in the end.

;;; Code:

(require 'llm-switch-mcp-answers)
(require 'llm-switch-test-helper)

(defvar llm-switch-mcp-test-project nil
  "The project of the test that runs, with a slash at its end.")

(defvar llm-switch-mcp-test-answers nil
  "Who answers what before `llm-switch-mcp-answers' do, an alist (KIND . FUNCTION).")

(defvar llm-switch-mcp-test-asked nil
  "The questions that were asked, the latest first.")

(defvar llm-switch-mcp-tools--known)

(defvar llm-switch-mcp-test-started nil
  "The processes that were seen, as `llm-switch-mcp-test-processes' gives them.")

;;; A project and its configuration

(defmacro llm-switch-mcp-test-with (config &rest body)
  "Run BODY in a new project with an engine whose configuration holds CONFIG.
CONFIG is a form that gives a string.  BODY fails if a process that one of the
servers started is there after the engine has ended."
  (declare (indent 1) (debug t))
  `(llm-switch-mcp-test--in-project (lambda () ,config) (lambda () ,@body)))

(defun llm-switch-mcp-test--in-project (config body)
  "Call BODY in a new project whose configuration is what CONFIG gives."
  ;; Before the cache is another: the module lies in the user's.
  (llm-switch-module-load)
  (let* ((llm-switch-mcp-test-asked nil)
         (llm-switch-mcp-tools--known nil)
         (llm-switch-mcp-test-started nil)
         (llm-switch-mcp-test-project (file-name-as-directory (make-temp-file "llm-switch-mcp-" t)))
         (llm-switch-cache-directory (expand-file-name "cache/" llm-switch-mcp-test-project))
         (default-directory llm-switch-mcp-test-project)
         (llm-switch-channel-question-functions
          (append (mapcar (lambda (entry) (cons (car entry) #'llm-switch-mcp-test--answer))
                          llm-switch-mcp-answers)
                  llm-switch-channel-question-functions)))
    (unwind-protect
        (llm-switch-test-with (funcall config)
          (unwind-protect (funcall body)
            (llm-switch-mcp-test--delete-secrets)))
      (delete-directory llm-switch-mcp-test-project t))
    (llm-switch-mcp-test-gone)))

(defun llm-switch-mcp-test--delete-secrets ()
  "Delete the files in which a user keeps secrets of MCP servers.
They are where such secrets belong; .dev/keys looks for them everywhere else."
  (delete-file llm-switch-config-file)
  (delete-file (expand-file-name "mcp-logins.json" llm-switch-state-directory)))

(defun llm-switch-mcp-test--answer (question)
  "Note QUESTION and answer it."
  (push question llm-switch-mcp-test-asked)
  (funcall (alist-get (plist-get question :kind)
                      (append llm-switch-mcp-test-answers llm-switch-mcp-answers)
                      nil nil #'equal)
           question))

(defun llm-switch-mcp-test-asked (kind)
  "Return the questions of KIND that were asked, the latest first."
  (seq-filter (lambda (it) (equal (plist-get it :kind) kind)) llm-switch-mcp-test-asked))

(defun llm-switch-mcp-test-program (name command &rest environment)
  "Return the section of a configuration for the server NAME, a program.
COMMAND is a list of strings, ENVIRONMENT of names and their values.  It is
said to open no connection beyond this machine."
  (format "[mcp.%s]\ncommand = %S\nargs = [%s]\nenv = { %s }\n" name (car command)
          (mapconcat #'prin1-to-string (cdr command) ", ")
          (mapconcat (lambda (pair) (format "%s = %S" (car pair) (cadr pair)))
                     (seq-partition environment 2) ", ")))

(defun llm-switch-mcp-test-file (name text)
  "Write TEXT to the file NAME of the project and return its full name."
  (let ((file (expand-file-name name llm-switch-mcp-test-project)))
    (make-directory (file-name-directory file) t)
    (with-temp-file file (insert text))
    file))

;;; Servers

(defun llm-switch-mcp-test-ask (method &rest params)
  "Return the value of METHOD with PARAMS, in the project of the test."
  (llm-switch-call method (apply #'llm-switch-mcp-test--params params)))

(defun llm-switch-mcp-test--params (&rest params)
  "Return PARAMS with what a command of the user's would add."
  `(:project ,(directory-file-name llm-switch-mcp-test-project) ,@params))

(defun llm-switch-mcp-test-row (server)
  "Return what is known of SERVER."
  (or (seq-find (lambda (row) (equal (plist-get row :server) server))
                (plist-get (llm-switch-mcp-test-ask "mcp.list") :servers))
      (ert-fail (list "no such server" server))))

(defun llm-switch-mcp-test-state (server state)
  "Wait until SERVER is in STATE, and return its row."
  (let (row)
    (condition-case nil
        (llm-switch-test-wait
          (setq row (llm-switch-mcp-test-row server))
          (equal (plist-get row :state) state))
      (ert-test-failed (ert-fail (list "waited in vain for" state row))))
    row))

(defun llm-switch-mcp-test-start (server)
  "Start SERVER, which must get ready, and return its row."
  (let ((row (llm-switch-mcp-test-ask "mcp.start" :server server)))
    (unless (equal (plist-get row :state) "ready") (ert-fail row))
    (llm-switch-mcp-test-note)
    row))

(defun llm-switch-mcp-test-tools (server)
  "Return the names of SERVER's tools, as SERVER calls them, sorted."
  (sort (mapcar (lambda (tool) (plist-get tool :tool))
                (plist-get (llm-switch-mcp-test-ask "mcp.tools" :server server) :tools))
        #'string<))

(defun llm-switch-mcp-test-call (server tool &rest arguments)
  "Call TOOL of SERVER with ARGUMENTS, a plist, and return the value.
Its `progress' events are in it too, as :progress, oldest first."
  (let ((end nil) (progress nil))
    (llm-switch-channel-call
     "mcp.call"
     (llm-switch-mcp-test--params :name (format "mcp__%s__%s" server tool)
                                  :arguments (llm-switch-mcp-answers-json arguments))
     (lambda (kind rest)
       (if (eq kind 'progress) (push rest progress) (setq end (cons kind rest)))))
    (llm-switch-test-wait end)
    (llm-switch-mcp-test-note)
    (if (eq (car end) 'error)
        (llm-switch-channel-signal (cdr end))
      (append (cdr end) (list :progress (nreverse progress))))))

(defun llm-switch-mcp-test-text (server tool &rest arguments)
  "Call TOOL of SERVER with ARGUMENTS, which must succeed, and return its text."
  (let ((value (apply #'llm-switch-mcp-test-call server tool arguments)))
    (when (eq (plist-get value :is-error) t) (ert-fail (list tool value)))
    (plist-get value :text)))

(defun llm-switch-mcp-test-failure (server tool &rest arguments)
  "Call TOOL of SERVER with ARGUMENTS, which must fail, and return what it says."
  (let ((value (apply #'llm-switch-mcp-test-call server tool arguments)))
    (unless (eq (plist-get value :is-error) t) (ert-fail (list tool value)))
    (plist-get value :text)))

;;; Processes

(defun llm-switch-mcp-test-processes (&optional ancestor)
  "Return the processes that descend from ANCESTOR, this Emacs without it.
Each is (PID START ARGUMENTS).  Those count too that are in the process group
of such a one, even if whoever started them has ended; Emacs's own children,
such as the simulator, do not: they are none of the engine's."
  (let* ((all (llm-switch-mcp-test--table))
         (own (mapcar #'process-id (process-list)))
         (found (seq-remove (lambda (it) (memq (car it) own))
                            (llm-switch-mcp-test--below all (or ancestor (emacs-pid)))))
         (groups (seq-remove (lambda (group) (equal group (llm-switch-mcp-test--own-group all)))
                             (mapcar (lambda (it) (alist-get 'pgrp (cdr it))) found))))
    (cl-loop for (pid . attributes) in all
             when (or (assq pid found) (memq (alist-get 'pgrp attributes) groups))
             collect (list pid (alist-get 'start attributes) (alist-get 'args attributes)))))

(defun llm-switch-mcp-test--table ()
  "Return all processes that run, as (PID . ATTRIBUTES).
One that waits to be reaped does not run."
  (cl-loop for pid in (list-system-processes)
           for attributes = (process-attributes pid)
           unless (member (alist-get 'state attributes) '(nil "Z"))
           collect (cons pid attributes)))

(defun llm-switch-mcp-test--own-group (all)
  "Return the process group of this Emacs, one of ALL."
  (alist-get 'pgrp (alist-get (emacs-pid) all)))

(defun llm-switch-mcp-test--below (all ancestor)
  "Return those of ALL that descend from the process ANCESTOR."
  (let ((children (seq-filter (lambda (it) (eql ancestor (alist-get 'ppid (cdr it)))) all)))
    (append children
            (mapcan (lambda (it) (llm-switch-mcp-test--below all (car it))) children))))

(defun llm-switch-mcp-test-note ()
  "Note which processes there are."
  (dolist (process (llm-switch-mcp-test-processes))
    (cl-pushnew process llm-switch-mcp-test-started :key #'car)))

(defun llm-switch-mcp-test-gone (&optional processes)
  "Wait until none of PROCESSES runs; without them none of those that were noted."
  (let (left)
    (condition-case nil
        (llm-switch-test-wait
          (not (setq left (seq-filter #'llm-switch-mcp-test--runs-p
                                      (or processes llm-switch-mcp-test-started)))))
      (ert-test-failed (ert-fail (list "processes are left" left))))))

(defun llm-switch-mcp-test--runs-p (process)
  "Return non-nil if PROCESS is the one that it was and still runs."
  (let ((attributes (process-attributes (car process))))
    (and (not (member (alist-get 'state attributes) '(nil "Z")))
         ;; Emacs reckons it from the clock each time, some hundredths of a second off.
         (< (abs (- (float-time (alist-get 'start attributes)) (float-time (cadr process)))) 1))))

(provide 'llm-switch-mcp-helper)
;;; llm-switch-mcp-helper.el ends here
