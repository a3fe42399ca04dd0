;;; llm-switch-org-result-test.el --- What stands below a block  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-org-helper)

;;; Results

(ert-deftest llm-switch-org/an-answer-cannot-leave-its-drawer ()
  (llm-switch-org-test-in (llm-switch-test-config)
      (llm-switch-org-test-block
       ":model sim/echo" "# T\n\n,* head\n:end:\n,#+end_src\n:other:\nx\n:end:\n```\n,* c\n:END:\n")
    (dotimes (_ 2)
      (llm-switch-org-test-run)
      (goto-char (point-min)))
    (let ((once (buffer-string)))
      (should (= 1 (how-many "^:results:$")))
      (should (= 1 (how-many "^:end:$" (save-excursion (search-forward ":results:") (point)))))
      (should-not (save-excursion (goto-char (search-forward "#+RESULTS:"))
                                  (re-search-forward "^\\*+ " nil t)))
      (let ((org-inhibit-startup t))
        (should (equal once (progn (llm-switch-org-test-run) (buffer-string))))))))

(ert-deftest llm-switch-org/what-a-model-wrote-is-not-run-and-not-obeyed ()
  (let ((org (llm-switch-org-text
              (concat "#+include: \"x\"\n#+call: it()\nA src_sh[:results x]{ls} @@html:<b>@@\n"
                      "#+begin_src sh :exports results\nls\n#+end_src\n"
                      "#+begin_export html\n<script>\n#+end_export\n"))))
    (should-not (string-match-p "^#\\+\\(include\\|call\\|begin_export\\)" org))
    (should-not (string-match-p "\\bsrc_sh\\|@@html" org))
    (should (string-match-p "^#\\+begin_src sh :eval no$" org))
    (should (string-match-p "^#\\+begin_example\n<script>\n#\\+end_example$" org))))

(ert-deftest llm-switch-org/escaping-can-be-taken-back ()
  (let ((text "* a\n,* b\n:end:\n ,:end:\n#+x\ny :end: z\n"))
    (should (equal (llm-switch-org-text-unescape (llm-switch-org-text-escape text)) text))))

(ert-deftest llm-switch-org/pieces-are-escaped-as-the-whole-is ()
  (let ((text "* a\nb * c\n:end:\n  :end:\n#+x\n long line :end:\n\n,* d\n"))
    (dolist (size '(1 2 3 7 100))
      (let ((filter (llm-switch-org-text-filter)))
        (should (equal (mapconcat filter (seq-partition text size) "")
                       (llm-switch-org-text-escape text)))))))

(ert-deftest llm-switch-org/costs-stand-in-the-drawer-and-sum-up-the-turns ()
  (llm-switch-org-test-in (concat (llm-switch-test-config)
                                  "payer = 'metered'\n[price.'sim/*']\nper-million = '1'\n")
      (llm-switch-org-test-block ":model sim/usage:1000,0,500,0")
    (should (string-match-p "\n#\\+llm_cost: ~\\$0\\.0015 sim/usage:1000,0,500,0 1,000 in 500 out\n:end:"
                            (llm-switch-org-test-run)))
    (should (equal (org-collect-keywords '("LLM_COST"))
                   '(("LLM_COST" "~$0.0015 sim/usage:1000,0,500,0 1,000 in 500 out"))))))

(ert-deftest llm-switch-org/a-fallback-is-told-below-the-answer ()
  (llm-switch-org-test-in (concat (llm-switch-test-config)
                                  "[route.demo]\nuse = ['sim/status:503', 'sim/hello']\n")
      (llm-switch-org-test-block ":route demo")
    (should (string-match-p "#\\+llm_note: asked sim/status:503 .*, fell back to sim/hello"
                            (llm-switch-org-test-run)))))

(ert-deftest llm-switch-org/what-org-wraps-or-makes-something-of-gets-no-keywords ()
  (pcase-dolist (`(,arguments . ,result)
                 '((":wrap src text" . "#\\+begin_src text\n,\\* a\nb\n#\\+end_src\n")
                   (":wrap quote" . "#\\+begin_quote\n- a\nb\n#\\+end_quote\n")
                   (":results list" . ":results:\n- \\* a\n- b\n:end:\n")
                   (":results html" . "#\\+begin_export html\n,\\* a\nb\n#\\+end_export\n")
                   (":results append" . ":results:\n- a\nb\n#\\+llm_cost: .*\n:end:\n")))
    (llm-switch-org-test-in (llm-switch-test-config)
        (llm-switch-org-test-block (concat ":model sim/echo " arguments) ",* a\nb")
      (should (string-match-p (concat "#\\+RESULTS:\n" result) (llm-switch-org-test-run)))))
  (llm-switch-org-test-in (llm-switch-test-config)
      (llm-switch-org-test-block ":model sim/echo :results file :file answer.txt" "told")
    (should (string-match-p "\\[\\[file:.*answer.txt\\]\\]" (llm-switch-org-test-run)))
    (should (equal "told" (string-trim (with-temp-buffer
                                         (insert-file-contents
                                          (expand-file-name "answer.txt" llm-switch-test-folder))
                                         (buffer-string)))))))

;;; Braces and wraps

(ert-deftest llm-switch-org/names-in-braces-that-are-no-variables-are-told ()
  (let ((note "#+llm_note: sent as it stands: {{y}}; a variable is set with :var\n"))
    (llm-switch-org-test-in (llm-switch-test-config)
        (llm-switch-org-test-block ":model sim/echo :var x=1" "{{x}} and {{ y }} and {{y}}")
      (should (string-match-p "1 and {{ y }} and {{y}}\n" (llm-switch-org-test-run)))
      (should (string-match-p (regexp-quote note) (buffer-string)))
      (goto-char (point-min))
      (while (re-search-forward "y *}}" nil t) (replace-match "x}}" t))
      (goto-char (point-min))
      (should-not (string-match-p "llm_note" (llm-switch-org-test-run))))))

(ert-deftest llm-switch-org/what-is-wrapped-into-text-is-replaced-and-is-a-turn ()
  (dolist (wrap '("quote" "center" "verse" "example"))
    (dolist (wait '(nil t))
      (llm-switch-org-test-in (llm-switch-test-config)
          (concat (llm-switch-org-test-block (format ":model sim/words:3 :session s :wrap %s" wrap))
                  "\n#+begin_quote\nAnother's.\n#+end_quote\n\n"
                  (llm-switch-org-test-block ":model sim/inspect :session s" "next"))
        (let ((llm-switch-org-wait wait))
          (dotimes (_ 3)
            (goto-char (point-min))
            (llm-switch-org-test-run))
          (should (= 1 (how-many "^#\\+begin_src.*wrap" (point-min) (point-max))))
          (should (string-match-p
                   (format "#\\+end_src\n\n#\\+RESULTS:\n#\\+begin_%s\nw1 w2 w3\n#\\+end_%s\n\n\
#\\+begin_quote\nAnother's\\.\n#\\+end_quote\n\n#\\+begin_src" wrap wrap)
                   (buffer-string)))
          (goto-char (point-max))
          (re-search-backward "begin_src")
          (llm-switch-org-test-run)
          (should (string-match-p "w1 w2 w3.*next" (buffer-string))))))))

(provide 'llm-switch-org-result-test)
;;; llm-switch-org-result-test.el ends here
