;;; llm-switch-mcp-tools-test.el --- Tests of the tools of MCP servers in gptel  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A model of the simulator calls tools of a server built with rmcp, in a chat
;; of gptel's; in all five dialects where the wire counts.

;;; Code:

(require 'llm-switch-mcp-helper)
(require 'llm-switch-mcp-tools)

(defconst llm-switch-mcp-tools-test-dialects
  '(("openai-chat" . "/v1") ("openai-responses" . "/v1") ("anthropic" . "") ("gemini" . "/v1beta")
    ("ollama" . ""))
  "The dialects, and where the simulator speaks each.")

(defun llm-switch-mcp-tools-test-config (&optional dialect)
  "Return a configuration with the simulator, which speaks DIALECT, and a server."
  (let ((dialect (or dialect "openai-chat")))
    (concat (format "[provider.sim]\nbase-url = %S\ndialect = %S\nauth = 'none'\n"
                    (concat (string-remove-suffix "/v1" (llm-switch-test-url))
                            (alist-get dialect llm-switch-mcp-tools-test-dialects nil nil #'equal))
                    dialect)
            (llm-switch-mcp-test-program "s" (list (getenv "LLM_SWITCH_MCP_SERVER") "stdio")))))

(defmacro llm-switch-mcp-tools-test-with (config tools &rest body)
  "Run BODY in a chat with a model that calls TOOLS, a list of names of a server.
CONFIG is as for `llm-switch-mcp-test-with'.  The model calls each once."
  (declare (indent 2) (debug t))
  `(let ((gptel--known-tools nil) (gptel-tools nil) (gptel-use-tools t)
         (gptel-confirm-tool-calls nil) (gptel-log-level 'info))
     (llm-switch-mcp-test-with ,config
       (llm-switch-mcp-test-start "s")
       (let ((names ,tools))
         (llm-switch-test-chat (format "sim/tools:%d" (length names)) #'text-mode
           (llm-switch-mcp-tools-test--offer names)
           ,@body)))))

(defun llm-switch-mcp-tools-test--offer (names)
  "Let the chat here have the tools NAMES of the server."
  (setq default-directory llm-switch-mcp-test-project)
  (let ((done nil))
    (llm-switch-mcp-tools-refresh (lambda () (setq done t)))
    (llm-switch-test-wait done))
  (setq-local gptel-tools
              (mapcar (lambda (name) (gptel-get-tool (list "mcp-s" (concat "mcp__s__" name))))
                      names)))

(defun llm-switch-mcp-tools-test--results (info)
  "Return what the tools gave in the messages of INFO: (TEXT . FAILED)."
  (let ((messages (plist-get (plist-get info :data) :messages)))
    (cl-loop for message across (vconcat messages)
             when (equal (plist-get message :role) "tool")
             collect (cons (plist-get message :content) (eq (plist-get message :is_error) t)))))

(ert-deftest llm-switch-mcp-tools/a-model-calls-tools-in-every-dialect ()
  (dolist (dialect (mapcar #'car llm-switch-mcp-tools-test-dialects))
    (ert-info (dialect)
      (dolist (stream '(t nil))
        (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config dialect)
            '("cancelled" "error" "media")
          (let* ((gptel-stream stream)
                 (before (length (llm-switch-test-received)))
                 (info (llm-switch-test-ask "Look!"))
                 (results (llm-switch-mcp-tools-test--results info))
                 (last (car (last (nthcdr before (llm-switch-test-received))))))
            (should-not (plist-get info :error))
            (should (equal (mapcar #'cdr results) '(nil t nil)))
            (should (string-match-p "there is no such row" (car (nth 1 results))))
            (should (string-match-p "image/png, [0-9]+ bytes: mcp-content:" (car (nth 2 results))))
            ;; The picture arrives as one, and with the tool's result.
            (let ((media (seq-find (lambda (it) (member (plist-get it :mime) '("image/png" :null)))
                                   (plist-get last :media))))
              (should media)
              (should (eq (plist-get media :of_tool) t)))
            (should (string-match-p "The tools said" (buffer-string)))))))))

(ert-deftest llm-switch-mcp-tools/calls-are-rows-in-the-ledger ()
  (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config) '("cancelled" "error")
    (llm-switch-test-ask "Look!")
    (let ((rows (llm-switch-test-wait
                  (let ((rows (plist-get (llm-switch-mcp-place-ask "mcp.calls") :tools)))
                    (and (= 2 (length rows)) rows)))))
      (should (equal (mapcar (lambda (row) (list (plist-get row :server) (plist-get row :tool)
                                                 (plist-get row :calls) (plist-get row :errors)))
                             rows)
                     '(("s" "cancelled" 1 0) ("s" "error" 1 1)))))))

(defmacro llm-switch-mcp-tools-test-everywhere (&rest body)
  "Run BODY with DIALECT bound to each dialect in turn."
  (declare (indent 0) (debug t))
  `(dolist (dialect (mapcar #'car llm-switch-mcp-tools-test-dialects))
     (ert-info (dialect) ,@body)))

(ert-deftest llm-switch-mcp-tools/a-model-is-told-why-a-call-was-denied ()
  (let ((llm-switch-mcp-test-answers
         '(("mcp-permission" . (lambda (_) (list :decision "deny" :reason "Ask me first."))))))
    (llm-switch-mcp-tools-test-everywhere
      (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config dialect) '("error")
        (let ((results (llm-switch-mcp-tools-test--results (llm-switch-test-ask "Look!"))))
          (should (equal (length results) 1))
          (should (cdr (car results)))
          (should (string-match-p "not allow it.*Ask me first" (car (car results)))))
        (should (string-match-p "Ask me first" (buffer-string)))))))

(ert-deftest llm-switch-mcp-tools/a-schema-reaches-the-model-as-it-is ()
  (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config) '("echo")
    (llm-switch-gptel-use (llm-switch-test-row "sim/inspect") 'buffer)
    (llm-switch-test-ask "What do you see?")
    (goto-char (point-min))
    (should (search-forward "\"$defs\":{\"text\":{\"type\":\"string\",\"x-odd\":" nil t))
    (should (search-backward "\"name\":\"mcp__s__echo\"" nil t))))

(ert-deftest llm-switch-mcp-tools/arguments-arrive-as-the-model-wrote-them ()
  ;; The schema declares no arguments, so gptel hands the function none.
  (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config) '("big")
    (let ((tool (car gptel-tools)) (asked nil))
      (cl-letf (((symbol-function 'llm-switch-mcp-place-call)
                 (lambda (_method params &rest _) (setq asked params) 1))
                (llm-switch-mcp-call--running
                 (gptel-make-fsm
                  :info (list :buffer (current-buffer) :tools (list tool)
                              :tool-use (list (list :name "mcp__s__big" :args '(:megabytes 2 :extra [])
                                                    :llm-switch-arguments
                                                    "{\"megabytes\":2,\"extra\":[]}"))))))
        (funcall (gptel-tool-function tool) #'ignore))
      (should (equal (plist-get asked :arguments) "{\"megabytes\":2,\"extra\":[]}")))))

(ert-deftest llm-switch-mcp-tools/gptel-confirms-a-call-and-nobody-asks-again ()
  (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config) '("error")
    (let* ((gptel-confirm-tool-calls 'auto)
           (fsm (llm-switch-test-send "Look!"))
           (pending (llm-switch-test-wait
                      (seq-find (lambda (ov) (overlay-get ov 'gptel-tool))
                                (overlays-in (point-min) (point-max))))))
      (should-not (llm-switch-mcp-test-asked "mcp-permission"))
      (gptel--accept-tool-calls (overlay-get pending 'gptel-tool) pending)
      (llm-switch-test-finish fsm)
      (should-not (llm-switch-mcp-test-asked "mcp-permission"))
      (should (string-match-p "there is no such row" (buffer-string))))))

(ert-deftest llm-switch-mcp-tools/what-a-rule-allows-runs-unasked ()
  (llm-switch-mcp-tools-test-with
      (concat (llm-switch-mcp-tools-test-config) "[mcp-rules]\nallow = ['mcp__s__error']\n")
      '("error")
    (let ((gptel-confirm-tool-calls 'auto))
      (llm-switch-test-ask "Look!")
      (should-not (llm-switch-mcp-test-asked "mcp-permission"))
      (should (string-match-p "there is no such row" (buffer-string))))))

(ert-deftest llm-switch-mcp-tools/abort-cancels-the-calls-that-run ()
  (llm-switch-mcp-tools-test-everywhere
    (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config dialect) '("slow" "slow")
      (let* ((slow "{\"steps\": 1000, \"delay\": 20}")
             (seen nil)
             (note (lambda (&rest _) (setq seen t)))
             (fsm nil))
        (cl-letf (((symbol-function 'llm-switch-mcp-call--arguments) (lambda (&rest _) slow)))
          (advice-add 'llm-switch-mcp-call--show-progress :before note)
          (unwind-protect
              (progn (setq fsm (llm-switch-test-send "Look!"))
                     (llm-switch-test-wait seen))
            (advice-remove 'llm-switch-mcp-call--show-progress note)))
        (gptel-abort (current-buffer))
        (should (eq (gptel-fsm-state fsm) 'ABRT))
        (should-not gptel--request-alist)
        (llm-switch-test-wait
          (equal "slow slow" (llm-switch-mcp-test-text "s" "cancelled")))))))

(ert-deftest llm-switch-mcp-tools/gptel-follows-when-tools-change ()
  (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config) '("echo")
    (let ((llm-switch-channel-notice-functions '(llm-switch-mcp-tools--changed)))
      (setq-local gptel-tools nil)
      (llm-switch-mcp-tools-use '("s"))
      (let ((before (length gptel-tools)))
        (llm-switch-mcp-test-text "s" "change")
        (llm-switch-test-wait (= (length gptel-tools) (1+ before)))
        (should (gptel-get-tool '("mcp-s" "mcp__s__added-1"))))
      (llm-switch-mcp-test-ask "mcp.stop" :server "s")
      (llm-switch-test-wait (null gptel-tools))
      (should-not (alist-get "mcp-s" gptel--known-tools nil nil #'equal)))))

(ert-deftest llm-switch-mcp-tools/a-new-chat-has-the-servers-that-are-always-wanted ()
  (let ((gptel--known-tools nil) (gptel-tools nil) (llm-switch-mcp-servers '("s")))
    (llm-switch-mcp-test-with (llm-switch-mcp-tools-test-config)
      (llm-switch-test-chat "sim/hello" (lambda ()
                                          (text-mode)
                                          (setq default-directory llm-switch-mcp-test-project))
        (llm-switch-test-wait (equal llm-switch-mcp-tools-servers '("s")))
        (should (seq-find (lambda (tool) (equal (gptel-tool-name tool) "mcp__s__echo"))
                          gptel-tools))
        (llm-switch-mcp-test-note)))))

(ert-deftest llm-switch-mcp-tools/where-gptel-confirms-all-calls-nobody-asks-again ()
  (llm-switch-mcp-tools-test-with (llm-switch-mcp-tools-test-config) '("error")
    (let* ((gptel-confirm-tool-calls t)
           (fsm (llm-switch-test-send "Look!"))
           (pending (llm-switch-test-wait
                      (seq-find (lambda (ov) (overlay-get ov 'gptel-tool))
                                (overlays-in (point-min) (point-max))))))
      (gptel--accept-tool-calls (overlay-get pending 'gptel-tool) pending)
      (llm-switch-test-finish fsm)
      (should-not (llm-switch-mcp-test-asked "mcp-permission"))
      (should (string-match-p "there is no such row" (buffer-string))))))

;;; What gptel knows

(defun llm-switch-mcp-tools-test-rows (server &rest tools)
  "Return rows of `mcp.tools' for TOOLS, names, of SERVER."
  (mapcar (lambda (tool)
            (list :name (format "mcp__%s__%s" server tool) :server server :tool tool
                  :description "d" :on t :rule "ask" :parameters "{\"type\":\"object\"}"))
          tools))

(defmacro llm-switch-mcp-tools-test-known (&rest body)
  "Run BODY where gptel knows a tool of mcp.el's in the category \"mcp-s\" alone."
  `(let* ((gptel--known-tools nil) (gptel-tools nil)
          (llm-switch-mcp-tools--known nil)
          (llm-switch-mcp-tools--made (make-hash-table :test #'equal)))
     (dolist (category '("mcp-s" "mcp-filesystem"))
       (gptel-make-tool :name "foreign" :function #'ignore :description "d" :args nil
                        :category category))
     ,@body))

(ert-deftest llm-switch-mcp-tools/tools-of-others-and-chosen-ones-stay ()
  (llm-switch-mcp-tools-test-known
    (with-temp-buffer
      (let ((here (llm-switch-project-folder))
            (names (lambda () (mapcar #'gptel-tool-name gptel-tools))))
        (llm-switch-mcp-tools--learn here (append (llm-switch-mcp-tools-test-rows "s" "a" "b")
                                                  (llm-switch-mcp-tools-test-rows "t" "c")))
        (setq-local gptel-tools (list (gptel-get-tool '("mcp-t" "mcp__t__c"))
                                      (gptel-get-tool '("mcp-s" "foreign"))))
        (llm-switch-mcp-tools-use '("s"))
        (should (equal (funcall names) '("mcp__t__c" "foreign" "mcp__s__a" "mcp__s__b")))
        (llm-switch-mcp-tools--learn here (append (llm-switch-mcp-tools-test-rows "s" "b")
                                                  (llm-switch-mcp-tools-test-rows "t" "c")))
        (should (equal (funcall names) '("mcp__t__c" "foreign" "mcp__s__b")))
        (llm-switch-mcp-tools-use nil)
        (should (equal (funcall names) '("mcp__t__c" "foreign")))
        (llm-switch-mcp-tools--learn here nil))
      (should (equal (sort (mapcar #'car gptel--known-tools) #'string<) '("mcp-filesystem" "mcp-s")))
      (should (gptel-get-tool '("mcp-s" "foreign")))
      (should (equal (mapcar #'car (alist-get "mcp-s" gptel--known-tools nil nil #'equal))
                     '("foreign"))))))

(ert-deftest llm-switch-mcp-tools/what-did-not-change-is-not-made-again ()
  (llm-switch-mcp-tools-test-known
    (let* ((made nil)
           (make (symbol-function 'llm-switch-mcp-tools--make)))
      (cl-letf (((symbol-function 'llm-switch-mcp-tools--make)
                 (lambda (row) (push (plist-get row :tool) made) (funcall make row))))
        (dolist (project '("/a" "/b" "/c" "/a"))
          (llm-switch-mcp-tools--learn project (llm-switch-mcp-tools-test-rows "s" "a" "b")))
        (should (equal (sort made #'string<) '("a" "b")))
        (llm-switch-mcp-tools--learn
         "/c" (cons (plist-put (car (llm-switch-mcp-tools-test-rows "s" "a")) :description "e")
                    (llm-switch-mcp-tools-test-rows "s" "b" "c")))
        (llm-switch-mcp-tools--learn "/a" nil))
      ;; The row that another project had is the one that counts again, at most.
      (should (<= (length made) 5))
      (should (gptel-get-tool '("mcp-s" "mcp__s__c"))))))

(ert-deftest llm-switch-mcp-tools/a-burst-of-notices-looks-once ()
  (let ((looked nil) (llm-switch-mcp-tools--known '(("/a" . nil) ("/b" . nil)))
        (llm-switch-mcp-tools--timer nil)
        (default-directory "/"))
    (cl-letf (((symbol-function 'llm-switch-mcp-tools--look)
               (lambda (project &optional _) (push project looked)))
              ((symbol-function 'llm-switch-channel-live-p) #'always))
      (dotimes (_ 5) (llm-switch-mcp-tools--changed '(:kind "mcp" :change "state")))
      (should-not looked)
      (llm-switch-test-wait looked)
      (should (equal (reverse looked) '(nil "/a" "/b"))))))

(ert-deftest llm-switch-mcp-tools/the-progress-of-calls-at-once-is-told-side-by-side ()
  (with-temp-buffer
    (let* ((one (list 'llm-switch-mcp "one" 1))
           (two (list 'llm-switch-mcp "two" 2))
           (gptel--request-alist (list (list one) (list two)))
           (said nil))
      (cl-letf (((symbol-function 'message)
                 (lambda (form &rest rest) (push (apply #'format form rest) said))))
        (llm-switch-mcp-call--show-progress "one" '(:done 1 :total 4) one (current-buffer))
        (llm-switch-mcp-call--show-progress "two" '(:done 1 :total 2) two (current-buffer))
        (llm-switch-mcp-call--show-progress "one" '(:done 2 :total 4) one (current-buffer))
        ;; One that has ended is not told any more.
        (setq gptel--request-alist (list (list one)))
        (llm-switch-mcp-call--show-progress "one" '(:done 3 :total 4) one (current-buffer)))
      (should (equal (nreverse said)
                     '("one: 25%" "one: 25% · two: 50%" "one: 50% · two: 50%" "one: 75%"))))))

(provide 'llm-switch-mcp-tools-test)
;;; llm-switch-mcp-tools-test.el ends here
