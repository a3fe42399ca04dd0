;;; llm-switch-module.el --- The native module: find, build, verify, load  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The module is built from the Rust sources that come with the package and
;; lies in the user's cache, in a folder named by a hash of those sources: an
;; upgrade deletes a package's folder, and a new version must never write over
;; a module that some Emacs has loaded.

;;; Code:

(require 'compile)
(require 'subr-x)

(declare-function llm-switch--mod-version "ext:llm-switch-native" ())

(define-error 'llm-switch-error "llm-switch")
(define-error 'llm-switch-module "llm-switch: module" 'llm-switch-error)

(defconst llm-switch-module-boundary 1
  "The version of what Lisp and the module say to each other.")

(defconst llm-switch-module--folder
  (file-name-directory (file-truename (or load-file-name buffer-file-name)))
  "Where the Lisp files lie.")

;;; Options

(defcustom llm-switch-cargo "cargo"
  "The program that `llm-switch-build-module' builds the module with."
  :group 'llm-switch
  :type 'file)

(defcustom llm-switch-cache-directory
  (expand-file-name "llm-switch/" (or (getenv "XDG_CACHE_HOME") "~/.cache/"))
  "Where built modules are kept.  Used by `llm-switch-module-file'."
  :group 'llm-switch
  :type 'directory)

;;; Find

(defun llm-switch-module-source-directory ()
  "Return the folder with the Rust sources, or nil if there is none.
It is the Lisp files' own in an installed package and the one above in a
checkout."
  (locate-dominating-file llm-switch-module--folder "Cargo.lock"))

(defun llm-switch-module--source-files (folder)
  "Return the files in FOLDER that the module is built from, sorted."
  (append (list (expand-file-name "Cargo.lock" folder)
                (expand-file-name "Cargo.toml" folder))
          (directory-files-recursively
           (expand-file-name "rust" folder) "\\.\\(?:rs\\|toml\\|sql\\)\\'" nil
           (lambda (name)
             (not (member (file-name-nondirectory name) '("tests" "examples" "simulator")))))))

(defun llm-switch-module--hash (folder)
  "Return a hash of the sources in FOLDER, 16 characters."
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (dolist (file (llm-switch-module--source-files folder))
      (insert (file-relative-name file folder) "\n")
      (goto-char (+ (point) (cadr (insert-file-contents-literally file)))))
    (substring (secure-hash 'sha256 (current-buffer)) 0 16)))

(defun llm-switch-module-file ()
  "Return the name of the module for the sources at hand; it may not exist."
  (let ((folder (or (llm-switch-module-source-directory)
                    (signal 'llm-switch-module
                            (list (concat "The Rust sources are missing from "
                                          llm-switch-module--folder
                                          ".  Install the package again"))))))
    (expand-file-name (concat "module/" (llm-switch-module--hash folder)
                              "/llm-switch-module" module-file-suffix)
                      llm-switch-cache-directory)))

;;; Build

(defun llm-switch-module--needed-rust (folder)
  "Return the Rust version that the sources in FOLDER need."
  (with-temp-buffer
    (insert-file-contents (expand-file-name "Cargo.toml" folder))
    (re-search-forward "^rust-version = \"\\(.*\\)\"")
    (match-string 1)))

(defun llm-switch-module--check-rust (folder)
  "Signal an error unless there is a Rust that can build FOLDER."
  (let* ((needed (llm-switch-module--needed-rust folder))
         (cargo (executable-find llm-switch-cargo))
         (found (and cargo (car (ignore-errors (process-lines cargo "--version")))))
         (version (and found (string-match "[0-9]+\\.[0-9.]+[0-9]" found) (match-string 0 found))))
    (cond
     ((null version)
      (signal 'llm-switch-module
              (list (format "Building needs Rust %s or newer, and there is no %s.  \
Install it (https://rustup.rs), or set `llm-switch-cargo'"
                            needed llm-switch-cargo))))
     ((version< version needed)
      (signal 'llm-switch-module
              (list (format "Building needs Rust %s or newer; %s is %s.  \
Update it (rustup update), or set `llm-switch-cargo' to a newer one"
                            needed cargo version)))))))

(defun llm-switch-module--target-directory (folder)
  "Return where cargo builds FOLDER: its own target in a checkout, else the cache.
A package manager may delete what lies in its folders at any time."
  (if (file-exists-p (expand-file-name ".git" folder))
      (expand-file-name "target" folder)
    (expand-file-name "target" llm-switch-cache-directory)))

(defun llm-switch-module--command (folder)
  "Return the command that builds the module of FOLDER, as a list."
  (list llm-switch-cargo "build" "--release" "--locked" "--package" "llm-switch-module"
        "--manifest-path" (expand-file-name "Cargo.toml" folder)
        "--target-dir" (llm-switch-module--target-directory folder)))

(defun llm-switch-module--built-file (folder)
  "Return the name of what cargo builds for FOLDER."
  (expand-file-name (concat "release/"
                            (if (eq system-type 'windows-nt) "" "lib")
                            "llm_switch_module"
                            (pcase system-type
                              ('windows-nt ".dll") ('darwin ".dylib") (_ ".so")))
                    (llm-switch-module--target-directory folder)))

(defun llm-switch-module--install (folder file)
  "Put what was built for FOLDER at FILE.
By a copy and a rename: whoever has an older FILE loaded keeps it whole."
  (let ((temporary (make-temp-name (concat file "."))))
    (make-directory (file-name-directory file) t)
    (copy-file (llm-switch-module--built-file folder) temporary)
    (rename-file temporary file t)))

;;;###autoload
(defun llm-switch-build-module ()
  "Build the native module with cargo, its progress in a buffer.
It is put in the cache and used from the next start of Emacs on, or at once
if no module is loaded yet."
  (interactive)
  (let* ((folder (llm-switch-module-source-directory))
         (file (llm-switch-module-file))
         (command (mapconcat #'shell-quote-argument (llm-switch-module--command folder) " ")))
    (llm-switch-module--check-rust folder)
    (with-current-buffer
        (compilation-start command nil (lambda (_) "*llm-switch build*"))
      (add-hook 'compilation-finish-functions
                (lambda (_ status) (llm-switch-module--built status folder file))
                nil t))))

(defun llm-switch-module--built (status folder file)
  "The build of FOLDER ended with STATUS; put its result at FILE."
  (if (not (string-prefix-p "finished" status))
      (message "llm-switch: the build failed; *llm-switch build* says why")
    (llm-switch-module--install folder file)
    (if (featurep 'llm-switch-native)
        (message "llm-switch: built.  Restart Emacs to use it")
      (llm-switch-module-load)
      (message "llm-switch: built and loaded"))))

(defun llm-switch-module-build-batch ()
  "Build the module unless it is there, with cargo's progress on stderr.
Return its file name.  For scripts; it waits until the build is done."
  (let ((folder (llm-switch-module-source-directory))
        (file (llm-switch-module-file)))
    (unless (file-exists-p file)
      (llm-switch-module--check-rust folder)
      (let ((cargo (make-process :name "cargo" :command (llm-switch-module--command folder)
                                 :connection-type 'pipe :noquery t
                                 :filter (lambda (_ text)
                                           (princ text #'external-debugging-output)))))
        (while (accept-process-output cargo))
        (unless (eq 0 (process-exit-status cargo))
          (signal 'llm-switch-module (list "cargo could not build the module; see above"))))
      (llm-switch-module--install folder file))
    file))

;;; Load

(defun llm-switch-module-load ()
  "Load the module unless it is loaded, and check that it matches.
Signal `llm-switch-module' when it is missing or of another version.  A
second copy is never loaded: it would redefine all functions onto a state of
its own, and requests of the first would end nowhere."
  (unless (featurep 'llm-switch-native)
    (let ((file (llm-switch-module-file)))
      (unless (file-exists-p file)
        (llm-switch-module--missing))
      (module-load file)))
  (llm-switch-module--verify))

(defun llm-switch-module--missing ()
  "Offer to build the module; signal an error since there is none now."
  (when (and (not noninteractive)
             (y-or-n-p "The native module of llm-switch is not built yet.  Build it now? "))
    (llm-switch-build-module)
    (signal 'llm-switch-module (list "Ask again when the build is done")))
  (signal 'llm-switch-module
          (list "The native module is not built.  Build it with M-x llm-switch-build-module")))

(defun llm-switch-module--verify ()
  "Signal an error unless the loaded module speaks as these Lisp files do."
  (pcase-let ((`(,version ,boundary) (llm-switch--mod-version)))
    (unless (eql boundary llm-switch-module-boundary)
      (signal 'llm-switch-module
              (list (format "The loaded module is version %s (boundary %s) and these Lisp \
files want boundary %s.  Restart Emacs" version boundary llm-switch-module-boundary))))))

(provide 'llm-switch-module)
;;; llm-switch-module.el ends here
