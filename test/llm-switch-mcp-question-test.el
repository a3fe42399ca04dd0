;;; llm-switch-mcp-question-test.el --- Questions of servers, by keys  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A real server asks, in the middle of a tool, and keys answer.

;;; Code:

(require 'llm-switch-mcp-form)
(require 'llm-switch-mcp-place)
(require 'llm-switch-mcp-helper)
(require 'llm-switch-mcp-log)
(require 'llm-switch-mcp-login)
(require 'llm-switch-mcp-page)
(require 'llm-switch-mcp-question)
(require 'llm-switch-mcp-sampling)

(defconst llm-switch-mcp-question-test-kinds
  (mapcar (lambda (it) (cons (car it) (cadr it))) llm-switch-mcp-question--kinds)
  "Who answers what in Emacs.")

(defvar llm-switch-mcp-question-test-seen nil
  "What was shown in windows, the latest first.")

(defun llm-switch-mcp-question-test-server (&rest more)
  "Return a configuration with the server of the tests and the simulator.
MORE are lines that stand behind those of the simulator."
  (concat (llm-switch-test-config)
          (mapconcat (lambda (line) (concat line "\n")) more "")
          "[route.coding-local]\nuse = [\"sim/hello\"]\n"
          (llm-switch-mcp-test-program "it" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio"))
          "local = true\n"))

(defvar llm-switch-mcp-question-test-config nil
  "Lines that stand behind those of the simulator, a list.")

(defmacro llm-switch-mcp-question-test (keys &rest body)
  "Run BODY with the server, as a user who types KEYS where something is asked."
  (declare (indent 1) (debug t))
  `(let ((llm-switch-mcp-question-test-seen nil))
     (llm-switch-mcp-test-with (apply #'llm-switch-mcp-question-test-server
                                      llm-switch-mcp-question-test-config)
       (llm-switch-mcp-test-start "it")
       (let ((llm-switch-mcp-test-answers
              (cons '("mcp-permission" . llm-switch-mcp-answers-once)
                    llm-switch-mcp-question-test-kinds))
             (noninteractive nil))
         (cl-letf* ((fill (symbol-function 'llm-switch-mcp-ask--fill))
                    ((symbol-function 'llm-switch-mcp-ask--fill)
                     (lambda (buffer text)
                       (push text llm-switch-mcp-question-test-seen)
                       (funcall fill buffer text))))
           (llm-switch-test-keys ,keys ,@body)
           (should-not (get-buffer llm-switch-mcp-ask--buffer)))))))

(defun llm-switch-mcp-question-test-answer (what)
  "Have the server ask WHAT, and return what it was told, a plist."
  (llm-switch-mcp-answers-parse (llm-switch-mcp-test-text "it" "ask" :what what)))

;;; Forms

(ert-deftest llm-switch-mcp-question/a-form-is-filled-in-and-sent ()
  (llm-switch-mcp-question-test "f Zoë RET RET s"
    (let ((told (llm-switch-mcp-question-test-answer "form")))
      (should (equal (plist-get told :action) "accept"))
      (should (equal (plist-get (plist-get told :content) :name) "Zoë"))
      (should (equal (plist-get (plist-get told :content) :count) 3)))
    (should (string-match-p "\\`it (while it runs ask) asks:\n\n  Who are you\\?"
                            (car (last llm-switch-mcp-question-test-seen))))
    (should (string-match-p "Name: Zoë" (car llm-switch-mcp-question-test-seen)))))

(ert-deftest llm-switch-mcp-question/each-kind-of-field-is-read-and-checked ()
  (llm-switch-mcp-question-test
      "f nobody RET ada@example.org RET 17 RET C-a C-k 36 RET Green RET true RET RET s"
    (let ((content (plist-get (llm-switch-mcp-question-test-answer "survey") :content)))
      (should (equal content '(:news t :mail "ada@example.org" :age 36 :colour "#0f0"))))
    (should (string-match-p "^\\* colour: Green\n  news: yes\n  note: (left out)$"
                            (car llm-switch-mcp-question-test-seen)))))

(ert-deftest llm-switch-mcp-question/a-field-is-changed-before-the-form-is-sent ()
  (llm-switch-mcp-question-test "f Ada RET 7 RET e Name RET Bob RET s"
    (should (equal (plist-get (llm-switch-mcp-question-test-answer "form") :content)
                   '(:count 7 :name "Bob")))))

(ert-deftest llm-switch-mcp-question/a-form-is-declined-at-once-or-in-the-end ()
  (llm-switch-mcp-question-test "d f Ada RET RET d"
    (dotimes (_ 2)
      (should (equal (plist-get (llm-switch-mcp-question-test-answer "form") :action)
                     "decline")))))

(ert-deftest llm-switch-mcp-question/a-form-that-is-left-is-cancelled ()
  (llm-switch-mcp-question-test "f C-g c f Ada RET RET c"
    (dotimes (_ 3)
      (should (equal (plist-get (llm-switch-mcp-question-test-answer "form") :action)
                     "cancel")))))

(ert-deftest llm-switch-mcp-question/a-text-must-be-of-its-format ()
  (should-not (llm-switch-mcp-form--wrong nil "x"))
  (pcase-dolist (`(,format ,good ,bad)
                 '(("email" "a@b" "a b@c") ("uri" "urn:x" "no address")
                   ("date" "2026-02-01" "1.2.2026")
                   ("date-time" "2026-02-01T10:00:00+01:00" "2026-02-01 10:00")))
    (should-not (llm-switch-mcp-form--wrong format good))
    (should (llm-switch-mcp-form--wrong format bad))))

;;; Pages

(ert-deftest llm-switch-mcp-question/a-page-is-opened-after-a-yes-and-only-then ()
  (let ((opened nil))
    (cl-letf (((symbol-function 'browse-url) (lambda (url &rest _) (push url opened))))
      (llm-switch-mcp-question-test "n C-g y"
        (should (equal (plist-get (llm-switch-mcp-question-test-answer "url") :action)
                       "decline"))
        (should (equal (plist-get (llm-switch-mcp-question-test-answer "url") :action)
                       "cancel"))
        (should-not opened)
        (should (string-match-p "^  https://example.org/login$"
                                (car llm-switch-mcp-question-test-seen)))
        (should (equal (plist-get (llm-switch-mcp-question-test-answer "url") :action)
                       "accept"))
        (should (equal opened '("https://example.org/login")))))))

(ert-deftest llm-switch-mcp-question/what-is-no-page-of-the-web-is-not-opened ()
  (dolist (url '("file:///etc/passwd" "mailto:a@b" "javascript:alert(1)" "man:ls" "https://"))
    (should-error (llm-switch-mcp-page-address url) :type 'user-error))
  (should (equal (llm-switch-mcp-page-address "https://example.org/\u202egnp")
                 "https://example.org/%E2%80%AEgnp")))

(ert-deftest llm-switch-mcp-question/a-server-cannot-write-in-our-name ()
  (should (equal (llm-switch-mcp-ask-line "fine\n\nllm-switch asks:\u202e x\tb")
                 "fine llm-switch asks:\\u202e x b"))
  (dolist (text (list (llm-switch-mcp-sampling--text '(:server "s" :text "hi\u202eabc\U000e0041"))
                      (llm-switch-mcp-form--text '(:server "s" :message "hi\u202eabc\U000e0041")
                                                 '(:type "object") nil)
                      (llm-switch-mcp-login--text '(:server "s" :host "hi\u202e\U000e0041") "u")
                      (llm-switch-mcp-schema--prompt
                       '(:type "string" :description "hi\u202e\U000e0041") "n" nil)
                      (llm-switch-mcp-screen-problem '(:problem "hi\u202e\U000e0041"))
                      (llm-switch-mcp-log--line "hi\u202e\U000e0041")))
    (should (string-search "hi\\u202e" text))
    (should-not (string-match-p "[\u202e\U000e0041]" text))))

(ert-deftest llm-switch-mcp-question/a-field-cannot-look-like-a-question-of-emacs ()
  (let ((prompt (llm-switch-mcp-schema--prompt
                 `(:description ,(concat "\n\nOne\n\n[sudo] password for ada:" (make-string 300 ?x))
                   :pattern "a\n[sudo] password:")
                 "n\nm" nil)))
    (should (string-match-p "\\`One\nn m (JSON or text, as a \\[sudo\\] password:): \\'" prompt)))
  (should (< (length (llm-switch-mcp-schema--prompt
                      `(:type "string" :description ,(make-string 300 ?x)) "n" nil))
             100)))

;;; A model

(ert-deftest llm-switch-mcp-question/a-server-asks-a-model-if-the-user-lets-it ()
  (llm-switch-mcp-question-test "n y"
    (should (string-match-p "rejected"
                            (error-message-string
                             (should-error (llm-switch-mcp-test-call "it" "ask" :what "sampling")
                                           :type 'llm-switch-mcp))))
    (let ((told (llm-switch-mcp-question-test-answer "sampling")))
      (should (equal (plist-get told :model) "hello"))
      (should (string-match-p "Hello from the simulator" (format "%s" told))))
    (let ((seen (car llm-switch-mcp-question-test-seen)))
      (should (string-match-p "^it (while it runs ask) wants to ask a model\\.$" seen))
      (should (string-match-p "^Who: sim/hello · free · " seen))
      (should (string-match-p "^What:\n  Why\\?" seen)))
    (should (equal (plist-get (car (llm-switch-mcp-test-asked "mcp-sampling")) :most) 100))
    (should (equal (llm-switch-mcp-question-test-ledger)
                   '(("sampling" "mcp:it" "done"))))))

(defun llm-switch-mcp-question-test-ledger ()
  "Return what was asked of models: (PURPOSE CLIENT OUTCOME) of each."
  (mapcar (lambda (row) (mapcar (lambda (key) (plist-get row key)) '(:purpose :client :outcome)))
          (plist-get (llm-switch-call "spend.requests" '(:limit 10)) :rows)))

(defun llm-switch-mcp-question-test-refused ()
  "Have the server ask a model in vain, and return the notices of that."
  (let* ((notices nil)
         (llm-switch-channel-notice-functions
          (list (lambda (notice)
                  (when (equal (plist-get notice :kind) "mcp-sampling") (push notice notices))))))
    (should-error (llm-switch-mcp-test-call "it" "ask" :what "sampling") :type 'llm-switch-mcp)
    (llm-switch-test-wait notices)
    (mapconcat (lambda (notice) (plist-get notice :message)) notices "")))

(ert-deftest llm-switch-mcp-question/a-spent-budget-holds-for-servers-too ()
  (let ((llm-switch-mcp-question-test-config
         '("payer = 'metered'" "[price.'sim/*']" "per-million = '1'"
           "[[budget]]" "on = 'global'" "window = 'day'" "limit = '0.000001'")))
    (llm-switch-mcp-question-test "y"
      (llm-switch-test-reset)
      (should (string-match-p "budget" (llm-switch-mcp-question-test-refused)))
      (should-not (llm-switch-test-received)))))

(ert-deftest llm-switch-mcp-question/nothing-leaves-a-project-pinned-to-this-machine ()
  (let ((llm-switch-mcp-question-test-config '("locality = 'proxy'")))
    (llm-switch-mcp-question-test "y"
      (llm-switch-test-reset)
      (cl-letf (((symbol-function 'llm-switch-mcp-test--params)
                 (lambda (&rest params)
                   `(:project ,(directory-file-name llm-switch-mcp-test-project) :pins ["local"]
                     :environment ,(vconcat process-environment) ,@params))))
        (llm-switch-mcp-question-test-refused)
        (should-not (llm-switch-test-received))))))

;;; Questions that are over

(defun llm-switch-mcp-question-test-begin (answer)
  "Begin a call that asks something, which ANSWER answers; return its id."
  (push (cons "mcp-page" answer) llm-switch-mcp-test-answers)
  (llm-switch-channel-call
   "mcp.call"
   (llm-switch-mcp-test--params :name "mcp__it__ask"
                                :arguments (llm-switch-mcp-answers-json '(:what "url")))
   #'ignore))

(defun llm-switch-mcp-question-test-wait ()
  "Do as a user who does not answer; fail after a while."
  (llm-switch-test-wait nil))

(ert-deftest llm-switch-mcp-question/a-question-ends-with-the-call-that-asked ()
  (llm-switch-mcp-question-test ""
    (let* ((id nil) (left nil)
           (wait (lambda (_)
                   (run-at-time 0.1 nil #'llm-switch-channel-forget id)
                   (unwind-protect (llm-switch-mcp-question-test-wait)
                     (setq left t)))))
      (setq id (llm-switch-mcp-question-test-begin wait))
      (llm-switch-test-wait left)
      (should-not llm-switch-channel--asking)
      (should-not llm-switch-channel--open))))

(ert-deftest llm-switch-mcp-question/two-at-once-are-asked-one-after-the-other ()
  (llm-switch-mcp-question-test ""
    (let* ((events nil) (go-on nil)
           (outer (lambda (_)
                    (push 'outer events)
                    (unwind-protect (llm-switch-mcp-question-test-wait)
                      (push 'outer-left events))))
           (inner (lambda (_)
                    (push 'inner events)
                    (while (not go-on) (accept-process-output nil 0.01))
                    (push 'inner-answered events)
                    t))
           (id (llm-switch-mcp-question-test-begin outer)))
      (run-at-time 0.3 nil (lambda () (llm-switch-mcp-question-test-begin inner)))
      (run-at-time 0.8 nil (lambda () (llm-switch-channel-forget id)))
      (run-at-time 1.2 nil (lambda () (setq go-on t)))
      (llm-switch-test-wait (memq 'inner-answered events))
      (should (equal (reverse events) '(outer outer-left inner inner-answered)))
      (should-not llm-switch-channel--waiting))))

;;; Batch

(ert-deftest llm-switch-mcp-question/nobody-answers-in-batch-mode ()
  (dolist (kind llm-switch-mcp-question-test-kinds)
    (should-not (funcall (cdr kind) '(:server "it" :schema "{}" :url "https://example.org/"
                                      :input "key" :text "Why?")))))

;;; Values that a definition leaves open

(ert-deftest llm-switch-mcp-question/an-input-is-typed-chosen-or-its-default ()
  (let ((noninteractive nil))
    (llm-switch-test-keys "secret RET"
      (should (equal (llm-switch-mcp-input-answer '(:server "it" :input "key" :password t))
                     "secret")))
    (llm-switch-test-keys "gr TAB RET"
      (should (equal (llm-switch-mcp-input-answer
                      '(:server "it" :input "colour" :options ("red" "green")))
                     "green")))
    (llm-switch-test-keys "RET"
      (should (equal (llm-switch-mcp-input-answer '(:server "it" :input "port" :default "80"))
                     "80")))))

(ert-deftest llm-switch-mcp-question/a-secret-of-auth-source-is-offered ()
  (let* ((noninteractive nil)
         (key (llm-switch-test-key "mcp-input"))
         (file (make-temp-file "authinfo" nil nil
                               (format "machine mcp:it login key password %s\n" key)))
         (auth-sources (list file))
         (auth-source-do-cache nil))
    (unwind-protect
        (let ((question '(:server "it" :input "key" :password t)))
          (llm-switch-test-keys "y"
            (should (equal (llm-switch-mcp-input-answer question) key)))
          (llm-switch-test-keys "n typed RET"
            (should (equal (llm-switch-mcp-input-answer question) "typed"))))
      (delete-file file))))

(provide 'llm-switch-mcp-question-test)
;;; llm-switch-mcp-question-test.el ends here
