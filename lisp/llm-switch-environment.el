;;; llm-switch-environment.el --- What programs see of Emacs's environment  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The module starts programs, and they run in the environment that Emacs has
;; where they were asked for: a direnv's, or that of a daemon's client.

;;; Code:

(require 'llm-switch-channel)

(defun llm-switch-environment (&optional without)
  "Return the environment here as a hash table, but for the variables in WITHOUT."
  (let ((seen (make-hash-table :test #'equal))
        (environment (make-hash-table :test #'equal)))
    ;; The first of a name counts, and one without a value unsets it.
    (dolist (entry process-environment)
      (let ((name (car (split-string entry "="))))
        (unless (or (gethash name seen) (member name without))
          (when (and (string-search "=" entry) (llm-switch-environment--text-p entry))
            (puthash name (substring entry (1+ (length name))) environment)))
        (puthash name t seen)))
    environment))

(defun llm-switch-environment--text-p (string)
  "Return non-nil if STRING can be sent: no bytes that are no text."
  (stringp (ignore-errors (json-serialize (vector string)))))

(defun llm-switch-environment--answer (question)
  "Answer QUESTION of the module for the environment here."
  (llm-switch-environment (plist-get question :without)))

(add-to-list 'llm-switch-channel-question-functions
             '("environment" . llm-switch-environment--answer))

(provide 'llm-switch-environment)
;;; llm-switch-environment.el ends here
