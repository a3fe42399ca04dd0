;;; llm-switch-contract-saved-test.el --- Chats out of files  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)
(require 'org)
(require 'package)

(defun llm-switch-contract-saved--chat (name)
  "Save a chat of one turn with sim/inspect to a file called NAME; return it."
  (let ((file (expand-file-name name llm-switch-test-folder)))
    (with-current-buffer (find-file-noselect file)
      (gptel-mode 1)
      (llm-switch-contract-use "sim/inspect")
      (llm-switch-test-ask "The first question")
      (save-buffer)
      (kill-buffer))
    file))

(defun llm-switch-contract-saved--forms (file)
  "Return forms for a fresh Emacs in which the chat in FILE goes on."
  `((require 'llm-switch)
    (autoload 'gptel-mode "gptel" nil t) ;as a package manager arranges it
    (setq llm-switch-config-file ,llm-switch-config-file
          llm-switch-ledger-file ,(expand-file-name "other.db" llm-switch-test-folder)
          llm-switch-state-directory ,llm-switch-state-directory
          enable-local-variables :all)
    (find-file ,file)
    (gptel-mode 1)
    (princ (format "backend %s model %s\n" (gptel-backend-name gptel-backend) gptel-model))
    (princ (format "offered %S\n" (gptel-backend-models gptel-backend)))
    (goto-char (point-max))
    (when (search-backward "Local Variables:" nil t) (beginning-of-line 0))
    (insert "\n\nThe second question")
    (gptel-send)
    (with-timeout (20 (princ "late"))
      (while gptel--request-alist (accept-process-output nil 0.05)))
    (princ (format "model %s\n%s\n" gptel-model (buffer-string)))
    (princ (and (get-buffer "*Warnings*") (with-current-buffer "*Warnings*" (buffer-string))))
    (set-buffer-modified-p nil)))

(defun llm-switch-contract-saved--goes-on (name)
  "Check that a chat in a file called NAME goes on in a fresh Emacs as it was."
  (llm-switch-contract-with
    (pcase-let ((`(,status . ,output)
                 (apply #'llm-switch-test-emacs
                        (llm-switch-contract-saved--forms (llm-switch-contract-saved--chat name)))))
      (should (equal (cons status (and (not (eql status 0)) output)) '(0)))
      (should (string-search "backend llm-switch model sw/sim/inspect\n" output))
      (should (string-search "\noffered (sw/mode sw/sim/inspect)\n" output))
      (should (string-search "\nmodel sw/sim/inspect\n" output))
      (should-not (string-match-p "Could not\\|Warning\\|instead" output))
      ;; Who said what is known again.
      (should (string-match-p "\"role\":\"user\",\"text\":\"[^\"]*The first question" output))
      (should (string-match-p "\"role\":\"assistant\",\"text\":\"{" output))
      (should (string-match-p "\"role\":\"user\",\"text\":\"[^\"]*The second question" output)))))

(ert-deftest llm-switch-contract-saved/a-text-chat-goes-on-in-a-fresh-emacs ()
  (llm-switch-contract-saved--goes-on "chat.txt"))

(ert-deftest llm-switch-contract-saved/an-org-chat-goes-on-in-a-fresh-emacs ()
  (let ((gptel-org-convert-response nil))
    (llm-switch-contract-saved--goes-on "chat.org")))

(ert-deftest llm-switch-contract-saved/loading-llm-switch-does-not-load-gptel ()
  (llm-switch-contract-with
    (should (equal (llm-switch-test-emacs '(require 'llm-switch) '(princ (featurep 'gptel)))
                   '(0 . "nil")))))

(defun llm-switch-contract-saved--backends (&rest forms)
  "Return the names of gptel's backends after FORMS in a fresh Emacs.
Older versions of gptel register ChatGPT by themselves."
  (pcase-let ((`(,status . ,output)
               (apply #'llm-switch-test-emacs
                      `(,@forms (prin1 (mapcar #'car gptel--known-backends))))))
    (should (equal status 0))
    (remove "ChatGPT" (read output))))

(ert-deftest llm-switch-contract-saved/our-backend-is-there-once-however-it-is-loaded ()
  (llm-switch-contract-with
    (dolist (order '((llm-switch gptel) (gptel llm-switch) (llm-switch llm-switch-gptel)
                     (llm-switch-gptel llm-switch)))
      (should (equal (apply #'llm-switch-contract-saved--backends
                            (mapcar (lambda (feature) `(require ',feature)) order))
                     '("llm-switch"))))))

(ert-deftest llm-switch-contract-saved/a-package-that-is-only-installed-is-enough ()
  (llm-switch-contract-with
    (let ((folder (expand-file-name "installed" llm-switch-test-folder)))
      (make-directory folder)
      (copy-file (locate-library "llm-switch.el") (file-name-as-directory folder))
      (package-generate-autoloads "llm-switch" folder)
      (should (equal (llm-switch-contract-saved--backends
                      `(load ,(expand-file-name "llm-switch-autoloads.el" folder) nil t)
                      '(require 'gptel))
                     '("llm-switch"))))))

(ert-deftest llm-switch-contract-saved/a-users-own-backend-stays-the-first ()
  (llm-switch-contract-with
    (should (equal (llm-switch-contract-saved--backends
                    '(require 'llm-switch)
                    '(require 'gptel-ollama)
                    '(gptel-make-ollama "Mine" :models '(m))
                    '(require 'gptel))
                   '("Mine" "llm-switch")))))

(provide 'llm-switch-contract-saved-test)
;;; llm-switch-contract-saved-test.el ends here
