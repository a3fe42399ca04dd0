;;; llm-switch-compare-keep.el --- Take one answer into the chat  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The answer goes through what gptel does with any answer, from the first word
;; to the end, as if it came now: it is converted to Org, stands between the same
;; prefixes, runs the same hooks, bears the same text properties.  So the chat is
;; as if that one had been asked.  Nothing is sent, and nothing is paid again.

;;; Code:

(require 'llm-switch-compare)
(require 'llm-switch-escalate)

(defun llm-switch-compare-keep ()
  "Make the answer here the answer in the chat whose question was compared.
It takes the place of one that is there: `undo' brings that back, and
`gptel--previous-variant' changes between them."
  (interactive nil llm-switch-compare-mode)
  (let ((candidate (llm-switch-compare-screen-here))
        (chat (llm-switch-comparison-buffer (llm-switch-compare-screen-comparison)))
        (position (plist-get (llm-switch-compare-screen-subject) :position)))
    (unless (llm-switch-candidate-answered-p candidate)
      (user-error "There is no whole answer here"))
    (unless position
      (user-error "No question of a chat was compared; w copies the answer"))
    (unless (buffer-live-p chat) (user-error "The chat is gone; w copies the answer"))
    (with-current-buffer chat
      (llm-switch-compare-keep--insert candidate (llm-switch-compare-keep--question position)))
    (message "Kept in %s" chat)))

(defun llm-switch-compare-keep--question (position)
  "Return the last question of this chat, if it still ends at POSITION."
  (let ((question (llm-switch-compare-question)))
    (unless (and question (= (car question) position))
      (user-error "%s has gone on since; w copies the answer" (buffer-name)))
    (llm-switch-comparison-check-visible position)
    (when (cdr question)
      (llm-switch-comparison-check-visible (plist-get (cdr question) :end)))
    (llm-switch-turn-check-idle)
    question))

(defun llm-switch-compare-keep--insert (candidate question)
  "Insert the answer of CANDIDATE behind QUESTION, (POSITION . TURN)."
  (let ((spent llm-switch-cost-buffer)
        (fsm (llm-switch-compare-keep--fsm candidate question)))
    (undo-boundary)
    (llm-switch-gptel--complete-info fsm)
    (let ((handler (llm-switch-answer-handler fsm (list 'llm-switch))))
      (funcall handler 'text (llm-switch-candidate-text candidate))
      (funcall handler 'done (llm-switch-candidate-known candidate)))
    ;; It was counted when it came.
    (setq llm-switch-cost-buffer spent)))

(defconst llm-switch-compare-keep--transitions
  (if (boundp 'gptel-send--transitions)
      (symbol-value 'gptel-send--transitions)
    ;; Before gptel 0.9.9.5 sending has no table of its own.
    gptel-request--transitions)
  "The states of a chat's request.")

(defun llm-switch-compare-keep--fsm (candidate question)
  "Return gptel's state machine of a chat in which CANDIDATE answers QUESTION."
  (pcase-let ((`(,position . ,turn) question))
    (gptel-make-fsm
     :state 'WAIT :table llm-switch-compare-keep--transitions :handlers gptel-send--handlers
     :info (list :buffer (current-buffer) :stream t
                 :backend (llm-switch-gptel-make-backend)
                 :model (llm-switch-gptel-model (llm-switch-candidate-asked candidate))
                 :position (copy-marker (if turn (plist-get turn :start) position))
                 ;; What gptel writes around an answer is there with the old one.
                 :in-place (and turn t)
                 :context (list :llm-switch nil :remark "kept from a comparison")
                 :callback (if turn
                               (llm-switch-turn--callback (llm-switch-escalate--replacer turn)
                                                          (llm-switch-turn--closed-p turn))
                             #'gptel-curl--stream-insert-response)
                 :llm-switch-fallbacks (llm-switch-candidate-fallbacks candidate)))))

(provide 'llm-switch-compare-keep)
;;; llm-switch-compare-keep.el ends here
