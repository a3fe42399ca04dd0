;;; llm-switch-choices.el --- Modes, routes and deployments to choose from  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Choosing must not wait for servers that are asked which models they have.  So
;; what there is to choose from is kept; each choice has it asked for again in
;; the background, for the next one.  Servers that mode and pins keep out of reach
;; are not asked: even that would be a packet.

;;; Code:

(require 'llm-switch-channel)
(require 'seq)

(autoload 'llm-switch-annotation "llm-switch-annotation")

(defvar llm-switch-choices--known nil
  "What was last heard, a plist (:deployments :modes :routes :spent :health).
Under :rows is the list that was made of it, until something is heard anew.")

(defvar llm-switch-choices-refresh-hook nil
  "Functions to call before it is asked what there is to choose from.")

(defvar llm-switch-choices-known-hook nil
  "Functions to call when it is known anew what there is to choose from.")

(defvar llm-switch-choices-limits-function #'ignore
  "Function that returns the mode and the pins of the current buffer, a plist.
Who is farther away than they allow is not asked for models.")

(defvar llm-switch-choices--limits nil
  "The mode and the pins under which it was asked.")

(defvar llm-switch-choices--engine nil
  "The engine that told it, known by its process.")

(defvar llm-switch-choices--round nil
  "A mark of the questions whose answers are wanted, a new one for each round.")

(defvar llm-switch-choices--pending 0
  "How many answers are not there yet.")

(defconst llm-switch-choices--questions
  '((:deployments . "deployments.list") (:modes . "modes.list") (:routes . "routes.list")
    (:spent . "spend.report") (:health . "health.list"))
  "What is asked, and the methods that tell it.")

(defun llm-switch-choices-refresh ()
  "Ask in the background what there is to choose from."
  (llm-switch-channel-start)
  (run-hooks 'llm-switch-choices-refresh-hook)
  (unless (eq llm-switch-choices--engine llm-switch-channel--process)
    (llm-switch-choices-forget))
  (llm-switch-choices--limit)
  (when (= llm-switch-choices--pending 0)
    (pcase-dolist (`(,key . ,method) llm-switch-choices--questions)
      (setq llm-switch-choices--pending (1+ llm-switch-choices--pending))
      (llm-switch-channel-call method
                               (pcase key
                                 (:deployments llm-switch-choices--limits)
                                 (:spent '(:by ["account" "model"] :span "day")))
                               (llm-switch-choices--listener key)))))

(defun llm-switch-choices--limit ()
  "Forget which models were found, unless under the limits of this buffer."
  (let ((limits (funcall llm-switch-choices-limits-function)))
    (unless (equal limits llm-switch-choices--limits)
      (setq llm-switch-choices--limits limits
            llm-switch-choices--pending 0
            llm-switch-choices--round (list 'round)
            llm-switch-choices--known
            (plist-put (plist-put llm-switch-choices--known :deployments nil) :rows nil)))))

(defun llm-switch-choices--renew (buffer)
  "Ask again what there is to choose from in BUFFER.
Do nothing if the engine is gone, or another buffer has other limits and asked."
  (when (and (buffer-live-p buffer) (llm-switch-choices-known :deployments))
    (with-current-buffer buffer
      (when (equal (funcall llm-switch-choices-limits-function) llm-switch-choices--limits)
        (llm-switch-choices-refresh)))))

(defun llm-switch-choices--listener (key)
  "Return a function for the answer about KEY."
  (let ((round llm-switch-choices--round))
    (lambda (kind rest)
      (when (and (memq kind '(value error)) (eq round llm-switch-choices--round))
        (setq llm-switch-choices--pending (1- llm-switch-choices--pending))
        (when (eq kind 'value)
          (llm-switch-choices--log (and (eq key :deployments) (plist-get rest :problems)))
          (llm-switch-choices--learn key rest))
        (when (= llm-switch-choices--pending 0) (llm-switch-choices--prepare))))))

(defun llm-switch-choices--prepare ()
  "Make the list now, while nobody waits for it."
  (when (llm-switch-choices-known :deployments)
    (run-hooks 'llm-switch-choices-known-hook)
    (llm-switch-choices-table (llm-switch-choices-named (llm-switch-choices--made-rows)))))

(defun llm-switch-choices--learn (key value)
  "Take note of VALUE for KEY.
Where nothing is new, what was made of it stays, and the next list is not made
anew: garbage is what makes a list come late."
  (unless (equal value (plist-get llm-switch-choices--known key))
    (setq llm-switch-choices--known
          (plist-put (plist-put llm-switch-choices--known key value) :rows nil))))

(defun llm-switch-choices--log (problems)
  "Write PROBLEMS of servers to the messages, without disturbing anybody."
  (let ((inhibit-message t))
    (dolist (problem problems)
      (message "llm-switch: %s" (plist-get problem :message)))))

(defun llm-switch-choices-forget ()
  "Forget what there was to choose from."
  (setq llm-switch-choices--known nil
        llm-switch-choices--pending 0
        llm-switch-choices--round (list 'round)
        llm-switch-choices--engine llm-switch-channel--process))

(defun llm-switch-choices-known (key)
  "Return what is known of KEY, without asking anybody."
  (and (eq llm-switch-choices--engine llm-switch-channel--process)
       (plist-get llm-switch-choices--known key)))

(defun llm-switch-choices ()
  "Return what there is to choose from: a list of plists, each with a :name.
It is as last heard, and asked for again; the first time, wait for it."
  (llm-switch-choices--limit)
  (if (llm-switch-choices-known :deployments)
      ;; Not now, when somebody waits for the list.
      (run-at-time 0.3 nil #'llm-switch-choices--renew (current-buffer))
    (llm-switch-choices-refresh))
  (while (not (llm-switch-choices-known :deployments))
    (when (= llm-switch-choices--pending 0)
      (llm-switch-call "deployments.list" llm-switch-choices--limits) ;says what is wrong
      (llm-switch-choices-refresh))
    (accept-process-output nil 0.05))
  (while (and (> llm-switch-choices--pending 0) (not (llm-switch-choices-known :modes)))
    (accept-process-output nil 0.05))
  (llm-switch-choices--made-rows))

(defun llm-switch-choices--made-rows ()
  "Return what was last heard as one list, made once."
  (or (llm-switch-choices-known :rows)
      (plist-get (setq llm-switch-choices--known
                       (plist-put llm-switch-choices--known :rows (llm-switch-choices--rows)))
                 :rows)))

(defun llm-switch-choices--rows ()
  "Return what was last heard as one list."
  (append (mapcar (lambda (row) `(:kind mode ,@row)) (llm-switch-choices-known :modes))
          (mapcar (lambda (row) `(:kind route :route ,(plist-get row :name) ,@row))
                  (llm-switch-choices-known :routes))
          (mapcar (lambda (row) `(:kind deployment :name ,(plist-get row :deployment) ,@row))
                  (llm-switch-choices-sorted
                   (plist-get (llm-switch-choices-known :deployments) :deployments)))))

;;; Headings

(defconst llm-switch-choices-localities
  '(("local" . "This machine") ("lan" . "This network") ("proxy" . "Proxy") ("cloud" . "Cloud"))
  "What each locality is called, in the order in which they are shown.")

(defun llm-switch-choices-sorted (rows)
  "Return ROWS, deployments, in the order of their headings."
  (let ((rank (lambda (row)
                (or (seq-position llm-switch-choices-localities (plist-get row :locality)
                                  (lambda (entry locality) (equal (car entry) locality)))
                    4))))
    (seq-sort-by rank #'< rows)))

(defun llm-switch-choices-first (rows)
  "Return the first of ROWS, deployments, that costs nothing, else the first."
  (let ((sorted (llm-switch-choices-sorted rows)))
    (or (seq-find (lambda (row) (not (equal (plist-get row :payer) "metered"))) sorted)
        (car sorted))))

(defun llm-switch-choices-heading (row)
  "Return the heading under which ROW stands."
  (pcase (plist-get row :kind)
    ('mode "Modes")
    ('route "Routes")
    (_ (alist-get (plist-get row :locality) llm-switch-choices-localities nil nil #'equal))))

;;; Table

(defconst llm-switch-choices--name-width 30
  "How wide names are at most, for the rest to stand below each other.")

(defvar llm-switch-choices--made nil
  "The last lists and tables: an alist (FUNCTION ARGUMENT . RESULT).")

(defun llm-switch-choices--once (function argument)
  "Return what FUNCTION gives for ARGUMENT, made once for the same one."
  (let ((made (alist-get function llm-switch-choices--made)))
    (if (and made (eq (car made) argument))
        (cdr made)
      (let ((result (funcall function argument)))
        (setf (alist-get function llm-switch-choices--made) (cons argument result))
        result))))

(defun llm-switch-choices-table (rows)
  "Return a completion table over ROWS, an alist by name."
  (llm-switch-choices--once #'llm-switch-choices--make-table rows))

(defun llm-switch-choices--make-table (rows)
  "Return a completion table over ROWS, whose annotations are made once each."
  (let* ((widths (mapcar (lambda (row) (string-width (car row))) rows))
         (width (min llm-switch-choices--name-width (apply #'max 0 widths)))
         (known (make-hash-table :test #'equal))
         (notes (make-hash-table :test #'equal)))
    (dolist (row rows) (puthash (car row) (cdr row) known))
    (lambda (string predicate action)
      (if (not (eq action 'metadata))
          (complete-with-action action rows string predicate)
        `(metadata
          (category . llm-switch-choice)
          (display-sort-function . identity)
          (group-function
           . ,(lambda (name transform)
                (if transform name (llm-switch-choices-heading (gethash name known)))))
          (annotation-function
           . ,(lambda (name)
                (or (gethash name notes)
                    (puthash name (llm-switch-choices--note name width (gethash name known))
                             notes)))))))))

(defun llm-switch-choices--note (name width row)
  "Return the annotation of ROW behind NAME, where names are WIDTH columns wide."
  (concat (make-string (max 1 (- (+ width 2) (string-width name))) ?\s)
          (llm-switch-annotation row)))

(defun llm-switch-choices-named (rows)
  "Return ROWS as an alist by name; the second of equal names has its kind beside."
  (llm-switch-choices--once #'llm-switch-choices--make-names rows))

(defun llm-switch-choices--make-names (rows)
  "Return ROWS as an alist by name."
  (let ((seen (make-hash-table :test #'equal)))
    (mapcar (lambda (row)
              (let ((name (plist-get row :name)))
                (cons (if (gethash name seen) (format "%s (%s)" name (plist-get row :kind)) name)
                      (puthash name row seen))))
            rows)))

(provide 'llm-switch-choices)
;;; llm-switch-choices.el ends here
