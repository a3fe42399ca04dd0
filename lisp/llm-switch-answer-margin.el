;;; llm-switch-answer-margin.el --- Room beside the answers of a chat  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The right margin of a chat's windows is made wider for as long as something
;; is shown there.  Others set margins too, of the buffer or of a window; where
;; somebody has changed one after us, it is his.

;;; Code:

(defvar llm-switch-answer-place)
(defvar gptel-mode)

(defcustom llm-switch-answer-margin-width 24
  "How many columns the right margin of a chat gets for the facts of answers."
  :group 'llm-switch
  :type 'integer)

(defvar-local llm-switch-answer-margin--before nil
  "How wide the right margin of this buffer was, and is with ours: (OLD . NEW).")

(defun llm-switch-answer-margin-text (text)
  "Return a text that is TEXT in the right margin of its line."
  (let ((shown (concat " " text)))
    (add-face-text-property 0 (length shown) 'llm-switch-footer t shown)
    (propertize " " 'display `((margin right-margin) ,shown))))

(defun llm-switch-answer-margin-update ()
  "Give this buffer the margin that is wanted, or take it back."
  (if (and gptel-mode (eq llm-switch-answer-place 'margin))
      (llm-switch-answer-margin--widen)
    (llm-switch-answer-margin--restore)))

(defun llm-switch-answer-margin--widen ()
  "Make the right margin of this buffer wider."
  (unless llm-switch-answer-margin--before
    (let ((new (+ (or right-margin-width 0) llm-switch-answer-margin-width)))
      (setq llm-switch-answer-margin--before (cons right-margin-width new))
      (llm-switch-answer-margin--set new))))

(defun llm-switch-answer-margin--restore ()
  "Give this buffer the right margin back that it had."
  (pcase-let ((`(,old . ,new) llm-switch-answer-margin--before))
    (when (and new (eql right-margin-width new))
      (llm-switch-answer-margin--set old)))
  (setq llm-switch-answer-margin--before nil))

(defun llm-switch-answer-margin--set (width)
  "Make the right margin WIDTH columns wide, here and in the windows that follow.
A window whose margin somebody has set by itself is left alone."
  (let ((own (or right-margin-width 0)))
    (setq right-margin-width width)
    (dolist (window (get-buffer-window-list nil t t))
      (pcase-let ((`(,left . ,right) (window-margins window)))
        (when (eql (or right 0) own)
          (set-window-margins window left width))))))

(provide 'llm-switch-answer-margin)
;;; llm-switch-answer-margin.el ends here
