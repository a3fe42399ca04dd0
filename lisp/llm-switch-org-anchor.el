;;; llm-switch-org-anchor.el --- Where a block is whose answer is under way  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; While an answer comes, its block can be moved, refiled, killed and yanked, and
;; another block can follow in its place.  A marker alone stays where the text was.
;; So the first word of the block bears the marker as a text property, which goes
;; with the text wherever Emacs puts it, and tells it from its neighbours.

;;; Code:

(require 'org)
(require 'seq)

(defconst llm-switch-org-anchor--block "[ \t]*\\(#\\+begin_src\\)[ \t]+llm-switch\\>"
  "What a block of ours begins with.")

(defun llm-switch-org-anchor (position)
  "Return a marker at the block at POSITION, by which it is found again.
Text that is typed before the block pushes it on."
  (let ((anchor (copy-marker position t)))
    (llm-switch-org-anchor--mark anchor (list 'llm-switch-org-anchor anchor))
    anchor))

(defun llm-switch-org-anchor-at (position)
  "Return the marker of the block at POSITION in this buffer, or nil."
  (org-with-wide-buffer
   (goto-char position)
   (let ((case-fold-search t))
     (and (looking-at llm-switch-org-anchor--block)
          (get-text-property (match-beginning 1) 'llm-switch-org-anchor)))))

(defun llm-switch-org-anchor-p (anchor)
  "Return non-nil if the block of ANCHOR stands where ANCHOR is."
  (and (marker-buffer anchor)
       (with-current-buffer (marker-buffer anchor)
         (eq (llm-switch-org-anchor-at anchor) anchor))))

(defun llm-switch-org-anchor-find (anchor)
  "Let ANCHOR be where its block is now, and return it; nil if it is nowhere.
A block can have been moved into another buffer."
  (cond ((llm-switch-org-anchor-p anchor) anchor)
        ((seq-some (lambda (buffer) (llm-switch-org-anchor--find-in buffer anchor))
                   (llm-switch-org-anchor--buffers (marker-buffer anchor)))
         anchor)))

(defun llm-switch-org-anchor--buffers (first)
  "Return the buffers in which a block can be, FIRST and the others of Org.
Indirect buffers have the text of others."
  (seq-uniq
   (delq nil (cons first (seq-filter (lambda (buffer)
                                       (and (not (buffer-base-buffer buffer))
                                            (with-current-buffer buffer
                                              (derived-mode-p 'org-mode))))
                                     (buffer-list))))))

(defun llm-switch-org-anchor--find-in (buffer anchor)
  "Let ANCHOR be at its block if that is in BUFFER; return nil if it is not."
  (with-current-buffer buffer
    (org-with-wide-buffer
     (when-let* ((found (text-property-any (point-min) (point-max)
                                           'llm-switch-org-anchor anchor)))
       (goto-char found)
       (beginning-of-line)
       (when (eq (llm-switch-org-anchor-at (point)) anchor)
         (set-marker anchor (point)))))))

(defun llm-switch-org-anchor-drop (anchor)
  "The block of ANCHOR need not be found any more."
  (when (llm-switch-org-anchor-p anchor)
    (llm-switch-org-anchor--mark anchor nil))
  (set-marker anchor nil))

(defun llm-switch-org-anchor--mark (anchor properties)
  "Let the block at ANCHOR bear PROPERTIES and no others of ours.
That changes nothing that the user sees as the text."
  (with-current-buffer (marker-buffer anchor)
    (org-with-wide-buffer
     (goto-char anchor)
     (let ((case-fold-search t))
       (when (looking-at llm-switch-org-anchor--block)
         (with-silent-modifications
           (remove-list-of-text-properties (match-beginning 1) (match-end 1)
                                           '(llm-switch-org-anchor))
           (add-text-properties (match-beginning 1) (match-end 1) properties)))))))

(provide 'llm-switch-org-anchor)
;;; llm-switch-org-anchor.el ends here
