;;; llm-switch-hazards-process-test.el --- Threads, children and signals  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Emacs and the engine share a process: its descriptors, its signals and its
;; children.  Neither may notice the other.

;;; Code:

(require 'llm-switch-hazards-helper)

(ert-deftest llm-switch-hazards/children-inherit-no-descriptor ()
  (pcase-let ((`(,before ,of-emacs ,of-pty ,of-engine)
               (llm-switch-hazards-value
                 (cl-flet ((listed (type)
                             (with-temp-buffer
                               (let ((child (make-process
                                             :name "ls" :buffer (current-buffer) :sentinel #'ignore
                                             :connection-type type
                                             :command '("ls" "/proc/self/fd"))))
                                 (while (accept-process-output child)))
                               (split-string (buffer-string)))))
                   (let ((before (listed 'pipe))
                         (stream (llm-switch-hazards-submit "words:6000@100")))
                     ;; By now a channel, a ledger and a connection are open.
                     (llm-switch-call "ledger.totals" '(:from 0 :to 1))
                     (llm-switch-hazards-wait (not (equal "" (llm-switch-hazards-text stream))))
                     (list before (listed 'pipe) (listed 'pty)
                           (split-string
                            (llm-switch-call "fault.child" '(:command "ls /proc/self/fd")))))))))
    (should (member "2" before))
    (should (equal of-emacs before))
    (should (equal of-pty before))
    (should (equal of-engine before))))

(ert-deftest llm-switch-hazards/threads-block-signals-and-children-do-not ()
  (pcase-let ((`(,of-threads ,of-emacs ,of-engine)
               (llm-switch-hazards-value
                 (cl-labels ((mask (file)
                               (with-temp-buffer
                                 (insert-file-contents file)
                                 (re-search-forward "^SigBlk:[ \t]*\\(.*\\)")
                                 (match-string 1)))
                             (threads () (directory-files "/proc/self/task" nil "^[0-9]")))
                   (let ((others (threads)))
                     (llm-switch-call "ledger.totals" '(:from 0 :to 1))
                     (list (cl-loop for thread in (cl-set-difference (threads) others :test #'equal)
                                    collect (mask (format "/proc/self/task/%s/status" thread)))
                           (with-temp-buffer
                             (call-process "grep" nil t nil "SigBlk" "/proc/self/status")
                             (buffer-string))
                           ;; Asked of the shell itself, which gives its own children a clean mask.
                           (llm-switch-call
                            "fault.child"
                            '(:command "while read name mask; do
                                          case $name in SigBlk:) echo $name $mask; esac
                                        done </proc/$$/status"))))))))
    ;; At least two workers and the ledger's; all signals but the synchronous ones and the two
    ;; that the system keeps.
    (should (>= (length of-threads) 3))
    (dolist (mask of-threads)
      (should (equal mask "fffffffe3ffbfa07")))
    (dolist (line (list of-emacs of-engine))
      (should (equal (split-string line) '("SigBlk:" "0000000000000000"))))))

(ert-deftest llm-switch-hazards/children-of-emacs-and-of-the-engine-keep-their-statuses ()
  (pcase-let ((`(,ours ,theirs ,called)
               (llm-switch-hazards-value
                 (let ((ours nil) (called nil) (jobs nil))
                   (cl-labels ((zombies ()
                                 (cl-loop for pid in (list-system-processes)
                                          for its = (process-attributes pid)
                                          thereis (and (eql (cdr (assq 'ppid its)) (emacs-pid))
                                                       (equal (cdr (assq 'state its)) "Z"))))
                               (start (code)
                                 (make-process
                                  :name "child" :noquery t
                                  :connection-type (if (cl-evenp code) 'pipe 'pty)
                                  :command (list "/bin/sh" "-c" (format "exit %d" code))
                                  :sentinel (lambda (child _)
                                              (push (list code (process-exit-status child))
                                                    ours)))))
                     (dotimes (round 6)
                       (push (llm-switch-hazards-fault "children" :count 50) jobs)
                       ;; A handle that is dropped makes tokio listen to SIGCHLD besides.
                       (let ((orphan (llm-switch-hazards-fault "orphan")))
                         (dotimes (n 10) (start (+ (* 10 round) n)))
                         (llm-switch-hazards-wait
                           (not (equal "" (llm-switch-hazards-text orphan))))
                         (llm-switch-channel-cancel orphan)
                         (push (call-process "/bin/sh" nil nil nil "-c" (format "exit %d" round))
                               called)))
                     (let ((theirs (mapcar #'llm-switch-hazards-end jobs)))
                       (llm-switch-hazards-wait (= 60 (length ours)))
                       (llm-switch-hazards-wait (not (zombies)))
                       (list ours theirs called)))))))
    (should (equal (sort (mapcar #'car ours) #'<) (number-sequence 0 59)))
    (should (cl-every (lambda (status) (apply #'= status)) ours))
    (should (equal theirs '(50 50 50 50 50 50)))
    (should (equal called '(5 4 3 2 1 0)))))

(ert-deftest llm-switch-hazards/a-cancelled-job-takes-its-children-along ()
  (should-not (llm-switch-hazards-value
                (let ((orphan (llm-switch-hazards-fault "orphan")))
                  (llm-switch-hazards-wait (not (equal "" (llm-switch-hazards-text orphan))))
                  (llm-switch-channel-cancel orphan)
                  (llm-switch-hazards-wait
                    (cl-loop for pid in (split-string (llm-switch-hazards-text orphan))
                             always (member (cdr (assq 'state (process-attributes
                                                               (string-to-number pid))))
                                            '(nil "Z"))))
                  nil))))

(provide 'llm-switch-hazards-process-test)
;;; llm-switch-hazards-process-test.el ends here
