;;; llm-switch-contract-chat-test.el --- What stands in a chat  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)

(defconst llm-switch-contract-chat--thought "The user said something. I shall answer it."
  "What the simulator thinks.")

(ert-deftest llm-switch-contract-chat/text-and-reasoning-stream-in-with-their-properties ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/reasoning:reasoning_content" #'text-mode
      (let ((gptel-include-reasoning 'ignore))
        (llm-switch-test-ask "Why?")
        (should (string-match-p (concat "``` reasoning\n" llm-switch-contract-chat--thought
                                        "\n```\n+Hello from the simulator\\.")
                                (buffer-string)))
        (should (eq (llm-switch-contract-property "I shall answer" 'gptel) 'ignore))
        (should (eq (llm-switch-contract-property "Hello" 'gptel) 'response))
        (should-not (llm-switch-contract-property "Why?" 'gptel))))))

(ert-deftest llm-switch-contract-chat/hooks-run-with-the-bounds-of-the-answer ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/words:30" #'text-mode
      (let* (before streamed after sent
             ;; Not all versions run it in the chat.
             (gptel-post-request-hook (list (lambda () (setq sent t)))))
        (add-hook 'gptel-pre-response-hook (lambda () (push (buffer-string) before)) nil t)
        (add-hook 'gptel-post-stream-hook (lambda () (setq streamed t)) nil t)
        (add-hook 'gptel-post-response-functions
                  (lambda (beg end) (push (buffer-substring-no-properties beg end) after)) nil t)
        (llm-switch-test-ask "Count.")
        (should sent)
        (should (equal (mapcar #'substring-no-properties before) '("Count.")))
        (should streamed)
        (should (= (length after) 1))
        (should (string-match-p "\\`w1 w2 [^\0]*w30é🦄 \\'" (car after)))))))

(ert-deftest llm-switch-contract-chat/the-header-line-tells-how-far-the-answer-is ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/stall:3" #'text-mode
      (let ((says (lambda (word) (string-match-p word (format "%s" header-line-format)))))
        (llm-switch-test-send "Hi")
        (should (funcall says "Waiting"))
        (llm-switch-test-wait (funcall says "Typing"))
        (gptel-abort (current-buffer))
        (should (funcall says "Abort"))
        (llm-switch-contract-use "sim/hello")
        (llm-switch-test-ask " again")
        (should (funcall says "Ready"))))))

(ert-deftest llm-switch-contract-chat/tokens-add-up-over-the-turns ()
  (llm-switch-contract-need 'token-usage)
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/usage:1000,800,50,30" #'text-mode
      (llm-switch-test-ask "One")
      (llm-switch-test-ask "\n\nTwo")
      (should (equal gptel--token-usage '((:input 200 :output 50 :cached 800)
                                          (:input 400 :output 100 :cached 1600)))))))

(ert-deftest llm-switch-contract-chat/reasoning-is-where-gptel-include-reasoning-wants-it ()
  (dolist (stream '(t nil))
    (pcase-dolist (`(,setting ,property ,sent-again)
                   '((t response t) (ignore ignore nil) (nil nil nil) ("*thoughts*" nil nil)))
      (llm-switch-contract-with
        (llm-switch-test-chat "sim/reasoning:reasoning_content" #'text-mode
          (let ((gptel-include-reasoning setting) (gptel-stream stream)
                (thought llm-switch-contract-chat--thought))
            (llm-switch-test-ask "Why?")
            (should (string-search "Hello from the simulator." (buffer-string)))
            (should (eq (and (string-search thought (buffer-string)) t) (and property t)))
            (when property
              (should (eq (llm-switch-contract-property thought 'gptel) property)))
            (when (stringp setting)
              (with-current-buffer setting
                (should (equal (buffer-string) thought))
                (kill-buffer)))
            (llm-switch-contract-use "sim/inspect")
            (llm-switch-test-ask "\n\nAnd now?")
            (goto-char (point-min))
            (should (search-forward "{\"" nil t))
            (should (eq (and (search-forward "I shall answer it" nil t) t) sent-again))))))))

(ert-deftest llm-switch-contract-chat/a-second-block-of-reasoning-stands-apart ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/tools-reasoning:reasoning_content:1" #'text-mode
      (llm-switch-contract-tools (list (llm-switch-contract-tool #'identity))
        (setq gptel-include-tool-results nil)
        (let ((gptel-include-reasoning 'ignore))
          (llm-switch-test-ask "Look."))
        (goto-char (point-min))
        (dotimes (_ 2)
          (should (search-forward "``` reasoning\n" nil t))
          (should (looking-at-p (regexp-quote llm-switch-contract-chat--thought)))
          (forward-line 1)
          (should (looking-at-p "```\n")))
        (should-not (search-forward "``` reasoning" nil t))
        (should (search-forward "The tools said: \"moon\"" nil t))))))

(ert-deftest llm-switch-contract-chat/the-answer-in-a-read-only-buffer-goes-to-another ()
  (llm-switch-contract-with
    (llm-switch-test-chat "sim/hello" #'text-mode
      (insert "Hi")
      (setq buffer-read-only t)
      (let ((before (buffer-list)))
        (llm-switch-test-finish (llm-switch-test-send))
        (should (equal (buffer-string) "Hi"))
        (should (seq-some (lambda (buffer)
                            (with-current-buffer buffer
                              (string-search "Hello from the simulator." (buffer-string))))
                          (seq-difference (buffer-list) before)))
        (mapc #'kill-buffer (seq-filter (lambda (it) (string-search "LLM response" (buffer-name it)))
                                        (seq-difference (buffer-list) before))))
      (setq buffer-read-only nil))))

(ert-deftest llm-switch-contract-chat/two-requests-from-one-buffer-run-beside-each-other ()
  (llm-switch-contract-with
    (with-temp-buffer
      (insert "one\n\ntwo\n")
      (let ((ask (lambda (place)
                   (goto-char (point-min))
                   (forward-line place)
                   (end-of-line)
                   (gptel-request "Count." :stream t :position (point-marker)))))
        (llm-switch-contract-use "sim/words:300@600")
        (let ((machines (list (funcall ask 0) (funcall ask 2))))
          (llm-switch-test-wait (string-match-p "one[^\0]*w3 [^\0]*two[^\0]*w3 " (buffer-string)))
          (mapc #'llm-switch-test-finish machines))
        (should (string-match-p "\\`one\n*w1 w2 [^\0]*w300é🦄 \n+two\n*w1 w2 [^\0]*w300é🦄 \n\\'"
                                (buffer-string)))
        (set-buffer-modified-p nil)))))

(provide 'llm-switch-contract-chat-test)
;;; llm-switch-contract-chat-test.el ends here
