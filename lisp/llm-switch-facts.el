;;; llm-switch-facts.el --- What Emacs knows beside a request  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The automatic choice goes by more than the words of a request: in which
;; language the user works, and how often compilation or tests of the project
;; failed in a row.  Of what programs said nothing is kept: it is counted, and
;; the count is all that is sent.

;;; Code:

(require 'llm-switch-project)
(require 'seq)

(defcustom llm-switch-facts '(failures language)
  "What goes with a request from gptel, for the automatic choice.
The module goes by it; services never get it."
  :group 'llm-switch
  :type '(set (const :tag "How often compilation or tests failed in a row" failures)
              (const :tag "The language of the buffer" language)))

;;; Failures

(defconst llm-switch-facts--searches '(grep-mode ag-mode rg-mode ripgrep-search-mode)
  "Modes of compilation buffers that search: finding nothing is no failure.")

(defvar llm-switch-facts--failures (make-hash-table :test #'equal)
  "How many runs failed since the last success, by the project's folder.")

(defun llm-switch-facts-failures ()
  "Return the number of failures in a row, in this project."
  (gethash (llm-switch-project-root) llm-switch-facts--failures 0))

(defun llm-switch-facts-note (failed)
  "A run in this project has ended; FAILED is non-nil if it did not succeed."
  (let ((root (llm-switch-project-root)))
    (if failed
        (puthash root (1+ (gethash root llm-switch-facts--failures 0))
                 llm-switch-facts--failures)
      (remhash root llm-switch-facts--failures))))

(defun llm-switch-facts--compiled (buffer status)
  "The compilation in BUFFER ended with STATUS, a text of Emacs.
One that the user ended counts neither way."
  (with-current-buffer buffer
    (unless (apply #'derived-mode-p llm-switch-facts--searches)
      (cond ((string-prefix-p "finished" status) (llm-switch-facts-note nil))
            ((string-prefix-p "exited abnormally" status) (llm-switch-facts-note t))))))

(declare-function ert-stats-completed "ert" (stats))
(declare-function ert-stats-completed-unexpected "ert" (stats))
(declare-function ert--stats-aborted-p "ert" (stats) t)

(defun llm-switch-facts--tested (stats)
  "Take note of STATS, of a run of ERT, and return them.
As advice on `ert-run-tests', which has no hook.  A run of no test, or one that
the user ended, counts neither way."
  (unless (or (ert--stats-aborted-p stats) (= (ert-stats-completed stats) 0))
    (llm-switch-facts-note (> (ert-stats-completed-unexpected stats) 0)))
  stats)

(defun llm-switch-facts-begin ()
  "Count failures from now on."
  (add-hook 'compilation-finish-functions #'llm-switch-facts--compiled)
  (advice-add 'ert-run-tests :filter-return #'llm-switch-facts--tested))

(defun llm-switch-facts-end ()
  "Undo `llm-switch-facts-begin', and forget what was counted."
  (remove-hook 'compilation-finish-functions #'llm-switch-facts--compiled)
  (advice-remove 'ert-run-tests #'llm-switch-facts--tested)
  (clrhash llm-switch-facts--failures))

;;; Language

(declare-function org-element-at-point "org-element" (&optional pom cached-only))
(declare-function org-element-property "org-element" (property node))
(declare-function org-element-type "org-element" (node &optional anonymous))
(declare-function org-src-get-lang-mode "org-src" (lang))

(defun llm-switch-facts-language ()
  "Return the language of the code at point, such as \"rust\", or nil."
  (cond ((derived-mode-p 'prog-mode) (llm-switch-facts--name major-mode))
        ((derived-mode-p 'org-mode) (llm-switch-facts--of-block))))

(defun llm-switch-facts--name (mode)
  "Return the language whose major mode is MODE, a symbol."
  (replace-regexp-in-string "\\(?:-ts\\)?-mode\\'" "" (symbol-name mode)))

(defun llm-switch-facts--of-block ()
  "Return the language of the source block at point, or nil."
  (let ((element (org-element-at-point)))
    (when-let* (((eq (org-element-type element) 'src-block))
                (word (org-element-property :language element))
                ;; A question to a model is in no language of a program.
                ((not (equal word "llm-switch"))))
      (require 'org-src)
      (llm-switch-facts--name (org-src-get-lang-mode word)))))

;;; Request

(defun llm-switch-facts-of-request ()
  "Return the part of a request from this buffer that is about facts, a plist."
  (let ((failures (and (memq 'failures llm-switch-facts) (llm-switch-facts-failures)))
        (language (and (memq 'language llm-switch-facts) (llm-switch-facts-language))))
    (when-let* ((facts (append (when (and failures (> failures 0)) (list :failures failures))
                               (when language (list :language language)))))
      (list :facts facts))))

(provide 'llm-switch-facts)
;;; llm-switch-facts.el ends here
