;;; llm-switch-mcp-peers-helper.el --- How servers that others wrote are started  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Sections of a configuration for what .dev/mcp-peers has installed, and a page
;; of this machine for those that look at pages.

;;; Code:

(require 'llm-switch-mcp-helper)

(defconst llm-switch-mcp-peers-allowed "[mcp-rules]\nallow = ['mcp__*']\n"
  "The end of a configuration in which no tool is asked about.")

(defun llm-switch-mcp-peers--installed (script)
  "Return what .dev/SCRIPT prints where its packages are installed, or fail."
  (or (car (ignore-errors
             (process-lines (expand-file-name (concat ".dev/" script) llm-switch-test-root)
                            "--installed")))
      (ert-fail (concat script " has installed nothing; use make test-peers"))))

(defun llm-switch-mcp-peers-script (script)
  "Return the command that runs SCRIPT of an npm package, as a list."
  (let ((packages (expand-file-name "node_modules/" (llm-switch-mcp-peers--installed "mcp-node"))))
    (list (expand-file-name ".bin/node" packages) (expand-file-name script packages))))

(defun llm-switch-mcp-peers-node (name script &rest arguments)
  "Return the section of the server NAME, SCRIPT of an npm package.
ARGUMENTS follow the script's name."
  (llm-switch-mcp-test-program name (append (llm-switch-mcp-peers-script script) arguments)))

(defun llm-switch-mcp-peers-python (name module &rest arguments)
  "Return the section of the server NAME, the Python MODULE with ARGUMENTS."
  (llm-switch-mcp-test-program
   ;; What the PATH has may be a launcher that needs more of the environment than servers get.
   name `(,(car (process-lines "python3" "-c" "import sys; print(sys.executable)")) "-m" ,module ,@arguments)
   "PYTHONPATH" (llm-switch-mcp-peers--installed "python-peers") "PYTHONNOUSERSITE" "1"))

(defun llm-switch-mcp-peers-browser ()
  "Return the section of the server \"browser\", Playwright's."
  (apply #'llm-switch-mcp-peers-node "browser" "@playwright/mcp/cli.js"
         "--executable-path" (or (executable-find "chromium")
                                 (ert-fail "There is no chromium; use make test-peers"))
         "--headless" "--isolated" "--output-dir" (expand-file-name "shots" llm-switch-mcp-test-project)
         ;; Chromium refuses to run as root inside of its sandbox.
         (and (zerop (user-uid)) '("--no-sandbox"))))

;;; Everything

(defconst llm-switch-mcp-peers--loopback
  "data:text/javascript,import net from 'node:net'; const listen = net.Server.prototype.listen; \
net.Server.prototype.listen = function (port, ...more) { return listen.call(this, port, '127.0.0.1', ...more); }"
  "What makes a server of Node listen to this machine, not to the whole network.")

(defun llm-switch-mcp-peers-everything ()
  "Return the section of the server \"all\", a program that does everything."
  (llm-switch-mcp-peers-node "all" "@modelcontextprotocol/server-everything/dist/index.js" "stdio"))

(defun llm-switch-mcp-peers-call-with-everything (body)
  "Call BODY with the section of the server \"all\" over HTTP, which runs meanwhile."
  (let* ((port (llm-switch-mcp-peers--port))
         (command (llm-switch-mcp-peers-script "@modelcontextprotocol/server-everything/dist/index.js"))
         (process-environment (cons (format "PORT=%d" port) process-environment))
         (process (make-process :name "everything" :noquery t :connection-type 'pipe
                                :command `(,(car command) "--import" ,llm-switch-mcp-peers--loopback
                                           ,(cadr command) "streamableHttp"))))
    (unwind-protect
        (progn (llm-switch-test-wait (llm-switch-mcp-peers--answers-p port))
               (funcall body (format "[mcp.all]\nlocal = true\nurl = 'http://127.0.0.1:%d/mcp'\n" port)))
      (delete-process process))))

(defun llm-switch-mcp-peers--port ()
  "Return a port of this machine that was free a moment ago."
  (let ((holder (make-network-process :name "port" :server t :service t :host "127.0.0.1")))
    (prog1 (process-contact holder :service) (delete-process holder))))

(defun llm-switch-mcp-peers--answers-p (port)
  "Return non-nil if somebody listens to PORT of this machine."
  (when-let* ((connection (ignore-errors
                            (make-network-process :name "look" :host "127.0.0.1" :service port))))
    (delete-process connection)
    t))

;;; Results

(defun llm-switch-mcp-peers-handles (value kind)
  "Return the handles of KIND in VALUE, the result of a call."
  (seq-filter (lambda (it) (equal (plist-get it :kind) kind)) (plist-get value :handles)))

(defun llm-switch-mcp-peers-head (handle count)
  "Return the first COUNT bytes of what HANDLE stands for."
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (insert-file-contents-literally (plist-get handle :path) nil 0 count)
    (buffer-string)))

;;; A page

(defconst llm-switch-mcp-peers--page
  "<html><head><title>Title</title></head><body><h1>Title</h1><p>A text of <b>some</b> length.</p>
<input id='name' aria-label='Name'><p id='told'></p><button id='go' onclick=\"document.getElementById('told').\
textContent = 'clicked by ' + document.getElementById('name').value\">Go</button></body></html>"
  "The page, on which a button tells what was typed.")

(defmacro llm-switch-mcp-peers-page (url &rest body)
  "Run BODY with the variable URL bound to a page's address on this machine."
  (declare (indent 1) (debug (symbolp body)))
  `(let* ((server (make-network-process :name "page" :server t :service t :host "127.0.0.1"
                                        :noquery t :filter #'llm-switch-mcp-peers--serve))
          (,url (format "http://127.0.0.1:%d/" (process-contact server :service))))
     (unwind-protect (progn ,@body)
       (delete-process server))))

(defun llm-switch-mcp-peers--serve (connection request)
  "Answer REQUEST on CONNECTION with the page, once its head is complete."
  (process-put connection 'request (concat (process-get connection 'request) request))
  (when (string-match-p "\r\n\r\n" (process-get connection 'request))
    (process-send-string
     connection
     (format "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
             (string-bytes llm-switch-mcp-peers--page) llm-switch-mcp-peers--page))
    (process-send-eof connection)))

(provide 'llm-switch-mcp-peers-helper)
;;; llm-switch-mcp-peers-helper.el ends here
