;;; llm-switch-adopt-test.el --- gptel's own backends, through the switch  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'gptel-anthropic)
(require 'gptel-bedrock)
(require 'gptel-gemini)
(require 'gptel-kagi)
(require 'gptel-ollama)
(require 'gptel-openai-extras)
(require 'gptel-openai-responses)
(require 'llm-switch-mode)

(defvar llm-switch-adopt-test-asked nil
  "The backends whose key was asked for, the last first.")

(defun llm-switch-adopt-test-backends (host)
  "Register eight backends of gptel's at HOST, of seven types; return them."
  (let ((key (lambda (name)
               (lambda () (push name llm-switch-adopt-test-asked) (llm-switch-test-key name))))
        (more `(:host ,host :protocol "http" :models (hello))))
    (list (apply #'gptel-make-openai "Chat" :stream t :key (funcall key "chat") more)
          (apply #'gptel-make-openai "Second key" :key (funcall key "second") more)
          ;; Streamed, gptel's own answer is empty in Emacs 28.
          (apply #'gptel-make-openai-responses "ChatGPT" :key (funcall key "gpt") more)
          (apply #'gptel-make-anthropic "Claude" :stream t :key (funcall key "claude") more)
          ;; gptel streams from Gemini in a way that the simulator does not know.
          (apply #'gptel-make-gemini "Gemini" :key (funcall key "gemini") more)
          (apply #'gptel-make-ollama "Ollama" :stream t more)
          (apply #'gptel-make-deepseek "DeepSeek" :stream t :key (funcall key "deep") more)
          (apply #'gptel-make-perplexity "Perplexity" :stream t :key (funcall key "p")
                 :endpoint "/v1/chat/completions" more))))

(defmacro llm-switch-adopt-test-with (&rest body)
  "Run BODY with eight `backends' of gptel's at the simulator, and a fresh engine."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with ""
     (let* ((gptel--known-backends nil)
            (gptel-proxy "")
            (llm-switch-adopt-test-asked nil)
            (url (llm-switch-test-url))
            (backends (llm-switch-adopt-test-backends
                       (substring url (length "http://") (string-search "/v1" url)))))
       (ignore backends)
       (unwind-protect (progn ,@body)
         (llm-switch-mode -1)))))

(defun llm-switch-adopt-test-chat (backend)
  "Return what a new chat with BACKEND looks like after an answer."
  (with-temp-buffer
    (text-mode)
    (setq-local gptel-backend backend gptel-model 'hello)
    (gptel-mode 1)
    (let ((info (llm-switch-test-ask "Hi")))
      (should-not (plist-get info :error)))
    (should (eq gptel-backend backend))
    (should (eq gptel-model 'hello))
    (set-buffer-modified-p nil)
    (buffer-substring-no-properties (point-min) (point-max))))

(defun llm-switch-adopt-test-variables ()
  "Return what gptel's variables and functions are now, printed."
  (let ((found nil) (print-circle t) (print-length nil))
    (mapatoms
     (lambda (symbol)
       (let ((name (symbol-name symbol)))
         (when (and (string-prefix-p "gptel" name)
                    ;; What each request changes.
                    (not (memq symbol '(gptel--request-alist gptel--fsm-last))))
           (when (boundp symbol)
             (push (list symbol (prin1-to-string (default-value symbol))) found))
           (when (fboundp symbol)
             (push (list symbol (advice--p (symbol-function symbol))) found))))))
    (sort found (lambda (a b) (string< (format "%S" a) (format "%S" b))))))

(defun llm-switch-adopt-test-rows ()
  "Return how many requests each account has in the ledger, an alist."
  (mapcar (lambda (row) (cons (car (plist-get row :names)) (plist-get row :requests)))
          (plist-get (llm-switch-call "spend.report" '(:by "account" :span "day")) :rows)))

(ert-deftest llm-switch-adopt/eight-backends-go-on-as-they-are-with-rows-in-the-ledger ()
  (llm-switch-adopt-test-with
    (llm-switch-gptel-install)
    (let ((before (mapcar #'llm-switch-adopt-test-chat backends))
          (variables (llm-switch-adopt-test-variables)))
      (should (cl-every (lambda (text) (string-match-p "Hello from the simulator" text)) before))
      (llm-switch-mode 1)
      (should (equal (mapcar #'llm-switch-adopt-test-chat backends) before))
      (should (equal (sort (llm-switch-adopt-test-rows)
                           (lambda (a b) (string< (car a) (car b))))
                     '(("chat" . 1) ("chatgpt" . 1) ("claude" . 1) ("deepseek-gptel" . 1)
                       ("gemini-gptel" . 1) ("ollama-gptel" . 1) ("perplexity" . 1)
                       ("second-key" . 1))))
      (llm-switch-mode -1)
      (should (equal (llm-switch-adopt-test-variables) variables))
      (should (equal (mapcar #'llm-switch-adopt-test-chat backends) before))
      (should (= (apply #'+ (mapcar #'cdr (llm-switch-adopt-test-rows))) 8)))))

(ert-deftest llm-switch-adopt/each-backends-own-key-is-used-and-asked-for-no-sooner ()
  (llm-switch-adopt-test-with
    (llm-switch-mode 1)
    (should (cl-every (lambda (row) (plist-get row :twin)) (llm-switch-adopt-rows)))
    (should-not llm-switch-adopt-test-asked)
    (llm-switch-adopt-test-chat (nth 1 backends))
    (should (equal llm-switch-adopt-test-asked '("second")))))

(ert-deftest llm-switch-adopt/a-wrong-key-of-gptels-is-refused-by-the-service ()
  (llm-switch-test-with ""
    (let* ((simulator (llm-switch-test-locked-simulator (llm-switch-test-key "right")))
           (url (process-get simulator 'url))
           (gptel--known-backends nil)
           (gptel-proxy "")
           (key (llm-switch-test-key "right"))
           (backend (gptel-make-openai "Locked" :protocol "http" :models '(hello) :stream t
                      :host (substring url (length "http://") (string-search "/v1" url))
                      :key (lambda () key))))
      (unwind-protect
          (progn
            (llm-switch-mode 1)
            (should (string-match-p "Hello" (llm-switch-adopt-test-chat backend)))
            (llm-switch-mode -1)
            (llm-switch-mode 1)
            (setq key (llm-switch-test-key "wrong"))
            (with-temp-buffer
              (text-mode)
              (setq-local gptel-backend backend gptel-model 'hello)
              (gptel-mode 1)
              (should (equal (plist-get (plist-get (llm-switch-test-ask "Hi") :error) :type) "auth"))
              (set-buffer-modified-p nil)))
        (llm-switch-mode -1)
        (delete-process simulator)))))

(ert-deftest llm-switch-adopt/what-cannot-be-adopted-says-why ()
  (llm-switch-adopt-test-with
    (let ((llm-switch-adopt-except '("Perplexity")))
      (gptel-make-kagi "Kagi" :key "k")
      (gptel-make-azure "Azure" :host "x.openai.azure.com" :models '(m)
                        :endpoint "/openai/deployments/d/chat/completions?api-version=1")
      (gptel-make-openai "Portkey" :host "portkey.example" :models '(m)
                         :header '(("x-portkey" . "v")))
      (gptel-make-openai "In the header" :host "h.example" :models '(m)
                         :header '(("Authorization" . "Bearer of-my-own")))
      (gptel-make-openai "Tunnel" :host "t.example" :models '(m) :curl-args '("--socks5" "x"))
      (gptel-make-ollama "Lan" :host "192.168.1.5:11434" :models '(m))
      (llm-switch-mode 1)
      (let ((why (lambda (name)
                   (plist-get (seq-find (lambda (row) (equal (plist-get row :name) name))
                                        (llm-switch-adopt-rows))
                              :why))))
        (should-not (funcall why "Claude"))
        (pcase-dolist (`(,name . ,reason)
                       '(("Kagi" . "protocol of its own") ("Azure" . "ends in")
                         ("Portkey" . "x-portkey") ("In the header" . "key in a header")
                         ("Tunnel" . "arguments to curl") ("Lan" . "in clear")
                         ("Perplexity" . "llm-switch-adopt-except")))
          (should (string-match-p reason (funcall why name))))
        (let ((gptel-proxy "http://127.0.0.1:3128"))
          (should (string-match-p "gptel-proxy" (funcall why "Claude"))))
        (save-window-excursion
          (llm-switch-adopted)
          (should (string-match-p "Kagi +– +– +– +not adopted: speaks" (buffer-string)))
          (should (string-match-p "Claude +claude +local +free" (buffer-string)))
          (kill-buffer))))))

(ert-deftest llm-switch-adopt/a-metered-backend-comes-with-the-default-cap-and-gptels-price ()
  (llm-switch-adopt-test-with
    (let ((llm-switch-adopt-payers '(("Chat" . "metered"))))
      (put 'priced-by-gptel :input-cost nil)
      (gptel-make-openai "Chat" :stream t :protocol "http" :key "k"
        :host (gptel-backend-host (car backends))
        :models '((hello :input-cost 1.5 :output-cost 3)))
      (llm-switch-mode 1)
      (llm-switch-adopt-test-chat (alist-get "Chat" gptel--known-backends nil nil #'equal))
      (let ((budget (car (llm-switch-call "budget.list"))))
        (should (equal (plist-get budget :name) "chat, day, default"))
        (should (> (plist-get budget :spent) 0)))
      (put 'hello :input-cost nil)
      (put 'hello :output-cost nil))))

(ert-deftest llm-switch-adopt/a-backend-that-was-made-anew-is-adopted-anew ()
  (llm-switch-adopt-test-with
    (llm-switch-mode 1)
    (llm-switch-adopt-rows)
    (let ((backend (gptel-make-openai "Later" :stream t :protocol "http" :models '(hello)
                     :host (gptel-backend-host (car backends)))))
      (llm-switch-adopt-test-chat backend)
      (should (equal (llm-switch-adopt-test-rows) '(("later" . 1)))))))

(ert-deftest llm-switch-adopt/in-a-buffer-pinned-to-local-what-is-elsewhere-is-refused ()
  (llm-switch-adopt-test-with
    (llm-switch-gptel-install)
    (let* ((make (lambda (&rest more)
                   (apply #'gptel-make-openai "Far" :host "far.invalid" :models '(m) :key "k"
                          more)))
           ;; One that can be adopted and one that cannot.
           (able (funcall make))
           (unable (funcall make :curl-args '("--http1.1")))
           (curl nil))
      (pcase-dolist (`(,mode . ,far) `((-1 . ,able) (1 . ,unable) (1 . ,able)))
        (setf (alist-get "Far" gptel--known-backends nil nil #'equal) far)
        (llm-switch-mode mode)
        (with-temp-buffer
          (text-mode)
          (setq-local gptel-backend far gptel-model 'm llm-switch-pins '("local"))
          (gptel-mode 1)
          (cl-letf (((symbol-function 'make-process) (lambda (&rest it) (push it curl) nil)))
            (let ((problem (plist-get (llm-switch-test-ask "Hi") :error)))
              (should (equal (plist-get problem :type) "refused"))
              (should (string-match-p "Far is not known to be on this machine"
                                      (plist-get problem :message)))))
          (should-not curl)
          (set-buffer-modified-p nil)))
      ;; One on this machine goes on.
      (llm-switch-mode -1)
      (with-temp-buffer
        (text-mode)
        (setq-local gptel-backend (car backends) gptel-model 'hello llm-switch-pins '("local"))
        (gptel-mode 1)
        (should-not (plist-get (llm-switch-test-ask "Hi") :error))
        (set-buffer-modified-p nil)))))

(ert-deftest llm-switch-adopt/a-preview-in-an-adopted-chat-tells-its-price ()
  (llm-switch-adopt-test-with
    (with-temp-buffer
      (text-mode)
      (setq-local gptel-backend (car backends) gptel-model 'hello)
      (insert "How much?")
      (let ((problem (should-error (llm-switch-preview-cost) :type 'user-error)))
        (should (string-match-p "backend is Chat; .*llm-switch-mode" (cadr problem))))
      (llm-switch-mode 1)
      (llm-switch-test-reset)
      (should (string-match-p "\\`chat/hello · .* in · .* out" (llm-switch-preview-cost)))
      (should (eq gptel-backend (car backends)))
      (should-not (llm-switch-test-received)))))

(provide 'llm-switch-adopt-test)
;;; llm-switch-adopt-test.el ends here
