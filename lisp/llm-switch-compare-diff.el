;;; llm-switch-compare-diff.el --- Two answers, word by word  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Two answers to one question seldom share a line, so that a diff of lines shows
;; nothing.  Here both stand whole, one below the other, and the words are marked
;; that only one of them has.  Emacs's own `smerge-refine-regions' finds them.

;;; Code:

(require 'diff-mode)
(require 'llm-switch-compare-screen)
(require 'smerge-mode)

(defvar llm-switch-compare-diff-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "n") #'llm-switch-compare-diff-next)
    (define-key map (kbd "p") #'llm-switch-compare-diff-previous)
    (define-key map (kbd "?") #'describe-mode)
    map)
  "Keys in the difference of two answers.")

(define-derived-mode llm-switch-compare-diff-mode special-mode "Compare-Diff"
  "Shows two answers with the words that only one of them has.

\\{llm-switch-compare-diff-mode-map}"
  (visual-line-mode)
  (setq header-line-format " n p difference   ? keys   q back to the answers, for v w k"))

(defun llm-switch-compare-diff ()
  "Show which words of the answer here and of another one differ."
  (interactive nil llm-switch-compare-mode)
  (let* ((one (llm-switch-compare-screen-here))
         (other (llm-switch-compare-diff--other one))
         (titles (llm-switch-compare-screen-with
                   (mapcar #'llm-switch-compare-screen-name (list one other)))))
    (let ((buffer (llm-switch-compare-diff--buffer titles (list one other))))
      (if llm-switch-compare-screen-own
          (llm-switch-compare-layout-over (pop-to-buffer buffer))
        (pop-to-buffer-same-window buffer)))))

(defun llm-switch-compare-diff--other (one)
  "Return the candidate to compare with ONE, read if there is a choice."
  (let* ((others (seq-filter #'llm-switch-candidate-pieces
                             (remq one (llm-switch-compare-screen-candidates))))
         (names (llm-switch-compare-screen-with
                  (mapcar (lambda (it) (cons (llm-switch-compare-screen-name it) it)) others))))
    (unless (and others (llm-switch-candidate-pieces one))
      (user-error "There are no two answers to compare"))
    (if (cdr names)
        (cdr (assoc (completing-read (format-prompt "Difference to" (caar names))
                                     names nil t nil nil (caar names))
                    names))
      (cdar names))))

(defun llm-switch-compare-diff--buffer (titles candidates)
  "Return a buffer with the answers of CANDIDATES, two, under TITLES."
  (let ((inhibit-read-only t))
    (with-current-buffer (get-buffer-create "*llm-switch compare difference*")
      (llm-switch-compare-diff-mode)
      (remove-overlays)
      (erase-buffer)
      (let ((regions (seq-mapn #'llm-switch-compare-diff--insert titles candidates)))
        (llm-switch-compare-diff--mark (nth 0 regions) (nth 1 regions)))
      (goto-char (point-min))
      (current-buffer))))

(defun llm-switch-compare-diff--insert (title candidate)
  "Insert the answer of CANDIDATE under TITLE; return its region, (START . END)."
  (unless (bobp) (insert "\n"))
  (insert (propertize title 'face 'llm-switch-spend-heading) "\n")
  (let ((start (point)))
    ;; The last word ends with its line, whichever answer it is in.
    (insert (string-trim-right (llm-switch-candidate-text candidate)) "\n")
    (cons start (point))))

(defun llm-switch-compare-diff--mark (one other)
  "Mark the words of the regions ONE and OTHER that the other one has not."
  (smerge-refine-regions (car one) (cdr one) (car other) (cdr other)
                         nil nil
                         '((face . diff-refine-removed) (llm-switch-compare-diff . t))
                         '((face . diff-refine-added) (llm-switch-compare-diff . t)))
  (unless (llm-switch-compare-diff--places)
    (message "The answers have the same words")))

(defun llm-switch-compare-diff--places ()
  "Return where words differ, in order."
  (sort (mapcar #'overlay-start
                (seq-filter (lambda (it) (overlay-get it 'llm-switch-compare-diff))
                            (overlays-in (point-min) (point-max))))
        #'<))

(defun llm-switch-compare-diff-next ()
  "Go to the next words that differ."
  (interactive nil llm-switch-compare-diff-mode)
  (goto-char (or (seq-find (lambda (it) (> it (point))) (llm-switch-compare-diff--places))
                 (user-error "No more differences"))))

(defun llm-switch-compare-diff-previous ()
  "Go to the previous words that differ."
  (interactive nil llm-switch-compare-diff-mode)
  (goto-char (or (seq-find (lambda (it) (< it (point)))
                           (reverse (llm-switch-compare-diff--places)))
                 (user-error "No more differences"))))

(provide 'llm-switch-compare-diff)
;;; llm-switch-compare-diff.el ends here
