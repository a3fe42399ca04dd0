;;; llm-switch-prices.el --- Prices that stay true  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Prices come with the package and grow old.  `llm-switch-refresh-prices'
;; fetches a newer list and shows what it would change, the models that you
;; call first; nothing changes until you accept it.  What you know better you
;; say with `llm-switch-set-price', which writes one price into your
;; configuration and touches nothing else there.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-cost)

;;; Options

(defcustom llm-switch-prices-max-age 60
  "Days after which the prices in force are called old, or nil for never.
`llm-switch-prices-remind' says so once in a session, after an answer that cost
money."
  :group 'llm-switch
  :type '(choice (const :tag "Never" nil) natnum))

(defface llm-switch-prices-dearer '((t :inherit error))
  "Face of a price that rises."
  :group 'llm-switch)

(defface llm-switch-prices-cheaper '((t :inherit success))
  "Face of a price that falls."
  :group 'llm-switch)

(defface llm-switch-prices-heading '((t :inherit bold))
  "Face of the headings among the changes."
  :group 'llm-switch)

;;; Changes

(defvar-local llm-switch-prices--offer nil
  "The list on offer in this buffer, as the module's prices.fetch tells it.")

(defvar llm-switch-prices-mode-map
  (let ((map (make-sparse-keymap)))
    (set-keymap-parent map special-mode-map)
    (define-key map "a" #'llm-switch-prices-accept)
    (define-key map "q" #'llm-switch-prices-leave)
    (define-key map "n" #'llm-switch-prices-next)
    (define-key map "p" #'llm-switch-prices-previous)
    (define-key map "?" #'describe-mode)
    map)
  "Keys among the changes of prices.")

(define-derived-mode llm-switch-prices-mode special-mode "Prices"
  "Shows what a newer price list would change.
Nothing is changed until \\<llm-switch-prices-mode-map>\\[llm-switch-prices-accept] accepts it;
\\[llm-switch-prices-leave] leaves everything as it was.  Models marked * you have called.
Rates are dollars per million tokens, a ? is a price that is not known, and
>272k stands before a rate that holds for prompts of more tokens than that.

\\{llm-switch-prices-mode-map}"
  (setq-local truncate-lines t
              header-line-format '(:eval (llm-switch-prices--header))
              revert-buffer-function (lambda (&rest _) (llm-switch-refresh-prices)))
  (add-hook 'kill-buffer-hook #'llm-switch-prices--decline nil t))

;;;###autoload
(defun llm-switch-refresh-prices (&optional forget)
  "Fetch a newer price list and show what it would change.
The address is that of the configuration, `[prices] address = \"…\"', or where
the list that came with this version is published.  You are asked before
anything is sent there for the first time.  With FORGET, interactively a
prefix argument, return to the prices that came with this version instead."
  (interactive "P")
  (if forget
      (llm-switch-forget-prices)
    (let ((offer (with-temp-message "llm-switch: fetching prices…"
                   (llm-switch-call "prices.fetch"))))
      (pop-to-buffer-same-window (llm-switch-prices--buffer offer)))))

;;;###autoload
(defun llm-switch-forget-prices ()
  "Return to the prices that came with this version.
Your own prices, in the configuration, hold as before."
  (interactive)
  (message "llm-switch: the prices that came with this version are in force (%s)"
           (plist-get (llm-switch-call "prices.forget") :as-of)))

(defun llm-switch-prices-accept ()
  "Put the list that is shown in force, now and in later sessions.
What was billed before stays as it was, and your own prices hold."
  (interactive nil llm-switch-prices-mode)
  (let ((status (llm-switch-call "prices.accept"
                                 (list :offer (plist-get llm-switch-prices--offer :offer)))))
    (setq llm-switch-prices--offer nil)
    (quit-window t)
    (message "llm-switch: prices of %s in force; undo: M-x llm-switch-forget-prices"
             (plist-get status :as-of))))

(defun llm-switch-prices-leave ()
  "Leave all prices as they were."
  (interactive nil llm-switch-prices-mode)
  (quit-window t)
  (message "llm-switch: the prices stay as they were"))

(defun llm-switch-prices--decline ()
  "Let the module forget the list that is on offer in this buffer."
  (when llm-switch-prices--offer
    (llm-switch-channel-call "prices.decline"
                             (list :offer (plist-get llm-switch-prices--offer :offer))
                             #'ignore)))

;;; Buffer

(defconst llm-switch-prices--width 79
  "Columns that the changes take.")

(defun llm-switch-prices--buffer (offer)
  "Return a buffer with OFFER in it."
  (with-current-buffer (get-buffer-create "*llm-switch prices*")
    (llm-switch-prices-mode)
    (setq llm-switch-prices--offer offer)
    (let ((inhibit-read-only t))
      (erase-buffer)
      (llm-switch-prices--insert offer)
      (set-buffer-modified-p nil)
      (goto-char (point-min)))
    (current-buffer)))

(defun llm-switch-prices--count (kind)
  "Return how many models of the offer are of KIND, a string."
  (cl-count kind (plist-get llm-switch-prices--offer :changes)
            :key (lambda (change) (plist-get change :kind)) :test #'equal))

(defun llm-switch-prices--header ()
  "Return the header line: dates, how many rows differ, and the keys."
  (format " %s → %s  %d changed %d new %d gone  a accept  q leave  ?"
          (plist-get llm-switch-prices--offer :before)
          (plist-get llm-switch-prices--offer :as-of)
          (llm-switch-prices--count "changed")
          (llm-switch-prices--count "added")
          (llm-switch-prices--count "removed")))

(defun llm-switch-prices--insert (offer)
  "Insert what OFFER would change."
  (let ((changes (plist-get offer :changes)))
    (insert (truncate-string-to-width (plist-get offer :address)
                                      llm-switch-prices--width nil nil "…")
            "\nDollars per million tokens\n")
    (unless changes
      (insert "\nNo price is another one.  Accept to note that they still hold.\n"))
    (pcase-dolist (`(,heading . ,group) (seq-group-by #'llm-switch-prices--heading changes))
      (insert "\n" (propertize heading 'face 'llm-switch-prices-heading) "\n")
      (mapc #'llm-switch-prices--insert-change group))))

(defun llm-switch-prices--heading (change)
  "Return the heading under which CHANGE stands."
  (if (> (plist-get change :calls) 0)
      "Models that you have called"
    (concat (pcase (plist-get change :kind)
              ("added" "New models")
              ("removed" "Models that lose their price")
              (_ "Changed prices"))
            (unless (plist-get change :near) " where you have no account"))))

(defun llm-switch-prices--insert-change (change)
  "Insert CHANGE: a line for each rate, or one for a new or vanished model."
  (let ((start (point))
        (rates (plist-get change :rates)))
    (cond ((or (> (plist-get change :calls) 0) (equal (plist-get change :kind) "changed"))
           (llm-switch-prices--insert-model change)
           (dolist (rate rates) (insert (llm-switch-prices--rate rate) "\n")))
          (t (insert (llm-switch-prices--line change) "\n")))
    (put-text-property start (1+ start) 'llm-switch-prices-model (plist-get change :model))))

(defun llm-switch-prices--insert-model (change)
  "Insert the line of the model of CHANGE."
  (let* ((calls (plist-get change :calls))
         (note (string-join
                (delq nil (list (when (plist-get change :own) "your own price holds")
                                (when (> calls 0)
                                  (format "%d call%s" calls (if (= calls 1) "" "s")))))
                ", ")))
    (insert (llm-switch-prices--aligned (concat (if (> calls 0) "* " "  ")
                                                (plist-get change :model))
                                        note)
            "\n")))

(defun llm-switch-prices--line (change)
  "Return the line of CHANGE, a new or vanished model, with its main rates."
  (let* ((added (equal (plist-get change :kind) "added"))
         (price (lambda (bucket)
                  (let ((rate (seq-find (lambda (it) (equal (plist-get it :rate) bucket))
                                        (plist-get change :rates))))
                    (llm-switch-prices--dollars (plist-get rate (if added :new :old)))))))
    (llm-switch-prices--aligned
     (concat "  " (plist-get change :model))
     (concat (when (plist-get change :own) "your own price holds, ")
             (unless added "was ")
             (funcall price "input") "/" (funcall price "output")))))

(defun llm-switch-prices--aligned (left right)
  "Return LEFT and RIGHT on one line, RIGHT at the right edge."
  (let ((room (- llm-switch-prices--width (string-width right) 1)))
    (string-trim-right
     (concat (truncate-string-to-width left room nil ?\s "…") " " right))))

(defun llm-switch-prices--rate (rate)
  "Return the line of RATE, a plist (:rate :old :new)."
  (let ((old (plist-get rate :old))
        (new (plist-get rate :new)))
    (string-trim-right
     (format "      %s %10s → %10s %8s"
             (truncate-string-to-width (llm-switch-prices--bucket (plist-get rate :rate))
                                       40 nil ?\s "…")
             (llm-switch-prices--dollars old) (llm-switch-prices--dollars new)
             (llm-switch-prices--percent old new)))))

(defun llm-switch-prices--bucket (name)
  "Return NAME of a rate, in short: \">272k input\" for \"above 272000 input\"."
  (replace-regexp-in-string
   "above \\([0-9]+\\)\\b"
   (lambda (match) (format ">%dk" (round (string-to-number (substring match 6)) 1000)))
   name t))

(defun llm-switch-prices--dollars (text)
  "Return TEXT, an amount from the module or nil, as people write it."
  (if text (concat "$" text) "?"))

(defun llm-switch-prices--percent (old new)
  "Return by how much NEW differs from OLD, amounts as text or nil."
  (let ((old (and old (string-to-number old)))
        (new (and new (string-to-number new))))
    (if (or (null old) (null new) (zerop old))
        ""
      (let ((percent (/ (* 100.0 (- new old)) old)))
        (propertize (cond ((< (abs percent) 0.05) "~0%")
                          ((< (abs percent) 10) (format "%+.1f%%" percent))
                          (t (format "%+.0f%%" percent)))
                    'face (if (> percent 0) 'llm-switch-prices-dearer
                            'llm-switch-prices-cheaper))))))

(defun llm-switch-prices-next (&optional count)
  "Go to the next model, or COUNT models on."
  (interactive "p" llm-switch-prices-mode)
  (dotimes (_ (or count 1))
    (let ((start (point)))
      (goto-char (if (get-text-property start 'llm-switch-prices-model) (1+ start) start))
      (unless (text-property-search-forward 'llm-switch-prices-model)
        (goto-char start)
        (user-error "No further model"))
      (forward-line 0))))

(defun llm-switch-prices-previous (&optional count)
  "Go to the previous model, or COUNT models back."
  (interactive "p" llm-switch-prices-mode)
  (dotimes (_ (or count 1))
    (let ((start (point)))
      (unless (text-property-search-backward 'llm-switch-prices-model)
        (goto-char start)
        (user-error "No model before")))))

;;; Reminder

(defvar llm-switch-prices--told nil
  "What the user was told in this session: deployments without price, and `age'.
The last one told comes first.")

(defun llm-switch-prices-remind (&optional known)
  "Say that the model of KNOWN has no price, or that all prices are old.
KNOWN is the plist of a `done' event, by default the last one in this buffer.
Each is said once in a session."
  (setq known (or known llm-switch-cost-last-here))
  (when (and (not noninteractive) (equal (plist-get known :payer) "metered"))
    (when (equal (plist-get (plist-get known :cost) :basis) "unknown")
      (llm-switch-prices--tell
       (format "%s/%s" (plist-get known :account) (plist-get known :sent))
       (lambda (deployment)
         (message "llm-switch: %s has no known price: M-x llm-switch-set-price RET RET"
                  deployment))))
    (when llm-switch-prices-max-age
      (llm-switch-prices--tell 'age #'llm-switch-prices--remind-of-age))))

(defun llm-switch-prices--tell (what function)
  "Call FUNCTION with WHAT unless that was done in this session."
  (unless (member what llm-switch-prices--told)
    (push what llm-switch-prices--told)
    (funcall function what)))

(defun llm-switch-prices--remind-of-age (_)
  "Ask how old the prices in force are, and say so when they are too old."
  (llm-switch-channel-call
   "prices.status" nil
   (lambda (kind status)
     (when (and (eq kind 'value) llm-switch-prices-max-age
                (> (plist-get status :days) llm-switch-prices-max-age))
       (message "llm-switch: the prices are %d days old: M-x llm-switch-refresh-prices"
                (plist-get status :days))))))

;;; By hand

(defvar llm-switch-prices-history nil
  "The deployments whose price was set by hand.")

;;;###autoload
(defun llm-switch-set-price (deployment input output &optional cache-read)
  "Let DEPLOYMENT cost INPUT and OUTPUT dollars per million tokens.
All are strings, such as \"openai/gpt-x\", \"1.25\" and \"10\".
DEPLOYMENT is account/model or provider/model.  CACHE-READ is for cached
input; when it is nil or empty, what the configuration says stays, and
where it says nothing cached input costs as much as any.  The price goes
into `llm-switch-config-file', whose other bytes stay as they are, and
holds from now on; a wrong one changes nothing.
Interactively, deployments without a known price are offered first."
  (interactive (llm-switch-prices--read))
  (let* ((buffer (llm-switch-prices--visiting))
         (plain (lambda (amount) (string-trim (or amount "") "[ \t$]+" "[ \t]+")))
         (cache-read (funcall plain cache-read))
         (told (llm-switch-call
                "config.set_price"
                `(:deployment ,deployment :input ,(funcall plain input)
                  :output ,(funcall plain output)
                  ,@(unless (string-empty-p cache-read) (list :cache-read cache-read))))))
    (when buffer
      (with-current-buffer buffer (revert-buffer t t t)))
    (message "llm-switch: %s costs $%s/$%s per million, by %s"
             (plist-get told :model) (funcall plain input) (funcall plain output)
             (abbreviate-file-name (plist-get told :file)))))

(defun llm-switch-prices--visiting ()
  "Return the buffer that visits the configuration, which must not be modified."
  (when-let* ((buffer (find-buffer-visiting llm-switch-config-file)))
    (when (buffer-modified-p buffer)
      (user-error "Save %s first: a price is to be written into its file" (buffer-name buffer)))
    buffer))

(defun llm-switch-prices--read ()
  "Read what `llm-switch-set-price' wants."
  (let* ((rows (llm-switch-prices--metered))
         (default (seq-find #'stringp llm-switch-prices--told))
         (deployment (completing-read (format-prompt "Set the price of" default)
                                      (llm-switch-prices--table rows)
                                      nil nil nil 'llm-switch-prices-history default))
         (row (cdr (assoc deployment rows))))
    (when (string-empty-p deployment) (user-error "No model was named"))
    (list deployment
          (llm-switch-prices--read-amount "Input" (plist-get row :input))
          (llm-switch-prices--read-amount "Output" (plist-get row :output))
          (read-string "Cached input, $ per million (empty: leave it): "))))

(defun llm-switch-prices--read-amount (what now)
  "Read dollars per million tokens for WHAT, which is NOW so much, or nil."
  (let ((text (read-string (format-prompt "%s, $ per million" now what) nil nil now)))
    (if (string-empty-p text) (user-error "No price was given") text)))

(defun llm-switch-prices--metered ()
  "Return an alist of what can be called and is charged, without a price first."
  (let ((rows (seq-filter (lambda (row) (equal (plist-get row :payer) "metered"))
                          (llm-switch-deployments))))
    (mapcar (lambda (row) (cons (plist-get row :deployment) row))
            (append (cl-remove-if #'llm-switch-prices--known-p rows)
                    (cl-remove-if-not #'llm-switch-prices--known-p rows)))))

(defun llm-switch-prices--known-p (row)
  "Return non-nil if ROW has a price."
  (plist-get row :input))

(defun llm-switch-prices--table (rows)
  "Return a completion table over ROWS, an alist by deployment."
  (let ((row (lambda (name) (cdr (assoc name rows))))
        (width (min 40 (apply #'max 0 (mapcar (lambda (row) (string-width (car row))) rows)))))
    (lambda (string predicate action)
      (if (not (eq action 'metadata))
          (complete-with-action action rows string predicate)
        `(metadata
          (category . llm-switch-deployment)
          (display-sort-function . identity)
          (group-function
           . ,(lambda (name transform)
                (cond (transform name)
                      ((llm-switch-prices--known-p (funcall row name)) "With a price")
                      (t "Without a price"))))
          (annotation-function
           . ,(lambda (name)
                (concat (make-string (max 0 (- width (string-width name))) ?\s)
                        (concat "  " (llm-switch-annotation (funcall row name)))))))))))

(provide 'llm-switch-prices)
;;; llm-switch-prices.el ends here
