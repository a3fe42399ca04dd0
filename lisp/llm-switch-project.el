;;; llm-switch-project.el --- What a project says of who may answer  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A project chooses a mode, and pins what may be used in it, in its
;; .dir-locals.el or in the table `llm-switch-projects'.  The files are read
;; here and not by Emacs: chats and other buffers without a file are in the
;; project too, and a file in a subfolder must not hide the pin above it.
;;
;; A pin only narrows, so any file may set one.  A mode can widen, and a cloned
;; repository must not do that unasked.

;;; Code:

(require 'llm-switch-channel)
(require 'seq)

(defcustom llm-switch-projects nil
  "What holds in the projects of yours: an alist (FOLDER . PLIST).
The plist has :mode, the name of a mode; :pins, a list of such names; and
:model, a route or deployment such as \"coding-local\" or \"openai/gpt-5\"."
  :group 'llm-switch
  :type '(alist :key-type directory
                :value-type (plist :options ((:mode string) (:pins (repeat string))
                                             (:model string)))))

(defun llm-switch-project-name-p (value)
  "Return non-nil if VALUE can name a mode."
  (let ((case-fold-search nil))
    (and (stringp value) (string-match-p "\\`[a-z0-9-]+\\'" value))))

(defun llm-switch-project-pins-p (value)
  "Return non-nil if VALUE can be pins: a mode's name or a list of them."
  (if (listp value)
      (seq-every-p #'llm-switch-project-name-p value)
    (llm-switch-project-name-p value)))

(put 'llm-switch-mode-name 'safe-local-variable #'llm-switch-project-name-p)
(put 'llm-switch-pins 'safe-local-variable #'llm-switch-project-pins-p)

(defconst llm-switch-project--marks '(".git" ".mcp.json" ".vscode/mcp.json")
  "What stands in the folder of a project, the surest first.
A folder inside of a repository is no project of its own, whatever is in it:
what was decided about the repository would not hold there.")

(defun llm-switch-project-folder (&optional folder)
  "Return the folder of the project that FOLDER is in, or nil.
FOLDER is `default-directory' unless it is given.  The result has no slash at
its end: so requests and calls of tools name it."
  (let ((folder (or folder default-directory)))
    (unless (file-remote-p folder)
      (when-let* ((root (seq-some (lambda (mark) (locate-dominating-file folder mark))
                                  llm-switch-project--marks)))
        (directory-file-name (expand-file-name root))))))

(defun llm-switch-project-root (&optional folder)
  "Return the folder of the project that FOLDER is in, with a slash at its end.
FOLDER is `default-directory' unless it is given.  Where there is no project it
is its own."
  (let ((folder (or folder default-directory)))
    (file-name-as-directory (or (llm-switch-project-folder folder) (expand-file-name folder)))))

;;; The table

(defun llm-switch-project--entries ()
  "Return the plists of `llm-switch-projects' that hold here, the nearest first."
  (let* ((here (expand-file-name default-directory))
         (folder (lambda (entry) (file-name-as-directory (expand-file-name (car entry)))))
         (holds (seq-filter (lambda (entry) (string-prefix-p (funcall folder entry) here))
                            llm-switch-projects)))
    (mapcar #'cdr (seq-sort-by (lambda (entry) (length (funcall folder entry))) #'> holds))))

(defun llm-switch-project-get (key)
  "Return the value of KEY here in `llm-switch-projects', or nil."
  (seq-some (lambda (plist) (plist-get plist key)) (llm-switch-project--entries)))

(defun llm-switch-project-put (key value)
  "Let KEY be VALUE in this project, in `llm-switch-projects'.
That is for this session; `customize-save-variable' keeps it."
  (let* ((root (abbreviate-file-name (llm-switch-project-root)))
         (entry (assoc root llm-switch-projects)))
    (setq llm-switch-projects
          (cons (cons root (plist-put (copy-sequence (cdr entry)) key value))
                (remq entry llm-switch-projects)))))

;;; The files

(defun llm-switch-project--files ()
  "Return the files of local variables that hold here, the nearest first."
  (unless (and (file-remote-p default-directory) (not enable-remote-dir-locals))
    (let ((folder (expand-file-name default-directory))
          (files nil)
          (below nil))
      ;; The root is above itself, which is where this ends.
      (while (not (equal folder below))
        (setq files (append files (llm-switch-project--files-in folder))
              below folder
              folder (file-name-directory (directory-file-name folder))))
      files)))

(defun llm-switch-project--files-in (folder)
  "Return FOLDER's own files of local variables, the one that wins first."
  (let ((second (concat (file-name-sans-extension dir-locals-file) "-2.el")))
    (seq-filter #'file-regular-p
                (mapcar (lambda (name) (expand-file-name name folder))
                        (list second dir-locals-file)))))

(defvar llm-switch-project--read (make-hash-table :test #'equal)
  "What was read: (TIME . VARIABLES) by file.")

(defun llm-switch-project--variables (file)
  "Return the form in FILE: an alist by mode or subfolder, as Emacs writes it.
Signal an error when it cannot be read: it may hold a pin."
  (let ((time (file-attribute-modification-time (file-attributes file)))
        (known (gethash file llm-switch-project--read)))
    (cdr (if (equal (car known) time)
             known
           (puthash file (cons time (llm-switch-project--parse file)) llm-switch-project--read)))))

(defun llm-switch-project--parse (file)
  "Return the form in FILE."
  (with-temp-buffer
    (insert-file-contents file)
    (condition-case problem
        (read (current-buffer))
      (end-of-file (unless (string-blank-p (buffer-string))
                     (user-error "%s ends too early; it may pin a mode" file)))
      (error (user-error "%s cannot be read, and may pin a mode: %s"
                         file (error-message-string problem))))))

(defun llm-switch-project--values (symbol file)
  "Return the values that FILE gives SYMBOL here, whatever the major mode."
  (let ((inside (file-relative-name (expand-file-name default-directory)
                                    (file-name-directory file))))
    (llm-switch-project--collect symbol inside (llm-switch-project--variables file))))

(defun llm-switch-project--collect (symbol inside variables)
  "Return the values of SYMBOL in VARIABLES for the subfolder INSIDE."
  (seq-mapcat (lambda (entry)
                (cond ((not (consp entry)) nil)
                      ((not (stringp (car entry)))
                       (delq nil (mapcar (lambda (pair)
                                           (and (eq (car-safe pair) symbol) (cdr pair)))
                                         (cdr entry))))
                      ((string-prefix-p (file-name-as-directory (car entry)) inside)
                       (llm-switch-project--collect symbol inside (cdr entry)))))
              (and (proper-list-p variables) variables)))

;;; Pins

(defun llm-switch-project-pins ()
  "Return the modes that this project is pinned to, a list of names."
  (let ((from-files (seq-mapcat (apply-partially #'llm-switch-project--values 'llm-switch-pins)
                                (llm-switch-project--files)))
        (from-table (mapcar (lambda (plist) (plist-get plist :pins))
                            (llm-switch-project--entries))))
    (seq-uniq (seq-filter #'llm-switch-project-name-p
                          (flatten-tree (append from-files from-table))))))

;;; The mode

(defun llm-switch-project-mode (wider-p)
  "Return the mode that this project wants, or nil.
One of a file is only taken if it narrows or the user allows it; WIDER-P is
called with its name and returns non-nil if it widens."
  (or (llm-switch-project-get :mode)
      (seq-some (lambda (file)
                  (when-let* ((name (car (llm-switch-project--values 'llm-switch-mode-name file))))
                    (and (llm-switch-project-name-p name)
                         (or (not (funcall wider-p name))
                             (llm-switch-project--trusted-p file name))
                         name)))
                (llm-switch-project--files))))

(defvar llm-switch-project-quiet nil
  "Non-nil while nobody may be asked whether a file may widen the mode.")

(defvar llm-switch-project--refused nil
  "Hashes of the files that the user does not trust, for this session.")

(defun llm-switch-project--trusted-file ()
  "Return the file with the hashes of those that may widen."
  (expand-file-name "trusted-projects" llm-switch-state-directory))

(defun llm-switch-project--trusted-p (file name)
  "Return non-nil if FILE may set the mode NAME, which widens; ask once.
The answer holds for the file as it is now."
  (let ((hash (llm-switch-project--hash file)))
    (or (llm-switch-project--known-p hash)
        (and (not noninteractive)
             (not llm-switch-project-quiet)
             (not (member hash llm-switch-project--refused))
             (if (y-or-n-p (format "%s wants mode %s, which allows more than yours.  Allow it? "
                                   (abbreviate-file-name file) name))
                 (llm-switch-project--trust hash)
               (push hash llm-switch-project--refused)
               nil)))))

(defun llm-switch-project--hash (file)
  "Return the hash of FILE's name and content."
  (with-temp-buffer
    (insert-file-contents-literally file)
    (secure-hash 'sha256 (concat (encode-coding-string file 'utf-8) "\0" (buffer-string)))))

(defun llm-switch-project--known-p (hash)
  "Return non-nil if HASH is among those that may widen."
  (let ((file (llm-switch-project--trusted-file)))
    (and (file-readable-p file)
         (with-temp-buffer
           (insert-file-contents file)
           (re-search-forward (concat "^" hash "$") nil t)))))

(defun llm-switch-project--trust (hash)
  "Remember that HASH may widen; return non-nil."
  (with-file-modes #o700 (make-directory llm-switch-state-directory t))
  (with-file-modes #o600
    (write-region (concat hash "\n") nil (llm-switch-project--trusted-file) 'append 'quiet))
  t)

(provide 'llm-switch-project)
;;; llm-switch-project.el ends here
