;;; smoke.el --- One question to a real local model, for `make smoke'  -*- lexical-binding: t -*-

;; Prints the answer of $PROMPT as it streams, then who answered at what cost. Succeeds only if there is an answer and
;; its row stands in the ledger.

(require 'llm-switch)
(require 'llm-switch-gptel)

(defun llm-switch-dev-fail (text)
  "End with TEXT on stderr."
  (message "llm-switch: %s" text)
  (kill-emacs 1))

(defun llm-switch-dev-ask (prompt)
  "Print the answer to PROMPT and return it."
  (let ((answer "") (end nil))
    (gptel-request prompt
      :stream t
      :callback (lambda (response info)
                  (cond ((stringp response)
                         (princ response)
                         (setq answer (concat answer response)))
                        ((eq response t) (setq end t))
                        ((null response)
                         (llm-switch-dev-fail (plist-get (plist-get info :error) :message))))))
    (while (not end) (accept-process-output nil 1))
    (terpri)
    answer))

(let ((prompt (getenv "PROMPT"))
      (row (car (llm-switch-deployments))))
  (cond ((member prompt '(nil "")) (llm-switch-dev-fail "no prompt given; try: make smoke PROMPT=\"Say hello.\""))
        ((null row) (llm-switch-dev-fail "no local server has a model")))
  (llm-switch-gptel-use row 'global)
  (let* ((answer (llm-switch-dev-ask prompt))
         (key (plist-get llm-switch-cost-last :request))
         (record (and key (llm-switch-call "ledger.request" (list :request key)))))
    (princ (concat (llm-switch-last-cost) "\n"))
    (cond ((string-blank-p answer) (llm-switch-dev-fail "the answer is empty"))
          ((not (equal (plist-get record :outcome) "done"))
           (llm-switch-dev-fail "the request is not in the ledger")))))
;;; smoke.el ends here
