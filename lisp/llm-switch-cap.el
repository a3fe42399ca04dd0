;;; llm-switch-cap.el --- What one chat or request may cost  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Budgets stand in the configuration.  Two limits are nearer to the hand: what
;; this chat may cost in all, and the amount above which a request is asked
;; about before it is sent.  Both go to the module with each request, and the
;; module keeps them.

;;; Code:

(require 'llm-switch-cost)
(require 'seq)

(defcustom llm-switch-confirm-cost nil
  "Ask before a request is sent that probably costs more, in dollars as text.
Nil means never to ask."
  :group 'llm-switch
  :type '(choice (const :tag "Never ask" nil) (string :tag "Dollars")))

(defvar-local llm-switch-chat-cap nil
  "The most that the requests of this chat may cost, in dollars as text, or nil.
Set it with `llm-switch-set-chat-cap'.")

(put 'llm-switch-chat-cap 'safe-local-variable #'stringp)

(defconst llm-switch-cap--form (rx bos (+ digit) (? "." (** 1 12 digit)) eos)
  "What an amount in dollars looks like.")

(defun llm-switch-cap-dollars-p (text)
  "Return non-nil if TEXT is an amount in dollars, such as \"0.50\"."
  (string-match-p llm-switch-cap--form text))

;;;###autoload
(defun llm-switch-set-chat-cap (dollars)
  "Let the requests of this chat cost DOLLARS, a string, and no more.
What they have cost so far counts.  An empty string removes the cap."
  (interactive (list (read-string (format "This chat has cost %s.  It may cost, in dollars: "
                                          (or (llm-switch-cost-format-buffer) "nothing"))
                                  llm-switch-chat-cap)))
  (setq llm-switch-chat-cap
        (unless (string-empty-p dollars) (llm-switch-cap-check dollars)))
  (message (if llm-switch-chat-cap "This chat may cost $%s" "This chat has no cap")
           llm-switch-chat-cap))

(defun llm-switch-cap-check (dollars)
  "Return DOLLARS, a string, or signal that it is no amount."
  (if (llm-switch-cap-dollars-p dollars)
      dollars
    (user-error "%S is no amount in dollars such as \"0.50\"" dollars)))

(defun llm-switch-cap-of-request (&optional own)
  "Return the limits that go with a request of this buffer, a plist.
OWN is what this one may cost, in dollars as text; the lesser of both holds."
  (let ((caps (delq nil (list own (and llm-switch-chat-cap (llm-switch-cap--left))))))
    (append (when caps (list :max-cost (car (seq-sort-by #'llm-switch-cap-pico #'< caps))))
            (when llm-switch-confirm-cost (list :ask-above llm-switch-confirm-cost)))))

(defun llm-switch-cap--left ()
  "Return what this chat may still cost, in dollars as text."
  (let ((left (- (llm-switch-cap-pico llm-switch-chat-cap) (or (car llm-switch-cost-buffer) 0))))
    (llm-switch-cap-dollars (max 0 left))))

(defun llm-switch-cap-pico (dollars)
  "Return DOLLARS, a string, in pico-dollars."
  (pcase-let ((`(,whole ,part) (split-string (concat dollars (unless (string-search "." dollars) "."))
                                             "\\.")))
    (string-to-number (concat whole (string-pad part 12 ?0)))))

(defun llm-switch-cap-dollars (pico)
  "Return PICO pico-dollars as a string of dollars, exactly."
  (format "%d.%012d" (/ pico llm-switch-cost-dollar) (mod pico llm-switch-cost-dollar)))

(provide 'llm-switch-cap)
;;; llm-switch-cap.el ends here
