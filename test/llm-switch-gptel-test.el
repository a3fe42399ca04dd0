;;; llm-switch-gptel-test.el --- The gptel backend  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What gptel expects of a transport, held against the real module.

;;; Code:

(require 'llm-switch-test-helper)
(require 'org)
(require 'gptel-rewrite)

(defmacro llm-switch-gptel-test (config &rest body)
  "Run BODY with CONFIG and see that gptel's own transports are not used."
  (declare (indent 1) (debug t))
  `(llm-switch-test-with ,config
     (cl-letf (((symbol-function 'gptel-curl--get-config)
                (lambda (&rest _) (ert-fail "gptel called curl")))
               ((symbol-function 'gptel--url-parse-response)
                (lambda (&rest _) (ert-fail "gptel called url-retrieve"))))
       ,@body)))

(ert-deftest llm-switch-gptel/streams-into-a-chat ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/words:500" #'text-mode
      (let ((info (llm-switch-test-ask "Count.")))
        (should (equal (plist-get info :http-status) "200"))
        (should (string-match-p "w1 w2 w3 " (buffer-string)))
        (should (string-match-p "w499 w500é?" (buffer-string)))
        (should (eq (get-text-property (save-excursion (goto-char (point-min))
                                                       (search-forward "w250")
                                                       (1- (point)))
                                       'gptel)
                    'response))))))

(ert-deftest llm-switch-gptel/answers-as-a-whole-without-streaming ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (let ((gptel-stream nil))
        (llm-switch-test-ask "Hi")
        (should (string-match-p "Hello from the simulator\\." (buffer-string)))))))

(ert-deftest llm-switch-gptel/streams-where-there-is-no-curl ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/words:50" #'text-mode
      (let ((gptel-use-curl nil) (exec-path nil))
        (should (plist-get (llm-switch-test-ask "Count.") :stream))
        (should (string-match-p "w49" (buffer-string)))))))

(ert-deftest llm-switch-gptel/second-turn-has-the-right-roles ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (llm-switch-test-ask "First question")
      (llm-switch-gptel-use (llm-switch-test-row "sim/inspect") 'buffer)
      (llm-switch-test-ask "\n\nSecond question")
      (goto-char (point-min))
      (search-forward "{")
      (backward-char)
      (let ((messages (plist-get (json-parse-buffer :object-type 'plist :array-type 'list)
                                 :messages)))
        (should (equal (mapcar (lambda (message) (plist-get message :role)) messages)
                       '("system" "user" "assistant" "user")))
        (should (equal (mapcar (lambda (message) (plist-get message :text)) (cdr messages))
                       '("First question" "Hello from the simulator." "Second question")))))))

(ert-deftest llm-switch-gptel/tokens-and-cost-are-known ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/usage:1000,800,50,30" #'text-mode
      (let ((info (llm-switch-test-ask "Hi")))
        (should (equal (plist-get info :tokens) '(:input 200 :output 50 :cached 800)))
        (should (string-match-p "1000 in (800 cached) 50 out · free \\[free\\]"
                                (llm-switch-last-cost)))
        (should (string-match-p "sim/usage:1000,800,50,30 · local · free"
                                (llm-switch-header)))))))

(ert-deftest llm-switch-gptel/reasoning-is-shown-apart ()
  (dolist (field '("reasoning_content" "reasoning" "reasoning_text" "both" "details"))
    (llm-switch-gptel-test (llm-switch-test-config)
      (let ((heard nil))
        (llm-switch-gptel-use (llm-switch-test-row (concat "sim/reasoning:" field)) 'global)
        (gptel-request "Why?" :stream t
                       :callback (lambda (response _) (push response heard)))
        (llm-switch-test-wait (memq t heard))
        (setq heard (nreverse heard))
        (unless (equal field "details")
          (should (equal (mapconcat #'cdr (cl-remove-if-not
                                           (lambda (it) (and (eq (car-safe it) 'reasoning)
                                                             (stringp (cdr it))))
                                           heard)
                                    "")
                         "The user said something. I shall answer it."))
          (should (member '(reasoning . t) heard)))
        (should (equal (apply #'concat (cl-remove-if-not #'stringp heard))
                       "Hello from the simulator."))))))

(ert-deftest llm-switch-gptel/an-error-is-shown-in-gptels-own-way ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/status:429" #'text-mode
      (let ((info (llm-switch-test-ask "Hi")))
        (should (equal (plist-get (plist-get info :error) :type) "rate-limited"))
        (should (string-match-p "sim/status:429: too many requests"
                                (plist-get (plist-get info :error) :message)))
        (should (string-match-p "HTTP 429" (plist-get info :status)))
        (should (string-match-p "Error" (format "%s" header-line-format)))))))

(ert-deftest llm-switch-gptel/text-before-an-error-is-kept ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/midstream:openai" #'text-mode
      (let ((info (llm-switch-test-ask "Hi")))
        (should (plist-get info :error))
        (should (string-match-p "w1 " (buffer-string)))))))

(ert-deftest llm-switch-gptel/abort-ends-the-request-and-tells-the-service ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-reset)
    (llm-switch-test-chat "sim/stall:3" #'text-mode
      (let ((fsm (llm-switch-test-send "Hi")))
        (llm-switch-test-wait (string-match-p "w3" (buffer-string)))
        (gptel-abort (current-buffer))
        (should (eq (gptel-fsm-state fsm) 'ABRT))
        (should-not gptel--request-alist)))
    (llm-switch-test-wait
      (equal (plist-get (car (llm-switch-test-received)) :outcome) "client-left"))))

(ert-deftest llm-switch-gptel/a-killed-buffer-cancels-its-request ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-reset)
    (llm-switch-test-chat "sim/words:2000@100" #'text-mode
      (llm-switch-test-send "Hi")
      (llm-switch-test-wait (string-match-p "w3" (buffer-string)))
      (set-buffer-modified-p nil)
      (kill-buffer))
    (llm-switch-test-wait
      (equal (plist-get (car (llm-switch-test-received)) :outcome) "client-left"))))

(ert-deftest llm-switch-gptel/several-buffers-at-once ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (let* ((buffers (cl-loop for n below 8 collect (generate-new-buffer (format "chat %d" n))))
           (machines (mapcar (lambda (buffer)
                               (with-current-buffer buffer
                                 (text-mode)
                                 (gptel-mode 1)
                                 (llm-switch-gptel-use (llm-switch-test-row "sim/words:2000") 'buffer)
                                 (llm-switch-test-send "Count.")))
                             buffers)))
      (mapc #'llm-switch-test-finish machines)
      (dolist (buffer buffers)
        (with-current-buffer buffer
          (goto-char (point-min))
          (search-forward "w1 ")
          (cl-loop for n from 2 to 2000
                   do (should (looking-at (format "w%d[^0-9 ]* ?" n)))
                   do (goto-char (match-end 0)))
          (set-buffer-modified-p nil))
        (kill-buffer buffer)))))

(ert-deftest llm-switch-gptel/an-org-chat-is-converted ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/echo" #'org-mode
      (llm-switch-test-ask "Say **bold** and `code`.")
      (goto-char (point-min))
      (should (search-forward "*bold* and =code=" nil t)))))

(ert-deftest llm-switch-gptel/tools-run-and-their-results-go-back ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (dolist (stream '(t nil))
      (let* ((called nil)
             (tool (gptel-make-tool
                    :name "look" :description "Look at a thing."
                    :args '((:name "thing" :type string :enum ["moon"] :description "What"))
                    :function (lambda (thing) (push thing called) (concat "I see the " thing "é"))))
             (gptel-tools (list tool))
             (gptel-use-tools t)
             (gptel-confirm-tool-calls nil)
             (gptel-stream stream))
        (llm-switch-test-chat "sim/tools:2" #'text-mode
          (let ((info (llm-switch-test-ask "Look!")))
            (should (equal called '("moon" "moon")))
            (should-not (plist-get info :error))
            (should (string-match-p "I see the mooné" (buffer-string)))))))))

(ert-deftest llm-switch-gptel/rewrite-replaces-the-region ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-gptel-use (llm-switch-test-row "sim/hello") 'global)
    (with-temp-buffer
      (let ((transient-mark-mode t))
        (insert "some old text")
        (push-mark (point-min) t t)
        (gptel--suffix-rewrite "Rewrite it.")
        (let ((ov (llm-switch-test-wait (car gptel--rewrite-overlays))))
          (llm-switch-test-wait (overlay-get ov 'gptel-rewrite))
          (llm-switch-test-wait (null gptel--request-alist))
          (gptel--rewrite-accept ov)
          (should (equal (buffer-string) "Hello from the simulator.")))))
    (let ((request (llm-switch-call "ledger.request"
                                    (list :request (plist-get llm-switch-cost-last :request)))))
      (should (equal (plist-get request :purpose) "rewrite")))))

(ert-deftest llm-switch-gptel/other-backends-work-beside-it ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-gptel-make-backend)
    (let* ((host (replace-regexp-in-string "\\`http://\\|/v1\\'" "" (llm-switch-test-url)))
           (gptel-backend (gptel-make-openai "other" :host host :protocol "http"
                            :stream t :models '(hello) :key "none"))
           (gptel-model 'hello)
           (answer nil))
      (gptel-request "Hi" :callback (lambda (response _) (setq answer response)))
      (llm-switch-test-wait answer)
      (should (equal answer "Hello from the simulator.")))))

(ert-deftest llm-switch-gptel/without-the-advice-nothing-leaves-the-machine ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-reset)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (unwind-protect
          (progn
            (llm-switch-gptel-uninstall)
            ;; curl fails at such an address; without curl url.el refuses it.
            (condition-case problem
                (llm-switch-test-send "Hi")
              (error (should (string-search "module" (error-message-string problem)))))
            (llm-switch-test-wait (null gptel--request-alist)))
        (llm-switch-gptel-install)))
    (should-not (llm-switch-test-received))))

(ert-deftest llm-switch-gptel/a-dry-run-sends-nothing ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-reset)
    (llm-switch-gptel-use (llm-switch-test-row "sim/hello") 'global)
    (let* ((fsm (gptel-request "Hi" :dry-run t))
           (data (plist-get (gptel-fsm-info fsm) :data)))
      (should (equal (plist-get data :model) "sw/sim/hello"))
      (should (plist-get (plist-get data :llm_switch) :purpose)))
    (should-not (llm-switch-test-received))))

(ert-deftest llm-switch-gptel/a-read-only-buffer-is-left-alone ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (insert "Hi")
      (setq buffer-read-only t)
      (gptel-send)
      (llm-switch-test-wait (null gptel--request-alist))
      (should (equal (buffer-string) "Hi"))
      (setq buffer-read-only nil))))

(ert-deftest llm-switch-gptel/bytes-that-are-no-text-are-sent-as-such ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (let ((answer nil))
      (llm-switch-gptel-use (llm-switch-test-row "sim/echo") 'global)
      (gptel-request (concat "a\xff" "b é")
        :callback (lambda (response _) (setq answer response)))
      (llm-switch-test-wait answer)
      (should (equal answer "a\ufffdb é")))))

(ert-deftest llm-switch-gptel/a-choice-once-is-undone-after-the-next-request ()
  (llm-switch-gptel-test (llm-switch-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (llm-switch-gptel-use (llm-switch-test-row "sim/inspect") 'once)
      (llm-switch-test-ask "Hi")
      (should (string-match-p "roles\\|messages" (buffer-string)))
      (should (equal (llm-switch-gptel-current) "sim/hello")))))

(provide 'llm-switch-gptel-test)
;;; llm-switch-gptel-test.el ends here
