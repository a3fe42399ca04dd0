;;; llm-switch-cost.el --- What an answer cost, in words  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Money comes from the module as an integer of pico-dollars with the basis on
;; which it is known; here it becomes text.  Two decimals from one dollar up
;; and two significant digits below, "?" when it is unknown, "~" before an
;; estimate, "free" for what runs here and "plan" for what is covered.

;;; Code:

(require 'cl-lib)
(require 'subr-x)

(defconst llm-switch-cost-dollar 1000000000000
  "Pico-dollars in a dollar.")

(defvar llm-switch-cost-last nil
  "What is known of the last answer, in any buffer: the plist of `done'.")

(defvar-local llm-switch-cost-last-here nil
  "What is known of the last answer in this buffer: the plist of `done'.")

(autoload 'llm-switch-prices-remind "llm-switch-prices")

(defvar llm-switch-cost-noted-hook '(llm-switch-prices-remind)
  "Run in the buffer of a request when it is known what it cost.")

(defvar-local llm-switch-cost-buffer nil
  "What the answers in this buffer cost: (PICO-DOLLARS . UNKNOWN).
UNKNOWN is the number of answers whose price is not known.")

(defun llm-switch-cost-format-money (pico)
  "Return PICO pico-dollars as people write it: \"$1.84\", \"$0.0042\"."
  (let ((dollars (/ pico (float llm-switch-cost-dollar))))
    (cond ((zerop pico) "$0")
          ((< pico 0) (concat "-" (llm-switch-cost-format-money (- pico))))
          ((>= dollars 0.995) (format "$%.2f" dollars))
          ((< dollars 0.0001) "<$0.0001")
          (t (format (format "$%%.%df" (- 1 (floor (log dollars 10)))) dollars)))))

(defun llm-switch-cost-format (cost)
  "Return COST, a plist (:amount :basis), as text."
  (let ((amount (plist-get cost :amount)))
    (pcase (plist-get cost :basis)
      ("free" "free")
      ("plan" "plan")
      ((guard (null amount)) "?")
      ("estimated" (concat "~" (llm-switch-cost-format-money amount)))
      (_ (llm-switch-cost-format-money amount)))))

(defun llm-switch-cost-of-request (known)
  "Return what the request of KNOWN cost with all its attempts, or nil.
KNOWN is the plist of a `done' or `error' event; its :cost is that of the last
attempt, and failed ones before it may have been billed.  The value is a plist
\(:amount :basis), pico-dollars."
  (let ((cost (plist-get known :cost))
        (all (plist-get known :request-cost)))
    (cond ((or (null all) (eql all (or (plist-get cost :amount) 0))) cost)
          ((and cost (null (plist-get cost :amount))) cost)
          (t (list :amount all
                   :basis (if (equal (plist-get cost :basis) "computed") "computed"
                            ;; Failed attempts are as good as always estimated.
                            "estimated"))))))

(defun llm-switch-cost-note (known)
  "Take note of KNOWN, what a `done' or `error' event told, in this buffer."
  (when-let* ((cost (llm-switch-cost-of-request known)))
    ;; Who was refused at last has a cost of its attempts before, and no figures.
    (when (plist-get known :cost)
      (setq llm-switch-cost-last known
            llm-switch-cost-last-here known))
    (pcase-let ((`(,sum . ,unknown) (or llm-switch-cost-buffer '(0 . 0))))
      (setq llm-switch-cost-buffer
            (cons (+ sum (or (plist-get known :request-cost) (plist-get cost :amount) 0))
                  (if (plist-get cost :amount) unknown (1+ unknown)))))
    (run-hooks 'llm-switch-cost-noted-hook)))

(defun llm-switch-cost-format-buffer ()
  "Return what the answers in this buffer cost, or nil before the first."
  (pcase llm-switch-cost-buffer
    (`(0 . 0) "free")
    (`(,sum . 0) (llm-switch-cost-format-money sum))
    (`(,sum . ,unknown) (format "%s + %d × ?" (llm-switch-cost-format-money sum) unknown))))

(defun llm-switch-cost-served (known)
  "Return who answered according to KNOWN: \"account/model\".
When the service says that it served another model than was asked for, say so."
  (let ((sent (plist-get known :sent))
        (served (plist-get known :served)))
    (concat (plist-get known :account) "/" sent
            (when (plist-get known :substituted)
              (format " ! asked %s, served %s" sent served)))))

(defun llm-switch-cost-line (known)
  "Return one line that sums up KNOWN, the plist of a `done' event."
  (let* ((usage (plist-get known :usage))
         (cost (llm-switch-cost-of-request known))
         (cached (plist-get usage :cache-read))
         (first (plist-get known :first-token-ms)))
    (string-join
     (delq nil
           (list (format "%s (%s, %s)" (llm-switch-cost-served known)
                         (plist-get known :title) (plist-get known :payer))
                 (when first (format "%.2f s to first token" (/ first 1000.0)))
                 (format "%s in%s %s out"
                         (+ (plist-get usage :input) cached
                            (plist-get usage :cache-write-5m) (plist-get usage :cache-write-1h))
                         (if (> cached 0) (format " (%d cached)" cached) "")
                         (plist-get usage :output))
                 (format "%s [%s]" (llm-switch-cost-format cost) (plist-get cost :basis))))
     " · ")))

;;;###autoload
(defun llm-switch-last-cost ()
  "Say who gave the last answer, what it used and what it cost.
Called from Lisp, return that line, or nil if there is no answer yet."
  (interactive)
  (let ((line (and llm-switch-cost-last (llm-switch-cost-line llm-switch-cost-last))))
    (when (called-interactively-p 'any)
      (message "%s" (or line "No answer yet")))
    line))

(provide 'llm-switch-cost)
;;; llm-switch-cost.el ends here
