;;; llm-switch-mcp-tools.el --- Tools of MCP servers in gptel  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Each tool of a server that is ready is a tool of gptel's, asynchronous, in a
;; category of its server, so that gptel's menu, presets and agents know it as
;; any other.  The module runs it.
;;
;; gptel knows tools by their names, for all of Emacs; servers are of projects.
;; So what is known of a tool is looked up for the project of the chat, and
;; gptel has the tools of all projects that have one.

;;; Code:

(require 'cl-lib)
(require 'gptel)
(require 'llm-switch-mcp-call)
(require 'llm-switch-mcp-place)
(require 'seq)

(defcustom llm-switch-mcp-servers nil
  "The MCP servers whose tools each new chat has, a list of names.
They are started with the first chat.  Their schemas are part of each of its
requests; `llm-switch-mcp' shows what that costs."
  :group 'llm-switch
  :type '(repeat string))

(defvar llm-switch-mcp-tools--known nil
  "What the module told of tools: an alist of projects and rows of `mcp.tools'.")

(defvar-local llm-switch-mcp-tools-servers nil
  "The servers whose tools are on in this chat, a list of names.")

;;; What is known

(defun llm-switch-mcp-tools--rows ()
  "Return what is known of the tools here, plists of `mcp.tools'."
  (cdr (assoc (llm-switch-project-folder) llm-switch-mcp-tools--known)))

(defun llm-switch-mcp-tools-row (name)
  "Return what is known here of the tool NAME, a plist of `mcp.tools', or nil."
  (seq-find (lambda (row) (equal (plist-get row :name) name)) (llm-switch-mcp-tools--rows)))

(defun llm-switch-mcp-tools-rule (server &optional tool)
  "Return the rule that names all tools of SERVER, or TOOL alone."
  (concat "mcp__" (llm-switch-mcp-tools--plain server)
          (if tool (concat "__" (llm-switch-mcp-tools--plain tool)) "")))

(defun llm-switch-mcp-tools--plain (name)
  "Return NAME of a server or tool as rules have it."
  (replace-regexp-in-string "[^A-Za-z0-9_-]" "_" name))

(defun llm-switch-mcp-tools-server (name)
  "Return the server of the tool that models know as NAME, or nil.
Of a tool that is not known now it is what the name says."
  (or (plist-get (llm-switch-mcp-tools-row name) :server)
      (and (string-match (rx bos "mcp__" (group (+? nonl)) "__") name)
           (match-string 1 name))))

;;; As gptel wants it

(defun llm-switch-mcp-tools-args (row)
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

(defun llm-switch-mcp-tools-category (server)
  "Return the category of the tools of SERVER among gptel's."
  (concat "mcp-" server))

(defun llm-switch-mcp-tools--make (row)
  "Make the tool of ROW, a plist of `mcp.tools', known to gptel; return it."
  (let ((name (plist-get row :name)))
    (gptel-make-tool
     :name name
     :description (plist-get row :description)
     :args (llm-switch-mcp-tools-args row)
     :category (llm-switch-mcp-tools-category (plist-get row :server))
     :async t
     :confirm (apply-partially #'llm-switch-mcp-call-confirm-p name)
     :include t
     :function (apply-partially #'llm-switch-mcp-call name))))

;;; Looking

(defun llm-switch-mcp-tools-refresh (&optional then)
  "Let gptel know the tools of the servers that are ready here.
Does not wait; THEN, if non-nil, is called here when it is done."
  (let ((buffer (current-buffer)))
    (llm-switch-mcp-tools--look (llm-switch-project-folder)
                                (lambda ()
                                  (when (and then (buffer-live-p buffer))
                                    (with-current-buffer buffer (funcall then)))))))

(defun llm-switch-mcp-tools--look (project &optional then)
  "Ask for the tools of PROJECT, and call THEN, if non-nil, when gptel knows them."
  (llm-switch-channel-call
   "mcp.tools" (list :project (or project :null))
   (lambda (kind rest)
     (when (eq kind 'value)
       (llm-switch-mcp-tools--learn project (plist-get rest :tools))
       (when then (funcall then))))))

(defun llm-switch-mcp-tools--learn (project rows)
  "Take note that the tools of PROJECT are ROWS, and let gptel know what changed."
  (unless (equal rows (cdr (assoc project llm-switch-mcp-tools--known)))
    ;; Of a project without tools nothing is kept.
    (setf (alist-get project llm-switch-mcp-tools--known nil 'remove #'equal) rows)
    (llm-switch-mcp-tools--register)))

(defvar llm-switch-mcp-tools--timer nil
  "The timer that will look for tools that have changed, or nil.")

(defun llm-switch-mcp-tools--changed (notice)
  "Look again soon when NOTICE is that the tools of a server have changed.
That is once for all notices until then."
  (when (and (equal (plist-get notice :kind) "mcp")
             (member (plist-get notice :change) '("state" "tools"))
             (not (timerp llm-switch-mcp-tools--timer)))
    (setq llm-switch-mcp-tools--timer
          (run-at-time 0.1 nil #'llm-switch-mcp-tools--look-at-all
                       (llm-switch-project-folder))))
  ;; Others may want to hear it.
  nil)

(defun llm-switch-mcp-tools--look-at-all (project)
  "Look for the tools of PROJECT and of all others that have some."
  (setq llm-switch-mcp-tools--timer nil)
  (when (llm-switch-channel-live-p)
    (mapc #'llm-switch-mcp-tools--look
          (seq-uniq (cons project (mapcar #'car llm-switch-mcp-tools--known))))))

;;; What gptel knows

(defvar llm-switch-mcp-tools--made (make-hash-table :test #'equal)
  "The tools that we made known to gptel: (ROW . TOOL) by their names.")

(defun llm-switch-mcp-tools--register ()
  "Let gptel know the tools that are on in any project, and forget our others.
Tools that are not ours stay, in whatever category, and so do those of ours that
are as they were."
  (let ((wanted (llm-switch-mcp-tools--wanted)))
    (maphash (lambda (name made)
               (unless (and (equal (car made) (gethash name wanted))
                            (eq (cdr made) (llm-switch-mcp-tools--registered (cdr made))))
                 (llm-switch-mcp-tools--forget (cdr made))
                 (remhash name llm-switch-mcp-tools--made)))
             llm-switch-mcp-tools--made)
    (maphash (lambda (name row)
               (unless (gethash name llm-switch-mcp-tools--made)
                 (puthash name (cons row (llm-switch-mcp-tools--make row))
                          llm-switch-mcp-tools--made)))
             wanted))
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer
      (when llm-switch-mcp-tools-servers (llm-switch-mcp-tools--put)))))

(defun llm-switch-mcp-tools--wanted ()
  "Return the rows of the tools that are on in any project, by their names."
  (let ((wanted (make-hash-table :test #'equal)))
    (pcase-dolist (`(,_ . ,rows) llm-switch-mcp-tools--known)
      (dolist (row rows)
        (when (eq (plist-get row :on) t) (puthash (plist-get row :name) row wanted))))
    wanted))

(defun llm-switch-mcp-tools--registered (tool)
  "Return what gptel knows in the place of TOOL, or nil."
  (alist-get (gptel-tool-name tool)
             (alist-get (gptel-tool-category tool) gptel--known-tools nil nil #'equal)
             nil nil #'equal))

(defun llm-switch-mcp-tools--forget (tool)
  "Let gptel not know TOOL any more, if it still does."
  (when-let* (((eq tool (llm-switch-mcp-tools--registered tool)))
              (category (assoc (gptel-tool-category tool) gptel--known-tools)))
    (setcdr category (rassq-delete-all tool (cdr category)))
    (unless (cdr category) (setq gptel--known-tools (delq category gptel--known-tools)))))

;;; In a chat

(defvar-local llm-switch-mcp-tools--ours nil
  "The names of the tools that this chat has because of its servers.")

(defun llm-switch-mcp-tools--put ()
  "Let this chat have the tools of `llm-switch-mcp-tools-servers' that are on here.
Those that were chosen otherwise, as in gptel's menu, stay."
  (let* ((tools (mapcan #'llm-switch-mcp-tools--of (copy-sequence llm-switch-mcp-tools-servers)))
         (names (mapcar #'gptel-tool-name tools))
         (chosen (seq-remove (lambda (tool)
                               (member (gptel-tool-name tool)
                                       (append llm-switch-mcp-tools--ours names)))
                             gptel-tools)))
    (setq llm-switch-mcp-tools--ours names)
    (setq-local gptel-tools (append (mapcar #'llm-switch-mcp-tools--newest chosen) tools))))

(defun llm-switch-mcp-tools--newest (tool)
  "Return TOOL as it is now, if it is one of ours that was made anew."
  (let ((newest (cdr (gethash (gptel-tool-name tool) llm-switch-mcp-tools--made))))
    (if (and newest (equal (gptel-tool-category newest) (gptel-tool-category tool)))
        newest
      tool)))

(defun llm-switch-mcp-tools--of (server)
  "Return the tools of SERVER that are on here, as gptel has them."
  (cl-loop with tools = (alist-get (llm-switch-mcp-tools-category server)
                                   gptel--known-tools nil nil #'equal)
           for row in (llm-switch-mcp-tools--rows)
           for tool = (and (eq (plist-get row :on) t)
                           (alist-get (plist-get row :name) tools nil nil #'equal))
           when tool collect tool))

(defun llm-switch-mcp-tools-use (servers)
  "Let this chat have the tools of SERVERS, a list of names, and of no others."
  (setq llm-switch-mcp-tools-servers servers)
  (when servers (setq-local gptel-use-tools (or gptel-use-tools t)))
  (llm-switch-mcp-tools--put))

(defun llm-switch-mcp-tools-begin ()
  "Let this new chat have the tools of `llm-switch-mcp-servers'."
  (dolist (server llm-switch-mcp-servers)
    (let ((buffer (current-buffer)))
      (llm-switch-mcp-place-call
       "mcp.start" (list :server server)
       (lambda (kind rest)
         (pcase kind
           ('value (llm-switch-mcp-tools--join buffer server))
           ('error (message "llm-switch: %s" (plist-get rest :message)))))
       buffer))))

(defun llm-switch-mcp-tools--join (buffer server)
  "Let the chat BUFFER have the tools of SERVER too."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (llm-switch-mcp-tools-refresh
       (lambda ()
         (llm-switch-mcp-tools-use (seq-uniq (append llm-switch-mcp-tools-servers
                                                     (list server)))))))))

(add-hook 'llm-switch-channel-notice-functions #'llm-switch-mcp-tools--changed)
(autoload 'llm-switch-mcp-confirm-show "llm-switch-mcp-confirm")
(advice-add 'gptel--display-tool-calls :around #'llm-switch-mcp-confirm-show)

(provide 'llm-switch-mcp-tools)
;;; llm-switch-mcp-tools.el ends here
