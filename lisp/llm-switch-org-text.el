;;; llm-switch-org-text.el --- What a model wrote, as Org that stays where it is put  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; An answer is put into a drawer.  Some lines would end it: a heading, and
;; `:end:', which Org looks for even inside of blocks.  Others would do something:
;; a keyword such as #+include or #+call, and the header arguments of a block, are
;; obeyed at the next export, and an answer must not decide about that.
;;
;; So headings become bold lines, and blocks keep their language and say :eval no,
;; for `org-babel-execute-buffer' would run what a model wrote.  A comma stands
;; before the rest, which is how Org itself escapes lines of code.  It is seen,
;; unlike the space without width that Org knows for prose: who copies code must
;; not get a character that nobody sees.

;;; Code:

(require 'gptel-org)
(require 'org-src)
(require 'rx)
(require 'subr-x)

(defconst llm-switch-org-text--opening
  (rx bol (group (* blank))
      (or (: (group (or (: "```" (* "`")) (: "~~~" (* "~")))) (* blank)
             (group (* (not (any " \t\n`{"))) ) (* (not (any "`\n"))))
          (: "#+begin_" (group (+ (not (any " \t\n")))) (* blank) (group (* (not (any " \t\n"))))
             (* nonl)))
      eol)
  "What opens a block: indentation, fence and language, or kind and language.")

;;; Whole answers

(defun llm-switch-org-text (markdown)
  "Return MARKDOWN, as models write it, as Org that can stand in a drawer.
What is written in Org already stays so."
  (with-temp-buffer
    (insert markdown)
    (goto-char (point-min))
    (let ((case-fold-search t) (pieces nil) (from (point)))
      (while (re-search-forward llm-switch-org-text--opening nil t)
        (save-match-data
          (push (llm-switch-org-text--prose (buffer-substring from (match-beginning 0))) pieces))
        (push (llm-switch-org-text--block) pieces)
        (setq from (point)))
      (push (llm-switch-org-text--prose (buffer-substring from (point-max))) pieces)
      (string-join (nreverse pieces)))))

(defun llm-switch-org-text--block ()
  "Return the block that was just matched as one of Org, and go behind it.
One that is not closed ends where the text does."
  (let* ((indent (match-string 1)) (fence (match-string 2)) (kind (match-string 4))
         (language (or (match-string 3) (match-string 5)))
         (code (and fence (not (string-empty-p language))))
         (close (if fence
                    (rx-to-string `(: bol (* blank) ,fence (* ,(aref fence 0)) (* blank) eol))
                  (format "^[ \t]*#\\+end_%s[ \t]*$" (regexp-quote kind))))
         (from (min (point-max) (1+ (point))))
         (to (if (re-search-forward close nil t) (match-beginning 0) (goto-char (point-max))))
         (name (cond (code "src") (fence "example") (t (llm-switch-org-text--kind kind)))))
    (concat indent "#+begin_" name
            (when (equal name "src")
              (format " %s :eval no" (if (equal language "") "text" language)))
            "\n"
            (llm-switch-org-text-escape
             (llm-switch-org-text--ended (buffer-substring (min from to) to)))
            indent "#+end_" name)))

(defun llm-switch-org-text--kind (kind)
  "Return KIND of a block if what is in it is only shown, else `example'.
What is exported unread, or run, is shown instead."
  (if (member (downcase kind) '("src" "example" "quote" "verse" "center"))
      (downcase kind)
    "example"))

(defun llm-switch-org-text--ended (text)
  "Return TEXT with a line's end at its end, unless it is empty."
  (if (or (string-empty-p text) (string-suffix-p "\n" text)) text (concat text "\n")))

(defun llm-switch-org-text--prose (markdown)
  "Return MARKDOWN without blocks as Org that can stand in a drawer."
  (let ((org (llm-switch-org-text--headings (gptel--convert-markdown->org markdown)))
        (case-fold-search t))
    (llm-switch-org-text--disarm
     (replace-regexp-in-string "^[ \t]*\\(,*\\(?:#\\+\\|:end:[ \t]*$\\)\\)" ",\\1"
                               org nil nil 1))))

(defun llm-switch-org-text--headings (org)
  "Return ORG with a bold line in the place of each heading."
  (replace-regexp-in-string
   "^\\*+[ \t].*$"
   (lambda (line)
     (save-match-data
       (let ((title (string-trim (string-replace "*" "" line))))
         (if (string-empty-p title) "" (concat "*" title "*")))))
   org t t))

(defun llm-switch-org-text--disarm (org)
  "Return ORG with what is run or exported unread in the midst of a line disarmed.
Org's own way for that is a space without width."
  (replace-regexp-in-string (rx (or (: bow (or "src_" "call_")) "@@" "{{{"))
                            (lambda (mark)
                              (concat (substring mark 0 1) "\u200b" (substring mark 1)))
                            org t t))

;;; Lines

(defun llm-switch-org-text-escape (text)
  "Return TEXT with a comma before each line that a drawer would not hold."
  (let ((case-fold-search t))
    (replace-regexp-in-string "^[ \t]*\\(,*:end:\\)[ \t]*$" ",\\1"
                              (org-escape-code-in-string text) nil nil 1)))

(defun llm-switch-org-text-unescape (text)
  "Return TEXT without the commas of `llm-switch-org-text-escape'."
  (let ((case-fold-search t))
    (replace-regexp-in-string "^[ \t]*\\(,\\),*:end:[ \t]*$" ""
                              (org-unescape-code-in-string text) nil nil 1)))

;;; Pieces

(defun llm-switch-org-text-filter ()
  "Return a function to make each piece of a streamed text fit for a drawer.
It is called with the pieces in order and returns what can be shown so far: the
beginning of a line that may have to be escaped waits for more of it."
  (let ((waiting "") (inside nil))
    (lambda (piece)
      (let* ((text (concat waiting piece))
             (start (if (string-match "[^\n]*\\'" text) (match-beginning 0) 0))
             (open (and (or (> start 0) (not inside))
                        (string-match-p "\\`[ \t]*\\(?:[*#:,].*\\)?\\'" (substring text start))))
             (ready (if open (substring text 0 start) text)))
        (setq waiting (if open (substring text start) ""))
        (prog1 (llm-switch-org-text--escape-after inside ready)
          (unless (string-empty-p ready)
            (setq inside (not (string-suffix-p "\n" ready)))))))))

(defun llm-switch-org-text--escape-after (inside text)
  "Return TEXT escaped; with INSIDE its first line has begun before."
  (if (and inside (string-match "\\`[^\n]*" text))
      (concat (match-string 0 text)
              (llm-switch-org-text-escape (substring text (match-end 0))))
    (llm-switch-org-text-escape text)))

(provide 'llm-switch-org-text)
;;; llm-switch-org-text.el ends here
