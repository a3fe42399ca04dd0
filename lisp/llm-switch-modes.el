;;; llm-switch-modes.el --- What may be used at all, here  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A mode says what may be used at all.  It holds once, in a buffer, in a
;; project or everywhere, and the nearest wins.  Pins hold beside it, and no
;; mode leads out of them.  Both go to the module with each request: what they
;; allow is decided there.

;;; Code:

(require 'llm-switch-channel)
(require 'llm-switch-choices)
(require 'llm-switch-project)
(require 'llm-switch-scope)
(require 'seq)

(defcustom llm-switch-mode-name nil
  "The mode that holds where no nearer one does: a name, or nil for none.
Without a mode, who is named outright is asked, and otherwise the module's
default mode holds.  `llm-switch-backend' sets it in a scope."
  :group 'llm-switch
  :type '(choice (const :tag "None" nil) string))

(defvar llm-switch-pins nil
  "Modes that limit what may be used here: a name or a list of names.
What is used must be allowed by each.  Set it in .dir-locals.el or in a buffer.")

(defun llm-switch-modes--own (symbol)
  "Return (VALUE . SCOPE) if SYMBOL was chosen once or for this buffer."
  (let ((scope (llm-switch-scope-of symbol)))
    (and (memq scope '(once buffer))
         ;; What Emacs took out of .dir-locals.el is the project's.
         (not (equal (assq symbol dir-local-variables-alist)
                     (cons symbol (symbol-value symbol))))
         (cons (symbol-value symbol) scope))))

(defun llm-switch-modes-here ()
  "Return the mode in force here and what set it: (NAME . SCOPE).
NAME is nil where there is none.  While `llm-switch-project-quiet' is non-nil,
nobody is asked."
  (or (llm-switch-modes--own 'llm-switch-mode-name)
      (when-let* ((name (llm-switch-project-mode #'llm-switch-modes--wider-p)))
        (cons name 'project))
      (cons (default-value 'llm-switch-mode-name) 'global)))

(defun llm-switch-modes-pins ()
  "Return the modes that this buffer is pinned to, a list of names."
  (seq-uniq (append (ensure-list llm-switch-pins) (llm-switch-project-pins))))

(defun llm-switch-modes-of-request ()
  "Return the part of a request from this buffer that is about modes, a plist."
  (let ((name (car (llm-switch-modes-here)))
        (pins (llm-switch-modes-pins)))
    (append (when name (list :mode name))
            (when pins (list :pins (vconcat pins))))))

(defun llm-switch-modes-limits ()
  "Return mode and pins here as `llm-switch-modes-of-request', asking nobody.
A mode of the project's that would have to be asked about does not hold."
  (let ((llm-switch-project-quiet t))
    (llm-switch-modes-of-request)))

(setq llm-switch-choices-limits-function #'llm-switch-modes-limits)

(defun llm-switch-modes-row (name)
  "Return what the mode NAME is, a plist, or nil if that is not known."
  (seq-find (lambda (row) (equal (plist-get row :name) name))
            (or (llm-switch-choices-known :modes)
                (unless llm-switch-project-quiet (llm-switch-call "modes.list")))))

(defun llm-switch-modes--wider-p (name)
  "Return non-nil if the mode NAME is wider than the one for everywhere.
What is not known is taken to."
  (when-let* ((usual (default-value 'llm-switch-mode-name)))
    (let ((wanted (llm-switch-modes-row name))
          (allowed (llm-switch-modes-row usual)))
      (and (not (equal name usual))
           (or (null wanted)
               (null allowed)
               (seq-difference (plist-get wanted :allow) (plist-get allowed :allow))
               (seq-difference (plist-get wanted :payers) (plist-get allowed :payers))
               (> (llm-switch-modes--licence wanted) (llm-switch-modes--licence allowed)))))))

(defun llm-switch-modes--licence (row)
  "Return how free services are in the mode of ROW with what they are sent."
  (or (seq-position '("no-keeping" "no-training" "any") (plist-get row :data)) 0))

(defun llm-switch-modes-local-pin ()
  "Return the pin of this buffer to this machine, or nil.
A pin of a mode that does not exist does so too."
  (seq-find (lambda (name)
              (null (seq-difference (plist-get (llm-switch-modes-row name) :allow)
                                    '("local" "lan"))))
            (llm-switch-modes-pins)))

;;; When nothing in the mode can answer

(defun llm-switch-modes--ask (question)
  "Ask whether who is outside of the mode may answer this once, for QUESTION.
In batch mode the answer is no."
  (and (not noninteractive)
       (y-or-n-p (concat "llm-switch: " (plist-get question :message) " "))
       t))

(add-to-list 'llm-switch-channel-question-functions '("mode" . llm-switch-modes--ask))

(provide 'llm-switch-modes)
;;; llm-switch-modes.el ends here
