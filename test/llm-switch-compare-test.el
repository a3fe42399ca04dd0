;;; llm-switch-compare-test.el --- The same question to several at once  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-compare-helper)
(require 'llm-switch-compare-diff)
(require 'llm-switch-compare-keep)
(require 'llm-switch-compare-mode)
(require 'savehist)

;;; Answers

(ert-deftest llm-switch-compare/three-at-once-stream-each-into-its-place ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let* ((main (llm-switch-compare-test-start
                  '("sim/words:40@80" "sim/words:30@80" "sim/drip:5:hello")))
           (both nil))
      ;; Two come at the same time, and neither waits for the other.
      (llm-switch-test-wait
        (setq both (seq-filter (lambda (it) (eq (llm-switch-candidate-state it) 'streaming))
                               (with-current-buffer main (llm-switch-compare-screen-candidates))))
        (cdr both))
      (let ((texts (mapcar #'llm-switch-candidate-text (llm-switch-compare-test-end main))))
        (should (string-match-p "\\`w1 w2 .* w39 w40.*\\'" (nth 0 texts)))
        (should (string-match-p "\\`w1 w2 .* w29 w30.*\\'" (nth 1 texts)))
        (should (equal (nth 2 texts) "Hello from the simulator."))
        (should (equal (with-current-buffer main
                         (buffer-substring-no-properties (point-min) (point-max)))
                       (format "sim/words:40@80\n%s\n\nsim/words:30@80\n%s\n\nsim/drip:5:hello\n%s"
                               (nth 0 texts) (nth 1 texts) (nth 2 texts))))
        (with-current-buffer main
          (dolist (candidate (llm-switch-compare-screen-candidates))
            (should (equal (llm-switch-compare-test-column candidate)
                           (llm-switch-candidate-text candidate)))))))))

(ert-deftest llm-switch-compare/figures-of-each-stand-beside-its-name ()
  (llm-switch-compare-test-with
      (llm-switch-compare-test-config "[route.best]\nuse = ['dear/usage:1000,0,100,0']\n")
    (let ((main (llm-switch-compare-test-start '("best" "sim/hello"))))
      (llm-switch-compare-test-end main)
      (let ((seen (llm-switch-compare-test-seen main)))
        (should (string-match-p
                 (concat "^best → dear/usage:1000,0,100,0  done\n"
                         "[0-9.]+ s .* 1\\.0k in 100 out · ~\\$0\\.0011")
                 seen))
        (should (string-match-p "^sim/hello  done\n.* out · free" seen)))
      (with-current-buffer main
        (should (string-match-p "\\` \\$0\\.0011 of \\$0\\.10 "
                                (llm-switch-compare-screen--summary)))))))

(ert-deftest llm-switch-compare/requests-are-in-the-ledger-with-their-purpose ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (dolist (candidate (llm-switch-compare-test-run '("sim/hello" "sim/words:3")))
      (should (equal (plist-get (llm-switch-call "ledger.request"
                                                 (list :request (llm-switch-candidate-request
                                                                 candidate)))
                                :purpose)
                     "compare")))))

(ert-deftest llm-switch-compare/one-that-fails-does-not-hurt-the-others ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let* ((main (llm-switch-compare-test-start '("sim/status:400" "sim/hello" "nobody/x")))
           (candidates (llm-switch-compare-test-end main)))
      (should (equal (llm-switch-compare-test-states candidates) '(failed done failed)))
      (should (string-match-p "^sim/status:400  failed\n" (llm-switch-compare-test-seen main)))
      (should (string-match-p "400" (llm-switch-compare-test-column (nth 0 candidates))))
      (should (string-match-p "nobody" (llm-switch-compare-test-column (nth 2 candidates)))))))

(ert-deftest llm-switch-compare/one-is-cancelled-and-the-other-goes-on ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/stall:3" "sim/words:20@40"))))
      (with-current-buffer main
        (llm-switch-test-wait (string-search "w3" (buffer-string)))
        (goto-char (point-min))
        (llm-switch-compare-cancel))
      (let ((candidates (llm-switch-compare-test-end main)))
        (should (equal (llm-switch-compare-test-states candidates) '(cancelled done)))
        (should (string-prefix-p "w1 w2 w3" (llm-switch-candidate-text (car candidates))))
        (should-error (with-current-buffer main (llm-switch-compare-cancel))
                      :type 'user-error)))))

(ert-deftest llm-switch-compare/a-killed-buffer-ends-all-of-it ()
  (dolist (which '(main column chat))
    (llm-switch-compare-test-with (llm-switch-compare-test-config)
      (let* ((chat (current-buffer))
             (main (llm-switch-compare-test-start '("sim/stall:3" "sim/stall:2")))
             (candidates (with-current-buffer main (llm-switch-compare-screen-candidates)))
             (columns (llm-switch-compare-screen-columns main)))
        (llm-switch-test-wait (seq-every-p #'llm-switch-candidate-pieces candidates))
        (kill-buffer (pcase which ('main main) ('column (car columns)) ('chat chat)))
        (should (equal (llm-switch-compare-test-states candidates) '(cancelled cancelled)))
        (unless (eq which 'chat)
          (should-not (seq-some #'buffer-live-p (cons main columns))))
        ;; The services are asked no more: the ledger has settled both.
        (llm-switch-test-wait
          (= 2 (plist-get (llm-switch-call "ledger.totals" '(:from 0 :to 99999999999999))
                          :requests)))))))

(ert-deftest llm-switch-compare/a-call-of-a-tool-or-a-preset-changes-nobody ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((gptel--known-presets nil)
          (gptel-prompt-transform-functions '(gptel--transform-apply-preset)))
      (gptel-make-preset 'other :model 'sw/sim/hello :use-tools t)
      (let ((received (mapcar #'llm-switch-candidate-text
                              (llm-switch-compare-test-run
                               '("sim/inspect" "sim/slow:5:inspect")
                               '(:prompt "@other Hi" :purpose "chat")))))
        (dolist (text received)
          (should (string-match-p "\"role\"" text))
          (should-not (string-match-p "\"tools\": *\\[{" text)))))))

(ert-deftest llm-switch-compare/nothing-moves-under-the-cursor-while-answers-come ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/words:30@200" "sim/words:60@200"))))
      (with-current-buffer main
        (llm-switch-test-wait (string-search "w2" (buffer-string)))
        (goto-char (point-min))
        (search-forward "w1 ")
        (let ((here (point)))
          (llm-switch-compare-test-end main)
          (should (= (point) here)))))))

;;; Tools, narrowing, properties

(ert-deftest llm-switch-compare/an-answer-that-calls-a-tool-has-failed-and-is-not-asked-again ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let* ((tools [(:type "function" :function (:name "look" :parameters (:type "object")))])
           (smuggle (lambda (arguments) (list (plist-put (car arguments) :tools tools)))))
      (llm-switch-test-reset)
      (unwind-protect
          (progn
            (advice-add 'llm-switch-request-json :filter-args smuggle)
            (let ((candidates (llm-switch-compare-test-run '("dear/tools:1" "sim/hello"))))
              (should (equal (llm-switch-compare-test-states candidates) '(failed done)))
              (should (string-match-p "asked for a tool" (llm-switch-compare-test-column
                                                          (car candidates))))
              ;; It was paid for.
              (should (> (llm-switch-candidate-spent (car candidates)) 0))
              (accept-process-output nil 0.3)
              (should (= 2 (length (llm-switch-test-received))))))
        (advice-remove 'llm-switch-request-json smuggle)))))

(ert-deftest llm-switch-compare/a-question-that-narrowing-hides-is-neither-asked-nor-answered ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (llm-switch-test-ask "First?")
      (goto-char (point-max))
      (insert "Second?")
      (let* ((chat (current-buffer))
             (end (point-max))
             (text (buffer-string))
             (main (llm-switch-compare-test-start '("sim/words:4" "sim/hello")
                                                  (llm-switch-compare--subject nil))))
        (llm-switch-compare-test-end main)
        (set-buffer chat)
        (narrow-to-region (point-min) 7)
        (should-error (llm-switch-compare--subject nil) :type 'user-error)
        (should-error (llm-switch-comparison-make nil '("sim/hello") :position end)
                      :type 'user-error)
        (with-current-buffer main
          (goto-char (point-min))
          (should (string-match-p "narrowed" (cadr (should-error (llm-switch-compare-keep)
                                                                 :type 'user-error)))))
        (widen)
        (should (equal (buffer-string) text))))))

(ert-deftest llm-switch-compare/properties-of-org-hold-for-the-question-of-a-chat ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (llm-switch-test-chat "sim/hello" #'org-mode
      (insert "* One\n:PROPERTIES:\n:GPTEL_SYSTEM: Be brief.\n:GPTEL_MAX_TOKENS: 77\n:END:\nWhy?")
      (dolist (candidate (llm-switch-compare-test-run '("sim/inspect" "sim/slow:5:inspect")
                                                      (llm-switch-compare--subject nil)))
        (should (string-search "Be brief." (llm-switch-candidate-text candidate)))
        (should (string-match-p "tokens\"?: *77" (llm-switch-candidate-text candidate)))))))

;;; What is compared

(ert-deftest llm-switch-compare/the-region-a-prompt-or-the-last-question-is-compared ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (insert "one two three")
    (transient-mark-mode 1)
    (push-mark (point-min) t t)
    (should (equal (plist-get (llm-switch-compare--subject nil) :prompt) "one two three"))
    (should (equal (plist-get (llm-switch-compare--subject nil) :purpose) "rewrite"))
    (let ((minibuffer-history nil)
          (savehist-minibuffer-history-variables nil))
      (add-hook 'minibuffer-setup-hook #'savehist-minibuffer-hook)
      (unwind-protect
          (llm-switch-test-keys "Why? RET"
            (should (equal (plist-get (llm-switch-compare--subject t) :prompt) "Why?")))
        (remove-hook 'minibuffer-setup-hook #'savehist-minibuffer-hook))
      ;; Nothing of it is there to be written to a file.
      (should-not (or minibuffer-history savehist-minibuffer-history-variables)))
    (deactivate-mark))
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (should-not (llm-switch-compare-question))
      (llm-switch-test-ask "First?")
      (let ((answered (llm-switch-compare-question)))
        (should (equal (buffer-substring-no-properties (- (car answered) 6) (car answered))
                       "First?"))
        (should (cdr answered)))
      (goto-char (point-max))
      (insert "Second?")
      (let ((open (llm-switch-compare--subject nil)))
        (should (= (plist-get open :position) (point-max)))
        (should (equal (plist-get open :purpose) "chat"))))))

(ert-deftest llm-switch-compare/the-whole-chat-goes-along-without-the-old-answer ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (llm-switch-test-chat "sim/hello" #'text-mode
      (setq-local gptel-system-prompt "Be brief." gptel--system-message "Be brief.")
      (llm-switch-test-ask "First?")
      (goto-char (point-max))
      (llm-switch-test-ask "Second?")
      (let ((chat (current-buffer))
            (before (buffer-string)))
        (dolist (candidate (llm-switch-compare-test-run '("sim/inspect" "sim/slow:5:inspect")
                                                        (llm-switch-compare--subject nil)))
          (let ((text (llm-switch-candidate-text candidate)))
            (dolist (part '("Be brief." "First?" "Hello from the simulator." "Second?"))
              (should (string-search part text)))
            (should (= 1 (with-temp-buffer
                           (insert text)
                           (how-many "Hello from the simulator" (point-min) (point-max)))))))
        (should (equal (with-current-buffer chat (buffer-string)) before))))))

;;; Without a screen

(ert-deftest llm-switch-comparison/turns-and-a-system-prompt-are-asked-without-a-screen ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let* ((heard nil)
           (ended nil)
           (comparison (llm-switch-comparison-run
                        '((prompt . "First?") (response . "Yes.") (prompt . "Second?"))
                        '("sim/inspect" "dear/inspect" "sim/status:400")
                        :system "Be brief." :purpose "org" :total "0.05"
                        :hear (lambda (candidate text) (push (cons candidate text) heard))
                        :ended (lambda (it) (push it ended)))))
      (llm-switch-test-wait ended)
      (should (equal ended (list comparison)))
      (should (equal (llm-switch-comparison-purpose comparison) "org"))
      (pcase-let ((`(,one ,other ,broken) (llm-switch-comparison-candidates comparison)))
        (dolist (candidate (list one other))
          (let ((text (llm-switch-candidate-text candidate)))
            (should (equal text (mapconcat (lambda (it) (or (cdr it) ""))
                                           (reverse (seq-filter (lambda (it)
                                                                  (eq (car it) candidate))
                                                                heard))
                                           "")))
            (dolist (part '("Be brief." "First?" "Yes." "Second?"))
              (should (string-search part text)))))
        (should (string-match-p "HTTP 400" (llm-switch-candidate-problem broken))))
      (should-not (get-buffer "*llm-switch compare*")))))

(ert-deftest llm-switch-comparison/without-a-total-nobody-has-a-share ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((comparison (llm-switch-comparison-run "Hi" '("dear/hello" "sim/hello"))))
      (llm-switch-test-wait (llm-switch-comparison-over-p comparison))
      (should-not (llm-switch-comparison-total comparison))
      (should (equal (llm-switch-compare-test-states
                      (llm-switch-comparison-candidates comparison))
                     '(done done))))))

;;; Difference

(ert-deftest llm-switch-compare/words-that-only-one-answer-has-are-marked ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/words:4" "sim/words:6"))))
      (llm-switch-compare-test-end main)
      (set-buffer main)
      (goto-char (point-min))
      (llm-switch-compare-diff)
      (with-current-buffer "*llm-switch compare difference*"
        (let ((marked (seq-filter (lambda (it) (overlay-get it 'llm-switch-compare-diff))
                                  (overlays-in (point-min) (point-max)))))
          (should (equal (string-trim (mapconcat (lambda (it)
                                                   (buffer-substring-no-properties
                                                    (overlay-start it) (overlay-end it)))
                                                 marked ""))
                         "w5 w6"))
          (should (eq (overlay-get (car marked) 'face) 'diff-refine-added))
          (llm-switch-compare-diff-next)
          (should (looking-at-p " ?w5")))))))

(ert-deftest llm-switch-compare/with-three-answers-one-says-to-which-the-difference-is ()
  (llm-switch-compare-test-with (llm-switch-compare-test-config)
    (let ((main (llm-switch-compare-test-start '("sim/words:4" "sim/hello" "sim/words:6"))))
      (llm-switch-compare-test-end main)
      (set-buffer main)
      (goto-char (point-min))
      (cl-letf (((symbol-function 'completing-read) (lambda (&rest _) "sim/words:6")))
        (llm-switch-compare-diff))
      (with-current-buffer "*llm-switch compare difference*"
        (should (string-match-p "\\`sim/words:4\n.*\n\nsim/words:6\n" (buffer-string)))))))

(provide 'llm-switch-compare-test)
;;; llm-switch-compare-test.el ends here
