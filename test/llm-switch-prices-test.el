;;; llm-switch-prices-test.el --- Prices that stay true  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-prices)

;;; What the tests share

(defvar llm-switch-prices-test--asked 0
  "How often the server of `llm-switch-prices-test-serving' was asked.")

(defmacro llm-switch-prices-test-serving (body &rest forms)
  "Run FORMS with `url' bound to where a server on loopback gives BODY."
  (declare (indent 1) (debug t))
  `(let* ((llm-switch-prices-test--asked 0)
          (server (llm-switch-prices-test--server ,body))
          (url (format "http://127.0.0.1:%d/prices.json" (process-contact server :service))))
     (unwind-protect (progn ,@forms)
       (delete-process server))))

(defun llm-switch-prices-test--server (body)
  "Return a server process that gives BODY to everybody."
  (make-network-process
   :name "prices" :server t :host "127.0.0.1" :service t :noquery t :coding 'binary
   :filter (lambda (client _request)
             (cl-incf llm-switch-prices-test--asked)
             (process-send-string
              client (format "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s"
                             (string-bytes body) body))
             (process-send-eof client))))

(defun llm-switch-prices-test-entry (provider input output &optional above)
  "Return the entry of a model at PROVIDER for INPUT and OUTPUT dollars a million.
ABOVE is what input costs in a prompt of more than 272,000 tokens."
  `(:litellm_provider ,provider :mode "chat"
    :input_cost_per_token ,(/ input 1e6) :output_cost_per_token ,(/ output 1e6)
    ,@(when above `(:input_cost_per_token_above_272k_tokens ,(/ above 1e6)))))

(defun llm-switch-prices-test-list (&optional gpt-5-input)
  "Return a price list in which gpt-5 costs GPT-5-INPUT, and mistral less than ever."
  (json-serialize
   `(:gpt-5 ,(llm-switch-prices-test-entry "openai" (or gpt-5-input 1.5) 10 3)
     :mistral-large-4 ,(llm-switch-prices-test-entry "mistral" 0.35 2.1)
     :gpt-new ,(llm-switch-prices-test-entry "openai" 2 8)
     ,(intern (concat ":" (make-string 90 ?m)))
     ,(llm-switch-prices-test-entry "openai" 2 8))))

(defun llm-switch-prices-test-config (url)
  "Return a configuration whose prices come from URL, with the simulator as openai."
  (format "[provider.openai]\nbase-url = %S\nlocality = 'proxy'\ndialect = 'openai-chat'\n\
auth = 'none'\n[account.openai]\nmodels = ['gpt-5']\nunpriced = ['*']\n[prices]\naddress = %S\n"
          (llm-switch-test-url) url))

(defmacro llm-switch-prices-test-typing (keys &rest forms)
  "Type KEYS as a person at the keyboard would, then run FORMS.
What is said meanwhile is in `messages', the last one first."
  (declare (indent 1) (debug t))
  `(let ((messages nil))
     (llm-switch-prices-test--type
      ,keys (lambda (format &rest arguments)
              (when format (push (apply #'format-message format arguments) messages))))
     ,@forms))

(defun llm-switch-prices-test--type (keys hear)
  "Type KEYS in the selected window, calling HEAR in the place of `message'."
  (let ((noninteractive nil))
    (cl-letf (((symbol-function 'message) hear))
      (execute-kbd-macro (kbd keys)))))

(defun llm-switch-prices-test-input ()
  "Return what openai/gpt-5 costs for input, by the prices in force."
  (plist-get (seq-find (lambda (row) (equal (plist-get row :deployment) "openai/gpt-5"))
                       (llm-switch-deployments))
             :input))

(defun llm-switch-prices-test-kept ()
  "Return the names of the files about prices in the state folder."
  (when (file-directory-p llm-switch-state-directory)
    (directory-files llm-switch-state-directory nil "price")))

(defun llm-switch-prices-test-file ()
  "Return what the configuration file holds."
  (with-temp-buffer
    (insert-file-contents-literally llm-switch-config-file)
    (buffer-string)))

(defmacro llm-switch-prices-test-refreshed (&rest body)
  "Run BODY in the buffer that `llm-switch-refresh-prices' shows, allowed to fetch."
  (declare (indent 0) (debug t))
  `(llm-switch-prices-test-serving (llm-switch-prices-test-list)
     (llm-switch-test-with (llm-switch-prices-test-config url)
       (save-window-excursion
         (llm-switch-prices-test-typing "M-x llm-switch-refresh-prices RET y")
         (unwind-protect (progn ,@body)
           (when (get-buffer "*llm-switch prices*") (kill-buffer "*llm-switch prices*")))))))

;;; Refresh

(ert-deftest llm-switch-prices/changes-are-shown-and-nothing-is-changed ()
  (llm-switch-prices-test-refreshed
    (should (equal (buffer-name) "*llm-switch prices*"))
    (should (derived-mode-p 'llm-switch-prices-mode))
    (dolist (line '("^  openai/gpt-5\n +input +\\$1\\.25 → +\\$1\\.5 +\\+20%\n"
                    "^ +>272k input +\\? → +\\$3$"
                    "^New models\n  openai/gpt-new +\\$2/\\$8$"
                    "^Models that lose their price\n  openai/.* was \\$"
                    "^Changed prices where you have no account\n  mistral/mistral-large-4$"
                    "^ +input +\\$0\\.7 → +\\$0\\.35 +-50%$"))
      (goto-char (point-min))
      (should (re-search-forward line nil t)))
    (should (equal (llm-switch-prices-test-input) "1.25"))
    (should (equal (llm-switch-prices-test-kept) '("price-addresses.json")))))

(ert-deftest llm-switch-prices/everything-fits-into-80-columns ()
  (llm-switch-prices-test-refreshed
    (goto-char (point-min))
    (while (not (eobp))
      (end-of-line)
      (should (< (current-column) 80))
      (forward-line))
    (should (< (string-width (llm-switch-prices--header)) 80))
    (should (string-match-p "→ [0-9-]+  [0-9]+ changed 2 new [0-9]+ gone  a accept  q leave  \\?"
                            (llm-switch-prices--header)))))

(ert-deftest llm-switch-prices/what-was-called-comes-first-and-is-marked ()
  (llm-switch-prices-test-serving (llm-switch-prices-test-list)
    (llm-switch-test-with (llm-switch-prices-test-config url)
      (llm-switch-test-submit "openai/gpt-5" "Hi")
      (save-window-excursion
        (llm-switch-prices-test-typing "M-x llm-switch-refresh-prices RET y")
        (unwind-protect
            (progn
              (goto-char (point-min))
              (should (looking-at-p "http://127"))
              (forward-line 3)
              (should (looking-at-p "Models that you have called\n\\* openai/gpt-5 +1 call\n"))
              (should (re-search-forward "^Changed prices where you have no account\n  mistral/"
                                         nil t))
              (should-not (re-search-forward "openai/gpt-5$" nil t)))
          (kill-buffer))))))

(ert-deftest llm-switch-prices/ones-own-price-is-marked-as-what-holds ()
  (llm-switch-prices-test-refreshed
    (llm-switch-set-price "openai/gpt-5" "1" "2")
    (llm-switch-set-price "openai/gpt-new" "1" "2")
    (llm-switch-prices-test-typing "g")
    (goto-char (point-min))
    (should (re-search-forward "^  openai/gpt-5 +your own price holds$" nil t))
    (should (re-search-forward "^  openai/gpt-new +your own price holds, \\$2/\\$8$" nil t))
    (llm-switch-prices-test-typing "a")
    (should (equal (llm-switch-prices-test-input) "1"))))

(ert-deftest llm-switch-prices/a-accepts-for-now-and-for-later ()
  (llm-switch-prices-test-refreshed
    (llm-switch-prices-test-typing "a"
      (should (string-match-p "prices of [0-9-]+ in force" (car messages))))
    (should-not (get-buffer "*llm-switch prices*"))
    (should (equal (llm-switch-prices-test-input) "1.5"))
    (should (equal (file-modes (expand-file-name "prices.json.gz" llm-switch-state-directory))
                   #o600))
    (llm-switch-channel-stop)
    (should (equal (llm-switch-prices-test-input) "1.5"))
    (llm-switch-prices-test-typing "C-u M-x llm-switch-refresh-prices RET"
      (should (string-match-p "came with this version" (car messages))))
    (should (equal (llm-switch-prices-test-input) "1.25"))
    (should (equal (llm-switch-prices-test-kept) '("price-addresses.json")))))

(ert-deftest llm-switch-prices/q-leaves-everything-as-it-was ()
  (llm-switch-prices-test-refreshed
    (let ((number (plist-get llm-switch-prices--offer :offer)))
      (llm-switch-prices-test-typing "q")
      (should-not (get-buffer "*llm-switch prices*"))
      ;; The module has heard of it when nobody waits for it any more.
      (llm-switch-test-wait (hash-table-empty-p llm-switch-channel--handlers))
      (should-error (llm-switch-call "prices.accept" (list :offer number))
                    :type 'llm-switch-refused)
      (should (equal (llm-switch-prices-test-input) "1.25"))
      (should (equal (llm-switch-prices-test-kept) '("price-addresses.json"))))))

(ert-deftest llm-switch-prices/who-says-no-is-asked-again-and-who-says-yes-is-not ()
  (llm-switch-prices-test-serving (llm-switch-prices-test-list)
    (llm-switch-test-with (llm-switch-prices-test-config url)
      (save-window-excursion
        (should-error (llm-switch-prices-test-typing "M-x llm-switch-refresh-prices RET n")
                      :type 'llm-switch-cancelled)
        (should (equal llm-switch-prices-test--asked 0))
        (should-not (llm-switch-prices-test-kept))
        (llm-switch-prices-test-typing "M-x llm-switch-refresh-prices RET y q")
        (llm-switch-channel-stop)
        (llm-switch-prices-test-typing "M-x llm-switch-refresh-prices RET q")
        (should (equal llm-switch-prices-test--asked 2))))))

(ert-deftest llm-switch-prices/in-batch-nothing-is-fetched-that-was-not-allowed ()
  (llm-switch-prices-test-serving (llm-switch-prices-test-list)
    (llm-switch-test-with (llm-switch-prices-test-config url)
      (should-error (llm-switch-refresh-prices) :type 'llm-switch-cancelled)
      (should (equal llm-switch-prices-test--asked 0)))))

(ert-deftest llm-switch-prices/a-list-that-cannot-be-true-says-why ()
  (llm-switch-prices-test-serving (llm-switch-prices-test-list 1250)
    (llm-switch-test-with (llm-switch-prices-test-config url)
      (save-window-excursion
        (let ((problem (should-error
                        (llm-switch-prices-test-typing "M-x llm-switch-refresh-prices RET y")
                        :type 'llm-switch-protocol)))
          (should (string-match-p "openai/gpt-5 would cost \\$1250 for input instead of \\$1.25"
                                  (cadr problem))))
        (should-not (get-buffer "*llm-switch prices*"))
        (should (equal (llm-switch-prices-test-input) "1.25"))))))

(ert-deftest llm-switch-prices/n-and-p-go-from-model-to-model ()
  (llm-switch-prices-test-refreshed
    (let ((at (lambda () (get-text-property (point) 'llm-switch-prices-model))))
      (llm-switch-prices-test-typing "n")
      (let ((first (funcall at)))
        (should (stringp first))
        (llm-switch-prices-test-typing "n n")
        (should-not (equal (funcall at) first))
        (llm-switch-prices-test-typing "p p")
        (should (equal (funcall at) first))))))

(ert-deftest llm-switch-prices/a-list-without-changes-says-so ()
  (llm-switch-prices-test-refreshed
    (llm-switch-prices-test-typing "a")
    (llm-switch-prices-test-typing "M-x llm-switch-refresh-prices RET")
    (should (string-match-p "No price is another one" (buffer-string)))))

;;; By hand

(ert-deftest llm-switch-prices/a-price-is-set-by-hand-and-nothing-else-is-touched ()
  (let ((config (concat "# mine\n" (llm-switch-prices-test-config "/p") "# the end\n")))
    (llm-switch-test-with config
      (llm-switch-prices-test-typing
          "M-x llm-switch-set-price RET openai/gpt-x RET $1.25 RET 10 RET RET"
        (should (string-match-p "openai/gpt-x costs \\$1.25/\\$10 per million" (car messages))))
      (should (equal (llm-switch-prices-test-file)
                     (concat config "\n[price.\"openai/gpt-x\"]\n"
                             "input = \"1.25\"\noutput = \"10\"\n")))
      (llm-switch-set-price "openai/gpt-x" "1.5" "10" "0.125")
      (should (string-suffix-p "input = \"1.5\"\noutput = \"10\"\ncache-read = \"0.125\"\n"
                               (llm-switch-prices-test-file))))))

(ert-deftest llm-switch-prices/a-wrong-price-changes-nothing ()
  (let ((config (llm-switch-prices-test-config "/p")))
    (llm-switch-test-with config
      (dolist (wrong '(("openai/gpt-x" "1,25" "10") ("openai/gpt-x" "-1" "10")
                       ("nobody/gpt-x" "1" "10") ("gpt-x" "1" "10")))
        (should-error (apply #'llm-switch-set-price wrong) :type 'llm-switch-config)
        (should (equal (llm-switch-prices-test-file) config))))))

(ert-deftest llm-switch-prices/what-has-no-price-is-offered-first ()
  (llm-switch-test-with (concat (llm-switch-prices-test-config "/p")
                                "[account.sim]\nprovider = 'openai'\nmodels = ['gpt-x']\n")
    (let* ((rows (llm-switch-prices--metered))
           (table (llm-switch-prices--table rows))
           (metadata (cdr (funcall table "" nil 'metadata)))
           (group (alist-get 'group-function metadata)))
      (should-not (plist-get (cdar rows) :input))
      (should (member "sim/gpt-x" (all-completions "" table)))
      (should (equal (funcall group "sim/gpt-x" nil) "Without a price"))
      (should (equal (funcall group "openai/gpt-5" nil) "With a price"))
      (should (string-suffix-p "?" (funcall (alist-get 'annotation-function metadata)
                                            "sim/gpt-x"))))))

(ert-deftest llm-switch-prices/a-buffer-with-the-file-is-saved-first-and-follows ()
  (llm-switch-test-with (llm-switch-prices-test-config "/p")
    (with-current-buffer (find-file-noselect llm-switch-config-file)
      (unwind-protect
          (progn
            (insert "# not saved\n")
            (should-error (llm-switch-set-price "openai/gpt-x" "1" "2") :type 'user-error)
            (let ((save-silently t)) (save-buffer))
            (llm-switch-set-price "openai/gpt-x" "1" "2")
            (should (string-match-p "gpt-x" (buffer-string)))
            (should-not (buffer-modified-p)))
        (set-buffer-modified-p nil)
        (kill-buffer)))))

;;; Reminder

(defun llm-switch-prices-test-chat ()
  "Ask a metered model without price twice; return what was said of prices."
  (let ((messages nil) (noninteractive nil))
    (cl-letf (((symbol-function 'message)
               (lambda (format &rest arguments)
                 (when (and format (string-match-p "price" format))
                   (push (apply #'format-message format arguments) messages)))))
      (llm-switch-test-chat "openai/hello" #'text-mode
        (llm-switch-test-ask "Hi")
        (llm-switch-test-ask "Again")
        (llm-switch-call "prices.status")
        (should (equal (llm-switch-cost-format-buffer) "$0 + 2 × ?"))))
    messages))

(ert-deftest llm-switch-prices/a-model-without-price-is-told-once-and-never-free ()
  (let ((llm-switch-prices--told nil))
    (llm-switch-test-with (llm-switch-prices-test-config "/p")
      (should (equal (llm-switch-prices-test-chat)
                     '("llm-switch: openai/hello has no known price: \
M-x llm-switch-set-price RET RET"))))))

(ert-deftest llm-switch-prices/old-prices-are-told-once ()
  (let ((llm-switch-prices--told '("openai/hello")))
    (llm-switch-test-with (llm-switch-prices-test-config "/p")
      (let ((llm-switch-prices-max-age -1))
        (should (string-match-p "days old: M-x llm-switch-refresh-prices"
                                (car (llm-switch-prices-test-chat))))
        (should-not (llm-switch-prices-test-chat))))))

(ert-deftest llm-switch-prices/nothing-is-told-in-batch-or-where-nobody-pays ()
  (let ((llm-switch-prices--told nil)
        (llm-switch-prices-max-age -1)
        (unknown '(:account "a" :sent "m" :cost (:amount nil :basis "unknown"))))
    (llm-switch-prices-remind `(:payer "metered" ,@unknown))
    (let ((noninteractive nil))
      (llm-switch-prices-remind `(:payer "plan" ,@unknown)))
    (should-not llm-switch-prices--told)))

;;; What is not known, and what one's own machine costs

(ert-deftest llm-switch-prices/a-model-that-is-found-without-a-price-is-shown-as-such ()
  (llm-switch-test-with (concat (llm-switch-test-config) "payer = 'metered'\n")
    (let ((row (car (seq-filter (lambda (row) (equal (plist-get row :account) "sim"))
                                (llm-switch-deployments)))))
      (should row)
      (should (string-suffix-p " ?" (llm-switch-annotation row)))
      (should (equal (llm-switch-header--price row) "?")))))

(ert-deftest llm-switch-prices/ones-own-machine-may-cost-by-the-hour-or-by-the-token ()
  (pcase-dolist (`(,price . ,told)
                 '(("watts = 250\nper-kwh = '0.30'" . "~<\\$0\\.0001 \\[estimated\\]\\'")
                   ("per-million = '5000'" . "~\\$[0-9.]+ \\[estimated\\]\\'")
                   ("" . "free \\[free\\]\\'")))
    (llm-switch-test-with (concat (llm-switch-test-config)
                                  (unless (string-empty-p price)
                                    (format "[price.'sim/*']\n%s\n" price)))
      (let ((known (cdr (llm-switch-test-end (llm-switch-test-submit "sim/slow:50:hello" "Hi")))))
        (should (string-match-p told (llm-switch-cost-line known)))))))

(provide 'llm-switch-prices-test)
;;; llm-switch-prices-test.el ends here
