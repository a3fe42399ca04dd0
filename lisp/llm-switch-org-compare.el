;;; llm-switch-org-compare.el --- An org block that asks several  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; #+begin_src llm-switch :compare coding-best coding-cheap :max-cost 0.05
;;
;; The answers stand one below the other in one result, each as the only one of a
;; block would, with its cost and its notes; and a table sums them up.  How long
;; each took stands there only: everything else of a result is the same when the
;; same is answered again, so that two runs of a notebook can be compared.
;;
;; All are streamed, even where :stream no lets nothing be seen of it: the time to
;; the first word is a part of what is compared.

;;; Code:

(require 'llm-switch-answer-line)
(require 'llm-switch-comparison)
(require 'llm-switch-org-prompt)
(require 'llm-switch-org-request)
(require 'llm-switch-org-result)
(require 'seq)
(require 'subr-x)

;;; Ask

(defun llm-switch-org-compare--make (wants prompt)
  "Return the comparison of PROMPT, a list of texts, that WANTS asks for.
Nothing is sent."
  (llm-switch-org-request-with-preset
   (plist-get wants :preset)
   (lambda ()
     (llm-switch-org-request-with-options
      wants
      (lambda ()
        (llm-switch-comparison-make prompt (plist-get wants :compare)
                                    :system (plist-get wants :system)
                                    :schema (plist-get wants :schema)
                                    :position (point-marker)
                                    :purpose "org"))))))

(defun llm-switch-org-compare (wants prompt hear ended)
  "Ask those whom WANTS compares PROMPT, a list of texts; return the comparison.
HEAR is called with the number of a candidate, from 0 on, and the text that came
from it, or what went wrong; ENDED with the comparison when nothing more comes."
  (let* ((comparison (llm-switch-org-compare--make wants prompt))
         (candidates (llm-switch-comparison-candidates comparison)))
    (llm-switch-comparison-start
     comparison (plist-get wants :max-cost)
     (lambda (candidate text)
       (when-let* ((said (or text (llm-switch-org-compare--problem candidate))))
         (funcall hear (seq-position candidates candidate #'eq) said)))
     ended)))

(defun llm-switch-org-compare--problem (candidate)
  "Return what is said below the text of CANDIDATE if it has failed, or nil."
  (when (eq (llm-switch-candidate-state candidate) 'failed)
    (concat (when (llm-switch-candidate-pieces candidate) "\n")
            (llm-switch-org-result-failed (llm-switch-candidate-problem candidate)) "\n")))

(defun llm-switch-org-compare-now (wants prompt)
  "Ask those whom WANTS compares PROMPT, and return the comparison at its end.
Quitting cancels it.  It is an error if nobody has answered."
  (let ((comparison (llm-switch-org-compare wants prompt #'ignore #'ignore)))
    (unwind-protect
        (while (not (llm-switch-comparison-over-p comparison))
          (accept-process-output nil 0.05))
      (llm-switch-comparison-cancel-all comparison))
    (unless (seq-some #'llm-switch-org-compare--done-p
                      (llm-switch-comparison-candidates comparison))
      (user-error "%sof %s nobody has answered: %s" llm-switch-org-prompt-failure
                  (llm-switch-org-request-who wants)
                  (mapconcat #'llm-switch-candidate-problem
                             (llm-switch-comparison-candidates comparison) "; ")))
    comparison))

(defun llm-switch-org-compare-dry (wants prompt params)
  "Return the requests of PROMPT and WANTS as JSON texts; nothing is sent.
PARAMS are the header arguments, as Org gives them."
  (let ((comparison (llm-switch-org-compare--make wants prompt)))
    (llm-switch-comparison-divide comparison (plist-get wants :max-cost))
    (mapconcat
     (lambda (candidate)
       (llm-switch-org-compare--titled
        candidate
        (llm-switch-org-result
         (llm-switch-preview-encode (llm-switch-candidate-fsm candidate)) nil wants params)))
     (llm-switch-comparison-candidates comparison) "\n\n")))

;;; Result

(defun llm-switch-org-compare-whole-p (comparison)
  "Return non-nil if all have answered in COMPARISON."
  (seq-every-p #'llm-switch-org-compare--done-p (llm-switch-comparison-candidates comparison)))

(defun llm-switch-org-compare--done-p (candidate)
  "Return non-nil if CANDIDATE has answered to the end."
  (eq (llm-switch-candidate-state candidate) 'done))

(defun llm-switch-org-compare-result (comparison wants params)
  "Return the answers of COMPARISON as what stands below a block.
WANTS is what the header asked for, PARAMS all of its arguments, or nil for a
program."
  (let ((candidates (llm-switch-comparison-candidates comparison)))
    (string-join
     (append (mapcar (lambda (it) (llm-switch-org-compare--answer it wants params)) candidates)
             (when (eq (llm-switch-org-result-place params) 'drawer)
               (list (llm-switch-org-compare--table comparison))))
     "\n\n")))

(defun llm-switch-org-compare--answer (candidate wants params)
  "Return what CANDIDATE answered, as WANTS and PARAMS have it."
  (llm-switch-org-compare--titled
   candidate (llm-switch-org-result (llm-switch-candidate-text candidate)
                                    (llm-switch-org-compare--info candidate) wants params)))

(defun llm-switch-org-compare--titled (candidate text)
  "Return TEXT below the name of CANDIDATE."
  (concat (llm-switch-org-prompt-title (llm-switch-candidate-name candidate)) "\n" text))

(defun llm-switch-org-compare--info (candidate)
  "Return the info of the request of CANDIDATE, with an error if it was cancelled."
  (let ((info (gptel-fsm-info (llm-switch-candidate-fsm candidate))))
    (if (eq (llm-switch-candidate-state candidate) 'cancelled)
        (append (list :error (list :message (llm-switch-org-result-cancelled
                                             (llm-switch-candidate-pieces candidate))))
                info)
      info)))

;;; Figures

(defconst llm-switch-org-compare--columns '("asked" "first word" "tokens/s" "tokens" "cost")
  "The columns of the table below the answers.
Those of times are as wide as any value, so that the table has the same form
whatever they are.")

(defun llm-switch-org-compare--table (comparison)
  "Return a table of Org with the figures of COMPARISON."
  (let* ((rows (cons llm-switch-org-compare--columns
                     (mapcar #'llm-switch-org-compare--row
                             (llm-switch-comparison-candidates comparison))))
         (widths (apply #'seq-mapn (lambda (&rest cells) (apply #'max (mapcar #'string-width cells)))
                        rows))
         (rule (format "|%s|" (mapconcat (lambda (width) (make-string (+ width 2) ?-)) widths "+")))
         (lines (mapcar (lambda (row) (llm-switch-org-compare--line row widths)) rows)))
    (string-join `(,(car lines) ,rule ,@(cdr lines)) "\n")))

(defun llm-switch-org-compare--line (row widths)
  "Return a line of a table with the cells of ROW, which have WIDTHS."
  (format "| %s |" (string-join (seq-mapn #'string-pad row widths) " | ")))

(defun llm-switch-org-compare--row (candidate)
  "Return the cells with the figures of CANDIDATE; what is not known is empty.
So is all of one that failed before it used anything."
  (let* ((turns (plist-get (gptel-fsm-info (llm-switch-candidate-fsm candidate))
                           :llm-switch-turns))
         (used (or (llm-switch-org-compare--done-p candidate)
                   (llm-switch-answer-line-used-p turns)))
         (wait (llm-switch-candidate-wait candidate))
         (speed (llm-switch-answer-line-speed turns)))
    (list (llm-switch-candidate-name candidate)
          (if (and used wait) (llm-switch-spend-seconds wait) "")
          (if speed (string-remove-suffix " tok/s" speed) "")
          (or (and used (llm-switch-answer-line-tokens turns)) "")
          (or (and used (llm-switch-answer-line-cost turns)) ""))))

;;; Finished ones

(defvar-local llm-switch-org-compare--finished nil
  "What was compared in this buffer, a list of (BLOCK . COMPARISON).
BLOCK is a marker at the block.  Of an indirect buffer it is kept in its base.")

(defun llm-switch-org-compare-remember (comparison)
  "Remember COMPARISON as that of the block at point, instead of an earlier one."
  (let ((block (point)))
    (with-current-buffer (or (buffer-base-buffer) (current-buffer))
      (setq llm-switch-org-compare--finished
            (cons (cons (copy-marker block t) comparison)
                  (seq-remove (lambda (it) (= (car it) block))
                              llm-switch-org-compare--finished))))))

(defun llm-switch-org-compare-finished ()
  "Return what was compared in this buffer: a list of (BLOCK . COMPARISON).
BLOCK is a marker at the block."
  (buffer-local-value 'llm-switch-org-compare--finished
                      (or (buffer-base-buffer) (current-buffer))))

(provide 'llm-switch-org-compare)
;;; llm-switch-org-compare.el ends here
