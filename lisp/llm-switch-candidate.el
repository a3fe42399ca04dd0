;;; llm-switch-candidate.el --- One of several who are asked the same  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Who is asked in a comparison, what is known of the answer so far, and its
;; figures as text.  Nothing here asks anybody.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-answer-line)
(require 'llm-switch-channel)
(require 'llm-switch-cost)
(require 'llm-switch-modes)
(require 'llm-switch-spend-format)
(require 'llm-switch-turn)

(cl-defstruct (llm-switch-candidate (:constructor llm-switch-candidate--make) (:copier nil))
  "One who is asked in a comparison.

NAME is as the user named it; ASKED is the route or deployment that the module is
asked for, and WISH what it is told beside the prompt, a plist.

PREVIEW is the answer of cost.preview, or nil; SHARE is what it may cost of the
total cap, in pico-dollars, or nil where there is none.

STATE is `waiting', `thinking', `streaming', `done', `failed' or `cancelled';
PROBLEM says why it failed.  BEGUN and FIRST are the times at which it was asked
and at which it began to answer.  KNOWN is the plist of its `done' or `error'
event, and FALLBACKS those of its `fallback' events.

FSM is gptel's state machine, and PIECES the text so far, the last one first."
  name asked wish preview share (state 'waiting) problem begun first known fallbacks fsm pieces)

;;; Names

(defconst llm-switch-candidate--any "mode"
  "What is asked for when a mode without a route of its own is to choose.")

(defconst llm-switch-candidate--kind
  (rx bos (group (+ nonl)) " (" (group (or "mode" "route" "deployment")) ")" eos)
  "A name whose kind stands beside it, as where two kinds have the same one.")

(defun llm-switch-candidate-named (name)
  "Return a candidate for NAME, which is one of those in `llm-switch-backend'.
What no mode bears is a deployment if there is a slash in it, else a route: who
does not exist is refused when asked."
  (pcase-let* ((`(,plain . ,kind) (llm-switch-candidate-split name))
               (mode (when (memq kind '(nil mode)) (llm-switch-modes-row plain))))
    (llm-switch-candidate--make
     :name name
     :asked (cond ((not mode) plain)
                  ((plist-get mode :route))
                  (t llm-switch-candidate--any))
     :wish (when mode (list :mode plain)))))

(defun llm-switch-candidate-split (name)
  "Return NAME without its kind, and its kind or nil: (PLAIN . KIND)."
  (cond ((string-match llm-switch-candidate--kind name)
         (cons (match-string 1 name) (intern (match-string 2 name))))
        ((string-search "/" name) (cons name 'deployment))
        (t (cons name nil))))

;;; What is known

(defun llm-switch-candidate-over-p (candidate)
  "Return non-nil if nothing more comes from CANDIDATE."
  (memq (llm-switch-candidate-state candidate) '(done failed cancelled)))

(defun llm-switch-candidate-text (candidate)
  "Return what CANDIDATE has answered so far."
  (string-join (reverse (llm-switch-candidate-pieces candidate))))

(defun llm-switch-candidate-request (candidate)
  "Return the key of CANDIDATE's request in the ledger, or nil."
  (plist-get (llm-switch-candidate-known candidate) :request))

(defun llm-switch-candidate-served (candidate)
  "Return the deployment that answered for CANDIDATE, or nil."
  (llm-switch-turn-who (llm-switch-candidate-known candidate)))

(defun llm-switch-candidate-answered-p (candidate)
  "Return non-nil if CANDIDATE has given an answer that can be compared."
  (and (eq (llm-switch-candidate-state candidate) 'done)
       (llm-switch-candidate-pieces candidate)
       (llm-switch-candidate-request candidate)
       t))

(defun llm-switch-candidate-spent (candidate)
  "Return what CANDIDATE has cost in pico-dollars, or nil where that is not known.
What was refused, or waits, has cost nothing."
  (let ((cost (llm-switch-cost-of-request (llm-switch-candidate-known candidate))))
    (cond (cost (plist-get cost :amount))
          ((not (eq (llm-switch-candidate-state candidate) 'cancelled)) 0))))

;;; Figures

(defun llm-switch-candidate-wait (candidate)
  "Return the milliseconds from asking CANDIDATE to its first word, or nil.
The module's own measure wins, once it is told."
  (or (plist-get (llm-switch-candidate-known candidate) :first-token-ms)
      (when-let* ((first (llm-switch-candidate-first candidate)))
        (round (* 1000 (float-time (time-subtract
                                    first (llm-switch-candidate-begun candidate))))))))

(defun llm-switch-candidate-speed (candidate)
  "Return how many tokens came from CANDIDATE in a second, as text, or nil."
  (when-let* ((fsm (llm-switch-candidate-fsm candidate)))
    (llm-switch-answer-line-speed (plist-get (gptel-fsm-info fsm) :llm-switch-turns))))

(defun llm-switch-candidate-figures (candidate &optional width)
  "Return what is known of time, tokens and cost of CANDIDATE, a text.
With WIDTH, it has no more columns than that, if need be without the speed."
  (let* ((parts (llm-switch-candidate--figures candidate))
         (texts (list (string-join (delq nil (copy-sequence parts)) " · ")
                      (string-join (delq nil (copy-sequence parts)) " ")
                      (string-join (delq nil (cons (car parts) (cddr parts))) " "))))
    (or (seq-find (lambda (text) (or (null width) (<= (string-width text) width))) texts)
        (truncate-string-to-width (car (last texts)) width nil nil "…"))))

(defun llm-switch-candidate--figures (candidate)
  "Return the figures of CANDIDATE: wait, speed, tokens and cost, or nil each."
  (let* ((known (llm-switch-candidate-known candidate))
         (usage (plist-get known :usage))
         (wait (llm-switch-candidate-wait candidate)))
    (list (when wait (llm-switch-spend-seconds wait))
          (llm-switch-candidate-speed candidate)
          (when usage
            (format "%s in %s out"
                    (llm-switch-spend-tokens (llm-switch-spend-input usage))
                    (llm-switch-spend-tokens (plist-get usage :output))))
          (when-let* ((cost (llm-switch-cost-of-request known)))
            (llm-switch-cost-format cost)))))

(provide 'llm-switch-candidate)
;;; llm-switch-candidate.el ends here
