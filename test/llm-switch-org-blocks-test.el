;;; llm-switch-org-blocks-test.el --- A file of forty blocks  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; test/fixtures/org/blocks.org has forty blocks with every header argument, and
;; blocks.expected.org is how it looks when they were run.  The two ways to run
;; them give the same text.
;;
;; To see what a change does to it, set LLM_SWITCH_ORG_ACTUAL to a folder: the
;; text that came out is written there.

;;; Code:

(require 'llm-switch-org-helper)
(require 'ox-html)

(defconst llm-switch-org-blocks-test-folder
  (expand-file-name "test/fixtures/org/" llm-switch-test-root)
  "Where the file of blocks lies.")

(defun llm-switch-org-blocks-test-config ()
  "Return a configuration with the route that the blocks name."
  (concat (llm-switch-test-config) "[route.demo]\nuse = ['sim/served:demo-1']\n"))

(defun llm-switch-org-blocks-test-text (name)
  "Return the text of the file NAME beside the blocks."
  (with-temp-buffer
    (insert-file-contents (expand-file-name name llm-switch-org-blocks-test-folder))
    (buffer-string)))

(defun llm-switch-org-blocks-test-masked (text)
  "Return TEXT with what differs from one run to the next as X.
Those are the name that gptel gives to a schema, Org's hash for a cached result,
the folder of the test, and the times in the table of a comparison: no others
stand in a result."
  (let ((text text))
    (pcase-dolist (`(,from . ,to)
                   '(("\"name\": \"[0-9a-f]\\{32\\}\"" . "\"name\": \"X\"")
                     ("^#\\+RESULTS\\[[0-9a-f]+\\]" . "#+RESULTS[X]")
                     ("In file `[^`]*/note.txt`" . "In file `X/note.txt`")
                     ("| [0-9.]+ s +| [0-9. ]\\{8\\} | " . "| X | X | ")))
      (setq text (replace-regexp-in-string from to text)))
    text))

(defmacro llm-switch-org-blocks-test-with (&rest body)
  "Run BODY in a buffer that holds the blocks, with what they name."
  (declare (indent 0) (debug t))
  `(let* ((gptel--known-presets '((org-test :system "The preset's." :temperature 0.25)))
          (clock (gptel-make-tool :name "org_test_clock" :description "Tell the time."
                                  :category "org-test" :args nil
                                  :function (lambda () "twelve")))
          ;; Other versions of gptel have other defaults, and another name for the first.
          (gptel-system-prompt nil)
          (gptel--system-message nil)
          (gptel-temperature nil)
          (org-babel-default-inline-header-args '((:session . "none") (:results . "replace")
                                                  (:exports . "results") (:hlines . "yes"))))
     (should clock)
     (llm-switch-org-test-in (llm-switch-org-blocks-test-config)
         (llm-switch-org-blocks-test-text "blocks.org")
       (copy-file (expand-file-name "note.txt" llm-switch-org-blocks-test-folder)
                  llm-switch-test-folder)
       (setq default-directory llm-switch-test-folder)
       ,@body)))

(defun llm-switch-org-blocks-test-compare (how)
  "Compare this buffer, run as HOW says, with what is expected."
  (let ((text (llm-switch-org-blocks-test-masked (buffer-string))))
    (when-let* ((folder (getenv "LLM_SWITCH_ORG_ACTUAL")))
      (write-region text nil (expand-file-name (concat how ".org") folder)))
    (should (equal text (llm-switch-org-blocks-test-text "blocks.expected.org")))))

(ert-deftest llm-switch-org-blocks/are-forty-with-every-header-argument ()
  (let ((text (llm-switch-org-blocks-test-text "blocks.org"))
        (case-fold-search nil))
    (should (= 40 (with-temp-buffer
                    (insert text)
                    (goto-char (point-min))
                    (how-many "#\\+begin_src llm-switch\\|src_llm-switch"))))
    (dolist (name (mapcar #'car org-babel-header-args:llm-switch))
      (should (string-match-p (format ":%s " name) text)))))

(ert-deftest llm-switch-org-blocks/run-in-batch-they-are-as-expected ()
  (llm-switch-org-blocks-test-with
    (let ((llm-switch-org-wait t))
      (llm-switch-org-test-all)
      (llm-switch-org-blocks-test-compare "batch"))))

(ert-deftest llm-switch-org-blocks/run-at-the-same-time-they-are-as-expected ()
  (llm-switch-org-blocks-test-with
    (llm-switch-org-test-all)
    (llm-switch-org-blocks-test-compare "interactive")))

(ert-deftest llm-switch-org-blocks/run-again-nothing-piles-up ()
  (llm-switch-org-blocks-test-with
    (erase-buffer)
    (insert (llm-switch-org-blocks-test-text "blocks.expected.org"))
    ;; What :results raw leaves, Org itself does not find again; and the hash is masked.
    (dolist (change '((":results raw" . ":results raw :eval never") (":cache yes" . ":cache no")
                      ("RESULTS\\[X\\]" . "RESULTS")))
      (goto-char (point-min))
      (while (re-search-forward (car change) nil t) (replace-match (cdr change) t)))
    (org-mode)
    (let ((before (buffer-string)))
      (llm-switch-org-test-all)
      (should (equal (llm-switch-org-blocks-test-masked (buffer-string)) before)))))

(ert-deftest llm-switch-org-blocks/exported-they-ask-nobody ()
  (llm-switch-org-blocks-test-with
    (llm-switch-test-reset)
    (let ((html (org-export-as 'html nil nil t)))
      (should (string-match-p "1: whom the property names" html)))
    (should-not (llm-switch-test-received))))

(ert-deftest llm-switch-org-blocks/exported-those-ask-that-say-so ()
  (llm-switch-org-blocks-test-with
    (erase-buffer)
    (insert (llm-switch-org-test-block ":model sim/echo :eval yes" "asked at export")
            "\n" (llm-switch-org-test-block ":model sim/echo" "not asked")
            "\n" (llm-switch-org-test-block ":model sim/hello :eval yes :exports results" "Hi"))
    (org-mode)
    (llm-switch-test-reset)
    (let ((html (org-export-as 'html nil nil t)))
      (should (string-match-p "Hello from the simulator" html)))
    (should (= 2 (length (llm-switch-test-received))))))

(provide 'llm-switch-org-blocks-test)
;;; llm-switch-org-blocks-test.el ends here
