;;; llm-switch-hazards-load-test.el --- More than Emacs can take at once  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; However much comes, Rust is never held up, Emacs gets it in small helpings,
;; and nothing is lost.

;;; Code:

(require 'llm-switch-hazards-helper)

(ert-deftest llm-switch-hazards/a-million-deltas-while-emacs-is-busy ()
  (pcase-let ((`(,queued ,peak ,pieces ,whole)
               (llm-switch-hazards-value
                 (cl-flet ((memory (field)
                             (with-temp-buffer
                               (insert-file-contents "/proc/self/status")
                               (re-search-forward (concat "^" field ":[ \t]*\\([0-9]+\\) kB"))
                               (/ (string-to-number (match-string 1)) 1024))))
                   (llm-switch-call "fault.flood" '(:deltas 1000))
                   (setq llm-switch-hazards-drains nil)
                   (let* ((before (memory "VmRSS"))
                          (mark (expand-file-name "mark" llm-switch-hazards-folder))
                          (two-seconds (+ (float-time) 2))
                          (flood (llm-switch-hazards-fault "flood" :deltas 1000000 :mark mark)))
                     ;; That the mark appears at all shows that Rust does not wait for Emacs.
                     (llm-switch-hazards-busy (file-exists-p mark))
                     (llm-switch-hazards-busy (> (float-time) two-seconds))
                     (let ((queued (- (memory "VmRSS") before)))
                       (llm-switch-hazards-end flood)
                       (list queued
                             (- (memory "VmHWM") before)
                             (length (llm-switch-hazards-events flood))
                             (equal (llm-switch-hazards-text flood)
                                    (apply #'concat (make-list 1000000 "12345"))))))))))
    (should whole)
    ;; The text is 5 MB.  An event for each delta would take 77 MB in Rust, and a handler's call
    ;; for each a million pieces.
    (should (< queued 25))
    (should (< peak 50))
    (should (< pieces 200))))

(ert-deftest llm-switch-hazards/a-drain-is-bounded-and-the-rest-comes-by-itself ()
  (pcase-let ((`(,events ,values ,bytes ,length)
               (llm-switch-hazards-value
                 (let ((calls (cl-loop repeat 1000 collect (llm-switch-hazards-fault "lock")))
                       (mark (expand-file-name "mark" llm-switch-hazards-folder)))
                   (let ((flood (llm-switch-hazards-fault "flood" :deltas 100000 :mark mark)))
                     (llm-switch-hazards-busy (file-exists-p mark))
                     (llm-switch-hazards-end flood)
                     (mapc #'llm-switch-hazards-end calls)
                     (list (apply #'max (mapcar #'length llm-switch-hazards-drains))
                           (cl-loop for call in calls
                                    sum (length (llm-switch-hazards-ends call)))
                           (cl-loop for drain in llm-switch-hazards-drains
                                    maximize (cl-loop for (_ kind . rest) in drain
                                                      if (eq kind 'text) sum (length rest)))
                           (length (llm-switch-hazards-text flood))))))))
    (should (= events 256))
    (should (= values 1000))
    (should (< 65000 bytes 65537))
    (should (= length 500000))))

(ert-deftest llm-switch-hazards/text-comes-at-its-pace ()
  (pcase-let ((`(,pieces ,intervals ,whole)
               (llm-switch-hazards-value
                 (let* ((times nil)
                        (note (lambda (kind _) (when (eq kind 'text) (push (float-time) times))))
                        (stream (llm-switch-hazards-submit "words:300@100" note)))
                   (llm-switch-hazards-end stream)
                   (list (length times)
                         (/ (- (car times) (car (last times))) 0.033)
                         (length (split-string (llm-switch-hazards-text stream) " " t)))))))
    (should (= whole 300))
    ;; The end does not wait for the pace: one more, and one for where the intervals begin.
    (should (<= pieces (+ 2 intervals)))))

(ert-deftest llm-switch-hazards/the-first-piece-does-not-wait-for-the-pace ()
  (pcase-let ((`(,first ,whole)
               (llm-switch-hazards-value
                 (setq llm-switch-pace 1000)
                 (let ((stream (llm-switch-hazards-submit "words:90@100")))
                   (llm-switch-hazards-end stream)
                   (list (length (cdar (llm-switch-hazards-events stream)))
                         (length (llm-switch-hazards-text stream)))))))
    ;; All of it comes within a pace: had the first piece waited, it would be the whole.
    (should (< first (/ whole 2)))))

(provide 'llm-switch-hazards-load-test)
;;; llm-switch-hazards-load-test.el ends here
