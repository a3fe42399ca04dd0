;;; llm-switch-mcp-resource.el --- Resources of servers  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A resource is something that a server can be asked for by its address: a
;; file, a row, a page.  People write it SERVER:URI.  Here one is chosen and
;; looked at; `llm-switch-mcp-mention' puts some into a chat.

;;; Code:

(require 'llm-switch-mcp-content)
(require 'llm-switch-mcp-known)
(require 'llm-switch-mcp-place)
(require 'llm-switch-mcp-template)
(require 'mailcap)
(require 'seq)

;;; Which there are

(defun llm-switch-mcp-resource-rows ()
  "Return the resources and templates of the servers that are ready here.
A list of plists as `mcp.resources' gives them; templates have gaps in :uri."
  (let ((told (llm-switch-mcp-known "mcp.resources")))
    (append (plist-get told :resources) (plist-get told :templates))))

(defun llm-switch-mcp-resource-name (row)
  "Return how people write the resource of ROW: SERVER:URI."
  (concat (plist-get row :server) ":" (plist-get row :uri)))

(defun llm-switch-mcp-resource-split (name)
  "Return (SERVER . URI) of NAME, or nil if it is not of that form."
  (when (string-match (rx bos (group (+ (not (any ":")))) ":" (group (+ nonl)) eos) name)
    (cons (match-string 1 name) (match-string 2 name))))

(defun llm-switch-mcp-resource-annotate (row)
  "Return what is said of the resource of ROW beside its name."
  (let ((size (plist-get row :size))
        (title (or (plist-get row :title) (plist-get row :name)))
        (about (plist-get row :description)))
    (concat "  " (string-join
                  (delq nil (list (llm-switch-mcp-ask-line title)
                                  (and about (llm-switch-mcp-ask-line about))
                                  (plist-get row :mime)
                                  (and size (file-size-human-readable size 'si " " "B"))))
                  " · "))))

(defun llm-switch-mcp-resource-table ()
  "Return a completion table of the resources here, with what they are."
  (let* ((rows (llm-switch-mcp-resource-rows))
         (named (mapcar (lambda (row) (cons (llm-switch-mcp-resource-name row) row)) rows))
         (annotate (lambda (name) (llm-switch-mcp-resource-annotate (cdr (assoc name named))))))
    (lambda (text predicate action)
      (if (eq action 'metadata)
          `(metadata (category . llm-switch-mcp-resource) (annotation-function . ,annotate))
        (complete-with-action action named text predicate)))))

;;; Look at one

;;;###autoload
(defun llm-switch-mcp-resource (name)
  "Show the resource NAME, SERVER:URI, of a server that is ready here.
Any address that the server knows will do, whether it is listed or not.  The
gaps of a template are asked for, and completed by its server."
  (interactive (list (completing-read "Resource: " (llm-switch-mcp-resource-table))))
  (pcase (llm-switch-mcp-resource-split name)
    (`(,server . ,uri)
     (llm-switch-mcp-resource-show
      server (if (llm-switch-mcp-template-p uri) (llm-switch-mcp-template-read server uri) uri)))
    (_ (user-error "Write a resource as SERVER:URI"))))

(defun llm-switch-mcp-resource-show (server uri)
  "Show the resource of SERVER at URI, when it is there."
  (message "Reading %s from %s…" uri server)
  (llm-switch-mcp-place-call
   "mcp.read" (list :server server :uri uri)
   (lambda (kind told)
     (pcase kind
       ('value (message nil) (llm-switch-mcp-resource--display server uri told))
       ('error (message "llm-switch: %s" (plist-get told :message)))))))

(defun llm-switch-mcp-resource--display (server uri told)
  "Show TOLD, the value of `mcp.read', of SERVER at URI."
  (let ((handles (plist-get told :handles)))
    (if (and handles (string-match-p (rx bos (? "[resource " (* nonl) "]\n") "[" (* nonl) "]" eos)
                                     (plist-get told :text)))
        ;; Nothing but one content, which needs no text around it.
        (pcase-let ((`((,name . ,mime)) (llm-switch-mcp-content-handles (plist-get told :text))))
          (llm-switch-mcp-content-open name mime))
      (pop-to-buffer (llm-switch-mcp-resource--buffer server uri told)))))

(defun llm-switch-mcp-resource--buffer (server uri told)
  "Return a buffer with TOLD, what SERVER has at URI."
  (let ((here default-directory))
    (with-current-buffer (get-buffer-create (format "*%s:%s*" server uri))
      (setq default-directory here)
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert (plist-get told :text))
        (goto-char (point-min)))
      (llm-switch-mcp-resource--set-mode uri (plist-get told :mime))
      (llm-switch-mcp-content-refresh)
      (set-buffer-modified-p nil)
      (setq-local revert-buffer-function
                  (lambda (&rest _) (llm-switch-mcp-resource-show server uri)))
      (view-mode 1)
      (current-buffer))))

(defun llm-switch-mcp-resource--set-mode (uri mime)
  "Choose the mode for what is at URI and of the type MIME, by their names alone.
What stands in it has no say: it is a server's."
  (mailcap-parse-mimetypes)
  (let ((extension (car (rassoc mime mailcap-mime-extensions))))
    (funcall (or (llm-switch-mcp-resource--mode (replace-regexp-in-string "[?#].*" "" uri))
                 (and extension (llm-switch-mcp-resource--mode (concat "it" extension)))
                 #'text-mode))))

(defun llm-switch-mcp-resource--mode (name)
  "Return the mode that Emacs has for a file called NAME, or nil."
  (let ((mode (assoc-default name auto-mode-alist #'string-match-p)))
    (and (symbolp mode) (fboundp mode) mode)))

(provide 'llm-switch-mcp-resource)
;;; llm-switch-mcp-resource.el ends here
