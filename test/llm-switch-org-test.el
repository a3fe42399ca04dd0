;;; llm-switch-org-test.el --- Org blocks as a user meets them  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-org-helper)

(defun llm-switch-org-test-refused (arguments &optional config)
  "Return what is said of a block with ARGUMENTS, which asks nobody.
The engine has CONFIG, by default that of the simulator."
  (llm-switch-org-test-in (or config (llm-switch-test-config))
      (llm-switch-org-test-block arguments)
    (llm-switch-test-reset)
    (prog1 (cadr (should-error (org-babel-execute-src-block) :type 'user-error))
      (should-not llm-switch-org-run--all)
      (should-not (llm-switch-test-received)))))

;;; Header arguments

(ert-deftest llm-switch-org/what-is-wrong-with-a-header-is-said-before-anything-is-sent ()
  (pcase-dolist
      (`(,arguments . ,says)
       '((":model echo" . ":model: echo is no deployment such as account/model")
         (":model sim/echo :max-csot 0.01" . "no header argument :max-csot .*did you mean :max-cost\\?")
         (":route codign" . ":route: codign is not one of .*coding.*did you mean coding\\?")
         (":mode clowd" . ":mode: clowd is not one of .*did you mean cloud\\?")
         (":preset nobody" . ":preset: nobody is not one of")
         (":model sim/echo :temperature hot" . ":temperature: hot is no number from 0 to 2")
         (":model sim/echo :max-tokens 0" . ":max-tokens: 0 is no number of tokens")
         (":model sim/echo :max-cost much" . ":max-cost: much is no amount of dollars")
         (":model sim/echo :tools org_no_tool" . ":tools: org_no_tool is not one of")
         (":model sim/echo :context nowhere.txt" . ":context: .*nowhere.txt is neither entry nor buffer")
         (":model sim/echo :format html" . ":format: html is not one of org, markdown, json, raw")
         (":model sim/echo :stream maybe" . ":stream: maybe is not one of yes, no")
         (":model sim/echo :schema nowhere" . ":schema: there is no block called nowhere")
         (":model sim/echo :schema \"risk, chance foo\"" . ":schema: the type of the field chance is none")
         (":model sim/echo :schema \"[items foo]\"" . ":schema: the type of the field items is none")
         (":model sim/echo :schema {\"type\"" . ":schema: this is neither a JSON schema")
         (":model" . ":model: it has no value")))
    (should (string-match-p says (llm-switch-org-test-refused
                                  arguments (concat (llm-switch-test-config)
                                                    "[route.coding]\nuse = ['sim/echo']\n"))))))

(ert-deftest llm-switch-org/a-block-that-asks-nothing-is-refused ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (llm-switch-org-test-block ":model sim/echo" "  ")
    (should-error (org-babel-execute-src-block) :type 'user-error)))

(ert-deftest llm-switch-org/org-completes-and-checks-the-arguments ()
  (require 'org-lint)
  (with-temp-buffer
    (insert (llm-switch-org-test-block ":model sim/echo :max-cost 0.01 :context entry :max-csot 1"))
    (org-mode)
    (let ((said (mapcar (lambda (report) (aref (cadr report) 2))
                        (org-lint '(wrong-header-argument)))))
      (should (= 1 (length said)))
      (should (string-match-p "max-csot" (car said))))))

(ert-deftest llm-switch-org/amounts-are-read-exactly ()
  (should (equal (llm-switch-org-arguments--dollars 0.00001 :max-cost) "0.00001"))
  (should (equal (llm-switch-org-arguments--dollars 2 :max-cost) "2"))
  (should (equal (llm-switch-org-arguments--dollars "$0.02" :max-cost) "0.02")))

(ert-deftest llm-switch-org/of-model-and-route-the-nearer-holds ()
  (llm-switch-org-test-in (concat (llm-switch-test-config) "[route.demo]\nuse = ['sim/hello']\n")
      (concat "#+property: header-args:llm-switch :model sim/echo\n\n"
              (llm-switch-org-test-block ":route demo"))
    (should (string-match-p "Hello from the simulator" (llm-switch-org-test-run)))))

(ert-deftest llm-switch-org/to-colour-a-block-does-not-switch-our-global-mode ()
  (should (eq (org-src-get-lang-mode "llm-switch") 'text-mode))
  (let ((autoloads (with-temp-buffer
                     (insert-file-contents (locate-library "ob-llm-switch.el"))
                     (buffer-string))))
    (should (string-match-p "^;;;###autoload (with-eval-after-load 'org-src " autoloads))))

;;; What is sent

(ert-deftest llm-switch-org/a-request-has-its-purpose-and-its-limits ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (llm-switch-org-test-block ":model sim/echo :max-cost 0.02 :mode local")
    (let ((sent nil))
      (cl-letf* ((submit (symbol-function 'llm-switch-channel-submit))
                 ((symbol-function 'llm-switch-channel-submit)
                  (lambda (request &rest more)
                    (setq sent (json-parse-string request :object-type 'plist))
                    (apply submit request more))))
        (llm-switch-org-test-run))
      (let ((about (plist-get sent :llm_switch)))
        (should (equal (plist-get about :purpose) "org"))
        (should (equal (plist-get about :max-cost) "0.02"))
        (should (equal (plist-get about :mode) "local"))
        (should-not (plist-get about :facts))))
    (let* ((known llm-switch-cost-last)
           (row (llm-switch-call "ledger.request" (list :request (plist-get known :request)))))
      (should (equal (plist-get row :purpose) "org")))))

(ert-deftest llm-switch-org/a-schema-goes-along ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (llm-switch-org-test-block ":model sim/inspect :schema \"name, age int\"")
    (should (string-match-p "\"age\": {\n *\"type\": \"integer\"" (llm-switch-org-test-run)))))

(ert-deftest llm-switch-org/a-dry-run-sends-nothing ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (llm-switch-org-test-block ":model sim/echo :dry-run yes" "Never sent")
    (llm-switch-test-reset)
    (should (string-match-p "\"content\": \"Never sent\"" (llm-switch-org-test-run)))
    (should-not (llm-switch-test-received))))

(ert-deftest llm-switch-org/another-backend-of-gptel-is-not-asked ()
  (llm-switch-org-test-in (llm-switch-test-config) (llm-switch-org-test-block ":dry-run yes")
    (let ((gptel-backend (gptel-make-openai "org-test-other" :models '(gpt-x) :key "none"))
          (gptel-model 'gpt-x))
      (should (string-match-p "\"model\": \"sw/mode\"" (llm-switch-org-test-run)))
      (let ((gptel--known-presets `((other :backend "org-test-other" :model gpt-x))))
        (erase-buffer)
        (insert (llm-switch-org-test-block ":preset other"))
        (goto-char (point-min))
        (should (string-match-p "other asks gptel.s backend org-test-other"
                                (cadr (should-error (org-babel-execute-src-block)
                                                    :type 'user-error))))))))

(ert-deftest llm-switch-org/an-adopted-backend-of-gptel-is-asked-through-the-switch ()
  (require 'llm-switch-mode)
  (let* ((gptel--known-backends nil)
         (url (llm-switch-test-url))
         (host (substring url (length "http://") (string-search "/v1" url)))
         (gptel-backend (gptel-make-openai "Org adopted" :host host :protocol "http" :stream t
                          :key (llm-switch-test-key "org") :models '(hello)))
         (gptel-model 'hello))
    (llm-switch-org-test-in "" (llm-switch-org-test-block "")
      (unwind-protect
          (progn
            (llm-switch-mode 1)
            (should (string-match-p "Hello from the simulator\\.\n#\\+llm_cost: .*/hello "
                                    (llm-switch-org-test-run)))
            (should (string-match-p "org-adopted" (plist-get llm-switch-cost-last :account))))
        (llm-switch-mode -1)))))

(ert-deftest llm-switch-org/a-pinned-buffer-asks-nobody-elsewhere ()
  (llm-switch-org-test-in (concat (llm-switch-test-config) "locality = 'proxy'\n")
      (llm-switch-org-test-block ":model sim/hello")
    (setq-local llm-switch-pins "local")
    (llm-switch-test-reset)
    (let ((text (llm-switch-org-test-run)))
      (should (string-match-p "llm-switch error:[ \n]sim/hello" text))
      (should (string-match-p "\\<local\\>" text)))
    (should-not (llm-switch-test-received))))

(ert-deftest llm-switch-org/a-session-does-not-send-what-is-hidden-by-narrowing ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (concat "* One\n" (llm-switch-org-test-block ":model sim/echo :session s" "first")
              "* Two\n" (llm-switch-org-test-block ":model sim/echo :session s" "second"))
    (llm-switch-org-test-run)
    (goto-char (point-max))
    (org-narrow-to-subtree)
    (goto-char (point-min))
    (llm-switch-test-reset)
    (llm-switch-org-test-run)
    (should (equal (llm-switch-org-test-messages) '(2)))
    (widen)
    (llm-switch-test-reset)
    (goto-char (point-max))
    (org-babel-previous-src-block)
    (llm-switch-org-test-run)
    (should (equal (llm-switch-org-test-messages) '(4)))))

(ert-deftest llm-switch-org/earlier-turns-hold-what-their-references-gave-and-run-nothing ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (concat "#+name: fruit\n" (llm-switch-org-test-block ":model sim/echo" "apple") "\n"
              "#+name: data\n| a | b |\n\n"
              (llm-switch-org-test-block ":model sim/echo :session s :var x=fruit :var y=data :var n=2"
                                         "{{n}} of {{x}} {{y}}")
              "\n" (llm-switch-org-test-block ":model sim/inspect :session s :format raw" "next"))
    (llm-switch-org-test-all)
    (should (string-match-p (regexp-quote "\"text\":\"2 of apple | a | b |\"") (buffer-string)))
    (llm-switch-test-reset)
    (goto-char (point-max))
    (re-search-backward "begin_src")
    (llm-switch-org-test-run)
    (should (= 1 (length (llm-switch-test-received))))))

(ert-deftest llm-switch-org/an-answer-that-looks-like-a-placeholder-is-a-turn ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (concat (llm-switch-org-test-block ":model sim/echo :session s" "Asking is cheap") "\n"
              (llm-switch-org-test-block ":model sim/hello :session s" "second"))
    (llm-switch-test-reset)
    (llm-switch-org-test-all)
    (should (equal (llm-switch-org-test-messages) '(2 4)))))

(ert-deftest llm-switch-org/a-failed-block-is-no-turn-of-its-session ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (concat (llm-switch-org-test-block ":model sim/status:400 :session s" "failed") "\n"
              (llm-switch-org-test-block ":model sim/inspect :session s :stream no" "second"))
    (llm-switch-org-test-all)
    (goto-char (point-max))
    (should (search-backward "\"text\":\"second\"" nil t))
    (should-not (string-match-p "\"text\":\"failed\"" (buffer-string)))))

;;; Tools

(defmacro llm-switch-org-test-with-tool (confirm &rest body)
  "Run BODY with a tool that counts its calls in `looked'.
CONFIRM is the value of `gptel-confirm-tool-calls'."
  (declare (indent 1) (debug t))
  `(let* ((looked 0)
          (gptel-tools (list (gptel-make-tool :name "org_test_look" :description "Look."
                                              :category "org-test" :args nil
                                              :function (lambda () (cl-incf looked) "seen"))))
          (gptel-confirm-tool-calls ,confirm))
     ,@body))

(ert-deftest llm-switch-org/the-turns-that-call-tools-are-part-of-the-cost ()
  (dolist (arguments '("" ":async no"))
    (llm-switch-org-test-in (llm-switch-test-config)
        (llm-switch-org-test-block (concat ":model sim/tools:1 " arguments))
      (llm-switch-org-test-with-tool nil
        (should (string-match "The tools said: \"seen\"\\.\n#\\+llm_cost: free sim/tools:1 \\([0-9]+\\) in"
                              (llm-switch-org-test-run)))
        (let ((last (plist-get llm-switch-cost-last :usage)))
          (should (> (string-to-number (match-string 1 (buffer-string)))
                     (plist-get last :input))))
        (should (= looked 1))))))

(ert-deftest llm-switch-org/a-tool-that-needs-a-confirmation-does-not-run-in-batch ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (llm-switch-org-test-block ":model sim/tools:1 :async no")
    (llm-switch-org-test-with-tool t
      (should (string-match-p "needs a confirmation, and nobody can be asked"
                              (llm-switch-org-test-run)))
      (should (= looked 0)))))

;;; Limits

(ert-deftest llm-switch-org/a-limit-holds-for-all-turns-of-tools-together ()
  (dolist (arguments '("" ":async no"))
    (llm-switch-org-test-in (concat (llm-switch-test-config) "payer = 'metered'\n"
                                    "[price.'sim/*']\nper-million = '1'\n")
        (llm-switch-org-test-block
         (concat ":model sim/hidden:3900:tools:1 :max-cost 0.004 :max-tokens 500 " arguments))
      (llm-switch-org-test-with-tool nil
        (llm-switch-test-reset)
        (should (string-match-p
                 "is allowed"
                 (condition-case problem
                     (replace-regexp-in-string "\n" " " (llm-switch-org-test-run))
                   (user-error (cadr problem)))))
        (should (= looked 1))
        (should (= 1 (length (llm-switch-test-received))))))))

(ert-deftest llm-switch-org/of-a-limit-turns-leave-what-they-have-not-cost ()
  (let ((left (lambda (&rest costs)
                (llm-switch-org-request--left
                 "0.01" (mapcar (lambda (cost) (list :cost cost)) costs)))))
    (should (equal "0.01" (funcall left)))
    (should (equal "0.006000000000" (funcall left '(:amount 3000000000 :basis "exact")
                                             '(:amount 1000000000 :basis "estimated"))))
    (should (equal "0.010000000000" (funcall left '(:basis "free") '(:amount 5 :basis "plan") nil)))
    (should (equal "0.000000000000" (funcall left '(:amount 30000000000 :basis "exact"))))
    (should (equal "0" (funcall left '(:basis "unknown"))))))

(ert-deftest llm-switch-org/a-preset-in-the-text-does-not-lead-past-the-switch ()
  (let* ((sent nil)
         (gptel--known-backends gptel--known-backends)
         (foreign (gptel-make-openai "org-test-foreign" :models '(m1) :key "none"))
         (gptel--known-presets `((foreign :backend "org-test-foreign" :model m1)
                                 (echo :temperature 0.5 :system "By the preset."))))
    (should foreign)
    (cl-letf (((symbol-function 'gptel-curl-get-response) (lambda (_) (setq sent t)))
              ((symbol-function 'gptel--url-get-response) (lambda (_) (setq sent t))))
      (llm-switch-org-test-in (llm-switch-test-config)
          (llm-switch-org-test-block ":model sim/hello :max-cost 0.01" "@foreign Hi")
        (should (string-match-p "llm-switch error: a preset that the question names"
                                (llm-switch-org-test-run)))
        (goto-char (point-min))
        (search-forward ":max-cost")
        (insert " 1 :dry-run yes :temperature")
        (should (string-match-p "a preset that the question names"
                                (cadr (should-error (org-babel-execute-src-block)
                                                    :type 'user-error))))))
    (should-not sent)
    (llm-switch-org-test-in (llm-switch-test-config)
        (llm-switch-org-test-block ":model sim/inspect" "@echo Hi")
      (should (string-match-p "By the preset" (llm-switch-org-test-run))))))

;;; Errors

(ert-deftest llm-switch-org/an-error-stands-in-the-result-and-is-signalled-when-waited-for ()
  (llm-switch-org-test-in (llm-switch-test-config) (llm-switch-org-test-block ":model sim/status:400")
    (let ((said nil))
      (cl-letf (((symbol-function 'message)
                 (lambda (form &rest more) (when form (push (apply #'format form more) said)))))
        (should (string-match-p ":results:\nllm-switch error: sim/status:400: .*\nrequest (HTTP 400)"
                                (llm-switch-org-test-run))))
      (should (seq-some (lambda (text) (string-match-p "llm-switch: sim/status:400: .*(HTTP 400)" text))
                        said)))
    (let ((llm-switch-org-wait t) (before (buffer-string)))
      (goto-char (point-min))
      (should (string-match-p "llm-switch error: sim/status:400: "
                              (cadr (should-error (org-babel-execute-src-block)
                                                  :type 'user-error))))
      (should (equal (buffer-string) before)))))

(ert-deftest llm-switch-org/what-came-before-an-answer-broke-off-is-kept ()
  (llm-switch-org-test-in (llm-switch-test-config) (llm-switch-org-test-block ":model sim/cut:3")
    (should (string-match-p ":results:\nw1 w2 w3\nllm-switch error: " (llm-switch-org-test-run)))))

(ert-deftest llm-switch-org/a-limit-and-a-budget-refuse-and-say-so ()
  (let ((metered (concat (llm-switch-test-config)
                         "payer = 'metered'\n[price.'sim/*']\nper-million = '1'\n")))
    (llm-switch-org-test-in metered (llm-switch-org-test-block
                                     ":model sim/hello :max-cost 0.0000001")
      (llm-switch-test-reset)
      (should (string-match-p "llm-switch error: .*\n\\$0\\.0000001" (llm-switch-org-test-run)))
      (should-not (llm-switch-test-received)))
    (llm-switch-org-test-in (concat metered "[[budget]]\non = 'global'\nwindow = 'day'\n"
                                    "limit = '0.000001'\n")
        (llm-switch-org-test-block ":model sim/hello")
      (should (string-match-p "llm-switch error: \\(?:.\\|\n\\)*budget[ \n]\"all,[ \n]day\"\\(?:.\\|\n\\)*M-x[ \n]llm-switch-allow"
                              (llm-switch-org-test-run))))))

(ert-deftest llm-switch-org/an-error-is-not-taken-for-a-cached-answer ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (llm-switch-org-test-block ":model sim/status:400 :cache yes")
    (llm-switch-org-test-run)
    (llm-switch-test-reset)
    (goto-char (point-min))
    (llm-switch-org-test-run)
    (should (llm-switch-test-received))))

(provide 'llm-switch-org-test)
;;; llm-switch-org-test.el ends here
