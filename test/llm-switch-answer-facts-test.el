;;; llm-switch-answer-facts-test.el --- What is known of an answer, kept with its text  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-answer-place)
(require 'llm-switch-continue)
(require 'llm-switch-escalate)
(require 'org)

(defun llm-switch-answer-facts-test-config (first next)
  "Return a configuration with a route of two models, FIRST free, NEXT paid."
  (let ((url (llm-switch-test-url)))
    (format "[provider.first]\nbase-url = %S\n[provider.next]\nbase-url = %S\npayer = 'metered'\n\
[price.'next/*']\nper-million = '1'\n[route.both]\nuse = ['first/%s', 'next/%s']\n"
            url url first next)))

(defmacro llm-switch-answer-facts-test-in (models mode &rest body)
  "Run BODY in a chat in MODE, seen in a window, with a route of two MODELS."
  (declare (indent 2) (debug t))
  `(llm-switch-test-with (llm-switch-answer-facts-test-config ,@models)
     (save-window-excursion
       (llm-switch-test-chat "both" ,mode
         (switch-to-buffer (current-buffer))
         (buffer-enable-undo)
         (local-set-key (kbd "C-c l") llm-switch-command-map)
         ,@body))))

(defun llm-switch-answer-facts-test-turns ()
  "Return the turns of the last answer of this buffer."
  (plist-get (caar (last (llm-switch-answer-facts-all))) :turns))

;;; The property

(ert-deftest llm-switch-answer-facts/all-text-of-an-answer-bears-them-in-any-chat ()
  (dolist (mode (list #'text-mode #'org-mode))
    (dolist (stream '(t nil))
      (llm-switch-answer-facts-test-in ("hello" "hello") mode
        (let ((gptel-stream stream))
          (llm-switch-test-ask "Hi")
          (pcase-let ((`((,facts ,start ,end)) (llm-switch-answer-facts-all)))
            (should (equal (buffer-substring-no-properties start end)
                           "Hello from the simulator."))
            (should (equal (get-text-property start 'gptel) 'response))
            (pcase-let ((`(,turn) (plist-get facts :turns)))
              (should (equal (plist-get turn :sent) "hello"))
              (should (natnump (plist-get turn :request)))
              (should (eq (plist-get turn :paced) stream)))))))))

(ert-deftest llm-switch-answer-facts/an-aborted-answer-has-its-cost-too ()
  (llm-switch-answer-facts-test-in ("status:503" "stall:3") #'text-mode
    (llm-switch-test-send "Hi")
    (llm-switch-test-wait (string-match-p "w3" (buffer-string)))
    (gptel-abort (current-buffer))
    (let* ((turn (car (llm-switch-test-wait (llm-switch-answer-facts-test-turns))))
           (row (llm-switch-call "ledger.request" (list :request (plist-get turn :request))))
           (cost (plist-get (car (last (append (plist-get row :attempts) nil))) :cost)))
      (should (> (plist-get cost :amount) 0))
      (should (equal (plist-get turn :request-cost) (plist-get cost :amount)))
      (should (equal llm-switch-cost-buffer (cons (plist-get cost :amount) 0)))
      (should-not gptel--request-alist))))

(ert-deftest llm-switch-answer-facts/what-failed-attempts-cost-is-a-part-of-the-cost ()
  (llm-switch-test-with
      (let ((url (llm-switch-test-url)))
        (format "[provider.dear]\nbase-url = %S\npayer = 'metered'\n[price.'dear/*']\n\
input = '1000'\noutput = '1000'\n[provider.free]\nbase-url = %S\n\
[route.both]\nuse = ['dear/served:other', 'free/hello']\nstrict = true\n" url url))
    (llm-switch-test-chat "both" #'text-mode
      (let* ((known (plist-get (llm-switch-test-ask "Hi") :llm-switch))
             (all (plist-get known :request-cost)))
        (should (equal (plist-get (plist-get known :cost) :amount) 0))
        (should (> all 0))
        (should (equal (car llm-switch-cost-buffer) all))
        (should (equal (llm-switch-answer-line-cost (llm-switch-answer-facts-test-turns))
                       (concat "~" (llm-switch-cost-format-money all))))))))

(ert-deftest llm-switch-answer-facts/are-plain-data-without-a-word-of-the-answer ()
  (llm-switch-answer-facts-test-in ("tools:1" "hello") #'text-mode
    (llm-switch-test-with-tool
      (llm-switch-test-ask "Look at the moon!")
      (let ((printed (prin1-to-string (car (llm-switch-answer-facts-all)))))
        (should (equal (read printed) (read (prin1-to-string (read printed)))))
        (should-not (string-match-p "#<\\|moon\\|I see it" printed))))))

(ert-deftest llm-switch-answer-facts/an-answer-with-tools-is-one-with-the-sum-of-its-turns ()
  (dolist (stream '(t nil))
    (llm-switch-answer-facts-test-in ("status:503" "tools:2") #'text-mode
      (llm-switch-test-with-tool
        (let ((gptel-stream stream))
          (llm-switch-test-ask "Look!")))
      (should (= 1 (length (llm-switch-answer-facts-all))))
      (let* ((turns (llm-switch-answer-facts-test-turns))
             (cost (lambda (turn) (plist-get (plist-get turn :cost) :amount))))
        (should (= 2 (length turns)))
        (should (= 2 (length (seq-uniq (mapcar (lambda (it) (plist-get it :request)) turns)))))
        (should (string-suffix-p
                 (llm-switch-cost-format-money (+ (funcall cost (car turns))
                                                  (funcall cost (cadr turns))))
                 (llm-switch-answer-line turns 999)))
        (should (equal (plist-get llm-switch-cost-last :request)
                       (plist-get (cadr turns) :request)))))))

(ert-deftest llm-switch-answer-facts/an-answer-that-two-have-given-bears-those-of-both ()
  (llm-switch-answer-facts-test-in ("cut:3" "hello") #'org-mode
    (llm-switch-test-ask "Count")
    (llm-switch-continue)
    (llm-switch-test-wait (null gptel--request-alist))
    (pcase-let ((`((,facts ,start ,end)) (llm-switch-answer-facts-all)))
      (should (string-match-p "\\`w1 w2 w3 ?Hello" (buffer-substring-no-properties start end)))
      (should (equal (mapcar (lambda (it) (plist-get it :sent)) (plist-get facts :turns))
                     '("cut:3" "hello"))))
    (should (string-match-p "simulator\\.\n── first/cut:3, then next/hello (metered)"
                            (llm-switch-test-seen)))
    (should-not (string-match-p "broke off" (llm-switch-test-seen)))))

(ert-deftest llm-switch-answer-facts/an-answer-in-the-place-of-another-has-its-own ()
  (llm-switch-test-with (concat (llm-switch-test-config) "[route.coding-cheap]\nuse = ['sim/words:3']\n\
[route.coding-best]\nuse = ['sim/hello']\n")
    (save-window-excursion
      (llm-switch-test-chat "sim/words:3" #'text-mode
        (switch-to-buffer (current-buffer))
        (buffer-enable-undo)
        (llm-switch-test-ask "Write a function that adds two numbers.")
        (undo-boundary)
        (llm-switch-escalate)
        (llm-switch-test-wait (null gptel--request-alist))
        (should (equal (mapcar (lambda (it) (plist-get it :sent))
                               (llm-switch-answer-facts-test-turns))
                       '("hello")))
        (should-not (string-match-p "── sim/words:3" (llm-switch-test-seen)))
        (undo-boundary)
        (let ((last-command nil)) (undo))
        (should (string-match-p "w1 w2 w3 \n── sim/words:3 " (llm-switch-test-seen)))
        (should-not (string-match-p "── sim/hello" (llm-switch-test-seen)))))))

(ert-deftest llm-switch-answer-facts/they-are-not-in-the-file-nor-sent-nor-a-change ()
  (llm-switch-answer-facts-test-in ("status:503" "inspect") #'text-mode
    (let ((file (expand-file-name "chat.txt" llm-switch-test-folder)))
      (llm-switch-test-ask "Hi")
      (set-visited-file-name file t)
      (save-buffer 0)
      (llm-switch-answer-redraw)
      (should-not (buffer-modified-p))
      (should-not (seq-some (lambda (it) (pcase it (`(nil llm-switch-answer . ,_) t)))
                            buffer-undo-list))
      (let ((saved (with-temp-buffer (insert-file-contents file) (buffer-string))))
        (should (string-match-p "gptel--bounds: ((response (" saved))
        (should-not (string-match-p "── \\|llm-switch-answer\\|asked first" saved)))
      (llm-switch-test-ask "And now?")
      (should (string-match-p "And now?" (buffer-string)))
      (should-not (string-match-p "── \\|asked first\\|to first token" (buffer-string))))))

(ert-deftest llm-switch-answer-facts/what-is-typed-behind-an-answer-is-no-part-of-it ()
  (llm-switch-answer-facts-test-in ("hello" "hello") #'text-mode
    (llm-switch-test-ask "Hi")
    (let ((end (nth 2 (car (llm-switch-answer-facts-all)))))
      (goto-char end)
      (insert-and-inherit "More")
      (should (= end (nth 2 (car (llm-switch-answer-facts-all)))))
      ;; Within it, it parts the text and not the answer.
      (goto-char (- end 5))
      (insert-and-inherit "X")
      (should (equal (mapcar #'cddr (llm-switch-answer-facts-all)) (list (list (1+ end)))))
      (llm-switch-answer-redraw)
      (should (= 2 (length (split-string (llm-switch-test-seen) "── ")))))))

;;; Killed, yanked, undone, narrowed

(ert-deftest llm-switch-answer-facts/a-killed-answer-takes-its-line-along-and-undo-brings-both ()
  (llm-switch-answer-facts-test-in ("status:503" "hello") #'text-mode
    (llm-switch-test-ask "Hi")
    (let ((before (llm-switch-test-seen)) (kill-ring nil))
      (undo-boundary)
      (pcase-let ((`((,_ ,start ,end)) (llm-switch-answer-facts-all)))
        (kill-region start end))
      (should-not (string-match-p "──" (llm-switch-test-seen)))
      (undo-boundary)
      (let ((last-command nil)) (undo))
      (should (equal (llm-switch-test-seen) before))
      (undo-boundary)
      (let ((last-command nil)) (undo))
      (should-not (string-match-p "──" (llm-switch-test-seen))))))

(ert-deftest llm-switch-answer-facts/a-yanked-answer-has-its-line-in-a-chat-and-nothing-elsewhere ()
  (llm-switch-answer-facts-test-in ("hello" "hello") #'text-mode
    (llm-switch-test-ask "Hi")
    (let ((before (llm-switch-test-seen)) (kill-ring nil))
      (pcase-let ((`((,_ ,start ,end)) (llm-switch-answer-facts-all)))
        (kill-region start end)
        (goto-char start))
      (yank)
      (should (equal (llm-switch-test-seen) before))
      (goto-char (point-max))
      (yank)
      (should (= 2 (length (llm-switch-answer-facts-all))))
      (with-temp-buffer
        (yank)
        (should (equal (buffer-string) "Hello from the simulator."))
        (should-not (llm-switch-answer-facts-all))
        (should-not (overlays-in (point-min) (point-max))))
      ;; A quotation is no answer.
      (kill-new (substring (current-kill 0) 0 5))
      (yank)
      (should (= 2 (length (llm-switch-answer-facts-all)))))))

(ert-deftest llm-switch-answer-facts/an-answer-outside-of-what-is-seen-has-them-too ()
  (llm-switch-answer-facts-test-in ("hello" "hello") #'text-mode
    (llm-switch-test-ask "Hi")
    (let ((before (llm-switch-test-seen)))
      (narrow-to-region (point-min) 2)
      (let ((llm-switch-answer-place nil)) (llm-switch-answer-redraw))
      (widen)
      (should-not (string-match-p "──" (llm-switch-test-seen)))
      (narrow-to-region (point-min) 2)
      (llm-switch-answer-redraw)
      (widen)
      (should (equal (llm-switch-test-seen) before)))))

(provide 'llm-switch-answer-facts-test)
;;; llm-switch-answer-facts-test.el ends here
