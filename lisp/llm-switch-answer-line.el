;;; llm-switch-answer-line.el --- Who answered, how fast, at what cost, in a line  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; An answer with tools has several turns: its time to the first token is that
;; of the first, its tokens and its cost are those of all.  Where a function here
;; takes an ANSWER, that is the list of its turns.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-cost)
(require 'llm-switch-spend-format)
(require 'seq)
(require 'subr-x)

(defcustom llm-switch-answer-segments
  '(llm-switch-answer-line-deployment llm-switch-answer-line-first-token
    llm-switch-answer-line-speed llm-switch-answer-line-tokens llm-switch-answer-line-cost)
  "What is told of an answer in the chat: functions that return a text or nil.
They are called with the turns of the answer, a list of plists with what the
`done' or `error' event of each told."
  :group 'llm-switch
  :type 'hook
  :options '(llm-switch-answer-line-deployment llm-switch-answer-line-first-token
             llm-switch-answer-line-speed llm-switch-answer-line-tokens
             llm-switch-answer-line-cost))

(defun llm-switch-answer-line (answer width)
  "Return what is told of ANSWER, in lines of at most WIDTH columns.
A segment is on one line; nil is returned where there is nothing to tell."
  (let ((segments (delq nil (mapcar (lambda (function) (funcall function answer))
                                    llm-switch-answer-segments))))
    (when segments
      (seq-reduce (lambda (text segment) (llm-switch-answer-line--append text segment width))
                  (cdr segments) (concat "── " (car segments))))))

(defun llm-switch-answer-line--append (text segment width)
  "Return TEXT with SEGMENT behind it, on a new line where WIDTH wants that."
  (let ((last (car (last (split-string text "\n")))))
    (concat text
            (if (> (+ (string-width last) 3 (string-width segment)) width) "\n   " " · ")
            segment)))

(defun llm-switch-answer-line-short (answer width)
  "Return which model gave ANSWER, and what it cost, in WIDTH columns.
Where there is no room for both it is the model that is cut."
  (let* ((model (or (plist-get (car (last answer)) :sent) ""))
         (cost (or (llm-switch-answer-line-cost answer) ""))
         (room (max 1 (- width (string-width cost) 1))))
    (concat (truncate-string-to-width model room nil nil "…") " " cost)))

(defun llm-switch-answer-line-used-p (answer)
  "Return non-nil if ANSWER has used any token."
  (seq-some (lambda (turn)
              (when-let* ((usage (plist-get turn :usage)))
                (> (+ (llm-switch-spend-input usage) (plist-get usage :output)) 0)))
            answer))

;;; Segments

(defun llm-switch-answer-line-deployment (answer)
  "Return who gave ANSWER, and who pays."
  (let ((all (seq-uniq (delq nil (mapcar #'llm-switch-answer-line--who answer)))))
    (and all (string-join all ", then "))))

(defun llm-switch-answer-line--who (turn)
  "Return who answered TURN, and who pays, or nil if nobody was asked."
  (when-let* ((account (plist-get turn :account)))
    (let ((beside (delq nil (list (llm-switch-answer-line--title turn)
                                  (llm-switch-answer-line--payer turn)))))
      (concat account "/" (plist-get turn :sent)
              (when beside (format " (%s)" (string-join beside ", ")))))))

(defun llm-switch-answer-line--title (turn)
  "Return the name of the service of TURN, unless the account bears it."
  (let ((title (plist-get turn :title)))
    (unless (equal (downcase (or title "")) (plist-get turn :account)) title)))

(defun llm-switch-answer-line--payer (turn)
  "Return who pays for TURN, unless its cost is the same word."
  (let ((payer (plist-get turn :payer)))
    (unless (equal payer (plist-get (plist-get turn :cost) :basis)) payer)))

(defun llm-switch-answer-line-first-token (answer)
  "Return after what time the first token of ANSWER came."
  (when-let* ((first (plist-get (car answer) :first-token-ms)))
    (concat (if (< first 50) "<0.1 s" (llm-switch-spend-seconds first)) " to first token")))

(defconst llm-switch-answer-line--felt 100
  "The shortest time, in milliseconds, out of which a speed is told.
What comes all at once says something of buffers and nothing of a model.")

(defun llm-switch-answer-line-speed (answer)
  "Return how many tokens of ANSWER came in a second, from the first one on.
It is not known of a turn that was not streamed, or thought in secret."
  (let* ((paced (seq-filter #'llm-switch-answer-line--paced-p answer))
         (time (llm-switch-answer-line--sum #'llm-switch-answer-line--flow paced))
         (speed (/ (* 1000.0 (llm-switch-answer-line--sum #'llm-switch-answer-line--output paced))
                   (max 1 time))))
    (when (and (>= time llm-switch-answer-line--felt) (> speed 0))
      (format (if (< speed 10) "%.1f tok/s" "%.0f tok/s") speed))))

(defun llm-switch-answer-line--paced-p (turn)
  "Return non-nil if it is known how fast TURN came."
  (and (plist-get turn :paced) (plist-get turn :first-token-ms) (plist-get turn :total-ms)))

(defun llm-switch-answer-line--flow (turn)
  "Return how long TURN took after its first token, in milliseconds."
  (- (plist-get turn :total-ms) (plist-get turn :first-token-ms)))

(defun llm-switch-answer-line--output (turn)
  "Return how many tokens came out in TURN, reasoning among them."
  (or (plist-get (plist-get turn :usage) :output) 0))

(defun llm-switch-answer-line--sum (function answer)
  "Return the sum of what FUNCTION gives for each of ANSWER."
  (apply #'+ (mapcar function answer)))

(defun llm-switch-answer-line-tokens (answer)
  "Return how many tokens went into ANSWER and came out of them."
  (when-let* ((usages (delq nil (mapcar (lambda (turn) (plist-get turn :usage)) answer))))
    (let ((input (llm-switch-answer-line--sum #'llm-switch-spend-input usages))
          (cached (llm-switch-answer-line--sum (lambda (it) (plist-get it :cache-read)) usages)))
      (format "%s in%s %s out" (llm-switch-spend-count input)
              (if (zerop cached) "" (format " (%s cached)" (llm-switch-spend-count cached)))
              (llm-switch-spend-count
               (llm-switch-answer-line--sum #'llm-switch-answer-line--output answer))))))

(defun llm-switch-answer-line-cost (answer)
  "Return what ANSWER cost in all."
  (when-let* ((costs (delq nil (mapcar #'llm-switch-cost-of-request answer))))
    (let* ((bases (seq-uniq (mapcar (lambda (it) (plist-get it :basis)) costs)))
           (amounts (mapcar (lambda (it) (plist-get it :amount)) costs))
           (known (remq nil amounts)))
      (if (and (equal (length bases) 1) (equal known amounts))
          (llm-switch-cost-format (list :basis (car bases) :amount (apply #'+ amounts)))
        (llm-switch-answer-line--mixed bases known (- (length amounts) (length known)))))))

(defun llm-switch-answer-line--mixed (bases known unknown)
  "Return a cost that is known on several BASES.
KNOWN are the amounts that are, and UNKNOWN is how many are not."
  (let ((sum (apply #'+ known)))
    (string-join
     (delq nil (list (unless (and (zerop sum) (> unknown 0))
                       (llm-switch-cost-format
                        (list :basis (if (member "estimated" bases) "estimated" "computed")
                              :amount sum)))
                     (when (> unknown 0) "?")))
     " + ")))

(provide 'llm-switch-answer-line)
;;; llm-switch-answer-line.el ends here
