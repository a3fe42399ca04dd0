;;; llm-switch-org-prompt.el --- What an org block asks  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A question is the body of a block, with its variables put in.  Before it may
;; stand the entry or the buffer around the block, and the earlier blocks of the
;; same session with their results, as turns.  A block that has no answer yet is
;; no turn.  What a narrowed buffer hides is not sent.
;;
;; Of a block that asks several, the answer of who is named first is the turn.  A
;; conversation has one answer to each question, and which one goes on is decided
;; by an order that stands in the block; a vote is known to one Emacs only.

;;; Code:

(require 'llm-switch-org-text)
(require 'ob-core)
(require 'org)
(require 'org-element)
(require 'org-table)
(require 'seq)
(require 'subr-x)

(defconst llm-switch-org-prompt-failure "llm-switch error: "
  "What a result begins with that is no answer.")

(defconst llm-switch-org-prompt-cancelled "llm-switch: cancelled"
  "What stands in a result whose answer the user has ended.")

(defconst llm-switch-org-prompt-placeholder
  "Asking %s; M-x llm-switch-org-cancel ends it"
  "What stands in a result before the answer does, with who is asked.")

(defconst llm-switch-org-prompt-asking (format llm-switch-org-prompt-placeholder ".*")
  "What a line of a placeholder looks like.")

(defconst llm-switch-org-prompt-keywords "^[ \t]*#\\+llm_[a-z]+:.*\n?"
  "The lines of a result that are no part of the answer.")

(defconst llm-switch-org-prompt--braces "{{[ \t]*\\([^{}\n\t ]+\\)[ \t]*}}"
  "What a name in braces looks like.")

;;; Names

(defun llm-switch-org-prompt-names (value)
  "Return the names in VALUE of :compare, a text, without repetitions.
What has a space in its name stands in quotes."
  (seq-uniq (split-string-and-unquote (string-trim (format "%s" (or value ""))) "[ ,]+")))

(defun llm-switch-org-prompt-title (name)
  "Return the line above the answer of NAME, one of several."
  (format "*%s*" name))

;;; Body

(defun llm-switch-org-prompt-body (body params)
  "Return BODY with the variables of PARAMS put in, and prologue and epilogue."
  (let ((text (llm-switch-org-prompt--put-in body (org-babel--get-vars params))))
    (string-trim
     (string-join (delq nil (list (cdr (assq :prologue params)) text
                                  (cdr (assq :epilogue params))))
                  "\n"))))

(defun llm-switch-org-prompt--put-in (body variables)
  "Return BODY with the values of VARIABLES, an alist, for their names in braces.
A name that is no variable's stays: other texts have such braces too."
  (replace-regexp-in-string
   llm-switch-org-prompt--braces
   (lambda (braces)
     (let ((variable (assq (intern-soft (match-string 1 braces)) variables)))
       (save-match-data
         (if variable (llm-switch-org-prompt--value (cdr variable)) braces))))
   body t t))

(defun llm-switch-org-prompt-unset (body params)
  "Return the names in braces in BODY that are no variables of PARAMS."
  (let ((variables (org-babel--get-vars params)) (from 0) (names nil))
    (while (string-match llm-switch-org-prompt--braces body from)
      (let ((name (match-string 1 body)))
        (setq from (match-end 0))
        (unless (assq (intern-soft name) variables) (push name names))))
    (seq-uniq (nreverse names))))

(defun llm-switch-org-prompt--value (value)
  "Return VALUE of a variable as text: a list as a table of Org."
  (cond ((stringp value) (substring-no-properties value))
        ((null value) "")
        ((consp value)
         (orgtbl-to-orgtbl (if (seq-every-p (lambda (row) (or (eq row 'hline) (listp row))) value)
                               value
                             (list value))
                           nil))
        (t (format "%s" value))))

;;; Around the block

(defun llm-switch-org-prompt-around (context)
  "Return the text around the block at point that CONTEXT wants, or nil.
CONTEXT is a list with `entry' or `buffer' in it.  The block itself, and its
result, are left out."
  (when-let* ((bounds (cond ((memq 'buffer context) (cons (point-min) (point-max)))
                            ((memq 'entry context) (llm-switch-org-prompt--entry)))))
    (let* ((block (org-element-at-point))
           (result (org-babel-where-is-src-block-result))
           (to (if result
                   (org-element-property :end (save-excursion (goto-char result)
                                                              (org-element-at-point)))
                 (org-element-property :end block))))
      (string-trim
       (replace-regexp-in-string
        llm-switch-org-prompt-keywords ""
        (concat (buffer-substring-no-properties (car bounds)
                                                (max (car bounds)
                                                     (org-element-property :begin block)))
                (buffer-substring-no-properties (min to (cdr bounds)) (cdr bounds))))))))

(defun llm-switch-org-prompt--entry ()
  "Return (START . END) of the entry at point: a heading and what is below it."
  (save-excursion
    (cons (if (org-before-first-heading-p)
              (point-min)
            (org-back-to-heading t)
            (max (point) (point-min)))
          (progn (outline-next-heading) (point)))))

;;; Session

(defun llm-switch-org-prompt-turns (session block)
  "Return what was asked and answered in SESSION before BLOCK, the oldest first.
BLOCK is a position.  The result is a list of texts, question and answer by
turns."
  (save-excursion
    (goto-char (point-min))
    (let ((case-fold-search t) (turns nil))
      (while (re-search-forward "^[ \t]*#\\+begin_src[ \t]+llm-switch\\>" block t)
        (when-let* (((< (match-beginning 0) block))
                    (turn (save-excursion (llm-switch-org-prompt--turn session))))
          (push turn turns)))
      (apply #'append (nreverse turns)))))

(defun llm-switch-org-prompt--turn (session)
  "Return question and answer of the block at point, if it is one of SESSION."
  (let* ((info (org-babel-get-src-block-info 'no-eval))
         (params (nth 2 info)))
    (when (equal session (format "%s" (cdr (assq :session params))))
      (when-let* ((answer (llm-switch-org-prompt--answer
                           (car (llm-switch-org-prompt-names (cdr (assq :compare params)))))))
        (list (llm-switch-org-prompt-body (org-babel--expand-body info)
                                          (llm-switch-org-prompt--literal params))
              answer)))))

(defun llm-switch-org-prompt--literal (params)
  "Return PARAMS with the variables read, without running a block for any.
Of a block that is referred to, the result that stands there is taken."
  (mapcar (lambda (pair)
            (if (and (eq (car pair) :var) (stringp (cdr pair))
                     (string-match "\\`[ \t]*\\([^= \t\n]+\\)[ \t]*=[ \t]*" (cdr pair)))
                (let ((name (intern (match-string 1 (cdr pair))))
                      (value (substring (cdr pair) (match-end 0))))
                  (cons :var (cons name (or (llm-switch-org-prompt--referred value)
                                            (org-babel-read value t)))))
              pair))
          params))

(defun llm-switch-org-prompt--referred (name)
  "Return what stands in this buffer as the result or data called NAME, or nil."
  (org-with-wide-buffer
   (if-let* ((result (org-babel-find-named-result name)))
       (llm-switch-org-prompt--text result)
     (goto-char (point-min))
     (let ((case-fold-search t))
       (when (re-search-forward (org-babel-named-data-regexp-for-name name) nil t)
         (let ((element (org-element-at-point)))
           (unless (memq (org-element-type element) '(src-block babel-call))
             (goto-char (org-element-property :post-affiliated element))
             (org-babel-read-element element))))))))

(defun llm-switch-org-prompt--answer (name)
  "Return the answer that stands below the block at point, or nil.
Of several answers it is that of NAME, who was named first."
  (when-let* ((result (org-babel-where-is-src-block-result))
              (text (llm-switch-org-prompt--text result name)))
    (unless (or (string-empty-p text)
                (string-match-p (concat "^[ \t]*" (regexp-opt (list llm-switch-org-prompt-failure
                                                                    llm-switch-org-prompt-cancelled)))
                                text)
                (string-match-p (concat "\\`" llm-switch-org-prompt-asking "\\'") text))
      text)))

(defun llm-switch-org-prompt--text (result &optional name)
  "Return the text of the result whose keyword stands at RESULT.
With NAME, and if that is the first of several who answered, only that answer."
  (goto-char result)
  (forward-line 1)
  (let ((text (buffer-substring-no-properties
               (point) (or (llm-switch-org-prompt-wrapped-end) (org-babel-result-end))))
        (case-fold-search t))
    (setq text (replace-regexp-in-string
                "\\`[ \t]*:results:[ \t]*\n\\|^[ \t]*:end:[ \t]*\n?\\'" "" text)
          text (llm-switch-org-prompt--first text name)
          text (replace-regexp-in-string llm-switch-org-prompt-keywords "" text))
    (string-trim (llm-switch-org-text-unescape text))))

(defun llm-switch-org-prompt-wrapped-end ()
  "Return where the result at point ends if :wrap has made a block of it, or nil.
`org-babel-result-end' knows blocks of code, and not those that hold text."
  (let ((element (org-element-at-point)))
    (when (and (memq (org-element-type element) '(quote-block center-block verse-block))
               ;; And is not one around the result.
               (= (point) (org-element-property :post-affiliated element)))
      (save-excursion
        (goto-char (org-element-property :end element))
        (skip-chars-backward " \r\t\n")
        (line-beginning-position 2)))))

(defun llm-switch-org-prompt--first (text name)
  "Return what NAME answered if TEXT begins with that, else TEXT.
It ends at our keywords: those that an answer has are escaped."
  (if (and name
           (string-match (format "\\`[ \t]*%s\n"
                                 (regexp-quote (llm-switch-org-prompt-title name)))
                         text))
      (let ((from (match-end 0)))
        (substring text from (string-match llm-switch-org-prompt-keywords text from)))
    text))

(provide 'llm-switch-org-prompt)
;;; llm-switch-org-prompt.el ends here
