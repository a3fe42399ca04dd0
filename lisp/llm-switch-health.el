;;; llm-switch-health.el --- Who can answer now, and when the others can  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A table of the routes and, under each, of those who serve it: who is out, why,
;; and when it comes back.  The module says when something changes, and the
;; table follows; the line at point stays where it is.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-probe)
(require 'seq)
(require 'tabulated-list)

(defconst llm-switch-health--buffer "*llm-switch health*"
  "The name of the buffer with the table.")

(defface llm-switch-health-up '((t :inherit success))
  "Face of what can answer."
  :group 'llm-switch)

(defface llm-switch-health-out '((t :inherit error))
  "Face of what cannot."
  :group 'llm-switch)

(defface llm-switch-health-some '((t :inherit warning))
  "Face of what can answer in part, or perhaps."
  :group 'llm-switch)

(defvar llm-switch-health-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'llm-switch-health-retry)
    (define-key map "r" #'llm-switch-health-retry)
    (define-key map "d" #'llm-switch-health-disable)
    (define-key map "t" #'llm-switch-health-probe)
    (define-key map "?" #'describe-mode)
    map)
  "Keys in the table of health.")

(define-derived-mode llm-switch-health-mode tabulated-list-mode "Health"
  "Shows who can answer now, why others cannot, and when they can again.
\\<llm-switch-health-mode-map>On a deployment \\[llm-switch-health-retry] has it tried by \
the next request,
\\[llm-switch-health-disable] switches it off or on again, \\[llm-switch-health-probe] asks \
its account a few tokens.

\\{llm-switch-health-mode-map}"
  (setq tabulated-list-format [("Route" 30 nil) ("Up" 3 nil :right-align t)
                               ("Out" 4 nil :right-align t) ("Hour" 8 nil :right-align t)
                               ("Status" 9 nil) ("Next" 0 nil)]
        tabulated-list-padding 1
        revert-buffer-function (lambda (&rest _) (llm-switch-health--refresh)))
  (tabulated-list-init-header))

;;; Ask

;;;###autoload
(defun llm-switch-health ()
  "Show who can answer now, and when the others can again."
  (interactive)
  (pop-to-buffer llm-switch-health--buffer)
  (unless (derived-mode-p 'llm-switch-health-mode) (llm-switch-health-mode))
  (add-hook 'llm-switch-channel-notice-functions #'llm-switch-health--hear)
  (add-hook 'llm-switch-cost-noted-hook #'llm-switch-health--soon)
  (llm-switch-health--show (llm-switch-call "health.list")))

(defun llm-switch-health--refresh ()
  "Ask in the background how all do, and show it."
  (when-let* ((buffer (get-buffer llm-switch-health--buffer)))
    (llm-switch-channel-call
     "health.list" nil
     (lambda (kind rest)
       (when (eq kind 'value)
         (with-current-buffer buffer (llm-switch-health--show rest))))
     buffer)))

(defvar llm-switch-health--timer nil
  "The timer that will ask again, or nil.")

(defun llm-switch-health--soon (&rest _)
  "Ask again soon, once for all events until then; return nil."
  (cond ((not (get-buffer llm-switch-health--buffer))
         (remove-hook 'llm-switch-channel-notice-functions #'llm-switch-health--hear)
         (remove-hook 'llm-switch-cost-noted-hook #'llm-switch-health--soon))
        ((not (timerp llm-switch-health--timer))
         (setq llm-switch-health--timer (run-at-time 0.2 nil #'llm-switch-health--now))))
  nil)

(defun llm-switch-health--now ()
  "Ask again, unless the engine is gone."
  (setq llm-switch-health--timer nil)
  (when (llm-switch-channel-live-p) (llm-switch-health--refresh)))

(defun llm-switch-health--hear (notice)
  "Ask again soon if NOTICE is of a change; return nil: others may hear it."
  (when (equal (plist-get notice :kind) "health") (llm-switch-health--soon)))

;;; Show

(defun llm-switch-health--show (rows)
  "Show ROWS, from health.list, without moving point from its line."
  (setq tabulated-list-entries
        (seq-mapcat #'llm-switch-health--of-route
                    (seq-group-by (lambda (row) (plist-get row :route)) rows)))
  (tabulated-list-print t))

(defun llm-switch-health--of-route (group)
  "Return the entries of GROUP: the name of a route, or nil, and its rows."
  (pcase-let ((`(,route . ,rows) group))
    (cons (list (list route) (llm-switch-health--summary route rows))
          (mapcar (lambda (row)
                    (list (list route (plist-get row :deployment)) (llm-switch-health--row row)))
                  rows))))

(defun llm-switch-health--summary (route rows)
  "Return the line of ROUTE, which ROWS serve."
  (let* ((up (seq-count (lambda (row) (plist-get row :up)) rows))
         (out (- (length rows) up))
         (asked (lambda (row) (plist-get (plist-get row :last-hour) :requests)))
         (status (cond ((= out 0) "ok") ((= up 0) "out") (t "degraded")))
         (next (car (seq-sort-by (lambda (row) (plist-get row :until)) #'<
                                 (seq-filter (lambda (row) (and (not (plist-get row :up))
                                                                (plist-get row :until)))
                                             rows)))))
    (vector (propertize (or route "(no route)") 'face 'bold)
            (number-to-string up)
            (number-to-string out)
            (number-to-string (apply #'+ (mapcar asked rows)))
            (propertize status 'face (cond ((= out 0) 'llm-switch-health-up)
                                           ((= up 0) 'llm-switch-health-out)
                                           (t 'llm-switch-health-some)))
            (if next
                (concat (plist-get next :deployment) " " (llm-switch-health--until next))
              ""))))

(defun llm-switch-health--row (row)
  "Return the line of ROW's deployment."
  (let* ((hour (plist-get row :last-hour))
         (failed (plist-get hour :failed))
         (state (plist-get row :state)))
    (vector (concat "  " (plist-get row :deployment)) "" ""
            (concat (number-to-string (plist-get hour :requests))
                    (if (> failed 0) (format " (%d!)" failed) ""))
            (propertize (string-replace "-" " " state)
                        'face (cond ((equal state "healthy") 'llm-switch-health-up)
                                    ((plist-get row :up) 'llm-switch-health-some)
                                    (t 'llm-switch-health-out)))
            (string-join (delq nil (list (and (not (equal state "healthy"))
                                              (plist-get row :until)
                                              (llm-switch-health--until row))
                                         (plist-get row :reason)
                                         (and (plist-get row :of-account) "whole account")))
                         ", "))))

(defun llm-switch-health--until (row)
  "Return when ROW's deployment comes back, as is nearest to the hand."
  (let* ((until (/ (plist-get row :until) 1000))
         (left (- until (time-convert nil 'integer))))
    (cond ((<= left 0) "now due")
          ((< left 60) (format "in %d s" left))
          ((< left 3600) (format "in %d m" (/ (+ left 30) 60)))
          ((< left 43200) (format "in %d h %d m" (/ left 3600) (/ (mod left 3600) 60)))
          ((< left 604800) (format-time-string "%a %H:%M" until))
          (t (format-time-string "%-d %b %H:%M" until)))))

;;; Change

(defun llm-switch-health--deployment ()
  "Return the deployment at point, or signal that there is none."
  (or (cadr (tabulated-list-get-id)) (user-error "There is no deployment on this line")))

(defun llm-switch-health--of (deployment)
  "Return the line of DEPLOYMENT's state: its status, a string."
  (let ((entry (seq-find (lambda (it) (equal (cadr (car it)) deployment))
                         tabulated-list-entries)))
    (substring-no-properties (aref (cadr entry) 4))))

(defun llm-switch-health-retry ()
  "Have the deployment at point tried by the next request that leads to it."
  (interactive nil llm-switch-health-mode)
  (let* ((deployment (llm-switch-health--deployment))
         (told (llm-switch-call "health.retry" `(:deployment ,deployment))))
    (message (if (eq (plist-get told :retried) t) "llm-switch: the next request tries %s"
               "llm-switch: %s was not out")
             deployment)
    (llm-switch-health--refresh)))

(defun llm-switch-health-disable ()
  "Have the deployment at point asked no more, or again."
  (interactive nil llm-switch-health-mode)
  (let* ((deployment (llm-switch-health--deployment))
         (off (equal (llm-switch-health--of deployment) "disabled")))
    (llm-switch-call (if off "health.enable" "health.disable") `(:deployment ,deployment))
    (message "llm-switch: %s is %s" deployment (if off "asked again" "asked no more"))
    (llm-switch-health--refresh)))

(defun llm-switch-health-probe ()
  "Ask the account of the deployment at point whether it works."
  (interactive nil llm-switch-health-mode)
  (let ((account (car (split-string (llm-switch-health--deployment) "/"))))
    (llm-switch-probe (seq-filter (lambda (row) (equal (plist-get row :account) account))
                                  (llm-switch-call "accounts.list")))))

(provide 'llm-switch-health)
;;; llm-switch-health.el ends here
