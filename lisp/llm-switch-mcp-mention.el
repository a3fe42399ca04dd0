;;; llm-switch-mcp-mention.el --- Resources that a prompt names  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A prompt may name resources, as in "compare @docs:file:///a.txt with it".
;; Here is what counts as such: not an e-mail address, not what stands in code,
;; and nothing that a model wrote.  Names are completed at point.

;;; Code:

(require 'gptel)
(require 'llm-switch-mcp-resource)
(require 'llm-switch-mcp-template)

(defconst llm-switch-mcp-mention--regexp
  (rx "@" (group (+ (not (any space ":@<>\"`")))) ":" (group (+ (not (any space "<>\"`")))))
  "What may be a mention: the name of a server and an address.")

(defconst llm-switch-mcp-mention--fence
  (rx bol (* blank) (or (group (or "```" "~~~")) (group "#+begin_") (group "#+end_")))
  "What begins or ends code: a fence, or the lines around a block of Org.")

;;; Where it may stand

(defun llm-switch-mcp-mention--allowed-p (position)
  "Return non-nil if a mention can begin at POSITION, where there is an \"@\"."
  (and (not (get-text-property position 'gptel))
       (memq (char-before position) '(nil ?\s ?\t ?\n ?\( ?\[ ?\{ ?\, ?\;))
       (not (llm-switch-mcp-mention--block-p position))
       (not (llm-switch-mcp-mention--verbatim-p position))))

(defun llm-switch-mcp-mention-turn (position)
  "Return the start of the user's turn at POSITION."
  (if (or (= position (point-min)) (get-text-property (1- position) 'gptel))
      position
    (previous-single-property-change position 'gptel nil (point-min))))

(defun llm-switch-mcp-mention--block-p (position)
  "Return non-nil if POSITION is within a block of code of its turn."
  (save-excursion
    (let ((inside nil) (case-fold-search t))
      (goto-char (llm-switch-mcp-mention-turn position))
      (while (re-search-forward llm-switch-mcp-mention--fence position t)
        (setq inside (cond ((match-beginning 1) (not inside))
                           ((match-beginning 2) t))))
      inside)))

(defun llm-switch-mcp-mention--verbatim-p (position)
  "Return non-nil if POSITION is within code or verbatim text of its line."
  (save-excursion
    (goto-char position)
    (let ((end (line-end-position)) (inside nil)
          (pairs (if (derived-mode-p 'org-mode)
                     (rx (or bol (any space "(")) (group (any "=~")) (+? nonl) (backref 1))
                   (rx (group (+ "`")) (+? nonl) (backref 1)))))
      (beginning-of-line)
      (while (and (not inside) (re-search-forward pairs end t))
        (setq inside (< (match-beginning 0) position (match-end 0))))
      inside)))

;;; Find them

(defun llm-switch-mcp-mention-all ()
  "Return what may be mentions in this buffer: ((BEGIN END SERVER URI)...)."
  (save-excursion
    (goto-char (point-min))
    (let ((found nil))
      (while (re-search-forward llm-switch-mcp-mention--regexp nil t)
        (let ((begin (match-beginning 0)))
          (when (save-match-data (llm-switch-mcp-mention--allowed-p begin))
            (push (list begin (match-end 0) (match-string-no-properties 1)
                        (llm-switch-mcp-mention--trim (match-string-no-properties 2)))
                  found))))
      (nreverse found))))

(defun llm-switch-mcp-mention--trim (uri)
  "Return URI without the punctuation of the sentence in which it stands."
  (let ((trimmed (replace-regexp-in-string (rx (+ (any ".,;:!?'")) eos) "" uri)))
    (if (and (string-suffix-p ")" trimmed) (not (string-search "(" trimmed)))
        (llm-switch-mcp-mention--trim (substring trimmed 0 -1))
      trimmed)))

;;; Complete

(defun llm-switch-mcp-mention-capf ()
  "Complete the resource at point, after an \"@\".
In `completion-at-point-functions' of chats."
  (when-let* ((at (save-excursion
                    (skip-chars-backward "^ \t\n@")
                    (and (eql (char-before) ?@) (1- (point)))))
              ((llm-switch-mcp-mention--allowed-p at))
              ((llm-switch-mcp-resource-rows)))
    (list (1+ at) (point) (llm-switch-mcp-resource-table)
          :exclusive 'no
          :company-kind (lambda (_) 'file)
          :exit-function #'llm-switch-mcp-mention--completed)))

(defun llm-switch-mcp-mention--completed (name status)
  "Have the gaps of NAME filled, which was completed with STATUS before point."
  (pcase (llm-switch-mcp-resource-split (substring-no-properties name))
    ((and `(,server . ,uri) (guard (eq status 'finished)) (guard (llm-switch-mcp-template-p uri)))
     (let ((end (point-marker))
           (address (llm-switch-mcp-template-read server uri)))
       (goto-char end)
       (delete-region (- end (length uri)) end)
       (insert address)))))

(provide 'llm-switch-mcp-mention)
;;; llm-switch-mcp-mention.el ends here
