;;; llm-switch-guard.el --- Who may not be asked by gptel itself  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What goes through the module is held to modes and pins there.  gptel's other
;; backends go their own way, so in a buffer that is pinned to this machine they
;; are only let through when nothing can lead elsewhere.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-modes)

(defun llm-switch-guard-address (backend)
  "Return the address of gptel's BACKEND, or nil if it is not known.
That of Gemini is made for each request, from parts that are known."
  (let ((url (gptel-backend-url backend))
        (protocol (gptel-backend-protocol backend))
        (host (gptel-backend-host backend))
        (endpoint (gptel-backend-endpoint backend)))
    (cond ((not (stringp url))
           (and (eq (type-of backend) 'gptel-gemini)
                (cl-every #'stringp (list protocol host endpoint))
                (concat protocol "://" host endpoint)))
          ((string-search "://" url) url)
          (t (concat "https://" url)))))

(defun llm-switch-guard--stays-here-p (backend)
  "Return non-nil if gptel's requests to BACKEND stay on this machine.
A proxy, and arguments of the user's own to curl, may lead elsewhere."
  (let ((url (llm-switch-guard-address backend)))
    (and url
         (string-match-p (rx bos "http" (? "s") "://"
                             (or "localhost" "[::1]" (: "127." (+ (any digit "."))))
                             (? ":" (+ digit)) (or eos "/"))
                         url)
         (null (gptel-backend-curl-args backend))
         (member gptel-proxy '(nil ""))
         t)))

(defun llm-switch-guard-objection (backend buffer)
  "Return why gptel's BACKEND may have no request from BUFFER, or nil."
  (unless (llm-switch-guard--stays-here-p backend)
    (when-let* ((pin (with-current-buffer buffer (llm-switch-modes-local-pin))))
      (format "%s is not known to be on this machine, and this buffer is pinned to mode %s: \
nothing was sent.  Choose another with M-x llm-switch-backend"
              (gptel-backend-name backend) pin))))

(provide 'llm-switch-guard)
;;; llm-switch-guard.el ends here
