;;; llm-switch-export-test.el --- The ledger for other programs  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What was written is read again by other programs' readers: Python's csv and
;; json, and org's own table functions.

;;; Code:

(require 'llm-switch-dashboard-test)
(require 'llm-switch-export)
(require 'org)
(require 'org-table)

(defmacro llm-switch-export-test-with (&rest body)
  "Run BODY with an engine over known rows."
  (declare (indent 0) (debug t))
  `(llm-switch-test-with ""
     (let ((llm-switch-spend-now llm-switch-dashboard-test-now)
           (llm-switch-spend-time-zone "Europe/Berlin"))
       (llm-switch-dashboard-test-fill)
       ,@body)))

(defun llm-switch-export-test--file (format)
  "Export all that was spent in FORMAT and return the file, when it is there."
  (let ((file (expand-file-name (concat "out." format) llm-switch-test-folder)))
    (llm-switch-export-spend format file (llm-switch-spend-query :span "all"))
    (llm-switch-test-wait (file-exists-p file))
    file))

(defun llm-switch-export-test--python (script file)
  "Return what Python prints that runs SCRIPT with FILE, read as Lisp."
  (with-temp-buffer
    (unless (zerop (call-process "python3" nil t nil "-c" script file))
      (ert-fail (buffer-string)))
    (read (buffer-string))))

(ert-deftest llm-switch-export/python-reads-the-same-sum-from-csv ()
  (llm-switch-export-test-with
    (let ((told (llm-switch-export-test--python "
import csv, sys, decimal
rows = list(csv.DictReader(open(sys.argv[1], newline='')))
pico = sum(int(row['cost_pico'] or 0) for row in rows)
dollars = sum(decimal.Decimal(row['cost_dollars'] or 0) for row in rows)
odd = sum(row['route'] == 'a-route|with, \"odd\" name' for row in rows)
print('(', len(rows), pico, int(dollars * 10**12), odd, ')')"
                                                (llm-switch-export-test--file "csv"))))
      (should (equal told (list 245 llm-switch-dashboard-test-pico
                                llm-switch-dashboard-test-pico 1))))))

(ert-deftest llm-switch-export/python-reads-the-same-sum-from-json ()
  (llm-switch-export-test-with
    (let ((told (llm-switch-export-test--python "
import json, sys
rows = json.load(open(sys.argv[1]))
unknown = [row['model'] for row in rows if row['cost_pico'] is None]
print('(', len(rows), sum(row['cost_pico'] or 0 for row in rows), len(unknown), json.dumps(rows[-1]['started']), ')')"
                                                (llm-switch-export-test--file "json"))))
      (should (equal told (list 245 llm-switch-dashboard-test-pico 1
                                "2026-11-20T09:29:00.000+01:00"))))))

(ert-deftest llm-switch-export/org-reads-the-same-sum-from-a-table ()
  (llm-switch-export-test-with
    (with-temp-buffer
      (insert-file-contents (llm-switch-export-test--file "org"))
      (org-mode)
      (goto-char (point-min))
      (let* ((table (org-table-to-lisp))
             (column (seq-position (car table) "cost_pico"))
             (rows (seq-filter #'consp (cdr table))))
        (should (= 245 (length rows)))
        (should (= (length (car table)) (apply #'max (mapcar #'length rows))))
        (should (= llm-switch-dashboard-test-pico
                   (apply #'+ (mapcar (lambda (row) (string-to-number (nth column row)))
                                      rows))))))))

(ert-deftest llm-switch-export/an-export-of-a-span-has-no-more-than-that ()
  (llm-switch-export-test-with
    (let ((file (expand-file-name "out.json" llm-switch-test-folder)))
      (llm-switch-export-spend "json" file
                               (llm-switch-spend-query :span "month" :filter '(("payer" "plan"))))
      (llm-switch-test-wait (file-exists-p file))
      (should (= 1 (llm-switch-export-test--python
                    "import json, sys; print(len(json.load(open(sys.argv[1]))))" file))))))

(ert-deftest llm-switch-export/the-file-is-the-users-alone-and-a-failure-leaves-none ()
  (llm-switch-export-test-with
    (should (= #o600 (file-modes (llm-switch-export-test--file "csv"))))
    (let ((told nil))
      (cl-letf (((symbol-function 'message)
                 (lambda (format &rest values) (setq told (apply #'format format values)))))
        (llm-switch-export-spend "csv" "/nowhere/at/all.csv" (llm-switch-spend-query))
        (llm-switch-test-wait told))
      (should (string-match-p "/nowhere/at/all.csv: the export cannot be written" told)))))

(ert-deftest llm-switch-export/a-dynamic-block-is-a-table-of-sums ()
  (llm-switch-export-test-with
    (with-temp-buffer
      (org-mode)
      (insert "#+BEGIN: llm-switch-spend :by route :span month\n#+END:\n")
      (goto-char (point-min))
      (org-update-dblock)
      (let ((once (buffer-string)))
        (should (string-match-p "^| coding-best +| +21 |.*| \\$5\\.50 +|" once))
        (should (string-match-p "^| all +| +84 |.*\\$5\\.50 \\+ \\?" once))
        (should (string-match-p "odd" once))
        (org-update-dblock)
        (should (equal once (buffer-string)))))))

(ert-deftest llm-switch-export/a-dynamic-block-can-be-of-days-limited-and-filtered ()
  (llm-switch-export-test-with
    (with-temp-buffer
      (org-mode)
      (insert "#+BEGIN: llm-switch-spend :by day :from 2026-11-10 :to 2026-11-19 "
              ":route coding-best :sort cost :limit 2\n#+END:\n")
      (goto-char (point-min))
      (org-update-dblock)
      (should (re-search-forward "^| 2026-11-18 .*\\$0\\.75" nil t))
      (goto-char (point-min))
      (search-forward "|-")
      (let ((rows (seq-filter #'consp (nthcdr 2 (org-table-to-lisp)))))
        (should (= 3 (length rows)))))))

(provide 'llm-switch-export-test)
;;; llm-switch-export-test.el ends here
