;;; llm-switch-mcp-edit.el --- What a call would change, as a diff  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Tools that edit text have no common schema, but they have habits: an old and
;; a new text, alone or in a list of edits, or the path of a file and what it
;; is to hold.  Arguments that look so are shown as a diff, which people read
;; better than two texts in JSON.  The arguments are shown beside it: a guess
;; must not hide them.

;;; Code:

(require 'cl-lib)
(require 'diff-mode)
(require 'seq)

(defconst llm-switch-mcp-edit--pairs
  '((:old_string :new_string) (:oldString :newString) (:old_str :new_str)
    (:oldText :newText) (:old_text :new_text) (:old :new) (:search :replace))
  "How tools call an old text and what takes its place.")

(defconst llm-switch-mcp-edit--paths '(:path :file_path :filePath :file :filename :uri)
  "How tools call the file that they are about.")

(defconst llm-switch-mcp-edit--contents '(:content :contents :file_text :new_content :text :data)
  "How tools call what a file is to hold.")

(defconst llm-switch-mcp-edit--most 1000000
  "The bytes of a file that is compared, at most.")

(defun llm-switch-mcp-edit-diff (arguments project)
  "Return what a call with ARGUMENTS would change, as a diff, or nil.
ARGUMENTS is a plist; relative paths in it are within the folder PROJECT."
  (let ((path (llm-switch-mcp-edit--first llm-switch-mcp-edit--paths arguments)))
    (if-let* ((edits (llm-switch-mcp-edit--edits arguments)))
        (mapconcat (lambda (edit) (llm-switch-mcp-edit--compare (car edit) (cdr edit) path))
                   edits "")
      (when-let* ((new (llm-switch-mcp-edit--first llm-switch-mcp-edit--contents arguments))
                  (old (and path (llm-switch-mcp-edit--read path project))))
        (llm-switch-mcp-edit--compare old new path)))))

(defun llm-switch-mcp-edit--first (keys arguments)
  "Return the first text that one of KEYS has in ARGUMENTS, a plist."
  (seq-some (lambda (key)
              (let ((value (plist-get arguments key))) (and (stringp value) value)))
            keys))

(defun llm-switch-mcp-edit--edits (arguments)
  "Return the edits in ARGUMENTS, a plist: ((OLD . NEW)...)."
  (let ((several (plist-get arguments :edits)))
    (seq-mapcat #'llm-switch-mcp-edit--pair
                (if (vectorp several) (append several nil) (list arguments)))))

(defun llm-switch-mcp-edit--pair (edit)
  "Return EDIT, a plist, as ((OLD . NEW)) if it is one, else nil."
  (when (and (consp edit) (keywordp (car edit)))
    (cl-loop for (old new) in llm-switch-mcp-edit--pairs
             for texts = (cons (plist-get edit old) (plist-get edit new))
             when (and (stringp (car texts)) (stringp (cdr texts)))
             return (list texts))))

(defun llm-switch-mcp-edit--read (path project)
  "Return the text of the file PATH within the folder PROJECT, or nil.
Nothing beyond this machine is asked for it."
  (let ((file (expand-file-name (string-remove-prefix "file://" path) project)))
    (unless (file-remote-p file)
      (when (and (file-regular-p file) (file-readable-p file)
                 (< (file-attribute-size (file-attributes file)) llm-switch-mcp-edit--most))
        (with-temp-buffer
          (insert-file-contents file)
          (buffer-string))))))

(defun llm-switch-mcp-edit--compare (old new path)
  "Return how the texts OLD and NEW of PATH differ, with faces."
  (let ((diff (or (llm-switch-mcp-edit--by-program old new)
                  (concat (llm-switch-mcp-edit--lines "-" old)
                          (llm-switch-mcp-edit--lines "+" new)))))
    (llm-switch-mcp-edit--coloured
     (concat (if path (format "--- %s\n+++ %s\n" path path) "") diff))))

(defun llm-switch-mcp-edit--lines (mark text)
  "Return TEXT with MARK before each line."
  (mapconcat (lambda (line) (concat mark line "\n"))
             (split-string (string-remove-suffix "\n" text) "\n") ""))

(defun llm-switch-mcp-edit--by-program (old new)
  "Return the hunks in which the texts OLD and NEW differ, or nil without diff."
  (when (executable-find "diff")
    (let ((coding-system-for-write 'utf-8)
          (coding-system-for-read 'utf-8)
          (files (list (make-temp-file "llm-switch-old" nil nil old)
                       (make-temp-file "llm-switch-new" nil nil new))))
      (unwind-protect
          (with-temp-buffer
            (when (memq (call-process "diff" nil t nil "-u" (car files) (cadr files)) '(0 1))
              (goto-char (point-min))
              ;; The names are those of our own files.
              (buffer-substring (line-beginning-position 3) (point-max))))
        (mapc #'delete-file files)))))

(defun llm-switch-mcp-edit--coloured (diff)
  "Return DIFF with the faces of `diff-mode'."
  (mapconcat (lambda (line)
               (propertize (concat line "\n")
                           'face (pcase (and (not (string-empty-p line)) (aref line 0))
                                   (?+ 'diff-added) (?- 'diff-removed)
                                   (?@ 'diff-hunk-header) (_ 'diff-context))))
             (split-string (string-remove-suffix "\n" diff) "\n") ""))

(provide 'llm-switch-mcp-edit)
;;; llm-switch-mcp-edit.el ends here
