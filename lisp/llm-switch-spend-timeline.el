;;; llm-switch-spend-timeline.el --- A chart of what was spent when  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Columns over hours, days, weeks or months: an image where the frame shows
;; images, whose columns say their figures under the mouse, else blocks.

;;; Code:

(require 'llm-switch-chart)
(require 'llm-switch-spend-screen)

(defcustom llm-switch-spend-timeline-height 4
  "Lines of the chart in the dashboard; 0 is none.
In a window of less than thirty lines it has half as many."
  :group 'llm-switch
  :type 'integer)

(defun llm-switch-spend-timeline--lines ()
  "Return how many lines the chart has here."
  (let ((window (get-buffer-window nil t)))
    (if (and window (< (window-height window) 30))
        (/ llm-switch-spend-timeline-height 2)
      llm-switch-spend-timeline-height)))

(defun llm-switch-spend-timeline-insert (chart)
  "Insert CHART, as spend.overview has it, a plist."
  (let* ((parts (plist-get chart :steps))
         (costs (mapcar (lambda (step) (plist-get step :cost)) parts))
         (most (apply #'max 0 costs))
         (unit (plist-get chart :unit)))
    (when (and (> most 0) (> (llm-switch-spend-timeline--lines) 0))
      (let ((top (nth (seq-position costs most) parts)))
        (llm-switch-spend-screen-heading
         (concat "Each " unit)
         (format "   highest %s, %s" (llm-switch-cost-format-money most)
                 (llm-switch-spend-timeline--step-title top unit))))
      (if (llm-switch-chart-graphical-p)
          (llm-switch-spend-timeline--insert-image parts costs most unit)
        (llm-switch-spend-timeline--insert-blocks parts costs most unit)))))

(defun llm-switch-spend-timeline--step-title (step unit)
  "Return when STEP of a chart, a UNIT long, was."
  (llm-switch-spend-time (pcase unit
                           ("hour" "%a %-d %b, %H:%M")
                           ("day" "%A %-d %b")
                           ("week" "the week of %-d %b")
                           (_ "%B %Y"))
                         (plist-get step :from)))

(defun llm-switch-spend-timeline--step-label (step unit)
  "Return a word or two below STEP of a chart, a UNIT long."
  (llm-switch-spend-time (pcase unit ("hour" "%H") ("day" "%-d") ("week" "%-d %b") (_ "%b"))
                         (plist-get step :from)))

(defun llm-switch-spend-timeline--insert-image (parts costs most unit)
  "Insert an image of the COSTS of PARTS, each a UNIT, of which MOST is the most."
  (let* ((window (get-buffer-window nil t))
         (width (if window (- (window-body-width window t) (* 4 (frame-char-width))) 600))
         (every (max 1 (ceiling (length parts) 16.0)))
         (labels (seq-map-indexed
                  (lambda (step at)
                    (when (zerop (% at every)) (llm-switch-spend-timeline--step-label step unit)))
                  parts))
         (tips (mapcar (lambda (step)
                         (format "%s: %s, %s requests"
                                 (llm-switch-spend-timeline--step-title step unit)
                                 (llm-switch-spend-money step)
                                 (llm-switch-spend-count (plist-get step :requests))))
                       parts)))
    (insert "  ")
    (insert-image (llm-switch-chart-svg-columns
                   costs labels tips (llm-switch-cost-format-money most) (min width 1100)
                   (* (frame-char-height) (+ 2 (llm-switch-spend-timeline--lines))))
                  "chart")
    (insert "\n")))

(defun llm-switch-spend-timeline--insert-blocks (parts costs most unit)
  "Insert the COSTS of PARTS, each a UNIT, in blocks; MOST is the most of them."
  (let* ((top (llm-switch-cost-format-money most))
         (gutter (+ 2 (length top)))
         (room (- (llm-switch-spend-screen-width) gutter 3))
         (wide (llm-switch-chart-column-width (length costs) room))
         (lines (llm-switch-chart-columns costs (llm-switch-spend-timeline--lines) room)))
    (seq-do-indexed
     (lambda (line at)
       (insert (propertize (llm-switch-spend-fit
                            (cond ((= at 0) top) ((= at (1- (length lines))) "$0") (t ""))
                            gutter t)
                           'face 'llm-switch-spend-dim)
               (if (= at (1- (length lines))) " ┴" " │")
               (propertize (truncate-string-to-width line room) 'face 'llm-switch-chart)
               "\n"))
     lines)
    (insert (propertize (concat (make-string (+ 2 gutter) ?\s)
                                (llm-switch-spend-timeline--axis parts unit wide room))
                        'face 'llm-switch-spend-dim)
            "\n")))

(defun llm-switch-spend-timeline--axis (parts unit wide room)
  "Return labels for PARTS, each a UNIT, of columns WIDE, in ROOM."
  (let ((line ""))
    (seq-do-indexed
     (lambda (step at)
       (let ((label (llm-switch-spend-timeline--step-label step unit))
             (from (* at wide)))
         (when (and (or (zerop at) (> from (length line))) (<= (+ from (length label)) room))
           (setq line (concat line (make-string (- from (length line)) ?\s) label " ")))))
     parts)
    line))

(provide 'llm-switch-spend-timeline)
;;; llm-switch-spend-timeline.el ends here
