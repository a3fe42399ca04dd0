;;; package.el --- Writes llm-switch-pkg.el, for `make package'  -*- lexical-binding: t -*-

;; emacs -Q --batch -l .dev/package.el FOLDER      (the folder of the package's files)

(require 'package)

(let ((folder (file-name-as-directory (pop command-line-args-left))))
  (package-generate-description-file
   (with-temp-buffer
     (insert-file-contents (expand-file-name "llm-switch.el" folder))
     (package-buffer-info))
   (expand-file-name "llm-switch-pkg.el" folder)))
;;; package.el ends here
