;;; llm-switch-local-start.el --- Start a server on this machine  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A llama-server with a model file of yours, Ollama, or a LiteLLM proxy with
;; its config.yaml, as a child of Emacs that ends with it.  The module starts
;; and watches it; here it is chosen what, and the environment is told.

;;; Code:

(require 'llm-switch-channel)
(require 'llm-switch-environment)
(require 'seq)
(require 'subr-x)

(defcustom llm-switch-local-programs
  '(("llamacpp" "llama-server") ("ollama" "ollama") ("litellm" "litellm"))
  "How each kind of local server is run: (KIND PROGRAM ARGUMENT...).
PROGRAM is looked for as `executable-find' does.  The arguments come before
those that are needed; the address is not among them, for such a server listens
at 127.0.0.1 only.  Used by `llm-switch-local-start'."
  :group 'llm-switch
  :type '(alist :key-type (choice (const "llamacpp") (const "ollama") (const "litellm"))
                :value-type (repeat string)))

(defcustom llm-switch-local-model-directories
  '("~/models/" "~/Models/" "~/.cache/llama.cpp/" "~/.cache/huggingface/hub/"
    "~/.lmstudio/models/" "~/.local/share/nomic.ai/GPT4All/")
  "Folders in which `llm-switch-local-start' looks for models.
These are GGUF files, there or in a folder below; what is missing is left out."
  :group 'llm-switch
  :type '(repeat directory))

(defconst llm-switch-local-start--kinds
  '(("llama.cpp" . "llamacpp") ("Ollama" . "ollama") ("LiteLLM" . "litellm"))
  "What can be started: the names that people and the module have for it.")

(defvar llm-switch-local-start-history nil
  "The model files that were started.")

;;;###autoload
(defun llm-switch-local-start (kind &optional file port)
  "Start a server of KIND with FILE on this machine.
KIND is \"llamacpp\", which needs a GGUF file, \"ollama\", which needs none, or
\"litellm\", which needs a config.yaml.  PORT is its usual one when nil, or the
next that is free; interactively a prefix argument.  When it is ready, which can
take minutes, its models can be chosen.  It ends with Emacs."
  (interactive
   (let ((kind (cdr (assoc (completing-read "Start: " llm-switch-local-start--kinds nil t)
                           llm-switch-local-start--kinds))))
     (list kind (llm-switch-local-start--read-file kind)
           (and current-prefix-arg (prefix-numeric-value current-prefix-arg)))))
  (let ((name (car (rassoc kind llm-switch-local-start--kinds))))
    (message "llm-switch: starting %s…" name)
    (llm-switch-channel-call
     "local.start"
     `( :kind ,kind :program ,(llm-switch-local-start--program kind)
        :file ,(if file (expand-file-name file) :null) :port ,(or port :null))
     (lambda (kind rest)
       (pcase kind
         ('value (message "llm-switch: %s is ready at %s%s" name (plist-get rest :address)
                          (if-let* ((account (plist-get rest :account)))
                              (format ", account %s" account)
                            "")))
         ('error (message "llm-switch: %s" (plist-get rest :message)))))
     (current-buffer))))

(defun llm-switch-local-start--program (kind)
  "Return the program and arguments for KIND, a vector."
  (pcase-let ((`(,program . ,arguments) (cdr (assoc kind llm-switch-local-programs))))
    (if program
        ;; What is not found is the module's to tell, with what to install.
        (vconcat (list (or (executable-find program) program)) arguments)
      [])))

;;; Files

(defun llm-switch-local-start--read-file (kind)
  "Read the file that a server of KIND needs, if it needs one."
  (pcase kind
    ("llamacpp" (llm-switch-local-start--read-model))
    ("litellm" (read-file-name "Configuration of LiteLLM: " nil nil t nil
                               (lambda (name) (or (file-directory-p name)
                                                  (string-match-p "\\.ya?ml\\'" name)))))))

(defun llm-switch-local-start--read-model ()
  "Read a model file: one of those that are found, else any."
  (let ((models (llm-switch-local-start--models)))
    (if (null models)
        (read-file-name "Model (a GGUF file): " nil nil t nil
                        (lambda (name) (or (file-directory-p name)
                                           (string-match-p "\\.gguf\\'" name))))
      (expand-file-name
       (completing-read "Model (or any GGUF file): " models nil nil nil
                        'llm-switch-local-start-history)))))

(defun llm-switch-local-start--models ()
  "Return the model files in the usual folders, abbreviated.
Of a model in several parts the first is enough; a projector is none."
  (let ((folders (delete-dups (mapcar #'file-truename
                                      (seq-filter #'file-directory-p
                                                  llm-switch-local-model-directories)))))
    (seq-remove
     (lambda (file)
       (let ((name (file-name-nondirectory file)))
         (or (string-prefix-p "mmproj" name)
             (and (string-match "-\\([0-9]\\{5\\}\\)-of-[0-9]\\{5\\}\\.gguf\\'" name)
                  (not (equal (match-string 1 name) "00001"))))))
     (mapcar #'abbreviate-file-name
             (seq-mapcat (lambda (folder)
                           (directory-files-recursively
                            folder "\\.gguf\\'" nil
                            (lambda (below) (llm-switch-local-start--near-p below folder))))
                         folders)))))

(defconst llm-switch-local-start--depth 4
  "How far below a folder models are looked for.
As far as those of Hugging Face lie; who chooses must not wait for a whole disk.")

(defun llm-switch-local-start--near-p (below folder)
  "Return non-nil if BELOW, a folder in FOLDER, is to be looked through.
The blobs of a cache are what its other folders link to."
  (let ((names (split-string (file-relative-name below folder) "/" t)))
    (and (<= (length names) llm-switch-local-start--depth)
         (not (member (car (last names)) '("blobs" "refs" ".git" "node_modules")))
         (file-accessible-directory-p below))))

(provide 'llm-switch-local-start)
;;; llm-switch-local-start.el ends here
