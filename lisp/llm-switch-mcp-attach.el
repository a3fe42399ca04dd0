;;; llm-switch-mcp-attach.el --- Resources go along with a prompt  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What a prompt mentions is read when it is sent, and put behind the paragraph
;; that mentions it, in gptel's copy of the text: the chat stays as typed.
;; gptel waits meanwhile, and can be aborted.  What the newest prompt mentions
;; must be there, or nothing is sent.  What an older one mentions may be gone
;; by now; then its words go as they are.
;;
;; Only what the user wrote in the chat mentions something.  gptel puts files of
;; its context into the same text, and who wrote those must not make anything
;; be read; so mentions are noted before that.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-gptel)
(require 'llm-switch-mcp-content)
(require 'llm-switch-mcp-mention)
(require 'llm-switch-mcp-place)
(require 'llm-switch-mcp-tools)
(require 'seq)

(cl-defstruct (llm-switch-mcp-attach--job (:copier nil))
  "Resources that are being read for the request of FSM, whose text is in PROMPT.
MENTIONS are its mentions, TOLD what was read of them, by (SERVER . URI), LEFT
how many are not yet read and IDS their calls.  CALLBACK goes on with it, and
TAG is its key in `gptel--request-alist'."
  fsm callback prompt mentions left ids tag (told (make-hash-table :test #'equal)))

(defvar-local llm-switch-mcp-attach--mentions nil
  "What the user mentions in this prompt: ((BEGIN END SERVER URI)...).
BEGIN and END are markers.")

(defun llm-switch-mcp-attach-note (fsm)
  "Note what is mentioned in the prompt of FSM, while it is the chat's text alone.
The first of `gptel-prompt-transform-functions', in the buffer that holds the
prompt.  In a buffer that is no chat the text may be anybody's."
  (when (buffer-local-value 'gptel-mode (plist-get (gptel-fsm-info fsm) :buffer))
    (setq llm-switch-mcp-attach--mentions
          (mapcar (pcase-lambda (`(,begin ,end . ,key))
                    ;; What is put before a mention moves it.
                    `(,(copy-marker begin t) ,(copy-marker end) ,@key))
                  (llm-switch-mcp-mention-all)))))

(defun llm-switch-mcp-attach (callback fsm)
  "Put the resources that the prompt of FSM mentions into it, then call CALLBACK.
In `gptel-prompt-transform-functions', in the buffer that holds the prompt."
  (if-let* ((mentions llm-switch-mcp-attach--mentions))
      (llm-switch-mcp-attach--begin
       (make-llm-switch-mcp-attach--job :fsm fsm :callback callback :mentions mentions
                                        :prompt (current-buffer) :tag (list 'llm-switch-mcp)))
    (funcall callback)))

;;; Read

(defun llm-switch-mcp-attach--begin (job)
  "Find out which mentions of JOB are of servers that there are, and read them."
  (llm-switch-mcp-attach--call
   job "mcp.list" nil
   (lambda (told)
     (let ((servers (mapcar (lambda (row) (plist-get row :server)) (plist-get told :servers))))
       (setf (llm-switch-mcp-attach--job-mentions job)
             (seq-filter (lambda (mention) (member (nth 2 mention) servers))
                         (llm-switch-mcp-attach--job-mentions job)))
       (llm-switch-mcp-attach--look-at-rules job)))
   (lambda (why) (llm-switch-mcp-attach--fail job why)))
  (push (cons (llm-switch-mcp-attach--job-tag job)
              (cons (llm-switch-mcp-attach--job-fsm job)
                    (lambda () (llm-switch-mcp-attach--drop job))))
        gptel--request-alist))

(defun llm-switch-mcp-attach--look-at-rules (job)
  "Find out which servers that JOB mentions are denied, and read of the others."
  (if (null (llm-switch-mcp-attach--job-mentions job))
      (llm-switch-mcp-attach--finish job)
    (llm-switch-mcp-attach--call
     job "mcp.rules" nil
     (lambda (told) (llm-switch-mcp-attach--obey job (plist-get told :rules)))
     (lambda (why) (llm-switch-mcp-attach--fail job why)))))

(defun llm-switch-mcp-attach--obey (job rules)
  "Read what JOB mentions of servers that RULES, those of `mcp.rules', do not deny."
  (let* ((denied (seq-filter
                  (pcase-lambda (`(,_ ,_ ,server ,_))
                    (llm-switch-mcp-attach--denied-p server rules))
                  (llm-switch-mcp-attach--job-mentions job)))
         (new (seq-find (pcase-lambda (`(,_ ,_ ,server ,uri))
                          (llm-switch-mcp-attach--new-p job server uri))
                        denied)))
    (if new
        (llm-switch-mcp-attach--miss job (nth 2 new) (nth 3 new)
                                     (format "A rule denies the server %s" (nth 2 new)))
      (setf (llm-switch-mcp-attach--job-mentions job)
            (seq-difference (llm-switch-mcp-attach--job-mentions job) denied #'eq))
      (llm-switch-mcp-attach--read job))))

(defun llm-switch-mcp-attach--denied-p (server rules)
  "Return non-nil if RULES, those of `mcp.rules', deny all of SERVER."
  (let ((all (llm-switch-mcp-tools-rule server)))
    (seq-some (lambda (rule)
                (and (equal (plist-get rule :decision) "deny")
                     (member (plist-get rule :rule) (list all (concat all "__*") "mcp__*"))))
              rules)))

(defun llm-switch-mcp-attach--call (job method params then else)
  "Call METHOD with PARAMS for JOB, from its chat.
THEN is called with the value, or ELSE with a text that says why there is none."
  (let ((chat (plist-get (gptel-fsm-info (llm-switch-mcp-attach--job-fsm job)) :buffer)))
    (with-current-buffer chat
      (push (llm-switch-mcp-place-call
             method params
             (lambda (kind told)
               (pcase kind
                 ('value (funcall then told))
                 ('error (funcall else (plist-get told :message)))))
             chat)
            (llm-switch-mcp-attach--job-ids job)))))

(defun llm-switch-mcp-attach--read (job)
  "Read what JOB mentions, each once, all at the same time."
  (let ((wanted (seq-uniq (mapcar #'cddr (llm-switch-mcp-attach--job-mentions job)))))
    (setf (llm-switch-mcp-attach--job-left job) (length wanted))
    (if (null wanted)
        (llm-switch-mcp-attach--finish job)
      (pcase-dolist (`(,server ,uri) wanted)
        (llm-switch-mcp-attach--call
         job "mcp.read" (list :server server :uri uri)
         (lambda (told) (llm-switch-mcp-attach--take job server uri told))
         (lambda (why) (llm-switch-mcp-attach--miss job server uri why)))))))

(defun llm-switch-mcp-attach--take (job server uri told)
  "Take what was TOLD of the resource of SERVER at URI, nil for nothing, for JOB."
  (puthash (list server uri) told (llm-switch-mcp-attach--job-told job))
  (when (zerop (cl-decf (llm-switch-mcp-attach--job-left job)))
    (llm-switch-mcp-attach--finish job)))

(defun llm-switch-mcp-attach--miss (job server uri why)
  "Take note that the resource of SERVER at URI cannot be read for JOB.
WHY is a text."
  (if (llm-switch-mcp-attach--new-p job server uri)
      (llm-switch-mcp-attach--fail
       job (format "%s.  Nothing was sent: @%s:%s cannot be read" why server uri))
    (message "llm-switch: @%s:%s of an older prompt goes as it is written (%s)" server uri why)
    (llm-switch-mcp-attach--take job server uri nil)))

(defun llm-switch-mcp-attach--new-p (job server uri)
  "Return non-nil if the last turn of JOB mentions the resource of SERVER at URI."
  (with-current-buffer (llm-switch-mcp-attach--job-prompt job)
    (let ((turn (llm-switch-mcp-mention-turn (point-max))))
      (seq-some (pcase-lambda (`(,begin . ,rest))
                  (and (>= begin turn) (equal (cdr rest) (list server uri))))
                (llm-switch-mcp-attach--job-mentions job)))))

;;; Go on

(defun llm-switch-mcp-attach--leave (job)
  "Read no more for JOB, and let `gptel-abort' find it no more."
  (setq gptel--request-alist
        (assq-delete-all (llm-switch-mcp-attach--job-tag job) gptel--request-alist))
  (mapc #'llm-switch-channel-forget (llm-switch-mcp-attach--job-ids job)))

(defun llm-switch-mcp-attach--drop (job)
  "Read no more for JOB, whose request will not be sent."
  (llm-switch-mcp-attach--leave job)
  (kill-buffer (llm-switch-mcp-attach--job-prompt job))
  (plist-put (gptel-fsm-info (llm-switch-mcp-attach--job-fsm job)) :data nil))

(defun llm-switch-mcp-attach--finish (job)
  "Put what was read for JOB into its prompt, and let gptel go on."
  (llm-switch-mcp-attach--leave job)
  (when (buffer-live-p (llm-switch-mcp-attach--job-prompt job))
    (with-current-buffer (llm-switch-mcp-attach--job-prompt job)
      (llm-switch-mcp-attach--insert-all job)
      (goto-char (point-max)))
    (funcall (llm-switch-mcp-attach--job-callback job))))

(defun llm-switch-mcp-attach--fail (job why)
  "End the request of JOB, of which nothing was sent, with the text WHY."
  (llm-switch-mcp-attach--drop job)
  (let* ((fsm (llm-switch-mcp-attach--job-fsm job))
         (info (gptel-fsm-info fsm)))
    (plist-put info :status "not sent")
    (plist-put info :error (list :type "mcp" :message why))
    (when-let* ((callback (plist-get info :callback)))
      (with-demoted-errors "gptel callback error: %S" (funcall callback nil info)))
    (gptel--fsm-transition fsm 'ERRS)))

;;; Into the prompt

(defun llm-switch-mcp-attach--insert-all (job)
  "Insert what was read for JOB, each where it is mentioned first."
  (let ((told (llm-switch-mcp-attach--job-told job))
        (places nil))
    (pcase-dolist (`(,begin ,_ . ,key) (llm-switch-mcp-attach--job-mentions job))
      (when-let* ((found (gethash key told)))
        (remhash key told)
        (push (list (copy-marker (llm-switch-mcp-attach--place begin) t) key found) places)))
    (pcase-dolist (`(,place ,key ,found) (nreverse places))
      ;; It moves on, so that the next one of this paragraph stands behind it.
      (goto-char place)
      (insert (llm-switch-mcp-attach--text key (plist-get found :text)))
      (llm-switch-mcp-attach--see (plist-get found :text)))))

(defun llm-switch-mcp-attach--place (begin)
  "Return the end of the paragraph of the turn in which BEGIN is."
  (save-excursion
    (let ((end (next-single-property-change begin 'gptel nil (point-max))))
      (goto-char begin)
      (if (re-search-forward (rx "\n" (* blank) "\n") end t)
          (match-beginning 0)
        (goto-char end)
        (skip-chars-backward " \t\n")
        (point)))))

(defun llm-switch-mcp-attach--text (key text)
  "Return TEXT of the resource KEY, (SERVER URI), as a part of a prompt."
  (let ((fence "```"))
    (while (string-search fence text) (setq fence (concat fence "`")))
    (format "\n\nResource @%s:%s\n\n%s\n%s\n%s" (car key) (cadr key)
            fence (string-trim-right text "\n+") fence)))

(defun llm-switch-mcp-attach--see (text)
  "Let the images that TEXT names go along, where gptel itself sends this prompt.
What goes through the module names them, and they are put in there."
  (unless (or (llm-switch-gptel-p gptel-backend)
              (bound-and-true-p llm-switch-mode)
              (not (gptel--model-capable-p 'media)))
    (pcase-dolist (`(,name . ,mime) (llm-switch-mcp-content-handles text))
      (when-let* ((file (llm-switch-mcp-content-file name)))
        (setq-local gptel-context (append gptel-context (list (list file :mime mime)))
                    gptel-use-context (or gptel-use-context 'user))))))

(provide 'llm-switch-mcp-attach)
;;; llm-switch-mcp-attach.el ends here
