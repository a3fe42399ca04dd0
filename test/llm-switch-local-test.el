;;; llm-switch-local-test.el --- Servers on this machine  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; llama-server is the real one.  Ollama is not: it cannot be had from package
;; registries, and test/fixtures/servers/stand-in stands in for `ollama serve'.

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-local)

(defconst llm-switch-local-test-stand-in
  (expand-file-name "test/fixtures/servers/stand-in" llm-switch-test-root)
  "What stands in where a test is about the process.")

(defconst llm-switch-local-test-model
  (expand-file-name "test/fixtures/models/tiny-demo.gguf" llm-switch-test-root)
  "A real model.")

(defun llm-switch-local-test-llama ()
  "Return a program in the folder of the test that is called as llama-server is."
  (let ((file (expand-file-name "llama-server" llm-switch-test-folder)))
    (with-temp-file file
      (insert "#!/bin/sh\nport= model= last=\n"
              "for it do case $last in --port) port=$it ;; --model) model=$it ;; esac; last=$it; done\n"
              "exec " (shell-quote-argument (expand-file-name ".dev/llama-server"
                                                              llm-switch-test-root))
              " \"$port\" \"$model\" \"$@\"\n"))
    (set-file-modes file #o755)
    file))

(defun llm-switch-local-test-holder ()
  "Return a process that holds a port of this machine, and hangs up on all.
It is below those that the system gives to connections, so that the next one,
which a server then gets, is not gone when that is started."
  (or (ignore-errors
        (make-network-process :name "holder" :server t :host "127.0.0.1" :noquery t
                              :service (+ 20000 (* 60 (random 200)))
                              :sentinel (lambda (caller _) (delete-process caller))))
      (llm-switch-local-test-holder)))

(defmacro llm-switch-local-test-in (mode &rest body)
  "Run BODY in the table of local servers; stand-ins behave as in MODE.
No server of this machine's own is in it, and the usual port of llama-server is
taken by nobody who answers."
  (declare (indent 1) (debug t))
  `(let* ((holders (list (llm-switch-local-test-holder) (llm-switch-local-test-holder)))
          (ports (mapcar (lambda (it) (process-contact it :service)) holders))
          (llm-switch-local-programs
           `(("llamacpp" ,llm-switch-local-test-stand-in)
             ("ollama" ,llm-switch-local-test-stand-in)))
          (process-environment (cons (concat "STAND_IN=" ,mode) process-environment)))
     (unwind-protect
         (llm-switch-test-with (format "[provider.llamacpp]\nbase-url = 'http://127.0.0.1:%d/v1'
[provider.ollama]\nbase-url = 'http://127.0.0.1:%d'\n" (car ports) (cadr ports))
           (save-window-excursion
             (unwind-protect
                 (progn (llm-switch-local)
                        (llm-switch-test-wait (not llm-switch-local--id))
                        ,@body)
               (kill-buffer llm-switch-local--buffer))))
       (mapc #'delete-process holders))))

(defun llm-switch-local-test-go (regexp)
  "Wait for a line that REGEXP matches, go there and return its row."
  (llm-switch-test-wait
    (unless llm-switch-local--id (llm-switch-local--refresh))
    (goto-char (point-min))
    (when (re-search-forward regexp nil t) (beginning-of-line) t))
  (llm-switch-local--here))

(defun llm-switch-local-test-runs (pid)
  "Return non-nil if the process PID runs; one that waits to be reaped does not."
  (when-let* ((attributes (process-attributes pid)))
    (not (equal (alist-get 'state attributes) "Z"))))

(defun llm-switch-local-test-told (regexp)
  "Wait until a message matches REGEXP."
  (llm-switch-test-wait
    (with-current-buffer (messages-buffer)
      (save-excursion (goto-char (point-min)) (re-search-forward regexp nil t)))))

;;; A real server

(ert-deftest llm-switch-local/a-real-llama-server-is-started-asked-and-stopped ()
  (llm-switch-local-test-in ""
    (let ((llm-switch-local-programs `(("llamacpp" ,(llm-switch-local-test-llama))))
          (llm-switch-test-patience 120))
      (should (eq 'error (car (llm-switch-test-end (llm-switch-test-submit "mode" "Hi")))))
      (llm-switch-local-start "llamacpp" llm-switch-local-test-model)
      (let* ((row (llm-switch-local-test-go "llama.cpp +127.0.0.1:[0-9]+ +ready +tiny-demo +4.1k +0/2"))
             (account (plist-get row :account)))
        (should (string-match-p "\\`llamacpp-[0-9]+\\'" account))
        (should (equal (plist-get row :file) llm-switch-local-test-model))
        (should (string-match-p "/llama-server\\|/ld-linux"
                                (alist-get 'args (process-attributes (plist-get row :pid)))))
        ;; By its own name, and by the mode that leaves the choice to us.
        (dolist (model (list (concat account "/tiny-demo") "mode"))
          (let ((events (llm-switch-test-submit model "Tell me a story about a cat." :temperature 0)))
            (should (eq 'done (car (llm-switch-test-end events))))
            (should (equal (plist-get (cdr (llm-switch-test-end events)) :account) account))
            (should (string-match-p "cat" (alist-get 'text events)))))
        (llm-switch-local-test-go "ready +tiny-demo +4.1k +0/2 +[1-9][0-9]* +[0-9:]+$")
        (execute-kbd-macro "k")
        (llm-switch-local-test-go (concat (plist-get row :address) " +stopped"))
        (should-not (llm-switch-local-test-runs (plist-get row :pid)))
        (should-not (seq-find (lambda (it) (equal (plist-get it :account) account))
                              (llm-switch-deployments)))))))

(ert-deftest llm-switch-local/a-real-llama-server-that-fails-says-why ()
  (llm-switch-local-test-in ""
    (let ((llm-switch-local-programs `(("llamacpp" ,(llm-switch-local-test-llama))))
          (llm-switch-test-patience 120)
          (file (expand-file-name "broken.gguf" llm-switch-test-folder)))
      (with-temp-file file (insert "no model"))
      (llm-switch-local-start "llamacpp" file)
      (llm-switch-local-test-go "failed +broken.gguf .*it ended by itself (exit status: 1)")
      (llm-switch-local-test-told "did not start: .*\n\\(?:.*\n\\)*.*failed to load model"))))

;;; Stand-ins

(ert-deftest llm-switch-local/ollama-is-started-by-keys-and-tells-what-is-in-memory ()
  (llm-switch-local-test-in ""
    (llm-switch-test-keys "Ollama RET" (call-interactively #'llm-switch-local-start))
    (let ((row (llm-switch-local-test-go "Ollama +127.0.0.1:[0-9]+ +ready +stand-in:1b .*+1 +4.1k +–")))
      (should (eq (plist-get row :ours) t))
      (execute-kbd-macro (kbd "RET"))
      (with-current-buffer "*llm-switch local server*"
        (should (string-match-p "2 models\n  stand-in:1b +4.1k  in memory\n  other:2b +8.2k"
                                (buffer-string))))
      ;; It does not tell whether it is idle, so it is asked.
      (cl-letf (((symbol-function 'y-or-n-p) (lambda (&rest _) nil)))
        (llm-switch-local-stop))
      (should (llm-switch-local-test-runs (plist-get row :pid)))
      (cl-letf (((symbol-function 'y-or-n-p) (lambda (&rest _) t)))
        (llm-switch-local-stop))
      (llm-switch-local-test-go (concat (plist-get row :address) " +stopped"))
      (should-not (llm-switch-local-test-runs (plist-get row :pid))))))

(ert-deftest llm-switch-local/the-log-follows-and-the-table-keeps-its-line ()
  (llm-switch-local-test-in ""
    (llm-switch-local-start "llamacpp" llm-switch-local-test-model)
    (llm-switch-local-start "ollama")
    (llm-switch-local-test-go "llama.cpp .*ready +stand-in +4.1k +1/2 +42")
    (let ((row (llm-switch-local-test-go "Ollama .*ready"))
          (log nil))
      (execute-kbd-macro "l")
      (setq log (window-buffer))
      (should (eq 'llm-switch-local-log-mode (buffer-local-value 'major-mode log)))
      (llm-switch-test-wait (with-current-buffer log (string-search "arguments serve\n" (buffer-string))))
      (with-current-buffer log
        (should (= (point) (point-max)))
        (should llm-switch-local-log--id))
      (cl-letf (((symbol-function 'y-or-n-p) (lambda (&rest _) t)))
        (with-current-buffer llm-switch-local--buffer (llm-switch-local-stop)))
      (llm-switch-test-wait
        (with-current-buffer log (string-suffix-p "-- the server is stopped\n" (buffer-string))))
      (kill-buffer log)
      (with-current-buffer llm-switch-local--buffer
        (should (equal (llm-switch-local--key row) (tabulated-list-get-id)))
        (llm-switch-test-wait
          (string-match-p "stopped" (buffer-substring (line-beginning-position)
                                                      (line-end-position))))))))

(ert-deftest llm-switch-local/what-was-not-started-here-is-only-looked-at ()
  (let ((other (llm-switch-test-simulator)))
    (unwind-protect
        (llm-switch-test-with (format "[provider.box]\nbase-url = %S\n" (process-get other 'url))
          (save-window-excursion
            (llm-switch-local)
            (let ((row (llm-switch-local-test-go
                        (concat "box +127.0.0.1:"
                                (number-to-string (url-port (url-generic-parse-url
                                                             (process-get other 'url))))
                                " +ready"))))
              (should-not (eq (plist-get row :ours) t)))
            (should-error (llm-switch-local-stop) :type 'user-error)
            (should-error (llm-switch-local-show-log) :type 'user-error)
            (kill-buffer llm-switch-local--buffer)))
      (delete-process other))))

(ert-deftest llm-switch-local/what-is-not-installed-says-what-to-install ()
  (llm-switch-local-test-in ""
    (let ((llm-switch-local-programs '(("llamacpp" "no-such-llama"))))
      (llm-switch-local-start "llamacpp" llm-switch-local-test-model)
      (llm-switch-local-test-told "no program \"no-such-llama\"\\. Install llama\\.cpp (http.*, \
or set `llm-switch-local-programs`"))))

(ert-deftest llm-switch-local/a-killed-emacs-leaves-no-server ()
  (let* ((folder (make-temp-file "llm-switch-test-" t))
         (file (expand-file-name "row" folder))
         (form
          `(progn
             (setq load-path ',load-path)
             (require 'llm-switch-local)
             (setq llm-switch-config-file ,(expand-file-name "config.toml" folder)
                   llm-switch-ledger-file ,(expand-file-name "ledger.db" folder)
                   llm-switch-state-directory ,folder
                   llm-switch-local-programs '(("ollama" ,llm-switch-local-test-stand-in)))
             (setenv "STAND_IN" "alone")
             (let ((told (llm-switch-call "local.start"
                                          (list :kind "ollama"
                                                :program ,(vector llm-switch-local-test-stand-in)))))
               (dolist (row (llm-switch-call "local.list"))
                 (when (eql (plist-get row :server) (plist-get told :server))
                   (write-region (number-to-string (plist-get row :pid)) nil ,(concat file ".new"))
                   (rename-file ,(concat file ".new") ,file))))
             (while t (accept-process-output nil 1))))
         (emacs (make-process
                 :name "emacs" :noquery t :connection-type 'pipe
                 :command `(,(expand-file-name invocation-name invocation-directory) "-Q" "--batch"
                            ,@(when (getenv "EMACS_DUMP_FILE")
                                (list "--dump-file" (getenv "EMACS_DUMP_FILE")))
                            "--eval" ,(prin1-to-string form)))))
    (unwind-protect
        (progn
          (llm-switch-test-wait (file-exists-p file))
          (let ((pid (with-temp-buffer (insert-file-contents file)
                                       (string-to-number (buffer-string)))))
            (should (llm-switch-local-test-runs pid))
            (signal-process emacs 'SIGKILL)
            (llm-switch-test-wait (not (llm-switch-local-test-runs pid)))))
      (delete-process emacs)
      (delete-directory folder t))))

;;; What is told and offered

(ert-deftest llm-switch-local/the-environment-is-that-of-emacs-without-keys ()
  (let* ((process-environment (list "A=1" "A=2" "B" "B=3" (concat "C=" (llm-switch-test-key "c"))
                                    "D=x=y" "E="))
         (told (llm-switch-environment '("C"))))
    (should (equal (gethash "A" told) "1"))
    (should (equal (gethash "D" told) "x=y"))
    (should (equal (gethash "E" told) ""))
    (should (= 3 (hash-table-count told)))))

(ert-deftest llm-switch-local/models-are-found-and-parts-of-one-are-one ()
  (let* ((folder (file-name-as-directory (make-temp-file "llm-switch-test-" t)))
         (llm-switch-local-model-directories (list folder "/nowhere/")))
    (unwind-protect
        (progn
          (make-directory (expand-file-name "deep/er" folder) t)
          (dolist (name '("a.gguf" "mmproj-a.gguf" "deep/b-00001-of-00002.gguf"
                          "deep/b-00002-of-00002.gguf" "deep/er/c.gguf" "deep/readme"))
            (write-region "" nil (expand-file-name name folder) nil 'quiet))
          (should (equal (sort (mapcar #'file-name-nondirectory (llm-switch-local-start--models))
                               #'string<)
                         '("a.gguf" "b-00001-of-00002.gguf" "c.gguf"))))
      (delete-directory folder t))))

(provide 'llm-switch-local-test)
;;; llm-switch-local-test.el ends here
