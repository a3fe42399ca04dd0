;;; llm-switch-mcp-screen.el --- What the screens of MCP servers share  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Which servers there are, and what they may do, depends on the buffer from
;; which a screen was opened; so a screen asks for that buffer, not for itself.
;; It never waits, asks again when the module says that something changed, and
;; moves nobody's point.

;;; Code:

(require 'llm-switch-mcp-ask)
(require 'llm-switch-mcp-place)
(require 'seq)
(require 'tabulated-list)

(defface llm-switch-mcp-ready '((t :inherit success))
  "Face of a server whose tools can be called."
  :group 'llm-switch)

(defface llm-switch-mcp-waiting '((t :inherit warning))
  "Face of a server that starts, or waits for the user."
  :group 'llm-switch)

(defface llm-switch-mcp-failed '((t :inherit error))
  "Face of a server that failed, and of what is wrong."
  :group 'llm-switch)

(defvar-local llm-switch-mcp-screen--origin nil
  "The buffer from which this screen was opened; what holds there holds here.")

(defvar-local llm-switch-mcp-screen-refresh nil
  "What this screen calls to ask again for what it shows.")

(defvar-local llm-switch-mcp-screen-row nil
  "What this screen calls for the row of `mcp.list' that is meant at point.")

;;; Open and ask

(defun llm-switch-mcp-screen-open (name mode)
  "Show the screen NAME in MODE for the servers of this buffer."
  (let ((origin (llm-switch-mcp-screen-origin))
        (folder default-directory))
    (pop-to-buffer name)
    (unless (derived-mode-p mode) (funcall mode))
    (setq default-directory folder
          llm-switch-mcp-screen--origin origin)
    (add-hook 'llm-switch-channel-notice-functions #'llm-switch-mcp-screen--hear)
    (add-hook 'llm-switch-cost-noted-hook #'llm-switch-mcp-screen--soon)))

(defun llm-switch-mcp-screen-origin ()
  "Return the buffer whose servers are meant here: another one, or this."
  (if (buffer-live-p llm-switch-mcp-screen--origin)
      llm-switch-mcp-screen--origin
    (current-buffer)))

(defun llm-switch-mcp-screen-call (method params then)
  "Run METHOD, one of `mcp.*', with PARAMS for the servers that are meant here.
Nobody waits: THEN is called with its value, in this buffer, if that still is.
What fails is said."
  (let ((screen (current-buffer))
        (origin (llm-switch-mcp-screen-origin)))
    (with-current-buffer origin
      (llm-switch-mcp-place-call
       method params
       (lambda (kind rest)
         (when (buffer-live-p screen)
           (with-current-buffer screen
             (pcase kind
               ('value (funcall then rest))
               ('error (llm-switch-mcp-screen--failed rest))))))
       ;; Its environment is what a server is started in.
       origin))))

(defun llm-switch-mcp-screen--failed (error)
  "Say what ERROR, a plist, is, and show how things stand after it."
  (unless (equal (plist-get error :kind) "cancelled")
    (message "llm-switch: %s" (llm-switch-mcp-ask-visible (plist-get error :message))))
  (when llm-switch-mcp-screen-refresh (llm-switch-mcp-screen--soon)))

(defun llm-switch-mcp-screen-look (method params then)
  "As `llm-switch-mcp-screen-call' with METHOD, PARAMS and THEN, to show it.
The user is asked nothing for that."
  (let ((llm-switch-project-quiet t))
    (llm-switch-mcp-screen-call method params then)))

(defun llm-switch-mcp-screen-here ()
  "Return the row of `mcp.list' that is meant at point, or signal that none is."
  (or (and llm-switch-mcp-screen-row (funcall llm-switch-mcp-screen-row))
      (user-error "There is no server on this line")))

;;; Follow

(defvar llm-switch-mcp-screen--timer nil
  "The timer that will let the screens ask again, or nil.")

(defun llm-switch-mcp-screen--hear (notice)
  "Ask again soon if NOTICE is of a server; return nil: others may hear it."
  (when (equal (plist-get notice :kind) "mcp") (llm-switch-mcp-screen--soon)))

(defun llm-switch-mcp-screen--soon (&rest _)
  "Let the screens ask again soon, once for all that happens until then.
Return nil."
  (unless (timerp llm-switch-mcp-screen--timer)
    (setq llm-switch-mcp-screen--timer (run-at-time 0.1 nil #'llm-switch-mcp-screen--now)))
  nil)

(defun llm-switch-mcp-screen--now ()
  "Let the screens ask again; without any, hear no more."
  (setq llm-switch-mcp-screen--timer nil)
  (let ((screens (seq-filter (lambda (it) (buffer-local-value 'llm-switch-mcp-screen-refresh it))
                             (buffer-list))))
    (cond ((null screens)
           (remove-hook 'llm-switch-channel-notice-functions #'llm-switch-mcp-screen--hear)
           (remove-hook 'llm-switch-cost-noted-hook #'llm-switch-mcp-screen--soon))
          ((llm-switch-channel-live-p)
           (dolist (screen screens)
             (with-current-buffer screen (funcall llm-switch-mcp-screen-refresh)))))))

;;; Show

(defun llm-switch-mcp-screen-print (above below)
  "Print this table anew between the texts ABOVE and BELOW.
Point stays on its row, in each window that shows it."
  (let ((windows (mapcar (lambda (it) (cons it (llm-switch-mcp-screen--place (window-point it))))
                         (get-buffer-window-list nil nil t)))
        (place (if (= (point-min) (point-max)) 'first (llm-switch-mcp-screen--place (point))))
        (inhibit-read-only t))
    (tabulated-list-print)
    (save-excursion (goto-char (point-max)) (insert below))
    (save-excursion (goto-char (point-min)) (insert above))
    (pcase-dolist (`(,window . ,at) windows)
      (set-window-point window (llm-switch-mcp-screen--find (if (eq place 'first) place at))))
    (goto-char (llm-switch-mcp-screen--find place))))

(defun llm-switch-mcp-screen--place (point)
  "Return where POINT is: the id of its row or nil, its line and its column."
  (save-excursion
    (goto-char point)
    (list (tabulated-list-get-id) (line-number-at-pos) (current-column))))

(defun llm-switch-mcp-screen--find (place)
  "Return the position that PLACE, of `llm-switch-mcp-screen--place', is now.
The symbol `first' is that of the first row."
  (save-excursion
    (pcase place
      ('first (llm-switch-mcp-screen--to #'identity))
      (`(,id ,line ,column)
       (unless (and id (llm-switch-mcp-screen--to (lambda (it) (equal it id))))
         (goto-char (point-min))
         (forward-line (1- line)))
       (move-to-column column)))
    (point)))

(defun llm-switch-mcp-screen--to (good-p)
  "Go to the first row with an id of which GOOD-P is true; nil if there is none."
  (goto-char (point-min))
  (while (and (not (eobp)) (not (funcall good-p (tabulated-list-get-id)))) (forward-line))
  (or (not (eobp)) (progn (goto-char (point-min)) nil)))

(defun llm-switch-mcp-screen-state (state)
  "Return STATE, as `mcp.list' has it, in words and with its face."
  (propertize (string-replace "-" " " state)
              'face (pcase state
                      ("ready" 'llm-switch-mcp-ready)
                      ((or "starting" "needs-trust" "needs-login") 'llm-switch-mcp-waiting)
                      ("failed" 'llm-switch-mcp-failed)
                      (_ 'shadow))))

(defun llm-switch-mcp-screen-problem (row)
  "Return what is wrong with ROW's server, or nil, without its name before it."
  (when-let* ((problem (plist-get row :problem)))
    (llm-switch-mcp-ask-visible
     (string-remove-prefix (format "MCP server %s: " (plist-get row :server)) problem))))

(defun llm-switch-mcp-screen-wrap (text)
  "Return TEXT in lines that fit a narrow window, a column from its edge."
  (mapconcat (lambda (line)
               (with-temp-buffer
                 (let ((fill-column 78) (fill-prefix " ") (adaptive-fill-mode nil))
                   (insert " " line)
                   (fill-region (point-min) (point-max))
                   (concat (string-trim-right (buffer-string)) "\n"))))
             (split-string (string-trim text) "\n") ""))

(provide 'llm-switch-mcp-screen)
;;; llm-switch-mcp-screen.el ends here
