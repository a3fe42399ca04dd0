;;; llm-switch-mcp-template.el --- Addresses with gaps to fill  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A server may offer more resources than it lists, by templates of their
;; addresses as RFC 6570 has them: note://{number}.  It also knows how to
;; complete what stands in the gaps, as it does for the arguments of prompts.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-mcp-place)
(require 'url-util)

(defconst llm-switch-mcp-template--gap
  (rx "{" (group (? (any "+#./;?&"))) (group (+ (not (any "{}")))) "}")
  "A gap: its operator and its names.")

(defconst llm-switch-mcp-template--operators
  '(("" "" "," nil nil) ("+" "" "," nil t) ("#" "#" "," nil t) ("." "." "." nil nil)
    ("/" "/" "/" nil nil) (";" ";" ";" t nil) ("?" "?" "&" t nil) ("&" "&" "&" t nil))
  "Operators of gaps: (OPERATOR BEFORE BETWEEN NAMED RESERVED).
BEFORE stands before the values and BETWEEN between them, each NAMED or not;
in RESERVED ones what means something in an address stays as it is.")

(defun llm-switch-mcp-template-p (uri)
  "Return non-nil if URI has gaps."
  (string-match-p llm-switch-mcp-template--gap uri))

(defun llm-switch-mcp-template--names (names)
  "Return what NAMES, the inside of a gap, lists, without modifiers."
  (mapcar (lambda (name) (replace-regexp-in-string (rx (or "*" (: ":" (+ digit))) eos) "" name))
          (split-string names ",")))

(defun llm-switch-mcp-template-gaps (uri)
  "Return the names of the gaps of URI, in order, each once."
  (let ((at 0) (names nil))
    (while (string-match llm-switch-mcp-template--gap uri at)
      (setq at (match-end 0))
      (dolist (name (llm-switch-mcp-template--names (match-string 2 uri)))
        (cl-pushnew name names :test #'equal)))
    (nreverse names)))

(defun llm-switch-mcp-template-fill (uri values)
  "Return URI with VALUES, an alist of names and texts, in its gaps.
What has no value is left out."
  (replace-regexp-in-string
   llm-switch-mcp-template--gap
   (lambda (gap)
     (save-match-data
       (string-match llm-switch-mcp-template--gap gap)
       (llm-switch-mcp-template--expand (match-string 1 gap) (match-string 2 gap) values)))
   uri t t))

(defun llm-switch-mcp-template--expand (operator names values)
  "Return what stands for the gap of OPERATOR and NAMES, with VALUES."
  (pcase-let* ((`(,before ,between ,named ,reserved)
                (cdr (assoc operator llm-switch-mcp-template--operators)))
               (given (cl-loop for name in (llm-switch-mcp-template--names names)
                               for value = (alist-get name values nil nil #'equal)
                               unless (member value '(nil ""))
                               collect (concat (if named (concat name "=") "")
                                               (llm-switch-mcp-template--encode value reserved)))))
    (if given (concat before (string-join given between)) "")))

(defun llm-switch-mcp-template--encode (value reserved)
  "Return VALUE as it stands in an address, where what is RESERVED may stay."
  (if reserved
      (url-hexify-string value (url--allowed-chars
                                (append url-unreserved-chars (string-to-list ":/?#[]@!$&'()*+,;="))))
    (url-hexify-string value)))

(defun llm-switch-mcp-template-read (server uri)
  "Read what fills the gaps of URI, a template of SERVER; return the address."
  (let ((values nil))
    (dolist (gap (llm-switch-mcp-template-gaps uri))
      (push (cons gap (completing-read
                       (format "%s of %s: " gap uri)
                       (llm-switch-mcp-template-completion server :template uri gap values)))
            values))
    (llm-switch-mcp-template-fill uri values)))

;;; Completion by the server

(defconst llm-switch-mcp-template--patience 1
  "Seconds for which completion waits for a server.")

(defun llm-switch-mcp-template-completion (server kind name argument others)
  "Return a completion table for ARGUMENT, which SERVER completes.
KIND is :prompt or :template, NAME says which; OTHERS, an alist, is what is
known of the other arguments."
  (completion-table-dynamic
   (lambda (begun)
     (llm-switch-mcp-template--complete server kind name argument begun others))))

(defun llm-switch-mcp-template--complete (server kind name argument begun others)
  "Return what ARGUMENT may become that was BEGUN; none if SERVER does not know.
KIND, NAME and OTHERS are as for `llm-switch-mcp-template-completion'."
  (plist-get (llm-switch-mcp-template--ask
              "mcp.complete" `(:server ,server ,kind ,name :argument ,argument :value ,begun
                               :others ,(llm-switch-mcp-template-object others)))
             :values))

(defun llm-switch-mcp-template--ask (method params)
  "Return the value of METHOD with PARAMS, or nil where there is none in time.
Whoever types on need not wait for it."
  (let ((value (condition-case nil
                   (while-no-input
                     (with-timeout (llm-switch-mcp-template--patience nil)
                       (llm-switch-mcp-place-ask method params)))
                 ;; Most servers complete nothing, and say so by an error.
                 (llm-switch-error nil))))
    ;; It is t when something was typed.
    (and (consp value) value)))

(defun llm-switch-mcp-template-object (pairs)
  "Return PAIRS, an alist of names and texts, as a JSON object."
  (let ((object (make-hash-table :test #'equal)))
    (pcase-dolist (`(,name . ,value) pairs) (puthash name value object))
    object))

(provide 'llm-switch-mcp-template)
;;; llm-switch-mcp-template.el ends here
