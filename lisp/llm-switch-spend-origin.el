;;; llm-switch-spend-origin.el --- Where a request came from  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The ledger holds no text, but as long as a buffer lives, Emacs knows where
;; in it an answer stands.  The table is weak: what keeps a marker is its
;; buffer, and with the buffer it goes.

;;; Code:

(require 'subr-x)

(defvar llm-switch-spend-origin--markers (make-hash-table :test #'equal :weakness 'value)
  "Markers by the key of a request in the ledger.")

(defvar-local llm-switch-spend-origin--kept nil
  "The markers in this buffer, which nothing else would keep.")

(defun llm-switch-spend-origin-note (request position)
  "Note that REQUEST, a key in the ledger or nil, was made at POSITION.
POSITION is a marker, or a position in this buffer."
  (when-let* ((request)
              (marker (copy-marker (or position (point))))
              (buffer (marker-buffer marker)))
    (puthash request marker llm-switch-spend-origin--markers)
    (with-current-buffer buffer
      (push marker llm-switch-spend-origin--kept))))

(defun llm-switch-spend-origin (request)
  "Return the marker of REQUEST, a key in the ledger, if its buffer lives."
  (when-let* ((marker (gethash request llm-switch-spend-origin--markers)))
    (and (marker-buffer marker) marker)))

(defun llm-switch-spend-origin-visit (request)
  "Show where REQUEST, a key in the ledger, was made."
  (let ((marker (llm-switch-spend-origin request)))
    (unless marker
      (user-error "The buffer of this request is gone, or it was made in another Emacs"))
    (pop-to-buffer (marker-buffer marker))
    (unless (<= (point-min) marker (point-max)) (widen))
    (goto-char marker)))

(provide 'llm-switch-spend-origin)
;;; llm-switch-spend-origin.el ends here
