;;; probe.el --- Which accounts work, as JSON, for `make probe'  -*- lexical-binding: t -*-

;; ACCOUNT names one account (default: all that the configuration names), MAX_COST the dollars that each may cost.
;; Fails when an account does not work.

(require 'llm-switch-probe)

(let* ((account (getenv "ACCOUNT"))
       (max-cost (getenv "MAX_COST"))
       (llm-switch-probe-max-cost (if (member max-cost '(nil "")) "0" max-cost))
       (results (llm-switch-probe-batch (unless (member account '(nil "")) account))))
  (princ results)
  (terpri)
  (unless (seq-every-p (lambda (it) (equal (gethash "state" it) "ok"))
                       (json-parse-string results))
    (kill-emacs 1)))
;;; probe.el ends here
