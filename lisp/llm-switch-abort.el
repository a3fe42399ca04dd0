;;; llm-switch-abort.el --- Stop one answer of several  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; `gptel-abort' stops the newest request of a buffer.  Where several answers
;; stream into one, the user points at the one to stop.

;;; Code:

(require 'gptel)
(require 'seq)

(defun llm-switch-abort--entries ()
  "Return the entries of gptel's list whose requests are from this buffer."
  (seq-filter (lambda (entry)
                (eq (plist-get (gptel-fsm-info (cadr entry)) :buffer) (current-buffer)))
              gptel--request-alist))

(defun llm-switch-abort--distance (entry)
  "Return how many characters point is away from the answer of ENTRY."
  (let* ((info (gptel-fsm-info (cadr entry)))
         (start (plist-get info :position))
         (end (or (plist-get info :tracking-marker) start)))
    (if (and (markerp start) (eq (marker-buffer start) (current-buffer)))
        (max 0 (- start (point)) (- (point) end))
      most-positive-fixnum)))

;;;###autoload
(defun llm-switch-abort ()
  "Stop the answer at point, or the nearest one that is under way in this buffer.
`gptel-abort' stops the newest instead."
  (interactive)
  (let* ((entries (llm-switch-abort--entries))
         (entry (or (car (seq-sort-by #'llm-switch-abort--distance #'< entries))
                    (user-error "No answer is under way in this buffer")))
         (left (1- (length entries))))
    ;; It takes the first of this buffer that it finds.
    (setq gptel--request-alist (cons entry (delq entry gptel--request-alist)))
    (gptel-abort (current-buffer))
    (message "llm-switch: stopped%s"
             (if (> left 0) (format "; %d more under way here" left) ""))))

(provide 'llm-switch-abort)
;;; llm-switch-abort.el ends here
