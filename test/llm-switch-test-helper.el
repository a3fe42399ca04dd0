;;; llm-switch-test-helper.el --- What the tests share  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The tests use the real module, the simulator as a child process, and a real
;; llama-server that the make target starts.  A part that is missing makes a
;; test fail.  Each test has folders of its own, which are kept when it fails.

;;; Code:

(require 'cl-lib)
(require 'ert)
(require 'gptel)
(require 'llm-switch)
(require 'llm-switch-gptel)
(require 'url)

(defvar url-proxy-services)

(defconst llm-switch-test-root
  (locate-dominating-file (or load-file-name buffer-file-name) "Eask")
  "The checkout.")

(defvar llm-switch-test-patience 30
  "Seconds after which something that should happen has not.")

;;; Evidence and keys

(defun llm-switch-test-evidence (provider cells &optional remark)
  "Note that the test which runs has shown CELLS of PROVIDER with a real server.
CELLS are columns of `make provider-table'; REMARK says what they leave open.
Do nothing unless LLM_SWITCH_EVIDENCE names a file."
  (when-let* ((file (getenv "LLM_SWITCH_EVIDENCE")))
    (dolist (cell cells)
      (let ((line (list provider cell "real"
                        (symbol-name (ert-test-name (ert-running-test))) (or remark ""))))
        (write-region (concat (string-join line "\t") "\n") nil file 'append 'quiet)))))

(defconst llm-switch-test--key-mark
  (with-temp-buffer
    (insert-file-contents (expand-file-name "test/fixtures/key-mark" llm-switch-test-root))
    (string-trim (buffer-string)))
  "What every key of a test contains, so that .dev/keys finds the one that leaks.")

(defun llm-switch-test-key (name)
  "Return the test key called NAME."
  (concat name "-" llm-switch-test--key-mark))

;;; Waiting

(defmacro llm-switch-test-wait (&rest condition)
  "Wait until CONDITION gives non-nil and return that; fail when it does not."
  (declare (indent 0) (debug t))
  `(let ((deadline (+ (float-time) llm-switch-test-patience))
         (result nil))
     (while (not (setq result (progn ,@condition)))
       (when (> (float-time) deadline)
         (ert-fail (list "waited in vain for" ',(macroexp-progn condition))))
       (accept-process-output nil 0.01))
     result))

;;; Keys typed

(defmacro llm-switch-test-keys (input &rest form)
  "Run FORM, which reads from the minibuffer, with INPUT typed into it.
Batch Emacs reads the minibuffer from stdin, so the keys go through a macro."
  (declare (indent 1) (debug t))
  `(let ((executing-kbd-macro t)
         (unread-command-events (listify-key-sequence (kbd ,input))))
     ,@form))

;;; Folders

(defvar llm-switch-test-folder nil
  "The folder of the test that runs.")

(defmacro llm-switch-test-with (config &rest body)
  "Run BODY with an engine of its own whose configuration file holds CONFIG.
CONFIG is a form that gives a string.  `llm-switch-test-folder' is kept, and
told, when BODY fails or LLM_SWITCH_KEEP_FOLDERS is set."
  (declare (indent 1) (debug t))
  `(llm-switch-test--in-folder (lambda () ,config) (lambda () ,@body)))

(defun llm-switch-test--in-folder (config body)
  "Call BODY with an engine whose configuration is what CONFIG gives."
  (let* ((llm-switch-test-folder (file-name-as-directory (make-temp-file "llm-switch-test-" t)))
         (llm-switch-config-file (expand-file-name "config.toml" llm-switch-test-folder))
         (llm-switch-ledger-file (expand-file-name "data/ledger.db" llm-switch-test-folder))
         (llm-switch-state-directory (expand-file-name "state/" llm-switch-test-folder))
         (llm-switch-channel-notice-functions nil)
         (llm-switch-channel--handlers (make-hash-table :test #'eql))
         (llm-switch-cost-last nil)
         (passed nil))
    (with-temp-file llm-switch-config-file (insert (funcall config)))
    (llm-switch-channel-stop)
    (unwind-protect
        (prog1 (funcall body) (setq passed t))
      (llm-switch-channel-stop)
      (setq gptel--request-alist nil)
      (if (and passed (not (getenv "LLM_SWITCH_KEEP_FOLDERS")))
          (delete-directory llm-switch-test-folder t)
        (message "kept: %s" llm-switch-test-folder)))))

;;; Simulator

(defvar llm-switch-test--simulator nil
  "The simulator's process.")

(defun llm-switch-test-simulator (&rest arguments)
  "Return a new simulator process, started with ARGUMENTS.
Its base URL is its property `url'.  It ends with this Emacs."
  (let* ((program (or (getenv "LLM_SWITCH_SIMULATOR")
                      (expand-file-name "target/release/llm-switch-simulator"
                                        llm-switch-test-root)))
         (output "")
         (process (make-process
                   :name "simulator" :connection-type 'pipe :noquery t
                   :command `(,program "--until-eof" ,@arguments)
                   :filter (lambda (process text)
                             (setq output (concat output text))
                             (when (string-match "listening on \\(.*\\)\n" output)
                               (process-put process 'url (match-string 1 output)))))))
    (llm-switch-test-wait (process-get process 'url))
    process))

(defun llm-switch-test-locked-simulator (key)
  "Return a new simulator process that demands KEY, one of `llm-switch-test-key'.
KEY goes through the environment: everybody can read arguments."
  (let ((process-environment (cons (concat "LLM_SWITCH_SIMULATED_KEY=" key) process-environment)))
    (llm-switch-test-simulator "--key-in" "LLM_SWITCH_SIMULATED_KEY")))

(defun llm-switch-test-url ()
  "Return the base URL of a simulator, started at first use."
  (unless (process-live-p llm-switch-test--simulator)
    (setq llm-switch-test--simulator (llm-switch-test-simulator)))
  (process-get llm-switch-test--simulator 'url))

(defun llm-switch-test-config (&optional url)
  "Return a configuration whose account \"sim\" is the simulator at URL."
  (format "[provider.sim]\nbase-url = %S\n" (or url (llm-switch-test-url))))

(defun llm-switch-test--http (method path)
  "Send the simulator a request of METHOD for PATH and return its JSON, if any."
  (let ((url-request-method method)
        (url-proxy-services nil))
    (with-current-buffer
        (url-retrieve-synchronously
         (concat (string-remove-suffix "/v1" (llm-switch-test-url)) path) t t 10)
      (goto-char (point-min))
      (search-forward "\n\n")
      (unless (eobp)
        (prog1 (ignore-errors (json-parse-buffer :object-type 'plist :array-type 'list))
          (kill-buffer))))))

(defun llm-switch-test-received ()
  "Return the requests that the simulator got since the last reset, as plists."
  (plist-get (llm-switch-test--http "GET" "/simulator/requests") :requests))

(defun llm-switch-test-reset ()
  "Let the simulator forget what it received."
  (llm-switch-test--http "POST" "/simulator/reset"))

;;; Requests

(defun llm-switch-test-row (deployment &optional payer)
  "Return a row for DEPLOYMENT as `llm-switch-deployments' would, paid by PAYER."
  (list :deployment deployment :title "Simulator" :locality "local" :payer (or payer "free")))

(defun llm-switch-test-submit (deployment text &rest more)
  "Ask DEPLOYMENT TEXT through the channel, with MORE of an OpenAI request.
Return the events, oldest first, as a list of (KIND . REST), text joined."
  (let ((events nil))
    (llm-switch-channel-submit
     (llm-switch-channel--json
      ;; Of two values for one name the first goes out, so MORE has the say.
      `(,@more
        :model ,(concat "sw/" deployment) :stream t
        :messages [(:role "user" :content ,text)]
        :llm_switch (:v ,llm-switch-module-boundary :purpose "chat")))
     (lambda (kind rest)
       (if (and (memq kind '(text reasoning)) (eq kind (caar events)))
           (setcdr (car events) (concat (cdar events) rest))
         (push (cons kind rest) events))))
    (llm-switch-test-wait (memq (caar events) '(done error)))
    (nreverse events)))

(defun llm-switch-test-end (events)
  "Return the last of EVENTS, (KIND . REST)."
  (car (last events)))

;;; Chats

(defmacro llm-switch-test-chat (deployment mode &rest body)
  "Run BODY in a new gptel chat in MODE, a symbol, with DEPLOYMENT answering."
  (declare (indent 2) (debug t))
  `(let ((buffer (generate-new-buffer "*chat*")))
     (unwind-protect
         (with-current-buffer buffer
           (funcall ,mode)
           (gptel-mode 1)
           (llm-switch-gptel-use (llm-switch-test-row ,deployment) 'buffer)
           ,@body)
       (when (buffer-live-p buffer)
         (with-current-buffer buffer (set-buffer-modified-p nil))
         (kill-buffer buffer)))))

(defun llm-switch-test-send (&optional prompt)
  "Insert PROMPT at the end of this chat, send it, and return its state machine."
  (goto-char (point-max))
  (when prompt (insert prompt))
  (let* ((fsm nil)
         (note (lambda (result) (setq fsm result))))
    (unwind-protect
        (progn (advice-add 'gptel-request :filter-return note)
               (gptel-send))
      (advice-remove 'gptel-request note))
    fsm))

(defun llm-switch-test-finish (fsm)
  "Wait until FSM has come to its end and return its info."
  (llm-switch-test-wait (memq (gptel-fsm-state fsm) '(DONE ERRS ABRT)))
  (gptel-fsm-info fsm))

(defun llm-switch-test-ask (prompt)
  "Send PROMPT in this chat, wait for the end, and return the request's info."
  (llm-switch-test-finish (llm-switch-test-send prompt)))

;;; What is seen

(defun llm-switch-test-seen ()
  "Return the text of this buffer with what overlays show before and behind theirs."
  (let ((pieces nil) (from (point-min)))
    (pcase-dolist (`(,position . ,text) (llm-switch-test--strings))
      (push (buffer-substring-no-properties from position) pieces)
      (push (substring-no-properties text) pieces)
      (setq from position))
    (push (buffer-substring-no-properties from (point-max)) pieces)
    (string-join (nreverse pieces))))

(defun llm-switch-test--strings ()
  "Return what overlays show in this buffer, an alist by position, sorted."
  (seq-sort-by
   #'car #'<
   (cl-loop for overlay in (overlays-in (point-min) (point-max))
            for before = (overlay-get overlay 'before-string)
            for after = (overlay-get overlay 'after-string)
            when before collect (cons (overlay-start overlay) before)
            when after collect (cons (overlay-end overlay) after))))

(defmacro llm-switch-test-with-tool (&rest body)
  "Run BODY where models may call the tool \"look\", without being confirmed."
  (declare (indent 0) (debug t))
  `(let ((gptel-tools (list (gptel-make-tool :name "look" :description "Look." :args nil
                                             :function (lambda () "I see it"))))
         (gptel-use-tools t)
         (gptel-confirm-tool-calls nil))
     ,@body))

;;; Another Emacs

(defun llm-switch-test-emacs (&rest forms)
  "Run FORMS in a batch Emacs of its own and return (STATUS . OUTPUT).
It has the load path of this one.  STATUS is its exit status, or the name of
the signal that ended it."
  (let ((process-environment
         (cons (concat "LLM_SWITCH_TEST_FOLDER=" llm-switch-test-folder) process-environment)))
    (with-temp-buffer
      (let ((status
             (apply #'call-process (expand-file-name invocation-name invocation-directory)
                    nil t nil "-Q" "--batch"
                    (append
                     (when (getenv "EMACS_DUMP_FILE")
                       (list "--dump-file" (getenv "EMACS_DUMP_FILE")))
                     (list "--eval" (prin1-to-string `(setq load-path ',load-path)))
                     (cl-mapcan (lambda (form) (list "--eval" (prin1-to-string form))) forms)))))
        (cons status (buffer-string))))))

(provide 'llm-switch-test-helper)
;;; llm-switch-test-helper.el ends here
