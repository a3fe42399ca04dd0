;;; llm-switch-bad-input-test.el --- What goes wrong is told, and Emacs lives  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)

(defun llm-switch-bad-input-error (deployment)
  "Ask DEPLOYMENT and return its error, a plist; see that Emacs goes on."
  (let ((end (llm-switch-test-end (llm-switch-test-submit deployment "Hi"))))
    (should (eq (car end) 'error))
    (should (eq 'done (car (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi")))))
    (cdr end)))

(defun llm-switch-bad-input-message (deployment)
  "Ask DEPLOYMENT and return the message of its error."
  (plist-get (llm-switch-bad-input-error deployment) :message))

(ert-deftest llm-switch-bad-input/no-server-at-the-port ()
  (llm-switch-test-with (concat (llm-switch-test-config)
                                "[provider.box]\nbase-url = 'http://127.0.0.1:9/v1'\n")
    (let ((message (llm-switch-bad-input-message "box/m")))
      (should (string-match-p "\\`box/m: nothing answers at this address\\. Start the server" message)))))

(ert-deftest llm-switch-bad-input/server-dies-in-the-middle ()
  (llm-switch-test-with (llm-switch-test-config)
    (dolist (script '("cut:3" "truncate:3" "reset:3"))
      (let* ((events (llm-switch-test-submit (concat "sim/" script) "Hi"))
             (error (cdr (llm-switch-test-end events))))
        (should (equal (plist-get error :kind) "network"))
        (should (string-match-p "the connection broke\\|ended in the middle"
                                (plist-get error :what)))
        ;; What had come stays.
        (should (string-prefix-p "w1 w2" (alist-get 'text events)))))))

(ert-deftest llm-switch-bad-input/every-status-with-every-body ()
  (llm-switch-test-with (llm-switch-test-config)
    (pcase-dolist (`(,status ,kind) '((401 "auth") (404 "model-not-found") (429 "rate-limited")
                                      (500 "server") (503 "overloaded")))
      (dolist (body '("json" "html" "empty" "text"))
        (let ((error (llm-switch-bad-input-error (format "sim/status:%d:%s" status body))))
          (should (equal (list status body (plist-get error :kind) (plist-get error :http-status))
                         (list status body kind status)))
          (should (plist-get error :advice)))))))

(ert-deftest llm-switch-bad-input/not-json ()
  (llm-switch-test-with (llm-switch-test-config)
    (should (string-match-p "not what openai-chat services send"
                            (llm-switch-bad-input-message "sim/notjson")))
    (should (string-match-p "a web page came instead of an answer"
                            (llm-switch-bad-input-message "sim/html200")))))

(ert-deftest llm-switch-bad-input/a-line-of-50-mb ()
  (llm-switch-test-with (llm-switch-test-config)
    (should (string-match-p "a line of more than 16 MB"
                            (llm-switch-bad-input-message "sim/line:50")))))

(ert-deftest llm-switch-bad-input/wrong-key ()
  (let* ((right (llm-switch-test-key "right"))
         (wrong (llm-switch-test-key "wrong"))
         (simulator (llm-switch-test-locked-simulator right)))
    (unwind-protect
        (llm-switch-test-with
            (concat (llm-switch-test-config)
                    (format "[provider.shut]\nbase-url = %S\nauth = 'bearer'\n\
[account.shut]\nkey = 'env:LLM_SWITCH_TEST_KEY'\n"
                            (process-get simulator 'url)))
          (let ((process-environment (cons (concat "LLM_SWITCH_TEST_KEY=" wrong) process-environment)))
            (let ((error (llm-switch-bad-input-error "shut/hello")))
              (should (equal (plist-get error :kind) "auth"))
              (should-not (string-search wrong (format "%S" error)))))
          ;; A key that was refused is asked for again.
          (let ((process-environment (cons (concat "LLM_SWITCH_TEST_KEY=" right) process-environment)))
            (should (eq 'done (car (llm-switch-test-end
                                    (llm-switch-test-submit "shut/hello" "Hi")))))))
      (delete-process simulator))))

(ert-deftest llm-switch-bad-input/a-broken-configuration-file ()
  (llm-switch-test-with "[account.x]\nkye = 'env:X'\n"
    (let* ((end (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi")))
           (message (plist-get (cdr end) :message)))
      (should (string-match-p "line 2: unknown word `kye`: did you mean `key`\\?" message))
      (should (string-search llm-switch-config-file message)))
    (should (string-match-p "did you mean" (cadr (should-error (llm-switch-reload)
                                                              :type 'llm-switch-config))))))

(ert-deftest llm-switch-bad-input/a-bad-reload-keeps-what-was-in-force ()
  (llm-switch-test-with (llm-switch-test-config)
    (should (eq 'done (car (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi")))))
    (with-temp-file llm-switch-config-file (insert "nonsense"))
    (should-error (llm-switch-reload) :type 'llm-switch-config)
    (should (eq 'done (car (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi")))))))

(ert-deftest llm-switch-bad-input/a-model-that-names-nothing ()
  (llm-switch-test-with (llm-switch-test-config)
    (should (string-match-p "there is no route \"hello\"" (llm-switch-bad-input-message "hello")))
    (should (string-match-p "Did you mean \"sim\"" (llm-switch-bad-input-message "sin/hello")))))

;;; The ledger

(defun llm-switch-bad-input--ledger (break check)
  "Call BREAK on the ledger's name, chat twice, and call CHECK on the name.
The chats succeed and say that they were not recorded; the reason is told once.
Return it."
  (let ((notices nil))
    (llm-switch-test-with (llm-switch-test-config)
      (make-directory (file-name-directory llm-switch-ledger-file) t)
      (funcall break llm-switch-ledger-file)
      (let ((llm-switch-channel-notice-functions (list (lambda (it) (push it notices)))))
        (dotimes (_ 2)
          (let ((end (llm-switch-test-end (llm-switch-test-submit "sim/hello" "Hi"))))
            (should (eq (car end) 'done))
            (should (plist-get (cdr end) :ledger-error)))))
      (funcall check llm-switch-ledger-file))
    (should (equal (mapcar (lambda (it) (plist-get it :kind)) notices) '("ledger")))
    (plist-get (car notices) :message)))

(defun llm-switch-bad-input--content (file)
  "Return the bytes of FILE.  No SQLite of this process has it open."
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (insert-file-contents-literally file)
    (buffer-string)))

(ert-deftest llm-switch-bad-input/a-ledger-that-is-no-ledger-is-left-as-it-is ()
  (let ((notes (apply #'concat (make-list 500 "my own notes\n"))))
    (should (string-search
             "ledger.db"
             (llm-switch-bad-input--ledger
              (lambda (file) (with-temp-file file (insert notes)))
              (lambda (file) (should (equal (llm-switch-bad-input--content file) notes))))))))

(ert-deftest llm-switch-bad-input/a-damaged-ledger-is-left-as-it-is ()
  (let ((damaged nil))
    (should (string-search
             "damaged"
             (llm-switch-bad-input--ledger
              (lambda (file)
                (llm-switch-test-submit "sim/hello" "Hi")
                (llm-switch-channel-stop)
                (setq damaged (llm-switch-bad-input--content file))
                ;; The second page from its head on.
                (dotimes (n 4000) (aset damaged (+ 4096 n) ?x))
                (let ((coding-system-for-write 'binary))
                  (write-region damaged nil file nil 'silent)))
              (lambda (file)
                (should (equal (llm-switch-bad-input--content file) damaged))))))))

(ert-deftest llm-switch-bad-input/a-ledger-that-cannot-be-written ()
  (should (string-search "ledger.db"
                         (llm-switch-bad-input--ledger #'make-directory #'ignore))))

(ert-deftest llm-switch-bad-input/a-ledger-that-another-program-locks ()
  (let ((locker nil))
    (unwind-protect
        (should (string-search
                 "ledger.db"
                 (llm-switch-bad-input--ledger
                  (lambda (file)
                    (setq locker (llm-switch-bad-input--lock file)))
                  (lambda (_)
                    (delete-process locker)
                    (should-not (plist-get (cdr (llm-switch-test-end
                                                 (llm-switch-test-submit "sim/hello" "Hi")))
                                           :ledger-error))))))
      (when (process-live-p locker) (delete-process locker)))))

(defun llm-switch-bad-input--lock (file)
  "Return a process that holds an exclusive lock on the database FILE."
  (let* ((locked nil)
         (process
          (make-process
           :name "locker" :connection-type 'pipe :noquery t
           :filter (lambda (_ _) (setq locked t))
           :command (list "python3" "-c" "import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('BEGIN EXCLUSIVE')
print('locked', flush=True)
sys.stdin.read()" file))))
    (llm-switch-test-wait locked)
    process))

(provide 'llm-switch-bad-input-test)
;;; llm-switch-bad-input-test.el ends here
