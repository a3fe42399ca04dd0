;;; init.el --- What every Emacs of the make targets loads first  -*- lexical-binding: t -*-

(let* ((root (expand-file-name ".." (file-name-directory load-file-name)))
       (local (expand-file-name ".local/" root)))
  ;; Code that Emacs compiles by itself would land in the user's Emacs folder otherwise.
  (when (boundp 'native-comp-eln-load-path)
    (push (expand-file-name "eln/" local) native-comp-eln-load-path))
  ;; Compiling in the background would take one of two cores from the model, for a session that soon ends.
  (setq native-comp-jit-compilation nil
        native-comp-deferred-compilation nil    ;its name in Emacs 28
        load-prefer-newer t
        package-user-dir (expand-file-name (concat "elpa/" emacs-version) local))
  ;; After the above: Emacs would compile package.el itself, and all that it loads.
  (require 'package)
  (package-activate-all)
  (add-to-list 'load-path (expand-file-name "lisp" root)))
;;; init.el ends here
