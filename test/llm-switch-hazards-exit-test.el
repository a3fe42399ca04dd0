;;; llm-switch-hazards-exit-test.el --- The end of Emacs and of the engine  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Emacs ends when it is told to, whatever is in flight, and takes along what
;; the engine started.

;;; Code:

(require 'llm-switch-hazards-helper)

(defconst llm-switch-hazards-exit-rounds 10
  "How often an exit is tried: a race shows itself now and then only.")

(defconst llm-switch-hazards-exit-busy
  '(let ((orphans (cl-loop repeat 5 collect (llm-switch-hazards-fault "orphan")))
         (streams (cl-loop repeat 8 collect (llm-switch-hazards-submit "words:2000@100"))))
     (llm-switch-hazards-wait
       (cl-every (lambda (id) (not (equal "" (llm-switch-hazards-text id))))
                 (append orphans streams)))
     (llm-switch-hazards-fault "flood" :deltas 1000000)
     (llm-switch-hazards-tell
      (mapcar #'string-to-number
              (split-string (mapconcat #'llm-switch-hazards-text orphans " ")))))
  "Brings streams, a flood and children in flight.
Tells the ids of the children and of the children's children.")

(defun llm-switch-hazards-gone-p (pid)
  "Return non-nil if the process PID has ended, reaped or not."
  (member (cdr (assq 'state (process-attributes pid))) '(nil "Z")))

(defmacro llm-switch-hazards-exits (status form &rest body)
  "See that a busy Emacs ends with STATUS by FORM, or by BODY outside of it.
BODY sees it as the variable `emacs'."
  (declare (indent 2) (debug t))
  `(llm-switch-test-with (llm-switch-test-config)
     (dotimes (_ llm-switch-hazards-exit-rounds)
       (llm-switch-hazards-with-emacs (emacs `(progn ,llm-switch-hazards-exit-busy ,',form))
         (let ((children (llm-switch-hazards-told)))
           (should (= (length children) 10))
           ,@body
           (should (equal (llm-switch-hazards-status emacs) ,status))
           (should (equal (llm-switch-hazards-output emacs) ""))
           (llm-switch-test-wait (cl-every #'llm-switch-hazards-gone-p children)))))))

(ert-deftest llm-switch-hazards/kill-emacs-with-everything-in-flight ()
  (llm-switch-hazards-exits 42 (kill-emacs 42)))

(ert-deftest llm-switch-hazards/sigterm-with-everything-in-flight ()
  (llm-switch-hazards-exits 15 (while t (accept-process-output nil 0.1))
    (signal-process emacs 'SIGTERM)))

(ert-deftest llm-switch-hazards/stopping-does-not-wait-for-a-stuck-job ()
  (should (equal (llm-switch-hazards-value
                   (llm-switch-hazards-fault "stuck")
                   (llm-switch-call "fault.lock")
                   (llm-switch-channel-stop)
                   'stopped)
                 'stopped)))

(ert-deftest llm-switch-hazards/emacs-ends-although-all-workers-are-stuck ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-hazards-with-emacs
        (emacs '(progn (llm-switch-hazards-fault "stuck")
                       (llm-switch-hazards-fault "stuck")
                       (llm-switch-hazards-tell 'ready)
                       (kill-emacs 42)))
      (llm-switch-hazards-told)
      (should (equal (llm-switch-hazards-status emacs) 42)))))

(ert-deftest llm-switch-hazards/after-a-stop-the-next-request-starts-afresh ()
  (should (equal (llm-switch-hazards-value
                   (let ((old (llm-switch-hazards-submit "stall:1")))
                     (llm-switch-channel-stop)
                     (llm-switch-channel-stop)
                     (let ((ended (llm-switch-hazards-ends old)))
                       (setq llm-switch-hazards-drains nil)
                       (list ended
                             (llm-switch-hazards-end (llm-switch-hazards-submit "words:10"))
                             (llm-switch-call "fault.lock")
                             (hash-table-count llm-switch-channel--handlers)))))
                 '(("cancelled") done 0 0))))

(ert-deftest llm-switch-hazards/what-is-called-after-a-stop-signals ()
  (should (equal (llm-switch-hazards-value
                   (llm-switch-channel-start)
                   (llm-switch-channel-stop)
                   (cl-loop for call in '((llm-switch--mod-submit "{}")
                                          (llm-switch--mod-call "ledger.totals" "{}")
                                          (llm-switch--mod-cancel 1)
                                          (llm-switch--mod-drain))
                            collect (condition-case problem (eval call t) (error (car problem)))))
                 '(llm-switch-module llm-switch-module llm-switch-module llm-switch-module))))

(provide 'llm-switch-hazards-exit-test)
;;; llm-switch-hazards-exit-test.el ends here
