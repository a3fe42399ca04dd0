;;; llm-switch-footer.el --- What happened to an answer, below it  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Below an answer stands what the user would not expect: that a service served
;; another model, that it was slow, why the automatic choice fell as it did, that
;; the answer broke off or was refused.  It is an overlay: it is neither in the
;; text, nor in the file, nor sent to a model.

;;; Code:

(require 'llm-switch-cost)
(require 'subr-x)

(defface llm-switch-footer '((t :inherit shadow))
  "Face of what stands below an answer."
  :group 'llm-switch)

(defface llm-switch-footer-warning '((t :inherit warning))
  "Face of what stands below an answer and may be unwelcome."
  :group 'llm-switch)

(defcustom llm-switch-footer-lines
  '(llm-switch-footer-choice llm-switch-footer-remark llm-switch-footer-substitution
    llm-switch-footer-slowness llm-switch-footer-cut llm-switch-footer-failure)
  "What stands below an answer: functions that return a text or nil.
They are called with the info of gptel's request and with what is known of the
answer, the plist of a `done' or `error' event."
  :group 'llm-switch
  :type 'hook
  :options '(llm-switch-footer-choice llm-switch-footer-remark llm-switch-footer-substitution
             llm-switch-footer-slowness llm-switch-footer-cut llm-switch-footer-failure))

;;; Lines

(defun llm-switch-footer-choice (_info known)
  "Return whom the automatic choice led to, and why, from KNOWN."
  (when-let* ((chosen (plist-get known :chosen)))
    (format "auto: %s, %s" (plist-get chosen :route) (plist-get chosen :reason))))

(defun llm-switch-footer-remark (info _known)
  "Return what the command that made the request of INFO wants to be told."
  (let ((context (plist-get info :context)))
    (and (eq (car-safe context) :llm-switch) (plist-get context :remark))))

(defun llm-switch-footer-fallback (told)
  "Return TOLD, the plist of a `fallback' event, as a line.
It stands where the turn begins in which it happened, and names both
deployments, what both charge for a million tokens, and why."
  (format "%s %s (%s), fell back to %s (%s): %s"
          (if (plist-get told :asked) "asked" "passed over")
          (plist-get told :from) (llm-switch-footer--price (plist-get told :from-price))
          (plist-get told :to) (llm-switch-footer--price (plist-get told :to-price))
          (plist-get told :reason)))

(defun llm-switch-footer--price (price)
  "Return PRICE, a plist (:input :output) of dollars as text, or nil, as text."
  (let ((input (plist-get price :input))
        (output (plist-get price :output)))
    (cond ((null input) "?")
          ((and (equal input "0") (equal output "0")) "free")
          (t (format "$%s/$%s" input (or output "?"))))))

(defun llm-switch-footer-substitution (_info known)
  "Return that a service served another model than was asked, from KNOWN."
  (when (plist-get known :substituted)
    (propertize (format "! asked %s, served %s" (plist-get known :sent) (plist-get known :served))
                'face 'llm-switch-footer-warning)))

(defun llm-switch-footer-slowness (_info known)
  "Return that the answer came far slower than is usual, from KNOWN."
  (when-let* ((slow (plist-get known :slow)))
    (if (plist-get slow :first-token-ms)
        (format "slow: %.1f s to first token, usually %.1f s"
                (/ (plist-get slow :first-token-ms) 1000.0)
                (/ (plist-get slow :usual-first-token-ms) 1000.0))
      (format "slow: %s tok/s, usually %s tok/s"
              (llm-switch-footer--speed (plist-get slow :ms-per-token))
              (llm-switch-footer--speed (plist-get slow :usual-ms-per-token))))))

(defun llm-switch-footer--speed (milliseconds)
  "Return how many tokens come in a second if each takes MILLISECONDS, as text."
  (let ((speed (/ 1000.0 (max 1 milliseconds))))
    (format (if (< speed 10) "%.1f" "%.0f") speed)))

(defun llm-switch-footer-cut (_info known)
  "Return that the answer is not whole although it ended well, from KNOWN."
  (when-let* ((why (pcase (plist-get known :stop-reason)
                     ("length" "! cut at the output limit, yours or what a budget has left · \
M-x llm-switch-continue")
                     ("content-filter" "! the service withheld the rest"))))
    (propertize why 'face 'llm-switch-footer-warning)))

(defun llm-switch-footer-failure (_info known)
  "Return why the answer did not come or broke off, and what to do, from KNOWN.
It stands where the text is cut, or where the answer would stand."
  (let ((kind (plist-get known :kind))
        (message (plist-get known :message)))
    (when (and kind (not (equal kind "cancelled")))
      (propertize (concat (cond ((plist-get known :can-continue) "broke off: ")
                                ((equal kind "refused") "! refused: ")
                                (t "! failed: "))
                          (string-join (split-string message "[ \t\r\n]+" t) " ")
                          (when (plist-get known :can-continue) " · M-x llm-switch-continue"))
                  'face 'llm-switch-footer-warning))))

;;; Show

(defun llm-switch-footer-lines (info known)
  "Return what is to be told of the answer of INFO, of which this is KNOWN.
It is a list of texts: those of the functions in the variable of this name."
  (delq nil (mapcar (lambda (function) (funcall function info known)) llm-switch-footer-lines)))

(defun llm-switch-footer-joined (lines &optional width)
  "Return LINES as they stand in a chat, broken so that they fit WIDTH columns.
Without WIDTH they are left to the window, which wraps them."
  (mapconcat (lambda (line)
               (concat "── " (if width
                                 (string-replace "\n" "\n   " (string-fill line (- width 3)))
                               line)))
             lines "\n"))

(defun llm-switch-footer-put (end text &optional kind)
  "Show TEXT behind the answer that ends at END; return the overlay.
KIND, a symbol, is the value of its property `llm-switch-footer', by default
`footer'.  One of the same kind that stands there gives way."
  (let ((end (min end (point-max)))
        (kind (or kind 'footer)))
    (when (> end (point-min))
      (llm-switch-footer-remove end kind)
      (let ((overlay (make-overlay (1- end) end)))
        (overlay-put overlay 'llm-switch-footer kind)
        (overlay-put overlay 'evaporate t)
        (llm-switch-footer-say overlay text)
        overlay))))

(defun llm-switch-footer-say (overlay text &optional place)
  "Let OVERLAY show TEXT, in PLACE: `before-string', or else `after-string'."
  (let ((text (copy-sequence text)))
    (add-face-text-property 0 (length text) 'llm-switch-footer t text)
    (put-text-property 0 (length text) 'wrap-prefix "   " text)
    (overlay-put overlay (or place 'after-string) text)))

(defun llm-switch-footer-remove (end kind)
  "Remove what of KIND is shown behind the answer that ends at END."
  (when (> end (point-min))
    (dolist (overlay (overlays-in (1- end) end))
      (when (eq (overlay-get overlay 'llm-switch-footer) kind)
        (delete-overlay overlay)))))

(provide 'llm-switch-footer)
;;; llm-switch-footer.el ends here
