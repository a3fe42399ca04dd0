;;; llm-switch-preview.el --- What a request would cost  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The request is made as gptel would make it, with context, tools and system
;; prompt, and priced by the module; nothing is sent.

;;; Code:

(require 'llm-switch-gptel)

(defconst llm-switch-preview--patience 10
  "Seconds that gptel's prompt transforms may take.")

(defun llm-switch-preview--request ()
  "Return the request that gptel would send from here, as JSON text."
  (llm-switch-preview-encode (gptel-request nil :stream gptel-stream :dry-run t
                               :transforms gptel-prompt-transform-functions)))

(defun llm-switch-preview-wait (fsm)
  "Wait until gptel has made the prompt of FSM, the state machine of a dry run."
  (let ((info (lambda () (gptel-fsm-info fsm)))
        (deadline (time-add nil llm-switch-preview--patience)))
    (while (and (bufferp (plist-get (funcall info) :data))
                (not (eq (gptel-fsm-state fsm) 'ERRS))
                (time-less-p nil deadline))
      (accept-process-output nil 0.05))
    (when-let* ((problem (plist-get (funcall info) :error)))
      (user-error "%s" (plist-get problem :message)))
    (when (bufferp (plist-get (funcall info) :data))
      (user-error "The prompt is not ready after %d s" llm-switch-preview--patience))))

(defun llm-switch-preview-encode (fsm)
  "Return what FSM, the state machine of a dry run, would send, as JSON text.
Waits for gptel to make the prompt."
  (llm-switch-preview-wait fsm)
  (let ((info (gptel-fsm-info fsm)))
    (llm-switch-preview--check (plist-get info :backend))
    (llm-switch-gptel--encode info)))

(defun llm-switch-preview--check (backend)
  "Signal an error unless requests to BACKEND, a gptel backend, go through us.
Of an adopted one that is its twin, which takes its place while the request is
made."
  (unless (llm-switch-gptel-p backend)
    (user-error "This buffer's gptel backend is %s; choose ours with M-x llm-switch-backend, %s"
                (gptel-backend-name backend)
                "or adopt it with M-x llm-switch-mode")))

(defun llm-switch-preview-range (likely most format)
  "Return LIKELY, and MOST if it is known and more, as FORMAT writes them."
  (concat (if likely (funcall format likely) "?")
          (when (and most (or (null likely) (> most likely)))
            (format " (at most %s)" (funcall format most)))))

(defun llm-switch-preview-money (cost)
  "Return COST, a plist of pico-dollars (:likely :most), as text.
Where nobody knows what it is at most, that is said."
  (let ((likely (plist-get cost :likely))
        (most (plist-get cost :most)))
    (concat (when likely "~")
            (llm-switch-preview-range likely most #'llm-switch-cost-format-money)
            (unless most " (no known limit)"))))

(defun llm-switch-preview-format (told)
  "Return TOLD, the answer of cost.preview, as a line."
  (let ((tokens (lambda (key)
                  (let ((row (plist-get told key)))
                    (llm-switch-preview-range (plist-get row :likely) (plist-get row :most)
                                               (apply-partially #'format "%d")))))
        (cost (plist-get told :cost))
        (off (plist-get told :error-percent)))
    (string-join
     (delq nil
           (list (plist-get told :deployment)
                 (if (equal (plist-get told :payer) "metered")
                     (llm-switch-preview-money cost)
                   (plist-get told :payer))
                 (concat (funcall tokens :input) " in")
                 (concat (funcall tokens :output) " out")
                 (when off (format "such estimates are off by %d %%" off))
                 (llm-switch-preview--budgets (append (plist-get told :budgets) nil))))
     " · ")))

(defun llm-switch-preview--budgets (rows)
  "Return what is left of the budgets of ROWS, or nil if there are none."
  (when rows
    (mapconcat (lambda (row)
                 (format "%s: %s left" (plist-get row :name)
                         (llm-switch-budget-amount row :left)))
               rows ", ")))

;;;###autoload
(defun llm-switch-preview-cost ()
  "Say what the request would cost that gptel would send from here.
Nothing is sent.  Called from Lisp, return that line."
  (interactive)
  (let ((line (llm-switch-preview-format
               (llm-switch-call "cost.preview" `(:request ,(llm-switch-preview--request))))))
    (when (called-interactively-p 'any) (message "%s" line))
    line))

(provide 'llm-switch-preview)
;;; llm-switch-preview.el ends here
