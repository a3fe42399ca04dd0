;;; llm-switch-answer-attempts.el --- All attempts at an answer  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What is told of an answer in the chat is one line.  The mouse on it tells all
;; attempts, those that failed among them; a key or a click shows what the
;; ledger has of each.

;;; Code:

(require 'llm-switch-answer-facts)
(require 'llm-switch-answer-line)
(require 'seq)
(require 'subr-x)

(autoload 'llm-switch-spend-request "llm-switch-spend-requests")

(defvar llm-switch-answer-attempts-map
  (let ((map (make-sparse-keymap)))
    (dolist (place '(nil left-margin right-margin))
      (define-key map (vconcat (and place (list place)) [mouse-1])
                  #'llm-switch-answer-attempts-mouse))
    map)
  "Keys on what a chat shows of an answer.")

(defun llm-switch-answer-attempts-summary (facts)
  "Return what FACTS tell of an answer, with all attempts, in lines."
  (string-join
   (append (list (llm-switch-answer-line (plist-get facts :turns) most-positive-fixnum))
           (seq-map-indexed (lambda (line index) (format "%3d  %s" (1+ index) line))
                            (llm-switch-answer-facts-attempts facts))
           (plist-get facts :lines)
           (when (llm-switch-answer-facts-requests facts) '("mouse-1: what the ledger has of it")))
   "\n"))

(defun llm-switch-answer-attempts-hover (_window object position)
  "Return what is told of the answer to which POSITION in OBJECT belongs.
OBJECT is a string, or an overlay on text that may have its own to tell."
  (if (stringp object)
      (llm-switch-answer-attempts-summary (get-text-property position 'llm-switch-answer object))
    (with-current-buffer (overlay-buffer object)
      (let ((own (get-text-property position 'help-echo)))
        (if (stringp own) own
          (llm-switch-answer-attempts-summary (overlay-get object 'llm-switch-answer)))))))

(defun llm-switch-answer-attempts-mouse (event)
  "Show all attempts at the answer on which EVENT was."
  (interactive "e")
  (pcase-let ((`(,string . ,position) (posn-string (event-start event))))
    (select-window (posn-window (event-start event)))
    (llm-switch-answer-attempts--open
     (get-text-property position 'llm-switch-answer string))))

;;;###autoload
(defun llm-switch-answer-attempts ()
  "Show all attempts at the answer at point, or at the nearest one.
That is what the ledger has of each: whom was asked, how it ended, after what
time, and what it cost.  An answer with tools is one of several requests."
  (interactive)
  (llm-switch-answer-attempts--open
   (or (llm-switch-answer-attempts--unanswered)
       (llm-switch-answer-facts-near (point))
       (user-error "There is no answer here, or it is of an earlier session"))))

(defun llm-switch-answer-attempts--unanswered ()
  "Return what is known of the question at point if nobody has answered it."
  (seq-some (lambda (overlay)
              (and (eq (overlay-get overlay 'llm-switch-footer) 'unanswered)
                   (overlay-get overlay 'llm-switch-answer)))
            (overlays-in (max (point-min) (1- (point))) (1+ (point)))))

(defun llm-switch-answer-attempts--open (facts)
  "Show what the ledger has of the answer of FACTS."
  (apply #'llm-switch-spend-request
         (or (llm-switch-answer-facts-requests facts)
             (user-error "Nothing was sent for it, so the ledger has nothing of it"))))

(provide 'llm-switch-answer-attempts)
;;; llm-switch-answer-attempts.el ends here
