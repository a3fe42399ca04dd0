;;; llm-switch-org-schema.el --- The form that an org block demands  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel takes a schema as JSON, in a shorthand of its own or as Lisp.  In org it
;; may also stand in a block of its own and be named: what is longer than a line
;; has no place in a header.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'ob-core)
(require 'org-element)
(require 'subr-x)

(defun llm-switch-org-schema (value name)
  "Return the schema that VALUE of the header argument NAME gives, for gptel.
VALUE is what org read: JSON or a shorthand as text, the name of a block that
holds one, or a list that is a schema in Lisp."
  (cond ((consp value) (llm-switch-org-schema--checked value name))
        ((not (stringp value))
         (user-error "Header argument %s: write a list of objects in quotes: \"[name, age int]\""
                     name))
        ((string-match-p "\\`[[:alpha:]_][^][ \t\n,{}]*\\'" (string-trim value))
         (llm-switch-org-schema--checked (llm-switch-org-schema--of-block (string-trim value) name)
                                         name))
        (t (llm-switch-org-schema--checked value name))))

(defun llm-switch-org-schema--of-block (block name)
  "Return the body of the block called BLOCK, which the argument NAME gives."
  (org-with-wide-buffer
   (goto-char (point-min))
   (let ((case-fold-search t))
     (if (re-search-forward (org-babel-named-data-regexp-for-name block) nil t)
         (let ((body (org-element-property :value (org-element-at-point))))
           (if (org-string-nw-p body)
               body
             (user-error "Header argument %s: %s is no block with a schema in it" name block)))
       (user-error "Header argument %s: there is no block called %s here; a single field is \
written with its type: \"%s string\"" name block block)))))

(defun llm-switch-org-schema--checked (schema name)
  "Return SCHEMA of the argument NAME if gptel understands it."
  (let ((read (ignore-errors (gptel--dispatch-schema-type schema))))
    (if (if (llm-switch-org-schema--json-p schema)
            (keywordp (car-safe read))
          ;; What gptel reads of a shorthand without a field has no properties.
          (plist-get read :properties))
        (llm-switch-org-schema--typed schema read name)
      (user-error "Header argument %s: this is neither a JSON schema nor gptel's shorthand \
for one, such as \"name, age int\"" name))))

(defun llm-switch-org-schema--typed (schema read name)
  "Return SCHEMA of the argument NAME, of which gptel has made READ.
Of a type that it does not know gptel makes one that there is not."
  (unless (llm-switch-org-schema--json-p schema)
    (cl-loop for (field type) on (llm-switch-org-schema--fields schema read) by #'cddr
             unless (plist-get type :type)
             do (user-error "Header argument %s: the type of the field %s is none of string, \
number, integer, boolean and null" name (string-remove-prefix ":" (symbol-name field)))))
  schema)

(defun llm-switch-org-schema--fields (schema read)
  "Return the fields of SCHEMA, a shorthand of which gptel has made READ: a plist.
A list is wrapped into an object."
  (let ((fields (plist-get read :properties)))
    (if (llm-switch-org-schema-list-p schema)
        (plist-get (plist-get (plist-get fields :items) :items) :properties)
      fields)))

(defun llm-switch-org-schema--json-p (schema)
  "Return non-nil if SCHEMA is one as it stands, and no shorthand for one."
  (or (consp schema) (string-prefix-p "{" (string-trim-left schema))))

(defun llm-switch-org-schema-list-p (schema)
  "Return non-nil if SCHEMA asks for a list: gptel then wraps it into an object."
  (if (stringp schema)
      (or (string-prefix-p "[" (string-trim-left schema))
          (and (string-prefix-p "{" (string-trim-left schema))
               (equal (plist-get (ignore-errors (gptel--json-read-string schema)) :type) "array")))
    (member (plist-get schema :type) '("array" array))))

(provide 'llm-switch-org-schema)
;;; llm-switch-org-schema.el ends here
