;;; llm-switch-org-run.el --- Org blocks whose answers are under way  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A block that runs asynchronously has a placeholder for a result, in whose place
;; the answer is streamed; at the end Org inserts the final form as it would have
;; at once.
;;
;; The block is found by a marker that text typed before it pushes on.  Indirect
;; buffers share their text with a base buffer, which outlives them: what is
;; inserted goes through that one, while who is asked is the affair of the buffer
;; in which the block was run.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-org-request)
(require 'llm-switch-org-result)
(require 'llm-switch-org-stream)
(require 'ob-core)
(require 'org)
(require 'seq)

(declare-function org-fold-region "org-fold" (from to flag &optional spec))

(cl-defstruct (llm-switch-org-run (:constructor llm-switch-org-run--make) (:copier nil))
  "A block whose answer is under way."
  (block nil :documentation "A marker at the block, in the base buffer.")
  (buffer nil :documentation "The buffer in which it was run.")
  (params nil :documentation "Its header arguments, as Org gives them.")
  (wants nil :documentation "What they ask for.")
  (prompt nil :documentation "A function that returns what is asked, a list of turns.")
  (fsm nil :documentation "The state machine of gptel, nil while it waits for its turn.")
  (pieces nil :documentation "What has come of the answer, the newest first.")
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
  (let* ((place (with-current-buffer (llm-switch-org-run-base) (copy-marker block t)))
         (run (llm-switch-org-run--make
               :block place :buffer (current-buffer) :params params :wants wants :prompt prompt
               :stream (llm-switch-org-stream
                        place (and (member "drawer" (cdr (assq :result-params params)))
                                   (not (assq :wrap params))))))
         (waits (llm-switch-org-run-busy-p (plist-get wants :session) block)))
    (push run llm-switch-org-run--all)
    (add-hook 'kill-buffer-hook #'llm-switch-org-run--killed nil t)
    (unless waits (llm-switch-org-run--begin run))
    (format llm-switch-org-prompt-placeholder
            (concat (llm-switch-org-request-who wants)
                    (when waits ", when the session's earlier blocks have their answers")))))

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

;;; End

(defun llm-switch-org-run--end (run)
  "The request of RUN has come to its end: insert the result.
One that was dropped has none."
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
  "Insert the result of RUN; INFO is that of gptel's request."
  (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
  (with-demoted-errors "llm-switch: %S"
    (llm-switch-org-stream-end (llm-switch-org-run-stream run)
                               (lambda () (llm-switch-org-run--replace run info))))
  (set-marker (llm-switch-org-run-block run) nil)
  (llm-switch-org-run--begin-waiting))

(defun llm-switch-org-run--replace (run info)
  "Let Org insert the final result of RUN, whose block is at point.
INFO is that of gptel's request."
  (let* ((params (llm-switch-org-run-params run))
         (result-params (cdr (assq :result-params params)))
         (text (string-join (reverse (llm-switch-org-run-pieces run))))
         (hidden (org-invisible-p))
         (inhibit-message (not (member "silent" result-params))))
    (when (plist-get info :error) (llm-switch-org-run--forget-hash))
    (org-babel-insert-result
     (llm-switch-org-result text info (llm-switch-org-run-wants run) params)
     result-params (list "llm-switch" "" params) nil "llm-switch")
    (when hidden (llm-switch-org-run--hide))
    (run-hooks 'org-babel-after-execute-hook)))

(defun llm-switch-org-run--hide ()
  "Hide the result of the block at point, which stands in a folded entry."
  (when-let* ((result (org-babel-where-is-src-block-result)))
    (let ((end (save-excursion (goto-char result)
                               (forward-line 1)
                               (1- (org-babel-result-end)))))
      ;; Org folded by overlays, as outline does, before it had functions for it.
      (if (fboundp 'org-fold-region)
          (org-fold-region (point) end t 'outline)
        (outline-flag-region (point) end t)))))

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
  "Cancel the run of the block at BLOCK, if there is one, for a new one."
  (when-let* ((run (llm-switch-org-run-at block)))
    (setq llm-switch-org-run--all (delq run llm-switch-org-run--all))
    (llm-switch-org-stream-clear (llm-switch-org-run-stream run))
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
