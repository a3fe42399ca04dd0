;;; llm-switch-org-arguments.el --- What the header of an org block asks for  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A header argument that is mistyped must not be passed over: with `:max-csot'
;; a block would spend without a limit.  So all of them are read and checked
;; before anything is sent, and what is wrong is said with what would be right.

;;; Code:

(require 'gptel)
(require 'llm-switch-candidate)
(require 'llm-switch-cap)
(require 'llm-switch-channel)
(require 'llm-switch-org-prompt)
(require 'llm-switch-org-schema)
(require 'ob-core)
(require 'org-element)
(require 'seq)
(require 'subr-x)

(defconst llm-switch-org-arguments--readers
  '((:model . llm-switch-org-arguments--model)
    (:route . llm-switch-org-arguments--route)
    (:mode . llm-switch-org-arguments--mode)
    (:compare . llm-switch-org-arguments--compare)
    (:preset . llm-switch-org-arguments--preset)
    (:system . llm-switch-org-arguments--system)
    (:temperature . llm-switch-org-arguments--temperature)
    (:max-tokens . llm-switch-org-arguments--count)
    (:max-cost . llm-switch-org-arguments--dollars)
    (:tools . llm-switch-org-arguments--tools)
    (:schema . llm-switch-org-schema)
    (:context . llm-switch-org-arguments--context)
    (:session . llm-switch-org-arguments--session)
    (:format . llm-switch-org-arguments--format)
    (:stream . llm-switch-org-arguments--flag)
    (:async . llm-switch-org-arguments--flag)
    (:dry-run . llm-switch-org-arguments--flag))
  "Our header arguments, and the functions that read their values.
Each is called with the value, as org gives it, and the name.  It returns what
is meant, or signals what is wrong.")

(defconst llm-switch-org-arguments--of-org
  '(:result-params :result-type :results_switches :colname-names :rowname-names)
  "What org adds to the header arguments that it names.")

(defun llm-switch-org-arguments (params)
  "Return what PARAMS, header arguments as org gives them, ask for: a plist.
It has a key for each of our arguments that is given, with the value read."
  (llm-switch-org-arguments--check-names params)
  (let ((wants nil))
    (pcase-dolist (`(,name . ,reader) llm-switch-org-arguments--readers)
      (when-let* ((given (assq name params)))
        (setq wants (plist-put wants name (funcall reader (cdr given) name)))))
    (when (seq-intersection '("verbatim" "scalar") (cdr (assq :result-params params)))
      (unless (plist-get wants :format) (setq wants (plist-put wants :format 'raw))))
    (setq wants (llm-switch-org-arguments--several wants))
    (llm-switch-org-arguments--check-tools wants)
    (llm-switch-org-arguments--nearer wants)))

(defun llm-switch-org-arguments--several (wants)
  "Return WANTS with :compare or with others who are asked, for the block at point.
What stands in the block itself holds over properties around it; of two
properties it is :compare."
  (if (not (plist-get wants :compare))
      wants
    (let* ((own (mapcar #'car (llm-switch-org-arguments--own)))
           (single (seq-intersection '(:model :route :mode) own)))
      (cond ((not single)
             (llm-switch-org-arguments--without wants :model :route :mode))
            ((memq :compare own)
             (user-error "Header arguments :compare and %s: a block has one of them, not both"
                         (car single)))
            (t (llm-switch-org-arguments--without wants :compare))))))

(defun llm-switch-org-arguments--without (wants &rest names)
  "Return WANTS in which none of NAMES is asked for."
  (dolist (name names wants) (setq wants (plist-put wants name nil))))

(defun llm-switch-org-arguments--check-tools (wants)
  "Signal an error if the block at point wants tools and, by WANTS, a comparison.
Those that hold around it are not used, as in every comparison."
  (when (and (plist-get wants :compare)
             (consp (plist-get wants :tools))
             (assq :tools (llm-switch-org-arguments--own)))
    (user-error "Header arguments :compare and :tools: tools are not used in comparisons, \
where they would run once for each answer")))

(defun llm-switch-org-arguments--nearer (wants)
  "Return WANTS with one of :model and :route, for the block at point.
One can stand in the block and the other in a property around it, where the
block's own holds; of two properties it is the route."
  (if (not (and (plist-get wants :model) (plist-get wants :route)))
      wants
    (let ((own (llm-switch-org-arguments--own)))
      (when (and (assq :model own) (assq :route own))
        (user-error "Header arguments :model and :route: a block has one of them, not both"))
      (plist-put wants (if (assq :model own) :route :model) nil))))

(defun llm-switch-org-arguments--own ()
  "Return the header arguments that stand at the block at point itself."
  (let ((element (org-element-at-point)))
    (seq-mapcat (lambda (line) (org-babel-parse-header-arguments line 'no-eval))
                (delq nil (cons (org-element-property :parameters element)
                                (org-element-property :header element))))))

(defun llm-switch-org-arguments--check-names (params)
  "Signal an error if PARAMS has an argument that nobody knows."
  (let ((known (append (mapcar #'car llm-switch-org-arguments--readers)
                       (mapcar (lambda (name) (intern (format ":%s" name)))
                               org-babel-header-arg-names))))
    (dolist (name (mapcar #'car params))
      (unless (or (memq name known) (memq name llm-switch-org-arguments--of-org))
        (user-error "There is no header argument %s for llm-switch%s; one that is meant for \
another language is set with #+property: header-args:LANGUAGE"
                    name (llm-switch-org-arguments--guess
                          (symbol-name name) (mapcar #'symbol-name known)))))))

;;; Errors

(defun llm-switch-org-arguments--guess (word words)
  "Return which of WORDS was meant by WORD, as a question, or an empty string."
  (let ((best (car (seq-sort-by (lambda (it) (string-distance word it)) #'< words))))
    (if (and best (<= (string-distance word best) (max 1 (/ (length word) 3))))
        (format "; did you mean %s?" best)
      "")))

(defun llm-switch-org-arguments--refuse (name value words)
  "Signal that the argument NAME cannot be VALUE, but only one of WORDS."
  (user-error "Header argument %s: %s is not one of %s%s" name value
              (if words (string-join words ", ") "those that there are, for there are none")
              (llm-switch-org-arguments--guess (format "%s" value) words)))

(defun llm-switch-org-arguments--one-of (value name words)
  "Return VALUE of the argument NAME, which must be one of WORDS."
  (let ((value (llm-switch-org-arguments--text value name)))
    (if (member value words) value (llm-switch-org-arguments--refuse name value words))))

;;; Readers

(defun llm-switch-org-arguments--text (value name)
  "Return VALUE of the argument NAME as text, which must not be blank."
  (let ((text (string-trim (format "%s" (or value "")))))
    (if (string-empty-p text) (user-error "Header argument %s: it has no value" name) text)))

(defun llm-switch-org-arguments--model (value name)
  "Return VALUE of the argument NAME, which must have the form of a deployment.
Whether there is one is for the module to tell: a server can have models that it
does not list."
  (let ((text (llm-switch-org-arguments--text value name)))
    (unless (string-match-p (rx bos (+ (any "a-z0-9-")) "/" (+ nonl) eos) text)
      (user-error "Header argument %s: %s is no deployment such as account/model; \
a route is named with :route" name text))
    text))

(defun llm-switch-org-arguments--route (value name)
  "Return VALUE of the argument NAME, which must be a route."
  (llm-switch-org-arguments--one-of value name (llm-switch-org-arguments--names "routes.list")))

(defun llm-switch-org-arguments--mode (value name)
  "Return VALUE of the argument NAME, which must be a mode."
  (llm-switch-org-arguments--one-of value name (llm-switch-org-arguments--names "modes.list")))

(defun llm-switch-org-arguments--compare (value name)
  "Return the names that VALUE of the argument NAME lists: two or more.
They are routes, modes and deployments, as `llm-switch-backend' offers them."
  (let ((names (llm-switch-org-prompt-names (llm-switch-org-arguments--text value name))))
    (unless (cdr names)
      (user-error "Header argument %s: it needs two names or more, such as \
\"coding-best account/model\"" name))
    (mapcar (lambda (word) (llm-switch-org-arguments--candidate word name)) names)))

(defun llm-switch-org-arguments--candidate (word name)
  "Return WORD of the argument NAME, which must name somebody who can be asked."
  (pcase (llm-switch-candidate-split word)
    (`(,plain . deployment) (llm-switch-org-arguments--model plain name))
    (`(,plain . ,kind)
     (llm-switch-org-arguments--one-of
      plain name (append (unless (eq kind 'route) (llm-switch-org-arguments--names "modes.list"))
                         (unless (eq kind 'mode) (llm-switch-org-arguments--names "routes.list"))))))
  word)

(defun llm-switch-org-arguments--names (method)
  "Return the names of what METHOD of the module lists."
  (mapcar (lambda (row) (plist-get row :name)) (llm-switch-call method)))

(defun llm-switch-org-arguments--preset (value name)
  "Return VALUE of the argument NAME, one of gptel's presets, as a symbol."
  (intern (llm-switch-org-arguments--one-of
           value name (mapcar (lambda (row) (format "%s" (car row))) gptel--known-presets))))

(defun llm-switch-org-arguments--system (value name)
  "Return VALUE of the argument NAME: `none', a directive of gptel, or a text.
A directive is given by its name."
  (let* ((text (llm-switch-org-arguments--text value name))
         (directive (assq (intern-soft text) gptel-directives)))
    (cond ((equal text "none") 'none)
          (directive (cdr directive))
          (t text))))

(defun llm-switch-org-arguments--temperature (value name)
  "Return VALUE of the argument NAME, a number from 0 to 2."
  (if (and (numberp value) (<= 0 value 2))
      value
    (user-error "Header argument %s: %s is no number from 0 to 2" name value)))

(defun llm-switch-org-arguments--count (value name)
  "Return VALUE of the argument NAME, a number of tokens."
  (if (and (integerp value) (> value 0))
      value
    (user-error "Header argument %s: %s is no number of tokens such as 400" name value)))

(defun llm-switch-org-arguments--dollars (value name)
  "Return VALUE of the argument NAME as text of dollars."
  (let ((text (if (floatp value)
                  ;; Org reads 0.00001 as 1e-05.
                  (string-trim-right (format "%.12f" value) "\\.?0+")
                (string-remove-prefix "$" (llm-switch-org-arguments--text value name)))))
    (if (llm-switch-cap-dollars-p text)
        text
      (user-error "Header argument %s: %s is no amount of dollars such as 0.02" name value))))

(defun llm-switch-org-arguments--tools (value name)
  "Return the tools of gptel that VALUE of the argument NAME lists, or `none'."
  (let ((text (llm-switch-org-arguments--text value name)))
    (if (member text '("no" "none"))
        'none
      (mapcar (lambda (word) (llm-switch-org-arguments--tool word name))
              (split-string text "[ ,]+" t)))))

(defun llm-switch-org-arguments--tool (word name)
  "Return the tool of gptel called WORD, for the argument NAME."
  (let ((tools (seq-mapcat #'cdr gptel--known-tools)))
    (or (cdr (assoc word tools))
        (llm-switch-org-arguments--refuse name word (mapcar #'car tools)))))

(defun llm-switch-org-arguments--context (value name)
  "Return what VALUE of the argument NAME lists: files, or `entry' and `buffer'.
What has a space in its name stands in quotes."
  (mapcar (lambda (word)
            (cond ((member word '("entry" "buffer")) (intern word))
                  ((file-readable-p word) (expand-file-name word))
                  (t (user-error "Header argument %s: %s is neither entry nor buffer, \
nor a file that can be read" name (abbreviate-file-name (expand-file-name word))))))
          (split-string-and-unquote (llm-switch-org-arguments--text value name))))

(defun llm-switch-org-arguments--session (value _name)
  "Return the name of the session that VALUE gives, or nil for none."
  (unless (member value '(nil "" "none")) (format "%s" value)))

(defun llm-switch-org-arguments--format (value name)
  "Return VALUE of the argument NAME, in which form the answer is wanted."
  (intern (llm-switch-org-arguments--one-of value name '("org" "markdown" "json" "raw"))))

(defun llm-switch-org-arguments--flag (value name)
  "Return `yes' or `no' for VALUE of the argument NAME; without one it is yes."
  (pcase (format "%s" (or value ""))
    ((or "" "yes" "t") 'yes)
    ((or "no" "nil") 'no)
    (other (llm-switch-org-arguments--refuse name other '("yes" "no")))))

(provide 'llm-switch-org-arguments)
;;; llm-switch-org-arguments.el ends here
