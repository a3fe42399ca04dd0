;;; llm-switch-org-run.el --- Org blocks whose answers are under way  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A block that runs asynchronously has a placeholder for a result, in whose place
;; the answer is streamed; at the end Org inserts the final form as it would have
;; at once.
;;
;; The block is found by its anchor, wherever the user has moved it meanwhile; one
;; that is gone has its answer in the kill ring, for it was paid.  Indirect buffers
;; share their text with a base buffer, which outlives them: what is inserted goes
;; through that one, while who is asked is the affair of the buffer in which the
;; block was run.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-org-anchor)
(require 'llm-switch-org-compare)
(require 'llm-switch-org-request)
(require 'llm-switch-org-result)
(require 'llm-switch-org-stream)
(require 'ob-core)
(require 'org)
(require 'seq)

(cl-defstruct (llm-switch-org-run (:constructor llm-switch-org-run--make) (:copier nil))
  "A block whose answer is under way."
  (block nil :documentation "Its anchor, a marker in the base buffer.")
  (limits nil :documentation "What the buffer was narrowed to then, (START . END), markers.")
  (buffer nil :documentation "The buffer in which it was run.")
  (params nil :documentation "Its header arguments, as Org gives them.")
  (wants nil :documentation "What they ask for.")
  (prompt nil :documentation "A function that returns what is asked, a list of turns.")
  (asked nil :documentation "The state machine of gptel, or the comparison where several are
asked; nil before anything is sent.")
  (waits nil :documentation "Non-nil while it waits for an earlier block of its session.")
  (hash nil :documentation "Org's hash of the block as it was run with :cache.")
  (pieces nil :documentation "What has come of the only answer, the newest first.")
  (stream nil :documentation "What is shown of it meanwhile, an `llm-switch-org-stream'.")
  (cancelled nil :documentation "Non-nil if the user has ended it."))

(defvar llm-switch-org-run--all nil
  "The blocks whose answers are under way, the newest first.")

(defun llm-switch-org-run-base ()
  "Return the buffer whose text is that of the current one."
  (or (buffer-base-buffer) (current-buffer)))

;;; Begin

(defun llm-switch-org-run (block params wants prompt)
  "Run the block at BLOCK, a position; return what stands there meanwhile.
PARAMS are its header arguments, WANTS is what they ask for.  PROMPT is called
with point at the block for what is asked."
  (llm-switch-org-run-drop block)
  (let ((run (llm-switch-org-run--new block params wants prompt)))
    (push run llm-switch-org-run--all)
    (add-hook 'kill-buffer-hook #'llm-switch-org-run--killed nil t)
    (unless (llm-switch-org-run-waits run)
      (condition-case problem
          (llm-switch-org-run--begin run)
        (error (llm-switch-org-anchor-drop (llm-switch-org-run-block run))
               (signal (car problem) (cdr problem)))))
    (llm-switch-org-result-clear params)
    (llm-switch-org-run--await-placeholder run)
    (format llm-switch-org-prompt-placeholder
            (concat (llm-switch-org-request-who wants)
                    (when (llm-switch-org-run-waits run)
                      ", when the session's earlier blocks have their answers")))))

(defun llm-switch-org-run--new (block params wants prompt)
  "Return a run of the block at BLOCK that is not begun yet.
PARAMS, WANTS and PROMPT are as for `llm-switch-org-run'."
  (let ((anchor (with-current-buffer (llm-switch-org-run-base) (llm-switch-org-anchor block))))
    (llm-switch-org-run--make
     :block anchor :buffer (current-buffer) :params params :wants wants :prompt prompt
     :limits (when (buffer-narrowed-p)
               (cons (copy-marker (point-min)) (copy-marker (point-max) t)))
     :waits (llm-switch-org-run-busy-p (plist-get wants :session) block)
     :stream (llm-switch-org-stream
              anchor (and (member "drawer" (cdr (assq :result-params params)))
                          (not (assq :wrap params)))
              (mapcar #'llm-switch-org-prompt-title (plist-get wants :compare))))))

(defun llm-switch-org-run--await-placeholder (run)
  "Have it noted when Org has inserted the placeholder of RUN."
  (letrec ((note (lambda ()
                   (remove-hook 'org-babel-after-execute-hook note t)
                   (llm-switch-org-run--placed run))))
    (add-hook 'org-babel-after-execute-hook note nil t)))

(defun llm-switch-org-run--placed (run)
  "Org has inserted the placeholder of RUN, which is no answer for :cache.
Else a file that is saved now would keep it for one."
  (let ((params (llm-switch-org-run-params run)))
    (when (and (equal (cdr (assq :cache params)) "yes")
               (not (member "silent" (cdr (assq :result-params params))))
               (llm-switch-org-anchor-p (llm-switch-org-run-block run)))
      (org-with-wide-buffer
       (goto-char (llm-switch-org-run-block run))
       (setf (llm-switch-org-run-hash run) (llm-switch-org-result-take-hash)))))
  (llm-switch-org-stream-settle (llm-switch-org-run-stream run)))

(defun llm-switch-org-run--begin (run)
  "Send the request of RUN, with point at its block."
  ;; Other blocks can end meanwhile: to make the requests of a comparison takes a while.
  (setf (llm-switch-org-run-waits run) nil)
  (condition-case problem
      (setf (llm-switch-org-run-asked run) (llm-switch-org-run--ask run))
    (error (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
           (signal (car problem) (cdr problem)))))

(defun llm-switch-org-run--ask (run)
  "Ask who is wanted by RUN, with point at its block; return what is under way."
  (let ((wants (llm-switch-org-run-wants run))
        (prompt (funcall (llm-switch-org-run-prompt run)))
        ;; Not from within the event; and Org may not have inserted the placeholder yet.
        (ended (lambda (_) (run-at-time 0 nil #'llm-switch-org-run--end run))))
    (if (plist-get wants :compare)
        (llm-switch-org-compare wants prompt
                                (lambda (number text) (llm-switch-org-run--grow run number text))
                                ended)
      (llm-switch-org-request wants prompt (llm-switch-org-run--callback run) ended))))

(defun llm-switch-org-run-busy-p (session block)
  "Return non-nil if an earlier block of SESSION is under way here.
It stands before BLOCK, a position."
  (and session
       (seq-some (lambda (run)
                   (and (eq (marker-buffer (llm-switch-org-run-block run))
                            (llm-switch-org-run-base))
                        (equal (plist-get (llm-switch-org-run-wants run) :session) session)
                        (< (llm-switch-org-run-block run) block)))
                 llm-switch-org-run--all)))

(defun llm-switch-org-run--begin-waiting ()
  "Begin the blocks that have waited for others of their session."
  (dolist (run (reverse llm-switch-org-run--all))
    (when (and (llm-switch-org-run-waits run) (buffer-live-p (llm-switch-org-run-buffer run)))
      (with-current-buffer (llm-switch-org-run-buffer run)
        (unless (llm-switch-org-run-busy-p (plist-get (llm-switch-org-run-wants run) :session)
                                           (llm-switch-org-run-block run))
          (llm-switch-org-run--begin-there run))))))

(defun llm-switch-org-run--begin-there (run)
  "Send the request of RUN, which has waited in this buffer, from its block."
  (if (not (llm-switch-org-anchor-find (llm-switch-org-run-block run)))
      (llm-switch-org-run--insert run nil)
    (condition-case problem
        (llm-switch-org-run--as-narrowed run (lambda () (llm-switch-org-run--begin run)))
      (error (llm-switch-org-run--insert
              run (list :error (list :message (error-message-string problem))))))))

(defun llm-switch-org-run--as-narrowed (run function)
  "Call FUNCTION at the block of RUN, with this buffer narrowed as it was then.
What is hidden from a question was decided when it was asked for.  A block that
was moved into another buffer asks there."
  (let ((block (llm-switch-org-run-block run)))
    (with-current-buffer (if (eq (marker-buffer block) (llm-switch-org-run-base))
                             (current-buffer)
                           (marker-buffer block))
      (org-with-wide-buffer
       (pcase-let ((`(,start . ,end) (llm-switch-org-run-limits run)))
         (when (and start (<= start block end)) (narrow-to-region start end)))
       (goto-char block)
       (funcall function)))))

;;; What comes

(defun llm-switch-org-run--callback (run)
  "Return the callback of gptel for RUN."
  (lambda (response info)
    (if (stringp response)
        (llm-switch-org-run--hear run response (plist-get info :stream))
      (llm-switch-org-request-hear response info)
      ;; What is said before and after a call of tools are paragraphs.
      (when (and (eq (car-safe response) 'tool-result) (llm-switch-org-run-pieces run))
        (llm-switch-org-run--hear run "\n\n" (plist-get info :stream))))))

(defun llm-switch-org-run--hear (run text show)
  "Take TEXT for a part of the answer of RUN; with SHOW let it be seen."
  (push text (llm-switch-org-run-pieces run))
  (when show (llm-switch-org-stream-show (llm-switch-org-run-stream run) text)))

(defun llm-switch-org-run--grow (run number text)
  "Let TEXT be seen as a part of the answer with NUMBER of RUN.
One that was dropped is not to be seen any more."
  (when (and (memq run llm-switch-org-run--all)
             (not (eq (plist-get (llm-switch-org-run-wants run) :stream) 'no)))
    (llm-switch-org-stream-show (llm-switch-org-run-stream run) text number)))

;;; End

(defun llm-switch-org-run--end (run)
  "The request of RUN has come to its end: insert the result.
One that was dropped has none."
  (when (memq run llm-switch-org-run--all)
    (let ((asked (llm-switch-org-run-asked run)))
      (llm-switch-org-run--insert
       run (cond ((llm-switch-comparison-p asked) nil)
                 ((llm-switch-org-run--cancelled-p run)
                  (append (llm-switch-org-run--cancelled run) (gptel-fsm-info asked)))
                 (t (gptel-fsm-info asked)))))))

(defun llm-switch-org-run--cancelled-p (run)
  "Return non-nil if RUN, whose request has ended, was cancelled before its end.
`gptel-abort' does so too; and an answer can have been faster than the user."
  (let* ((asked (llm-switch-org-run-asked run))
         (problem (plist-get (gptel-fsm-info asked) :error)))
    (or (eq (gptel-fsm-state asked) 'ABRT)
        (and problem (llm-switch-org-run-cancelled run))
        (equal (plist-get problem :type) "cancelled"))))

(defun llm-switch-org-run--cancelled (run)
  "Return what is known of RUN, which was cancelled, as gptel has an error."
  (list :error (list :type "cancelled" :message (llm-switch-org-result-cancelled (llm-switch-org-run-pieces run)))))

(defun llm-switch-org-run--insert (run info)
  "Insert the result of RUN; INFO is that of gptel's request.
It is nil where several were asked."
  (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
  (with-demoted-errors "llm-switch: %S"
    (llm-switch-org-stream-end (llm-switch-org-run-stream run)
                               (lambda () (llm-switch-org-run--replace run info))
                               (lambda () (llm-switch-org-run--keep run))))
  (llm-switch-org-anchor-drop (llm-switch-org-run-block run))
  (llm-switch-org-run--begin-waiting))

(defun llm-switch-org-run--replace (run info)
  "Let Org insert the final result of RUN, whose block is at point.
INFO is as for `llm-switch-org-run--insert'."
  (let* ((params (llm-switch-org-run-params run))
         (result-params (cdr (assq :result-params params)))
         (hidden (org-invisible-p))
         (inhibit-message (not (member "silent" result-params))))
    (llm-switch-org-result-clear params)
    (org-babel-insert-result
     (llm-switch-org-run--result run info)
     result-params (list "llm-switch" "" params)
     (when (llm-switch-org-run--whole-p run info) (llm-switch-org-run-hash run))
     "llm-switch")
    (when hidden (llm-switch-org-result-hide))
    (run-hooks 'org-babel-after-execute-hook))
  (llm-switch-org-run--echo run info))

(defun llm-switch-org-run--echo (run info)
  "Say what went wrong with RUN, of whose request this is INFO, or nil.
Its block may be far from what the user looks at now."
  (let ((said (llm-switch-org-result-failure info)))
    (unless (or (null said) (llm-switch-org-run-cancelled run))
      (message "llm-switch: %s" (string-remove-prefix "llm-switch: " said)))))

(defun llm-switch-org-run--keep (run)
  "Keep the answer of RUN, whose block is gone, where the user can get it."
  (let* ((asked (llm-switch-org-run-asked run))
         (text (if (llm-switch-comparison-p asked)
                   (llm-switch-org-compare-result asked (llm-switch-org-run-wants run) nil)
                 (string-trim (string-join (reverse (llm-switch-org-run-pieces run)))))))
    (if (string-blank-p text)
        (message "llm-switch: a block is gone for which no answer had come")
      (kill-new text)
      (message "llm-switch: an answer came for a block that is gone; %s inserts it"
               (substitute-command-keys "\\[yank]")))))

(defun llm-switch-org-run--whole-p (run info)
  "Return non-nil if nothing is missing in the answer of RUN, with INFO."
  (let ((asked (llm-switch-org-run-asked run)))
    (if (llm-switch-comparison-p asked)
        (llm-switch-org-compare-whole-p asked)
      (not (plist-get info :error)))))

(defun llm-switch-org-run--result (run info)
  "Return what is to stand below the block of RUN, which is at point, with INFO."
  (let ((params (llm-switch-org-run-params run))
        (wants (llm-switch-org-run-wants run))
        (asked (llm-switch-org-run-asked run)))
    (if (llm-switch-comparison-p asked)
        (progn (llm-switch-org-compare-remember asked)
               (llm-switch-org-compare-result asked wants params))
      (llm-switch-org-result (string-join (reverse (llm-switch-org-run-pieces run)))
                             info wants params))))

;;; Cancel

(defun llm-switch-org-run-at (position)
  "Return the run of the block at POSITION, or nil."
  (when-let* ((anchor (llm-switch-org-anchor-at position)))
    (seq-find (lambda (run) (eq (llm-switch-org-run-block run) anchor))
              llm-switch-org-run--all)))

(defun llm-switch-org-run-here ()
  "Return the run of the block at point or before it, if its answer is under way.
Where only one is under way in this buffer, return that."
  (let ((here (seq-filter (lambda (run)
                            (eq (marker-buffer (llm-switch-org-run-block run))
                                (llm-switch-org-run-base)))
                          llm-switch-org-run--all)))
    (if (cdr here)
        (save-excursion
          (end-of-line)
          (when (re-search-backward "^[ \t]*#\\+begin_src" nil t)
            (llm-switch-org-run-at (point))))
      (car here))))

(defun llm-switch-org-run-cancel (run &optional now)
  "Cancel RUN; what has come of its answer stays, with what it has cost.
That is heard a moment later.  With NOW non-nil nothing more can be heard."
  (setf (llm-switch-org-run-cancelled run) t)
  (let ((asked (llm-switch-org-run-asked run)))
    (cond ((null asked) (llm-switch-org-run--insert run (llm-switch-org-run--cancelled run)))
          ((or now (llm-switch-comparison-p asked)) (llm-switch-org-run--stop run))
          (t (llm-switch-org-request-cancel asked)))))

(defun llm-switch-org-run--stop (run)
  "Ask nobody of RUN any more."
  (let ((asked (llm-switch-org-run-asked run)))
    (cond ((llm-switch-comparison-p asked) (llm-switch-comparison-cancel-all asked))
          (asked (llm-switch-org-request-abort asked)))))

(defun llm-switch-org-run-drop (block)
  "Cancel the run of the block at BLOCK, if there is one, for a new one."
  (when-let* ((run (llm-switch-org-run-at block)))
    (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
    (llm-switch-org-stream-clear (llm-switch-org-run-stream run))
    (llm-switch-org-run--stop run)
    (message "llm-switch: the block runs anew; its earlier request is cancelled")))

(defun llm-switch-org-run--killed ()
  "This buffer is killed: cancel the blocks that were run in it."
  (let ((buffer (current-buffer)))
    (dolist (run (copy-sequence llm-switch-org-run--all))
      (cond ((eq (marker-buffer (llm-switch-org-run-block run)) buffer)
             (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
             (llm-switch-org-run--stop run))
            ((eq (llm-switch-org-run-buffer run) buffer)
             (llm-switch-org-run-cancel run 'now))))))

(provide 'llm-switch-org-run)
;;; llm-switch-org-run.el ends here
