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
(require 'llm-switch-cost)
(require 'llm-switch-scope)

(declare-function llm-switch-gptel-use "llm-switch-gptel" (row scope))
(declare-function llm-switch-gptel-current "llm-switch-gptel" ())
(declare-function llm-switch-gptel-chat "llm-switch-gptel" (row))

(defgroup llm-switch nil
  "Every language model through one switch."
  :group 'tools
  :prefix "llm-switch-"
  :link '(url-link "https://github.com/llm-switch/llm-switch"))

;;; Deployments

(defun llm-switch-deployments ()
  "Return what can be called, as a list of plists.
Each has :deployment, :title, :locality, :payer and, where they are known,
:context (tokens), :input and :output (dollars per million tokens, strings).
Servers of your own (this machine, network, proxies) are asked which models they
have; nothing is sent to a cloud.
Servers that the configuration names and that do not answer are reported."
  (let ((answer (llm-switch-call "deployments.list")))
    (dolist (problem (plist-get answer :problems))
      (message "llm-switch: %s" (plist-get problem :message)))
    (plist-get answer :deployments)))

(defconst llm-switch--localities
  '(("local" . "This machine") ("lan" . "This network") ("proxy" . "Proxy") ("cloud" . "Cloud"))
  "What `llm-switch-backend' calls each locality, in the order it shows them.")

(defun llm-switch--annotation (row)
  "Return what is worth knowing of ROW when choosing: where, how much, how large."
  (let ((context (plist-get row :context))
        (input (plist-get row :input)))
    (format "  %-10s %6s  %s"
            (plist-get row :title)
            (if context (format "%dk" (round context 1000)) "")
            (cond ((equal (plist-get row :payer) "free") "free")
                  ((equal (plist-get row :payer) "plan") "plan")
                  (input (format "$%s/$%s" input (plist-get row :output)))
                  (t "?")))))

(defun llm-switch--group (row)
  "Return the heading under which ROW stands."
  (alist-get (plist-get row :locality) llm-switch--localities nil nil #'equal))

(defun llm-switch--sorted (rows)
  "Return ROWS in the order of their headings."
  (let ((rank (lambda (row)
                (seq-position llm-switch--localities (plist-get row :locality)
                              (lambda (entry locality) (equal (car entry) locality))))))
    (seq-sort-by rank #'< rows)))

(defun llm-switch--table (rows)
  "Return a completion table over ROWS, an alist by deployment."
  (let ((row (lambda (name) (cdr (assoc name rows))))
        (width (min 40 (apply #'max 0 (mapcar (lambda (row) (string-width (car row))) rows)))))
    (lambda (string predicate action)
      (if (not (eq action 'metadata))
          (complete-with-action action rows string predicate)
        `(metadata
          (category . llm-switch-deployment)
          (display-sort-function . identity)
          (group-function
           . ,(lambda (name transform)
                (if transform name (llm-switch--group (funcall row name)))))
          (annotation-function
           . ,(lambda (name)
                (concat (make-string (max 0 (- width (string-width name))) ?\s)
                        (llm-switch--annotation (funcall row name))))))))))

(defun llm-switch--read (prompt)
  "Read a deployment with PROMPT; return its row."
  (let ((rows (mapcar (lambda (row) (cons (plist-get row :deployment) row))
                      (llm-switch--sorted (llm-switch-deployments)))))
    (unless rows (llm-switch--nothing))
    (cdr (assoc (completing-read prompt (llm-switch--table rows) nil t nil
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
  "Let ROW's deployment answer gptel's requests in SCOPE.
Interactively, offer what was found on this machine and what the configuration
names.  SCOPE is this buffer; with a prefix argument it is read: once (the next
request from this buffer), buffer or global."
  (interactive
   (progn
     (require 'llm-switch-gptel)
     (let ((scope (llm-switch-scope-read current-prefix-arg)))
       (list (llm-switch--read
              (format "Backend (%s, now %s): " (llm-switch-scope-describe scope)
                      (llm-switch-gptel-current)))
             scope))))
  (require 'llm-switch-gptel)
  (llm-switch-gptel-use row scope)
  (message "llm-switch: %s answers (%s)" (plist-get row :deployment)
           (llm-switch-scope-describe scope)))

;;;###autoload
(defun llm-switch-chat ()
  "Open a gptel chat with the first model that is there.
A model on this machine comes before any other."
  (interactive)
  (require 'llm-switch-gptel)
  (let ((row (or (car (llm-switch--sorted (llm-switch-deployments))) (llm-switch--nothing))))
    (pop-to-buffer-same-window (llm-switch-gptel-chat row))))

;;;###autoload
(defun llm-switch-reload ()
  "Read the configuration file again.
When it is wrong, say where; what was in force before stays in force."
  (interactive)
  (llm-switch-call "config.reload")
  (message "llm-switch: read %s" (abbreviate-file-name llm-switch-config-file)))

(provide 'llm-switch)
;;; llm-switch.el ends here
