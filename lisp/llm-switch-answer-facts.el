;;; llm-switch-answer-facts.el --- What is known of an answer, kept with its text  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; An answer is what stands in the chat for one question: with tools it has
;; several turns, each a request of its own in the ledger.  What is known of
;; them is the value of the text property `llm-switch-answer' of all its text,
;; a plist of plain data: no marker, no overlay, and no word of the answer.  So
;; it goes with the text through killing, undo and narrowing; in a file there
;; is nothing of it.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-channel)
(require 'llm-switch-footer)
(require 'seq)
(require 'subr-x)

(autoload 'llm-switch-spend-request-summary "llm-switch-spend-requests")

;; What is typed behind an answer is no part of it.  gptel does the same for its property.
(cl-pushnew '(llm-switch-answer . t) (default-value 'text-property-default-nonsticky)
            :test #'equal)

;;; Turns

(defconst llm-switch-answer-facts--kept
  '(:request :account :sent :served :substituted :title :payer :usage :cost :request-cost
    :first-token-ms :total-ms :kind :can-continue :remarks)
  "What is kept of a `done' or `error' event.
Not all of it: it may hold what the model said.")

(defun llm-switch-answer-facts-add (info known)
  "Note in INFO that a turn has ended, of which this is KNOWN."
  (let ((turn (llm-switch-answer-facts--turn info known))
        (turns (plist-get info :llm-switch-turns)))
    ;; A turn that is the last one tells it at the end of the answer.
    (when (and (plist-get known :substituted) (consp (plist-get known :message)))
      (llm-switch-answer-facts-note info (llm-switch-footer-substitution info known)))
    (plist-put info :llm-switch-turns (append turns (list turn)))
    (llm-switch-answer-facts--hear-attempts turn)))

(defun llm-switch-answer-facts--turn (info known)
  "Return what is kept of KNOWN, the end of a turn of INFO."
  (append (cl-loop for key in llm-switch-answer-facts--kept
                   for value = (plist-get known key)
                   when value append (list key value))
          (list :paced (llm-switch-answer-facts--paced-p info known)
                :failure (and (plist-get known :kind) (plist-get known :message))
                :fallbacks (llm-switch-answer-facts--fallbacks info)
                :attempts nil)))

(defun llm-switch-answer-facts--paced-p (info known)
  "Return non-nil if it can be seen how fast the tokens of INFO's turn came.
It must have been streamed, and if KNOWN counts reasoning, that must have been
seen too: what a service thinks in secret it has thought before the first token."
  (and (plist-get info :stream)
       (or (zerop (or (plist-get (plist-get known :usage) :reasoning) 0))
           (plist-get info :reasoning-block))
       t))

(defun llm-switch-answer-facts--fallbacks (info)
  "Return the fallbacks of the turn of INFO that has just ended, as texts."
  (let ((number (length (plist-get info :llm-switch-turns))))
    (cl-loop for told in (plist-get info :llm-switch-fallbacks)
             when (eql (plist-get told :turn) number)
             collect (format "%s → %s: %s" (plist-get told :from) (plist-get told :to)
                             (plist-get told :reason)))))

(defun llm-switch-answer-facts-note (info text)
  "Note in INFO that TEXT is to stand where the answer is now."
  (let ((end (plist-get info :tracking-marker)))
    (plist-put info :llm-switch-notes
               (append (plist-get info :llm-switch-notes)
                       (list (cons (and end (copy-marker end)) text))))))

;;; Attempts

(defun llm-switch-answer-facts--hear-attempts (turn)
  "Have TURN know, in the background, which attempts the ledger has of it."
  (when-let* ((key (plist-get turn :request))
              ((llm-switch-channel-live-p)))
    (llm-switch-channel-call
     "ledger.request" (list :request key)
     (lambda (kind rest)
       (when (eq kind 'value)
         (plist-put turn :attempts
                    (mapcar #'llm-switch-spend-request-summary (plist-get rest :attempts))))))))

(defun llm-switch-answer-facts-attempts (facts)
  "Return the attempts of which FACTS know, a line each.
Where the ledger has not told them, those that gave way to others are named."
  (cl-loop for turn in (plist-get facts :turns)
           append (or (plist-get turn :attempts)
                      (seq-union (plist-get turn :fallbacks) (plist-get turn :remarks)))))

(defun llm-switch-answer-facts-requests (facts)
  "Return the keys in the ledger of the requests of FACTS."
  (delq nil (mapcar (lambda (turn) (plist-get turn :request)) (plist-get facts :turns))))

;;; An answer

(defun llm-switch-answer-facts (info start lines &optional earlier)
  "Return what is known of the answer of INFO, which begins at START.
That is a plist: :turns, a list of plists; :lines, what is said of it all, here
LINES, a list of texts; :notes, an alist of texts that stand within it by their
distance from START.  EARLIER is what was known of it before it was gone on
with, and becomes a part of it."
  (list :turns (append (plist-get earlier :turns) (plist-get info :llm-switch-turns))
        :notes (append (plist-get earlier :notes) (llm-switch-answer-facts--notes info start))
        :lines lines))

(defun llm-switch-answer-facts--notes (info start)
  "Return the notes of INFO by their distance from START."
  (cl-loop for (mark . text) in (plist-get info :llm-switch-notes)
           collect (cons (max 0 (- (or mark (plist-get info :position)) start)) text)))

(defun llm-switch-answer-facts-put (facts start end)
  "Let the text from START to END bear FACTS.
The buffer does not count as modified, and there is nothing to undo: it is no
change of what the user sees as the text."
  (with-silent-modifications
    (put-text-property start end 'llm-switch-answer (plist-put facts :length (- end start)))))

(defun llm-switch-answer-facts-at (position)
  "Return what is known of the answer of which the character at POSITION is a part."
  (and (< position (point-max)) (get-text-property position 'llm-switch-answer)))

(defun llm-switch-answer-facts-near (position)
  "Return what is known of the answer at POSITION, or of the nearest, or nil.
Behind a question that is the one to it, which nothing but its prefix parts from
it; elsewhere it is the last one before."
  (or (llm-switch-answer-facts-at position)
      (let* ((next (next-single-property-change position 'llm-switch-answer))
             (between (and next (string-trim (buffer-substring-no-properties position next)))))
        (and between
             (member between (list "" (string-trim (gptel-response-prefix-string))))
             (llm-switch-answer-facts-at next)))
      (llm-switch-answer-facts--before position)))

(defun llm-switch-answer-facts--before (position)
  "Return what is known of the last answer before POSITION, or nil."
  (let ((end (if (and (> position (point-min)) (llm-switch-answer-facts-at (1- position)))
                 position
               (previous-single-property-change position 'llm-switch-answer))))
    (and end (> end (point-min)) (llm-switch-answer-facts-at (1- end)))))

(defun llm-switch-answer-facts-all (&optional start end)
  "Return what is known of the answers in this buffer: a list of (FACTS START END).
What the user has written into an answer parts it, and it is one all the same.
With START and END, return what is known of those between."
  (let ((position (or start (point-min)))
        (end (or end (point-max)))
        (all nil))
    (while (< position end)
      (let ((next (next-single-property-change position 'llm-switch-answer nil end)))
        (when-let* ((facts (llm-switch-answer-facts-at position)))
          (if (eq facts (caar all))
              (setf (nth 2 (car all)) next)
            (push (list facts position next) all)))
        (setq position next)))
    (nreverse all)))

(provide 'llm-switch-answer-facts)
;;; llm-switch-answer-facts.el ends here
