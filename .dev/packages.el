;;; packages.el --- Installs what llm-switch needs into a folder  -*- lexical-binding: t -*-

;; emacs -Q --batch -l packages.el FOLDER
;; From the archives of package.el, or, with LLM_SWITCH_ELPA not empty, from the one in that folder.

(require 'package)
(require 'subr-x)
(require 'finder-inf nil t)

;; Emacs 30 has a stub of compat built in.  It meets gptel's weaker need, and package.el then drops the newer compat that
;; transient needs from the transaction: transient gets miscompiled.  So the stub is forgotten.
(setq package--builtin-versions (assq-delete-all 'compat package--builtin-versions)
      package--builtins (assq-delete-all 'compat package--builtins))

(defun llm-switch-dev-requirements ()
  "The packages that the header of llm-switch.el names."
  (let ((main (expand-file-name "../lisp/llm-switch.el" (file-name-directory load-file-name))))
    (with-temp-buffer
      (insert-file-contents main)
      (package-desc-reqs (package-buffer-info)))))

(defun llm-switch-dev-install (folder archive)
  "Install the required packages into FOLDER, from ARCHIVE unless that is empty."
  (setq package-user-dir folder
        package-native-compile nil)
  (unless (string-empty-p archive)
    (setq package-archives `(("local" . ,(file-name-as-directory archive)))
          package-check-signature nil))
  (package-initialize)
  (package-refresh-contents)
  (package-download-transaction
   (package-compute-transaction nil (llm-switch-dev-requirements))))

(llm-switch-dev-install (expand-file-name (pop command-line-args-left)) (or (getenv "LLM_SWITCH_ELPA") ""))
;;; packages.el ends here
