;;; llm-switch-mcp-tools.el --- Tools of MCP servers in gptel  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Each tool of a server that is ready is a tool of gptel's, asynchronous, in a
;; category of its server, so that gptel's menu, presets and agents know it as
;; any other.  The module runs it.  What gptel shows in the chat to have a call
;; confirmed is used where the call needs it and no rule decides; where gptel
;; is told to confirm nothing, the module asks.
;;
;; gptel hands a function its declared arguments only, and no word of the
;; request.  So the function that runs tools is advised to say which request
;; runs them: its record has the arguments as the model wrote them, and makes
;; `gptel-abort' find the call.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-mcp-place)
(require 'subr-x)

(defvar llm-switch-mcp-tools--rows (make-hash-table :test #'equal)
  "What the module told of each tool: its name to a plist of `mcp.tools'.")

(defvar-local llm-switch-mcp-tools-servers nil
  "The servers whose tools are on in this chat, a list of names.")

;;; What runs

(defvar llm-switch-mcp-tools--fsm nil
  "The request of gptel's whose tools are being run.")

(defvar llm-switch-mcp-tools--confirmed nil
  "Calls that gptel was told to have confirmed: ((NAME . VALUES) FSM CALL).")

(defun llm-switch-mcp-tools--with-request (run fsm)
  "Let RUN, which runs the tools of FSM, do so; advice around it."
  (let ((llm-switch-mcp-tools--fsm fsm))
    (funcall run fsm)))

(defun llm-switch-mcp-tools--call-in (fsm name values)
  "Return the call of the tool NAME with VALUES in FSM that is not yet run."
  (seq-find (lambda (call)
              (and (equal (plist-get call :name) name)
                   (not (plist-get call :result))
                   (not (plist-get call :llm-switch-begun))
                   (when-let* ((tool (llm-switch-mcp-tools--tool-in fsm name)))
                     (equal (gptel--map-tool-args tool (plist-get call :args)) values))))
            (plist-get (gptel-fsm-info fsm) :tool-use)))

(defun llm-switch-mcp-tools--tool-in (fsm name)
  "Return the tool called NAME of FSM."
  (seq-find (lambda (tool) (equal (gptel-tool-name tool) name))
            (plist-get (gptel-fsm-info fsm) :tools)))

(defun llm-switch-mcp-tools--take (name values)
  "Return (FSM CALL GRANTED) for the call of the tool NAME with VALUES.
FSM and CALL are nil where a tool is called by no request of gptel's."
  (let ((confirmed (assoc (cons name values) llm-switch-mcp-tools--confirmed))
        (fsm llm-switch-mcp-tools--fsm))
    (cond (fsm (list fsm (llm-switch-mcp-tools--call-in fsm name values) nil))
          (confirmed
           (setq llm-switch-mcp-tools--confirmed
                 (delq confirmed llm-switch-mcp-tools--confirmed))
           (append (cdr confirmed) '(t)))
          (t (list nil nil nil)))))

(defun llm-switch-mcp-tools--confirm-p (name &rest values)
  "Return non-nil if gptel is to have a call of the tool NAME with VALUES confirmed.
That is so where no rule decides about it."
  (when (equal (plist-get (gethash name llm-switch-mcp-tools--rows) :rule) "ask")
    (when-let* ((fsm llm-switch-mcp-tools--fsm))
      (push (list (cons name values) fsm (llm-switch-mcp-tools--call-in fsm name values))
            llm-switch-mcp-tools--confirmed))
    t))

;;; A call

(defun llm-switch-mcp-tools--run (name callback &rest values)
  "Call the tool NAME with VALUES; CALLBACK gets the text of its result."
  (pcase-let* ((`(,fsm ,call ,granted) (llm-switch-mcp-tools--take name values))
               (info (and fsm (gptel-fsm-info fsm)))
               (buffer (or (plist-get info :buffer) (current-buffer)))
               (tag (list 'llm-switch-mcp name)))
    (when call (plist-put call :llm-switch-begun t))
    (let ((id (with-current-buffer buffer
                (llm-switch-mcp-place-call
                 "mcp.call"
                 `(:name ,name :granted ,(if granted t :json-false)
                   :withheld ,(if (llm-switch-mcp-tools--withheld-p name info) t :json-false)
                   :arguments ,(llm-switch-mcp-tools--arguments name call values))
                 (llm-switch-mcp-tools--handler name callback tag buffer)
                 buffer))))
      (when fsm
        (push (cons tag (cons fsm (lambda () (llm-switch-mcp-tools--abort fsm))))
              gptel--request-alist)
        (setcdr (last tag) (list id))))))

(defun llm-switch-mcp-tools--withheld-p (name info)
  "Return non-nil if the answer of INFO was not told of the tool NAME.
A model may call it all the same, having seen it in an earlier turn."
  (seq-contains-p (plist-get (plist-get info :llm-switch) :withheld) name))

(defun llm-switch-mcp-tools--abort (fsm)
  "Give up all calls of FSM: its user has aborted the request."
  (dolist (entry (copy-sequence gptel--request-alist))
    (pcase entry
      (`((llm-switch-mcp ,_ ,id) . (,(pred (eq fsm)) . ,_))
       (setq gptel--request-alist (delq entry gptel--request-alist))
       (llm-switch-channel-forget id)))))

(defun llm-switch-mcp-tools--handler (name callback tag buffer)
  "Return what hears the events of a call of the tool NAME.
CALLBACK gets the text of its result.  TAG is its key in `gptel--request-alist',
BUFFER that of its chat."
  (lambda (kind rest)
    (pcase kind
      ('progress (llm-switch-mcp-tools--show-progress name rest buffer))
      ((or 'value 'error)
       (setf (alist-get tag gptel--request-alist nil 'remove #'eq) nil)
       (funcall callback
                (if (eq kind 'value) (llm-switch-mcp-tools--text rest)
                  (llm-switch-mcp-tools--failed (plist-get rest :message))))))))

(defun llm-switch-mcp-tools--text (result)
  "Return the text of RESULT, the value of `mcp.call', for gptel."
  (let ((text (plist-get result :text)))
    (cond ((eq (plist-get result :is-error) t) (llm-switch-mcp-tools--failed text))
          ;; gptel takes no text for no result, and waits for ever.
          ((string-empty-p text) "(nothing)")
          (t text))))

(defun llm-switch-mcp-tools--failed (text)
  "Return TEXT as the result of a tool that failed."
  (propertize (concat "Error: " text) 'llm-switch-failed t))

(defun llm-switch-mcp-tools--show-progress (name progress buffer)
  "Show PROGRESS, a plist, of the tool NAME in BUFFER."
  (let ((text (concat name ": " (llm-switch-mcp-tools--progress progress))))
    (when (buffer-live-p buffer)
      (with-current-buffer buffer
        (when gptel-mode (gptel--update-status (concat " " text) 'mode-line-emphasis))))
    (let ((message-log-max nil)) (message "%s" text))))

(defun llm-switch-mcp-tools--progress (progress)
  "Return PROGRESS, a plist (:done :total :message), as text."
  (let ((done (plist-get progress :done))
        (total (plist-get progress :total))
        (said (plist-get progress :message)))
    (concat (if (and total (> total 0))
                (format "%d%%" (round (* 100.0 (/ (float done) total))))
              (format "%s" done))
            (when said (concat " " said)))))

;;; Arguments

(defun llm-switch-mcp-tools--arguments (name call values)
  "Return the arguments of CALL of the tool NAME as JSON text.
Without CALL they are VALUES, in the order of the tool's arguments."
  (or (plist-get call :llm-switch-arguments)
      (gptel--json-encode
       (or (plist-get call :args)
           (llm-switch-mcp-tools--object (gethash name llm-switch-mcp-tools--rows) values)
           (make-hash-table)))))

(defun llm-switch-mcp-tools--object (row values)
  "Return VALUES as a plist, by the arguments of the tool of ROW."
  (cl-loop for arg in (llm-switch-mcp-tools--args row)
           for value in values
           ;; What was left out comes as nil.
           when value append (list (intern (concat ":" (plist-get arg :name))) value)))

(defun llm-switch-mcp-tools--args (row)
  "Return the arguments of the tool of ROW as `gptel-make-tool' wants them.
That is what other backends than ours see of its schema."
  (let* ((schema (gptel--json-read-string (plist-get row :parameters)))
         (required (append (plist-get schema :required) nil)))
    (cl-loop for (key spec) on (plist-get schema :properties) by #'cddr
             for name = (substring (symbol-name key) 1)
             collect `(:name ,name
                       ,@(unless (member name required) '(:optional t))
                       ,@(llm-switch-mcp-tools--spec spec)))))

(defun llm-switch-mcp-tools--spec (spec)
  "Return SPEC, the schema of an argument, with the type that gptel insists on."
  (let ((spec (if (listp spec) (copy-sequence spec) nil)))
    (unless (stringp (plist-get spec :type))
      (setq spec (plist-put spec :type
                            (or (seq-find (lambda (type) (not (equal type "null")))
                                          (plist-get spec :type))
                                "string"))))
    (plist-put spec :description (or (plist-get spec :description) ""))))

;;; Registering

(defun llm-switch-mcp-tools-category (server)
  "Return the category of the tools of SERVER among gptel's."
  (concat "mcp-" server))

(defun llm-switch-mcp-tools--make (row)
  "Make the tool of ROW, a plist of `mcp.tools', known to gptel; return it."
  (let ((name (plist-get row :name)))
    (puthash name row llm-switch-mcp-tools--rows)
    (gptel-make-tool
     :name name
     :description (plist-get row :description)
     :args (llm-switch-mcp-tools--args row)
     :category (llm-switch-mcp-tools-category (plist-get row :server))
     :async t
     :confirm (apply-partially #'llm-switch-mcp-tools--confirm-p name)
     :include t
     :function (apply-partially #'llm-switch-mcp-tools--run name))))

(defun llm-switch-mcp-tools-refresh (&optional then)
  "Let gptel know the tools of the servers that are ready, and no others.
Those are the ones of this project and of all chats that have some: whoever
looks must not take them from who is elsewhere.
Does not wait; THEN, if non-nil, is called when it is done."
  (let* ((buffer (current-buffer))
         (buffers (llm-switch-mcp-tools--askers))
         (left (length buffers))
         (tools nil))
    (dolist (asker buffers)
      (llm-switch-mcp-tools--list
       asker
       (lambda (rows)
         (setq tools (append tools rows nil)
               left (1- left))
         (when (= left 0)
           (llm-switch-mcp-tools--register
            (seq-uniq tools (lambda (a b) (equal (plist-get a :name) (plist-get b :name)))))
           (when (and then (buffer-live-p buffer))
             (with-current-buffer buffer (funcall then)))))))))

(defun llm-switch-mcp-tools--askers ()
  "Return this buffer, and a chat that has tools for each other project."
  (seq-uniq (cons (current-buffer)
                  (seq-filter (lambda (buffer)
                                (buffer-local-value 'llm-switch-mcp-tools-servers buffer))
                              (buffer-list)))
            (lambda (one other)
              (equal (with-current-buffer one (llm-switch-mcp-place-project))
                     (with-current-buffer other (llm-switch-mcp-place-project))))))

(defun llm-switch-mcp-tools--list (buffer then)
  "Call THEN with the rows of the tools for BUFFER, if they can be had."
  (with-current-buffer buffer
    ;; Nobody has asked for anything there.
    (let ((llm-switch-project-quiet t))
      (llm-switch-mcp-place-call
       "mcp.tools" nil
       (lambda (kind rest)
         (when (eq kind 'value) (funcall then (plist-get rest :tools))))))))

(defun llm-switch-mcp-tools--register (rows)
  "Let gptel know the tools of ROWS, those that are on, and forget all others."
  (let ((on (seq-filter (lambda (row) (eq (plist-get row :on) t)) rows)))
    (setq gptel--known-tools
          (seq-remove (lambda (entry) (string-prefix-p "mcp-" (car entry))) gptel--known-tools))
    (clrhash llm-switch-mcp-tools--rows)
    (mapc #'llm-switch-mcp-tools--make on)
    (dolist (buffer (buffer-list))
      (with-current-buffer buffer
        (when llm-switch-mcp-tools-servers (llm-switch-mcp-tools--put))))))

(defun llm-switch-mcp-tools--put ()
  "Let this chat have the tools of `llm-switch-mcp-tools-servers'."
  (let ((others (seq-remove (lambda (tool) (string-prefix-p "mcp__" (gptel-tool-name tool)))
                            gptel-tools)))
    (setq-local gptel-tools
                (append others
                        (mapcan (lambda (server)
                                  (mapcar #'cdr (alist-get (llm-switch-mcp-tools-category server)
                                                           gptel--known-tools nil nil #'equal)))
                                (copy-sequence llm-switch-mcp-tools-servers))))))

(defun llm-switch-mcp-tools-use (servers)
  "Let this chat have the tools of SERVERS, a list of names, and of no others."
  (setq llm-switch-mcp-tools-servers servers)
  (when servers (setq-local gptel-use-tools (or gptel-use-tools t)))
  (llm-switch-mcp-tools--put))

(defun llm-switch-mcp-tools--changed (notice)
  "Look again when NOTICE says that the tools of a server have changed."
  (when (equal (plist-get notice :kind) "mcp")
    (when (member (plist-get notice :change) '("state" "tools"))
      (llm-switch-mcp-tools-refresh))
    ;; Others may want to hear it.
    nil))

(add-hook 'llm-switch-channel-notice-functions #'llm-switch-mcp-tools--changed)
(advice-add 'gptel--handle-tool-use :around #'llm-switch-mcp-tools--with-request)

(provide 'llm-switch-mcp-tools)
;;; llm-switch-mcp-tools.el ends here
