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
(require 'llm-switch-cost)
(require 'seq)

(defvar llm-switch-choices--known nil
  "What was last heard, a plist (:deployments :modes :routes :spent :health).
Under :rows is the list that was made of it, until something is heard anew.")

(defvar llm-switch-choices-refresh-hook nil
  "Functions to call before it is asked what there is to choose from.")

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
          (setq llm-switch-choices--known
                (plist-put (plist-put llm-switch-choices--known key rest) :rows nil)))))))

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

(defconst llm-switch-choices--localities
  '(("local" . "This machine") ("lan" . "This network") ("proxy" . "Proxy") ("cloud" . "Cloud"))
  "What each locality is called, in the order in which they are shown.")

(defun llm-switch-choices-sorted (rows)
  "Return ROWS, deployments, in the order of their headings."
  (let ((rank (lambda (row)
                (or (seq-position llm-switch-choices--localities (plist-get row :locality)
                                  (lambda (entry locality) (equal (car entry) locality)))
                    4))))
    (seq-sort-by rank #'< rows)))

(defun llm-switch-choices-heading (row)
  "Return the heading under which ROW stands."
  (pcase (plist-get row :kind)
    ('mode "Modes")
    ('route "Routes")
    (_ (alist-get (plist-get row :locality) llm-switch-choices--localities nil nil #'equal))))

;;; Annotations

(defun llm-switch-choices-annotation (row)
  "Return what is worth knowing of ROW when choosing."
  (pcase (plist-get row :kind)
    ('mode (llm-switch-choices--of-mode row))
    ('route (llm-switch-choices--of-route row))
    (_ (llm-switch-choices--of-deployment row))))

(defun llm-switch-choices--of-mode (row)
  "Return what may be used in the mode of ROW, and its route."
  (let ((places (mapcar (lambda (it)
                          (downcase (alist-get it llm-switch-choices--localities nil nil #'equal)))
                        (plist-get row :allow)))
        (payers (plist-get row :payers))
        (data (plist-get row :data)))
    (string-join
     (delq nil (list (if (= (length places) 4) "anywhere" (string-join places ", "))
                     (when (< (length payers) 3) (string-join payers " or "))
                     (unless (member data '(nil "any")) (string-replace "-" " " data))
                     (when (plist-get row :route) (concat "→ " (plist-get row :route)))))
     " · ")))

(defun llm-switch-choices--of-route (row)
  "Return who serves the route of ROW, the price, and how one is chosen."
  (let* ((serving (plist-get row :use))
         (strategy (plist-get row :strategy))
         (model (lambda (it) (car (last (split-string (plist-get it :deployment) "/"))))))
    (string-trim-right
     (format "%-21s %-11s %s"
             (truncate-string-to-width (mapconcat model serving " → ") 21 nil nil "…")
             (llm-switch-choices--prices serving)
             (if (equal strategy "ordered") "" strategy)))))

(defun llm-switch-choices--prices (rows)
  "Return what those of ROWS charge: one price, or the least and the most.
Where there are several only what goes in is told."
  (let* ((rank (lambda (row) (string-to-number (or (plist-get row :input) "0"))))
         (ordered (seq-sort-by rank #'< rows))
         (prices (seq-uniq (mapcar #'llm-switch-choices-price ordered)))
         (input (lambda (price) (car (split-string price "/")))))
    (cond ((null prices) "?")
          ((cdr prices) (concat (funcall input (car prices)) "…"
                                (funcall input (car (last prices)))))
          (t (car prices)))))

(defun llm-switch-choices-price (row)
  "Return what ROW's deployment charges for a million tokens, in and out."
  (let ((input (plist-get row :input)))
    (cond ((member (plist-get row :payer) '("free" "plan")) (plist-get row :payer))
          (input (format "$%s/$%s" input (plist-get row :output)))
          (t "?"))))

(defun llm-switch-choices--of-deployment (row)
  "Return size, abilities, price, health and today's cost of ROW's deployment."
  (let ((context (plist-get row :context))
        (can (plist-get row :can)))
    (string-trim-right
     (format "%5s %-15s %-11s %s"
             (cond ((null context) "")
                   ((>= context 1000000) (format "%gM" (/ (round context 100000) 10.0)))
                   (t (format "%dk" (round context 1000))))
             (string-join (delq nil (list (and (member "tools" can) "tools")
                                          (and (member "vision" can) "img")
                                          (and (member "reasoning" can) "think")))
                          " ")
             (llm-switch-choices-price row)
             (string-join (delq nil (list (llm-switch-choices--health row)
                                          (llm-switch-choices--spent row)))
                          " ")))))

(defun llm-switch-choices--spent (row)
  "Return what ROW's deployment cost today, or nil if it cost nothing."
  (let* ((names (list (plist-get row :account)
                      (string-remove-prefix (concat (plist-get row :account) "/")
                                            (plist-get row :deployment))))
         (sums (seq-find (lambda (it) (equal (plist-get it :names) names))
                         (plist-get (llm-switch-choices-known :spent) :rows)))
         (cost (plist-get sums :cost)))
    (when (and cost (> cost 0)) (llm-switch-cost-format-money cost))))

(defun llm-switch-choices--health (row)
  "Return how ROW's deployment does, or nil if it does well or that is not known."
  (let ((health (seq-find (lambda (it) (equal (plist-get it :deployment)
                                              (plist-get row :deployment)))
                          (llm-switch-choices-known :health))))
    (unless (plist-get health :up) (plist-get health :state))))

;;; Table

(defun llm-switch-choices-table (rows)
  "Return a completion table over ROWS, an alist by name."
  (let ((width (min 34 (apply #'max 0 (mapcar (lambda (row) (string-width (car row))) rows))))
        (known (make-hash-table :test #'equal)))
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
                (concat (make-string (max 1 (- (+ width 2) (string-width name))) ?\s)
                        (llm-switch-choices-annotation (gethash name known))))))))))

(defun llm-switch-choices-named (rows)
  "Return ROWS as an alist by name; the second of equal names has its kind beside."
  (let ((seen (make-hash-table :test #'equal)))
    (mapcar (lambda (row)
              (let ((name (plist-get row :name)))
                (cons (if (gethash name seen) (format "%s (%s)" name (plist-get row :kind)) name)
                      (puthash name row seen))))
            rows)))

(provide 'llm-switch-choices)
;;; llm-switch-choices.el ends here
