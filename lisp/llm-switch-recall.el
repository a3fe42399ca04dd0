;;; llm-switch-recall.el --- By what the module knows an answer again  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What a service signs of its thoughts goes back with the turn that they led
;; to.  At the next question gptel sends what stands in the buffer, and the
;; module knows a turn of its own again by its words.  They are others than the
;; model's: gptel trims them, turns Markdown into Org, and users have hooks.  So
;; the module is told, when an answer has ended, what it has become.

;;; Code:

(require 'gptel)
(require 'llm-switch-channel)
(require 'seq)

(declare-function llm-switch-turn-inserted-p "llm-switch-turn" (info))

(defun llm-switch-recall-note (info known)
  "Note in INFO where the turn ends of which this is KNOWN.
An answer has several turns where tools are called: the text of each stands
behind that of the one before.  KNOWN is the plist of a `done' event."
  (let ((end (or (plist-get info :tracking-marker) (plist-get info :position))))
    (when (markerp end)
      (plist-put info :llm-switch-kept
                 (append (plist-get info :llm-switch-kept)
                         (list (list :kept (plist-get known :kept) :end (copy-marker end))))))))

(defun llm-switch-recall-tell (info _known)
  "Tell the module how the answer of INFO stands in its buffer.
In `llm-switch-answer-ended-functions'.  Where there are no thoughts to be
remembered, or the answer is no turn of a chat, there is nothing to tell."
  (let ((turns (plist-get info :llm-switch-kept))
        (begin (plist-get info :position)))
    (when (and (seq-some (lambda (turn) (plist-get turn :kept)) turns)
               (llm-switch-turn-inserted-p info)
               (buffer-live-p (marker-buffer begin)))
      (with-current-buffer (marker-buffer begin)
        (when-let* ((standings (llm-switch-recall--standings turns begin)))
          (llm-switch-channel-call "answer.stands" `(:turns ,(vconcat standings))
                                   #'llm-switch-recall--told))))))

(defun llm-switch-recall--told (kind rest)
  "Say that the module did not understand, where KIND and REST are an error."
  (when (eq kind 'error)
    (message "llm-switch: %s" (plist-get rest :message))))

(defun llm-switch-recall--standings (turns begin)
  "Return what answer.stands wants of what is remembered of an answer.
The first of its TURNS begins at BEGIN, the others where the one before ends."
  (save-restriction
    (widen)
    (let ((standings nil))
      (dolist (turn turns (nreverse standings))
        (let ((end (plist-get turn :end)))
          (when (and (plist-get turn :kept) (llm-switch-recall--apart-p begin)
                     (llm-switch-recall--apart-p end))
            (push (list :kept (plist-get turn :kept)
                        :texts (vconcat (llm-switch-recall--texts begin end)))
                  standings))
          (setq begin end))))))

(defun llm-switch-recall--apart-p (position)
  "Return non-nil unless two texts of a model stand at POSITION as one.
Where tools are not shown, or an answer that broke off was gone on with, gptel
sends them so, which is the turn of nobody."
  (not (and (< (point-min) position (point-max))
            (eq (get-text-property position 'gptel) 'response)
            (eq (get-text-property (1- position) 'gptel) 'response))))

(defun llm-switch-recall--texts (begin end)
  "Return the texts of a model from BEGIN to END, each as gptel sends it."
  (let ((position (marker-position begin))
        (texts nil))
    (while (< position end)
      (let ((next (next-single-property-change position 'gptel nil end)))
        (when (eq (get-text-property position 'gptel) 'response)
          (push (gptel--trim-prefixes (buffer-substring-no-properties position next)) texts))
        (setq position next)))
    (delq nil (nreverse texts))))

(provide 'llm-switch-recall)
;;; llm-switch-recall.el ends here
