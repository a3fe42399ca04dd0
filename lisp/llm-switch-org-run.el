;;; llm-switch-org-run.el --- Org blocks whose answers are under way  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A block that runs asynchronously has a placeholder for a result.  The answer is
;; streamed in its place, made fit for a drawer line by line; at the end it is
;; taken out again, and Org inserts the final form as it would have at once.
;;
;; The block is found by a marker that text typed before it pushes on.  Indirect
;; buffers share their text with a base buffer, which outlives them: what is
;; inserted goes through that one, while who is asked is the affair of the buffer
;; in which the block was run.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-org-request)
(require 'llm-switch-org-result)
(require 'ob-core)
(require 'org)
(require 'seq)

(cl-defstruct (llm-switch-org-run (:constructor llm-switch-org-run--make) (:copier nil))
  "A block whose answer is under way."
  (block nil :documentation "A marker at the block, in the base buffer.")
  (buffer nil :documentation "The buffer in which it was run.")
  (params nil :documentation "Its header arguments, as Org gives them.")
  (wants nil :documentation "What they ask for.")
  (prompt nil :documentation "A function that returns what is asked, a list of turns.")
  (fsm nil :documentation "The state machine of gptel, nil while it waits for its turn.")
  (pieces nil :documentation "What has come of the answer, the newest first.")
  (filter nil :documentation "What makes the pieces fit for the drawer.")
  (start nil :documentation "Where what is shown begins, a marker, nil before anything is.")
  (end nil :documentation "Where it ends, a marker.")
  (cancelled nil :documentation "Non-nil if the user has ended it.")
  (changes nil :documentation "The change group of all that it has inserted.")
  (tick nil :documentation "The buffer's tick after the last insertion, or `mixed'."))

(defvar llm-switch-org-run--all nil
  "The blocks whose answers are under way, the newest first.")

(defun llm-switch-org-run-base ()
  "Return the buffer whose text the current one shows."
  (or (buffer-base-buffer) (current-buffer)))

;;; Begin

(defun llm-switch-org-run (block params wants prompt)
  "Run the block at BLOCK, a position; return what stands there until the answer does.
PARAMS are its header arguments, WANTS is what they ask for.  PROMPT is called
with point at the block for what is asked."
  (let ((run (llm-switch-org-run--make
              :block (with-current-buffer (llm-switch-org-run-base) (copy-marker block t))
              :buffer (current-buffer) :params params :wants wants :prompt prompt
              :filter (llm-switch-org-text-filter)
              :changes (with-current-buffer (llm-switch-org-run-base) (prepare-change-group)))))
    (llm-switch-org-run-drop block)
    (activate-change-group (llm-switch-org-run-changes run))
    (push run llm-switch-org-run--all)
    (add-hook 'kill-buffer-hook #'llm-switch-org-run--killed nil t)
    (llm-switch-org-run--note-placeholder run)
    (if (llm-switch-org-run-busy-p (plist-get wants :session) block)
        (format "%s%s, when the session's earlier blocks have their answers; \
M-x llm-switch-org-cancel ends it"
                llm-switch-org-prompt-asking (llm-switch-org-request-who wants))
      (llm-switch-org-run--begin run)
      (format "%s%s; M-x llm-switch-org-cancel ends it"
              llm-switch-org-prompt-asking (llm-switch-org-request-who wants)))))

(defun llm-switch-org-run--begin (run)
  "Send the request of RUN, with point at its block."
  (condition-case problem
      (setf (llm-switch-org-run-fsm run)
            (llm-switch-org-request (llm-switch-org-run-wants run)
                                    (funcall (llm-switch-org-run-prompt run))
                                    (llm-switch-org-run--callback run)
                                    ;; Not from within the event; and Org may not have inserted
                                    ;; the placeholder yet.
                                    (lambda (_) (run-at-time 0 nil #'llm-switch-org-run--end run))))
    (error (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
           (signal (car problem) (cdr problem)))))

(defun llm-switch-org-run--note-placeholder (run)
  "Note when Org has inserted the placeholder of RUN.
What changes the buffer from then on is the user's."
  (let ((buffer (current-buffer)) (note nil))
    (setq note (lambda ()
                 (remove-hook 'org-babel-after-execute-hook note t)
                 (llm-switch-org-run--touch run)))
    (with-current-buffer buffer (add-hook 'org-babel-after-execute-hook note nil t))))

(defun llm-switch-org-run-busy-p (session block)
  "Return non-nil if a block of SESSION before BLOCK, a position, is under way here."
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
    (when (and (null (llm-switch-org-run-fsm run)) (buffer-live-p (llm-switch-org-run-buffer run)))
      (with-current-buffer (llm-switch-org-run-buffer run)
        (let ((block (marker-position (llm-switch-org-run-block run))))
          (unless (llm-switch-org-run-busy-p
                   (plist-get (llm-switch-org-run-wants run) :session) block)
            (condition-case problem
                (save-excursion
                  (goto-char block)
                  (llm-switch-org-run--begin run))
              (error (llm-switch-org-run--insert
                      run (list :error (list :message (error-message-string problem))))))))))))

;;; What comes

(defun llm-switch-org-run--callback (run)
  "Return the callback of gptel for RUN."
  (lambda (response info)
    (cond ((not (stringp response)) (llm-switch-org-request-hear response info))
          ((plist-get info :stream)
           (push response (llm-switch-org-run-pieces run))
           (llm-switch-org-run--show run response))
          (t (push response (llm-switch-org-run-pieces run))))))

(defun llm-switch-org-run--show (run piece)
  "Show PIECE of the answer of RUN in its drawer."
  (let ((text (funcall (llm-switch-org-run-filter run) piece))
        (base (marker-buffer (llm-switch-org-run-block run))))
    (when (and base (not (string-empty-p text)))
      (with-current-buffer base
        (org-with-wide-buffer
         (when (llm-switch-org-run--place run)
           (llm-switch-org-run--changing
            run
            (lambda ()
              (goto-char (llm-switch-org-run-end run))
              (insert (llm-switch-org-run--indented run text))))))))))

(defun llm-switch-org-run--indented (run text)
  "Return TEXT with its lines as far right as what RUN shows begins."
  (let ((column (save-excursion (goto-char (llm-switch-org-run-start run)) (current-column))))
    (if (= column 0) text
      (string-replace "\n" (concat "\n" (make-string column ?\s)) text))))

(defun llm-switch-org-run--place (run)
  "Return non-nil if there is a place for what is shown of RUN.
The first time that is where the placeholder stands, which goes."
  (or (llm-switch-org-run-start run)
      (when-let* ((found (llm-switch-org-run--placeholder run)))
        (setf (llm-switch-org-run-start run) (copy-marker (car found))
              (llm-switch-org-run-end run) (copy-marker (cdr found) t))
        (llm-switch-org-run--changing run (lambda () (delete-region (car found) (cdr found))))
        t)))

(defun llm-switch-org-run--placeholder (run)
  "Return (START . END) of the placeholder of RUN, if it stands in a drawer."
  (goto-char (llm-switch-org-run-block run))
  (when-let* (((member "drawer" (cdr (assq :result-params (llm-switch-org-run-params run)))))
              ((llm-switch-org-run--at-block-p))
              (result (org-babel-where-is-src-block-result)))
    (goto-char result)
    (forward-line 2)
    (when (looking-at (concat "[ \t]*\\(" llm-switch-org-prompt-asking ".*\\)$"))
      (cons (match-beginning 1) (match-end 1)))))

(defun llm-switch-org-run--at-block-p ()
  "Return non-nil if point is at a block of ours."
  (let ((case-fold-search t))
    (looking-at-p "[ \t]*#\\+begin_src[ \t]+llm-switch\\>")))

;;; Undo

(defun llm-switch-org-run--changing (run function)
  "Call FUNCTION, which changes the buffer for RUN."
  (unless (eql (llm-switch-org-run-tick run) (buffer-chars-modified-tick))
    (setf (llm-switch-org-run-tick run) 'mixed))
  (funcall function)
  (unless (eq (llm-switch-org-run-tick run) 'mixed)
    (llm-switch-org-run--touch run)))

(defun llm-switch-org-run--touch (run)
  "Note that all changes so far are those of RUN."
  (setf (llm-switch-org-run-tick run)
        (with-current-buffer (marker-buffer (llm-switch-org-run-block run))
          (buffer-chars-modified-tick))))

(defun llm-switch-org-run--one-step (run)
  "Let one `undo' take back all that RUN has changed.
Where something else was changed meanwhile, each goes by itself, for else that
would be taken back too."
  (unless (eq (llm-switch-org-run-tick run) 'mixed)
    (undo-amalgamate-change-group (llm-switch-org-run-changes run))))

;;; End

(defun llm-switch-org-run--end (run)
  "The request of RUN has come to its end: insert the result, unless it was dropped."
  (when (memq run llm-switch-org-run--all)
    (let ((info (gptel-fsm-info (llm-switch-org-run-fsm run))))
      (llm-switch-org-run--insert
       run (if (llm-switch-org-run-cancelled run)
               (append (list :error (list :message (llm-switch-org-run--cancelled run))) info)
             info)))))

(defun llm-switch-org-run--cancelled (run)
  "Return what is said of RUN, which was cancelled."
  (concat "cancelled; C-c C-c in the block asks again"
          (when (llm-switch-org-run-pieces run)
            ".  What has come is recorded: M-x llm-switch-dashboard")))

(defun llm-switch-org-run--insert (run info)
  "Insert the result of RUN, with what INFO of gptel's request tells of it."
  (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
  (when-let* ((base (marker-buffer (llm-switch-org-run-block run))))
    (with-current-buffer base
      (with-demoted-errors "llm-switch: %S"
        (org-with-wide-buffer
         (llm-switch-org-run--changing
          run (lambda ()
                (org-save-outline-visibility t
                  (llm-switch-org-run--clear run)
                  (llm-switch-org-run--replace run info))))
         (llm-switch-org-run--one-step run)))
      (set-marker (llm-switch-org-run-block run) nil)))
  (llm-switch-org-run--begin-waiting))

(defun llm-switch-org-run--clear (run)
  "Take out what is shown of RUN."
  (when-let* ((start (llm-switch-org-run-start run)))
    (delete-region start (llm-switch-org-run-end run))
    (set-marker start nil)
    (set-marker (llm-switch-org-run-end run) nil)))

(defun llm-switch-org-run--replace (run info)
  "Let Org insert the final result of RUN; INFO is that of gptel's request."
  (goto-char (llm-switch-org-run-block run))
  (if (not (llm-switch-org-run--at-block-p))
      (message "llm-switch: an answer came for a block that is gone")
    (let* ((params (llm-switch-org-run-params run))
           (result-params (cdr (assq :result-params params)))
           (text (string-join (reverse (llm-switch-org-run-pieces run))))
           (inhibit-message t))
      (when (plist-get info :error) (llm-switch-org-run--forget-hash))
      (org-babel-insert-result
       (llm-switch-org-result text info (llm-switch-org-run-wants run) result-params)
       result-params (list "llm-switch" "" params) nil "llm-switch")
      (run-hooks 'org-babel-after-execute-hook))))

(defun llm-switch-org-run--forget-hash ()
  "Let the result of the block at point not be taken for its answer by :cache."
  (when-let* ((result (org-babel-where-is-src-block-result))
              (case-fold-search t))
    (save-excursion
      (goto-char result)
      (when (looking-at "[ \t]*#\\+results\\(\\[.*?\\]\\):")
        (replace-match "" t t nil 1)))))

;;; Cancel

(defun llm-switch-org-run-at (position)
  "Return the run of the block at POSITION, or nil."
  (seq-find (lambda (run)
              (and (eq (marker-buffer (llm-switch-org-run-block run)) (llm-switch-org-run-base))
                   (= (llm-switch-org-run-block run) position)))
            llm-switch-org-run--all))

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

(defun llm-switch-org-run-cancel (run)
  "Cancel RUN; what has come of its answer stays."
  (setf (llm-switch-org-run-cancelled run) t)
  (if-let* ((fsm (llm-switch-org-run-fsm run)))
      (llm-switch-org-request-cancel fsm)
    (llm-switch-org-run--insert
     run (list :error (list :message (llm-switch-org-run--cancelled run))))))

(defun llm-switch-org-run-drop (block)
  "Cancel the run of the block at BLOCK, which runs anew, if there is one."
  (when-let* ((run (llm-switch-org-run-at block)))
    (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
    (with-current-buffer (marker-buffer (llm-switch-org-run-block run))
      (org-with-wide-buffer (llm-switch-org-run--clear run)))
    (when-let* ((fsm (llm-switch-org-run-fsm run))) (llm-switch-org-request-cancel fsm))
    (message "llm-switch: the block runs anew; its earlier request is cancelled")))

(defun llm-switch-org-run--killed ()
  "This buffer is killed: cancel the blocks that were run in it."
  (let ((buffer (current-buffer)))
    (dolist (run (copy-sequence llm-switch-org-run--all))
      (cond ((eq (marker-buffer (llm-switch-org-run-block run)) buffer)
             (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
             (when-let* ((fsm (llm-switch-org-run-fsm run))) (llm-switch-org-request-cancel fsm)))
            ((eq (llm-switch-org-run-buffer run) buffer)
             (llm-switch-org-run-cancel run))))))

(provide 'llm-switch-org-run)
;;; llm-switch-org-run.el ends here
