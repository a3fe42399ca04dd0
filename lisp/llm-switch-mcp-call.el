;;; llm-switch-mcp-call.el --- gptel calls a tool of an MCP server  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel hands a function its declared arguments only, and no word of the
;; request.  So the function that runs tools is advised to note which request
;; runs which calls: its record has the arguments as the model wrote them, and
;; makes `gptel-abort' find the call.
;;
;; What gptel shows in the chat to have a call confirmed is used where the call
;; needs it and no rule decides; where gptel is told to confirm nothing, the
;; module asks.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-mcp-place)
(require 'seq)
(require 'subr-x)

(declare-function llm-switch-mcp-tools-row "llm-switch-mcp-tools" (name))
(declare-function llm-switch-mcp-tools-args "llm-switch-mcp-tools" (row))

;;; Which request

(defvar llm-switch-mcp-call--running nil
  "The request of gptel's whose tools are being run.")

(defvar llm-switch-mcp-call--noted nil
  "Calls that wait for the user to confirm them: ((NAME . VALUES) FSM CALL).")

(defun llm-switch-mcp-call--note (run fsm)
  "Let RUN run the tools of FSM, and note those that wait for the user.
Advice around it."
  (let ((llm-switch-mcp-call--running fsm))
    (setq llm-switch-mcp-call--noted
          (seq-remove (lambda (noted) (eq (cadr noted) fsm)) llm-switch-mcp-call--noted))
    (funcall run fsm)
    (dolist (call (plist-get (gptel-fsm-info fsm) :tool-use))
      (when-let* ((tool (and (llm-switch-mcp-call--waits-p call)
                             (llm-switch-mcp-call--tool fsm (plist-get call :name)))))
        (push (list (cons (plist-get call :name)
                          (gptel--map-tool-args tool (plist-get call :args)))
                    fsm call)
              llm-switch-mcp-call--noted)))))

(defun llm-switch-mcp-call--waits-p (call)
  "Return non-nil if CALL, an element of gptel's :tool-use, is not yet run."
  (not (or (plist-get call :result) (plist-get call :llm-switch-begun))))

(defun llm-switch-mcp-call--tool (fsm name)
  "Return the tool of an MCP server that is called NAME in FSM, or nil."
  (and (string-prefix-p "mcp__" name)
       (seq-find (lambda (tool) (equal (gptel-tool-name tool) name))
                 (plist-get (gptel-fsm-info fsm) :tools))))

(defun llm-switch-mcp-call--in (fsm name values)
  "Return the call of the tool NAME with VALUES in FSM that is not yet run."
  (when-let* ((tool (llm-switch-mcp-call--tool fsm name)))
    (seq-find (lambda (call)
                (and (equal (plist-get call :name) name)
                     (llm-switch-mcp-call--waits-p call)
                     (equal (gptel--map-tool-args tool (plist-get call :args)) values)))
              (plist-get (gptel-fsm-info fsm) :tool-use))))

(defun llm-switch-mcp-call--take (name values)
  "Return (FSM CALL GRANTED) for the call of the tool NAME with VALUES.
What gptel runs by itself nobody has granted; what it left to the user, it runs
when they have.  FSM and CALL are nil where no request of gptel's calls."
  (if-let* ((fsm llm-switch-mcp-call--running))
      (list fsm (llm-switch-mcp-call--in fsm name values) nil)
    (when-let* ((noted (assoc (cons name values) llm-switch-mcp-call--noted)))
      (setq llm-switch-mcp-call--noted (delq noted llm-switch-mcp-call--noted))
      (append (cdr noted) '(t)))))

(defun llm-switch-mcp-call-confirm-p (name &rest _)
  "Return non-nil if gptel is to have a call of the tool NAME confirmed.
That is so where no rule decides about the tool."
  (equal (plist-get (llm-switch-mcp-tools-row name) :rule) "ask"))

;;; The call

(defun llm-switch-mcp-call (name callback &rest values)
  "Call the tool NAME with VALUES; CALLBACK gets the text of its result."
  (pcase-let* ((`(,fsm ,call ,granted) (llm-switch-mcp-call--take name values))
               (info (and fsm (gptel-fsm-info fsm)))
               (buffer (or (plist-get info :buffer) (current-buffer)))
               (tag (list 'llm-switch-mcp name)))
    (when call (plist-put call :llm-switch-begun t))
    (let ((id (with-current-buffer buffer
                (llm-switch-mcp-place-call
                 "mcp.call"
                 `(:name ,name :granted ,(if granted t :json-false)
                   :withheld ,(if (llm-switch-mcp-call--withheld-p name info) t :json-false)
                   :arguments ,(llm-switch-mcp-call--arguments name call values)
                   :request ,(or (plist-get (plist-get info :llm-switch) :request) :null))
                 (llm-switch-mcp-call--handler name callback tag buffer)
                 buffer))))
      (when fsm
        (push (cons tag (cons fsm (lambda () (llm-switch-mcp-call--abort fsm))))
              gptel--request-alist)
        (setcdr (last tag) (list id))))))

(defun llm-switch-mcp-call--withheld-p (name info)
  "Return non-nil if the answer of INFO was not told of the tool NAME.
A model may call it all the same, having seen it in an earlier turn."
  (seq-contains-p (plist-get (plist-get info :llm-switch) :withheld) name))

(defun llm-switch-mcp-call--abort (fsm)
  "Give up each call of FSM: its user has aborted the request."
  (dolist (entry (copy-sequence gptel--request-alist))
    (pcase entry
      (`((llm-switch-mcp ,_ ,id) . (,(pred (eq fsm)) . ,_))
       (setq gptel--request-alist (delq entry gptel--request-alist))
       (llm-switch-channel-forget id)))))

(defun llm-switch-mcp-call--handler (name callback tag buffer)
  "Return what hears the events of a call of the tool NAME.
CALLBACK gets the text of its result.  TAG is its key in `gptel--request-alist',
BUFFER that of its chat."
  (lambda (kind rest)
    (pcase kind
      ('progress (llm-switch-mcp-call--show-progress name rest buffer))
      ((or 'value 'error)
       (setf (alist-get tag gptel--request-alist nil 'remove #'eq) nil)
       (funcall callback
                (if (eq kind 'value) (llm-switch-mcp-call--text rest)
                  (llm-switch-mcp-call-failed (plist-get rest :message))))))))

(defun llm-switch-mcp-call--text (result)
  "Return the text of RESULT, the value of `mcp.call', for gptel."
  (let ((text (plist-get result :text)))
    (cond ((eq (plist-get result :is-error) t) (llm-switch-mcp-call-failed text))
          ;; gptel takes no text for no result, and waits for ever.
          ((string-empty-p text) "(nothing)")
          (t text))))

(defun llm-switch-mcp-call-failed (text)
  "Return TEXT as the result of a tool that failed."
  (propertize (concat "Error: " text) 'llm-switch-failed t))

;;; Progress

(defun llm-switch-mcp-call--show-progress (name progress buffer)
  "Show PROGRESS, a plist, of the tool NAME in BUFFER."
  (let ((text (concat name ": " (llm-switch-mcp-call-progress progress))))
    (when (buffer-live-p buffer)
      (with-current-buffer buffer
        (when gptel-mode (gptel--update-status (concat " " text) 'mode-line-emphasis))))
    (let ((message-log-max nil)) (message "%s" text))))

(defun llm-switch-mcp-call-progress (progress)
  "Return PROGRESS, a plist (:done :total :message), as text."
  (let ((done (plist-get progress :done))
        (total (plist-get progress :total))
        (said (plist-get progress :message)))
    (concat (if (and total (> total 0))
                (format "%d%%" (round (* 100.0 (/ (float done) total))))
              (format "%s" done))
            (when said (concat " " said)))))

;;; Arguments

(defun llm-switch-mcp-call-arguments (name values)
  "Return VALUES, in the order of the arguments of the tool NAME, as JSON text."
  (llm-switch-mcp-call--arguments name nil values))

(defun llm-switch-mcp-call--arguments (name call values)
  "Return the arguments of CALL of the tool NAME as JSON text.
Without CALL they are VALUES, in the order of the tool's arguments."
  (or (plist-get call :llm-switch-arguments)
      ;; From Emacs 30 on it gives bytes, which cannot stand in another JSON.
      (decode-coding-string
       (gptel--json-encode
        (or (plist-get call :args)
            (llm-switch-mcp-call--object (llm-switch-mcp-tools-row name) values)
            (make-hash-table)))
       'utf-8)))

(defun llm-switch-mcp-call--object (row values)
  "Return VALUES as a plist, by the arguments of the tool of ROW."
  (cl-loop for arg in (llm-switch-mcp-tools-args row)
           for value in values
           ;; What was left out comes as nil.
           when value append (list (intern (concat ":" (plist-get arg :name))) value)))

(advice-add 'gptel--handle-tool-use :around #'llm-switch-mcp-call--note)

(provide 'llm-switch-mcp-call)
;;; llm-switch-mcp-call.el ends here
