;;; leak.el --- The requests of `make leak-test'  -*- lexical-binding: t -*-

;; Each scene is a fresh Emacs, which leak-test starts with this file in a network of our own.  It makes its request
;; with the commands that a user has, and tells what the user was told: "answered: TEXT", or "KIND: MESSAGE".

(require 'llm-switch-test-helper)
(require 'gptel-rewrite)
(require 'llm-switch-mcp-place)
(require 'llm-switch-mode)
(require 'org)

(setq llm-switch-test-patience 60)

(defun llm-switch-leak-play (scene)
  "Return what the user is told in SCENE, a function, with folders of our own."
  (let* ((scenes (expand-file-name "scene-" (getenv "LLM_SWITCH_LEAK_FOLDER")))
         (folder (file-name-as-directory (make-temp-file scenes t))))
    (setenv "LLM_SWITCH_LEAK_KEY" (llm-switch-test-key "sk-leak"))
    (setq llm-switch-config-file (getenv "LLM_SWITCH_LEAK_CONFIG")
          llm-switch-ledger-file (expand-file-name "data/ledger.db" folder)
          llm-switch-state-directory (expand-file-name "state/" folder))
    (condition-case problem
        (funcall scene)
      (error (format "%s: %s" (car problem) (error-message-string problem))))))

;;; What the user is told

(defun llm-switch-leak--problem (problem status)
  "Return PROBLEM, an error as gptel has it, in words; STATUS is that of HTTP."
  (if (stringp problem)
      (format "%s: %s" status problem)
    (format "%s: %s" (plist-get problem :type) (plist-get problem :message))))

(defun llm-switch-leak--told (info)
  "Return what the request of INFO has told: the answer, or why there is none."
  (if-let* ((problem (plist-get info :error)))
      (llm-switch-leak--problem problem (plist-get info :status))
    (with-current-buffer (plist-get info :buffer)
      (concat "answered: "
              (string-trim (buffer-substring-no-properties (plist-get info :position)
                                                           (plist-get info :tracking-marker)))))))

;;; Chats

(defmacro llm-switch-leak--in (mode deployment &rest body)
  "Run BODY in a buffer in which MODE, a symbol, holds, and DEPLOYMENT answers.
Where it is nil, whoever the mode has."
  (declare (indent 2))
  `(with-temp-buffer
     (text-mode)
     (funcall (intern (format "llm-switch-use-%s" ,mode)) 'buffer)
     (when-let* ((deployment ,deployment))
       (llm-switch-backend (llm-switch-test-row deployment) 'buffer))
     ,@body))

(defun llm-switch-leak-chat (mode &optional deployment)
  "Ask DEPLOYMENT, or whoever answers in MODE, in a chat."
  (llm-switch-leak--in mode deployment
    (gptel-mode 1)
    (llm-switch-leak--told (llm-switch-test-ask "Hello"))))

(defun llm-switch-leak-route (mode route &rest pins)
  "Ask ROUTE in MODE, in a chat that is pinned to PINS."
  (llm-switch-leak--in mode nil
    (gptel-mode 1)
    (setq-local llm-switch-pins pins)
    (llm-switch-backend (list :route route) 'buffer)
    (llm-switch-leak--told (llm-switch-test-ask "Hello"))))

(defun llm-switch-leak-opened-chat ()
  "Ask in the chat that `llm-switch-chat' opens, where mode local is everybody's."
  (llm-switch-use-local 'global)
  (llm-switch-chat)
  (llm-switch-leak--told (llm-switch-test-ask "Hello")))

(defun llm-switch-leak-choose (mode)
  "Return how many models of which accounts are offered in MODE, at the second look."
  (llm-switch-leak--in mode nil
    (llm-switch-choices)
    ;; The first look asks again in the background, for the second.
    (sleep-for 1)
    (let ((rows (seq-filter (lambda (row) (eq (plist-get row :kind) 'deployment)) (llm-switch-choices))))
      (concat "offered: "
              (mapconcat (lambda (it) (format "%d of %s" (length (cdr it)) (car it)))
                         (seq-group-by (lambda (row) (plist-get row :account)) rows)
                         ", ")))))

;;; Other requests

(defun llm-switch-leak-rewrite ()
  "Rewrite a text with gptel's command, and accept what comes."
  (llm-switch-leak--in 'local nil
    (let ((transient-mark-mode t))
      (insert "some old text")
      (push-mark (point-min) t t)
      (gptel--suffix-rewrite "Rewrite it.")
      (let ((overlay (llm-switch-test-wait (car gptel--rewrite-overlays))))
        (llm-switch-test-wait (null gptel--request-alist))
        (gptel--rewrite-accept overlay)
        (concat "rewritten: " (buffer-string))))))

(defun llm-switch-leak-org-block ()
  "Ask what an org source block holds, and put the answer below it."
  (llm-switch-leak--in 'local nil
    (org-mode)
    ;; A mode forgets what is local to the buffer.
    (llm-switch-use-local 'buffer)
    (insert "#+begin_src prompt\nSay **hello**.\n#+end_src\n")
    (goto-char (point-min))
    (let ((prompt (string-trim (nth 1 (org-babel-get-src-block-info)))))
      (goto-char (point-max))
      (llm-switch-leak--told
       (llm-switch-test-finish (gptel-request prompt :position (point-marker) :stream t))))))

(defun llm-switch-leak-tools ()
  "Ask who calls a tool twice and then quotes its results."
  (let* ((calls 0)
         (gptel-tools (list (gptel-make-tool :name "look" :description "Look at a thing."
                                             :args '((:name "thing" :type string :description "What"))
                                             :function (lambda (_) (format "moon %d" (cl-incf calls))))))
         (gptel-use-tools t)
         (gptel-confirm-tool-calls nil))
    (let ((told (llm-switch-leak-chat 'local "near/tools:2")))
      (format "%d calls, %s" calls told))))

;;; Tools

(defun llm-switch-leak-mcp (mode server &rest pins)
  "Start the MCP server called SERVER in MODE, in a buffer that is pinned to PINS."
  (llm-switch-leak--in mode nil
    (setq-local llm-switch-pins pins)
    (format "started: %s" (plist-get (llm-switch-mcp-place-ask "mcp.start" (list :server server))
                                     :state))))

;;; gptel's own backends

(defun llm-switch-leak--own (backend &rest variables)
  "Ask BACKEND, one of gptel's own, in a chat where VARIABLES, names and values, hold."
  (with-temp-buffer
    (text-mode)
    (setq-local gptel-backend backend
                gptel-model 'hello)
    (cl-loop for (symbol value) on variables by #'cddr
             do (set (make-local-variable symbol) value))
    (gptel-mode 1)
    (llm-switch-leak--told (llm-switch-test-ask "Hello"))))

(defun llm-switch-leak-own (where curl &rest pins)
  "Ask a gptel backend that is not ours, by CURL or not, in a chat pinned to PINS.
WHERE it is: `near', `moved', which redirects to the outside, or `outside'."
  ;; Else the proxy gets what the redirect is to show.
  (when (eq where 'moved) (setenv "no_proxy" "127.0.0.1"))
  (llm-switch-gptel-install)
  (let ((host (getenv (format "LLM_SWITCH_LEAK_%s" (upcase (symbol-name where))))))
    (llm-switch-leak--own
     (gptel-make-openai "Own" :protocol "http" :host host :models '(hello) :key "none" :stream t)
     'gptel-use-curl curl
     'llm-switch-pins pins)))

(defun llm-switch-leak-adopted ()
  "Ask a cloud of gptel's own that `llm-switch-mode' has adopted, in mode local."
  (llm-switch-mode 1)
  (llm-switch-leak--own
   (gptel-make-openai "Own" :host "models.example" :models '(hello) :key "none" :stream t)
   'llm-switch-mode-name "local"))
;;; leak.el ends here
