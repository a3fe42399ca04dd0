;;; llm-switch-hazards-handler-test.el --- Handlers that do as they please  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What one handler does, or what happens to its buffer or to the channel, is
;; no concern of the other requests.

;;; Code:

(require 'llm-switch-hazards-helper)

(ert-deftest llm-switch-hazards/handlers-that-wait-keep-the-order ()
  (pcase-let ((`(,nested ,in-order ,sequences)
               (llm-switch-hazards-value
                 (setq llm-switch-pace 1)
                 (let* ((heard nil)
                        (inside 0)
                        (nested 0)
                        (handler (lambda (name)
                                   (lambda (kind rest)
                                     (push (list name kind rest) heard)
                                     (cl-incf inside)
                                     (accept-process-output nil 0.003)
                                     (cl-decf inside)))))
                   (advice-add 'llm-switch-channel--wake :before
                               (lambda (&rest _) (when (> inside 0) (cl-incf nested))))
                   (let ((ids (cl-loop for name below 4
                                       collect (llm-switch-hazards-submit
                                                "drip:1:words:200" (funcall handler name)))))
                     (llm-switch-hazards-wait
                       (= 4 (cl-count 'done heard :key #'cadr)))
                     (list nested
                           (equal (cl-loop for (name kind rest) in (reverse heard)
                                           collect `(,(nth name ids) ,kind . ,rest))
                                  (apply #'append (reverse llm-switch-hazards-drains)))
                           (mapcar (lambda (id)
                                     (mapcar (lambda (word) (string-to-number (substring word 1)))
                                             (split-string (llm-switch-hazards-text id))))
                                   ids)))))))
    (should (> nested 10))
    (should in-order)
    (dolist (sequence sequences)
      (should (equal sequence (number-sequence 1 200))))))

(defmacro llm-switch-hazards-handler-harms-nobody (form)
  "See that nobody but a handler is harmed by FORM, which it has at each event."
  (declare (debug t))
  `(progn
     (should (equal (llm-switch-hazards-value
                      (let* ((called 0)
                             (bad (llm-switch-hazards-submit
                                   "words:50@100" (lambda (&rest _) (cl-incf called) ,form)))
                             (heard "")
                             (good (llm-switch-hazards-submit
                                    "words:50@100"
                                    (lambda (kind rest)
                                      (when (eq kind 'text) (setq heard (concat heard rest)))))))
                        (list (llm-switch-hazards-end good)
                              (equal heard (llm-switch-hazards-text good))
                              (llm-switch-hazards-end bad)
                              (= called (length (llm-switch-hazards-events bad))))))
                    '(done t done t)))
     (should (string-match-p "error in the handler of a text event" llm-switch-hazards-said))))

(ert-deftest llm-switch-hazards/an-error-in-a-handler-harms-no-other-request ()
  (llm-switch-hazards-handler-harms-nobody (error "On purpose")))

(ert-deftest llm-switch-hazards/a-quit-in-a-handler-harms-no-other-request ()
  (llm-switch-hazards-handler-harms-nobody (signal 'quit nil)))

(ert-deftest llm-switch-hazards/a-killed-buffer-cancels-its-request-only ()
  (should (equal (llm-switch-hazards-value
                   (let* ((buffer (generate-new-buffer "doomed"))
                          (heard-after nil)
                          (doomed (llm-switch-hazards-submit
                                   "words:6000@100"
                                   (lambda (&rest _)
                                     (unless (buffer-live-p buffer) (setq heard-after t)))
                                   buffer))
                          (other (llm-switch-hazards-submit "words:100@100")))
                     (llm-switch-hazards-wait (not (equal "" (llm-switch-hazards-text doomed))))
                     (kill-buffer buffer)
                     (list (llm-switch-hazards-end doomed) heard-after
                           (llm-switch-hazards-end other)
                           (hash-table-count llm-switch-channel--handlers))))
                 '("cancelled" nil done 0))))

(ert-deftest llm-switch-hazards/a-deleted-pipe-is-opened-again-and-nothing-is-lost ()
  (should (equal (llm-switch-hazards-value
                   (let* ((heard "")
                          (stream (llm-switch-hazards-submit
                                   "words:200@100"
                                   (lambda (kind rest)
                                     (when (eq kind 'text) (setq heard (concat heard rest))))))
                          (first llm-switch-channel--process))
                     (llm-switch-hazards-wait (not (equal heard "")))
                     (delete-process first)
                     ;; Rust rings meanwhile, at nobody.
                     (call-process "sleep" nil nil nil "0.2")
                     (list (llm-switch-call "fault.lock")
                           (llm-switch-hazards-end stream)
                           (equal heard (llm-switch-hazards-text stream))
                           (length (split-string heard " " t))
                           (eq first llm-switch-channel--process))))
                 '(0 done t 200 nil))))

(provide 'llm-switch-hazards-handler-test)
;;; llm-switch-hazards-handler-test.el ends here
