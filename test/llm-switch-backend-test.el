;;; llm-switch-backend-test.el --- Choosing among modes, routes and deployments  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-dashboard)
(require 'llm-switch-preview)

(defconst llm-switch-backend-test-config
  "[account.openai]\nkey = 'env:NONE'\n[route.best]\nuse = ['sim/hello', 'openai/gpt-5']\n\
[route.auto]\nuse = ['sim/echo']\n[mode.mine]\nallow = ['local']\nroute = 'best'\n"
  "Routes and a mode beside those that are built in.")

(defmacro llm-switch-backend-test-in (&rest body)
  "Run BODY in a chat in the selected window, with routes and a mode.
The keys of `llm-switch-command-map' follow C-c l."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with (concat (llm-switch-test-config) llm-switch-backend-test-config)
     (llm-switch-choices)
     (save-window-excursion
       (llm-switch-test-chat "sim/echo" #'text-mode
         (switch-to-buffer (current-buffer))
         (local-set-key (kbd "C-c l") llm-switch-command-map)
         ,@body))))

(defun llm-switch-backend-test-note (name)
  "Return what the list tells of NAME, or the empty string if it has it not."
  (let* ((rows (llm-switch-choices-named (llm-switch-choices)))
         (table (llm-switch-choices-table rows)))
    (if (assoc name rows)
        (funcall (completion-metadata-get (completion-metadata "" table nil) 'annotation-function)
                 name)
      "")))

(ert-deftest llm-switch-backend/a-deployment-a-route-and-a-mode-are-chosen-by-keys ()
  (llm-switch-backend-test-in
    (execute-kbd-macro (kbd "C-c l b sim/hello RET"))
    (should (eq gptel-model 'sw/sim/hello))
    (execute-kbd-macro (kbd "C-c l b best RET"))
    (should (eq gptel-model 'sw/best))
    (should-not llm-switch-mode-name)
    (execute-kbd-macro (kbd "C-c l b mine RET"))
    (should (equal llm-switch-mode-name "mine"))
    (should (eq gptel-model 'sw/best))
    (should (equal (car llm-switch-backend-history) "mine"))))

(ert-deftest llm-switch-backend/the-same-chat-goes-on-with-another-model ()
  (llm-switch-backend-test-in
    (llm-switch-test-ask "First")
    (execute-kbd-macro (kbd "C-c l b best RET"))
    (let* ((sent nil)
           (note (lambda (request &rest _) (setq sent request))))
      (advice-add 'llm-switch-channel-submit :before note)
      (unwind-protect (llm-switch-test-ask "Second")
        (advice-remove 'llm-switch-channel-submit note))
      (should (string-match-p "\"sw/best\"" sent))
      (should (string-match-p "First[^z]*assistant[^z]*First[^z]*Second" sent)))
    (should (string-match-p "Second[^z]*Hello from the simulator" (buffer-string)))))

(ert-deftest llm-switch-backend/previous-goes-back-and-forth-mode-and-all ()
  (llm-switch-backend-test-in
    (should-error (llm-switch-previous) :type 'user-error)
    (execute-kbd-macro (kbd "C-c l b sim/hello RET C-c l l"))
    (should (equal llm-switch-mode-name "local"))
    (should (eq gptel-model 'sw/mode))
    (execute-kbd-macro (kbd "C-c l p"))
    (should-not llm-switch-mode-name)
    (should (eq gptel-model 'sw/sim/hello))
    (execute-kbd-macro (kbd "C-c l p"))
    (should (equal llm-switch-mode-name "local"))
    (should (eq gptel-model 'sw/mode))))

(ert-deftest llm-switch-backend/each-flip-is-one-key ()
  (llm-switch-backend-test-in
    (pcase-dolist (`(,key . ,mode) '(("l" . "local") ("c" . "cloud") ("f" . "free") ("a" . "auto")))
      (execute-kbd-macro (kbd (concat "C-c l " key)))
      (should (equal llm-switch-mode-name mode))
      (should (equal (llm-switch-gptel-current) (concat "mode " mode))))))

(ert-deftest llm-switch-backend/a-prefix-argument-chooses-where-a-mode-holds ()
  (llm-switch-backend-test-in
    (execute-kbd-macro (kbd "C-u C-c l l once RET"))
    (should (equal (llm-switch-modes-here) '("local" . once)))
    (llm-switch-scope-end-once)
    (should (equal (llm-switch-modes-here) '(nil . global)))
    (should (eq gptel-model 'sw/sim/echo))))

(ert-deftest llm-switch-backend/rows-are-grouped-and-annotated ()
  (llm-switch-backend-test-in
    (let* ((rows (llm-switch-choices-named (llm-switch-choices)))
           (table (llm-switch-choices-table rows))
           (metadata (completion-metadata "" table nil))
           (group (completion-metadata-get metadata 'group-function))
           (note (completion-metadata-get metadata 'annotation-function))
           (headings (seq-uniq (mapcar (lambda (row) (funcall group (car row) nil)) rows))))
      (should (equal headings '("Modes" "Routes" "This machine" "Cloud")))
      ;; A route with the name of a mode can be told from it.
      (should (equal (funcall group "auto" nil) "Modes"))
      (should (equal (funcall group "auto (route)" nil) "Routes"))
      (should (string-match-p "this machine · → best" (funcall note "mine")))
      (should (string-match-p "anywhere · free" (funcall note "free")))
      (should (string-match-p "hello → gpt-5 +free…\\$1.25\\'" (funcall note "best")))
      (should (string-match-p "400k tools img think +\\$1.25/\\$10" (funcall note "openai/gpt-5")))
      (dolist (row rows)
        (when (<= (string-width (car row)) 30)
          (should (<= (string-width (concat (car row) (funcall note (car row)))) 80)))))))

(ert-deftest llm-switch-backend/who-answered-has-its-pace-beside-it ()
  (llm-switch-backend-test-in
    (should-not (string-match-p "[0-9]s" (llm-switch-backend-test-note "sim/slow:300:words:50@50")))
    (llm-switch-test-submit "sim/slow:300:words:50@50" "Hi")
    (with-temp-file llm-switch-config-file
      (insert (llm-switch-test-config) "[account.sim]\nmodels = ['slow:300:words:50@50']\n"))
    (llm-switch-reload)
    (should (string-match-p "free +0\\.[3-9]s [1-9][0-9]/s\\'"
                            (llm-switch-backend-test-note "sim/slow:300:words:50@50")))))

(ert-deftest llm-switch-backend/what-is-told-of-a-row-fits-beside-a-long-name ()
  (let ((llm-switch-annotation--indices nil))
    (cl-letf (((symbol-function 'llm-switch-annotation--spent) (lambda (_) "$123.45")))
      (let ((note (llm-switch-annotation
                   '(:kind deployment :deployment "a/b" :context 1100000 :payer "metered"
                     :input "0.25" :output "1.25" :can ("tools" "vision" "reasoning")
                     :pace (:first-token-ms 1200 :tokens-per-second 140)))))
        (should (string-match-p "1.1M tools img think \\$0.25/\\$1.25 1.2s \\$123.45\\'" note))
        (should (<= (string-width note) 48))))))

(ert-deftest llm-switch-backend/a-list-that-is-the-same-is-not-made-anew ()
  (llm-switch-backend-test-in
    (let* ((list (lambda () (llm-switch-choices-table
                             (llm-switch-choices-named (llm-switch-choices)))))
           (before (progn (llm-switch-test-wait (= llm-switch-choices--pending 0))
                          (funcall list))))
      (llm-switch-choices-refresh)
      (llm-switch-test-wait (= llm-switch-choices--pending 0))
      (should (eq before (funcall list)))
      (llm-switch-call "health.disable" '(:deployment "sim/hello"))
      (llm-switch-choices-refresh)
      (llm-switch-test-wait (= llm-switch-choices--pending 0))
      (should-not (eq before (funcall list)))
      (should (string-match-p "disabled" (llm-switch-backend-test-note "sim/hello"))))))

(ert-deftest llm-switch-backend/what-was-spent-today-is-told ()
  (llm-switch-test-with
      (concat (llm-switch-test-config)
              "[account.sim]\npayer = 'metered'\n[price.'sim/*']\ninput = '1000'\noutput = '1000'\n")
    (llm-switch-test-submit "sim/hello" "Hi")
    (llm-switch-choices-forget)
    (let ((row (seq-find (lambda (row) (equal (plist-get row :name) "sim/hello"))
                         (llm-switch-choices))))
      (llm-switch-test-wait (llm-switch-choices-known :spent))
      (should (string-match-p "\\$1000/\\$1000 [0-9]+ms \\$0\\." (llm-switch-annotation row))))))

(ert-deftest llm-switch-backend/a-new-engine-or-file-is-asked-anew ()
  (llm-switch-backend-test-in
    (should (llm-switch-choices-known :deployments))
    (with-temp-file llm-switch-config-file
      (insert (llm-switch-test-config) "[account.mistral]\nmodels = ['new']\n"))
    (llm-switch-reload)
    (should (seq-find (lambda (row) (equal (plist-get row :name) "mistral/new"))
                      (llm-switch-choices)))
    (llm-switch-channel-stop)
    (should-not (llm-switch-choices-known :deployments))
    (should (llm-switch-choices))))

(ert-deftest llm-switch-backend/every-key-of-the-map-is-a-command-and-is-told ()
  (llm-switch-backend-test-in
    (let ((keys (llm-switch--keys llm-switch-command-map)))
      (should (> (length keys) 20))
      (execute-kbd-macro (kbd "C-c l ?"))
      (with-current-buffer (help-buffer)
        (pcase-dolist (`(,event . ,command) keys)
          (should (commandp command))
          (should (string-match-p (format "^%s +%s " (regexp-quote (key-description (vector event)))
                                          command)
                                  (buffer-string))))))))

(provide 'llm-switch-backend-test)
;;; llm-switch-backend-test.el ends here
