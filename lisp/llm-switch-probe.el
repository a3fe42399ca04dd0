;;; llm-switch-probe.el --- Which accounts work?  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A probe asks an account a question of a few tokens and shows what became of
;; it: whether the key is alive and there is money, how fast the answer came,
;; which model gave it, what it cost, and what to do when there was none.
;; Accounts are asked at the same time; the table fills as they answer.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-auth)
(require 'tabulated-list)

(defcustom llm-switch-probe-max-cost "0.01"
  "The most that the probe of one account may cost, in dollars as text.
A metered account whose price is not known, or is higher, is not asked."
  :group 'llm-switch
  :type 'string)

(defvar-local llm-switch-probe--accounts nil
  "The accounts of this buffer: plists as `accounts.list' gives them.")

(defvar-local llm-switch-probe--results nil
  "What became of each: an alist of account names and plists.")

(defface llm-switch-probe-good '((t :inherit success))
  "Face of an account that works."
  :group 'llm-switch)

(defface llm-switch-probe-bad '((t :inherit error))
  "Face of an account that needs something done."
  :group 'llm-switch)

(defvar llm-switch-probe-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'llm-switch-probe-again)
    (define-key map (kbd "?") #'describe-mode)
    map)
  "Keys in the table of probes.")

(define-derived-mode llm-switch-probe-mode tabulated-list-mode "Probe"
  "Shows which accounts work.
\\<llm-switch-probe-mode-map>\\[llm-switch-probe-again] asks the account at point once more,
\\[revert-buffer] asks all of them."
  (setq tabulated-list-format [("Account" 18 t) ("State" 14 t) ("First" 8 nil :right-align t)
                               ("Total" 8 nil :right-align t) ("Served" 24 t)
                               ("Cost" 9 nil :right-align t) ("What to do" 0 nil)]
        tabulated-list-padding 1
        revert-buffer-function (lambda (&rest _) (llm-switch-probe--all)))
  (tabulated-list-init-header))

;;;###autoload
(defun llm-switch-probe (accounts)
  "Ask each of ACCOUNTS whether it works, and show what became of it.
ACCOUNTS is a list of plists as the module's accounts.list gives them;
interactively, all accounts that you have named, or one of them."
  (interactive (list (llm-switch-probe--read)))
  (unless accounts (user-error "No account is configured"))
  (llm-switch-probe--confirm accounts)
  (pop-to-buffer "*llm-switch probe*")
  (llm-switch-probe-mode)
  (setq llm-switch-probe--accounts accounts)
  (llm-switch-probe--all))

(defun llm-switch-probe--read ()
  "Return the accounts to ask: one that is read, or all that the user named."
  (let* ((accounts (llm-switch-call "accounts.list"))
         (named (seq-filter (lambda (it) (plist-get it :named)) accounts))
         (name (completing-read "Probe account (default all): "
                                (mapcar (lambda (it) (plist-get it :account)) accounts) nil t)))
    (if (string-empty-p name)
        (or named accounts)
      (seq-filter (lambda (it) (equal (plist-get it :account) name)) accounts))))

(defun llm-switch-probe--confirm (accounts)
  "Ask before ACCOUNTS that are metered are made to spend."
  (let ((metered (seq-filter (lambda (it) (equal (plist-get it :payer) "metered")) accounts)))
    (when (and metered
               (not (y-or-n-p (format "Ask %d metered account%s a few tokens each, at most $%s? "
                                      (length metered) (if (cdr metered) "s" "")
                                      llm-switch-probe-max-cost))))
      (user-error "Nothing was asked"))))

(defun llm-switch-probe--all ()
  "Ask all accounts of this buffer."
  (setq llm-switch-probe--results nil)
  (mapc #'llm-switch-probe--ask llm-switch-probe--accounts)
  (llm-switch-probe--show))

(defun llm-switch-probe-again ()
  "Ask the account at point once more."
  (interactive nil llm-switch-probe-mode)
  (let ((account (tabulated-list-get-id)))
    (setf (alist-get account llm-switch-probe--results nil 'remove #'equal) nil)
    (llm-switch-probe--ask (list :account account))
    (llm-switch-probe--show)))

(defun llm-switch-probe--ask (account)
  "Ask ACCOUNT, a plist, and update its row with the answer."
  (let ((name (plist-get account :account))
        (buffer (current-buffer)))
    (llm-switch-probe-run
     name
     (lambda (result)
       (with-current-buffer buffer
         (setf (alist-get name llm-switch-probe--results nil nil #'equal) result)
         (llm-switch-probe--show)))
     buffer)))

(defun llm-switch-probe-run (account callback &optional buffer)
  "Ask ACCOUNT, a name, and call CALLBACK with what became of it, a plist.
It has :state (\"ok\", \"dead-key\" and so on), :deployment, :message,
:advice, and :known, the plist of the answer.  When BUFFER is dead by
then, CALLBACK is not called."
  (llm-switch-channel-call
   "probe.run" (list :account account :max-cost llm-switch-probe-max-cost)
   (lambda (kind rest)
     (pcase kind
       ('value (funcall callback rest))
       ('error (funcall callback (list :account account :state "wrong-configuration"
                                       :message (plist-get rest :what)
                                       :advice (plist-get rest :advice))))))
   buffer))

;;; Table

(defun llm-switch-probe--show ()
  "Show what is known in this buffer, without moving point from its account."
  (setq tabulated-list-entries
        (mapcar (lambda (account)
                  (let ((name (plist-get account :account)))
                    (list name (llm-switch-probe--row
                                name (alist-get name llm-switch-probe--results nil nil #'equal)))))
                llm-switch-probe--accounts))
  (tabulated-list-print t))

(defun llm-switch-probe--row (name result)
  "Return the row of the account NAME with RESULT, which is nil while it is asked."
  (let* ((state (plist-get result :state))
         (known (plist-get result :known))
         (good (equal state "ok")))
    (vector name
            (cond ((null result) "asking…")
                  (t (propertize (subst-char-in-string ?- ?\s state)
                                 'face (if good 'llm-switch-probe-good 'llm-switch-probe-bad))))
            (llm-switch-probe--seconds (plist-get known :first-token-ms))
            (llm-switch-probe--seconds (plist-get known :total-ms))
            (or (plist-get known :served) (plist-get known :sent) "–")
            (if-let* ((cost (plist-get known :cost))) (llm-switch-cost-format cost) "–")
            (llm-switch-probe--advice result))))

(defun llm-switch-probe--seconds (ms)
  "Return MS milliseconds as text, or a dash when it is nil."
  (if ms (format "%.2f s" (/ ms 1000.0)) "–"))

(defun llm-switch-probe--advice (result)
  "Return the message and the advice of RESULT, on one line."
  (string-join (delq nil (list (plist-get result :message) (plist-get result :advice))) ". "))

;;; Batch

(defun llm-switch-probe-batch (&optional account)
  "Ask ACCOUNT, or all that the user named, and return the results as JSON.
For scripts: nothing is asked back, `llm-switch-probe-max-cost' decides."
  (let* ((accounts (seq-filter (lambda (it)
                                 (if account
                                     (equal (plist-get it :account) account)
                                   (plist-get it :named)))
                               (llm-switch-call "accounts.list")))
         (results nil))
    (dolist (it accounts)
      (llm-switch-probe-run (plist-get it :account) (lambda (result) (push result results))))
    (while (< (length results) (length accounts)) (accept-process-output nil 0.1))
    (json-serialize (vconcat (nreverse results)) :null-object nil)))

;;; Routes

;;;###autoload
(defun llm-switch-probe-route (route count max-cost)
  "Send COUNT small requests through ROUTE and say who answered them.
Together they cost no more than MAX-COST, dollars as text.  Called from Lisp,
return what the module's probe.route tells, a plist."
  (interactive (list (read-string "Route: ")
                     (read-number "Requests: " 20)
                     (read-string "They may cost, in dollars: " llm-switch-probe-max-cost)))
  (let ((told (llm-switch-call "probe.route" `(:route ,route :n ,count :max-cost ,max-cost))))
    (when (called-interactively-p 'any)
      (with-help-window "*llm-switch probe route*"
        (princ (llm-switch-probe--route-text told))))
    told))

(defun llm-switch-probe--route-text (told)
  "Return TOLD, the plist of `llm-switch-probe-route', as a table."
  (mapconcat
   #'identity
   (cons (format "%d requests to %s\n" (plist-get told :asked) (plist-get told :route))
         (append
          (mapcar (lambda (row)
                    (format "%5d  %-40s %8s  %s" (plist-get row :requests)
                            (plist-get row :deployment)
                            (llm-switch-probe--seconds (plist-get row :median-ms))
                            (if-let* ((cost (plist-get row :cost)))
                                (llm-switch-cost-format-money cost)
                              "?")))
                  (plist-get told :answered))
          (mapcar (lambda (row)
                    (format "%5d  %s: %s" (plist-get row :requests) (plist-get row :kind)
                            (plist-get row :message)))
                  (plist-get told :failed))))
   "\n"))

(provide 'llm-switch-probe)
;;; llm-switch-probe.el ends here
