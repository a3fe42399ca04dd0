;;; llm-switch-mcp-try.el --- Call a tool by hand  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; The arguments of a tool are read one after the other; the result comes into
;; a buffer, with its images.  Emacs goes on meanwhile, and the call can be
;; cancelled there.

;;; Code:

(require 'llm-switch-mcp-ask)
(require 'llm-switch-mcp-content)
(require 'llm-switch-mcp-log)
(require 'llm-switch-mcp-permission)
(require 'llm-switch-mcp-schema)
(require 'llm-switch-mcp-screen)
(require 'llm-switch-mcp-tools)

(defvar-local llm-switch-mcp-try--tool nil
  "The tool that was called, a row of `mcp.tools'.")

(defvar-local llm-switch-mcp-try--arguments nil
  "What it was called with, JSON text.")

(defvar-local llm-switch-mcp-try--id nil
  "The id of the call that is under way, or nil.")

(defvar-local llm-switch-mcp-try--progress nil
  "How far the call is, in words, or nil.")

(defvar llm-switch-mcp-try-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-g") #'llm-switch-mcp-try-cancel)
    (define-key map (kbd "C-c C-k") #'llm-switch-mcp-try-cancel)
    (define-key map "x" #'llm-switch-mcp-try-again)
    (define-key map "?" #'describe-mode)
    map)
  "Keys in the result of a tool.")

(define-derived-mode llm-switch-mcp-try-mode special-mode "MCP call"
  "Shows what a tool gave.
\\<llm-switch-mcp-try-mode-map>\\[llm-switch-mcp-try-cancel] cancels the call that is under way, \
\\[revert-buffer] calls the tool again as before,
\\[llm-switch-mcp-try-again] with other arguments.

\\{llm-switch-mcp-try-mode-map}"
  (setq-local revert-buffer-function (lambda (&rest _) (llm-switch-mcp-try--as-before))
              mode-line-process '(:eval (if llm-switch-mcp-try--id
                                            (concat " " (or llm-switch-mcp-try--progress "runs"))
                                          "")))
  (add-hook 'kill-buffer-hook #'llm-switch-mcp-try--leave nil t))

;;;###autoload
(defun llm-switch-mcp-try (tool)
  "Read arguments for TOOL, a row of `mcp.tools', call it and show the result.
Interactively its server, which must be ready here, and the tool are chosen."
  (interactive (list (llm-switch-mcp-try--choose)))
  (let ((arguments (llm-switch-mcp-try--read tool)))
    (when (llm-switch-mcp-try--sure-p tool arguments)
      (llm-switch-mcp-screen-open (format "*llm-switch call: %s*" (plist-get tool :tool))
                                  'llm-switch-mcp-try-mode)
      (setq llm-switch-mcp-try--tool tool
            llm-switch-mcp-try--arguments arguments)
      (llm-switch-mcp-try--call))))

(defun llm-switch-mcp-try--choose ()
  "Read which tool of the servers that are ready here is meant; return its row."
  (let ((rows (or (plist-get (llm-switch-mcp-place-ask "mcp.tools") :tools)
                  (user-error "No server is ready here: M-x llm-switch-mcp starts one"))))
    (car (llm-switch-mcp-try--chosen
          :tool "Tool: " (llm-switch-mcp-try--chosen :server "Server: " rows)))))

(defun llm-switch-mcp-try--chosen (key prompt rows)
  "Read with PROMPT what KEY is; return those of ROWS for which it is that."
  (let* ((name (lambda (row) (llm-switch-mcp-try--name key row)))
         (chosen (completing-read prompt (seq-uniq (mapcar name rows)) nil t)))
    (or (seq-filter (lambda (row) (equal (funcall name row) chosen)) rows)
        (user-error "Nothing was chosen"))))

(defun llm-switch-mcp-try--name (key row)
  "Return what ROW has at KEY, :server or :tool, as people read it."
  (llm-switch-mcp-ask-line (plist-get row key)))

(defun llm-switch-mcp-try--sure-p (tool arguments)
  "Return non-nil if TOOL may be called with ARGUMENTS, JSON text.
Before one that may destroy something, all of that is shown and asked about."
  (or (not (plist-get tool :destructive))
      (eq 'yes (llm-switch-mcp-ask
                (llm-switch-mcp-permission-text
                 `(,@tool :project ,(llm-switch-project-folder)
                   :arguments ,(llm-switch-mcp-log-pretty arguments)))
                "Call it?" '((?y "yes" . yes) (?n "no" . no)) '(?y)))))

(defun llm-switch-mcp-try--read (tool)
  "Read the arguments of TOOL and return them as JSON text."
  (llm-switch-mcp-schema-json
   (llm-switch-mcp-schema-read-object
    (llm-switch-mcp-schema-parse (plist-get tool :parameters)))))

;;; Call

(defun llm-switch-mcp-try-again ()
  "Call the tool of this buffer with other arguments."
  (interactive nil llm-switch-mcp-try-mode)
  (llm-switch-mcp-try llm-switch-mcp-try--tool))

(defun llm-switch-mcp-try--as-before ()
  "Call the tool of this buffer again with the arguments that it had."
  (when (llm-switch-mcp-try--sure-p llm-switch-mcp-try--tool llm-switch-mcp-try--arguments)
    (llm-switch-mcp-try--call)))

(defun llm-switch-mcp-try-cancel ()
  "Cancel the call that is under way; its server is told."
  (interactive nil llm-switch-mcp-try-mode)
  (unless llm-switch-mcp-try--id (keyboard-quit))
  (llm-switch-channel-cancel llm-switch-mcp-try--id))

(defun llm-switch-mcp-try--leave ()
  "Give up the call that is under way."
  (when llm-switch-mcp-try--id
    (llm-switch-channel-forget llm-switch-mcp-try--id)
    (setq llm-switch-mcp-try--id nil)))

(defun llm-switch-mcp-try--call ()
  "Call the tool of this buffer."
  (llm-switch-mcp-try--leave)
  (setq llm-switch-mcp-try--progress nil)
  (llm-switch-mcp-try--show "It runs…  C-g cancels it.\n")
  (let ((screen (current-buffer))
        ;; Who types the arguments has seen them.
        (params (list :name (plist-get llm-switch-mcp-try--tool :name)
                      :arguments llm-switch-mcp-try--arguments :granted t)))
    (setq llm-switch-mcp-try--id
          (with-current-buffer (llm-switch-mcp-screen-origin)
            (llm-switch-mcp-place-call
             "mcp.call" params
             (lambda (kind rest)
               (with-current-buffer screen (llm-switch-mcp-try--hear kind rest)))
             screen)))))

(defun llm-switch-mcp-try--hear (kind rest)
  "Show the event of KIND with REST of the call."
  (pcase kind
    ('progress (setq llm-switch-mcp-try--progress (llm-switch-mcp-call-progress rest)))
    ('value (setq llm-switch-mcp-try--id nil)
            (llm-switch-mcp-try--show-result rest))
    ('error (setq llm-switch-mcp-try--id nil)
            (llm-switch-mcp-try--show
             (concat "Failed: " (propertize (llm-switch-mcp-ask-visible (plist-get rest :message))
                                            'face 'llm-switch-mcp-failed)
                     "\n"))))
  (force-mode-line-update))

;;; Show

(defun llm-switch-mcp-try--show (text)
  "Show TEXT below what was called."
  (let ((inhibit-read-only t))
    (erase-buffer)
    (insert (propertize (format "%s of %s" (llm-switch-mcp-try--name :tool llm-switch-mcp-try--tool)
                                (llm-switch-mcp-try--name :server llm-switch-mcp-try--tool))
                        'face 'bold)
            "\n" (llm-switch-mcp-ask-visible llm-switch-mcp-try--arguments) "\n\n" text)
    (goto-char (point-min))))

(defun llm-switch-mcp-try--show-result (result)
  "Show RESULT, the value of `mcp.call'."
  (llm-switch-mcp-try--show (format "%s after %d ms\n\n"
                                    (if (plist-get result :is-error) "It failed" "It gave")
                                    (plist-get result :ms)))
  (let ((inhibit-read-only t))
    (save-excursion
      (goto-char (point-max))
      (insert (llm-switch-mcp-ask-visible (plist-get result :text)) "\n")
      (seq-do #'llm-switch-mcp-try--show-content (plist-get result :handles))
      (goto-char (point-max))
      (when (plist-get result :structured)
        (insert "\nAs data\n"
                (llm-switch-mcp-ask-visible
                 (llm-switch-mcp-log-pretty (plist-get result :structured)))
                "\n"))
      (when (plist-get result :path)
        (insert "\n" (llm-switch-mcp-try--button "The whole is in a file"
                                                 (plist-get result :path) "text/plain")
                "\n")))))

(defun llm-switch-mcp-try--show-content (content)
  "Show CONTENT, a handle, below the line of the result that names it."
  (goto-char (point-min))
  (when (search-forward (plist-get content :handle) nil t)
    (end-of-line)
    (insert "\n")
    (let ((image (and (equal (plist-get content :kind) "image") (display-images-p)
                      (ignore-errors (create-image (plist-get content :path) nil nil
                                                   :max-width (window-pixel-width))))))
      (if image
          (insert-image image)
        (insert (llm-switch-mcp-try--button "open it" (plist-get content :path)
                                            (plist-get content :mime)))))))

(defun llm-switch-mcp-try--button (text file mime)
  "Return TEXT as a button that opens FILE, a server's, of the type MIME."
  (make-text-button (copy-sequence text) nil
                    'action (lambda (_) (llm-switch-mcp-content-open-file file mime))
                    'help-echo file 'follow-link t))

(provide 'llm-switch-mcp-try)
;;; llm-switch-mcp-try.el ends here
