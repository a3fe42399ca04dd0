;;; llm-switch-spend-screen.el --- Buffers that show the ledger  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What the dashboard and the lists behind it share.  A screen asks the module
;; for a value, without waiting, and draws it when it comes.  Each row bears an
;; id, a text property; when a screen is drawn again, point stays at its row
;; and the window where it was.  A screen that is seen asks again by itself.

;;; Code:

(require 'llm-switch-spend)
(require 'subr-x)

(defcustom llm-switch-spend-interval 30
  "Seconds after which a screen that is seen asks the ledger again.
After an answer in this Emacs it asks at once."
  :group 'llm-switch
  :type 'integer)

(defface llm-switch-spend-heading '((t :inherit bold))
  "Face of headings in reports."
  :group 'llm-switch)

(defface llm-switch-spend-figure '((t :inherit bold))
  "Face of the figures that matter most."
  :group 'llm-switch)

(defface llm-switch-spend-dim '((t :inherit shadow))
  "Face of what explains the figures."
  :group 'llm-switch)

;;; State

(defvar-local llm-switch-spend-screen-query nil
  "What is looked at: see `llm-switch-spend-query'.")

(defvar-local llm-switch-spend-screen-value nil
  "What the module told last.")

(defvar-local llm-switch-spend-screen--ask nil
  "Function without arguments: the method and its parameters, as a cons.
It may return a list of such; the value is then the list of theirs.")

(defvar-local llm-switch-spend-screen--draw nil
  "Function that inserts what the value, its argument, tells.")

(defvar-local llm-switch-spend-screen--id nil
  "The id of the call that is under way, or nil.")

(defvar-local llm-switch-spend-screen--seen nil
  "What was known when the module was asked last: (ANSWER . TIME).")

(defvar-local llm-switch-spend-screen--width nil
  "The width for which the screen is drawn.")

(defvar llm-switch-spend-screen--timer nil
  "The timer that lets screens ask again while there are any.")

;;; Mode

(defvar llm-switch-spend-screen-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "n") #'llm-switch-spend-screen-next)
    (define-key map (kbd "p") #'llm-switch-spend-screen-previous)
    (define-key map (kbd "TAB") #'llm-switch-spend-screen-next-section)
    (define-key map (kbd "<backtab>") #'llm-switch-spend-screen-previous-section)
    (define-key map (kbd "RET") #'llm-switch-spend-screen-open)
    (define-key map [mouse-2] #'llm-switch-spend-screen-open-mouse)
    (define-key map [follow-link] 'mouse-face)
    (define-key map (kbd "?") #'describe-mode)
    map)
  "Keys in all screens of the ledger.")

(define-derived-mode llm-switch-spend-screen-mode special-mode "Spend"
  "Parent of the modes that show the ledger."
  (setq-local truncate-lines t
              buffer-undo-list t
              mode-line-process '(:eval (when llm-switch-spend-screen--id ":asking"))
              revert-buffer-function (lambda (&rest _) (llm-switch-spend-screen-refresh)))
  (add-hook 'window-size-change-functions #'llm-switch-spend-screen--resized nil t)
  (unless llm-switch-spend-screen--timer
    (setq llm-switch-spend-screen--timer
          (run-with-timer 1 1 #'llm-switch-spend-screen--tick))))

(defun llm-switch-spend-screen-show (name mode query ask draw)
  "Show a screen in the buffer NAME, in MODE, of QUERY, and return the buffer.
ASK gives what to call, (METHOD . PARAMS) or a list of such; DRAW inserts the
value, or the list of values."
  (let ((buffer (get-buffer-create name)))
    (with-current-buffer buffer
      (unless (derived-mode-p mode) (funcall mode))
      (unless (and llm-switch-spend-screen-value (equal query llm-switch-spend-screen-query))
        (setq llm-switch-spend-screen-value nil)
        (let ((inhibit-read-only t))
          (erase-buffer)
          (insert (propertize "Reading the ledger…" 'face 'llm-switch-spend-dim))
          (goto-char (point-min))))
      (setq llm-switch-spend-screen-query query
            llm-switch-spend-screen--ask ask
            llm-switch-spend-screen--draw draw))
    (pop-to-buffer-same-window buffer)
    (llm-switch-spend-screen-refresh)
    buffer))

;;; Asking

(defun llm-switch-spend-screen-refresh ()
  "Ask the module again and draw its answer."
  (interactive nil llm-switch-spend-screen-mode)
  (when llm-switch-spend-screen--id
    (llm-switch-channel-forget llm-switch-spend-screen--id))
  (setq llm-switch-spend-screen--seen (cons llm-switch-cost-last (float-time)))
  (let ((calls (funcall llm-switch-spend-screen--ask)))
    (if (stringp (car calls))
        (llm-switch-spend-screen--call calls #'llm-switch-spend-screen--take)
      (llm-switch-spend-screen--gather calls nil))))

(defun llm-switch-spend-screen--call (call take)
  "Make CALL, a cons of a method and its parameters; TAKE is called with its value."
  (let ((buffer (current-buffer)))
    (setq llm-switch-spend-screen--id
          (llm-switch-channel-call
           (car call) (cdr call)
           (lambda (kind rest)
             (with-current-buffer buffer
               (setq llm-switch-spend-screen--id nil)
               (if (eq kind 'value)
                   (funcall take rest)
                 (llm-switch-spend-screen--fail rest))))
           buffer))))

(defun llm-switch-spend-screen--gather (calls values)
  "Run one method after the other, and draw the list of VALUES and theirs.
CALLS are conses of a method and its parameters."
  (if calls
      (llm-switch-spend-screen--call
       (car calls)
       (lambda (value)
         (llm-switch-spend-screen--gather (cdr calls) (append values (list value)))))
    (llm-switch-spend-screen--take values)))

(defun llm-switch-spend-screen--take (value)
  "Draw VALUE, unless it is what is drawn."
  (unless (equal value llm-switch-spend-screen-value)
    (setq llm-switch-spend-screen-value value)
    (llm-switch-spend-screen-draw)))

(defun llm-switch-spend-screen--fail (error)
  "Say that the module told ERROR, a plist; keep what is drawn."
  (if llm-switch-spend-screen-value
      (message "llm-switch: %s" (plist-get error :message))
    (let ((inhibit-read-only t))
      (erase-buffer)
      (insert (propertize (string-fill (plist-get error :message)
                                       (llm-switch-spend-screen-width))
                          'face 'error)
              "\n"))))

(defun llm-switch-spend-screen-change (query)
  "Look at QUERY from now on."
  (setq llm-switch-spend-screen-query query)
  (llm-switch-spend-screen-refresh))

(defun llm-switch-spend-screen--tick ()
  "Let the screens that are seen ask again; stop when there are none."
  (let ((screens (seq-filter (lambda (buffer)
                               (provided-mode-derived-p (buffer-local-value 'major-mode buffer)
                                                        'llm-switch-spend-screen-mode))
                             (buffer-list))))
    (unless screens
      (cancel-timer llm-switch-spend-screen--timer)
      (setq llm-switch-spend-screen--timer nil))
    (dolist (buffer screens)
      (when (get-buffer-window buffer 'visible)
        (with-current-buffer buffer
          (when (llm-switch-spend-screen--stale-p) (llm-switch-spend-screen-refresh)))))))

(defun llm-switch-spend-screen--stale-p ()
  "Return non-nil if there may be something new to be seen here."
  (and llm-switch-spend-screen--ask
       (not llm-switch-spend-screen--id)
       (not (or (region-active-p) isearch-mode))
       (or (not (eq (car llm-switch-spend-screen--seen) llm-switch-cost-last))
           (> (- (float-time) (cdr llm-switch-spend-screen--seen))
              llm-switch-spend-interval))))

;;; Drawing

(defun llm-switch-spend-screen-width ()
  "Return how many columns a row of this buffer may have."
  (let ((window (get-buffer-window nil t)))
    (if window (window-max-chars-per-line window) 79)))

(defun llm-switch-spend-screen-draw ()
  "Draw this screen; point stays at its row, and windows where they are."
  (let ((places (mapcar #'llm-switch-spend-screen--place (get-buffer-window-list nil t t)))
        (own (llm-switch-spend-screen--here))
        (inhibit-read-only t))
    (setq llm-switch-spend-screen--width (llm-switch-spend-screen-width))
    (erase-buffer)
    (funcall llm-switch-spend-screen--draw llm-switch-spend-screen-value)
    (set-buffer-modified-p nil)
    (llm-switch-spend-screen--go own)
    (pcase-dolist (`(,window ,line ,here) places)
      (save-excursion
        (goto-char (point-min))
        (forward-line line)
        (set-window-start window (point) t)
        (llm-switch-spend-screen--go here)
        (set-window-point window (point))))))

(defun llm-switch-spend-screen--place (window)
  "Return where WINDOW is: (WINDOW FIRST-LINE HERE)."
  (save-excursion
    (goto-char (window-point window))
    (list window
          (1- (line-number-at-pos (window-start window)))
          (llm-switch-spend-screen--here))))

(defun llm-switch-spend-screen--here ()
  "Return where point is: (ID LINE COLUMN)."
  (list (get-text-property (line-beginning-position) 'llm-switch-spend-id)
        (1- (line-number-at-pos))
        (- (point) (line-beginning-position))))

(defun llm-switch-spend-screen--go (here)
  "Go to HERE; where its row is not there any more, to the line of its number.
In a new buffer, go to the first row."
  (pcase-let ((`(,id ,line ,column) here))
    (goto-char (point-min))
    (cond ((and id (llm-switch-spend-screen-find id)))
          ((and (not id) (= line 0) (= column 0)) (llm-switch-spend-screen-next))
          (t (forward-line line)))
    (forward-char (min column (- (line-end-position) (point))))))

(defun llm-switch-spend-screen-find (id)
  "Go to the row with ID, if there is one, and return non-nil then."
  (let ((found (save-excursion
                 (goto-char (point-min))
                 (while (not (or (eobp)
                                 (equal (get-text-property (point) 'llm-switch-spend-id) id)))
                   (forward-line))
                 (unless (eobp) (point)))))
    (when found (goto-char found))))

(defun llm-switch-spend-screen--resized (window)
  "Draw the screen of WINDOW again if it is drawn for another width."
  (with-current-buffer (window-buffer window)
    (when (and llm-switch-spend-screen-value
               (not (equal llm-switch-spend-screen--width (llm-switch-spend-screen-width))))
      (llm-switch-spend-screen-draw))))

(defun llm-switch-spend-screen-row (id open &rest text)
  "Insert TEXT as a row with ID; OPEN is called at it with \\`RET'."
  (let ((start (point)))
    (apply #'insert text)
    (insert "\n")
    (add-text-properties start (point)
                         (list 'llm-switch-spend-id id 'llm-switch-spend-open open))
    (when open (put-text-property start (1- (point)) 'mouse-face 'highlight))))

(defun llm-switch-spend-screen-heading (text &optional beside)
  "Insert TEXT as a heading, after an empty line, with BESIDE behind it."
  (insert "\n" (propertize text 'face 'llm-switch-spend-heading 'llm-switch-spend-section t)
          (if beside (propertize beside 'face 'llm-switch-spend-dim) "") "\n"))

;;; Moving

(defun llm-switch-spend-screen--move (property step)
  "Go STEP lines at a time to the next one with PROPERTY; stay if there is none."
  (let ((start (point)) (found nil))
    (beginning-of-line)
    (while (and (not found) (zerop (forward-line step)) (not (eobp)))
      (setq found (get-text-property (point) property)))
    (unless found (goto-char start))
    found))

(defun llm-switch-spend-screen-next ()
  "Go to the next row."
  (interactive nil llm-switch-spend-screen-mode)
  (llm-switch-spend-screen--move 'llm-switch-spend-id 1))

(defun llm-switch-spend-screen-previous ()
  "Go to the previous row."
  (interactive nil llm-switch-spend-screen-mode)
  (llm-switch-spend-screen--move 'llm-switch-spend-id -1))

(defun llm-switch-spend-screen-next-section ()
  "Go to the first row of the next section, or from the last one to the top."
  (interactive nil llm-switch-spend-screen-mode)
  (unless (llm-switch-spend-screen--move 'llm-switch-spend-section 1)
    (goto-char (point-min)))
  (llm-switch-spend-screen-next))

(defun llm-switch-spend-screen-previous-section ()
  "Go to the first row of the section before this one."
  (interactive nil llm-switch-spend-screen-mode)
  (let ((start (point)))
    (unless (and (llm-switch-spend-screen--move 'llm-switch-spend-section -1)
                 (llm-switch-spend-screen--move 'llm-switch-spend-section -1)
                 (llm-switch-spend-screen-next))
      (goto-char (point-min))
      (llm-switch-spend-screen-next)
      (when (> (point) start) (goto-char start)))))

(defun llm-switch-spend-screen-open ()
  "Show what is behind the row at point."
  (interactive nil llm-switch-spend-screen-mode)
  (let ((open (get-text-property (line-beginning-position) 'llm-switch-spend-open)))
    (if open (funcall open) (user-error "There is nothing behind this line"))))

(defun llm-switch-spend-screen-open-mouse (event)
  "Show what is behind the row that EVENT is on."
  (interactive "e" llm-switch-spend-screen-mode)
  (mouse-set-point event)
  (llm-switch-spend-screen-open))

(provide 'llm-switch-spend-screen)
;;; llm-switch-spend-screen.el ends here
