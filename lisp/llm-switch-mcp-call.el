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
;; module asks.  Only the very text that was shown is granted: what was edited
;; since, or confirmed without having been shown, the module asks about too.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-mcp-ask)
(require 'llm-switch-mcp-place)
(require 'llm-switch-mcp-schema)
(require 'seq)
(require 'subr-x)

(declare-function llm-switch-mcp-tools-row "llm-switch-mcp-tools" (name))
(declare-function llm-switch-mcp-tools-args "llm-switch-mcp-tools" (row))

;;; Which request

(defvar llm-switch-mcp-call--running nil
  "The request of gptel's whose tools are being run.")

(defvar llm-switch-mcp-call--waiting nil
  "Calls that wait for the user to confirm them.")

(cl-defstruct (llm-switch-mcp-call--wait (:copier nil))
  "A CALL of FSM, of the tool NAME, that waits for the user.
Once it was shown PENDING is what gptel has of it, (TOOL ARGS CALLBACK), ARGS
are its arguments as they were then, and JSON is the text that was shown."
  fsm name call pending args json)

(defun llm-switch-mcp-call--note (run fsm)
  "Let RUN run the tools of FSM, and note those that wait for the user.
Advice around it."
  (let ((llm-switch-mcp-call--running fsm))
    (setq llm-switch-mcp-call--waiting
          (seq-remove (lambda (wait) (llm-switch-mcp-call--over-p wait fsm))
                      llm-switch-mcp-call--waiting))
    (funcall run fsm)
    (dolist (call (plist-get (gptel-fsm-info fsm) :tool-use))
      (when (and (llm-switch-mcp-call--waits-p call)
                 (not (llm-switch-mcp-call--noted-p call))
                 (llm-switch-mcp-call--tool fsm (plist-get call :name)))
        (push (make-llm-switch-mcp-call--wait :fsm fsm :name (plist-get call :name) :call call)
              llm-switch-mcp-call--waiting)))))

(defun llm-switch-mcp-call--over-p (wait fsm)
  "Return non-nil if WAIT is over, or of FSM, whose tools are run anew."
  (or (eq (llm-switch-mcp-call--wait-fsm wait) fsm)
      (plist-get (llm-switch-mcp-call--wait-call wait) :result)))

(defun llm-switch-mcp-call--noted-p (call)
  "Return non-nil if it is noted that CALL waits."
  (seq-some (lambda (wait) (eq (llm-switch-mcp-call--wait-call wait) call))
            llm-switch-mcp-call--waiting))

(defun llm-switch-mcp-call--waits-p (call)
  "Return non-nil if CALL, an element of gptel's :tool-use, is not yet run."
  (not (or (plist-get call :result) (plist-get call :llm-switch-begun))))

(defun llm-switch-mcp-call--tool (fsm name)
  "Return the tool of an MCP server that is called NAME in FSM, or nil."
  (and (string-prefix-p "mcp__" name)
       (seq-find (lambda (tool) (equal (gptel-tool-name tool) name))
                 (plist-get (gptel-fsm-info fsm) :tools))))

(defun llm-switch-mcp-call--fits-p (call fsm name values)
  "Return non-nil if CALL of FSM is one of the tool NAME with VALUES."
  (when-let* ((tool (llm-switch-mcp-call--tool fsm name)))
    (and (equal (plist-get call :name) name)
         (llm-switch-mcp-call--waits-p call)
         (equal (gptel--map-tool-args tool (plist-get call :args)) values))))

(defun llm-switch-mcp-call--in (fsm name values)
  "Return the call of the tool NAME with VALUES in FSM that is not yet run.
What gptel is told to have confirmed, it does not run by itself."
  (seq-find (lambda (call)
              (and (not (plist-get call :confirm))
                   (llm-switch-mcp-call--fits-p call fsm name values)))
            (plist-get (gptel-fsm-info fsm) :tool-use)))

;;; What was granted

(defun llm-switch-mcp-call-show (pending)
  "Return the arguments of PENDING, (TOOL ARGS CALLBACK), as JSON text to be shown.
These go to the server when gptel runs PENDING: the user has agreed to them."
  (pcase-let* ((`(,tool ,args ,_) pending)
               (name (gptel-tool-name tool))
               (call (llm-switch-mcp-call--pending name args))
               (json (llm-switch-mcp-call--json call args)))
    (push (make-llm-switch-mcp-call--wait
           :fsm llm-switch-mcp-call--running :name name :call call
           ;; gptel lets users edit the arguments where they are.
           :pending pending :args (copy-tree args t) :json json)
          llm-switch-mcp-call--waiting)
    json))

(defun llm-switch-mcp-call--pending (name args)
  "Return the call of the tool NAME with ARGS, which gptel is to show, or nil."
  (when llm-switch-mcp-call--running
    (seq-find (lambda (call)
                (and (equal (plist-get call :name) name)
                     (eq (plist-get call :args) args)
                     (llm-switch-mcp-call--waits-p call)
                     (not (llm-switch-mcp-call--noted-p call))))
              ;; gptel shows the last one first, which counts where ARGS is nil.
              (reverse (plist-get (gptel-fsm-info llm-switch-mcp-call--running) :tool-use)))))

(defun llm-switch-mcp-call--take (name callback values)
  "Return (FSM CALL GRANTED JSON) for the call of the tool NAME with VALUES.
CALLBACK gets its result, and tells it from others.  GRANTED is non-nil if the
user has seen what is sent, JSON; else JSON may be nil.  FSM and CALL are nil
where no request of gptel's calls."
  (if-let* ((wait (llm-switch-mcp-call--waiting callback name values)))
      (progn
        (setq llm-switch-mcp-call--waiting (delq wait llm-switch-mcp-call--waiting))
        (append (list (llm-switch-mcp-call--wait-fsm wait) (llm-switch-mcp-call--wait-call wait))
                (llm-switch-mcp-call--granted wait name values)))
    (when-let* ((fsm llm-switch-mcp-call--running))
      (list fsm (llm-switch-mcp-call--in fsm name values)))))

(defun llm-switch-mcp-call--waiting (callback name values)
  "Return what waits and has CALLBACK, or was never shown and has NAME and VALUES."
  (or (seq-find (lambda (wait)
                  (eq (nth 2 (llm-switch-mcp-call--wait-pending wait)) callback))
                llm-switch-mcp-call--waiting)
      (unless llm-switch-mcp-call--running
        (seq-find (lambda (wait)
                    (and (null (llm-switch-mcp-call--wait-pending wait))
                         (llm-switch-mcp-call--fits-p (llm-switch-mcp-call--wait-call wait)
                                                      (llm-switch-mcp-call--wait-fsm wait)
                                                      name values)))
                  llm-switch-mcp-call--waiting))))

(defun llm-switch-mcp-call--granted (wait name values)
  "Return (GRANTED JSON) for WAIT, of which the tool NAME is run with VALUES.
What was edited since it was shown is not granted: the module shows it again."
  (pcase-let ((`(,tool ,args ,_) (llm-switch-mcp-call--wait-pending wait)))
    (cond ((null tool) (list nil nil))
          ((not (equal (gptel--map-tool-args tool args) values))
           (list nil (llm-switch-mcp-call-arguments name values)))
          ((and (equal name (llm-switch-mcp-call--wait-name wait))
                (equal args (llm-switch-mcp-call--wait-args wait)))
           (list t (llm-switch-mcp-call--wait-json wait)))
          (t (list nil (llm-switch-mcp-call--json nil args))))))

(defun llm-switch-mcp-call-confirm-p (name &rest _)
  "Return non-nil if gptel is to have a call of the tool NAME confirmed.
That is so where no rule decides about the tool."
  (equal (plist-get (llm-switch-mcp-tools-row name) :rule) "ask"))

;;; The call

(defun llm-switch-mcp-call (name callback &rest values)
  "Call the tool NAME with VALUES; CALLBACK gets the text of its result."
  (pcase-let* ((`(,fsm ,call ,granted ,json) (llm-switch-mcp-call--take name callback values))
               (info (and fsm (gptel-fsm-info fsm)))
               (buffer (or (plist-get info :buffer) (current-buffer)))
               (tag (list 'llm-switch-mcp name)))
    (when call (plist-put call :llm-switch-begun t))
    (let ((id (with-current-buffer buffer
                (llm-switch-mcp-place-call
                 "mcp.call"
                 `(:name ,name :granted ,(if granted t :json-false)
                   :withheld ,(if (llm-switch-mcp-call--withheld-p name info) t :json-false)
                   :arguments ,(or json (llm-switch-mcp-call--arguments name call values))
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
      ('progress (llm-switch-mcp-call--show-progress name rest tag buffer))
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

(defvar-local llm-switch-mcp-call--progress nil
  "What was told of the progress of each tool of this chat: texts by tags.")

(defun llm-switch-mcp-call--show-progress (name progress tag buffer)
  "Show PROGRESS, a plist, of the tool NAME in BUFFER, beside that of others.
TAG is the key of the call in `gptel--request-alist'."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (setf (alist-get tag llm-switch-mcp-call--progress)
            (concat name ": " (llm-switch-mcp-call-progress progress)))
      (let ((text (string-join (llm-switch-mcp-call--told tag) " · "))
            (message-log-max nil))
        (when gptel-mode (gptel--update-status (concat " " text) 'mode-line-emphasis))
        (message "%s" text)))))

(defun llm-switch-mcp-call--told (tag)
  "Return the progress of each tool at work for this chat, TAG among them."
  (setq llm-switch-mcp-call--progress
        (seq-filter (lambda (it) (or (eq (car it) tag) (assq (car it) gptel--request-alist)))
                    llm-switch-mcp-call--progress))
  (reverse (mapcar #'cdr llm-switch-mcp-call--progress)))

(defun llm-switch-mcp-call-progress (progress)
  "Return PROGRESS, a plist (:done :total :message), as text."
  (let ((done (plist-get progress :done))
        (total (plist-get progress :total))
        (said (plist-get progress :message)))
    (concat (if (and total (> total 0))
                (format "%d%%" (round (* 100.0 (/ (float done) total))))
              (format "%s" done))
            (when said (concat " " (llm-switch-mcp-ask-line said))))))

;;; Arguments

(defun llm-switch-mcp-call-arguments (name values)
  "Return VALUES, in the order of the arguments of the tool NAME, as JSON text."
  (llm-switch-mcp-call--arguments name nil values))

(defun llm-switch-mcp-call--arguments (name call values)
  "Return the arguments of CALL of the tool NAME as JSON text.
Without CALL they are VALUES, in the order of the tool's arguments."
  (llm-switch-mcp-call--json
   call (or (plist-get call :args)
            (llm-switch-mcp-call--object (llm-switch-mcp-tools-row name) values))))

(defun llm-switch-mcp-call--json (call args)
  "Return the arguments of CALL as JSON text: as the model wrote them, else ARGS.
ARGS is a plist."
  (or (plist-get call :llm-switch-arguments)
      (llm-switch-mcp-schema-characters (gptel--json-encode (or args (make-hash-table))))))

(defun llm-switch-mcp-call--object (row values)
  "Return VALUES as a plist, by the arguments of the tool of ROW."
  (cl-loop for arg in (llm-switch-mcp-tools-args row)
           for value in values
           ;; What was left out comes as nil.
           when value append (list (intern (concat ":" (plist-get arg :name))) value)))

(advice-add 'gptel--handle-tool-use :around #'llm-switch-mcp-call--note)

(provide 'llm-switch-mcp-call)
;;; llm-switch-mcp-call.el ends here
