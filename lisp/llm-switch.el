;;; llm-switch.el --- Every language model through one switch  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors

;; Author: The llm-switch authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (gptel "0.9.9.3") (compat "31.0"))
;; Keywords: convenience, tools
;; URL: https://github.com/llm-switch/llm-switch
;; SPDX-License-Identifier: GPL-3.0-or-later

;; This program is free software; you can redistribute it and/or modify
;; it under the terms of the GNU General Public License as published by
;; the Free Software Foundation, either version 3 of the License, or
;; (at your option) any later version.

;; This program is distributed in the hope that it will be useful,
;; but WITHOUT ANY WARRANTY; without even the implied warranty of
;; MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
;; GNU General Public License for more details.

;; You should have received a copy of the GNU General Public License
;; along with this program.  If not, see <https://www.gnu.org/licenses/>.

;;; Commentary:

;; llm-switch sends what gptel asks to any model: on this machine, behind a
;; proxy, in a cloud.  A native module does the calls in the background and
;; writes each one, with its true cost, to a ledger.
;;
;; `M-x llm-switch-chat' opens a chat with a model that is there;
;; `M-x llm-switch-backend' chooses another one.

;;; Code:

(require 'llm-switch-channel)
(require 'llm-switch-choices)
(require 'llm-switch-cost)
(require 'llm-switch-first-start)
(require 'llm-switch-modes)
(require 'llm-switch-scope)

(declare-function llm-switch-gptel-make-backend "llm-switch-gptel" (&optional deployments))
(declare-function llm-switch-gptel-use "llm-switch-gptel" (row scope))
(declare-function llm-switch-gptel-use-mode "llm-switch-gptel" (row scope))
(declare-function llm-switch-gptel-any-p "llm-switch-gptel" ())
(declare-function llm-switch-gptel-current "llm-switch-gptel" ())
(declare-function llm-switch-gptel-chat "llm-switch-gptel" (row))

(defgroup llm-switch nil
  "Every language model through one switch."
  :group 'tools
  :prefix "llm-switch-"
  :link '(url-link "https://github.com/llm-switch/llm-switch"))

;;; gptel

;; A saved chat, an Org property or a preset names our backend before any command of ours is
;; used, perhaps before this file is loaded.  It must not load gptel by itself.
;;;###autoload
(with-eval-after-load 'gptel
  (require 'llm-switch-gptel)
  (llm-switch-gptel-make-backend))

;;; Deployments

(defun llm-switch-deployments ()
  "Return what can be called, as a list of plists.
Each has :deployment, :title, :locality, :payer and, where they are known,
:context (tokens), :input and :output (dollars per million tokens, strings).
Servers of your own (this machine, network, proxies) are asked which models they
have, as far away as mode and pins here allow anything; nothing is sent to a
cloud.
Servers that the configuration names and that do not answer are reported."
  (let ((answer (llm-switch-call "deployments.list" (llm-switch-modes-limits))))
    (dolist (problem (plist-get answer :problems))
      (message "llm-switch: %s" (plist-get problem :message)))
    (plist-get answer :deployments)))

(defun llm-switch--read (prompt)
  "Read a mode, route or deployment with PROMPT; return its row."
  (let ((rows (llm-switch-choices-named (llm-switch-choices))))
    (unless (seq-some (lambda (row) (eq (plist-get (cdr row) :kind) 'deployment)) rows)
      (llm-switch--nothing))
    (cdr (assoc (completing-read prompt (llm-switch-choices-table rows) nil t nil
                                 'llm-switch-backend-history)
                rows))))

(defvar llm-switch-backend-history nil
  "What was chosen with `llm-switch-backend'.")

(defun llm-switch--nothing ()
  "Say that there is nothing to call, and what to do about it."
  (user-error "No local server answers and %s names none.  \
Start one (Ollama, llama.cpp, LM Studio, vLLM), or add an account"
              (abbreviate-file-name llm-switch-config-file)))

;;; Commands

;;;###autoload
(defun llm-switch-backend (row scope)
  "Let the mode, route or deployment of ROW answer gptel's requests in SCOPE.
Interactively, offer the modes, the routes, what was found on this machine and
what the configuration names.  SCOPE is this buffer; with a prefix argument it
is read: buffer, project, global or once (the next request from this buffer).
The chat goes on as it is.  `llm-switch-previous' takes the choice back."
  (interactive
   (progn
     (require 'llm-switch-gptel)
     (let ((scope (llm-switch-scope-read current-prefix-arg)))
       (list (llm-switch--read
              (format "Backend (%s, now %s): " (llm-switch-scope-describe scope)
                      (llm-switch-gptel-current)))
             scope))))
  (require 'llm-switch-gptel)
  (llm-switch--remember scope)
  (if (eq (plist-get row :kind) 'mode)
      (llm-switch-gptel-use-mode row scope)
    (llm-switch-gptel-use row scope))
  (llm-switch--say scope))

(defun llm-switch--say (scope)
  "Say who answers now in SCOPE."
  (let ((mode (car (llm-switch-modes-here)))
        (first (llm-switch-first-start
                (plist-get (llm-switch-choices-known :deployments) :deployments))))
    (message "llm-switch: %s answers%s (%s)%s" (llm-switch-gptel-current)
             (if (and mode (not (llm-switch-gptel-any-p))) (format " in mode %s" mode) "")
             (llm-switch-scope-describe scope)
             (if first (concat "\n" first) ""))))

(defvar llm-switch--previous nil
  "How the last choice found things, as `llm-switch-scope-snapshot' gives it.
Local where the choice was.")

(defconst llm-switch--chosen '(gptel-backend gptel-model llm-switch-mode-name)
  "The variables that a choice sets.")

(defun llm-switch--remember (scope)
  "Remember how things stand in SCOPE, for `llm-switch-previous'."
  (setq-local llm-switch--previous (llm-switch-scope-snapshot llm-switch--chosen scope)))

;;;###autoload
(defun llm-switch-previous ()
  "Go back to who answered before the last choice in this buffer.
Once more goes forward again."
  (interactive)
  (let ((before (or llm-switch--previous (user-error "Nothing was chosen in this buffer"))))
    (llm-switch--remember (car before))
    (llm-switch-scope-return before)
    (force-mode-line-update)
    (llm-switch--say (car before))))

(defun llm-switch--use-mode (name scope)
  "Let the mode called NAME hold in SCOPE."
  ;; Who offers which models is not asked: a way into mode local sends nothing.
  (let ((row (or (llm-switch-modes-row name) (user-error "There is no mode %s" name))))
    (llm-switch-backend `(:kind mode ,@row) scope)))

(defmacro llm-switch--define-flip (name words)
  "Define a command for the mode NAME, a string; WORDS are what may be used in it."
  `(defun ,(intern (concat "llm-switch-use-" name)) (scope)
     ,(format "Let mode %s hold in SCOPE: %s.\nSCOPE is as for `llm-switch-backend'."
              name words)
     (interactive (list (llm-switch-scope-read current-prefix-arg)))
     (llm-switch--use-mode ,name scope)))

;;;###autoload (autoload 'llm-switch-use-local "llm-switch" nil t)
(llm-switch--define-flip "local" "this machine only")
;;;###autoload (autoload 'llm-switch-use-cloud "llm-switch" nil t)
(llm-switch--define-flip "cloud" "services in the cloud")
;;;###autoload (autoload 'llm-switch-use-free "llm-switch" nil t)
(llm-switch--define-flip "free" "what costs nothing")
;;;###autoload (autoload 'llm-switch-use-auto "llm-switch" nil t)
(llm-switch--define-flip "auto" "whatever fits the request")

;;;###autoload
(defun llm-switch-chat ()
  "Open a gptel chat with the first model that is there.
One that costs nothing comes before any other, and of those one on this machine."
  (interactive)
  (require 'llm-switch-gptel)
  (let* ((rows (llm-switch-deployments))
         (row (or (llm-switch-choices-first rows) (llm-switch--nothing))))
    (pop-to-buffer-same-window (llm-switch-gptel-chat row))
    (when-let* ((first (llm-switch-first-start rows)))
      (message "%s" first))))

;;;###autoload
(defun llm-switch-reload ()
  "Read the configuration file again.
When it is wrong, say where; what was in force before stays in force."
  (interactive)
  (llm-switch-call "config.reload")
  (llm-switch-choices-forget)
  (message "llm-switch: read %s" (abbreviate-file-name llm-switch-config-file)))

;;; Keys

;; They are there without a package manager's autoloads too.
(autoload 'llm-switch-abort "llm-switch-abort" nil t)
(autoload 'llm-switch-adopted "llm-switch-adopt" nil t)
(autoload 'llm-switch-answer-attempts "llm-switch-answer-attempts" nil t)
(autoload 'llm-switch-compare "llm-switch-compare" nil t)
(autoload 'llm-switch-continue "llm-switch-continue" nil t)
(autoload 'llm-switch-dashboard "llm-switch-dashboard" nil t)
(autoload 'llm-switch-escalate "llm-switch-escalate" nil t)
(autoload 'llm-switch-escalations "llm-switch-escalations" nil t)
(autoload 'llm-switch-health "llm-switch-health" nil t)
(autoload 'llm-switch-local "llm-switch-local" nil t)
(autoload 'llm-switch-mcp "llm-switch-mcp" nil t)
(autoload 'llm-switch-menu "llm-switch-menu" nil t)
(autoload 'llm-switch-mode "llm-switch-mode" nil t)
(autoload 'llm-switch-preview-cost "llm-switch-preview" nil t)
(autoload 'llm-switch-probe "llm-switch-probe" nil t)
(autoload 'llm-switch-set-chat-cap "llm-switch-cap" nil t)
(autoload 'llm-switch-org-cancel "ob-llm-switch" nil t)
(autoload 'llm-switch-org-vote "llm-switch-org-vote" nil t)
(autoload 'llm-switch-plans "llm-switch-plans" nil t)
(autoload 'llm-switch-votes "llm-switch-votes" nil t)
(autoload 'llm-switch-what-if "llm-switch-what-if" nil t)

;;;###autoload (autoload 'llm-switch-command-map "llm-switch" nil nil 'keymap)
(defvar llm-switch-command-map
  (let ((map (make-sparse-keymap)))
    (pcase-dolist (`(,key . ,command)
                   '(("b" . llm-switch-backend) ("p" . llm-switch-previous)
                     ("l" . llm-switch-use-local) ("c" . llm-switch-use-cloud)
                     ("f" . llm-switch-use-free) ("a" . llm-switch-use-auto)
                     ("n" . llm-switch-chat) ("m" . llm-switch-menu)
                     ("e" . llm-switch-escalate) ("E" . llm-switch-escalations)
                     ("k" . llm-switch-continue) ("K" . llm-switch-abort)
                     ("C" . llm-switch-compare) ("V" . llm-switch-votes)
                     ("i" . llm-switch-last-cost) ("I" . llm-switch-answer-attempts)
                     ("d" . llm-switch-dashboard) ("$" . llm-switch-preview-cost)
                     ("u" . llm-switch-set-chat-cap) ("w" . llm-switch-what-if)
                     ("P" . llm-switch-plans) ("t" . llm-switch-probe)
                     ("h" . llm-switch-health) ("L" . llm-switch-local)
                     ("A" . llm-switch-adopted) ("X" . llm-switch-mcp)
                     ("M" . llm-switch-mode) ("g" . llm-switch-reload)
                     ("?" . llm-switch-describe-keys)))
      (define-key map (kbd key) command))
    map)
  "Commands of llm-switch; `llm-switch-describe-keys' shows them.
Bind a prefix key to the symbol: (global-set-key (kbd \"C-c l\")
\\='llm-switch-command-map).")
(fset 'llm-switch-command-map llm-switch-command-map)

;;;###autoload
(defun llm-switch-describe-keys ()
  "Show the keys of `llm-switch-command-map', and what each does.
They are given with the prefix that you bound, and alone if you bound none."
  (interactive)
  (let ((prefix (where-is-internal 'llm-switch-command-map nil t)))
    (with-help-window (help-buffer)
      (princ (format "Keys of llm-switch%s\n\n"
                     (if prefix "" ", which are bound to no prefix key yet")))
      (dolist (row (llm-switch--keys llm-switch-command-map))
        (princ (format "%-8s %-25s %s\n"
                       (key-description (vconcat prefix (vector (car row))))
                       (cdr row)
                       (truncate-string-to-width (llm-switch--summary (cdr row)) 44 nil nil "…")))))))

(defun llm-switch--keys (map)
  "Return the keys of MAP as an alist (EVENT . COMMAND), sorted."
  (let ((rows nil))
    (map-keymap (lambda (event command) (push (cons event command) rows)) map)
    (seq-sort-by (lambda (row) (single-key-description (car row))) #'string-collate-lessp rows)))

(defun llm-switch--summary (command)
  "Return the first line of COMMAND's documentation, which is loaded for it."
  (autoload-do-load (symbol-function command) command)
  (car (split-string (or (documentation command) "") "\n")))

(provide 'llm-switch)
;;; llm-switch.el ends here
