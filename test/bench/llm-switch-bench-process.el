;;; llm-switch-bench-process.el --- What the kernel says of this Emacs  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'cl-lib)

(defun llm-switch-bench-process--read (file)
  "Return the text of FILE in this process's folder under /proc."
  (with-temp-buffer
    (insert-file-contents-literally (concat "/proc/self/" file))
    (buffer-string)))

(defun llm-switch-bench-process--thread (id)
  "Return the CPU time of the thread ID, seconds.
Of the thread that runs, the kernel knows it as of its last sleep or tick."
  (/ (string-to-number (llm-switch-bench-process--read (format "task/%s/schedstat" id)))
     1e9))

(defun llm-switch-bench-process-main ()
  "Return the CPU time of Emacs's main thread, seconds."
  (llm-switch-bench-process--thread (emacs-pid)))

(defun llm-switch-bench-process-all ()
  "Return the CPU time of all threads and of the children that ended, seconds.
That of the children is told in hundredths of a second only."
  (let ((stat (split-string (llm-switch-bench-process--read "stat"))))
    (cl-reduce #'+ (directory-files "/proc/self/task" nil "\\`[0-9]")
               :key #'llm-switch-bench-process--thread
               :initial-value (/ (+ (string-to-number (nth 15 stat))
                                    (string-to-number (nth 16 stat)))
                                 100.0))))

(defun llm-switch-bench-process-memory ()
  "Return (RESIDENT PRIVATE), the memory of this Emacs after a collection, bytes."
  (garbage-collect)
  (let* ((text (llm-switch-bench-process--read "smaps_rollup"))
         (field (lambda (name)
                  (string-match (concat "^" name ": *\\([0-9]+\\) kB") text)
                  (* 1024 (string-to-number (match-string 1 text))))))
    (list (funcall field "Rss")
          (+ (funcall field "Private_Clean") (funcall field "Private_Dirty")))))

(provide 'llm-switch-bench-process)
;;; llm-switch-bench-process.el ends here
