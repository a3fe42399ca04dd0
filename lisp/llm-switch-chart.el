;;; llm-switch-chart.el --- Bars, columns and sparklines  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Charts of block characters for any display, and of SVG where the frame
;; shows images.  A chart never says more than the figures beside it.

;;; Code:

(require 'cl-lib)
(require 'svg)

(defface llm-switch-chart
  '((((class color) (min-colors 256) (background light)) :foreground "#4a78a8")
    (((class color) (min-colors 256) (background dark)) :foreground "#7aa6d4")
    (t :inherit font-lock-function-name-face))
  "Face of what is drawn in a chart; SVG takes its foreground."
  :group 'llm-switch)

(defcustom llm-switch-chart-graphics t
  "Whether charts are drawn as images where the frame can show them."
  :group 'llm-switch
  :type 'boolean)

(defconst llm-switch-chart--blocks "▁▂▃▄▅▆▇█"
  "Eighths of a line.")

(defun llm-switch-chart-graphical-p ()
  "Return non-nil if charts are to be drawn as images here."
  (and llm-switch-chart-graphics
       (display-images-p)
       (image-type-available-p 'svg)))

;;; Text

(defun llm-switch-chart-bar (fraction width &optional held)
  "Return a bar of WIDTH columns, FRACTION of which is full.
HELD is the fraction that is reserved on top of that."
  (let* ((cells (lambda (part) (max 0 (min width (round (* part width))))))
         (full (if (and (> fraction 0) (= 0 (funcall cells fraction))) 1
                 ;; Only what is used up looks used up.
                 (if (< fraction 1) (min (1- width) (funcall cells fraction)) width)))
         (held (if (> (or held 0) 0) (max 0 (- (funcall cells (+ fraction held)) full)) 0)))
    (concat (make-string full ?▓) (make-string held ?▒)
            (make-string (- width full held) ?░))))

(defun llm-switch-chart-sparkline (values)
  "Return VALUES, numbers, as one line of blocks.
The lowest block is nothing; the highest is the largest of them."
  (let ((most (apply #'max 0 values)))
    (mapconcat (lambda (value)
                 (char-to-string
                  (aref llm-switch-chart--blocks
                        (if (<= value 0) 0 (max 1 (round (* 7.0 value) most))))))
               values "")))

(defun llm-switch-chart-columns (values height width)
  "Return VALUES as a list of HEIGHT lines of columns, the top one first.
Each column is as wide as fits into WIDTH, and three columns at most."
  (let* ((most (apply #'max 0 values))
         (wide (max 1 (min 3 (/ width (max 1 (length values))))))
         (gap (if (> wide 1) 1 0)))
    (mapcar (lambda (row)
              (mapconcat (lambda (value)
                           (concat (make-string (- wide gap)
                                                (llm-switch-chart--cell value most row height))
                                   (make-string gap ?\s)))
                         values ""))
            (number-sequence (1- height) 0 -1))))

(defun llm-switch-chart-column-width (count width)
  "Return how wide each of COUNT columns is in WIDTH."
  (max 1 (min 3 (/ width (max 1 count)))))

(defun llm-switch-chart--cell (value most row height)
  "Return the character of VALUE of MOST at ROW, from 0, of HEIGHT."
  (let ((eighths (if (<= value 0) 0 (max 1 (round (* 8.0 height value) most)))))
    (pcase (- eighths (* 8 row))
      ((pred (>= 0)) ?\s)
      ((and n (pred (> 8))) (aref llm-switch-chart--blocks (1- n)))
      (_ ?█))))

;;; Images

(defun llm-switch-chart--colour (face)
  "Return the foreground of FACE as SVG writes it."
  (let ((colour (face-foreground face nil 'default)))
    (apply #'format "#%02x%02x%02x"
           (mapcar (lambda (part) (ash part -8)) (color-values colour)))))

(defun llm-switch-chart-svg-sparkline (values)
  "Return an image of VALUES, each as large as a character."
  (let* ((wide (frame-char-width))
         (high (frame-char-height))
         (most (max 1 (apply #'max 0 values)))
         (svg (svg-create (* wide (length values)) high)))
    (cl-loop for value in values for at from 0
             for tall = (max 1 (round (* (- high 4.0) value) most))
             do (svg-rectangle svg (* at wide) (- high 1 tall) (1- wide) tall
                               :fill (llm-switch-chart--colour
                                      (if (> value 0) 'llm-switch-chart 'shadow))))
    (svg-image svg :ascent 'center)))

(defun llm-switch-chart-svg-columns (values labels tips top width height)
  "Return an image of VALUES, WIDTH by HEIGHT pixels.
LABELS stand below the columns, where there is room for them; TIPS are their
tooltips; TOP is the largest value in words."
  (let* ((text (frame-char-height))
         (left (* (frame-char-width) (+ 2 (length top))))
         (bottom (- height text 2))
         ;; A few columns need not fill the window.
         (step (min (* 4.0 (frame-char-width))
                    (/ (- width left 2.0) (max 1 (length values)))))
         (most (max 1 (apply #'max 0 values)))
         (svg (svg-create width height)))
    (llm-switch-chart--grid svg top left (+ left (* step (length values))) bottom)
    (let ((areas
           (cl-loop for value in values for label in labels for tip in tips for at from 0
                    for x = (+ left (* at step))
                    for tall = (* (- bottom text 0.0) (/ value (float most)))
                    do (llm-switch-chart--column svg x (- bottom tall) step tall)
                    do (when label
                         (llm-switch-chart--label svg label (+ x (/ step 2)) (- height 3)
                                                  "middle"))
                    collect (llm-switch-chart--area at tip x step bottom))))
      (svg-image svg :ascent 'center :map areas))))

(defun llm-switch-chart--grid (svg top left right bottom)
  "Draw on SVG the lines at nothing and at TOP, from LEFT to RIGHT above BOTTOM."
  (let ((high (frame-char-height)))
    (dolist (line (list (cons high top) (cons bottom "$0")))
      (svg-line svg left (car line) right (car line)
                :stroke (llm-switch-chart--colour 'shadow) :stroke-width 1 :stroke-opacity 0.5)
      (llm-switch-chart--label svg (cdr line) (- left 6) (+ (car line) (/ high 3.0)) "end"))))

(defun llm-switch-chart--column (svg x y step tall)
  "Draw on SVG the column at X, Y that is TALL, in a STEP."
  (when (> tall 0)
    (svg-rectangle svg (+ x (* 0.12 step)) (- y (max 0 (- 1 tall))) (* 0.76 step) (max 1 tall)
                   :rx (min 3 (* 0.1 step)) :fill (llm-switch-chart--colour 'llm-switch-chart))))

(defun llm-switch-chart--label (svg label x y &optional anchor)
  "Write LABEL on SVG at X, Y, its beginning unless it has another ANCHOR."
  (svg-text svg label :x x :y y :text-anchor (or anchor "start")
            :font-family (face-attribute 'default :family)
            :font-size (* 0.75 (frame-char-height))
            :fill (llm-switch-chart--colour 'shadow)))

(defun llm-switch-chart--area (id tip x step bottom)
  "Return the hot spot ID with TIP over the column at X, STEP wide, to BOTTOM."
  (list (cons 'rect (cons (cons (round x) 0) (cons (round (+ x step)) (round bottom))))
        id (list 'help-echo tip)))

(provide 'llm-switch-chart)
;;; llm-switch-chart.el ends here
