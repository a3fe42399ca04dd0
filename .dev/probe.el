;;; probe.el --- Which accounts work, as JSON, for `make probe'  -*- lexical-binding: t -*-

;; ACCOUNT names one account (default: all that the configuration names), MAX_COST the dollars that each may cost.
;; Fails when an account does not work.  With ROUTE, N small requests go through that route instead, which may cost
;; MAX_COST together; fails when one of them is not answered.

(require 'llm-switch-probe)

(defun llm-switch-dev-probe-route (route max-cost)
  "Print who answers ROUTE, as JSON; MAX-COST is for all requests together."
  (let ((told (llm-switch-probe-route route (string-to-number (or (getenv "N") "20")) max-cost)))
    (dolist (key '(:answered :failed))
      (plist-put told key (vconcat (plist-get told key))))
    (princ (json-serialize told :null-object nil))
    (terpri)
    (kill-emacs (if (seq-empty-p (plist-get told :failed)) 0 1))))

(unless (member (getenv "ROUTE") '(nil ""))
  (llm-switch-dev-probe-route (getenv "ROUTE") (if (member (getenv "MAX_COST") '(nil "")) "0" (getenv "MAX_COST"))))

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
