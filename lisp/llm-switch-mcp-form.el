;;; llm-switch-mcp-form.el --- Forms that servers want to have filled in  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A form has a message and some fields, described by a JSON schema.  They are
;; read one after the other; then all of it is shown, and nothing goes to the
;; server before it is sent.  Declining tells the server no, and quitting
;; tells it that it was left.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-mcp-question)
(require 'llm-switch-mcp-schema)
(require 'seq)

(defun llm-switch-mcp-form-answer (question)
  "Have the form of QUESTION, a plist, filled in, and return the answer.
That is a plist with :answer \"accept\" and the :value, JSON text, or :answer
\"decline\", or nil when it is left, as always in batch mode."
  (unless noninteractive
    (let ((schema (llm-switch-mcp-schema-parse (plist-get question :schema)))
          (values (make-hash-table :test #'equal)))
      (if (llm-switch-mcp-form--begin question schema values)
          (llm-switch-mcp-form--review question schema values)
        '(:answer "decline")))))

;;; Fields

(defun llm-switch-mcp-form--fields (schema)
  "Return the fields of SCHEMA: ((NAME . SCHEMA)...).
Those that must be filled in come first, in the order in which it names them:
that of its other properties is lost on the way."
  (let ((all (cl-loop for (key field) on (plist-get schema :properties) by #'cddr
                      collect (cons (substring (symbol-name key) 1) field)))
        (first (append (plist-get schema :required) nil)))
    (append (delq nil (mapcar (lambda (name) (assoc name all)) first))
            (seq-remove (lambda (field) (member (car field) first)) all))))

(defun llm-switch-mcp-form--label (field)
  "Return what FIELD, (NAME . SCHEMA), is called."
  (llm-switch-mcp-ask-line (or (plist-get (cdr field) :title) (car field))))

(defun llm-switch-mcp-form--required-p (field schema)
  "Return non-nil if there must be a value for FIELD of SCHEMA."
  (seq-contains-p (plist-get schema :required) (car field)))

(defun llm-switch-mcp-form--read (field schema values)
  "Read a value for FIELD of SCHEMA into VALUES, until it is of its format."
  (let ((optional (not (llm-switch-mcp-form--required-p field schema)))
        (label (llm-switch-mcp-form--label field))
        (value nil) (wrong nil))
    (while (setq value (llm-switch-mcp-schema-read
                        (cdr field) (concat (and wrong (concat wrong " ")) label) optional schema)
                 wrong (llm-switch-mcp-form--wrong (plist-get (cdr field) :format) value)))
    (if value
        (puthash (car field) value values)
      (remhash (car field) values))))

(defconst llm-switch-mcp-form--formats
  `(("email" ,(rx bos (+ (not (any space "@"))) "@" (+ (not (any space "@"))) eos)
     "name@example.org")
    ("uri" ,(rx bos alpha (* (any alnum "+.-")) ":" (+ (not space)) eos) "https://example.org/")
    ("date" ,(rx bos (= 4 digit) "-" (= 2 digit) "-" (= 2 digit) eos) "2026-01-31")
    ("date-time" ,(rx bos (= 4 digit) "-" (= 2 digit) "-" (= 2 digit) (any "Tt")
                      (= 2 digit) ":" (= 2 digit) ":" (= 2 digit) (? "." (+ digit))
                      (or (any "Zz") (: (any "+-") (= 2 digit) ":" (= 2 digit))) eos)
     "2026-01-31T12:00:00Z"))
  "Formats of texts: their names, what matches them, and an example.")

(defun llm-switch-mcp-form--wrong (format value)
  "Return why VALUE is not of FORMAT, a string or nil, or nil if it is."
  (pcase (and (stringp value) (assoc format llm-switch-mcp-form--formats))
    (`(,_ ,regexp ,example)
     (unless (string-match-p regexp value) (format "[as %s]" example)))))

;;; The user's part

(defun llm-switch-mcp-form--begin (question schema values)
  "Show the form of QUESTION with SCHEMA and read its fields into VALUES.
Return nil if the user declines at once."
  (llm-switch-mcp-ask-showing
   (llm-switch-mcp-form--text question schema nil)
   (lambda ()
     (pcase (read-char-from-minibuffer
             (format "Form of %s: (f)ill in, (d)ecline, (c)ancel? "
                     (llm-switch-mcp-ask-line (plist-get question :server)))
             '(?f ?d ?c))
       (?c (signal 'quit nil))
       (?f (dolist (field (llm-switch-mcp-form--fields schema) t)
             (llm-switch-mcp-form--read field schema values)))))))

(defun llm-switch-mcp-form--review (question schema values)
  "Have the VALUES of the form of QUESTION with SCHEMA seen, changed and sent."
  (let ((answer nil))
    (while (not answer)
      (setq answer (llm-switch-mcp-ask-showing
                    (llm-switch-mcp-form--text question schema values)
                    (lambda () (llm-switch-mcp-form--decide question schema values)))))
    answer))

(defun llm-switch-mcp-form--decide (question schema values)
  "Return the answer to QUESTION, or nil after a change of VALUES by SCHEMA."
  (pcase (read-char-from-minibuffer
          (format "Send this to %s? (s)end, (e)dit a field, (d)ecline, (c)ancel "
                  (llm-switch-mcp-ask-line (plist-get question :server)))
          '(?s ?e ?d ?c))
    (?s (list :answer "accept" :value (llm-switch-mcp-schema-json values)))
    (?d '(:answer "decline"))
    (?c (signal 'quit nil))
    (_ (llm-switch-mcp-form--change schema values) nil)))

(defun llm-switch-mcp-form--change (schema values)
  "Read one of the fields of SCHEMA into VALUES again."
  (let* ((fields (llm-switch-mcp-form--fields schema))
         (labels (mapcar #'llm-switch-mcp-form--label fields))
         (label (completing-read "Field: " labels nil t)))
    (when-let* ((at (seq-position labels label)))
      (llm-switch-mcp-form--read (nth at fields) schema values))))

;;; What is shown

(defun llm-switch-mcp-form--text (question schema values)
  "Return the form of QUESTION with SCHEMA as text, with VALUES if it has any."
  (concat (llm-switch-mcp-question-who question) " asks:\n\n"
          (llm-switch-mcp-ask-indented (plist-get question :message)) "\n\n"
          (mapconcat (lambda (field) (llm-switch-mcp-form--line field schema values))
                     (llm-switch-mcp-form--fields schema) "\n")))

(defun llm-switch-mcp-form--line (field schema values)
  "Return how FIELD of SCHEMA stands, with VALUES if it has any."
  (let ((value (and values (gethash (car field) values)))
        (description (plist-get (cdr field) :description)))
    (concat (if (llm-switch-mcp-form--required-p field schema) "* " "  ")
            (llm-switch-mcp-form--label field)
            (cond (value (concat ": " (llm-switch-mcp-ask-visible
                                       (llm-switch-mcp-form--shown field value))))
                  (values ": (left out)"))
            (when (and description (not values))
              (concat "\n    " (llm-switch-mcp-ask-line description))))))

(defun llm-switch-mcp-form--shown (field value)
  "Return VALUE of FIELD as text, as it was chosen where it was."
  (cond ((plist-get (seq-find (lambda (it) (equal (plist-get it :const) value))
                              (plist-get (cdr field) :oneOf))
                    :title))
        ((stringp value) value)
        ((eq value t) "yes")
        ((eq value :json-false) "no")
        (t (llm-switch-mcp-schema-json value))))

(provide 'llm-switch-mcp-form)
;;; llm-switch-mcp-form.el ends here
