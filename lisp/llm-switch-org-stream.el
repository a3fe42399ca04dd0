;;; llm-switch-org-stream.el --- What a block shows while its answer comes  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; An answer grows in its drawer, in the place of the placeholder, made fit for it
;; line by line.  At the end all of it is taken out again, for Org to insert the
;; final form.  Several answers grow each below its title, in the order of these.
;;
;; Where the user moves or kills what is shown, nothing more is: at the end the block
;; is looked for, and gets the whole answer wherever it is.  A buffer that was made
;; read-only meanwhile gets it too, for the user has asked for it there.
;;
;; One `undo' takes back placeholder, stream and result.  But what the user typed
;; meanwhile is not ours to take back: then each change stays a step of its own.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-org-anchor)
(require 'llm-switch-org-prompt)
(require 'llm-switch-org-text)
(require 'ob-core)
(require 'org)
(require 'subr-x)

(cl-defstruct (llm-switch-org-stream-part (:constructor llm-switch-org-stream--part)
                                          (:copier nil))
  "One of the answers that grow in a drawer."
  (title nil :documentation "The line above it, nil if it is the only one.")
  (filter nil :documentation "What makes the pieces fit for the drawer.")
  (end nil :documentation "Where it ends, a marker, nil before anything is shown."))

(cl-defstruct (llm-switch-org-stream (:constructor llm-switch-org-stream--make)
                                     (:copier nil))
  "What is shown of an answer before its end."
  (block nil :documentation "The block's anchor, a marker in the base buffer.")
  (drawer nil :documentation "Non-nil if the result is a drawer, and can grow.
It is nil, too, once what was shown is not in its place any more.")
  (parts nil :documentation "The answers, a list of `llm-switch-org-stream-part'.")
  (start nil :documentation "Where what is shown begins, a marker, nil before anything is.")
  (stop nil :documentation "Where it ends, a marker.")
  (changes nil :documentation "The change group of all that was inserted.")
  (tick nil :documentation "The buffer's tick after the last insertion, or `mixed'."))

(defun llm-switch-org-stream (block drawer titles)
  "Return a stream for the block at BLOCK, its anchor, before Org has run it.
DRAWER is non-nil if its result is a drawer.  TITLES are the lines above the
answers if there are several."
  (let ((changes (with-current-buffer (marker-buffer block) (prepare-change-group))))
    (activate-change-group changes)
    (llm-switch-org-stream--make
     :block block :drawer drawer :changes changes
     :parts (mapcar #'llm-switch-org-stream--part-titled (or titles '(nil))))))

(defun llm-switch-org-stream-settle (stream)
  "Note that the placeholder of STREAM is there.
What differs from then on was done by the user."
  (llm-switch-org-stream--touch stream))

(defun llm-switch-org-stream--part-titled (title)
  "Return a part below TITLE of which nothing is shown yet."
  (llm-switch-org-stream--part :title title :filter (llm-switch-org-text-filter)))

;;; Show

(defun llm-switch-org-stream-show (stream piece &optional number)
  "Show PIECE of the answer with NUMBER of STREAM in its drawer.
The first answer, and the only one, has the number 0."
  (let* ((part (nth (or number 0) (llm-switch-org-stream-parts stream)))
         (text (funcall (llm-switch-org-stream-part-filter part) piece))
         (base (marker-buffer (llm-switch-org-stream-block stream))))
    (when (and base (not (string-empty-p text)))
      (with-current-buffer base
        (org-with-wide-buffer
         (when (llm-switch-org-stream--place stream)
           (llm-switch-org-stream--changing
            stream
            (lambda ()
              (goto-char (llm-switch-org-stream-part-end part))
              (insert (llm-switch-org-stream--indented stream text))))))))))

(defun llm-switch-org-stream--indented (stream text)
  "Return TEXT with its lines as far right as where STREAM begins."
  (let ((column (save-excursion (goto-char (llm-switch-org-stream-start stream))
                                (current-column))))
    (if (= column 0)
        text
      (string-replace "\n" (concat "\n" (make-string column ?\s)) text))))

(defun llm-switch-org-stream--place (stream)
  "Return non-nil if there is a place for the text of STREAM.
The first time that is where the placeholder stands, which goes."
  (cond ((not (llm-switch-org-stream--held-p stream))
         (llm-switch-org-stream--let-go stream)
         nil)
        ((llm-switch-org-stream-start stream))
        (t (when-let* ((found (llm-switch-org-stream--placeholder stream)))
             (llm-switch-org-stream--take-place stream (car found) (cdr found))
             t))))

(defun llm-switch-org-stream--take-place (stream start end)
  "Let STREAM be shown in the place of the text from START to END."
  (setf (llm-switch-org-stream-start stream) (copy-marker start)
        (llm-switch-org-stream-stop stream) (copy-marker end t))
  (llm-switch-org-stream--changing
   stream (lambda ()
            (delete-region start end)
            (llm-switch-org-stream--lay-out stream))))

(defun llm-switch-org-stream--held-p (stream)
  "Return non-nil if the block of STREAM, and what is shown, are in their places."
  (and (llm-switch-org-anchor-p (llm-switch-org-stream-block stream))
       (let ((start (llm-switch-org-stream-start stream))
             (case-fold-search t))
         (or (null start)
             (save-excursion
               (goto-char start)
               (and (zerop (forward-line -1))
                    (looking-at-p "[ \t]*:results:[ \t]*$")))))))

(defun llm-switch-org-stream--let-go (stream)
  "Show nothing more of STREAM, and leave what is shown where it is."
  (setf (llm-switch-org-stream-drawer stream) nil)
  (when (llm-switch-org-stream-start stream)
    (dolist (part (llm-switch-org-stream-parts stream))
      (set-marker (llm-switch-org-stream-part-end part) nil))
    (set-marker (llm-switch-org-stream-start stream) nil)
    (set-marker (llm-switch-org-stream-stop stream) nil)
    (setf (llm-switch-org-stream-start stream) nil)))

(defun llm-switch-org-stream--lay-out (stream)
  "Insert the titles of STREAM at its start, each with a place below it."
  (goto-char (llm-switch-org-stream-start stream))
  (let ((before "")
        (parts (llm-switch-org-stream-parts stream)))
    (dolist (part parts)
      (when-let* ((title (llm-switch-org-stream-part-title part)))
        (insert (llm-switch-org-stream--indented stream (concat before title "\n"))))
      (setf (llm-switch-org-stream-part-end part) (point-marker))
      (setq before "\n\n"))
    ;; Not before: what is inserted next would push those on that stand there.
    (dolist (part parts)
      (set-marker-insertion-type (llm-switch-org-stream-part-end part) t))))

(defun llm-switch-org-stream--placeholder (stream)
  "Return (START . END) of the placeholder of STREAM, if it stands in a drawer."
  (goto-char (llm-switch-org-stream-block stream))
  (when-let* (((llm-switch-org-stream-drawer stream))
              (result (org-babel-where-is-src-block-result)))
    (goto-char result)
    (forward-line 2)
    (when (looking-at (concat "[ \t]*\\(" llm-switch-org-prompt-asking "\\)$"))
      (cons (match-beginning 1) (match-end 1)))))

;;; End

(defun llm-switch-org-stream-clear (stream)
  "Take out what STREAM has shown, if it is still in its place."
  (when-let* ((start (llm-switch-org-stream-start stream))
              (base (marker-buffer start)))
    (with-current-buffer base
      (org-with-wide-buffer
       (when (llm-switch-org-stream--held-p stream)
         (llm-switch-org-stream--changing
          stream
          (lambda () (delete-region start (llm-switch-org-stream-stop stream))))))))
  (llm-switch-org-stream--let-go stream))

(defun llm-switch-org-stream-end (stream insert gone)
  "Take out what STREAM has shown, and call INSERT at the block for the result.
GONE is called instead if the user has removed the block."
  (let* ((block (llm-switch-org-stream-block stream))
         (before (marker-buffer block)))
    (llm-switch-org-stream-clear stream)
    (if (not (llm-switch-org-anchor-find block))
        (funcall gone)
      (unless (eq before (marker-buffer block))
        (setf (llm-switch-org-stream-tick stream) 'mixed))
      (with-current-buffer (marker-buffer block)
        (org-with-wide-buffer
         (goto-char block)
         (llm-switch-org-stream--changing stream insert))
        (unless (eq (llm-switch-org-stream-tick stream) 'mixed)
          (undo-amalgamate-change-group (llm-switch-org-stream-changes stream)))))))

;;; Undo

(defun llm-switch-org-stream--changing (stream function)
  "Call FUNCTION, to change the buffer for STREAM."
  (unless (eql (llm-switch-org-stream-tick stream) (buffer-chars-modified-tick))
    (setf (llm-switch-org-stream-tick stream) 'mixed))
  (let ((inhibit-read-only t)) (funcall function))
  (unless (eq (llm-switch-org-stream-tick stream) 'mixed)
    (llm-switch-org-stream--touch stream)))

(defun llm-switch-org-stream--touch (stream)
  "Note that everything changed so far was by STREAM."
  (when-let* ((base (marker-buffer (llm-switch-org-stream-block stream))))
    (setf (llm-switch-org-stream-tick stream) (buffer-chars-modified-tick base))))

(provide 'llm-switch-org-stream)
;;; llm-switch-org-stream.el ends here
