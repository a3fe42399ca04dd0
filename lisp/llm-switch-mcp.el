;;; llm-switch-mcp.el --- The MCP servers of this project  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A table of the servers of tools that are written down for this project: what
;; they do now, what their tools add to each request, and how calls went.

;;; Code:

(require 'llm-switch)
(require 'llm-switch-mcp-command)
(require 'llm-switch-mcp-cost)
(require 'llm-switch-mcp-screen)
(require 'llm-switch-mcp-server)
(require 'llm-switch-spend-format)
(require 'seq)

(defconst llm-switch-mcp--buffer "*llm-switch mcp*"
  "The name of the buffer with the table.")

(defvar-local llm-switch-mcp--told nil
  "What the module told last: the value of `mcp.list'.")

(defvar-local llm-switch-mcp--calls nil
  "How calls went: the rows of `mcp.calls'.")

(defvar-local llm-switch-mcp--costs nil
  "What the tools of each server cost: an alist (NAME . VALUE of `mcp.cost').")

(defvar llm-switch-mcp-mode-map
  (let ((map (make-sparse-keymap)))
    (set-keymap-parent map (make-composed-keymap llm-switch-mcp-command-map
                                                 tabulated-list-mode-map))
    (define-key map (kbd "RET") #'llm-switch-mcp-page)
    map)
  "Keys in the table of MCP servers.")

(define-derived-mode llm-switch-mcp-mode tabulated-list-mode "MCP"
  "Shows the servers of tools of a project, and what their tools cost.
\\<llm-switch-mcp-mode-map>On a server \\[llm-switch-mcp-page] shows its page with all its tools, \
\\[llm-switch-mcp-use] lets the
chat that this was opened from use them, and \\[llm-switch-mcp-start] starts it.

Tools are those that models are told of, of all.  Tokens and Cost are what
these add to each request of the chat: \"?\" until the server was started, and
where the price of who answers is not known.  Calls are those in the ledger,
those that failed, and how long one took.  A star marks a server whose tools
the chat has.

\\{llm-switch-mcp-mode-map}"
  (setq tabulated-list-format [("" 1 nil) ("State" 11 t) ("Server" 12 t) ("Where" 9 nil)
                               ("Via" 5 nil) ("Tools" 5 nil :right-align t)
                               ("Tokens" 6 nil :right-align t) ("Cost" 8 nil :right-align t)
                               ("Calls" 0 nil)]
        tabulated-list-padding 1
        llm-switch-mcp-screen-row #'llm-switch-mcp--row-here
        llm-switch-mcp-screen-refresh #'llm-switch-mcp--refresh
        revert-buffer-function (lambda (&rest _) (llm-switch-mcp--refresh)))
  (tabulated-list-init-header))

;;;###autoload
(defun llm-switch-mcp ()
  "Show the MCP servers of this project; start them, and let this chat use them."
  (interactive)
  (llm-switch-channel-start)
  (llm-switch-mcp-screen-open llm-switch-mcp--buffer 'llm-switch-mcp-mode)
  (llm-switch-mcp--refresh))

(defun llm-switch-mcp--row-here ()
  "Return the row at point, or nil."
  (when-let* ((name (tabulated-list-get-id)))
    (seq-find (lambda (row) (equal (plist-get row :server) name))
              (plist-get llm-switch-mcp--told :servers))))

(defun llm-switch-mcp-page ()
  "Show the page of the server at point."
  (interactive nil llm-switch-mcp-mode)
  (llm-switch-mcp-server (plist-get (llm-switch-mcp-screen-here) :server)))

;;; Ask

(defun llm-switch-mcp--refresh ()
  "Ask in the background how the servers do, and show it."
  (llm-switch-mcp-screen-look
   "mcp.list" nil
   (lambda (told)
     (setq llm-switch-mcp--told told)
     (llm-switch-mcp--show)
     (seq-do #'llm-switch-mcp--ask-cost (plist-get told :servers))))
  (llm-switch-mcp-screen-look
   "mcp.calls" nil
   (lambda (told)
     (setq llm-switch-mcp--calls (plist-get told :tools))
     (when llm-switch-mcp--told (llm-switch-mcp--show)))))

(defun llm-switch-mcp--ask-cost (row)
  "Ask in the background what the tools of ROW's server cost, if they are known."
  (when (equal (plist-get row :state) "ready")
    (let ((name (plist-get row :server)))
      (llm-switch-mcp-screen-look
       "mcp.cost" (llm-switch-mcp-cost-params (llm-switch-mcp--deployment) name)
       (lambda (told)
         (unless (equal told (cdr (assoc name llm-switch-mcp--costs)))
           (setf (alist-get name llm-switch-mcp--costs nil nil #'equal) told)
           (llm-switch-mcp--show)))))))

(defun llm-switch-mcp--deployment ()
  "Return who answers in the chat that this was opened from, or nil."
  (with-current-buffer (llm-switch-mcp-screen-origin) (llm-switch-mcp-cost-deployment)))

;;; Show

(defun llm-switch-mcp--show ()
  "Show what is known."
  (let ((rows (plist-get llm-switch-mcp--told :servers)))
    (setq tabulated-list-entries
          (mapcar (lambda (row) (list (plist-get row :server) (llm-switch-mcp--line row))) rows))
    (llm-switch-mcp-screen-print
     (llm-switch-mcp--above)
     (concat (if rows "" (llm-switch-mcp--nothing))
             (llm-switch-mcp--problems)))))

(defun llm-switch-mcp--above ()
  "Return the line above the table: for whom it is."
  (let ((project (with-current-buffer (llm-switch-mcp-screen-origin)
                   (llm-switch-project-folder)))
        (deployment (llm-switch-mcp--deployment)))
    (propertize
     (concat " " (buffer-name (llm-switch-mcp-screen-origin))
             (if project (concat " in " (abbreviate-file-name project)) ", in no project")
             (if deployment (concat ", prices of " deployment) "")
             "\n\n")
     'face 'shadow)))

(defun llm-switch-mcp--line (row)
  "Return the line of ROW's server."
  (let* ((name (plist-get row :server))
         (all (and (llm-switch-mcp--listed-p row) (plist-get row :tools)))
         (used (member name (buffer-local-value 'llm-switch-mcp-tools-servers
                                                (llm-switch-mcp-screen-origin)))))
    (vector (if used "*" "")
            (llm-switch-mcp-screen-state (plist-get row :state))
            (propertize (llm-switch-mcp-ask-line name) 'face 'bold)
            (llm-switch-mcp--where row)
            (plist-get row :transport)
            (if all (format "%d/%d" (plist-get row :tools-on) all) "?")
            (if all (llm-switch-spend-tokens (plist-get row :schema-tokens)) "?")
            (llm-switch-mcp-cost-dollars (cdr (assoc name llm-switch-mcp--costs)))
            (llm-switch-mcp--went name))))

(defun llm-switch-mcp--listed-p (row)
  "Return non-nil if ROW's server has said which tools it has."
  (or (equal (plist-get row :state) "ready") (> (or (plist-get row :tools) 0) 0)))

(defun llm-switch-mcp--where (row)
  "Return where ROW's server is written down."
  (pcase (plist-get row :kind)
    ("project" ".mcp.json")
    ("vs-code" ".vscode")
    ((or "claude-user" "claude-local") ".claude")
    (kind kind)))

(defun llm-switch-mcp--went (name)
  "Return what became of the tools of the server NAME that were called."
  (let* ((rows (seq-filter (lambda (it) (equal (plist-get it :server) name))
                           llm-switch-mcp--calls))
         (sum (lambda (key) (apply #'+ (mapcar (lambda (it) (plist-get it key)) rows))))
         (calls (funcall sum :calls))
         (errors (funcall sum :errors)))
    (if (zerop calls) "–"
      (concat (llm-switch-spend-count calls)
              (if (zerop errors) ""
                (propertize (format " (%d!)" errors) 'face 'llm-switch-mcp-failed
                            'help-echo "Calls that failed"))
              (format ", %s" (llm-switch-mcp--lasting (/ (funcall sum :total-ms) calls)))))))

(defun llm-switch-mcp--lasting (ms)
  "Return MS milliseconds as text."
  (if (< ms 1000) (format "%d ms" ms) (llm-switch-spend-seconds ms)))

(defun llm-switch-mcp--problems ()
  "Return what is wrong with servers and in files, below the table."
  (let ((of-servers (seq-mapcat (lambda (row)
                                  (when-let* ((problem (llm-switch-mcp-screen-problem row)))
                                    (list (concat (llm-switch-mcp-ask-line
                                                   (plist-get row :server))
                                                  ": " problem))))
                                (plist-get llm-switch-mcp--told :servers)))
        (of-files (mapcar #'llm-switch-mcp-ask-visible
                          (plist-get llm-switch-mcp--told :problems))))
    (mapconcat (lambda (it)
                 (concat "\n" (propertize (llm-switch-mcp-screen-wrap (concat "! " it))
                                          'face 'llm-switch-mcp-failed)))
               (append of-servers of-files) "")))

(defun llm-switch-mcp--nothing ()
  "Return what to do where no server is written down."
  (let ((project (with-current-buffer (llm-switch-mcp-screen-origin)
                   (llm-switch-project-folder))))
    (substitute-command-keys
     (format "\\<llm-switch-mcp-mode-map> No server of tools is written down.  \
\\[llm-switch-mcp-visit] visits the configuration,
 %s
 Write into it

   [mcp.files]
   command = \"npx\"
   args = [\"-y\", \"@modelcontextprotocol/server-filesystem\", \".\"]

 or, for one project alone, into
 %s

   {\"mcpServers\": {\"files\": {\"command\": \"npx\",
     \"args\": [\"-y\", \"@modelcontextprotocol/server-filesystem\", \".\"]}}}

 Those of ~/.claude.json and .vscode/mcp.json are found too.
 \\[revert-buffer] looks again.\n"
             (abbreviate-file-name llm-switch-config-file)
             (if project (abbreviate-file-name (expand-file-name ".mcp.json" project))
               ".mcp.json in its folder")))))

(provide 'llm-switch-mcp)
;;; llm-switch-mcp.el ends here
