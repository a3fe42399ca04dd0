;;; llm-switch-continue.el --- Go on with an answer that broke off  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Before the first visible piece of an answer another deployment takes over
;; without a word lost.  After it the text stays, and whoever is asked next gets
;; it along, to go on right where it stops.  The place is marked by an overlay,
;; which is neither in the text nor sent.

;;; Code:

(require 'llm-switch-footer)
(require 'llm-switch-gptel)
(require 'llm-switch-turn)

(defcustom llm-switch-continue-automatically nil
  "Whether an answer that breaks off is gone on with without being asked.
The next deployment of the route does it, which may cost money as any answer."
  :group 'llm-switch
  :type 'boolean)

(defconst llm-switch-continue--most 3
  "How often one answer is gone on with unasked.
Whoever is asked may break off too.")

;;;###autoload
(defun llm-switch-continue ()
  "Go on with the last answer of this chat, where it broke off or was cut.
Whoever is next in the route goes on, or whom you chose meanwhile."
  (interactive)
  (llm-switch-turn-check)
  (let ((turn (llm-switch-turn)))
    (llm-switch-continue--check turn)
    (llm-switch-continue--ask turn 0)
    (message "llm-switch: going on where the answer stops")))

(defun llm-switch-continue--check (turn)
  "Signal an error if there is nothing in TURN to go on with."
  (let ((known (plist-get turn :known)))
    (cond ((string-blank-p (llm-switch-turn-text turn))
           (user-error "Nothing stands there to go on with; ask again with M-x llm-switch-escalate"))
          ((member (plist-get known :stop-reason) '("end" "stop"))
           (user-error "The last answer is complete"))
          ((and (plist-get known :kind) (not (plist-get known :can-continue))
                (not (equal (plist-get known :kind) "cancelled")))
           (user-error "It cannot be gone on with: %s" (plist-get known :message))))))

(defun llm-switch-continue--ask (turn times)
  "Have somebody go on with the answer of TURN; it is gone on with TIMES unasked."
  (let ((end (plist-get turn :end))
        (text (llm-switch-turn-text turn))
        (from (llm-switch-turn-who (plist-get turn :known))))
    (llm-switch-turn-ask
     turn end
     (list :llm-switch `(:continue (:text ,text ,@(when from (list :from from))))
           :start (copy-marker (plist-get turn :start))
           :times times)
     (let ((mark (llm-switch-continue--marker (copy-marker end))))
       (lambda (info)
         (llm-switch-continue--prime info text)
         (funcall mark info))))))

(defun llm-switch-continue--prime (info text)
  "Let gptel's converter to Org in INFO know that TEXT stops inside of code.
Else it takes the end of the block for the beginning of one."
  (when-let* ((convert (plist-get info :transformer)))
    (when (> (llm-switch-continue--count "^[ \t]*#\\+begin_src" text)
             (llm-switch-continue--count "^[ \t]*#\\+end_src" text))
      (funcall convert "```\n"))))

(defun llm-switch-continue--count (regexp text)
  "Return how many lines of TEXT match REGEXP."
  (let ((case-fold-search t))
    (seq-count (lambda (line) (string-match-p regexp line)) (split-string text "\n"))))

;;; The mark

(defun llm-switch-continue--marker (end)
  "Return a function to mark END, a marker, as the place of the joint."
  (lambda (info)
    (with-current-buffer (marker-buffer end)
      (llm-switch-footer-remove end 'footer)
      (plist-put (plist-get info :context) :mark
                 (llm-switch-footer-put end " [goes on] " 'continued)))))

(defun llm-switch-continue--name (info known)
  "Let the mark of INFO's answer tell who went on, as is KNOWN."
  (when-let* ((mark (plist-get (llm-switch-turn-context info) :mark))
              (who (llm-switch-turn-who known)))
    (when (overlay-buffer mark)
      (llm-switch-footer-say mark (format " [%s goes on] " who)))))

;;; Unasked

;;;###autoload
(defun llm-switch-continue-hear (info known)
  "Name who went on with the answer of INFO, and go on if it broke off.
KNOWN is the plist of its last event.  In `llm-switch-answer-ended-functions'."
  (llm-switch-continue--name info known)
  (when-let* (((plist-get known :can-continue))
              (end (plist-get info :tracking-marker)))
    (when (and llm-switch-continue-automatically (marker-buffer end))
      ;; Not from within the event, which must not wait.
      (run-at-time 0 nil #'llm-switch-continue--unasked (marker-buffer end)))))

(defun llm-switch-continue--unasked (buffer)
  "Go on with the last answer in BUFFER, unless that was done too often."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (let* ((turn (llm-switch-turn))
             (times (or (plist-get turn :times) 0)))
        (if (>= times llm-switch-continue--most)
            (message "llm-switch: the answer broke off again; M-x llm-switch-continue goes on")
          (llm-switch-turn-check)
          (llm-switch-continue--ask turn (1+ times)))))))

(provide 'llm-switch-continue)
;;; llm-switch-continue.el ends here
