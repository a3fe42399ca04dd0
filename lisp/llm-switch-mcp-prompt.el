;;; llm-switch-mcp-prompt.el --- Prompts of servers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A server has prompts ready, with arguments to fill in.  One is chosen by a
;; command, or by its name after a slash at the beginning of a question in a
;; chat.  What it says stands in the chat as if it had been typed, and answers
;; in it as if a model had given them: nothing is sent before the user does.

;;; Code:

(require 'gptel)
(require 'llm-switch-mcp-content)
(require 'llm-switch-mcp-known)
(require 'llm-switch-mcp-mention)
(require 'llm-switch-mcp-template)
(require 'seq)

;;; Which there are

(defun llm-switch-mcp-prompt-rows ()
  "Return a plist for each prompt of the servers that are ready here."
  (plist-get (llm-switch-mcp-known "mcp.prompts") :prompts))

(defun llm-switch-mcp-prompt--name (row)
  "Return how people write the prompt of ROW: SERVER:PROMPT."
  (concat (plist-get row :server) ":" (plist-get row :name)))

(defun llm-switch-mcp-prompt--command (row)
  "Return the command for the prompt of ROW, as other clients name it."
  (let ((plain (lambda (name) (replace-regexp-in-string "[^A-Za-z0-9_-]" "_" name))))
    (format "mcp__%s__%s" (funcall plain (plist-get row :server))
            (funcall plain (plist-get row :name)))))

(defun llm-switch-mcp-prompt--annotate (row)
  "Return what is said of the prompt of ROW beside its name."
  (let ((arguments (mapcar (lambda (it) (if (plist-get it :required) (plist-get it :name)
                                          (format "[%s]" (plist-get it :name))))
                           (plist-get row :arguments)))
        (about (or (plist-get row :description) (plist-get row :title) "")))
    (concat "  " (string-join (remove "" (list (string-join arguments " ")
                                               (llm-switch-mcp-ask-line about)))
                              " · "))))

(defun llm-switch-mcp-prompt--table (namer)
  "Return a completion table of what can be asked for here, named by NAMER.
It is called with the row of each."
  (let* ((named (mapcar (lambda (row) (cons (funcall namer row) row))
                        (llm-switch-mcp-prompt-rows)))
         (annotate (lambda (name)
                     (llm-switch-mcp-prompt--annotate (cdr (assoc name named))))))
    (lambda (text predicate action)
      (if (eq action 'metadata)
          `(metadata (category . llm-switch-mcp-prompt) (annotation-function . ,annotate))
        (complete-with-action action named text predicate)))))

(defun llm-switch-mcp-prompt--row (namer name)
  "Return the row whose name by NAMER is NAME, or nil."
  (seq-find (lambda (row) (equal (funcall namer row) name)) (llm-switch-mcp-prompt-rows)))

;;; Insert one

;;;###autoload
(defun llm-switch-mcp-prompt (name)
  "Insert the prompt NAME, SERVER:PROMPT, at point in this chat.
Its arguments are asked for, and completed by its server.  Elsewhere than in a
chat, one is asked for."
  (interactive (list (completing-read
                      "Prompt: " (llm-switch-mcp-prompt--table #'llm-switch-mcp-prompt--name)
                      nil t)))
  (let ((row (or (llm-switch-mcp-prompt--row #'llm-switch-mcp-prompt--name name)
                 (user-error "No server that is ready has the prompt %s" name))))
    (with-current-buffer (llm-switch-mcp-prompt--chat)
      (llm-switch-mcp-prompt--fill row))))

(defun llm-switch-mcp-prompt--chat ()
  "Return this buffer if it is a chat, else one that the user names, shown."
  (if gptel-mode
      (current-buffer)
    (let* ((chats (seq-filter (lambda (it) (buffer-local-value 'gptel-mode it)) (buffer-list)))
           (name (completing-read "Chat: " (mapcar #'buffer-name chats) nil nil nil nil
                                  (if chats (buffer-name (car chats)) "*llm-switch*")))
           (chat (if (memq (get-buffer name) chats) (get-buffer name) (gptel name))))
      (pop-to-buffer chat)
      chat)))

(defun llm-switch-mcp-prompt--fill (row)
  "Read the arguments of the prompt of ROW, and insert it when it is there."
  (let ((server (plist-get row :server))
        (name (plist-get row :name))
        (place (copy-marker (point) t))
        (values (llm-switch-mcp-prompt--read row)))
    (llm-switch-mcp-place-call
     "mcp.prompt"
     `(:server ,server :prompt ,name :arguments ,(llm-switch-mcp-template-object values))
     (lambda (kind told)
       (pcase kind
         ('value (llm-switch-mcp-prompt--insert place (plist-get told :messages)))
         ('error (message "llm-switch: %s" (plist-get told :message)))))
     (current-buffer))))

(defun llm-switch-mcp-prompt--read (row)
  "Read the arguments of the prompt of ROW; return them, an alist."
  (let ((values nil))
    (dolist (argument (plist-get row :arguments))
      (let ((value (llm-switch-mcp-prompt--read-one row argument values)))
        (unless (string-empty-p value)
          (push (cons (plist-get argument :name) value) values))))
    values))

(defun llm-switch-mcp-prompt--read-one (row argument others)
  "Read ARGUMENT of the prompt of ROW, where OTHERS are known; return it."
  (let ((name (plist-get argument :name))
        (about (plist-get argument :description))
        (required (plist-get argument :required))
        (value ""))
    (while (and (string-empty-p
                 (setq value (completing-read
                              (format "%s%s%s: " name
                                      (if about (format ", %s" (llm-switch-mcp-ask-line about))
                                        "")
                                      (if required "" " (RET leaves it out)"))
                              (llm-switch-mcp-template-completion
                               (plist-get row :server) :prompt (plist-get row :name) name others))))
                required))
    value))

(defun llm-switch-mcp-prompt--insert (place messages)
  "Insert MESSAGES, plists (:role :text), at the marker PLACE of a chat."
  (with-current-buffer (marker-buffer place)
    (save-excursion
      (goto-char place)
      (let ((before nil))
        (dolist (message messages)
          (llm-switch-mcp-prompt--insert-one before message)
          (setq before (plist-get message :role)))
        (when (equal before "assistant")
          (insert gptel-response-separator (gptel-prompt-prefix-string)))))
    (goto-char place)
    (llm-switch-mcp-content-refresh)))

(defun llm-switch-mcp-prompt--insert-one (before message)
  "Insert MESSAGE as a turn of gptel, behind one of the role BEFORE, if any."
  (let ((text (plist-get message :text)))
    (if (equal (plist-get message :role) "assistant")
        (insert gptel-response-separator (gptel-response-prefix-string)
                (propertize text 'gptel 'response 'front-sticky '(gptel)))
      (pcase before
        ("assistant" (insert gptel-response-separator (gptel-prompt-prefix-string)))
        ("user" (insert "\n\n")))
      (insert text))))

;;; As commands in a chat

(defun llm-switch-mcp-prompt-capf ()
  "Complete the prompt at point, after a slash that begins a question.
In `completion-at-point-functions' of chats."
  (when-let* ((slash (save-excursion
                       (skip-chars-backward "A-Za-z0-9_-")
                       (and (eql (char-before) ?/) (1- (point)))))
              ((llm-switch-mcp-prompt--first-p slash))
              ((llm-switch-mcp-prompt-rows)))
    (list (1+ slash) (point) (llm-switch-mcp-prompt--table #'llm-switch-mcp-prompt--command)
          :exclusive 'no
          :company-kind (lambda (_) 'snippet)
          :exit-function #'llm-switch-mcp-prompt--completed)))

(defun llm-switch-mcp-prompt--first-p (position)
  "Return non-nil if POSITION is where the user's turn begins to say something."
  (and (not (get-text-property position 'gptel))
       (member (string-trim (buffer-substring-no-properties
                             (llm-switch-mcp-mention-turn position) position))
               (list "" (string-trim (gptel-prompt-prefix-string))))))

(defun llm-switch-mcp-prompt--completed (name status)
  "Put the prompt NAME, completed with STATUS before point, in its own place."
  (when-let* (((memq status '(finished sole)))
              (row (llm-switch-mcp-prompt--row #'llm-switch-mcp-prompt--command
                                               (substring-no-properties name))))
    (delete-region (- (point) (length name) 1) (point))
    (llm-switch-mcp-prompt--fill row)))

(provide 'llm-switch-mcp-prompt)
;;; llm-switch-mcp-prompt.el ends here
