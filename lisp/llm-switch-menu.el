;;; llm-switch-menu.el --- Everything on one key  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; `llm-switch-menu' shows how things stand in this buffer and leads to the
;; commands that change it.  It knows nothing that they do not know: what is not
;; installed is not shown, and what a value is, is asked of whoever has it.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-gptel)
(require 'llm-switch-segment)
(require 'gptel-transient)
(require 'transient)

(defvar llm-switch-mode)

;;; How things stand

(defun llm-switch-menu--heading ()
  "Return the state of this buffer: a line, and one more for mode and pins."
  (let* ((left (concat (propertize "llm-switch" 'face 'transient-heading)
                       "  " (buffer-name) " in " (llm-switch-menu--project)))
         (right (llm-switch-segment-join '(llm-switch-segment-today llm-switch-segment-cap)))
         (room (- (min 100 (frame-width)) 3 (string-width right)))
         (shown (truncate-string-to-width left (max 20 room) nil nil "…")))
    (concat shown
            (make-string (max 2 (- room (string-width shown))) ?\s)
            right
            (llm-switch-menu--limits))))

(defun llm-switch-menu--project ()
  "Return the folder of this buffer's project, short."
  (abbreviate-file-name (directory-file-name (llm-switch-project-root))))

(defun llm-switch-menu--limits ()
  "Return the mode in force here, what set it, and the pins."
  (let* ((llm-switch-project-quiet t)
         (here (condition-case nil (llm-switch-modes-here) (error '("?"))))
         (pins (condition-case nil (llm-switch-modes-pins) (error '("?"))))
         (said (delq nil (list (when (car here)
                                 (format "mode %s (%s)" (car here) (cdr here)))
                               (when pins (concat "pinned: " (string-join pins ", ")))))))
    (if said (concat "\n" (string-join said " · ")) "")))

(defun llm-switch-menu--with (label value)
  "Return LABEL and VALUE, a string or nil, for a suffix."
  (concat label
          (when value
            (concat " " (propertize (truncate-string-to-width value 13 nil nil "…")
                                    'face 'transient-value)))))

;;; This chat

(defun llm-switch-menu--describe-limit ()
  "Return how long an answer may be here."
  (llm-switch-menu--with "output limit" (if gptel-max-tokens
                                            (number-to-string gptel-max-tokens) "–")))

(transient-define-suffix llm-switch-menu-output-limit (tokens)
  "Let an answer in this buffer have at most TOKENS; nil for no limit of its own."
  :description #'llm-switch-menu--describe-limit
  :transient t
  (interactive (list (llm-switch-menu--read-number "Output limit in tokens (empty for none): "
                                                   gptel-max-tokens #'natnump)))
  (setq-local gptel-max-tokens tokens))

(defun llm-switch-menu--describe-temperature ()
  "Return the temperature here."
  (llm-switch-menu--with "temperature" (if gptel-temperature
                                           (number-to-string gptel-temperature) "–")))

(transient-define-suffix llm-switch-menu-temperature (temperature)
  "Let models choose their words as freely as TEMPERATURE says in this buffer."
  :description #'llm-switch-menu--describe-temperature
  :transient t
  (interactive (list (llm-switch-menu--read-number "Temperature, 0 to 2 (empty for default): "
                                                   gptel-temperature
                                                   (lambda (it) (<= 0 it 2)))))
  (setq-local gptel-temperature temperature))

(defun llm-switch-menu--read-number (prompt old good-p)
  "Read with PROMPT a number instead of OLD, or nil; GOOD-P is true of one."
  (let* ((text (string-trim (read-string prompt (and old (number-to-string old)))))
         (number (and (string-match-p "\\`[0-9]+\\(?:\\.[0-9]+\\)?\\'" text)
                      (string-to-number text))))
    (cond ((string-empty-p text) nil)
          ((and number (funcall good-p number)) number)
          (t (user-error "%S is no such number" text)))))

(defconst llm-switch-menu--efforts '("none" "minimal" "low" "medium" "high" "xhigh" "max")
  "The words for how much a model reasons; which of them a model knows differs.")

(defun llm-switch-menu--describe-effort ()
  "Return how much models reason here."
  (llm-switch-menu--with "effort" (or (plist-get gptel--request-params :reasoning_effort)
                                      "–")))

(transient-define-suffix llm-switch-menu-effort (effort)
  "Let models reason with EFFORT in this buffer, a word; nil for the default."
  :description #'llm-switch-menu--describe-effort
  :transient t
  (interactive (list (let ((word (completing-read "Effort (empty for default): "
                                                  llm-switch-menu--efforts nil t)))
                       (unless (string-empty-p word) word))))
  (let ((rest (copy-sequence gptel--request-params)))
    (cl-remf rest :reasoning_effort)
    (setq-local gptel--request-params
                (append (when effort (list :reasoning_effort effort)) rest))))

(defun llm-switch-menu--describe-tools ()
  "Return how many tools may be used here."
  (llm-switch-menu--with "tools" (if gptel-use-tools
                                     (format "%d" (length gptel-tools)) "off")))

(defun llm-switch-menu--describe-cap ()
  "Return what this chat may cost."
  (llm-switch-menu--with "chat cap" (if llm-switch-chat-cap
                                             (concat "$" llm-switch-chat-cap) "–")))

;;; Who answers

(defun llm-switch-menu--describe-backend ()
  "Return who answers here."
  (llm-switch-menu--with "backend" (llm-switch-gptel-current)))

(defun llm-switch-menu--describe-scope ()
  "Return the scope of choices."
  (llm-switch-menu--with "scope" (symbol-name llm-switch-scope-default)))

(transient-define-suffix llm-switch-menu-scope ()
  "Let choices hold in the next scope: buffer, project, global, once."
  :description #'llm-switch-menu--describe-scope
  :transient t
  (interactive)
  (setq llm-switch-scope-default
        (or (cadr (memq llm-switch-scope-default llm-switch-scopes))
            (car llm-switch-scopes))))

(defun llm-switch-menu-configuration ()
  "Visit the configuration file."
  (interactive)
  (find-file llm-switch-config-file))

;;; The menu

(defun llm-switch-menu--adopted ()
  "Return whether gptel's own backends go through the switch."
  (if (bound-and-true-p llm-switch-mode) "on" "off"))

;;;###autoload (autoload 'llm-switch-menu "llm-switch-menu" nil t)
(transient-define-prefix llm-switch-menu ()
  "Choose who answers in this buffer and within which limits, and see the rest."
  [:description llm-switch-menu--heading
   ["Who answers"
    ("b" llm-switch-backend :description llm-switch-menu--describe-backend)
    ("l" "local" llm-switch-use-local)
    ("c" "cloud" llm-switch-use-cloud)
    ("f" "free" llm-switch-use-free)
    ("a" "auto" llm-switch-use-auto)
    ("p" "previous" llm-switch-previous)
    ("S" llm-switch-menu-scope)]
   ["This chat"
    ("m" llm-switch-menu-output-limit)
    ("e" llm-switch-menu-effort)
    ("T" llm-switch-menu-temperature)
    ("t" gptel-tools :description llm-switch-menu--describe-tools)
    ("s" "system prompt" gptel-system-prompt)
    ("E" "escalate" llm-switch-escalate)
    ("k" "continue" llm-switch-continue)
    ("C" "compare" llm-switch-compare :if (lambda () (commandp 'llm-switch-compare)))]
   ["Money"
    ("d" "dashboard" llm-switch-dashboard)
    ("$" "preview cost" llm-switch-preview-cost)
    ("u" llm-switch-set-chat-cap :description llm-switch-menu--describe-cap)
    ("w" "what if" llm-switch-what-if :if (lambda () (commandp 'llm-switch-what-if)))
    ("P" "plans" llm-switch-plans :if (lambda () (commandp 'llm-switch-plans)))]
   ["More"
    ("r" "probe" llm-switch-probe)
    ("h" "health" llm-switch-health :if (lambda () (commandp 'llm-switch-health)))
    ("X" "MCP servers" llm-switch-mcp :if (lambda () (commandp 'llm-switch-mcp)))
    ("L" "local servers" llm-switch-local :if (lambda () (commandp 'llm-switch-local)))
    ("A" "adopted" llm-switch-adopted)
    ("M" llm-switch-mode
     :description (lambda () (llm-switch-menu--with "adoption" (llm-switch-menu--adopted))))
    ("g" "reload" llm-switch-reload)
    ("," "edit file" llm-switch-menu-configuration)]]
  (interactive)
  (llm-switch-channel-start)
  (llm-switch-segment-refresh)
  (with-timeout (0.3)
    (while (not llm-switch-segment--today) (accept-process-output nil 0.02)))
  (transient-setup 'llm-switch-menu))

(provide 'llm-switch-menu)
;;; llm-switch-menu.el ends here
