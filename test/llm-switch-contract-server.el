;;; llm-switch-contract-server.el --- A service that says what it is told to  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The simulator plays scripts.  This server says given bytes, so that recorded
;; answers can be played back, and keeps what it was asked as it stood on the
;; wire.  It serves loopback only, one answer for each connection.

;;; Code:

(require 'llm-switch-test-helper)

(defvar llm-switch-contract-server-bodies nil
  "The bodies of the requests that came, as JSON text, the last first.")

(defun llm-switch-contract-server-start (status type answer)
  "Return a new server that answers with STATUS, a number, and ANSWER of TYPE.
ANSWER is a unibyte string, TYPE its MIME type."
  (setq llm-switch-contract-server-bodies nil)
  (make-network-process
   :name "contract-server" :server t :host "127.0.0.1" :service t :family 'ipv4 :noquery t
   :coding 'binary
   :filter (lambda (connection bytes)
             (let ((request (concat (process-get connection 'request) bytes)))
               (process-put connection 'request request)
               (when-let* ((body (llm-switch-contract-server--body request)))
                 (push (decode-coding-string body 'utf-8) llm-switch-contract-server-bodies)
                 (llm-switch-contract-server--answer connection status type answer))))))

(defun llm-switch-contract-server--body (request)
  "Return the body of REQUEST, or nil if it has not come as a whole."
  (when-let* ((end (string-search "\r\n\r\n" request)))
    (let* ((case-fold-search t)
           (length (if (string-match "^content-length: *\\([0-9]+\\)" request)
                       (string-to-number (match-string 1 request))
                     0))
           (body (substring request (+ end 4))))
      (and (>= (length body) length) body))))

(defun llm-switch-contract-server--answer (connection status type answer)
  "Send STATUS and ANSWER of TYPE to CONNECTION and close it."
  (process-send-string
   connection
   (concat (format "HTTP/1.1 %d Told\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
                   status type (length answer))
           "Connection: close\r\n\r\n" answer))
  (delete-process connection))

(defmacro llm-switch-contract-server-with (dialect told &rest body)
  "Run BODY with account \"told\", which speaks DIALECT and answers what TOLD says.
TOLD is a list (STATUS TYPE ANSWER), as `llm-switch-contract-server-start' takes them."
  (declare (indent 2) (debug t))
  `(let ((server (apply #'llm-switch-contract-server-start ,told)))
     (unwind-protect
         (llm-switch-test-with
             (format "[provider.told]\nbase-url = %S\ndialect = %S\nauth = 'none'\n"
                     (format "http://127.0.0.1:%d%s" (process-contact server :service)
                             (pcase ,dialect ((or "anthropic" "ollama") "") ("gemini" "/v1beta")
                                    (_ "/v1")))
                     ,dialect)
           ,@body)
       (delete-process server))))

(provide 'llm-switch-contract-server)
;;; llm-switch-contract-server.el ends here
