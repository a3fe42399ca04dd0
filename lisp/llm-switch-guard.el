;;; llm-switch-guard.el --- Who may not be asked by gptel itself  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What goes through the module is held to modes and pins there.  gptel's other
;; backends go their own way, so in a buffer that is pinned to this machine they
;; are only let through when they are on this machine, and then without a proxy
;; and without following a redirect, which would lead elsewhere.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-modes)
(require 'url)

;; Older versions of gptel define it with their use of curl, which comes later.
(defvar gptel-curl-extra-args)

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
         (null (bound-and-true-p gptel-curl-extra-args))
         (member gptel-proxy '(nil ""))
         t)))

(defun llm-switch-guard-objection (backend buffer)
  "Return why gptel's BACKEND may have no request from BUFFER, or nil."
  (unless (llm-switch-guard--stays-here-p backend)
    (when-let* ((pin (with-current-buffer buffer (llm-switch-modes-local-pin))))
      (format "%s is not known to be on this machine, and this buffer is pinned to mode %s: \
nothing was sent.  Choose another with M-x llm-switch-backend"
              (gptel-backend-name backend) pin))))

;;; What is let through

(defconst llm-switch-guard--curl-args '("--noproxy" "*" "--no-location")
  "What keeps curl from a proxy of the environment and from following a redirect.")

(defun llm-switch-guard-confine (transport fsm)
  "Call TRANSPORT with FSM; nothing leads its request elsewhere if that is pinned.
As advice around gptel's transports: both ask a proxy that the environment
names, for servers on this machine too, and go where a server redirects them."
  (if (with-current-buffer (plist-get (gptel-fsm-info fsm) :buffer)
        (llm-switch-modes-local-pin))
      (llm-switch-guard--call-confined transport fsm)
    (funcall transport fsm)))

(defun llm-switch-guard--call-confined (transport fsm)
  "Call TRANSPORT with FSM, without proxies and redirects."
  ;; It reads the environment once, and must not do so inside the binding.
  (url-do-setup)
  (let ((gptel-curl-extra-args llm-switch-guard--curl-args)
        (url-proxy-services nil))
    (prog1 (funcall transport fsm)
      (let ((place (car (cl-find fsm gptel--request-alist :key #'cadr))))
        ;; Where there is no curl it is a buffer of url.el, which reads this later, when the reply
        ;; is there.
        (when (bufferp place)
          (with-current-buffer place (setq-local url-max-redirections 0)))))))

(provide 'llm-switch-guard)
;;; llm-switch-guard.el ends here
