;;; llm-switch-answer-place.el --- Where the facts of an answer are shown  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What is told of an answer stands below it, above it or in the margin, what
;; happened within it where it happened, and why there is none where it would
;; stand.  All of it is overlays, made from the text property that the answer
;; bears: so it can be made again for another place, after an undo, and where a
;; killed answer is yanked.

;;; Code:

(require 'gptel)
(require 'llm-switch-answer-attempts)
(require 'llm-switch-answer-facts)
(require 'llm-switch-answer-line)
(require 'llm-switch-answer-margin)
(require 'llm-switch-footer)
(require 'llm-switch-turn)
(require 'seq)

(defcustom llm-switch-answer-place 'footer
  "Where a chat shows who gave an answer, how fast and at what cost.
What is unexpected is told below the answer in any case, see the variable
`llm-switch-footer-lines', or within it, where it happened.  Where this is not
set by Customize or `setopt', \\[llm-switch-answer-redraw] shows it."
  :group 'llm-switch
  :type '(choice (const :tag "Below the answer" footer)
                 (const :tag "Above the answer" header)
                 (const :tag "In the right margin, in short" margin)
                 (const :tag "Nowhere" nil))
  :set (lambda (symbol value)
         (set-default symbol value)
         (when (fboundp 'llm-switch-answer-redraw-all) (llm-switch-answer-redraw-all))))

;;; An answer ends

(defun llm-switch-answer-place-show (info known)
  "Show what is KNOWN of the answer of INFO, which has ended.
Where it stands in no chat, as that of a rewrite, only that another model was
served is said.  In `llm-switch-answer-ended-functions'."
  (let* ((end (plist-get info :tracking-marker))
         (buffer (and end (marker-buffer end))))
    (cond (buffer (with-current-buffer buffer (llm-switch-answer-place--answer info known end)))
          ((llm-switch-turn-inserted-p info) (llm-switch-answer-place--nothing info known))
          ((plist-get known :substituted)
           (message "llm-switch: %s" (llm-switch-footer-substitution info known))))))

(defun llm-switch-answer-place--answer (info known end)
  "Let the text of the answer of INFO, up to END, bear what is KNOWN, and show it."
  (save-restriction
    (widen)
    (let* ((resumed (plist-get (llm-switch-turn-context info) :start))
           (start (min (or resumed (plist-get info :position)) end))
           (facts (llm-switch-answer-facts info start (llm-switch-footer-lines info known)
                                           (and resumed (llm-switch-answer-facts-at start)))))
      (when (< start end)
        (llm-switch-answer-facts-put facts start (marker-position end))
        (llm-switch-answer-place--draw facts start (marker-position end))))))

(defun llm-switch-answer-place--nothing (info known)
  "Show at the place of the answer of INFO, which has no text, what is KNOWN."
  (let ((position (plist-get info :position)))
    (when (buffer-live-p (marker-buffer position))
      (with-current-buffer (marker-buffer position)
        (when gptel-mode
          (save-restriction
            (widen)
            (llm-switch-answer-place--draw-nothing
             (llm-switch-answer-facts info position (llm-switch-footer-lines info known))
             (marker-position position))))))))

(defun llm-switch-answer-place--draw-nothing (facts position)
  "Show FACTS of an answer without text, which would stand at POSITION."
  (let* ((lines (append (mapcar #'cdr (plist-get facts :notes)) (plist-get facts :lines)))
         (text (llm-switch-answer-place--lines lines position))
         (line (and (llm-switch-answer-line-used-p (plist-get facts :turns))
                    (llm-switch-answer-place--line facts position))))
    (when-let* ((overlay (llm-switch-footer-put
                          position (string-join (delq nil (list "" line (and lines text))) "\n")
                          'unanswered)))
      (llm-switch-answer-place--arm overlay facts 'after-string))))

(defun llm-switch-answer-place-begin (info)
  "The answer of INFO begins: why there was none before it is not told any more.
What was asked in vain since the last answer is a part of this question.  In
`llm-switch-answer-begun-functions'."
  (let* ((position (plist-get info :position))
         (buffer (marker-buffer position)))
    (when (and (buffer-live-p buffer) (llm-switch-turn-inserted-p info))
      (with-current-buffer buffer
        (save-restriction
          (widen)
          (llm-switch-answer-place--clear
           (or (previous-single-property-change position 'gptel) (point-min)) position
           '(unanswered)))))))

;;; Drawing

(defun llm-switch-answer-place--draw (facts start end)
  "Show FACTS of the answer from START to END."
  (llm-switch-answer-place--clear start end '(footer head note))
  ;; Together where they stand at one place: Emacs would order them as it likes.
  (pcase-dolist (`(,distance . ,notes) (seq-group-by #'car (plist-get facts :notes)))
    (llm-switch-answer-place--note facts (mapcar #'cdr notes) (min (+ start distance) end) end))
  (llm-switch-answer-place--head facts start end)
  (llm-switch-answer-place--foot facts start end))

(defun llm-switch-answer-place--overlay (kind start end)
  "Return a new overlay of KIND from START to END."
  (let ((overlay (make-overlay start end)))
    (overlay-put overlay 'llm-switch-footer kind)
    (overlay-put overlay 'evaporate t)
    overlay))

(defun llm-switch-answer-place--note (facts lines position end)
  "Show LINES, texts, at POSITION in the answer of FACTS that ends at END."
  (let* ((last (= position end))
         (overlay (llm-switch-answer-place--overlay 'note (if last (1- end) position)
                                                    (if last end (1+ position))))
         (before (char-before position))
         (line (concat (unless (memq before '(?\n nil)) "\n")
                       (llm-switch-answer-place--lines lines (overlay-start overlay))
                       (unless last "\n")))
         (place (if last 'after-string 'before-string)))
    (llm-switch-footer-say overlay line place)
    (llm-switch-answer-place--arm overlay facts place)))

(defun llm-switch-answer-place--head (facts start end)
  "Show above or beside the answer from START to END what FACTS has for there.
The mouse on its first line is told the rest."
  (let* ((first (save-excursion (goto-char start) (cons (bolp) (line-end-position))))
         (overlay (llm-switch-answer-place--overlay
                   'head start (min end (max (1+ start) (cdr first)))))
         (line (llm-switch-answer-place--line facts start)))
    (overlay-put overlay 'help-echo #'llm-switch-answer-attempts-hover)
    (when line
      (pcase llm-switch-answer-place
        ('header (llm-switch-footer-say overlay (concat (unless (car first) "\n") line "\n")
                                        'before-string))
        ('margin (overlay-put overlay 'before-string
                              (llm-switch-answer-margin-text
                               (apply #'propertize
                                      (llm-switch-answer-line-short
                                       (plist-get facts :turns)
                                       (1- llm-switch-answer-margin-width))
                                      (llm-switch-answer-place--properties facts)))))))
    (llm-switch-answer-place--arm overlay facts 'before-string)))

(defun llm-switch-answer-place--foot (facts start end)
  "Show below the answer from START to END what FACTS has for there."
  (let* ((lines (plist-get facts :lines))
         (line (and (eq llm-switch-answer-place 'footer)
                    (llm-switch-answer-place--line facts (1- end))))
         (told (and lines (llm-switch-answer-place--lines lines (1- end))))
         (text (string-join (delq nil (list line told)) "\n"))
         (overlay (llm-switch-answer-place--overlay 'footer start end)))
    (overlay-put overlay 'modification-hooks (list #'llm-switch-answer-place--vanish))
    (unless (string-empty-p text)
      (llm-switch-footer-say overlay (if (eq (char-before end) ?\n) text (concat "\n" text)))
      (llm-switch-answer-place--arm overlay facts 'after-string))))

(defun llm-switch-answer-place--line (facts position)
  "Return FACTS as a line at POSITION, or nil where none is wanted."
  (and gptel-mode llm-switch-answer-place
       (llm-switch-answer-line (plist-get facts :turns)
                               (llm-switch-answer-place--width position))))

(defun llm-switch-answer-place--lines (lines position)
  "Return LINES as they are told at POSITION.
Org cuts what is too long for a window; elsewhere the window wraps it."
  (llm-switch-footer-joined
   lines (and truncate-lines (llm-switch-answer-place--width position))))

(defun llm-switch-answer-place--width (position)
  "Return how many columns a line at POSITION may have.
It may be indented, as Org does with what is below a heading."
  (let ((window (get-buffer-window nil t))
        (prefix (get-text-property (max position (point-min)) 'line-prefix)))
    (- (if window (window-max-chars-per-line window) 79)
       (if (stringp prefix) (string-width prefix) 0))))

(defun llm-switch-answer-place--arm (overlay facts string)
  "Let the text of OVERLAY under STRING, a property, answer the mouse with FACTS."
  (overlay-put overlay 'llm-switch-answer facts)
  (when-let* ((text (overlay-get overlay string)))
    (add-text-properties 0 (length text) (llm-switch-answer-place--properties facts) text)))

(defun llm-switch-answer-place--properties (facts)
  "Return the properties of a text that answers the mouse with FACTS."
  (list 'llm-switch-answer facts
        'help-echo #'llm-switch-answer-attempts-hover
        'mouse-face 'highlight
        'keymap llm-switch-answer-attempts-map))

(defun llm-switch-answer-place--clear (start end kinds)
  "Remove what of KINDS is shown between START and END."
  (dolist (overlay (overlays-in start end))
    (when (memq (overlay-get overlay 'llm-switch-footer) kinds)
      (delete-overlay overlay))))

;;; Again

;;;###autoload
(defun llm-switch-answer-redraw ()
  "Show the facts of all answers in this chat anew, in `llm-switch-answer-place'."
  (interactive)
  (save-restriction
    (widen)
    (llm-switch-answer-place--clear (point-min) (point-max) '(footer head note))
    (llm-switch-answer-margin-update)
    (llm-switch-answer-place--draw-all (point-min) (point-max))))

(defun llm-switch-answer-place--draw-all (start end)
  "Show the facts of the answers between START and END."
  (pcase-dolist (`(,facts ,from ,to) (llm-switch-answer-facts-all start end))
    (llm-switch-answer-place--draw facts from to)))

(defun llm-switch-answer-redraw-all ()
  "Show the facts of all answers in all chats anew."
  (dolist (buffer (buffer-list))
    (when (buffer-local-value 'gptel-mode buffer)
      (with-current-buffer buffer (llm-switch-answer-redraw)))))

(defun llm-switch-answer-place--vanish (overlay after start end &rest _)
  "OVERLAY's answer may be about to go, with the text from START to END.
Then an undo shows its facts again.  AFTER is non-nil after the change."
  (when (and (not after) (consp buffer-undo-list)
             (<= start (overlay-start overlay)) (<= (overlay-end overlay) end))
    ;; Where the text comes back it stands where it was.
    (push (list 'apply #'llm-switch-answer-place--draw-all
                (overlay-start overlay) (overlay-end overlay))
          buffer-undo-list)))

(defun llm-switch-answer-place--yanked (facts start end)
  "An answer with FACTS was yanked, from START to END.
A chat shows what is known of it.  A part of an answer is a quotation, and text
elsewhere is the user's: they bear nothing."
  (with-silent-modifications
    (if (not (and gptel-mode (= (- end start) (plist-get facts :length))))
        (remove-list-of-text-properties start end '(llm-switch-answer))
      ;; Two copies are two answers.
      (let ((own (copy-sequence facts)))
        (put-text-property start end 'llm-switch-answer own)
        (llm-switch-answer-place--draw own start end)))))

(defun llm-switch-answer-place-install ()
  "Show the facts of answers in chats from now on."
  (add-to-list 'yank-handled-properties '(llm-switch-answer . llm-switch-answer-place--yanked))
  (add-hook 'llm-switch-answer-begun-functions #'llm-switch-answer-place-begin)
  (add-hook 'llm-switch-answer-ended-functions #'llm-switch-answer-place-show)
  (add-hook 'gptel-mode-hook #'llm-switch-answer-redraw))

(defun llm-switch-answer-place-uninstall ()
  "Undo `llm-switch-answer-place-install'.  What is shown stays."
  (setq yank-handled-properties
        (delete '(llm-switch-answer . llm-switch-answer-place--yanked) yank-handled-properties))
  (remove-hook 'llm-switch-answer-begun-functions #'llm-switch-answer-place-begin)
  (remove-hook 'llm-switch-answer-ended-functions #'llm-switch-answer-place-show)
  (remove-hook 'gptel-mode-hook #'llm-switch-answer-redraw))

(provide 'llm-switch-answer-place)
;;; llm-switch-answer-place.el ends here
