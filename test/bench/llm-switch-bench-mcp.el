;;; llm-switch-bench-mcp.el --- Tool calls that are timed  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Three sides: "module" calls the server whose results are left whole, which
;; is what "mcp.el" does in any case, and "shipped" the one with the limits that
;; everybody gets.  Each ends with the text that gptel would give the model.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-bench)
(require 'llm-switch-environment)

(declare-function mcp-async-call-tool "ext:mcp" (connection name arguments callback error-callback))
(declare-function mcp-connect-server "ext:mcp" (name &rest options))
(declare-function mcp-stop-server "ext:mcp" (name))
(declare-function mcp--parse-tool-call-result "ext:mcp" (result))
(defvar mcp-server-connections)

(defvar llm-switch-bench-mcp--program nil
  "The server's program.")

(defconst llm-switch-bench-mcp--servers '(("module" . "whole") ("shipped" . "bench"))
  "What the module calls the server of a side.")

;;; Waiting

(defvar llm-switch-bench-mcp--seconds nil
  "How long the last `llm-switch-bench-mcp--wait' waited.")

(defun llm-switch-bench-mcp--wait (start)
  "Call START with a function that ends the wait, and return what that is given.
The clock stops when that function is called: Emacs looks for more output for
some 10 ms before it lets who waits go on, and a chat does not wait."
  (let ((ended nil) (result nil) (begun (float-time)))
    (funcall start (lambda (value)
                     (setq llm-switch-bench-mcp--seconds (- (float-time) begun)
                           result value
                           ended t)))
    (while (not ended) (accept-process-output nil 0.05))
    result))

;;; Sides

(defun llm-switch-bench-mcp--ask (method &rest params)
  "Return the value of METHOD with PARAMS."
  (llm-switch-call method (llm-switch-bench-mcp--params params)))

(defun llm-switch-bench-mcp--params (params)
  "Return PARAMS with what every call of a user's has."
  `(:project :null ,@params))

(defun llm-switch-bench-mcp--connect (side)
  "Start the server of SIDE, and return when its tools are known."
  (if (equal side "mcp.el")
      (llm-switch-bench-mcp--wait
       (lambda (end)
         (mcp-connect-server "bench" :command llm-switch-bench-mcp--program :args '("stdio")
                             :tools-callback (lambda (_connection tools) (funcall end tools))
                             :syncp t)))
    (let ((server (alist-get side llm-switch-bench-mcp--servers nil nil #'equal)))
      (llm-switch-bench-mcp--ask "mcp.start" :server server)
      (llm-switch-bench-mcp--ask "mcp.tools" :server server))))

(defun llm-switch-bench-mcp--close (side)
  "Stop the server of SIDE."
  (if (equal side "mcp.el")
      (let ((inhibit-message t)) (mcp-stop-server "bench"))
    (llm-switch-bench-mcp--ask "mcp.stop" :server (alist-get side llm-switch-bench-mcp--servers
                                                             nil nil #'equal))))

(defun llm-switch-bench-mcp--call (side tool arguments)
  "Call TOOL on SIDE with ARGUMENTS, a plist, and return its text.
If it fails that is what the failure says, so whoever calls looks at it."
  (llm-switch-bench-mcp--wait
   (if (equal side "mcp.el")
       (lambda (end) (llm-switch-bench-mcp--call-peer tool arguments end))
     (let ((server (alist-get side llm-switch-bench-mcp--servers nil nil #'equal)))
       (lambda (end)
         (llm-switch-channel-call
          "mcp.call"
          (llm-switch-bench-mcp--params (list :name (format "mcp__%s__%s" server tool)
                                              :arguments (json-serialize arguments)
                                              :granted t))
          (lambda (kind rest)
            (pcase kind
              ('value (funcall end (plist-get rest :text)))
              ('error (funcall end (plist-get rest :message)))))))))))

(defun llm-switch-bench-mcp--call-peer (tool arguments end)
  "Call TOOL through mcp.el with ARGUMENTS; END gets its text."
  (mcp-async-call-tool (gethash "bench" mcp-server-connections) tool arguments
                       (lambda (result) (funcall end (mcp--parse-tool-call-result result)))
                       (lambda (_code message) (funcall end message))))

;;; Measurements

(defun llm-switch-bench-mcp-open (side program)
  "Make SIDE ready to call tools of the server PROGRAM."
  (setq llm-switch-bench-mcp--program program)
  (when (equal side "mcp.el") (require 'mcp))
  (llm-switch-bench-mcp--connect side)
  (llm-switch-bench--tell '(:ready t)))

(defun llm-switch-bench-mcp--main (function)
  "Call FUNCTION and return the CPU time that it takes of the main thread, seconds.
The sleeps bring the kernel's books up to date."
  (garbage-collect)
  (sleep-for 0.02)
  (let ((before (llm-switch-bench-process-main)))
    (funcall function)
    (sleep-for 0.02)
    (- (llm-switch-bench-process-main) before)))

(defun llm-switch-bench-mcp-echo (side count)
  "Tell how long each of COUNT echoes on SIDE takes, and how many come back right.
And what all of them take of the main thread."
  (let* ((each (make-vector count 0)) (right 0)
         (main (llm-switch-bench-mcp--main
                (lambda ()
                  (dotimes (i count)
                    (when (equal (llm-switch-bench-mcp--call side "echo" '(:text "hello")) "hello")
                      (cl-incf right))
                    (aset each i llm-switch-bench-mcp--seconds))))))
    (llm-switch-bench--tell (list :each each :right right :main main))))

(defun llm-switch-bench-mcp-big (side megabytes)
  "Tell what a result of MEGABYTES costs on SIDE, and how much of it came."
  (let* ((text nil)
         (main (llm-switch-bench-mcp--main
                (lambda ()
                  (setq text (llm-switch-bench-mcp--call side "big" (list :megabytes megabytes)))))))
    (llm-switch-bench--tell (list :main main :wall llm-switch-bench-mcp--seconds
                                  :bytes (string-bytes text)))))

(defun llm-switch-bench-mcp-connect (side)
  "Tell how long it takes on SIDE from nothing until the tools are known."
  (llm-switch-bench-mcp--close side)
  (sleep-for 0.5)                       ;until the old one has ended
  (let ((start (float-time)))
    (llm-switch-bench-mcp--connect side)
    (llm-switch-bench--tell (list :wall (- (float-time) start)))))

(provide 'llm-switch-bench-mcp)
;;; llm-switch-bench-mcp.el ends here
