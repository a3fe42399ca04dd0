;;; llm-switch-first-start.el --- What a fresh install finds  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The first command that leads to a model says, once, in which mode one begins,
;; what was found on this machine, and what could move in.  That it was said is
;; remembered by a file in the state folder.

;;; Code:

(require 'llm-switch-channel)
(require 'llm-switch-channel)
(require 'llm-switch-modes)
(require 'seq)

(defvar gptel--known-backends)
(declare-function llm-switch-gptel-p "llm-switch-gptel" (object))

(defun llm-switch-first-start--file ()
  "Return the file that is there once it was said."
  (expand-file-name "first-start" llm-switch-state-directory))

(defun llm-switch-first-start (deployments)
  "Return what a user should know at the first start, or nil if it was said.
DEPLOYMENTS are rows as deployments.list gives them.  It counts as said then."
  (let ((file (llm-switch-first-start--file)))
    (unless (file-exists-p file)
      (with-file-modes #o700 (make-directory llm-switch-state-directory t))
      (with-file-modes #o600 (write-region "" nil file nil 'quiet))
      (llm-switch-first-start--words deployments))))

(defun llm-switch-first-start--words (deployments)
  "Return the mode, which of DEPLOYMENTS are here, and what can move in."
  (string-join
   (delq nil (list (format "llm-switch: mode %s." (llm-switch-first-start--mode))
                   (llm-switch-first-start--found deployments)
                   (llm-switch-first-start--movers)
                   (unless (seq-some #'llm-switch-first-start--metered-p deployments)
                     "Nothing is spent until you choose an account that costs money.")))
   " "))

(defun llm-switch-first-start--mode ()
  "Return the name of the mode in force here, chosen or by default."
  (or (let ((llm-switch-project-quiet t)) (car (llm-switch-modes-here)))
      (plist-get (seq-find (lambda (row) (eq (plist-get row :is-default) t))
                           (llm-switch-call "modes.list"))
                 :name)
      "local"))

(defun llm-switch-first-start--metered-p (row)
  "Return non-nil if the deployment of ROW costs money by the token."
  (equal (plist-get row :payer) "metered"))

(defun llm-switch-first-start--found (deployments)
  "Return which servers on this machine have which of DEPLOYMENTS."
  (let ((here (seq-filter (lambda (row) (equal (plist-get row :locality) "local")) deployments)))
    (if (null here)
        "No server on this machine answers."
      (format "Found %s."
              (mapconcat #'llm-switch-first-start--server
                         (seq-group-by (lambda (row) (plist-get row :title)) here) ", ")))))

(defun llm-switch-first-start--server (group)
  "Return the server of GROUP, (TITLE . ROWS), with its first model as text."
  (pcase-let* ((`(,title ,row . ,more) group)
               (model (string-remove-prefix (concat (plist-get row :account) "/")
                                            (plist-get row :deployment))))
    (format "%s (%s%s)" title model (if more (format " and %d more" (length more)) ""))))

(defun llm-switch-first-start--movers ()
  "Return how many of gptel's backends could move in, or nil."
  (let ((count (and (boundp 'gptel--known-backends)
                    (not (bound-and-true-p llm-switch-mode))
                    (seq-count (lambda (it) (not (llm-switch-gptel-p (cdr it))))
                               gptel--known-backends))))
    (when (and count (> count 0))
      (format "Your %s can move in: M-x llm-switch-mode."
              (if (= count 1) "gptel backend" (format "%d gptel backends" count))))))

(provide 'llm-switch-first-start)
;;; llm-switch-first-start.el ends here
