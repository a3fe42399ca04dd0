;;; llm-switch-mcp-schema.el --- Read a value for a JSON schema  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Arguments of tools and forms of servers are described by JSON schemas.  Here
;; a value is read from the user for one: a choice is completed, a number is
;; checked, and what is too rich for a line is read as JSON.
;;
;; A schema is what `llm-switch-mcp-schema-parse' returns.  A value is what
;; `json-serialize' takes with :null and :json-false, and never nil: that stands
;; for what was left out.

;;; Code:

(require 'cl-lib)
(require 'crm)
(require 'llm-switch-mcp-ask)
(require 'seq)
(require 'subr-x)

(defvar llm-switch-mcp-schema-history nil
  "What was typed as values.")

(defconst llm-switch-mcp-schema--deepest 16
  "References that are followed at most; some schemas refer to themselves.")

;;; JSON

(defun llm-switch-mcp-schema-parse (json)
  "Return the schema that the text JSON stands for, a plist."
  (json-parse-string json :object-type 'plist :null-object :null :false-object :json-false))

(defun llm-switch-mcp-schema-json (value)
  "Return VALUE as JSON text."
  (llm-switch-mcp-schema-characters
   (json-serialize value :null-object :null :false-object :json-false)))

(defun llm-switch-mcp-schema-characters (json)
  "Return JSON, which is bytes in some versions of Emacs, as characters.
Bytes cannot be a text within another JSON text."
  (if (multibyte-string-p json) json (decode-coding-string json 'utf-8)))

(defun llm-switch-mcp-schema--value (json)
  "Return the value that the text JSON stands for.
Objects become hash tables: an empty plist would be nil."
  (json-parse-string json :null-object :null :false-object :json-false))

;;; Schemas

(defun llm-switch-mcp-schema--plain (schema root)
  "Return SCHEMA, within ROOT, without references and without the choice of null."
  (let ((deep 0))
    (while (and (stringp (plist-get schema :$ref)) (< deep llm-switch-mcp-schema--deepest))
      (setq deep (1+ deep)
            schema (llm-switch-mcp-schema--beside
                    schema (llm-switch-mcp-schema--at root (plist-get schema :$ref)))))
    (let ((some (llm-switch-mcp-schema--alternatives schema)))
      (if (and some (null (cdr some)))
          (llm-switch-mcp-schema--plain (llm-switch-mcp-schema--beside schema (car some)) root)
        schema))))

(defun llm-switch-mcp-schema--beside (schema other)
  "Return OTHER with what SCHEMA has beside referring to it: texts and default."
  (append (cl-loop for key in '(:title :description :default)
                   when (plist-member schema key)
                   append (list key (plist-get schema key)))
          (and (listp other) other)))

(defun llm-switch-mcp-schema--at (root reference)
  "Return what REFERENCE, such as \"#/$defs/text\", is in ROOT, or nil."
  (when (string-prefix-p "#" reference)
    (seq-reduce
     (lambda (schema step)
       (setq step (string-replace "~0" "~" (string-replace "~1" "/" step)))
       (and (listp schema) (plist-get schema (intern (concat ":" step)))))
     (split-string (substring reference 1) "/" t) root)))

(defun llm-switch-mcp-schema--alternatives (schema)
  "Return the schemas of which a value of SCHEMA has one, without that of null."
  (seq-remove (lambda (it) (equal (plist-get it :type) "null"))
              (or (plist-get schema :anyOf) (plist-get schema :oneOf))))

(defun llm-switch-mcp-schema--type (schema)
  "Return the type of a value of SCHEMA, a string, or nil where it may be any."
  (let ((type (plist-get schema :type)))
    (if (vectorp type)
        (let ((some (remove "null" (append type nil))))
          (and (null (cdr some)) (car some)))
      type)))

(defun llm-switch-mcp-schema--choices (schema)
  "Return what can be chosen by SCHEMA: ((LABEL . VALUE)...), or nil."
  (let ((some (llm-switch-mcp-schema--alternatives schema)))
    (cond ((plist-member schema :const)
           (list (llm-switch-mcp-schema--choice (plist-get schema :const))))
          ((plist-get schema :enum)
           (seq-map-indexed
            (lambda (value at)
              (llm-switch-mcp-schema--choice
               value (ignore-errors (elt (plist-get schema :enumNames) at))))
            (plist-get schema :enum)))
          ((and some (seq-every-p (lambda (it) (plist-member it :const)) some))
           (mapcar (lambda (it)
                     (llm-switch-mcp-schema--choice (plist-get it :const) (plist-get it :title)))
                   some)))))

(defun llm-switch-mcp-schema--choice (value &optional label)
  "Return (LABEL . VALUE), with VALUE's own text where there is no LABEL."
  (cons (llm-switch-mcp-ask-line
         (if (stringp label) label (llm-switch-mcp-schema--shown value)))
        value))

(defun llm-switch-mcp-schema--shown (value)
  "Return VALUE as it is typed."
  (if (stringp value) value (llm-switch-mcp-schema-json value)))

;;; Read

(defun llm-switch-mcp-schema-read-object (schema)
  "Read a value for SCHEMA, that of an object, property after property.
Return a hash table without those that were left out."
  (let ((object (make-hash-table :test #'equal))
        (required (append (plist-get schema :required) nil)))
    (cl-loop for (key property) on (plist-get schema :properties) by #'cddr
             for name = (substring (symbol-name key) 1)
             for value = (llm-switch-mcp-schema-read
                          property name (not (member name required)) schema)
             when value do (puthash name value object))
    object))

(defun llm-switch-mcp-schema-read (schema name &optional optional root)
  "Read a value called NAME for SCHEMA and return it.
Where there is a default, RET alone takes it; else, if OPTIONAL is non-nil, it
leaves the value out, and nil is returned.  References are looked up in ROOT."
  (let* ((schema (llm-switch-mcp-schema--plain (and (listp schema) schema) (or root schema)))
         (choices (llm-switch-mcp-schema--choices schema))
         (items (llm-switch-mcp-schema--plain (plist-get schema :items) (or root schema)))
         (several (llm-switch-mcp-schema--choices items))
         (prompt (llm-switch-mcp-schema--prompt schema name optional)))
    (cond (choices (llm-switch-mcp-schema--choose schema prompt choices optional))
          ((equal (llm-switch-mcp-schema--type schema) "boolean")
           (llm-switch-mcp-schema--choose
            schema prompt '(("true" . t) ("false" . :json-false)) optional))
          (several (llm-switch-mcp-schema--choose-several schema prompt several optional))
          (t (llm-switch-mcp-schema--type-in schema prompt optional)))))

(defun llm-switch-mcp-schema--prompt (schema name optional)
  "Return the prompt for the value of SCHEMA called NAME, which may be OPTIONAL."
  (let ((about (plist-get schema :description))
        (hints (delq nil (list (llm-switch-mcp-schema--kind schema)
                               (llm-switch-mcp-schema--bounds schema)
                               (cond ((plist-member schema :default)
                                      (concat "default " (llm-switch-mcp-schema--shown
                                                          (plist-get schema :default))))
                                     (optional "RET leaves it out"))))))
    ;; A server wrote it: it must not look like a question of Emacs's own.
    (concat (if (and (stringp about) (not (string-blank-p about)))
                (concat (llm-switch-mcp-ask-first-line about 72) "\n")
              "")
            (propertize (llm-switch-mcp-ask-line name) 'face 'bold)
            (if hints (format " (%s)" (llm-switch-mcp-ask-line (string-join hints ", "))) "")
            ": ")))

(defun llm-switch-mcp-schema--kind (schema)
  "Return in words what a value of SCHEMA is, or nil where that is seen."
  (pcase (llm-switch-mcp-schema--type schema)
    ("string" (or (plist-get schema :format) (and (not (plist-get schema :enum)) "text")))
    ("integer" "whole number")
    ("number" "number")
    ("boolean" nil)
    ((or "array" "object") (concat (llm-switch-mcp-schema--type schema) ", as JSON"))
    (_ (unless (llm-switch-mcp-schema--choices schema) "JSON or text"))))

(defun llm-switch-mcp-schema--bounds (schema)
  "Return in words what SCHEMA wants a value to be within, or nil."
  (let ((said (cl-loop for (key . words) in '((:minimum . "from %s") (:maximum . "to %s")
                                              (:exclusiveMinimum . "above %s")
                                              (:exclusiveMaximum . "below %s")
                                              (:minLength . "at least %s characters")
                                              (:maxLength . "at most %s characters")
                                              ;; JavaScript's, so for the eye alone:
                                              ;; its server checks it.
                                              (:pattern . "as %s"))
                       when (plist-get schema key)
                       collect (format words (plist-get schema key)))))
    (and said (string-join said " "))))

(defun llm-switch-mcp-schema--choose (schema prompt choices optional)
  "Read with PROMPT one of CHOICES, ((LABEL . VALUE)...), for SCHEMA.
It may be left out if OPTIONAL is non-nil."
  (let* ((default (car (rassoc (plist-get schema :default) choices)))
         (label (completing-read prompt (mapcar #'car choices) nil t nil
                                 'llm-switch-mcp-schema-history default)))
    (cond ((assoc label choices) (cdr (assoc label choices)))
          (optional nil)
          (t (llm-switch-mcp-schema--choose schema prompt choices optional)))))

(defun llm-switch-mcp-schema--choose-several (schema prompt choices optional)
  "Read with PROMPT some of CHOICES, ((LABEL . VALUE)...), for SCHEMA, an array.
It may be left out if OPTIONAL is non-nil."
  (let* ((default (seq-map (lambda (it) (car (rassoc it choices))) (plist-get schema :default)))
         (labels (completing-read-multiple prompt (mapcar #'car choices) nil t nil
                                           'llm-switch-mcp-schema-history
                                           (and default (string-join default ",")))))
    (if (and (null labels) optional)
        nil
      (vconcat (mapcar (lambda (it) (cdr (assoc it choices))) labels)))))

(defun llm-switch-mcp-schema--type-in (schema prompt optional)
  "Read with PROMPT a value for SCHEMA in a line of text, until it is good.
It may be left out if OPTIONAL is non-nil."
  (let ((typed "") (wrong nil) (value nil) (done nil))
    (while (not done)
      (setq typed (read-string (concat (and wrong (propertize (concat wrong "\n") 'face 'error))
                                       prompt)
                               typed 'llm-switch-mcp-schema-history))
      (if (and (string-empty-p typed) (or optional (plist-member schema :default)))
          (setq value (plist-get schema :default) done t)
        (pcase (llm-switch-mcp-schema--understand schema typed)
          (`(t . ,it) (setq value it done t))
          (`(nil . ,why) (setq wrong why)))))
    value))

;;; Check

(defun llm-switch-mcp-schema--understand (schema text)
  "Return (t . VALUE) if TEXT is a value for SCHEMA, else (nil . WHY)."
  (condition-case problem
      (let ((value (llm-switch-mcp-schema--of-type (llm-switch-mcp-schema--type schema) text)))
        (if-let* ((why (llm-switch-mcp-schema--out-of-bounds schema value)))
            (cons nil why)
          (cons t value)))
    (json-error (cons nil "This is no JSON"))
    (user-error (cons nil (cadr problem)))))

(defun llm-switch-mcp-schema--of-type (type text)
  "Return TEXT as a value of TYPE, a string or nil, or signal what it is not."
  (pcase type
    ;; An empty line can mean to leave it out; two quotes are an empty text.
    ("string" (if (equal text "\"\"") "" text))
    ((or "integer" "number") (llm-switch-mcp-schema--number type text))
    ("array" (llm-switch-mcp-schema--json-of #'vectorp text "This is no [array]"))
    ("object" (llm-switch-mcp-schema--json-of #'hash-table-p text "This is no {\"object\": …}"))
    (_ (condition-case nil
           (llm-switch-mcp-schema--value text)
         (json-error text)))))

(defun llm-switch-mcp-schema--number (type text)
  "Return TEXT as a number of TYPE, or signal that it is none."
  (let ((value (ignore-errors (llm-switch-mcp-schema--value (string-trim text)))))
    (unless (if (equal type "integer") (integerp value) (numberp value))
      (user-error "This is no %s" (if (equal type "integer") "whole number" "number")))
    value))

(defun llm-switch-mcp-schema--json-of (good-p text what)
  "Return the value of the JSON TEXT, of which GOOD-P is true, or signal WHAT."
  (let ((value (llm-switch-mcp-schema--value text)))
    (unless (funcall good-p value) (user-error "%s" what))
    value))

(defun llm-switch-mcp-schema--out-of-bounds (schema value)
  "Return why SCHEMA does not allow VALUE, or nil if it does."
  (let ((size (cond ((numberp value) value) ((stringp value) (length value)))))
    (cl-loop for (key beyond words)
             in (if (numberp value)
                    '((:minimum < "It must be at least %s") (:maximum > "It must be at most %s")
                      (:exclusiveMinimum <= "It must be above %s")
                      (:exclusiveMaximum >= "It must be below %s"))
                  '((:minLength < "It needs at least %s characters")
                    (:maxLength > "It may have at most %s characters")))
             for bound = (plist-get schema key)
             when (and size (numberp bound) (funcall beyond size bound))
             return (format words bound))))

(provide 'llm-switch-mcp-schema)
;;; llm-switch-mcp-schema.el ends here
