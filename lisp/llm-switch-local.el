;;; llm-switch-local.el --- Servers on this machine  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A table of the servers on this machine: those that answer at their usual
;; ports or where the configuration says, and those that were started here.
;; While it is seen it asks again every few seconds, without waiting, and the
;; line at point stays where it is.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-auth)
(require 'llm-switch-local-log)
(require 'llm-switch-local-start)
(require 'llm-switch-spend-format)
(require 'seq)
(require 'tabulated-list)

(defcustom llm-switch-local-interval 2
  "Seconds after which the table of local servers, when seen, asks again."
  :group 'llm-switch
  :type 'number)

(defconst llm-switch-local--buffer "*llm-switch local*"
  "The name of the buffer with the table.")

(defface llm-switch-local-ready '((t :inherit success))
  "Face of a server that answers."
  :group 'llm-switch)

(defface llm-switch-local-starting '((t :inherit warning))
  "Face of a server that starts or stops."
  :group 'llm-switch)

(defface llm-switch-local-failed '((t :inherit error))
  "Face of a server that ended by itself."
  :group 'llm-switch)

(defvar-local llm-switch-local--rows nil
  "What the module told last: plists as local.list gives them.")

(defvar-local llm-switch-local--id nil
  "The id of the call that is under way, or nil.")

(defvar llm-switch-local--timer nil
  "The timer that lets the table ask again while there is one.")

(defvar llm-switch-local-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'llm-switch-local-details)
    (define-key map "s" #'llm-switch-local-start)
    (define-key map "k" #'llm-switch-local-stop)
    (define-key map "l" #'llm-switch-local-show-log)
    (define-key map "?" #'describe-mode)
    map)
  "Keys in the table of local servers.")

(define-derived-mode llm-switch-local-mode tabulated-list-mode "Local"
  "Shows the servers on this machine: what they serve, and how busy they are.
\\<llm-switch-local-mode-map>\\[llm-switch-local-start] starts one.  On a server \
\\[llm-switch-local-details] shows its models and all that is known,
\\[llm-switch-local-stop] stops it and \\[llm-switch-local-show-log] follows what it says.  \
The last two need one that
was started here: those have a time under Since, and end with Emacs.

Load is the answers under way, of those that can be at once.  Where a server
does not tell something there is a dash.

\\{llm-switch-local-mode-map}"
  (setq tabulated-list-format [("Server" 10 t) ("Address" 15 t) ("State" 8 t) ("Model" 15 t)
                               ("Context" 7 nil :right-align t) ("Load" 4 nil :right-align t)
                               ("Tok/s" 6 nil :right-align t) ("Since" 0 nil)]
        tabulated-list-padding 1
        revert-buffer-function (lambda (&rest _) (llm-switch-local--refresh t)))
  (tabulated-list-init-header))

;;; Ask

;;;###autoload
(defun llm-switch-local ()
  "Show the servers on this machine; start, watch and stop them."
  (interactive)
  (pop-to-buffer llm-switch-local--buffer)
  (unless (derived-mode-p 'llm-switch-local-mode) (llm-switch-local-mode))
  (add-hook 'llm-switch-channel-notice-functions #'llm-switch-local--hear)
  (unless (timerp llm-switch-local--timer)
    (setq llm-switch-local--timer
          (run-with-timer llm-switch-local-interval llm-switch-local-interval
                          #'llm-switch-local--tick)))
  (llm-switch-local--refresh t))

(defun llm-switch-local--refresh (&optional fresh)
  "Ask in the background which servers there are, and show it.
FRESH says that their models are asked for anew.  What was asked before and
is not answered is forgotten."
  (when-let* ((buffer (get-buffer llm-switch-local--buffer)))
    (with-current-buffer buffer
      (when llm-switch-local--id (llm-switch-channel-forget llm-switch-local--id))
      (setq llm-switch-local--id
            (llm-switch-channel-call
             "local.list" `(:fresh ,(if fresh t :json-false))
             (lambda (kind rest)
               (when (memq kind '(value error))
                 (with-current-buffer buffer
                   (setq llm-switch-local--id nil)
                   (cond ((eq kind 'value) (llm-switch-local--show rest))
                         ((not (equal (plist-get rest :kind) "cancelled"))
                          (message "llm-switch: %s" (plist-get rest :message)))))))
             buffer)))))

(defun llm-switch-local--tick ()
  "Ask again if the table is seen and nothing is under way."
  (let ((buffer (get-buffer llm-switch-local--buffer)))
    (cond ((null buffer)
           (cancel-timer llm-switch-local--timer)
           (setq llm-switch-local--timer nil)
           (remove-hook 'llm-switch-channel-notice-functions #'llm-switch-local--hear))
          ((and (get-buffer-window buffer 'visible)
                (llm-switch-channel-live-p)
                (not (buffer-local-value 'llm-switch-local--id buffer)))
           (llm-switch-local--refresh)))))

(defun llm-switch-local--hear (notice)
  "Ask again if NOTICE is of a server here; return nil: others may hear it."
  (when (equal (plist-get notice :kind) "local") (llm-switch-local--refresh))
  nil)

;;; Show

(defun llm-switch-local--show (rows)
  "Show ROWS, from local.list, without moving point from its line."
  (setq llm-switch-local--rows rows
        tabulated-list-entries
        (mapcar (lambda (row) (list (llm-switch-local--key row) (llm-switch-local--row row)))
                rows))
  (tabulated-list-print t)
  (unless rows
    (let ((inhibit-read-only t))
      (insert (substitute-command-keys
               " No server answers on this machine.  \\[llm-switch-local-start] starts one.")))))

(defun llm-switch-local--key (row)
  "Return the key of ROW among all others, the same next time."
  (list (plist-get row :server) (plist-get row :address)))

(defun llm-switch-local--row (row)
  "Return the line of ROW's server."
  (let* ((state (plist-get row :state))
         (model (llm-switch-local--model row))
         (others (length (cdr (plist-get row :models))))
         (speed (plist-get row :tokens-per-second)))
    (vector (plist-get row :title)
            (plist-get row :address)
            (propertize state 'face (llm-switch-local--face state))
            (concat (or (plist-get model :name) (llm-switch-local--file row) "–")
                    (if (> others 0) (format " +%d" others) ""))
            (llm-switch-local--context model)
            (llm-switch-local--load row)
            (if speed (format "%.0f" speed) "–")
            (llm-switch-local--since row))))

(defun llm-switch-local--face (state)
  "Return the face of STATE."
  (pcase state
    ("ready" 'llm-switch-local-ready)
    ((or "starting" "stopping") 'llm-switch-local-starting)
    ("failed" 'llm-switch-local-failed)
    (_ 'shadow)))

(defun llm-switch-local--model (row)
  "Return the model of ROW that stands for all: one in memory, else the first."
  (let ((models (plist-get row :models)))
    (or (seq-find (lambda (it) (eq (plist-get it :loaded) t)) models) (car models))))

(defun llm-switch-local--file (row)
  "Return the name of what ROW's server serves, without folder, or nil."
  (when-let* ((file (plist-get row :file))) (file-name-nondirectory file)))

(defun llm-switch-local--context (model)
  "Return the context window of MODEL, in tokens, or a dash."
  (if-let* ((context (plist-get model :context))) (llm-switch-spend-tokens context) "–"))

(defun llm-switch-local--load (row)
  "Return how many answers ROW's server works on, of how many at once."
  (let* ((load (plist-get row :load))
         (busy (plist-get load :busy))
         (slots (plist-get load :slots)))
    (cond ((and busy slots) (format "%d/%d" busy slots))
          (busy (number-to-string busy))
          (t "–"))))

(defun llm-switch-local--since (row)
  "Return since when ROW's server was started here, and what is wrong with it."
  (let ((since (plist-get row :since)))
    (string-join
     (delq nil (list (when since
                       (llm-switch-spend-time
                        (if (> (- (float-time) (/ since 1000)) 86400) "%-d %b" "%H:%M") since))
                     (plist-get row :problem)))
     " ")))

;;; Servers

(defun llm-switch-local--here ()
  "Return the row at point, or signal that there is none."
  (let ((key (tabulated-list-get-id)))
    (or (seq-find (lambda (row) (equal key (llm-switch-local--key row))) llm-switch-local--rows)
        (user-error "There is no server on this line"))))

(defun llm-switch-local--ours ()
  "Return the row at point if its server was started here, or signal that not."
  (let ((row (llm-switch-local--here)))
    (unless (eq (plist-get row :ours) t)
      (user-error "It was not started from here; stop it and read its log where it was"))
    row))

(defun llm-switch-local-stop ()
  "Stop the server at point, which was started here.
Ask first unless it is known to work on nothing."
  (interactive nil llm-switch-local-mode)
  (let* ((row (llm-switch-local--ours))
         (name (concat (plist-get row :title) " at " (plist-get row :address)))
         (doing (llm-switch-local--doing row)))
    (when (or (null doing) (y-or-n-p (format "%s %s.  Stop it? " name doing)))
      (message "llm-switch: stopping %s…" name)
      (llm-switch-channel-call
       "local.stop" (list :server (plist-get row :server))
       (lambda (kind rest)
         (message "llm-switch: %s" (if (eq kind 'value)
                                       (concat name " is stopped")
                                     (plist-get rest :message))))))))

(defun llm-switch-local--doing (row)
  "Return what ROW's server is doing, in words, or nil if that is nothing.
Signal an error when it does not run."
  (let ((busy (plist-get (plist-get row :load) :busy)))
    (pcase (plist-get row :state)
      ((or "stopped" "failed") (unless (plist-get row :pid) (user-error "It does not run")))
      ("starting" "is starting")
      (_ (cond ((null busy) "does not tell whether it is idle")
               ((> busy 0) "is answering"))))))

(defun llm-switch-local-show-log ()
  "Show the log of the server at point, which was started here, and follow it."
  (interactive nil llm-switch-local-mode)
  (let ((row (llm-switch-local--ours)))
    (llm-switch-local-log (plist-get row :server)
                          (concat (plist-get row :title) " " (plist-get row :address)))))

(defun llm-switch-local-details ()
  "Show the models of the server at point, and all that is known of it."
  (interactive nil llm-switch-local-mode)
  (let ((row (llm-switch-local--here)))
    (with-help-window "*llm-switch local server*"
      (princ (llm-switch-local--details row)))))

(defun llm-switch-local--details (row)
  "Return all that is known of ROW's server, as text."
  (let ((models (plist-get row :models)))
    (concat
     (format "%s at %s is %s\n" (plist-get row :title) (plist-get row :address)
             (plist-get row :state))
     (mapconcat (lambda (pair) (if (cdr pair) (format "  %-8s %s\n" (car pair) (cdr pair)) ""))
                `(("problem" . ,(plist-get row :problem)) ("account" . ,(plist-get row :account))
                  ("serves" . ,(plist-get row :file)) ("process" . ,(plist-get row :pid)))
                "")
     (if models (format "\n%d model%s\n" (length models) (if (cdr models) "s" ""))
       "\nIt lists no model.\n")
     (mapconcat (lambda (model)
                  (format "  %-44s %6s  %s\n" (plist-get model :name)
                          (llm-switch-local--context model)
                          (if (eq (plist-get model :loaded) t) "in memory" "")))
                models ""))))

(provide 'llm-switch-local)
;;; llm-switch-local.el ends here
