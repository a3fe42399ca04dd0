;;; llm-switch-compare-layout.el --- Windows of a comparison  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Either one window for each answer, side by side over the whole frame, or one
;; window in which they stand below each other.  A frame that is too narrow for
;; columns gets the latter by itself, and the former again when it grows.  Who
;; leaves finds the windows as they were.

;;; Code:

(require 'seq)

(defvar help-window-select)

(defcustom llm-switch-compare-layout 'columns
  "How the answers of a comparison are shown where there is room for it."
  :group 'llm-switch
  :type '(choice (const :tag "Side by side" columns) (const :tag "Below each other" stacked)))

(defcustom llm-switch-compare-column-width 38
  "How many characters wide an answer is at least, to be shown beside others."
  :group 'llm-switch
  :type 'integer)

(defvar-local llm-switch-compare-layout--wanted nil
  "How the answers of this main buffer are wanted: `columns' or `stacked'.")

(defvar-local llm-switch-compare-layout--before nil
  "The windows as they were before this main buffer was shown.")

(defvar-local llm-switch-compare-layout--width nil
  "The width of the frame for which the windows of this main buffer were made.")

(defun llm-switch-compare-layout-show (main columns)
  "Show the comparison of the buffer MAIN, whose answers stand in COLUMNS."
  (with-current-buffer main
    (setq llm-switch-compare-layout--wanted llm-switch-compare-layout
          llm-switch-compare-layout--before (current-window-configuration)))
  (llm-switch-compare-layout-arrange main columns))

(defun llm-switch-compare-layout-arrange (main columns)
  "Show the comparison of MAIN in COLUMNS if that is wanted and they fit."
  (let ((wanted (buffer-local-value 'llm-switch-compare-layout--wanted main)))
    (with-current-buffer main
      (setq llm-switch-compare-layout--width (frame-width)))
    (if (and (eq wanted 'columns) (llm-switch-compare-layout--fit-p columns))
        (llm-switch-compare-layout--beside columns)
      (llm-switch-compare-layout--below main columns))))

(defun llm-switch-compare-layout--fit-p (columns)
  "Return non-nil if there is room for COLUMNS beside each other."
  (>= (frame-width) (* (length columns) llm-switch-compare-column-width)))

(defun llm-switch-compare-layout--beside (columns)
  "Show COLUMNS beside each other, over the whole frame."
  (let* ((own (seq-position columns (current-buffer)))
         (windows (llm-switch-compare-layout--split (length columns))))
    (seq-mapn (lambda (window buffer)
                (set-window-dedicated-p window nil)
                (set-window-buffer window buffer))
              windows columns)
    (select-window (nth (or own 0) windows))))

(defun llm-switch-compare-layout--split (count)
  "Split the frame into COUNT windows side by side, and return them."
  (let ((window (frame-root-window))
        (ignore-window-parameters t))
    (unless (window-live-p window)
      (delete-other-windows (frame-first-window))
      (setq window (frame-first-window)))
    (let ((windows (list window)))
      (dotimes (at (1- count))
        (push (split-window (car windows) (/ (window-total-width (car windows)) (- count at))
                            'right)
              windows))
      (nreverse windows))))

(defun llm-switch-compare-layout--below (main columns)
  "Show MAIN, in the place of its COLUMNS if these are shown."
  (let ((shown (seq-filter #'identity (mapcar #'get-buffer-window columns))))
    (when shown
      (select-window (car shown))
      (mapc #'delete-window (cdr shown)))
    (pop-to-buffer-same-window main)))

(defun llm-switch-compare-layout-toggle (main columns)
  "Show the comparison of MAIN in COLUMNS, or in MAIN alone if it is."
  (let ((beside (seq-some #'get-buffer-window columns)))
    (unless (or beside (llm-switch-compare-layout--fit-p columns))
      (user-error "Columns need a frame of %d characters: see llm-switch-compare-column-width"
                  (* (length columns) llm-switch-compare-column-width)))
    (with-current-buffer main
      (setq llm-switch-compare-layout--wanted (if beside 'stacked 'columns)))
    (llm-switch-compare-layout-arrange main columns)))

(defmacro llm-switch-compare-layout-over (&rest body)
  "Run BODY, whose windows are as wide as the frame, below the answers.
A column would be too narrow for what is no answer, and what it shows would be
hidden."
  (declare (indent 0) (debug t))
  `(let ((display-buffer-overriding-action
          '((display-buffer-reuse-window display-buffer-in-direction)
            (direction . bottom) (window-height . 0.7)))
         (help-window-select t))
     ,@body))

(defun llm-switch-compare-layout-stale-p (main)
  "Return non-nil if the windows of MAIN were made for another width of the frame."
  (and (not (active-minibuffer-window))
       (buffer-local-value 'llm-switch-compare-layout--width main)
       (/= (frame-width) (buffer-local-value 'llm-switch-compare-layout--width main))))

(defun llm-switch-compare-layout-leave (main columns)
  "Show the windows as they were before MAIN with its COLUMNS was shown."
  (let ((before (buffer-local-value 'llm-switch-compare-layout--before main)))
    (with-current-buffer main (setq llm-switch-compare-layout--width nil))
    (when (and before (frame-live-p (window-configuration-frame before)))
      (set-window-configuration before))
    (dolist (buffer (cons main columns))
      (replace-buffer-in-windows buffer)
      (bury-buffer buffer))))

(provide 'llm-switch-compare-layout)
;;; llm-switch-compare-layout.el ends here
