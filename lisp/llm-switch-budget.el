;;; llm-switch-budget.el --- How the budgets stand  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The module holds the budgets; this shows how they stand, passes on its
;; warnings and its questions, and lets the owner allow more for some time.
;; What stands in headers and mode lines is what was last heard: it is asked
;; for again, in the background, after each answer.

;;; Code:

(require 'cl-lib)
(require 'seq)
(require 'llm-switch-channel)
(require 'llm-switch-cost)

(declare-function notifications-notify "notifications" (&rest params))
(declare-function dbus-ping "dbus" (bus service &optional timeout))

(defgroup llm-switch-budget nil
  "Budgets of llm-switch."
  :group 'llm-switch
  :prefix "llm-switch-budget-")

(defcustom llm-switch-budget-alert-functions
  '(llm-switch-budget-say llm-switch-budget-notify llm-switch-budget-run)
  "Functions to call when a budget has passed a threshold, each with the alert.
An alert is a plist: :message, :budget, :unit (\"dollars\", \"tokens\" or
\"requests\"), :percent, :spent and :limit (pico-dollars where the unit is
dollars), :until (Unix milliseconds, or nil).  Each threshold is told once in a
window, by whichever Emacs sees it first."
  :type 'hook
  :options '(llm-switch-budget-say llm-switch-budget-notify llm-switch-budget-run))

(defcustom llm-switch-budget-alert-command nil
  "Program and arguments to run when a budget has passed a threshold, or nil.
It gets the alert as one line of JSON on its standard input.  For a webhook:
\(\"curl\" \"-sS\" \"--json\" \"@-\" \"https://example.org/hook\")."
  :type '(choice (const :tag "None" nil) (repeat string)))

(defface llm-switch-budget-near '((t :inherit warning))
  "A budget of which a warned part is spent."
  :group 'llm-switch-budget)

(defface llm-switch-budget-spent '((t :inherit error))
  "A budget that is used up."
  :group 'llm-switch-budget)

;;; State

(defvar llm-switch-budget-rows nil
  "How the budgets stood when that was last heard: a list of plists.
See `llm-switch-budget-list' for their keys.")

(defvar llm-switch-budget-changed-hook nil
  "Run when `llm-switch-budget-rows' was heard anew.")

(defun llm-switch-budget-list ()
  "Return how the budgets stand, a list of plists, and remember it.
Each has :name, :on (what it counts), :window, :unit, :limit, :spent, :held,
:from, :until (Unix milliseconds, nil without end), :warn (fractions), :at-limit
and :default (non-nil if the user did not write it).  Amounts of money are
pico-dollars."
  (setq llm-switch-budget-rows (append (llm-switch-call "budget.list") nil)))

(defun llm-switch-budget-refresh (&rest _)
  "Hear in the background how the budgets stand."
  (llm-switch-channel-call
   "budget.list" nil
   (lambda (kind rest)
     (when (eq kind 'value)
       (setq llm-switch-budget-rows (append rest nil))
       (run-hooks 'llm-switch-budget-changed-hook)
       (force-mode-line-update t)))))

(defun llm-switch-budget-fraction (row)
  "Return how much of the budget of ROW is spent: 1.0 is all of it."
  (/ (plist-get row :spent) (float (max 1 (plist-get row :limit)))))

(defun llm-switch-budget-nearest ()
  "Return the budget that is nearest to its limit, as last heard, or nil."
  (car (seq-sort-by #'llm-switch-budget-fraction #'> llm-switch-budget-rows)))

(defun llm-switch-budget-face (row)
  "Return the face that fits how the budget of ROW stands, or nil."
  (let ((fraction (llm-switch-budget-fraction row))
        (warn (append (plist-get row :warn) nil)))
    (cond ((>= fraction 1) 'llm-switch-budget-spent)
          ((seq-some (lambda (part) (>= fraction part)) warn) 'llm-switch-budget-near))))

;;; Words

(defun llm-switch-budget-amount (row key)
  "Return the amount of ROW under KEY as text, with its unit."
  (let ((amount (plist-get row key)))
    (pcase (plist-get row :unit)
      ("dollars" (llm-switch-cost-format-money amount))
      (unit (format "%d %s" amount unit)))))

(defun llm-switch-budget-bar (row width)
  "Return WIDTH characters that show how much of the budget of ROW is spent."
  (let ((full (min width (round (* width (llm-switch-budget-fraction row))))))
    (concat (make-string full ?▓) (make-string (- width full) ?░))))

(defun llm-switch-budget-format (row)
  "Return how the budget of ROW stands, in a few characters."
  (let ((text (format "%s/%s %s%s" (llm-switch-budget-amount row :spent)
                      (llm-switch-budget-amount row :limit)
                      (llm-switch-budget-bar row 7)
                      ;; Colour only repeats what the text says.
                      (if (>= (llm-switch-budget-fraction row) 1) "!" ""))))
    (propertize text 'face (llm-switch-budget-face row)
                'help-echo (concat "Budget " (plist-get row :name)))))

;;; Alerts

(defun llm-switch-budget--notice (notice)
  "Pass NOTICE on if it is an alert; return non-nil then."
  (when (equal (plist-get notice :kind) "alert")
    (run-hook-with-args 'llm-switch-budget-alert-functions notice)
    (llm-switch-budget-refresh)
    t))

(defun llm-switch-budget-say (alert)
  "Say ALERT in the echo area."
  (message "llm-switch: %s" (propertize (plist-get alert :message)
                                        'face (if (>= (plist-get alert :percent) 100)
                                                  'llm-switch-budget-spent
                                                'llm-switch-budget-near))))

(defun llm-switch-budget-notify (alert)
  "Show ALERT as a notification of the desktop, where there is one."
  (when (and (featurep 'dbusbind) (not noninteractive) (getenv "DBUS_SESSION_BUS_ADDRESS"))
    (ignore-errors
      (require 'notifications)
      (when (dbus-ping :session "org.freedesktop.Notifications" 100)
        (notifications-notify :app-name "Emacs" :title "llm-switch"
                              :body (plist-get alert :message)
                              :urgency (if (>= (plist-get alert :percent) 100)
                                           'critical
                                         'normal))))))

(defun llm-switch-budget-run (alert)
  "Run `llm-switch-budget-alert-command' with ALERT on its standard input."
  (when llm-switch-budget-alert-command
    (let ((process (make-process :name "llm-switch-alert" :noquery t :buffer nil
                                 :connection-type 'pipe
                                 :command llm-switch-budget-alert-command)))
      (process-send-string process (concat (json-serialize alert :null-object nil) "\n"))
      (process-send-eof process))))

;;; Questions

(defun llm-switch-budget--pass (question)
  "Ask whether the request of QUESTION may pass its budget."
  (and (not noninteractive)
       (yes-or-no-p (format "%s.  Let this one request pass? "
                            (upcase-initials (plist-get question :message))))))

(defun llm-switch-budget--dear (question)
  "Ask whether the request of QUESTION may be sent although it is dear."
  (and (not noninteractive)
       (yes-or-no-p (format "This probably costs %s at %s (%d tokens in, %d out).  Send it? "
                            (llm-switch-cost-format-money (plist-get question :amount))
                            (plist-get question :deployment)
                            (plist-get question :input) (plist-get question :output)))))

;;;###autoload
(defun llm-switch-allow (budget extra minutes)
  "Let BUDGET, a name, be passed by EXTRA for MINUTES.
EXTRA is dollars as a string, or a number of tokens or requests.  The module
writes down that you allowed it; it ends by itself."
  (interactive (llm-switch-budget--read-allowance))
  (let ((answer (llm-switch-call "budget.allow"
                                 `(:budget ,budget :extra ,extra :minutes ,minutes))))
    (llm-switch-budget-refresh)
    (message "Until %s the budget %s is %s"
             (format-time-string "%H:%M" (/ (plist-get answer :until) 1000)) budget
             (llm-switch-budget-amount
              (append `(:limit ,(plist-get answer :limit))
                      (llm-switch-budget--named budget))
              :limit))))

(defun llm-switch-budget--named (name)
  "Return the row of the budget called NAME, as last heard."
  (seq-find (lambda (row) (equal (plist-get row :name) name)) llm-switch-budget-rows))

(defun llm-switch-budget--read-allowance ()
  "Read what `llm-switch-allow' wants to know."
  (let* ((rows (or (llm-switch-budget-list) (user-error "There are no budgets")))
         (annotate (lambda (name)
                     (concat "  " (llm-switch-budget-format (llm-switch-budget--named name)))))
         (completion-extra-properties `(:annotation-function ,annotate))
         (name (completing-read "Let budget be passed: "
                                (mapcar (lambda (row) (plist-get row :name)) rows) nil t))
         (unit (plist-get (llm-switch-budget--named name) :unit)))
    (list name
          (if (equal unit "dollars")
              (read-string "By how many dollars: ")
            (read-number (format "By how many %s: " unit)))
          (read-number "For how many minutes: " 60))))

;;;###autoload
(defun llm-switch-budget-install ()
  "Have warnings and questions about budgets answered."
  (add-hook 'llm-switch-channel-notice-functions #'llm-switch-budget--notice)
  (setf (alist-get "budget" llm-switch-channel-question-functions nil nil #'equal)
        #'llm-switch-budget--pass
        (alist-get "cost" llm-switch-channel-question-functions nil nil #'equal)
        #'llm-switch-budget--dear))

(llm-switch-budget-install)

(provide 'llm-switch-budget)
;;; llm-switch-budget.el ends here
