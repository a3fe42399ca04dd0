;;; llm-switch-org-request.el --- The request of an org block  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A block asks through `gptel-request', with our backend: so presets, gptel's
;; context and tools, and our modes, pins, adoption and budgets hold as in a chat.
;; The header arguments are gptel's variables for the time of the call.
;;
;; Right before each turn is sent it is looked at once more: a preset that the text
;; names may have led to a backend that keeps no limit and no ledger, and :max-cost
;; holds for all turns of tools together.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-answer)
(require 'llm-switch-cap)
(require 'llm-switch-gptel)
(require 'llm-switch-preview)
(require 'llm-switch-turn)
(require 'seq)

;;; Who is asked

(defun llm-switch-org-request--model (wants)
  "Return the model of our backend that WANTS asks for, or nil for this buffer's."
  (let ((name (or (plist-get wants :model) (plist-get wants :route)
                  (llm-switch-org-request--of-mode (plist-get wants :mode)))))
    (cond (name (llm-switch-gptel-model name))
          ((llm-switch-turn-ours-p) nil)
          ((plist-get wants :preset)
           (user-error "Header argument :preset: %s asks gptel's backend %s, which is not of \
llm-switch; name one with :model, or adopt it with M-x llm-switch-mode"
                       (plist-get wants :preset) (gptel-backend-name gptel-backend)))
          (t (llm-switch-gptel-model llm-switch-gptel--any)))))

(defun llm-switch-org-request--of-mode (mode)
  "Return who answers in the mode called MODE: its route, or any."
  (when mode
    (or (plist-get (llm-switch-modes-row mode) :route) llm-switch-gptel--any)))

(defun llm-switch-org-request-who (wants)
  "Return who is asked by a block of WANTS, in words."
  (or (when-let* ((names (plist-get wants :compare))) (string-join names ", "))
      (plist-get wants :model) (plist-get wants :route)
      (when-let* ((mode (plist-get wants :mode))) (format "mode %s" mode))
      (when-let* ((preset (plist-get wants :preset))) (format "preset %s" preset))
      (if (llm-switch-turn-ours-p)
          (llm-switch-gptel-current)
        (format "mode %s" (or (car (llm-switch-modes-here)) "by default")))))

;;; Ask

(defun llm-switch-org-request (wants prompt callback ended &optional whole)
  "Ask PROMPT, a list of texts, as WANTS has it; return gptel's state machine.
CALLBACK gets what comes, as that of `gptel-request'; ENDED is called with the
state machine when nothing more does.  WHOLE keeps the answer from being
streamed."
  (llm-switch-org-request-with-preset
   (plist-get wants :preset)
   (lambda ()
     (llm-switch-org-request--with
      wants
      (lambda ()
        (apply #'gptel-request prompt
               :callback callback
               :stream (and (not whole) gptel-stream)
               :position (point-marker)
               :context (llm-switch-org-request--context wants)
               :schema (copy-tree (plist-get wants :schema) t)
               :dry-run (eq (plist-get wants :dry-run) 'yes)
               :transforms gptel-prompt-transform-functions
               :fsm (llm-switch-org-request--machine ended)
               (llm-switch-org-request--system wants)))))))

(defun llm-switch-org-request--system (wants)
  "Return the argument of `gptel-request' for the system prompt of WANTS, if any.
The variable behind it has another name in each version of gptel."
  (pcase (plist-get wants :system)
    ('nil nil)
    ('none '(:system nil))
    (text (list :system text))))

(defun llm-switch-org-request--context (wants)
  "Return what `llm-switch-turn-context' gives of a request of WANTS.
Its :most is what all turns of it may cost, in dollars as text, or nil."
  (list :llm-switch
        (append (when-let* ((mode (plist-get wants :mode))) (list :mode mode))
                (when-let* ((most (plist-get wants :max-cost))) (list :max-cost most)))
        :most (plist-get wants :max-cost) :purpose "org" :aside t))

(defun llm-switch-org-request--machine (ended)
  "Return a state machine of gptel, to call ENDED with itself at its end."
  (let ((end (lambda (fsm)
               (funcall ended fsm)
               ;; gptel 0.9.9.3 has none.
               (when (fboundp 'gptel--handle-post) (gptel--handle-post fsm)))))
    (gptel-make-fsm
     :handlers `((WAIT ,#'llm-switch-org-request--send)
                 ,@(mapcar (lambda (state) (list state end)) '(DONE ERRS ABRT))
                 ,@gptel-request--handlers))))

(defun llm-switch-org-request--send (fsm)
  "Send the turn of FSM as gptel would, if it is for our backend."
  (if-let* ((why (llm-switch-org-request--objection fsm)))
      (progn (llm-switch-gptel--complete-info fsm)
             (llm-switch-answer-fail fsm (list 'llm-switch) (list :kind "refused" :message why)))
    (llm-switch-org-request--limit fsm)
    (dolist (handler (cdr (assq 'WAIT gptel-request--handlers)))
      (funcall handler fsm))))

(defun llm-switch-org-request--objection (fsm)
  "Return why FSM must not be sent, a text, or nil: its backend is none of ours."
  (let ((backend (plist-get (gptel-fsm-info fsm) :backend)))
    (unless (llm-switch-gptel-p backend)
      (format "a preset that the question names asks gptel's backend %s, which is not of \
llm-switch, so nothing is sent; take the preset out, or adopt the backend with M-x llm-switch-mode"
              (gptel-backend-name backend)))))

(defun llm-switch-org-request--limit (fsm)
  "Let what FSM sends next cost no more than is left of its limit."
  (let* ((info (gptel-fsm-info fsm))
         (context (plist-get info :context))
         (most (plist-get context :most)))
    (when most
      (plist-put (plist-get context :llm-switch) :max-cost
                 (llm-switch-org-request--left most (plist-get info :llm-switch-turns))))))

(defun llm-switch-org-request--left (most turns)
  "Return what is left of MOST, dollars as text, as such text.
That is what TURNS, the ends of those so far, have not cost.  One whose
cost is not known may have used all of it."
  (let ((costs (mapcar #'llm-switch-org-request--cost turns)))
    (cond ((null turns) most)
          ((memq nil costs) "0")
          (t (llm-switch-cap-dollars
              (max 0 (- (llm-switch-cap-pico most) (apply #'+ costs))))))))

(defun llm-switch-org-request--cost (turn)
  "Return what TURN cost with all its attempts, pico-dollars; nil if unknown.
What is free or covered by a plan takes nothing of a limit."
  (let* ((cost (plist-get turn :cost))
         (own (plist-get cost :amount))
         (before (- (or (plist-get turn :request-cost) own 0) (or own 0))))
    (if (member (plist-get cost :basis) '(nil "free" "plan"))
        before
      (and own (+ own before)))))

(defun llm-switch-org-request-with-preset (preset function)
  "Call FUNCTION with gptel's PRESET applied, if it is non-nil."
  (if preset
      (gptel-with-preset preset (funcall function))
    (funcall function)))

(defun llm-switch-org-request--with (wants function)
  "Call FUNCTION with gptel's variables as WANTS has them."
  (let* ((model (llm-switch-org-request--model wants))
         (gptel-model (or model gptel-model))
         (gptel-backend (if model
                            (llm-switch-gptel-make-backend
                             (list (llm-switch-gptel-deployment model)))
                          gptel-backend)))
    (llm-switch-org-request-with-options wants function)))

(defun llm-switch-org-request-with-options (wants function)
  "Call FUNCTION with those variables of gptel as WANTS has them that name nobody."
  (let* ((files (seq-filter #'stringp (plist-get wants :context)))
         (tools (plist-get wants :tools))
         (gptel-temperature (or (plist-get wants :temperature) gptel-temperature))
         (gptel-max-tokens (or (plist-get wants :max-tokens) gptel-max-tokens))
         (gptel-context (append files gptel-context))
         (gptel-use-context (if files (or gptel-use-context 'user) gptel-use-context))
         (gptel-tools (if (consp tools) tools gptel-tools))
         (gptel-use-tools (pcase tools ('none nil) ('nil gptel-use-tools)
                                 (_ (or gptel-use-tools t))))
         (gptel-stream (pcase (plist-get wants :stream) ('yes t) ('no nil) (_ gptel-stream)))
         ;; A notebook holds answers, and the end of this converter is only told in chats.
         (gptel-include-reasoning nil)
         (gptel-org-convert-response nil))
    (when files (require 'gptel-context))
    (funcall function)))

;;; Dry run

(defun llm-switch-org-request-dry (wants prompt)
  "Return the request of PROMPT and WANTS as JSON text; nothing is sent."
  (let ((fsm (llm-switch-org-request wants prompt #'ignore #'ignore)))
    (llm-switch-preview-wait fsm)
    (when-let* ((why (llm-switch-org-request--objection fsm))) (user-error "%s" why))
    (llm-switch-gptel--encode (gptel-fsm-info fsm))))

;;; End

(defun llm-switch-org-request-ended-p (fsm)
  "Return non-nil if the request of FSM has come to its end."
  (memq (gptel-fsm-state fsm) '(DONE ERRS ABRT)))

(defun llm-switch-org-request-cancel (fsm)
  "Cancel the request of FSM; that it has ended, and at what cost, is heard soon."
  ;; Between two turns of tools nothing is under way.
  (unless (llm-switch-gptel-cancel fsm)
    (llm-switch-org-request-abort fsm)))

(defun llm-switch-org-request-abort (fsm)
  "End the request of FSM at once, as `gptel-abort' does: nobody is to hear of it."
  (unless (llm-switch-org-request-ended-p fsm)
    (let ((entry (cl-find fsm gptel--request-alist :key #'cadr)))
      (when entry
        (setq gptel--request-alist (delq entry gptel--request-alist))
        (funcall (cddr entry))))
    (gptel--fsm-transition fsm 'ABRT)))

(defun llm-switch-org-request-wait (fsm)
  "Wait for the end of the request of FSM; quitting cancels it."
  (unwind-protect
      (while (not (llm-switch-org-request-ended-p fsm)) (accept-process-output nil 0.05))
    (llm-switch-org-request-abort fsm)))

;;; Tools

(defun llm-switch-org-request-hear (response info)
  "Do what RESPONSE of the request of INFO asks for that is no text."
  (pcase response
    (`(tool-call . ,calls) (llm-switch-org-request--confirm calls info))))

(defun llm-switch-org-request--confirm (calls info)
  "Have it confirmed that tools may run, for the request of INFO.
What is to run stands in CALLS, as gptel gives it to a callback."
  (if noninteractive
      (dolist (call calls)
        (funcall (nth 2 call) "Error: this tool needs a confirmation, and nobody can be asked"))
    ;; Not from within the event.
    (run-at-time 0 nil #'gptel--display-tool-calls calls info 'minibuffer)))

(provide 'llm-switch-org-request)
;;; llm-switch-org-request.el ends here
