;;; llm-switch-turn.el --- The last question of a chat and its answer  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A chat is text.  Where its last answer stands is noted when it ends; in a
;; chat out of a file, or after an answer that another backend gave, gptel's
;; text properties tell it.  Its question is what stands before it, and can be
;; asked again.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-answer)
(require 'seq)

(declare-function llm-switch-adopt-rows "llm-switch-adopt" ())
(declare-function llm-switch-adopt-deployment-here "llm-switch-adopt" ())
(declare-function llm-switch-gptel-current-p "llm-switch-gptel" ())
(declare-function llm-switch-gptel-current "llm-switch-gptel" ())
(declare-function gptel-org--send-with-props "gptel-org" (send-fun &rest args))

(defvar-local llm-switch-turn--last nil
  "The last answer of ours in this buffer: a plist (:start :end :known :times).")

;;; Where it stands

(defun llm-switch-turn-note (info known)
  "Note where the answer of INFO stands in its buffer, and what is KNOWN of it.
In `llm-switch-answer-ended-functions'."
  (when (llm-switch-turn-inserted-p info)
    (let* ((context (llm-switch-turn-context info))
           (start (or (plist-get context :start) (plist-get info :position)))
           (end (or (plist-get info :tracking-marker) (plist-get info :position))))
      (when (buffer-live-p (marker-buffer start))
        (with-current-buffer (marker-buffer start)
          (setq llm-switch-turn--last
                (list :start (copy-marker start) :end (copy-marker end) :known known
                      :times (plist-get context :times))))))))

(defun llm-switch-turn-context (info)
  "Return the context of INFO if the request is one of our commands', or nil.
That is a plist that begins with :llm-switch, what the module is to know of this
request; :purpose is why it is made, :aside tells that its answer is no turn of
a chat, and :quiet that the echo area is not the place for what happens to it."
  (let ((context (plist-get info :context)))
    (and (eq (car-safe context) :llm-switch) context)))

(defun llm-switch-turn-inserted-p (info)
  "Return non-nil if the answer of INFO is for a chat."
  (if-let* ((context (llm-switch-turn-context info)))
      (not (plist-get context :aside))
    (memq (plist-get info :callback)
          '(gptel--insert-response gptel-curl--stream-insert-response))))

(defun llm-switch-turn ()
  "Return the last turn of this chat, or signal that there is none.
That is a plist with the positions :start and :end of the answer, which are the
same if there is none yet, and, where the answer was heard in this session,
with :known, the plist of its `done' or `error' event, and :times."
  (save-restriction
    (widen)
    (let ((noted llm-switch-turn--last)
          (found (llm-switch-turn--found)))
      (cond ((and noted (>= (plist-get noted :end) (or (plist-get found :end) 0)))
             (cl-list* :start (marker-position (plist-get noted :start))
                       :end (marker-position (plist-get noted :end)) noted))
            (found)
            (t (user-error "There is no answer in this buffer yet"))))))

(defun llm-switch-turn--found ()
  "Return the last answer that gptel's text properties show, or nil."
  (let* ((from (lambda (end) (previous-single-property-change end 'gptel nil (point-min))))
         (before (lambda (end) (get-text-property (1- end) 'gptel)))
         (end (point-max)))
    (while (and (> end (point-min)) (not (eq (funcall before end) 'response)))
      (setq end (funcall from end)))
    (when (> end (point-min))
      (let ((start end))
        ;; Reasoning and calls of tools belong to it.
        (while (and (> start (point-min)) (funcall before start))
          (setq start (funcall from start)))
        (list :start start :end end)))))

(defun llm-switch-turn-text (turn)
  "Return the text of the answer of TURN, without reasoning and tools."
  (let ((position (plist-get turn :start))
        (end (plist-get turn :end))
        (pieces nil))
    (while (< position end)
      (let ((next (next-single-property-change position 'gptel nil end)))
        (when (eq (get-text-property position 'gptel) 'response)
          (push (buffer-substring-no-properties position next) pieces))
        (setq position next)))
    (string-join (nreverse pieces))))

(defun llm-switch-turn-who (known)
  "Return who answered according to KNOWN, or nil if that is not known."
  (when (and (plist-get known :account) (plist-get known :sent))
    (concat (plist-get known :account) "/" (plist-get known :sent))))

;;; Ask

(defun llm-switch-turn-wish (info)
  "Return what one of our commands wants of the request in INFO, a plist.
It stands under :llm-switch in the context that was given to `gptel-request'."
  (let* ((wish (plist-get (llm-switch-turn-context info) :llm-switch))
         (so-far (plist-get wish :continue)))
    ;; The turns of tools that come stand behind what broke off.
    (when (and so-far (not (plist-get so-far :after)))
      (plist-put so-far :after (length (plist-get (plist-get info :data) :messages))))
    wish))

(defun llm-switch-turn-ours-p ()
  "Return non-nil if gptel's requests from this buffer go through the module.
Its backend is ours then, or adopted."
  (or (llm-switch-gptel-current-p)
      (and (bound-and-true-p llm-switch-mode)
           (progn (llm-switch-adopt-rows) (llm-switch-adopt-deployment-here)))))

(defun llm-switch-turn-check ()
  "Signal an error unless requests from this buffer are ours and none is under way."
  (unless (llm-switch-turn-ours-p)
    (user-error "This buffer's gptel backend is %s; choose ours with M-x llm-switch-backend"
                (llm-switch-gptel-current)))
  (llm-switch-turn-check-idle))

(defun llm-switch-turn-check-idle ()
  "Signal an error if a request from this buffer is under way."
  (when (seq-some (lambda (entry)
                    (eq (plist-get (gptel-fsm-info (cadr entry)) :buffer) (current-buffer)))
                  gptel--request-alist)
    (user-error "An answer is under way in this buffer; M-x gptel-abort ends it")))

(defun llm-switch-turn-ask (turn position context first)
  "Ask the question of TURN; the answer is inserted at POSITION.
What a narrowed buffer hides is not sent, as when it was asked first.
CONTEXT is a plist that `llm-switch-turn-context' gives then; its :llm-switch
is for the module.  FIRST is called with gptel's info before anything is
inserted."
  (unless (<= (point-min) (plist-get turn :start) (point-max))
    (user-error "The last answer is outside of what this buffer is narrowed to"))
  (let ((gptel-org-p (and (derived-mode-p 'org-mode) (require 'gptel-org nil t)))
        (mark-active nil))
    (save-excursion
      (goto-char (plist-get turn :start))
      ;; Else gptel takes the first word of the answer for the question's last.
      (skip-chars-backward " \t\r\n")
      (when (bobp) (user-error "There is no question before the answer"))
      (apply (if gptel-org-p #'gptel-org--send-with-props #'funcall)
             #'llm-switch-turn--request turn position context first nil))
    (when gptel-mode (gptel--update-status " Waiting..." 'warning))))

(defun llm-switch-turn--request (turn position context first)
  "Send the text before point, for `llm-switch-turn-ask'.
TURN, POSITION, CONTEXT and FIRST are its arguments."
  (let ((answered (< (plist-get turn :start) (plist-get turn :end))))
    (gptel-request nil
      :stream gptel-stream
      :transforms gptel-prompt-transform-functions
      :fsm (llm-switch-turn--machine)
      :position (copy-marker position)
      ;; What gptel writes around an answer is there with the old one.
      :in-place answered
      :context context
      :callback (llm-switch-turn--callback first (llm-switch-turn--closed-p turn)))))

(defun llm-switch-turn--machine ()
  "Return a state machine such as that of `gptel-send'."
  (if (boundp 'gptel-send--transitions)
      (gptel-make-fsm :table gptel-send--transitions :handlers gptel-send--handlers)
    ;; Before gptel 0.9.9.5 one table is for all.
    (gptel-make-fsm :handlers gptel-send--handlers)))

(defun llm-switch-turn--closed-p (turn)
  "Return non-nil if the next question has been begun behind TURN."
  (let ((known (plist-get turn :known)))
    ;; Of an answer that the user aborted nothing is known, and gptel begins none behind it.
    (or (and known (not (plist-get known :kind)))
        (save-excursion
          (goto-char (plist-get turn :end))
          (looking-at-p "[ \t\r\n]*[^ \t\r\n]")))))

(defun llm-switch-turn--callback (first closed)
  "Return a callback for gptel, to insert what comes.
FIRST is called before the first of it.  Unless CLOSED, gptel begins the next
question behind it."
  (let ((begun nil))
    (lambda (response info &optional raw)
      (let ((visible (llm-switch-turn--visible-p response info)))
        (when (and visible (not begun)) (funcall first info))
        (funcall (if (plist-get info :stream) #'gptel-curl--stream-insert-response
                   #'gptel--insert-response)
                 response info raw)
        (when (and visible (not begun))
          (setq begun t)
          (plist-put info :in-place closed))))))

(defun llm-switch-turn--visible-p (response info)
  "Return non-nil if RESPONSE is for the eyes, in the chat of INFO."
  (pcase response
    ((pred stringp) t)
    (`(reasoning . ,_) (memq (plist-get info :include-reasoning) '(t ignore)))
    (`(,(or 'tool-call 'tool-result) . ,_) t)))

(provide 'llm-switch-turn)
;;; llm-switch-turn.el ends here
