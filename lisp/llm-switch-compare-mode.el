;;; llm-switch-compare-mode.el --- Keys in a comparison  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What one can do with the answers of a comparison, in columns as in a buffer
;; with all of them.

;;; Code:

(require 'llm-switch-compare-screen)
(require 'llm-switch-spend-requests)

(autoload 'llm-switch-compare-vote "llm-switch-compare-vote" nil t)
(autoload 'llm-switch-compare-vote-none "llm-switch-compare-vote" nil t)
(autoload 'llm-switch-compare-diff "llm-switch-compare-diff" nil t)
(autoload 'llm-switch-compare-keep "llm-switch-compare-keep" nil t)

;;; Mode

(defvar llm-switch-compare-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "n") #'llm-switch-compare-next)
    (define-key map (kbd "p") #'llm-switch-compare-previous)
    (define-key map (kbd "RET") #'llm-switch-compare-attempts)
    (define-key map (kbd "v") #'llm-switch-compare-vote)
    (define-key map (kbd "V") #'llm-switch-compare-vote-none)
    (define-key map (kbd "=") #'llm-switch-compare-diff)
    (define-key map (kbd "k") #'llm-switch-compare-keep)
    (define-key map (kbd "w") #'llm-switch-compare-copy)
    (define-key map (kbd "c") #'llm-switch-compare-cancel)
    (define-key map (kbd "C") #'llm-switch-compare-cancel-all)
    (define-key map (kbd "t") #'llm-switch-compare-toggle)
    (define-key map (kbd "g") #'llm-switch-compare-ask-again)
    (define-key map (kbd "q") #'llm-switch-compare-quit)
    (define-key map (kbd "?") #'llm-switch-compare-help)
    map)
  "Keys in a comparison.")

(define-derived-mode llm-switch-compare-mode special-mode "Compare"
  "Shows the answers of several to the same question.

\\{llm-switch-compare-mode-map}
The figures are the time to the first word, tokens in a second, tokens in and
out, and what it cost; \"~\" is an estimate.

A vote is kept in the ledger, and another one about the same answers takes its
place: see `llm-switch-votes'.  Killing a buffer of a comparison ends all of it."
  (visual-line-mode)
  (setq-local buffer-undo-list t)
  (add-hook 'kill-buffer-hook #'llm-switch-compare-screen-killed nil t)
  (add-hook 'window-size-change-functions #'llm-switch-compare-screen-resized nil t))

;;; Commands

(defun llm-switch-compare-next (count)
  "Go to the next answer, or COUNT answers further on."
  (interactive "p" llm-switch-compare-mode)
  (let* ((candidates (llm-switch-compare-screen-candidates))
         (at (+ count (seq-position candidates (llm-switch-compare-screen-here))))
         (place (when (<= 0 at)
                  (llm-switch-compare-screen-with (nth at llm-switch-compare-screen-places)))))
    (unless place (user-error "There is no further answer"))
    (if llm-switch-compare-screen-own
        (pop-to-buffer (plist-get (cdr place) :column))
      (goto-char (plist-get (cdr place) :heading)))))

(defun llm-switch-compare-previous (count)
  "Go to the previous answer, or COUNT answers back."
  (interactive "p" llm-switch-compare-mode)
  (llm-switch-compare-next (- count)))

(defun llm-switch-compare-attempts ()
  "Show the request of the answer here with its attempts."
  (interactive nil llm-switch-compare-mode)
  (when (llm-switch-compare-screen-with llm-switch-compare-screen-blind)
    (user-error "Vote first: this would tell who answers"))
  (let ((request (or (llm-switch-candidate-request (llm-switch-compare-screen-here))
                     (user-error "Nothing was sent, or it has not ended yet"))))
    (llm-switch-compare-layout-over (llm-switch-spend-request request))))

(defun llm-switch-compare-copy ()
  "Copy the answer here."
  (interactive nil llm-switch-compare-mode)
  (let ((text (llm-switch-candidate-text (llm-switch-compare-screen-here))))
    (when (string-empty-p text) (user-error "There is no answer here yet"))
    (kill-new text)
    (message "Copied %d characters" (length text))))

(defun llm-switch-compare-cancel ()
  "End the answer here; what came stays."
  (interactive nil llm-switch-compare-mode)
  (unless (llm-switch-comparison-cancel (llm-switch-compare-screen-here))
    (user-error "This answer has ended")))

(defun llm-switch-compare-cancel-all ()
  "End all answers; what came stays."
  (interactive nil llm-switch-compare-mode)
  (message "%d cancelled"
           (llm-switch-comparison-cancel-all (llm-switch-compare-screen-comparison))))

(defun llm-switch-compare-ask-again ()
  "Ask all of them again, and what that may cost."
  (interactive nil llm-switch-compare-mode)
  (unless (llm-switch-comparison-over-p (llm-switch-compare-screen-comparison))
    (user-error "Answers still come; C cancels them"))
  (funcall (llm-switch-compare-screen-with llm-switch-compare-screen-again)))

;;; Layout

(defun llm-switch-compare-help ()
  "Show all keys of a comparison; q closes that again."
  (interactive nil llm-switch-compare-mode)
  (llm-switch-compare-layout-over (describe-mode)))

(defun llm-switch-compare-toggle ()
  "Show the answers below each other if they are in columns, and the reverse."
  (interactive nil llm-switch-compare-mode)
  (llm-switch-compare-screen-with
    (llm-switch-compare-layout-toggle (current-buffer)
                                      (llm-switch-compare-screen-columns (current-buffer)))))

(defun llm-switch-compare-quit ()
  "Leave the comparison; answers that still come go on coming.
The buffer *llm-switch compare* leads back to it."
  (interactive nil llm-switch-compare-mode)
  (llm-switch-compare-screen-with
    (llm-switch-compare-layout-leave (current-buffer)
                                     (llm-switch-compare-screen-columns (current-buffer)))))

(provide 'llm-switch-compare-mode)
;;; llm-switch-compare-mode.el ends here
