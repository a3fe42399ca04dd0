;;; llm-switch-continue-test.el --- Go on with an answer that broke off  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-continue)
(require 'org)

(defmacro llm-switch-continue-test-in (models mode &rest body)
  "Run BODY in a chat in MODE, with a route of two MODELS at two accounts."
  (declare (indent 2) (debug t))
  `(llm-switch-test-with
       (let ((url (llm-switch-test-url)))
         (format "[provider.first]\nbase-url = %S\n[provider.next]\nbase-url = %S\n\
[route.both]\nuse = ['first/%s', 'next/%s']\n" url url ,@models))
     (save-window-excursion
       (llm-switch-test-chat "both" ,mode
         (switch-to-buffer (current-buffer))
         (local-set-key (kbd "C-c l") llm-switch-command-map)
         ,@body))))

(defun llm-switch-continue-test-shown ()
  "Return the text of this buffer with what overlays show behind it."
  (let ((shown "") (from (point-min)))
    (dolist (overlay (seq-sort-by #'overlay-end #'< (overlays-in (point-min) (point-max))))
      (when-let* ((text (overlay-get overlay 'after-string)))
        (setq shown (concat shown (buffer-substring-no-properties from (overlay-end overlay)) text)
              from (overlay-end overlay))))
    (concat shown (buffer-substring-no-properties from (point-max)))))

(defun llm-switch-continue-test-roles ()
  "Return the roles that the simulator says it received, which stand in this buffer."
  (goto-char (point-min))
  (search-forward "{\"")
  (goto-char (match-beginning 0))
  (mapcar (lambda (it) (plist-get it :role))
          (plist-get (json-parse-buffer :object-type 'plist :array-type 'list) :messages)))

(ert-deftest llm-switch-continue/the-next-goes-on-right-where-it-stops-in-any-kind-of-chat ()
  (dolist (mode (list #'text-mode #'org-mode))
    (llm-switch-continue-test-in ("cut:3" "inspect") mode
      (should (plist-get (llm-switch-test-ask "Count") :error))
      (should (string-match-p "w1 w2 w3 ?\n── first/cut:3 .*\n── broke off: .*M-x llm-switch-continue"
                              (string-replace "\n   " " " (llm-switch-continue-test-shown))))
      (execute-kbd-macro (kbd "C-c l k"))
      (llm-switch-test-wait (null gptel--request-alist))
      (should (string-match-p "w1 w2 w3 ?{\"" (buffer-string)))
      (should (string-match-p "w3 ? \\[next/inspect goes on\\] {\"" (llm-switch-continue-test-shown)))
      (should-not (string-match-p "broke off" (llm-switch-continue-test-shown)))
      (should (equal (llm-switch-continue-test-roles) '("system" "user" "assistant" "user"))))))

(ert-deftest llm-switch-continue/who-broke-off-is-not-asked-first-though-it-is-up-again ()
  (llm-switch-continue-test-in ("cut:3" "hello") #'text-mode
    (llm-switch-test-ask "Count")
    (llm-switch-call "health.retry" '(:deployment "first/cut:3"))
    (llm-switch-continue)
    (llm-switch-test-wait (null gptel--request-alist))
    (should (string-match-p "w3 ?Hello from the simulator" (buffer-string)))))

(ert-deftest llm-switch-continue/neither-mark-nor-footer-is-sent-or-saved ()
  (llm-switch-continue-test-in ("cut:3" "words:2") #'text-mode
    (llm-switch-test-ask "Count")
    (execute-kbd-macro (kbd "C-c l k"))
    (llm-switch-test-wait (null gptel--request-alist))
    (should (string-match-p "goes on" (llm-switch-continue-test-shown)))
    (let* ((file (expand-file-name "chat.txt" llm-switch-test-folder))
           (sent nil)
           (note (lambda (request &rest _) (setq sent request))))
      (write-region nil nil file)
      (advice-add 'llm-switch-channel-submit :before note)
      (unwind-protect (llm-switch-test-ask "\n\nMore")
        (advice-remove 'llm-switch-channel-submit note))
      (should (string-match-p "w1 w2 w3 w1 w2" sent))
      (dolist (text (list sent (with-temp-buffer (insert-file-contents file) (buffer-string))))
        (should-not (string-match-p "goes on\\|──" text))))))

(ert-deftest llm-switch-continue/gptel-begins-the-next-question-once ()
  (llm-switch-continue-test-in ("cut:3" "words:2") #'text-mode
    (let ((gptel-prompt-prefix-alist '((text-mode . "Q: "))))
      (llm-switch-test-ask "Q: Count")
      (llm-switch-continue)
      (llm-switch-test-wait (null gptel--request-alist))
      (should (= 2 (how-many "Q: " (point-min) (point-max)))))))

(ert-deftest llm-switch-continue/works-without-streaming-too ()
  (llm-switch-continue-test-in ("cut:3" "hello") #'text-mode
    (llm-switch-test-ask "Count")
    (let ((gptel-stream nil))
      (llm-switch-continue)
      (llm-switch-test-wait (null gptel--request-alist)))
    (should (string-match-p "w3 ?Hello from the simulator" (buffer-string)))))

(ert-deftest llm-switch-continue/unasked-where-the-user-wants-that-and-not-for-ever ()
  (let ((llm-switch-continue-automatically t))
    (llm-switch-continue-test-in ("cut:3" "hello") #'text-mode
      (llm-switch-test-send "Count")
      (llm-switch-test-wait (string-match-p "Hello from the simulator" (buffer-string))))
    (llm-switch-test-with (llm-switch-test-config)
      (llm-switch-test-reset)
      (llm-switch-test-chat "sim/cut:2" #'text-mode
        (llm-switch-test-send "Count")
        (llm-switch-test-wait (= 4 (how-many "w1 w2" (point-min) (point-max))))
        (llm-switch-test-wait (null gptel--request-alist))
        (sleep-for 0.2)
        (should (= 4 (length (llm-switch-test-received))))))))

(ert-deftest llm-switch-continue/what-is-whole-or-has-no-word-is-left-alone ()
  (llm-switch-continue-test-in ("hello" "words:2") #'text-mode
    (should-error (llm-switch-continue) :type 'user-error)
    (llm-switch-test-ask "Hi")
    (let ((problem (should-error (llm-switch-continue) :type 'user-error)))
      (should (string-match-p "complete" (cadr problem)))))
  (llm-switch-continue-test-in ("status:400" "status:400") #'text-mode
    (llm-switch-test-ask "Hi")
    (let ((problem (should-error (llm-switch-continue) :type 'user-error)))
      (should (string-match-p "Nothing stands there" (cadr problem))))))

(ert-deftest llm-switch-continue/an-answer-at-its-length-limit-and-an-aborted-one-go-on ()
  (llm-switch-continue-test-in ("length" "hello") #'text-mode
    (llm-switch-test-ask "Hi")
    (llm-switch-gptel-use (llm-switch-test-row "next/hello") 'buffer)
    (llm-switch-continue)
    (llm-switch-test-wait (null gptel--request-alist))
    (should (string-match-p "Hello from the simulator" (buffer-string))))
  (llm-switch-continue-test-in ("stall:3" "hello") #'text-mode
    (llm-switch-test-send "Hi")
    (llm-switch-test-wait (string-match-p "w3" (buffer-string)))
    (gptel-abort (current-buffer))
    (llm-switch-gptel-use (llm-switch-test-row "next/hello") 'buffer)
    (llm-switch-continue)
    (llm-switch-test-wait (null gptel--request-alist))
    (should (string-match-p "w3 ?Hello from the simulator" (buffer-string)))))

(ert-deftest llm-switch-continue/code-that-was-cut-off-is-closed-in-org ()
  (llm-switch-continue-test-in ("hello" "hello") #'org-mode
    (insert "Write it\n\n" (propertize "#+begin_src python\ndef a():\n" 'gptel 'response))
    (cl-letf (((symbol-function 'llm-switch-channel-submit)
               (lambda (_request handler _buffer)
                 (funcall handler 'text "    pass\n```\n")
                 (funcall handler 'text "It passes `nothing` on.\n")
                 (funcall handler 'done '(:stop-reason "end"))
                 1)))
      (llm-switch-continue))
    (should (string-match-p (concat "#\\+begin_src python\ndef a():\n    pass\n#\\+end_src\n"
                                    "It passes =nothing= on\\.")
                            (buffer-string)))))

(ert-deftest llm-switch-continue/tools-that-are-called-stand-behind-what-was-there ()
  (llm-switch-continue-test-in ("cut:3" "tools:1") #'text-mode
    (llm-switch-test-ask "Look!")
    (let* ((sent nil)
           (note (lambda (request &rest _)
                   (push (json-parse-string request :object-type 'plist :array-type 'list) sent)))
           (gptel-tools (list (gptel-make-tool
                               :name "look" :description "Look." :args nil
                               :function (lambda () "I see it"))))
           (gptel-use-tools t)
           (gptel-confirm-tool-calls nil))
      (advice-add 'llm-switch-channel-submit :before note)
      (unwind-protect
          (progn (llm-switch-continue)
                 (llm-switch-test-wait (string-match-p "I see it" (buffer-string)))
                 (llm-switch-test-wait (null gptel--request-alist)))
        (advice-remove 'llm-switch-channel-submit note))
      (should (equal (mapcar (lambda (it) (length (plist-get it :messages))) sent) '(4 2)))
      (dolist (it sent)
        (should (equal (plist-get (plist-get it :llm_switch) :continue)
                       '(:text "w1 w2 w3 " :from "first/cut:3" :after 2)))))))

(ert-deftest llm-switch-continue/reasoning-and-tools-are-no-part-of-what-is-gone-on-with ()
  (with-temp-buffer
    (insert "Question " (propertize "Hm. " 'gptel 'ignore) (propertize "Yes, " 'gptel 'response)
            (propertize "(look)" 'gptel '(tool . "1")) (propertize "it is" 'gptel 'response))
    (let ((turn (llm-switch-turn)))
      (should (equal (llm-switch-turn-text turn) "Yes, it is"))
      (should (equal (plist-get turn :start) 10)))))

(provide 'llm-switch-continue-test)
;;; llm-switch-continue-test.el ends here
