;;; llm-switch-org-result.el --- What stands below an org block  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What an answer cost, and what happened on the way, stands in the drawer of the
;; result, as keywords: #+llm_cost and #+llm_note.  There they are replaced with
;; the answer when the block runs again, folded with it, and not exported; and
;; `org-collect-keywords' finds them all.  Below the drawer they would pile up.
;; A result that is no drawer is for programs, and gets none of it.

;;; Code:

(require 'json)
(require 'llm-switch-answer-line)
(require 'llm-switch-footer)
(require 'llm-switch-org-prompt)
(require 'llm-switch-org-schema)
(require 'llm-switch-org-text)
(require 'llm-switch-turn)
(require 'ob-core)
(require 'org)
(require 'seq)
(require 'subr-x)

(declare-function org-fold-region "org-fold" (from to flag &optional spec))

(defun llm-switch-org-result-place (params)
  "Return what Org puts a result of PARAMS into: `drawer', `org' text, or else nil.
Else it is text that Org makes something of, or escapes itself."
  (let ((result-params (cdr (assq :result-params params)))
        (wrap (assq :wrap params)))
    (cond ((seq-intersection result-params '("file" "list" "table" "vector")) nil)
          ((and wrap (string-match-p "\\`\\(?:src\\|example\\|export\\)\\>" (or (cdr wrap) "")))
           nil)
          ((or wrap (member "raw" result-params)) 'org)
          ((member "drawer" result-params) 'drawer))))

(defun llm-switch-org-result (text info wants params)
  "Return TEXT, an answer, as what stands below a block.
INFO is that of gptel's request, WANTS what the header asked for, PARAMS all of
its arguments.  Of an answer that failed the text is kept, and what went wrong
stands below it."
  (let ((text (string-trim text))
        (place (llm-switch-org-result-place params))
        (known (plist-get info :llm-switch))
        (failed (and (plist-get info :error)
                     (llm-switch-org-result-failed (llm-switch-org-result-failure info)))))
    (if (null place)
        (if failed
            (concat text "\n" failed)
          (llm-switch-org-result-plain text wants))
      (string-join
       (delq nil
             (append (list (unless (string-blank-p text)
                             (string-trim-right (llm-switch-org-result--shown text wants)))
                           (when failed (llm-switch-org-text-escape failed)))
                     (when (eq place 'drawer)
                       (llm-switch-org-result--keywords info known wants))))
       "\n"))))

(defun llm-switch-org-result-plain (text wants)
  "Return TEXT, an answer to WANTS, for a program: as it is, or as JSON in full."
  (if (eq (llm-switch-org-result--format wants) 'json)
      (llm-switch-org-result--json text wants)
    text))

(defun llm-switch-org-result-failure (info)
  "Return what went wrong with the request of INFO, or nil."
  (let ((problem (plist-get info :error)))
    (cond ((stringp problem) problem)
          ((plist-get problem :message))
          (problem (format "%s" (plist-get info :status))))))

(defun llm-switch-org-result-failed (why)
  "Return what stands below an answer that failed or was cancelled, from WHY.
It is broken into lines, for Org cuts long ones at the edge of the window."
  (string-fill (if (string-prefix-p llm-switch-org-prompt-cancelled why)
                   why
                 (concat llm-switch-org-prompt-failure why))
               fill-column))

(defun llm-switch-org-result-cancelled (part)
  "Return what is said of an answer that was cancelled.
PART is non-nil if some of it had come."
  (concat llm-switch-org-prompt-cancelled
          (when part "; what had come stands above")
          "; C-c C-c in the block asks again"))

;;; There

(defun llm-switch-org-result-clear (params)
  "Take out the result of the block at point if Org would leave it there.
It is one that :wrap in PARAMS has put into a block whose end Org does not find."
  (when-let* (((assq :wrap params))
              ((member "replace" (cdr (assq :result-params params))))
              (result (org-babel-where-is-src-block-result)))
    (save-excursion
      (goto-char result)
      (forward-line 1)
      (when-let* ((end (llm-switch-org-prompt-wrapped-end)))
        (delete-region (point) end)))))

(defun llm-switch-org-result-take-hash ()
  "Take the hash out of the result of the block at point, and return it.
With it :cache would take the result for the answer."
  (when-let* ((result (org-babel-where-is-src-block-result))
              (hash (org-babel-current-result-hash))
              (case-fold-search t))
    (save-excursion
      (goto-char result)
      (when (looking-at "[ \t]*#\\+results\\(\\[.*?\\]\\):")
        (replace-match "" t t nil 1)))
    hash))

(defun llm-switch-org-result-hide ()
  "Hide the result of the block at point, which stands in a folded entry."
  (when-let* ((result (org-babel-where-is-src-block-result)))
    (let ((end (save-excursion (goto-char result)
                               (forward-line 1)
                               (1- (org-babel-result-end)))))
      ;; Org folded by overlays, as outline does, before it had functions for it.
      (if (fboundp 'org-fold-region)
          (org-fold-region (point) end t 'outline)
        (outline-flag-region (point) end t)))))

;;; Forms

(defun llm-switch-org-result--format (wants)
  "Return the form in which WANTS has its answer: org, markdown, json or raw."
  (or (plist-get wants :format)
      (if (or (plist-get wants :schema) (eq (plist-get wants :dry-run) 'yes)) 'json 'org)))

(defun llm-switch-org-result--shown (text wants)
  "Return TEXT in the form that WANTS has, fit for a drawer."
  (pcase (llm-switch-org-result--format wants)
    ('json (llm-switch-org-result--block "json" (llm-switch-org-result--json text wants)))
    ('markdown (llm-switch-org-result--block "markdown" text))
    ('raw (llm-switch-org-text-escape text))
    (_ (llm-switch-org-text text))))

(defun llm-switch-org-result--block (language text)
  "Return TEXT in a source block of LANGUAGE."
  (format "#+begin_src %s :eval no\n%s\n#+end_src" language
          (llm-switch-org-text-escape (string-trim text "\n+" "[ \n]+"))))

(defun llm-switch-org-result--json (text wants)
  "Return the JSON in TEXT, laid out; as it is if it is none.
Models put it between fences.  The object into which gptel wraps the list that
the schema of WANTS asks for is taken off."
  (let ((json (if (string-match "\\`[ \t\n]*```[a-z]*\n\\(\\(?:.\\|\n\\)*?\\)\n[ \t]*```[ \t\n]*\\'"
                                text)
                  (match-string 1 text)
                text)))
    (with-temp-buffer
      (insert json)
      (condition-case nil
          (progn (json-pretty-print-buffer)
                 (when-let* ((schema (plist-get wants :schema))
                             ((llm-switch-org-schema-list-p schema)))
                   (llm-switch-org-result--unwrap)))
        (error (erase-buffer) (insert json)))
      (string-trim (buffer-string)))))

(defun llm-switch-org-result--unwrap ()
  "Let this buffer hold the list alone that stands in it as the only member."
  (goto-char (point-min))
  (let* ((object (json-parse-buffer :object-type 'plist))
         (items (plist-get object :items)))
    (when (and (vectorp items) (= (length object) 2))
      (erase-buffer)
      (insert (json-serialize items))
      (json-pretty-print-buffer))))

;;; Keywords

(defun llm-switch-org-result--keywords (info known wants)
  "Return the keywords of the answer of INFO, of which this is KNOWN, as lines.
WANTS is what the header asked for."
  (append (llm-switch-org-result--cost (plist-get info :llm-switch-turns))
          (mapcar (lambda (note) (concat "#+llm_note: " note))
                  (append (llm-switch-org-result--notes info known)
                          (when-let* ((names (plist-get wants :unset)))
                            (list (llm-switch-org-result-unset names)))))))

(defun llm-switch-org-result-unset (names)
  "Return that NAMES stand in braces in the question, and are no variables."
  (format "sent as it stands: %s; a variable is set with :var"
          (mapconcat (lambda (name) (format "{{%s}}" name)) names ", ")))

(defun llm-switch-org-result--cost (answer)
  "Return the cost of ANSWER, who gave it and what it used.
ANSWER is the list of its turns.  The value is a list of a line, or of none for
what failed before it used anything."
  (let ((last (car (last answer)))
        (cost (llm-switch-answer-line-cost answer)))
    (when (and cost (or (not (plist-get last :kind)) (llm-switch-answer-line-used-p answer)))
      (list (string-join (delq nil (list (concat "#+llm_cost: " cost) (llm-switch-turn-who last)
                                         (llm-switch-answer-line-tokens answer)))
                         " ")))))

(defun llm-switch-org-result--notes (info known)
  "Return what the user would not expect of the answer of INFO, from KNOWN."
  (seq-mapcat (lambda (lines) (split-string (substring-no-properties lines) "\n" t))
              (delq nil (append (mapcar #'cdr (plist-get info :llm-switch-notes))
                                (mapcar (lambda (function) (funcall function info known))
                                        (llm-switch-org-result--note-functions))
                                (list (pcase (plist-get known :stop-reason)
                                        ("length" "cut off at the output limit; :max-tokens sets it")
                                        ("content-filter" "the service withheld the rest")))))))

(defun llm-switch-org-result--note-functions ()
  "Return those of `llm-switch-footer-lines' whose lines are true of a block.
That it broke off stands there already, and what was cut is not gone on with."
  (seq-difference llm-switch-footer-lines '(llm-switch-footer-failure llm-switch-footer-cut)))

(provide 'llm-switch-org-result)
;;; llm-switch-org-result.el ends here
