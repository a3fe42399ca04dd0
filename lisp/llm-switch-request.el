;;; llm-switch-request.el --- What goes with a request from a buffer  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Whoever makes a request, gptel or a package that talks to models through
;; `llm', it comes from a buffer, and what the user chose there holds for it:
;; mode, pins, project and caps.  That goes to the module beside the messages.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-auth)              ;answers the questions about keys
(require 'llm-switch-budget)            ;those about limits
(require 'llm-switch-cap)
(require 'llm-switch-facts)
(require 'llm-switch-modes)
(require 'llm-switch-project)

(defun llm-switch-request-complete (about purpose &optional wish)
  "Put into ABOUT what the module is to know of a request from this buffer.
ABOUT is the object llm_switch of the request, a plist that is not empty, and
is changed.  PURPOSE, a string, is why the request is made.  WISH, a plist of
the same kind, is what holds for this one request."
  (let ((project (llm-switch-project-folder)))
    (cl-loop for (key value) on (append
                                 `(:purpose ,purpose)
                                 (when project `(:project ,project))
                                 (llm-switch-facts-of-request)
                                 (llm-switch-modes-of-request)
                                 ;; Nearer than the buffer's choice.
                                 wish
                                 (llm-switch-cap-of-request (plist-get wish :max-cost)))
             by #'cddr
             do (plist-put about key value))))

(defun llm-switch-request-json (data &optional false)
  "Return DATA, a plist, as JSON text.
FALSE is the symbol that stands for false in it, :json-false unless given."
  (let ((text (lambda (data)
                (json-serialize data :null-object :null :false-object (or false :json-false)))))
    (condition-case nil
        (funcall text data)
      ;; Bytes that are no text, out of a tool or a file read literally.
      (wrong-type-argument (funcall text (llm-switch-request--clean data))))))

(defun llm-switch-request--clean (value)
  "Return VALUE, a plist, vector or atom, with bytes that are no text replaced."
  (cond ((stringp value)
         (replace-regexp-in-string "[\x3fff80-\x3fffff]" "\ufffd"
                                   (string-to-multibyte value) t t))
        ((vectorp value) (vconcat (mapcar #'llm-switch-request--clean value)))
        ((consp value) (cons (llm-switch-request--clean (car value))
                             (llm-switch-request--clean (cdr value))))
        (t value)))

(provide 'llm-switch-request)
;;; llm-switch-request.el ends here
