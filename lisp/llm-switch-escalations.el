;;; llm-switch-escalations.el --- What the rules learnt from escalations  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Which rule of the automatic choice was escalated in which project, how often,
;; and whether it goes one step up there by itself now.

;;; Code:

(require 'llm-switch-channel)
(require 'tabulated-list)

(defvar llm-switch-escalations-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'llm-switch-escalations-visit)
    (define-key map "d" #'llm-switch-escalations-clear)
    (define-key map "c" #'llm-switch-escalations-clear-all)
    (define-key map "?" #'describe-mode)
    map)
  "Keys in the table of escalations.")

(define-derived-mode llm-switch-escalations-mode tabulated-list-mode "Escalations"
  "Shows what the rules of the automatic choice learnt from escalations.
\\{llm-switch-escalations-mode-map}"
  (setq tabulated-list-format [("Project" 36 t) ("Rule" 14 t)
                               ("Times" 6 llm-switch-escalations--fewer-p :right-align t)
                               ("Now" 0 nil)]
        tabulated-list-padding 1)
  (add-hook 'tabulated-list-revert-hook #'llm-switch-escalations--fill nil t)
  (tabulated-list-init-header))

(defun llm-switch-escalations--fewer-p (one other)
  "Return non-nil if the entry ONE was escalated less often than OTHER."
  (< (plist-get (car one) :times) (plist-get (car other) :times)))

(defun llm-switch-escalations--fill ()
  "Put into this table what the module has learnt."
  (setq tabulated-list-entries
        (mapcar (lambda (row)
                  (list row (vector (abbreviate-file-name (plist-get row :project))
                                    (plist-get row :rule)
                                    (number-to-string (plist-get row :times))
                                    (if (plist-get row :learnt) "one step up by itself"
                                      "as the rule says"))))
                (llm-switch-call "auto.escalations"))))

;;;###autoload
(defun llm-switch-escalations ()
  "Show what the rules of the automatic choice learnt from your escalations."
  (interactive)
  (pop-to-buffer (get-buffer-create "*llm-switch escalations*"))
  (llm-switch-escalations-mode)
  (revert-buffer)
  (unless tabulated-list-entries
    (message "Nothing was escalated yet; M-x llm-switch-escalate in a chat does that")))

(defun llm-switch-escalations--row ()
  "Return the row at point, or signal that there is none."
  (or (tabulated-list-get-id) (user-error "There is no escalation on this line")))

(defun llm-switch-escalations-visit ()
  "Visit the project of the escalation at point."
  (interactive nil llm-switch-escalations-mode)
  (dired (plist-get (llm-switch-escalations--row) :project)))

(defun llm-switch-escalations-clear ()
  "Forget the escalation at point, so that the rule is again as it is written."
  (interactive nil llm-switch-escalations-mode)
  (let ((row (llm-switch-escalations--row)))
    (llm-switch-call "auto.clear" (list :project (plist-get row :project)
                                        :rule (plist-get row :rule)))
    (revert-buffer)
    (message "llm-switch: forgot %s in %s" (plist-get row :rule)
             (abbreviate-file-name (plist-get row :project)))))

(defun llm-switch-escalations-clear-all ()
  "Forget all escalations, of all projects."
  (interactive nil llm-switch-escalations-mode)
  (when (y-or-n-p "Forget all escalations of all projects? ")
    (let ((told (llm-switch-call "auto.clear")))
      (revert-buffer)
      (message "llm-switch: forgot %d" (plist-get told :cleared)))))

(provide 'llm-switch-escalations)
;;; llm-switch-escalations.el ends here
