;;; llm-switch-compare-screen.el --- Answers side by side, or below each other  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Each answer stands twice: in a buffer of its own, for columns, and in a
;; section of one buffer, for one below the other.  So a column is a window as
;; any other: it has point, search and scrolling of its own, and its header and
;; mode line hold the figures.  To go from one layout to the other only moves
;; windows.  Text is inserted behind what is there and the figures are no text,
;; so that nothing moves under the cursor while answers come.

;;; Code:

(require 'llm-switch-compare-layout)
(require 'llm-switch-comparison)
(require 'llm-switch-spend-screen)

(autoload 'llm-switch-compare-mode "llm-switch-compare-mode")

(defcustom llm-switch-compare-blind nil
  "Hide who gives which answer until you have voted.
The answers come in a random order then, and their figures are hidden too."
  :group 'llm-switch
  :type 'boolean)

;;; State

(defvar-local llm-switch-compare-screen-main nil
  "The buffer with all answers of this comparison.")

(defvar-local llm-switch-compare-screen-own nil
  "The candidate whose answer alone stands in this buffer, or nil.")

(defvar-local llm-switch-compare-screen--comparison nil
  "The comparison, in its main buffer.")

(defvar-local llm-switch-compare-screen--subject nil
  "What was asked, in the main buffer: see `llm-switch-compare'.")

(defvar-local llm-switch-compare-screen-again nil
  "Function to ask it again, in the main buffer.")

(defvar-local llm-switch-compare-screen-places nil
  "Where answers stand, in the main buffer: an alist (CANDIDATE . PLIST).
The plist has :start, :end and :figures, an overlay, in the main buffer, and
:column and :column-end in the buffer of the answer alone.")

(defvar-local llm-switch-compare-screen-blind nil
  "Non-nil in the main buffer while it is hidden who answers.")

(defvar-local llm-switch-compare-screen--voted nil
  "What was voted, in the main buffer: a candidate, `none', or nil before.")

(defmacro llm-switch-compare-screen-with (&rest body)
  "Run BODY in the main buffer of the comparison shown here."
  (declare (indent 0) (debug t))
  `(with-current-buffer (if (buffer-live-p llm-switch-compare-screen-main)
                            llm-switch-compare-screen-main
                          (user-error "This buffer shows no comparison"))
     ,@body))

(defun llm-switch-compare-screen-comparison ()
  "Return the comparison that is shown here."
  (llm-switch-compare-screen-with llm-switch-compare-screen--comparison))

(defun llm-switch-compare-screen-subject ()
  "Return what was compared here: see `llm-switch-compare'."
  (llm-switch-compare-screen-with llm-switch-compare-screen--subject))

(defun llm-switch-compare-screen-candidates ()
  "Return those who answer here, in the order in which they are shown."
  (llm-switch-compare-screen-with (mapcar #'car llm-switch-compare-screen-places)))

(defun llm-switch-compare-screen-here ()
  "Return the candidate whose answer point is in, or signal that there is none."
  (or llm-switch-compare-screen-own
      (let ((here (point)) (found nil))
        (pcase-dolist (`(,candidate . ,place) llm-switch-compare-screen-places)
          (when (<= (plist-get place :heading) here) (setq found candidate)))
        found)
      (user-error "There is no answer here")))

(defun llm-switch-compare-screen-reveal (vote)
  "VOTE, a candidate or `none', was voted here: say so, and who answered.
VOTE nil says who answered only."
  (llm-switch-compare-screen-with
    (let ((hidden llm-switch-compare-screen-blind))
      (setq llm-switch-compare-screen--voted vote
            llm-switch-compare-screen-blind nil)
      (pcase-dolist (`(,candidate . ,place) llm-switch-compare-screen-places)
        (when hidden
          (llm-switch-compare-screen--insert place (llm-switch-compare-screen--end candidate)))
        (llm-switch-compare-screen--redraw candidate)))))

(defun llm-switch-compare-screen--unblind ()
  "Say who answered if all have ended, and nobody can vote between them.
To be called in the main buffer."
  (when (and llm-switch-compare-screen-blind
             (llm-switch-comparison-over-p llm-switch-compare-screen--comparison)
             (null (cdr (seq-filter #'llm-switch-candidate-answered-p
                                    (llm-switch-compare-screen-candidates)))))
    (llm-switch-compare-screen-reveal nil)))

;;; End

(defun llm-switch-compare-screen-killed ()
  "End the comparison whose buffer is killed, and kill its other buffers."
  (when-let* ((main llm-switch-compare-screen-main)
              ((buffer-live-p main))
              (places (buffer-local-value 'llm-switch-compare-screen-places main)))
    (with-current-buffer main
      (setq llm-switch-compare-screen-places nil)
      (llm-switch-comparison-abandon llm-switch-compare-screen--comparison))
    (dolist (buffer (cons main (mapcar (lambda (it) (plist-get (cdr it) :column)) places)))
      (when (and (buffer-live-p buffer) (not (eq buffer (current-buffer))))
        (kill-buffer buffer)))))

;;; Buffers

(defun llm-switch-compare-screen (comparison subject again total)
  "Show COMPARISON about SUBJECT while it is asked, for TOTAL at most.
AGAIN is a function to ask it again.  Return the buffer with all answers."
  (let ((main (llm-switch-compare-screen--buffer "*llm-switch compare*")))
    (with-current-buffer main
      (llm-switch-compare-mode)
      (setq llm-switch-compare-screen-main main
            llm-switch-compare-screen--comparison comparison
            llm-switch-compare-screen--subject subject
            llm-switch-compare-screen-again again
            llm-switch-compare-screen-blind llm-switch-compare-blind
            header-line-format '(:eval (llm-switch-compare-screen--summary)))
      (llm-switch-compare-screen--build)
      (goto-char (point-min)))
    (llm-switch-compare-layout-show main (llm-switch-compare-screen-columns main))
    (llm-switch-comparison-start comparison total
                                 (lambda (candidate text)
                                   (llm-switch-compare-screen--hear main candidate text)))
    main))

(defun llm-switch-compare-screen--buffer (name)
  "Return a new buffer called NAME; one of a comparison that is over gives way.
The windows are then as they were before that."
  (when-let* ((old (get-buffer name))
              (comparison (buffer-local-value 'llm-switch-compare-screen--comparison old))
              ((llm-switch-comparison-over-p comparison)))
    (when (seq-some #'get-buffer-window (cons old (llm-switch-compare-screen-columns old)))
      (llm-switch-compare-layout-leave old (llm-switch-compare-screen-columns old)))
    (kill-buffer old))
  (generate-new-buffer name))

(defun llm-switch-compare-screen--build ()
  "Make a section here, and a buffer, for each answer."
  (let ((candidates (llm-switch-comparison-candidates llm-switch-compare-screen--comparison))
        (letter ?A))
    (dolist (candidate (if llm-switch-compare-screen-blind
                           (seq-sort-by (lambda (_) (random)) #'< candidates)
                         candidates))
      (push (cons candidate (llm-switch-compare-screen--place candidate letter))
            llm-switch-compare-screen-places)
      (setq letter (1+ letter)))
    (setq llm-switch-compare-screen-places (nreverse llm-switch-compare-screen-places))
    ;; Not before: the sections that come behind would be taken for text of this one.
    (dolist (place llm-switch-compare-screen-places)
      (set-marker-insertion-type (plist-get (cdr place) :end) t))
    (mapc #'llm-switch-compare-screen--redraw candidates)))

(defun llm-switch-compare-screen--place (candidate letter)
  "Make the place for the answer of CANDIDATE, called LETTER; return its plist."
  (let* ((inhibit-read-only t)
         (title (if llm-switch-compare-screen-blind (format "Answer %c" letter)
                  (llm-switch-candidate-name candidate)))
         (heading (progn (goto-char (point-max))
                         (unless (bobp) (insert "\n\n"))
                         (point)))
         (_ (insert (propertize title 'face 'llm-switch-spend-heading) "\n"))
         (figures (make-overlay (1- (point)) (point)))
         (end (copy-marker (point))))
    (append (list :title title :heading heading :figures figures :end end)
            (llm-switch-compare-screen--column candidate title))))

(defconst llm-switch-compare-screen--keys " v best = diff k keep w copy ? keys"
  "The keys that stand above each column: no longer than it is wide at least.")

(defun llm-switch-compare-screen--column (candidate title)
  "Make a buffer for the answer of CANDIDATE, called TITLE.
Return what is to be known of it, a plist."
  (let ((main (current-buffer))
        (buffer (generate-new-buffer (format "*llm-switch compare: %s*" title))))
    (with-current-buffer buffer
      (llm-switch-compare-mode)
      (setq llm-switch-compare-screen-main main
            llm-switch-compare-screen-own candidate
            header-line-format '(:eval (llm-switch-compare-screen--header))
            tab-line-format (propertize llm-switch-compare-screen--keys
                                        'face '(llm-switch-spend-dim fixed-pitch))
            mode-line-format '(:eval (llm-switch-compare-screen--mode-line)))
      (list :column buffer :column-end (copy-marker (point-min) t)))))

(defun llm-switch-compare-screen-columns (main)
  "Return the buffers in which the answers of MAIN stand alone."
  (mapcar (lambda (it) (plist-get (cdr it) :column))
          (buffer-local-value 'llm-switch-compare-screen-places main)))

;;; Figures

(defun llm-switch-compare-screen--state (candidate)
  "Return the state of CANDIDATE in a word, or that it was voted for.
To be called in the main buffer."
  (let ((state (llm-switch-candidate-state candidate)))
    (propertize (if (eq candidate llm-switch-compare-screen--voted) "best ★"
                  (symbol-name state))
                'face (pcase state
                        ('done 'success)
                        ('failed 'error)
                        ('cancelled 'warning)
                        (_ 'llm-switch-spend-dim)))))

(defun llm-switch-compare-screen-name (candidate)
  "Return who answers for CANDIDATE, as far as that may be known.
To be called in the main buffer."
  (let* ((place (cdr (assq candidate llm-switch-compare-screen-places)))
         (title (plist-get place :title))
         (name (llm-switch-candidate-name candidate))
         (served (llm-switch-candidate-served candidate)))
    (if llm-switch-compare-screen-blind
        title
      (string-join (seq-uniq (delq nil (list title name served))) " → "))))

(defun llm-switch-compare-screen--figures (candidate &optional width)
  "Return the figures of CANDIDATE in WIDTH, as far as they may be known.
To be called in the main buffer."
  (if llm-switch-compare-screen-blind "" (llm-switch-candidate-figures candidate width)))

(defun llm-switch-compare-screen--redraw (candidate)
  "Show what is known of CANDIDATE beside its name, in the main buffer."
  (let* ((place (cdr (assq candidate llm-switch-compare-screen-places)))
         (name (llm-switch-compare-screen-name candidate))
         (figures (llm-switch-compare-screen--figures candidate)))
    (overlay-put (plist-get place :figures) 'before-string
                 (concat (string-remove-prefix (plist-get place :title) name)
                         "  " (llm-switch-compare-screen--state candidate)
                         (unless (string-empty-p figures)
                           (concat "\n" (propertize figures 'face 'llm-switch-spend-dim)))))
    (with-current-buffer (plist-get place :column) (force-mode-line-update))
    (force-mode-line-update)))

(defun llm-switch-compare-screen--header ()
  "Return the header line of the answer that stands alone in this buffer."
  (let ((candidate llm-switch-compare-screen-own)
        (width (window-width)))
    (llm-switch-compare-screen-with
      (let ((state (llm-switch-compare-screen--state candidate)))
        (concat (llm-switch-spend-fit (llm-switch-compare-screen-name candidate)
                                      (max 8 (- width (length state) 2)))
                " " state)))))

(defun llm-switch-compare-screen--mode-line ()
  "Return the figures of the answer that stands alone in this buffer."
  (let ((candidate llm-switch-compare-screen-own)
        (width (window-width)))
    (llm-switch-compare-screen-with
      (llm-switch-compare-screen--figures candidate width))))

(defun llm-switch-compare-screen--summary ()
  "Return what all answers have cost, of what they may, and what one can do."
  (let ((total (llm-switch-comparison-total llm-switch-compare-screen--comparison)))
    (pcase-let ((`(,cost . ,unknown)
                 (llm-switch-comparison-spent llm-switch-compare-screen--comparison)))
      (concat " " (llm-switch-cost-format-money cost) (if (> unknown 0) " + ?" "")
              (if total
                  (concat " of " (llm-switch-cost-format-money (llm-switch-cap-pico total)))
                "")
              "   v best  = diff  k keep  w copy  t columns  g again  ? keys"))))

;;; Hear

(defun llm-switch-compare-screen--hear (main candidate text)
  "Show TEXT that came from CANDIDATE in MAIN; nil is another state."
  (when-let* (((buffer-live-p main))
              (place (cdr (assq candidate
                                (buffer-local-value 'llm-switch-compare-screen-places main)))))
    (with-current-buffer main
      (llm-switch-compare-screen--insert place (or text (llm-switch-compare-screen--end candidate)))
      (llm-switch-compare-screen--redraw candidate)
      (llm-switch-compare-screen--unblind))))

(defun llm-switch-compare-screen--end (candidate)
  "Return what is said behind the text of CANDIDATE when it has ended.
Why it failed would tell who answers.  To be called in the main buffer."
  (when (and (eq (llm-switch-candidate-state candidate) 'failed)
             (not llm-switch-compare-screen-blind))
    (concat (when (llm-switch-candidate-pieces candidate) "\n")
            (propertize (llm-switch-candidate-problem candidate) 'face 'error))))

(defun llm-switch-compare-screen--insert (place text)
  "Insert TEXT, unless it is nil, at both ends of PLACE; points stay."
  (when text
    (dolist (marker (list (plist-get place :end) (plist-get place :column-end)))
      (with-current-buffer (marker-buffer marker)
        (save-excursion
          (let ((inhibit-read-only t))
            (goto-char marker)
            (insert text)))))))

;;; Layout

(defun llm-switch-compare-screen-resized (window)
  "Arrange the comparison in WINDOW anew, soon, if its frame got another width."
  (let ((main (buffer-local-value 'llm-switch-compare-screen-main (window-buffer window))))
    (when (and main (llm-switch-compare-layout-stale-p main))
      (run-at-time 0 nil #'llm-switch-compare-screen--rearrange main))))

(defun llm-switch-compare-screen--rearrange (main)
  "Arrange the windows of MAIN anew, if it is still there."
  (when (and (buffer-live-p main) (llm-switch-compare-layout-stale-p main))
    (llm-switch-compare-layout-arrange main (llm-switch-compare-screen-columns main))))

(provide 'llm-switch-compare-screen)
;;; llm-switch-compare-screen.el ends here
