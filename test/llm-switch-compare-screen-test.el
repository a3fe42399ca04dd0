;;; llm-switch-compare-screen-test.el --- What one does with answers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-compare-helper)
(require 'llm-switch-compare-keep)
(require 'llm-switch-compare-vote)
(require 'llm-switch-menu)
(require 'llm-switch-screen-helper)
(require 'llm-switch-votes)
(require 'org)

(defun llm-switch-compare-test-at (main number)
  "Go to the answer with NUMBER in MAIN."
  (set-buffer main)
  (goto-char (plist-get (cdr (nth number llm-switch-compare-screen-places)) :heading)))

;;; Votes

(defun llm-switch-compare-test-votes (&rest params)
  "Return the sums of votes by PARAMS: a list of (NAME PURPOSE WON COMPARED NONE)."
  (mapcar (lambda (row) (mapcar (lambda (key) (plist-get row key))
                                '(:name :purpose :won :compared :undecided)))
          (llm-switch-call "compare.votes" params)))

(ert-deftest llm-switch-compare-vote/the-last-vote-about-the-same-answers-counts ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/hello" "sim/words:3" "sim/status:400"))))
      (llm-switch-compare-test-end main)
      (llm-switch-compare-test-at main 0)
      (llm-switch-compare-vote)
      (should (string-match-p "\\`sim/hello  best ★\n" (llm-switch-compare-test-seen main)))
      (llm-switch-compare-test-at main 1)
      (llm-switch-compare-vote)
      ;; Who gave no answer was not compared.
      (should (equal (llm-switch-compare-test-votes)
                     '(("sim/words:3" "chat" 1 1 0) ("sim/hello" "chat" 0 1 0))))
      (should (= 1 (with-temp-buffer (insert (llm-switch-compare-test-seen main))
                                     (how-many "★" (point-min) (point-max)))))
      (llm-switch-compare-vote-none)
      (should (equal (llm-switch-compare-test-votes)
                     '(("sim/hello" "chat" 0 1 1) ("sim/words:3" "chat" 0 1 1))))
      (llm-switch-compare-test-at main 2)
      (should-error (llm-switch-compare-vote) :type 'user-error))))

(ert-deftest llm-switch-compare-vote/votes-are-summed-by-purpose-and-outlive-the-engine ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[route.best]\nuse = ['sim/words:2']\n")
    (dolist (purpose '("chat" "rewrite" "org"))
      (set-buffer "*llm-switch compare test*")
      (let ((main (llm-switch-compare-test-start '("best" "sim/hello")
                                                 (list :prompt "Hi" :purpose purpose))))
        (llm-switch-compare-test-end main)
        (llm-switch-compare-test-at main 0)
        (llm-switch-compare-vote)))
    (llm-switch-channel-stop)
    (should (equal (llm-switch-compare-test-votes)
                   '(("best" "chat" 1 1 0) ("sim/hello" "chat" 0 1 0)
                     ("best" "org" 1 1 0) ("sim/hello" "org" 0 1 0)
                     ("best" "rewrite" 1 1 0) ("sim/hello" "rewrite" 0 1 0))))
    (should (equal (seq-take (llm-switch-compare-test-votes :by "deployment") 1)
                   '(("sim/words:2" "chat" 1 1 0))))
    (delete-other-windows)
    (llm-switch-votes)
    (llm-switch-screen-test-wait)
    (should (member "Votes  by whom was asked" (llm-switch-screen-test-lines)))
    (llm-switch-screen-test-see "^  for chat +won compared +none +share$")
    (llm-switch-screen-test-see "^  best +1 +1 +0 +100%$")
    (llm-switch-votes-by)
    (llm-switch-screen-test-wait)
    (llm-switch-screen-test-see "^  sim/words:2 +1 +1 +0 +100%$")
    (kill-buffer)))

(ert-deftest llm-switch-compare-vote/who-answers-is-hidden-until-then-where-that-is-wanted ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let* ((llm-switch-compare-blind t)
           (main (llm-switch-compare-test-start '("sim/hello" "sim/words:3"))))
      (llm-switch-compare-test-end main)
      (let ((seen (llm-switch-compare-test-seen main)))
        (should (string-match-p "\\`Answer A  done\n[^·]*\nAnswer B  done\n" seen))
        (should-not (string-match-p "sim/\\|free" seen)))
      (should-not (seq-some (lambda (buffer) (string-match-p "compare: sim/" (buffer-name buffer)))
                            (buffer-list)))
      (llm-switch-compare-test-at main 0)
      (should-error (llm-switch-compare-attempts) :type 'user-error)
      (llm-switch-compare-vote)
      (should (string-match-p "\\`Answer A → sim/.*  best ★\n.*free"
                              (llm-switch-compare-test-seen main))))))

(ert-deftest llm-switch-compare-vote/why-one-failed-is-hidden-until-then-too ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let* ((llm-switch-compare-blind t)
           (main (llm-switch-compare-test-start '("sim/hello" "sim/status:400" "sim/words:3"))))
      (llm-switch-compare-test-end main)
      (let ((seen (llm-switch-compare-test-seen main)))
        (should (string-match-p "^Answer .  failed$" seen))
        (should-not (string-match-p "sim/\\|400" seen)))
      (with-current-buffer main (llm-switch-compare-vote-none))
      (should (= 1 (with-temp-buffer (insert (llm-switch-compare-test-seen main))
                                     (how-many "HTTP 400" (point-min) (point-max)))))))
  ;; Where there is nothing to vote between, nothing is to be hidden either.
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let* ((llm-switch-compare-blind t)
           (main (llm-switch-compare-test-start '("sim/hello" "sim/status:400"))))
      (llm-switch-compare-test-end main)
      (should (string-match-p "HTTP 400" (llm-switch-compare-test-seen main))))))

;;; Keep

(defun llm-switch-compare-test-kept (mode deployments number answered)
  "Compare DEPLOYMENTS in a chat in MODE and keep the answer with NUMBER.
With ANSWERED non-nil that deployment has answered before.  Return the chat's
text and what a next question sends."
  (llm-switch-test-chat (or answered (car deployments)) mode
    (let ((chat (current-buffer)))
      (if answered
          (llm-switch-test-ask "Why?")
        (insert "Why?"))
      (let ((main (llm-switch-compare-test-start deployments (llm-switch-compare--subject nil))))
        (llm-switch-compare-test-end main)
        (llm-switch-compare-test-at main number)
        (llm-switch-compare-keep))
      (set-buffer chat)
      (llm-switch-compare-test-chat-told))))

(defun llm-switch-compare-test-chat-told ()
  "Return the text of this chat and what a next question sends.
Which request gave an answer, and how fast, is another matter."
  (let ((text (buffer-string)))
    (remove-list-of-text-properties 0 (length text) '(llm-switch-answer) text)
    (llm-switch-gptel-use (llm-switch-test-row "sim/inspect") 'buffer)
    (llm-switch-test-ask "And now?")
    (goto-char (point-max))
    (list text (llm-switch-turn-text (llm-switch-turn)))))

(ert-deftest llm-switch-compare-keep/the-chat-is-as-if-that-one-had-been-asked ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (dolist (mode (list #'text-mode #'org-mode))
      (let ((asked (llm-switch-test-chat "sim/words:12" mode
                     (llm-switch-test-ask "Why?")
                     (llm-switch-compare-test-chat-told))))
        (should (string-match-p "w11 w12" (cadr asked)))
        (dolist (answered '(nil "sim/hello"))
          (let ((kept (llm-switch-compare-test-kept mode '("sim/hello" "sim/words:12") 1
                                                    answered)))
            (should (equal (substring-no-properties (car kept)) (substring-no-properties
                                                                 (car asked))))
            (should (equal (cadr kept) (cadr asked)))
            ;; The old answer is kept among the variants, which a fresh chat has not.
            (unless answered
              (should (equal-including-properties (car kept) (car asked))))))))))

(ert-deftest llm-switch-compare-keep/undo-brings-back-the-old-answer-and-nothing-is-paid-twice ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (buffer-enable-undo)
      (llm-switch-test-ask "Why?")
      (let* ((chat (current-buffer))
             (before (buffer-string))
             (main (llm-switch-compare-test-start '("dear/words:4" "sim/hello")
                                                  (llm-switch-compare--subject nil)))
             (spent nil))
        (llm-switch-compare-test-end main)
        (setq spent (car (buffer-local-value 'llm-switch-cost-buffer chat)))
        (should (> spent 0))
        (llm-switch-test-reset)
        (llm-switch-compare-test-at main 0)
        (llm-switch-compare-keep)
        (should-not (llm-switch-test-received))
        (set-buffer chat)
        (should (= spent (car llm-switch-cost-buffer)))
        (should (string-match-p "w3 w4" (buffer-string)))
        (undo-boundary)
        (let ((last-command nil)) (undo))
        (should (equal (buffer-string) before))))))

(ert-deftest llm-switch-compare-keep/a-chat-that-went-on-is-left-alone ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (insert "Why?")
      (let* ((chat (current-buffer))
             (main (llm-switch-compare-test-start '("sim/words:4" "sim/hello")
                                                  (llm-switch-compare--subject nil))))
        (llm-switch-compare-test-end main)
        (set-buffer chat)
        (llm-switch-test-ask "")
        (goto-char (point-max))
        (insert "Another question")
        (let ((before (buffer-string)))
          (llm-switch-compare-test-at main 0)
          (should-error (llm-switch-compare-keep) :type 'user-error)
          (should (equal (with-current-buffer chat (buffer-string)) before))))))
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/words:4" "sim/hello"))))
      (llm-switch-compare-test-end main)
      (llm-switch-compare-test-at main 0)
      (should-error (llm-switch-compare-keep) :type 'user-error))))

;;; Screen

(defun llm-switch-compare-test-windows ()
  "Return the buffers of the windows, from left to right."
  (mapcar #'window-buffer
          (seq-sort-by (lambda (it) (car (window-edges it))) #'< (window-list nil 'never))))

(defun llm-switch-compare-test-resize (main width)
  "Give the frame WIDTH, and MAIN the time to follow."
  (set-frame-size (selected-frame) width 24)
  (should (llm-switch-compare-layout-stale-p main))
  ;; Batch Emacs does not tell of new sizes by itself.
  (llm-switch-compare-screen-resized (selected-window))
  (llm-switch-test-wait (not (llm-switch-compare-layout-stale-p main))))

(ert-deftest llm-switch-compare-screen/columns-where-they-fit-and-else-below-each-other ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((llm-switch-compare-column-width 40)
          (here (current-buffer)))
      (switch-to-buffer here)
      (delete-other-windows)
      (set-frame-size (selected-frame) 100 24)
      (let* ((main (llm-switch-compare-test-start '("sim/words:4" "sim/hello")))
             (columns (llm-switch-compare-screen-columns main)))
        (llm-switch-compare-test-end main)
        (should (equal (llm-switch-compare-test-windows) columns))
        (should (= 50 (window-total-width)))
        (with-current-buffer (car columns) (llm-switch-compare-toggle))
        (should (equal (llm-switch-compare-test-windows) (list main)))
        (with-current-buffer main (llm-switch-compare-toggle))
        (should (equal (llm-switch-compare-test-windows) columns))
        ;; The frame shrinks, and grows again.
        (llm-switch-compare-test-resize main 70)
        (should (equal (llm-switch-compare-test-windows) (list main)))
        (with-current-buffer main
          (should-error (llm-switch-compare-toggle) :type 'user-error))
        (llm-switch-compare-test-resize main 90)
        (should (equal (llm-switch-compare-test-windows) columns))
        (with-current-buffer (car columns) (llm-switch-compare-quit))
        (should (equal (llm-switch-compare-test-windows) (list here)))
        (should (buffer-live-p main))
        (set-frame-size (selected-frame) 80 25)))))

(ert-deftest llm-switch-compare-screen/a-column-tells-who-answers-and-the-figures ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[route.best]\nuse = ['dear/words:4']\n")
    (let ((main (llm-switch-compare-test-start '("best" "sim/status:400"))))
      (llm-switch-compare-test-end main)
      (pcase-let ((`(,one ,other) (llm-switch-compare-screen-columns main)))
        (cl-letf (((symbol-function 'window-width) (lambda (&rest _) 40)))
          (with-current-buffer one
            (should (equal (substring-no-properties (llm-switch-compare-screen--header))
                           (concat (string-pad "best → dear/words:4" 34) " done")))
            (should (string-match-p "[0-9.]+ s .*[0-9]+ in [0-9]+ out .*~?<?\\$0"
                                    (llm-switch-compare-screen--mode-line))))
          (with-current-buffer other
            (should (string-match-p "sim/status:400 +failed"
                                    (llm-switch-compare-screen--header)))))))))

(ert-deftest llm-switch-compare-screen/keys-lead-to-the-next-answer-its-text-and-its-attempts ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/words:4" "sim/hello"))))
      (llm-switch-compare-test-end main)
      (switch-to-buffer main)
      (goto-char (point-min))
      (execute-kbd-macro (kbd "n w"))
      (should (equal (current-kill 0) "Hello from the simulator."))
      (should-error (llm-switch-compare-next 1) :type 'user-error)
      (execute-kbd-macro (kbd "p w"))
      (should (string-match-p "w1 w2" (current-kill 0)))
      (execute-kbd-macro (kbd "RET"))
      (set-buffer (window-buffer))
      (llm-switch-screen-test-wait)
      (llm-switch-screen-test-see "^  1  sim/words:4$")
      (llm-switch-screen-test-see "purpose +compare"))))

(ert-deftest llm-switch-compare-screen/what-is-no-answer-is-as-wide-as-the-frame ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (set-frame-size (selected-frame) 80 24)
    (let* ((main (llm-switch-compare-test-start '("sim/words:4" "sim/words:6")))
           (columns (llm-switch-compare-screen-columns main)))
      (llm-switch-compare-test-end main)
      (should (equal (llm-switch-compare-test-windows) columns))
      (dolist (key '("?" "RET" "="))
        (select-window (get-buffer-window (car columns)))
        (execute-kbd-macro (kbd key))
        (should-not (memq (window-buffer) columns))
        (should (= (frame-width) (window-total-width)))
        ;; And q leads back to the answers, all of which are still there.
        (execute-kbd-macro (kbd "q"))
        (should (equal (llm-switch-compare-test-windows) columns))))))

(ert-deftest llm-switch-compare-screen/a-column-names-keys-too ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/words:4" "sim/hello"))))
      (llm-switch-compare-test-end main)
      (dolist (column (llm-switch-compare-screen-columns main))
        (with-current-buffer column
          (should (string-search "? keys" tab-line-format))
          (should (<= (string-width tab-line-format) llm-switch-compare-column-width)))))))

(ert-deftest llm-switch-compare-screen/asking-again-takes-the-place-of-what-is-over ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/words:4" "sim/hello"))))
      (with-current-buffer main
        (should-error (llm-switch-compare-ask-again) :type 'user-error)
        (llm-switch-compare-test-end main)
        (llm-switch-compare-ask-again))
      (should-not (buffer-live-p main))
      (should (equal (llm-switch-compare-test-states
                      (llm-switch-compare-test-end (get-buffer "*llm-switch compare*")))
                     '(done done))))))

(ert-deftest llm-switch-compare-screen/a-comparison-is-no-place-to-ask-from ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/words:4" "sim/hello"))))
      (llm-switch-compare-test-end main)
      (with-current-buffer main
        (should-error (llm-switch-compare-test-start '("sim/words:4" "sim/hello"))
                      :type 'user-error)))))

(ert-deftest llm-switch-compare-screen/menu-and-command-map-lead-there ()
  (should (eq (lookup-key llm-switch-command-map "C") 'llm-switch-compare))
  (should (eq (lookup-key llm-switch-command-map "V") 'llm-switch-votes))
  (should (equal (plist-get (cdr (transient-get-suffix 'llm-switch-menu "C")) :command)
                 'llm-switch-compare)))

(ert-deftest llm-switch-compare-screen/names-are-read-as-the-backend-is-and-offered-again ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[route.best]\nuse = ['sim/words:2']\n")
    (let ((llm-switch-compare-names '("best" "sim/hello" "gone"))
          (llm-switch-compare--last nil))
      (llm-switch-test-keys "RET"
        (should (equal (llm-switch-compare--read-names "a prompt") '("best" "sim/hello"))))
      (llm-switch-test-keys "best,auto RET"
        (should (equal (llm-switch-compare--read-names "a prompt") '("best" "auto"))))
      (setq llm-switch-compare--last '("auto" "best"))
      (llm-switch-test-keys "RET"
        (should (equal (llm-switch-compare--read-names "a prompt") '("auto" "best"))))
      (should-error (llm-switch-compare '("best") '(:prompt "Hi") "0") :type 'user-error))))

(provide 'llm-switch-compare-screen-test)
;;; llm-switch-compare-screen-test.el ends here
