;;; llm-switch-mcp-ask.el --- A question that shows what it is about  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What a server or a model wants to do is shown whole in a window of its own,
;; which can be scrolled, and answered with one key; what lasts or is dangerous
;; needs RET behind it.  Who does not answer has not agreed: quitting, batch
;; mode and a chat that is killed meanwhile are no.
;;
;; What a server wrote passes `llm-switch-mcp-ask-visible', or
;; `llm-switch-mcp-ask-line' where it is a part of what Emacs says.

;;; Code:

(require 'seq)
(require 'subr-x)

;;; Text of servers

(defconst llm-switch-mcp-ask--blank
  '((#x34f . #x34f) (#x115f . #x1160) (#x17b4 . #x17b5) (#x180b . #x180f) (#x3164 . #x3164)
    (#xffa0 . #xffa0) (#xe0000 . #xe0fff))
  "Ranges of letters, marks and tags that are drawn as nothing.")

(defun llm-switch-mcp-ask-visible (text)
  "Return TEXT with nothing in it that cannot be seen.
A server chose it: it must not hide a part of itself, or reorder what is read."
  (replace-regexp-in-string
   "[^\n\t -~]"
   (lambda (it)
     (if (llm-switch-mcp-ask--unseen-p (string-to-char it))
         (propertize (format "\\u%04x" (string-to-char it)) 'face 'escape-glyph)
       it))
   text t t))

(defun llm-switch-mcp-ask--unseen-p (character)
  "Return non-nil if CHARACTER is not seen, or is of no meaning to all."
  (or (memq (get-char-code-property character 'general-category) '(Cc Cf Zl Zp Co Cs))
      (seq-some (lambda (range) (<= (car range) character (cdr range)))
                llm-switch-mcp-ask--blank)))

(defun llm-switch-mcp-ask-line (text)
  "Return TEXT, which a server wrote or nil, as a part of a line.
Nothing in it can begin another line or turn the direction of writing."
  (llm-switch-mcp-ask-visible
   (string-trim (replace-regexp-in-string (rx (+ (any " \t\n\r\f\v"))) " " (or text "")))))

(defun llm-switch-mcp-ask-indented (text)
  "Return TEXT, which a server wrote, with two spaces before each of its lines.
So it is told from what Emacs says above and below."
  (replace-regexp-in-string "^" "  " (llm-switch-mcp-ask-visible (or text ""))))

(defun llm-switch-mcp-ask-first-line (text width)
  "Return the first line of TEXT, which a server wrote or nil, at most WIDTH wide."
  (truncate-string-to-width
   (llm-switch-mcp-ask-line (car (split-string (string-trim (or text "")) "[\n\r\u2028\u2029]")))
   width nil nil "…"))

;;; Show

(defconst llm-switch-mcp-ask--buffer "*llm-switch question*"
  "The name of the buffer that shows what is asked about.")

(defvar llm-switch-mcp-ask--shown nil
  "The buffer that shows what is asked about now.")

(defun llm-switch-mcp-ask-showing (text read)
  "Call READ while TEXT is shown, and return its value."
  (let* ((buffer (generate-new-buffer llm-switch-mcp-ask--buffer))
         (window (progn (llm-switch-mcp-ask--fill buffer text)
                        (llm-switch-mcp-ask--display buffer))))
    (unwind-protect (let ((llm-switch-mcp-ask--shown buffer)) (funcall read))
      (when (and (window-live-p window) (eq (window-buffer window) buffer))
        (quit-restore-window window))
      (kill-buffer buffer))))

(defun llm-switch-mcp-ask--fill (buffer text)
  "Let BUFFER hold TEXT."
  (with-current-buffer buffer
    (special-mode)
    (setq-local bidi-paragraph-direction 'left-to-right
                cursor-type nil
                word-wrap t
                truncate-lines nil)
    (let ((inhibit-read-only t))
      (insert (string-trim-right text) "\n")
      (goto-char (point-min)))))

(defun llm-switch-mcp-ask--display (buffer)
  "Show BUFFER below what is shown, as high as it needs; return its window."
  (display-buffer buffer '((display-buffer-reuse-window display-buffer-below-selected
                                                        display-buffer-at-bottom)
                           (window-height . fit-window-to-buffer))))

;;; Ask

(defun llm-switch-mcp-ask (text prompt choices &optional sure)
  "Show TEXT, ask PROMPT, and return what one of CHOICES stands for, or nil.
CHOICES are (KEY LABEL . VALUE).  Those whose KEY is in SURE, a list, count
when RET is typed behind it."
  (let ((chat (current-buffer)))
    (when (llm-switch-mcp-ask--somebody-p)
      (let ((value (llm-switch-mcp-ask-showing
                    text (lambda () (llm-switch-mcp-ask--read prompt choices sure)))))
        (and (buffer-live-p chat) value)))))

(defun llm-switch-mcp-ask--somebody-p ()
  "Return non-nil if somebody can answer: no batch mode, or keys that are typed."
  (or executing-kbd-macro (not noninteractive)))

(defun llm-switch-mcp-ask--read (prompt choices sure)
  "Ask PROMPT until one of CHOICES, (KEY LABEL . VALUE), is typed.
Return its value.  KEYs of SURE need RET behind them.  What is shown can be
scrolled meanwhile."
  (let ((whole (llm-switch-mcp-ask--prompt prompt choices))
        (key nil) (choice nil))
    (while (not choice)
      (setq key (or key (llm-switch-mcp-ask--key whole)))
      (if-let* ((typed (assq key choices)))
          (if (memq key sure)
              ;; What is typed instead of RET is another answer.
              (pcase (llm-switch-mcp-ask--key (llm-switch-mcp-ask--again typed))
                ((or ?\r ?\n 'return 'kp-enter) (setq choice typed))
                (other (setq key other)))
            (setq choice typed))
        (llm-switch-mcp-ask--scroll key)
        (setq key nil)))
    (message nil)
    (cddr choice)))

(defun llm-switch-mcp-ask--key (prompt)
  "Read a key with PROMPT and return it; signal `quit' where it is one that quits."
  (let ((key (read-key prompt)))
    (when (memq key '(?\C-g ?\e -1)) (signal 'quit nil))
    key))

(defun llm-switch-mcp-ask--prompt (prompt choices)
  "Return PROMPT with CHOICES, (KEY LABEL . VALUE)."
  (concat (propertize prompt 'face 'minibuffer-prompt) " "
          (mapconcat #'llm-switch-mcp-ask--label choices ", ") " "))

(defun llm-switch-mcp-ask--again (choice)
  "Return the prompt for the RET behind CHOICE, (KEY LABEL . VALUE)."
  (concat (propertize "Really: " 'face 'minibuffer-prompt)
          (propertize (cadr choice) 'face 'bold) "?  "
          (propertize "RET" 'face 'help-key-binding) " yes, another key: no "))

(defun llm-switch-mcp-ask--label (choice)
  "Return CHOICE, (KEY LABEL . VALUE), as it is in the prompt."
  (concat (propertize (char-to-string (car choice)) 'face 'help-key-binding)
          " " (cadr choice)))

(defun llm-switch-mcp-ask--scroll (key)
  "Scroll what is shown if KEY is one that scrolls."
  (when-let* ((window (get-buffer-window llm-switch-mcp-ask--shown)))
    (with-selected-window window
      (ignore-errors
        (pcase key
          ((or ?\s ?\C-v 'next) (scroll-up-command))
          ((or ?\d ?\M-v 'prior 'backspace) (scroll-down-command)))))))

(provide 'llm-switch-mcp-ask)
;;; llm-switch-mcp-ask.el ends here
