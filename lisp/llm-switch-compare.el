;;; llm-switch-compare.el --- Which of these is best for me?  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What is to be asked, whom, and what all answers together may cost.  The
;; answers come side by side or one below the other: see
;; llm-switch-compare-screen.el.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-comparison)
(require 'llm-switch-compare-screen)

;;; Options

(defcustom llm-switch-compare-names nil
  "Whom `llm-switch-compare' offers to ask first: a list of names.
They are names of routes, modes and deployments as `llm-switch-backend' offers
them.  Once something was compared, the same ones are offered again."
  :group 'llm-switch
  :type '(repeat string))

(defcustom llm-switch-compare-cap "0.10"
  "What all answers of a comparison may cost together, in dollars as text.
It is offered each time before anything is sent, and can be changed then."
  :group 'llm-switch
  :type 'string)

(defvar llm-switch-compare--last nil
  "The names that were compared last.")

;;; What

(defun llm-switch-compare-question ()
  "Return where the last question of this chat ends, or nil if there is none.
The value is (POSITION . TURN): TURN is the turn of its answer, as
`llm-switch-turn' gives it, or nil where nobody has answered yet."
  (save-excursion
    (save-restriction
      (widen)
      (let* ((turn (llm-switch-compare--unprefixed (ignore-error user-error (llm-switch-turn))))
             (open (llm-switch-compare--open-p (or (plist-get turn :end) (point-min)))))
        (goto-char (if open (point-max) (or (plist-get turn :start) (point-min))))
        (skip-chars-backward " \t\r\n")
        (unless (bobp) (cons (point) (unless open turn)))))))

(defun llm-switch-compare--unprefixed (turn)
  "Return TURN without what gptel writes before the next question.
Version 0.9.9.3 lets the mark at the end of an answer move behind that."
  (let* ((prefix (concat gptel-response-separator (gptel-prompt-prefix-string)))
         (end (and turn (- (plist-get turn :end) (length prefix)))))
    (if (and end
             (>= end (plist-get turn :start))
             (equal prefix (buffer-substring-no-properties end (plist-get turn :end))))
        (cl-list* :end end turn)
      turn)))

(defun llm-switch-compare--open-p (from)
  "Return non-nil if there is a question behind FROM, and not only its prefix."
  (let ((text (string-trim (buffer-substring-no-properties from (point-max))))
        (prefix (string-trim (gptel-prompt-prefix-string))))
    (not (string-empty-p (string-trim (string-remove-prefix prefix text))))))

(defun llm-switch-compare--subject (argument)
  "Return what is compared here, a plist (:prompt :position :purpose :about).
That is the region, the last question of a chat, or a prompt that is read;
with ARGUMENT non-nil, a prompt.  :about says it in words."
  (let ((question (and gptel-mode (llm-switch-compare-question))))
    (cond ((and (use-region-p) (not argument))
           (list :prompt (buffer-substring-no-properties (region-beginning) (region-end))
                 :purpose (if gptel-mode "chat" "rewrite") :about "the region"))
          ((and question (not argument))
           (llm-switch-comparison-check-visible (car question))
           (list :position (copy-marker (car question)) :purpose "chat"
                 :about "the last question"))
          (t (list :prompt (llm-switch-compare--read-prompt) :purpose "chat"
                   :about "a prompt")))))

(defun llm-switch-compare--read-prompt ()
  "Read a prompt, of which no history is kept: savehist would write it to a file."
  (let ((prompt (read-string "Prompt to compare with: " nil t)))
    (when (string-blank-p prompt) (user-error "There is nothing to ask"))
    prompt))

;;; Whom

(defun llm-switch-compare--read-names (about)
  "Read whom to ask ABOUT, a text: a list of names."
  (let* ((rows (llm-switch-choices-named (llm-switch-choices)))
         (known (lambda (name) (assoc name rows)))
         (usual (seq-filter known (or llm-switch-compare--last llm-switch-compare-names)))
         (default (string-join usual ",")))
    (seq-uniq
     (completing-read-multiple
      (format-prompt "Compare with %s (names with commas between them)"
                     (unless (string-empty-p default) default) about)
      (llm-switch-choices-table rows) nil t nil 'llm-switch-backend-history default))))

;;; For how much

(defun llm-switch-compare--read-total (comparison usual)
  "Read what COMPARISON may cost, dollars as text; USUAL is offered.
Where nothing is metered nobody is asked, and nothing may be spent."
  (if (seq-some #'llm-switch-comparison-metered-p (llm-switch-comparison-candidates comparison))
      (llm-switch-cap-check
       (string-trim (read-string (llm-switch-compare--estimate comparison usual) nil nil usual)))
    "0"))

(defun llm-switch-compare--estimate (comparison usual)
  "Return a prompt with what COMPARISON would cost; USUAL is the default."
  (pcase-let ((`(,likely . ,most) (llm-switch-comparison-cost comparison)))
    (concat
     (mapconcat #'llm-switch-compare--estimate-line
                (llm-switch-comparison-candidates comparison) "")
     (format "All together %s.  "
             (llm-switch-preview-money (list :likely likely :most most)))
     (format-prompt "No more than, in dollars" usual))))

(defun llm-switch-compare--estimate-line (candidate)
  "Return a line with what CANDIDATE would cost."
  (let* ((preview (llm-switch-candidate-preview candidate))
         (cost (plist-get preview :cost)))
    (format "  %s  %s\n" (llm-switch-candidate-name candidate)
            (cond ((null preview) "nobody can be asked")
                  ((not (llm-switch-comparison-metered-p candidate)) (plist-get preview :payer))
                  (t (llm-switch-preview-money cost))))))

;;; Command

;;;###autoload
(defun llm-switch-compare (names subject &optional total)
  "Ask NAMES the same and show their answers side by side.
What is asked is the region; else the last question of this chat with all that
goes before it, whether it was answered or not; else, and with a prefix
argument, a prompt that is read.  NAMES are those of routes, modes and
deployments.

Before anything is sent it is shown what the answers will probably and at most
cost, and asked what all of them together may: that is a hard cap.

Called from Lisp, SUBJECT is a plist with :prompt, a text, or :position, where
the question of a chat ends; :purpose, for what the answers are compared; and
:about, what is compared, in words.  TOTAL is the cap in dollars as text; nil
asks for it."
  (interactive
   (progn (require 'llm-switch-gptel)
          (let ((subject (llm-switch-compare--subject current-prefix-arg)))
            (list (llm-switch-compare--read-names (plist-get subject :about)) subject))))
  (when (null (cdr names)) (user-error "A comparison needs two names or more"))
  (when llm-switch-compare-screen-main
    (user-error "This shows a comparison, which g asks again; ask something else elsewhere"))
  (let ((comparison (llm-switch-comparison-make
                     (plist-get subject :prompt) names
                     :position (plist-get subject :position)
                     :purpose (plist-get subject :purpose))))
    (setq llm-switch-compare--last names
          total (or total (llm-switch-compare--read-total comparison llm-switch-compare-cap)))
    (llm-switch-compare-screen comparison subject (llm-switch-compare--again comparison names subject)
                               total)))

(defun llm-switch-compare--again (comparison names subject)
  "Return a function to ask NAMES again about SUBJECT, as in COMPARISON."
  (lambda ()
    (let ((buffer (llm-switch-comparison-buffer comparison)))
      (unless (buffer-live-p buffer)
        (user-error "The buffer that it was asked from is gone"))
      (with-current-buffer buffer (llm-switch-compare names subject)))))

(provide 'llm-switch-compare)
;;; llm-switch-compare.el ends here
