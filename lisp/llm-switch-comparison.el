;;; llm-switch-comparison.el --- The same question to several at once  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Several routes, modes or deployments are asked the same, and each is heard
;; apart from the others.  There is no screen here: `llm-switch-compare' is one,
;; and whoever wants another calls
;;
;;   (llm-switch-comparison-run PROMPT NAMES :total "0.05"
;;                              :hear FUNCTION :ended FUNCTION)
;;
;; or first `llm-switch-comparison-make', to show what it would cost, and then
;; `llm-switch-comparison-start'.
;;
;; What all answers together may cost is divided before anything is sent: the
;; shares add up to no more than the total, and the module lets no request cost
;; more than its share.  So the total holds whatever the answers do, without
;; anybody waiting for anybody.
;;
;; Tools are not used: they would be run once for each candidate, and an answer
;; that asks for one is none that can be compared.

;;; Code:

(require 'cl-lib)
(require 'llm-switch-candidate)
(require 'llm-switch-cap)
(require 'llm-switch-comparison-shares)
(require 'llm-switch-gptel)
(require 'llm-switch-preview)
(require 'seq)

(declare-function gptel-org--send-with-props "gptel-org" (send-fun &rest args))

(cl-defstruct (llm-switch-comparison (:constructor llm-switch-comparison--make) (:copier nil))
  "The same question to several at once.
CANDIDATES are those who are asked; BUFFER is where they are asked from.  PURPOSE
is for what they are compared, and PROJECT the folder for which, or nil.  TOTAL is
what all may cost, in dollars as text, or nil.  HEAR and ENDED are as
`llm-switch-comparison-start' takes them; WATCH is called when BUFFER is killed."
  candidates buffer purpose project total hear ended watch)

;;; Make

(cl-defun llm-switch-comparison-make
    (prompt names &key system schema position (purpose "chat")
            (transforms gptel-prompt-transform-functions))
  "Return a comparison in which NAMES would be asked PROMPT; nothing is sent.
PROMPT is a string, a list of turns as `gptel-request' takes it, or nil for the
text of the current buffer up to POSITION, by default point: what a narrowed
buffer hides is not sent, and POSITION must not be there.  NAMES are names of
routes, modes and deployments as `llm-switch-backend' offers them.  Modes, pins,
the chat's cap and gptel's options are those of the current buffer.  SYSTEM is
the system prompt, `none' for none, by default the one that holds here; SCHEMA
is the form of all answers, as `gptel-request' takes it.  PURPOSE is for what
they are compared, such as \"chat\" or \"org\", and votes are summed by it.
TRANSFORMS are gptel's prompt transforms.

What each would cost is in its PREVIEW then, which is nil where nobody can be
asked.  Waits for the prompts to be made."
  (when position (llm-switch-comparison-check-visible position))
  (let ((comparison (llm-switch-comparison--make
                     :candidates (mapcar #'llm-switch-candidate-named names)
                     :buffer (current-buffer) :purpose purpose
                     :project (llm-switch-project-folder)))
        (modes (llm-switch-modes-of-request)))
    (dolist (candidate (llm-switch-comparison-candidates comparison) comparison)
      (let ((wish (llm-switch-candidate-wish candidate)))
        ;; As it is now: a mode that holds once would hold for the first only.
        (setf (llm-switch-candidate-wish candidate)
              (append wish (if wish (list :pins (or (plist-get modes :pins) [])) modes))))
      (setf (llm-switch-candidate-fsm candidate)
            (save-excursion
              (when position (goto-char position))
              (llm-switch-comparison--with-properties
               prompt #'llm-switch-comparison--dry-run
               comparison candidate prompt transforms
               (llm-switch-comparison--arguments system schema))))
      (setf (llm-switch-candidate-preview candidate)
            (llm-switch-comparison--preview candidate)))))

(defun llm-switch-comparison-check-visible (position)
  "Signal an error if POSITION is hidden by narrowing.
What goes before it would else be another question."
  (unless (<= (point-min) position (point-max))
    (user-error "The question is outside of what this buffer is narrowed to")))

(defun llm-switch-comparison--with-properties (prompt function &rest arguments)
  "Call FUNCTION with ARGUMENTS, where PROMPT nil is the text up to point.
The properties of Org that hold there hold for it then, as for `gptel-send'."
  (apply (if (and (null prompt) (derived-mode-p 'org-mode) (require 'gptel-org nil t))
             #'gptel-org--send-with-props
           #'funcall)
         function arguments))

(defun llm-switch-comparison--arguments (system schema)
  "Return the arguments of `gptel-request' for SYSTEM and SCHEMA, a plist."
  ;; gptel writes into a schema, and each candidate has to get it as it is.
  (append (when schema (list :schema (copy-tree schema t)))
          (pcase system
            ('nil nil)
            ('none '(:system nil))
            (text (list :system text)))))

(defun llm-switch-comparison--dry-run (comparison candidate prompt transforms arguments)
  "Return gptel's state machine to ask CANDIDATE of COMPARISON, not yet sent.
PROMPT and TRANSFORMS are those of `llm-switch-comparison-make'; ARGUMENTS are
further ones of `gptel-request'."
  (let* ((asked (llm-switch-candidate-asked candidate))
         (backend (llm-switch-gptel-make-backend (list asked)))
         (model (llm-switch-gptel-model asked))
         (stay (lambda () (llm-switch-comparison--stay backend model)))
         (mark-active nil))
    (cl-letf ((gptel-backend backend)
              (gptel-model model)
              (gptel-stream t)
              (gptel-use-tools nil))
      (apply #'gptel-request prompt
             :stream t :dry-run t
             :transforms (append transforms (list stay))
             :context (list :llm-switch (llm-switch-candidate-wish candidate)
                            :purpose "compare" :aside t :quiet t)
             :callback (lambda (response info &optional _raw)
                         (llm-switch-comparison--hear comparison candidate response info))
             arguments))))

(defun llm-switch-comparison--stay (backend model)
  "Let BACKEND and MODEL answer, and no tool be called, in this prompt buffer.
A preset that the prompt names may have wanted something else."
  (setq-local gptel-backend backend
              gptel-model model
              gptel-use-tools nil))

(defun llm-switch-comparison--preview (candidate)
  "Return the answer of cost.preview about CANDIDATE, or nil."
  (let ((request (llm-switch-preview-encode (llm-switch-candidate-fsm candidate))))
    (condition-case nil
        (llm-switch-call "cost.preview" `(:request ,request))
      ;; Why is said in its place when it is asked, as with all that is refused.
      (llm-switch-error nil))))

;;; Money

(defun llm-switch-comparison-metered-p (candidate)
  "Return non-nil if CANDIDATE may cost money by the token."
  (eq (plist-get (llm-switch-candidate-preview candidate) :metered) t))

(defun llm-switch-comparison-cost (comparison)
  "Return what COMPARISON would cost in pico-dollars: (LIKELY . MOST).
Either is nil where it is not known."
  (let ((metered (seq-filter #'llm-switch-comparison-metered-p
                             (llm-switch-comparison-candidates comparison))))
    (cons (llm-switch-comparison--sum metered :likely)
          (llm-switch-comparison--sum metered :most))))

(defun llm-switch-comparison--sum (candidates key)
  "Return the sum of what CANDIDATES cost by KEY, or nil if one is not known."
  (let ((costs (mapcar (lambda (it) (llm-switch-comparison--cost it key)) candidates)))
    (unless (memq nil costs) (apply #'+ costs))))

(defun llm-switch-comparison--cost (candidate key)
  "Return what CANDIDATE costs by KEY, :likely or :most, in pico-dollars or nil."
  (plist-get (plist-get (llm-switch-candidate-preview candidate) :cost) key))

(defun llm-switch-comparison-spent (comparison)
  "Return what COMPARISON has cost so far: (PICO-DOLLARS . UNKNOWN).
UNKNOWN is the number of answers whose cost is not known."
  (let ((costs (mapcar #'llm-switch-candidate-spent
                       (llm-switch-comparison-candidates comparison))))
    (cons (apply #'+ (delq nil (copy-sequence costs))) (seq-count #'null costs))))

(defun llm-switch-comparison-divide (comparison total)
  "Give each candidate of COMPARISON its share of TOTAL, dollars as text or nil.
What the chat may still cost is a limit to all of them together, too."
  (let* ((candidates (llm-switch-comparison-candidates comparison))
         (total (with-current-buffer (llm-switch-comparison-buffer comparison)
                  (plist-get (llm-switch-cap-of-request total) :max-cost)))
         (needs (mapcar (lambda (it)
                          ;; One whose costs are not even foreseen is refused.
                          (if (llm-switch-comparison-metered-p it)
                              (llm-switch-comparison--cost it :most)
                            0))
                        candidates)))
    (setf (llm-switch-comparison-total comparison) total)
    (when total
      (cl-mapc #'llm-switch-comparison--allow candidates
               (llm-switch-comparison-shares needs (llm-switch-cap-pico total))))))

(defun llm-switch-comparison--allow (candidate share)
  "Let CANDIDATE cost SHARE, in pico-dollars, and no more."
  (setf (llm-switch-candidate-share candidate) share)
  (let ((context (plist-get (gptel-fsm-info (llm-switch-candidate-fsm candidate)) :context)))
    (plist-put context :llm-switch
               (append (list :max-cost (llm-switch-cap-dollars share))
                       (plist-get context :llm-switch)))))

;;; Ask

(defun llm-switch-comparison-start (comparison &optional total hear ended)
  "Ask all candidates of COMPARISON, which `llm-switch-comparison-make' gave.
All of them together cost no more than TOTAL, dollars as text; nil is no limit.
HEAR is called with a candidate and the text that came from it, or with nil
when it is in another state.  ENDED is called with COMPARISON when nothing more
comes.  Both are called from within events and must not wait.
Return COMPARISON."
  (setf (llm-switch-comparison-hear comparison) (or hear #'ignore)
        (llm-switch-comparison-ended comparison) (or ended #'ignore))
  (llm-switch-comparison-divide comparison total)
  (llm-switch-comparison--watch comparison)
  (dolist (candidate (llm-switch-comparison-candidates comparison) comparison)
    (setf (llm-switch-candidate-begun candidate) (current-time))
    (gptel--fsm-transition (llm-switch-candidate-fsm candidate))))

(defun llm-switch-comparison--watch (comparison)
  "End COMPARISON when the buffer it was asked from is killed.
Its events are not heard any more then."
  (let ((watch (lambda () (llm-switch-comparison-abandon comparison))))
    (setf (llm-switch-comparison-watch comparison) watch)
    (with-current-buffer (llm-switch-comparison-buffer comparison)
      (add-hook 'kill-buffer-hook watch nil t))))

(defun llm-switch-comparison--unwatch (comparison)
  "COMPARISON has ended: nothing is to be done when its buffer is killed."
  (let ((buffer (llm-switch-comparison-buffer comparison)))
    (when (buffer-live-p buffer)
      (with-current-buffer buffer
        (remove-hook 'kill-buffer-hook (llm-switch-comparison-watch comparison) t)))))

(cl-defun llm-switch-comparison-run (prompt names &key system position (purpose "chat") total
                                            hear ended)
  "Ask NAMES the same PROMPT now, and return the comparison.
The arguments are those of `llm-switch-comparison-make' and
`llm-switch-comparison-start'."
  (llm-switch-comparison-start
   (llm-switch-comparison-make prompt names :system system :position position
                               :purpose purpose)
   total hear ended))

(defun llm-switch-comparison-over-p (comparison)
  "Return non-nil if nothing more comes in COMPARISON."
  (seq-every-p #'llm-switch-candidate-over-p (llm-switch-comparison-candidates comparison)))

(defun llm-switch-comparison-cancel (candidate)
  "Ask CANDIDATE no more; that it has ended is heard soon.
Return nil if it had ended already."
  (unless (llm-switch-candidate-over-p candidate)
    (llm-switch-gptel-cancel (llm-switch-candidate-fsm candidate))))

(defun llm-switch-comparison-cancel-all (comparison)
  "Ask nobody of COMPARISON any more; return how many were cancelled."
  (seq-count #'llm-switch-comparison-cancel (llm-switch-comparison-candidates comparison)))

(defun llm-switch-comparison-abandon (comparison)
  "Ask nobody of COMPARISON any more, as nobody can hear it."
  (dolist (candidate (llm-switch-comparison-candidates comparison))
    (unless (llm-switch-candidate-over-p candidate)
      ;; Its last event may find nobody any more.
      (llm-switch-comparison-cancel candidate)
      (llm-switch-comparison--end comparison candidate 'cancelled))))

;;; Hear

(defconst llm-switch-comparison--tool-called
  "it asked for a tool, and comparisons offer none.  Ask it alone, as in a chat"
  "Why an answer that calls a tool has failed.")

(defun llm-switch-comparison--hear (comparison candidate response info)
  "Take note of RESPONSE of CANDIDATE in COMPARISON, with gptel's INFO."
  (unless (llm-switch-candidate-over-p candidate)
    (setf (llm-switch-candidate-known candidate) (plist-get info :llm-switch)
          (llm-switch-candidate-fallbacks candidate) (plist-get info :llm-switch-fallbacks))
    (pcase response
      ((pred stringp) (llm-switch-comparison--take comparison candidate response))
      (`(reasoning . ,_) (llm-switch-comparison--move comparison candidate 'thinking))
      ('t (llm-switch-comparison--conclude comparison candidate info))
      ('nil (llm-switch-comparison--fail comparison candidate (plist-get info :error)))
      ('abort (llm-switch-comparison--end comparison candidate 'cancelled)))))

(defun llm-switch-comparison--conclude (comparison candidate info)
  "The answer of CANDIDATE in COMPARISON has come to its end, with gptel's INFO.
One that calls a tool has none that can be compared."
  (if (not (plist-get info :tool-use))
      (llm-switch-comparison--end comparison candidate 'done)
    ;; Else gptel would answer that there is no such tool, and ask again.
    (plist-put info :tool-use nil)
    (llm-switch-comparison--fail comparison candidate
                                 (list :message llm-switch-comparison--tool-called))))

(defun llm-switch-comparison--take (comparison candidate text)
  "Take note of TEXT that came from CANDIDATE in COMPARISON."
  (push text (llm-switch-candidate-pieces candidate))
  (llm-switch-comparison--move comparison candidate 'streaming)
  (funcall (llm-switch-comparison-hear comparison) candidate text))

(defun llm-switch-comparison--move (comparison candidate state)
  "CANDIDATE of COMPARISON is in STATE now, if it was not before."
  (unless (llm-switch-candidate-first candidate)
    (setf (llm-switch-candidate-first candidate) (current-time)))
  (unless (eq (llm-switch-candidate-state candidate) state)
    (setf (llm-switch-candidate-state candidate) state)
    (funcall (llm-switch-comparison-hear comparison) candidate nil)))

(defun llm-switch-comparison--fail (comparison candidate error)
  "CANDIDATE of COMPARISON has ended with ERROR, as gptel has it."
  (let ((kind (plist-get error :type)))
    (setf (llm-switch-candidate-problem candidate)
          (or (llm-switch-comparison--too-little comparison candidate)
              (plist-get error :message)
              (format "%s" error)))
    (llm-switch-comparison--end comparison candidate
                                (if (equal kind "cancelled") 'cancelled 'failed))))

(defun llm-switch-comparison--too-little (comparison candidate)
  "Return what is said if CANDIDATE has too little of COMPARISON's total, or nil.
The module knows of no total, and tells of a limit that nobody typed."
  (let ((known (llm-switch-candidate-known candidate))
        (share (llm-switch-candidate-share candidate)))
    (when (and share (string-search "max-cost" (or (plist-get known :advice) "")))
      (format "%s: %s.  Its share of $%s for all %d answers is $%s: %s, %s"
              (or (plist-get known :place) (llm-switch-candidate-asked candidate))
              (plist-get known :what)
              (llm-switch-comparison-total comparison)
              (length (llm-switch-comparison-candidates comparison))
              (llm-switch-comparison--plain-dollars share)
              (if (equal (llm-switch-comparison-purpose comparison) "org") "raise :max-cost"
                "enter a larger total")
              "ask fewer, or set a smaller output limit"))))

(defun llm-switch-comparison--plain-dollars (pico)
  "Return PICO pico-dollars as a string of dollars without zeros at its end."
  (replace-regexp-in-string (rx (? ".") (+ "0") eos) "" (llm-switch-cap-dollars pico)))

(defun llm-switch-comparison--end (comparison candidate state)
  "CANDIDATE of COMPARISON has ended, in STATE."
  (setf (llm-switch-candidate-state candidate) state)
  (funcall (llm-switch-comparison-hear comparison) candidate nil)
  (when (llm-switch-comparison-over-p comparison)
    (llm-switch-comparison--unwatch comparison)
    (funcall (llm-switch-comparison-ended comparison) comparison)))

(provide 'llm-switch-comparison)
;;; llm-switch-comparison.el ends here
