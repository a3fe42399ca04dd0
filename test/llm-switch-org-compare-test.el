;;; llm-switch-org-compare-test.el --- Org blocks that ask several  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-org-helper)
(require 'llm-switch-org-vote)
(require 'ox-html)

(defun llm-switch-org-compare-test-config (&rest more)
  "Return a configuration with two accounts, of which sim is free and dear is not.
A million tokens of the latter cost a dollar.  The route demo falls back; MORE
is behind it."
  (concat (llm-switch-test-config)
          (format "[provider.dear]\nbase-url = %S\npayer = 'metered'\n" (llm-switch-test-url))
          "[price.'dear/*']\nper-million = '1'\n"
          "[route.demo]\nuse = ['sim/status:503', 'sim/hello']\n"
          (string-join more "\n")))

(defmacro llm-switch-org-compare-test-in (arguments body &rest forms)
  "Run FORMS at a block with ARGUMENTS that asks BODY, as if interactively."
  (declare (indent 2) (debug t))
  `(llm-switch-org-test-in (llm-switch-org-compare-test-config)
       (llm-switch-org-test-block ,arguments ,body)
     (llm-switch-test-reset)
     ,@forms))

(defun llm-switch-org-compare-test-refused (arguments)
  "Return what is said of a block with ARGUMENTS, which asks nobody."
  (llm-switch-org-compare-test-in arguments "Hi"
    (prog1 (cadr (should-error (org-babel-execute-src-block) :type 'user-error))
      (should-not llm-switch-org-run--all)
      (should-not (llm-switch-test-received)))))

(defun llm-switch-org-compare-test-shown (text)
  "Wait until TEXT, a regexp, stands in this buffer."
  (llm-switch-test-wait (string-match-p text (buffer-string))))

;;; Header arguments

(ert-deftest llm-switch-org-compare/what-is-wrong-with-the-names-is-said-before-anything-is-sent ()
  (pcase-dolist
      (`(,arguments . ,says)
       '((":compare sim/echo" . ":compare: it needs two names or more")
         (":compare sim/echo, sim/echo" . ":compare: it needs two names or more")
         (":compare" . ":compare: it has no value")
         (":compare sim/echo demoo" . ":compare: demoo is not one of .*did you mean demo\\?")
         (":compare sim/echo \"demo (mode)\"" . ":compare: demo is not one of")
         (":compare sim/echo demo :model sim/hello" . ":compare and :model: a block has one")
         (":compare sim/echo demo :mode local" . ":compare and :mode: a block has one")
         (":compare sim/echo demo :max-cost much" . ":max-cost: much is no amount")))
    (should (string-match-p says (llm-switch-org-compare-test-refused arguments)))))

(ert-deftest llm-switch-org-compare/tools-are-refused-in-the-block-and-not-used-from-around-it ()
  (let* ((called nil)
         (clock (gptel-make-tool :name "org_test_clock" :description "Tell the time." :args nil
                                 :category "org-test" :function (lambda () (setq called t) "1")))
         (gptel-tools (list clock))
         (gptel-use-tools t)
         (gptel-confirm-tool-calls nil))
    (should (string-match-p "tools are not used in comparisons"
                            (llm-switch-org-compare-test-refused
                             ":compare sim/echo demo :tools org_test_clock")))
    (llm-switch-org-test-in (llm-switch-org-compare-test-config)
        (concat "#+property: header-args:llm-switch :tools org_test_clock\n\n"
                (llm-switch-org-test-block ":compare sim/tools:1 sim/inspect"))
      (should (string-match-p "\"tools\":\\[\\]" (llm-switch-org-test-run)))
      (should-not called))))

(ert-deftest llm-switch-org-compare/of-several-and-one-the-nearer-holds ()
  (pcase-dolist (`(,around ,own ,answers) '((":model sim/echo :mode local" ":compare sim/hello demo" 2)
                                            (":compare sim/hello demo" ":model sim/hello" 1)
                                            (":compare sim/hello demo" ":mode local :model sim/hello" 1)
                                            (":compare sim/hello demo" "" 2)))
    (llm-switch-org-test-in (llm-switch-org-compare-test-config)
        (concat "#+property: header-args:llm-switch " around "\n\n" (llm-switch-org-test-block own))
      (llm-switch-org-test-run)
      (should (= answers (how-many "^Hello from the simulator" (point-min) (point-max))))
      (should (eq (> answers 1) (and (string-match-p "^| asked " (buffer-string)) t))))))

(ert-deftest llm-switch-org-compare/what-the-header-says-holds-for-all ()
  (llm-switch-org-compare-test-in
      ":compare sim/inspect sim/drip:1:inspect :system none :temperature 0.5 :max-tokens 7 :format raw"
      "Same"
    (llm-switch-org-test-run)
    (should (= 2 (how-many "^{.*\"messages\":\\[{\"role\":\"user\",\"text\":\"Same\".*\
\"temperature\":0.5,\"max_tokens\":7" (point-min) (point-max)))))
  (llm-switch-org-compare-test-in
      ":compare sim/inspect sim/drip:1:inspect :system Be terse. :schema \"[name]\" :context entry"
      "Same"
    (goto-char (point-max))
    (insert "\nAround.\n")
    (goto-char (point-min))
    (llm-switch-org-test-run)
    (should (= 2 (how-many "\"text\": \"Be terse.\"" (point-min) (point-max))))
    (should (= 2 (how-many "<context>\\\\nAround\\.\\\\n</context>" (point-min) (point-max))))
    ;; As gptel wraps a list once, and not once more for each.
    (should (= 2 (how-many "\"properties\": {\n *\"items\"" (point-min) (point-max))))))

(ert-deftest llm-switch-org-compare/a-dry-run-shows-all-requests-and-their-shares-and-sends-none ()
  (llm-switch-org-compare-test-in
      ":compare dear/hello sim/hello :dry-run yes :max-cost 0.00001 :system none" "Never sent"
    (let ((text (llm-switch-org-test-run)))
      (should (string-match-p "\\*dear/hello\\*\n#\\+begin_src json :eval no\n{\n +\"model\": \"sw/dear/hello\""
                              text))
      (should (string-match-p "\\*sim/hello\\*\n#\\+begin_src json" text))
      (should (= 2 (how-many "\"content\": \"Never sent\"" (point-min) (point-max))))
      (should (= 1 (how-many "\"max-cost\": \"0.00001[0]*\"" (point-min) (point-max))))
      (should (= 1 (how-many "\"max-cost\": \"0\\.0*\"" (point-min) (point-max)))))
    (should-not (llm-switch-test-received))))

;;; Streams

(ert-deftest llm-switch-org-compare/each-answer-grows-in-its-own-place ()
  (llm-switch-org-compare-test-in ":compare sim/slow:20:words:9 sim/words:40@40" "Hi"
    (let ((ran 0))
      (add-hook 'org-babel-after-execute-hook (lambda () (setq ran (1+ ran))) nil t)
      (org-babel-execute-src-block)
      (should (string-match-p ":results:\nAsking sim/slow:20:words:9, sim/words:40@40; M-x llm-switch-org-cancel ends it\n:end:"
                              (buffer-string)))
      (llm-switch-org-compare-test-shown
       ":results:\n\\*sim/slow:20:words:9\\*\n\\(?:w1 .*\\)?\n\n\\*sim/words:40@40\\*\nw1 w2 .*\n:end:\n\\'")
      (should-not (string-match-p "w40\\|Asking\\|| asked" (buffer-string)))
      (llm-switch-org-compare-test-shown "words:9\\*\nw1 .*\n\n\\*sim/words:40@40\\*\nw1 w2 .*\n:end:")
      (llm-switch-org-test-finish)
      (should (string-match-p
               (concat "\\*sim/slow:20:words:9\\*\nw1 .* w9\n#\\+llm_cost: free sim/slow:20:words:9 .*\n\n"
                       "\\*sim/words:40@40\\*\nw1 .* w40.*\n#\\+llm_cost: free .*\n\n"
                       "| asked +| first word | tokens/s | tokens .*| cost |\n|-.*|\n"
                       "| sim/slow:20:words:9 | [0-9.]+ s +| [0-9. ]\\{8\\} | .* in 9 out +| free |\n"
                       "| sim/words:40@40 +|.*|\n:end:\n\\'")
               (buffer-string)))
      (should (= 2 ran)))))

(ert-deftest llm-switch-org-compare/in-a-list-all-of-it-stays-in-the-item ()
  (llm-switch-org-test-in (llm-switch-org-compare-test-config)
      (concat "- item\n  #+begin_src llm-switch :compare sim/drip:2:echo sim/words:20@40\n"
              "  one\n\n  two\n  #+end_src\n- next\n")
    (org-babel-next-src-block)
    (org-babel-execute-src-block)
    (llm-switch-org-compare-test-shown
     "  :results:\n  \\*sim/drip:2:echo\\*\n  one\n *\n  two\n *\n  \\*sim/words:20@40\\*\n  w1 w2")
    (llm-switch-org-test-finish)
    (should (string-match-p "  \\*sim/words:20@40\\*\n  w1 .*w20.*\n  #\\+llm_cost: .*\n\n  | asked .*\n\
  |-.*\n  |.*\n  |.*\n  :end:\n\n?- next" (buffer-string)))))

(ert-deftest llm-switch-org-compare/one-undo-takes-all-answers-back ()
  (llm-switch-org-compare-test-in ":compare sim/words:20@60 sim/words:9@60" "Hi"
    (buffer-enable-undo)
    (let ((before (buffer-string)))
      (undo-boundary)
      (org-babel-execute-src-block)
      (undo-boundary)
      (llm-switch-org-compare-test-shown "w2 \\(?:.\\|\n\\)*w2")
      (undo-boundary)
      (llm-switch-org-test-finish)
      (undo-boundary)
      (let ((last-command nil)) (undo))
      (should (equal (buffer-string) before)))))

(ert-deftest llm-switch-org-compare/several-comparisons-at-once-come-below-their-blocks ()
  (llm-switch-org-test-in (llm-switch-org-compare-test-config)
      (mapconcat (lambda (n) (llm-switch-org-test-block
                              (format ":compare sim/words:%d@90 sim/words:%d" n (1+ n))))
                 '(5 9 7) "\n")
    (llm-switch-org-test-all)
    (should (= 3 (how-many "^| asked " (point-min) (point-max))))
    (goto-char (point-min))
    (dolist (n '(5 6 9 10 7 8))
      (should (re-search-forward (format "^\\*sim/words:%d\\(?:@90\\)?\\*\nw1 .*w%d\\(?:é🦄\\)?$" n n)
                                 nil t)))))

;;; What goes wrong

(ert-deftest llm-switch-org-compare/one-that-fails-or-falls-back-says-so-in-its-own-place ()
  (llm-switch-org-compare-test-in ":compare sim/status:400 demo sim/cut:3 sim/words:30@60" "Hi"
    (org-babel-execute-src-block)
    ;; Not only when the slowest has come to its end.
    (llm-switch-org-compare-test-shown
     "\\*sim/status:400\\*\nllm-switch error: \\(?:.\\|\n\\)*\\*sim/words:30@60\\*\n.*\n:end:")
    (llm-switch-org-test-finish)
    (should (string-match-p
             (concat "\\*sim/status:400\\*\nllm-switch error: sim/status:400: .*\n.*\n\n"
                     "\\*demo\\*\nHello from the simulator\\.\n#\\+llm_cost: free sim/hello .*\n"
                     "#\\+llm_note: asked sim/status:503 .*, fell back to sim/hello .*\\(?:\n#.*\\)*\n\n"
                     "\\*sim/cut:3\\*\nw1 w2 w3\nllm-switch error: \\(?:.\\|\n\\)*\n\n"
                     "\\*sim/words:30@60\\*\nw1 .*w30.*\n")
             (buffer-string)))
    (should (string-match-p "^| sim/status:400  | +| +| +| +|$" (buffer-string)))))

(ert-deftest llm-switch-org-compare/all-together-cost-no-more-than-the-total ()
  (llm-switch-org-compare-test-in
      ":compare dear/hello sim/hello dear/words:5 :max-cost 0.000001" "Hi"
    (llm-switch-org-test-run)
    (should (= 2 (how-many "^llm-switch error: dear/.*[ \n].*no[ \n]more[ \n]than[ \n]\\$0.0000005[ \n]is[ \n]allowed"
                           (point-min) (point-max))))
    (should (string-match-p "\\*sim/hello\\*\nHello from" (buffer-string)))
    (should (= 1 (length (llm-switch-test-received)))))
  (llm-switch-org-compare-test-in
      ":compare dear/metered:tokens:9000 dear/slow:5:metered:tokens:9000 :max-cost 0.006" "Hi"
    (llm-switch-org-test-run)
    (let ((spent (plist-get (llm-switch-call "ledger.totals" '(:from 0 :to 99999999999999)) :cost)))
      (should (<= spent (llm-switch-cap-pico "0.006")))
      (should (> spent (/ (llm-switch-cap-pico "0.006") 2))))))

(ert-deftest llm-switch-org-compare/cancelling-ends-all-and-keeps-what-has-come ()
  (llm-switch-org-compare-test-in ":compare sim/hello sim/stall:3 sim/stall:2" "Hi"
    (org-babel-execute-src-block)
    (llm-switch-org-compare-test-shown "simulator\\.\\(?:.\\|\n\\)*w1 w2 w3\\(?:.\\|\n\\)*\nw1 w2")
    (llm-switch-org-cancel)
    (llm-switch-org-test-finish)
    (should (string-match-p "\\*sim/hello\\*\nHello from the simulator\\.\n#\\+llm_cost" (buffer-string)))
    (should (string-match-p "\\*sim/stall:3\\*\nw1 w2 w3\nllm-switch: cancelled; what had come"
                            (buffer-string)))
    (should (string-match-p "\\*sim/stall:2\\*\nw1 w2\nllm-switch: cancelled; what had come"
                            (buffer-string)))
    (llm-switch-test-wait (null gptel--request-alist))))

(ert-deftest llm-switch-org-compare/a-block-that-runs-anew-and-a-killed-buffer-cancel ()
  (llm-switch-org-compare-test-in ":compare sim/stall:3 sim/words:9@60" "Hi"
    (org-babel-execute-src-block)
    (llm-switch-org-compare-test-shown "w3\\(?:.\\|\n\\)*w3")
    (let ((dropped (llm-switch-org-run-asked (car llm-switch-org-run--all))))
      (org-babel-execute-src-block)
      (funcall (llm-switch-comparison-hear dropped)
               (car (llm-switch-comparison-candidates dropped)) "too late"))
    (should-not (string-match-p "too late" (buffer-string)))
    (should (= 1 (length llm-switch-org-run--all)))
    (llm-switch-org-compare-test-shown "w3\\(?:.\\|\n\\)*w9")
    (should (= 1 (how-many "w9" (point-min) (point-max))))
    (should (= 1 (how-many ":results:" (point-min) (point-max))))
    (kill-buffer notes)
    (should-not llm-switch-org-run--all)
    (llm-switch-test-wait (null gptel--request-alist))))

(ert-deftest llm-switch-org-compare/an-answer-that-is-missing-is-not-taken-for-cached ()
  (pcase-dolist (`(,names . ,asked) '(("sim/hello sim/status:400" . t) ("sim/hello demo" . nil)))
    (llm-switch-org-compare-test-in (format ":compare %s :cache yes" names) "Hi"
      (llm-switch-org-test-run)
      (llm-switch-test-reset)
      (goto-char (point-min))
      (llm-switch-org-test-run)
      (should (eq asked (and (llm-switch-test-received) t))))))

;;; Waiting

(ert-deftest llm-switch-org-compare/what-is-waited-for-is-the-same-text ()
  (let ((mask (lambda () (replace-regexp-in-string "| [0-9.]+ s +| [0-9. ]\\{8\\} |" ""
                                                   (buffer-string)))))
    (llm-switch-org-compare-test-in ":compare sim/hello sim/status:400 sim/words:5" "Hi"
      (llm-switch-org-test-run)
      (let ((text (funcall mask)) (llm-switch-org-wait t))
        (goto-char (point-min))
        (llm-switch-org-test-run)
        (should (string-match-p "400\\*\nllm-switch error: .*\n.*\n\n\\*sim/words" text))
        (should (equal (funcall mask) text))))))

(ert-deftest llm-switch-org-compare/a-program-gets-the-answers-alone ()
  (llm-switch-org-test-in (llm-switch-org-compare-test-config)
      (concat "#+name: several\n" (llm-switch-org-test-block ":compare sim/hello sim/words:5" "Hi")
              "\n" (llm-switch-org-test-block ":model sim/echo :format raw :var it=several" "{{it}}")
              "\n" (llm-switch-org-test-block ":compare sim/hello sim/words:5 :wrap quote" "Hi")
              "\n#+call: several()\n\nInline src_llm-switch[:compare sim/hello demo]{pear}.\n")
    (org-babel-next-src-block 2)
    (should (string-match-p ":results:\n,\\*sim/hello\\*\nHello from the simulator\\.\n\n\
,\\*sim/words:5\\*\nw1 w2 w3 w4 w5\n#\\+llm_cost: free sim/echo " (llm-switch-org-test-run)))
    (org-babel-next-src-block)
    (should (string-match-p "#\\+begin_quote\n\\*sim/hello\\*\nHello from the simulator\\.\n\n\
\\*sim/words:5\\*\nw1 w2 w3 w4 w5\n#\\+end_quote" (llm-switch-org-test-run)))
    (search-forward "#+call")
    (org-ctrl-c-ctrl-c)
    (should (string-match-p "#\\+call: several()\n\n#\\+RESULTS:\n:results:\n\\*sim/hello\\*"
                            (buffer-string)))
    (search-forward "src_llm")
    (should-error (org-ctrl-c-ctrl-c) :type 'user-error)))

(ert-deftest llm-switch-org-compare/where-nobody-answers-what-waits-gets-an-error ()
  (llm-switch-org-compare-test-in ":compare sim/status:400 sim/status:401" "Hi"
    (let ((llm-switch-org-wait t) (before (buffer-string)))
      (let ((said (cadr (should-error (org-babel-execute-src-block) :type 'user-error))))
        (should (string-match-p "nobody has answered: sim/status:400: .*; sim/status:401: " said)))
      (should (equal (buffer-string) before)))))

(ert-deftest llm-switch-org-compare/quitting-cancels-what-is-waited-for ()
  (llm-switch-org-compare-test-in ":compare sim/stall:3 sim/stall:2 :async no" "Hi"
    (let ((before (buffer-string)))
      (run-at-time 0.5 nil (lambda () (setq quit-flag t)))
      (should (eq 'quit (condition-case nil (org-babel-execute-src-block) (quit 'quit))))
      (llm-switch-test-wait (null gptel--request-alist))
      (should (equal (buffer-string) before)))))

(ert-deftest llm-switch-org-compare/export-asks-nobody-unless-the-block-says-so ()
  (llm-switch-org-compare-test-in ":compare sim/hello demo" "Hi"
    (org-export-as 'html nil nil t)
    (should-not (llm-switch-test-received))
    (goto-char (point-min))
    (search-forward "demo")
    (insert " :eval yes")
    (let ((html (org-export-as 'html nil nil t)))
      (should (string-match-p "<b>demo</b>\nHello from the simulator" html))
      (should (string-match-p "<table" html))
      (should-not (string-match-p "llm_cost" html)))))

;;; Sessions

(ert-deftest llm-switch-org-compare/all-get-the-session-and-whose-answer-is-first-is-its-turn ()
  (llm-switch-org-test-in (llm-switch-org-compare-test-config)
      (concat (llm-switch-org-test-block ":model sim/words:2 :session s" "one") "\n"
              (llm-switch-org-test-block ":compare sim/words:3 sim/inspect :session s" "two") "\n"
              (llm-switch-org-test-block ":compare sim/status:400 sim/hello :session s" "lost") "\n"
              (llm-switch-org-test-block ":model sim/inspect :session s" "three"))
    (llm-switch-org-test-all)
    (let ((turns "\"text\":\"one\".*\"text\":\"w1 w2\".*\"text\":\"two\""))
      ;; Each got the turn before it.
      (should (string-match-p (concat "\\*sim/inspect\\*\n{.*" turns) (buffer-string)))
      (goto-char (point-max))
      (search-backward "three\n#+end_src")
      (should (re-search-forward (concat "^{.*" turns ",\"media\":\\[\\]},{\"role\":\"assistant\",\
\"text\":\"w1 w2 w3\",\"media\":\\[\\]},{\"role\":\"user\",\"text\":\"three\"") nil t)))))

(ert-deftest llm-switch-org-compare/a-turn-ends-where-the-answer-does ()
  ;; What an answer has of a name or a keyword does not end it.
  (llm-switch-org-test-in (llm-switch-org-compare-test-config)
      (concat (llm-switch-org-test-block ":compare sim/echo sim/hello :session s"
                                         "# sim/hello\n,#+llm_cost: nothing\nrest")
              "\n" (llm-switch-org-test-block ":model sim/inspect :session s" "next"))
    (llm-switch-org-test-all)
    (should (string-match-p "\"assistant\",\"text\":\"\\*sim/hello\\*\\\\n#\\+llm_cost: nothing\\\\nrest\""
                            (buffer-string)))))

;;; Votes

(defun llm-switch-org-compare-test-votes ()
  "Return the sums of votes: a list of (NAME PURPOSE WON COMPARED NONE)."
  (mapcar (lambda (row) (mapcar (lambda (key) (plist-get row key))
                                '(:name :purpose :won :compared :undecided)))
          (llm-switch-call "compare.votes" nil)))

(ert-deftest llm-switch-org-compare/a-vote-is-for-the-answer-at-point ()
  (llm-switch-org-compare-test-in ":compare sim/hello sim/words:3 sim/status:400" "Hi"
    (should-error (call-interactively #'llm-switch-org-vote) :type 'user-error)
    (insert "Before\n\n")
    (llm-switch-org-test-run)
    (search-forward "w2")
    (call-interactively #'llm-switch-org-vote)
    (should (equal (llm-switch-org-compare-test-votes)
                   '(("sim/words:3" "org" 1 1 0) ("sim/hello" "org" 0 1 0))))
    (re-search-forward "^| sim/hello")
    (call-interactively #'llm-switch-org-vote)
    (should (equal (car (llm-switch-org-compare-test-votes)) '("sim/hello" "org" 1 1 0)))
    (search-backward "#+end_src")
    (llm-switch-test-keys "none SPC is SPC better RET" (call-interactively #'llm-switch-org-vote))
    (should (equal (car (llm-switch-org-compare-test-votes)) '("sim/hello" "org" 0 1 1)))
    (search-forward "llm-switch error")
    (should-error (call-interactively #'llm-switch-org-vote) :type 'user-error)
    (goto-char (point-min))
    (should-error (call-interactively #'llm-switch-org-vote) :type 'user-error)))

(provide 'llm-switch-org-compare-test)
;;; llm-switch-org-compare-test.el ends here
