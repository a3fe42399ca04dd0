;;; llm-switch-mcp-content.el --- Contents that tools gave, in chats  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What a tool gives that is no text is a file of the cache, and the text of its
;; result names it.  Such a handle, and the link to a resource, can be opened
;; with RET.  Images are shown behind the result, which gptel folds: they stand
;; in overlays, so the text of the chat is as it was, can be saved, and shows
;; them again when it is opened.

;;; Code:

(require 'gptel)
(require 'image)
(require 'llm-switch-channel)
(require 'llm-switch-mcp-tools)
(require 'seq)

(autoload 'llm-switch-mcp-resource-show "llm-switch-mcp-resource")
(declare-function w32-shell-execute "w32fns.c" (operation document &optional parameters show))

(defcustom llm-switch-mcp-content-images t
  "Whether images that tools gave are shown in chats."
  :group 'llm-switch
  :type 'boolean)

(defconst llm-switch-mcp-content--handle
  (rx "[" (group (+ (any alnum "+./;=_-"))) ", " (+ digit) " bytes: "
      "mcp-content:" (group (= 32 (any "0-9a-f"))) "]")
  "What stands for a content in the text of a result: its media type and name.")

(defconst llm-switch-mcp-content--link
  (rx "[resource \"" (* (or (not (any "\"\\\n")) (: "\\" nonl))) "\""
      (? ", " (* (not (any ":\n")))) ": " (group (+ (not (any "]" space)))) "]")
  "What stands for a link to a resource in the text of a result: its address.")

;;; Files

(defun llm-switch-mcp-content-file (name)
  "Return the file of the content called NAME, or nil if it is gone."
  (car (file-expand-wildcards
        (expand-file-name (concat "mcp/" name ".*") llm-switch-cache-directory) t)))

(defun llm-switch-mcp-content-handles (text)
  "Return the contents that TEXT names, in its order: ((NAME . MIME)...)."
  (let ((at 0) (found nil))
    (while (string-match llm-switch-mcp-content--handle text at)
      (push (cons (match-string 2 text) (match-string 1 text)) found)
      (setq at (match-end 0)))
    (nreverse found)))

(defun llm-switch-mcp-content-open (name mime)
  "Open the content called NAME, of the type MIME.
Emacs shows text, and images where it can; the system's program opens the rest."
  (llm-switch-mcp-content-open-file
   (or (llm-switch-mcp-content-file name)
       (user-error "That content is gone: contents are kept for a month"))
   mime))

(defun llm-switch-mcp-content-open-file (file mime)
  "Open FILE, with what a server gave, of the type MIME."
  (if (or (string-match-p (rx bos (or "text/" "application/json")) mime)
          (and (string-prefix-p "image/" mime) (display-images-p)))
      (llm-switch-mcp-content--view file)
    (llm-switch-mcp-content--open-outside file)))

(defun llm-switch-mcp-content--view (file)
  "Show FILE in another window.
What stands in it sets nothing in Emacs."
  (let ((enable-local-variables nil)
        (enable-local-eval nil)
        (enable-dir-local-variables nil))
    (view-file-other-window file)))

(defun llm-switch-mcp-content--open-outside (file)
  "Open FILE with the system's program for it."
  (pcase system-type
    ('windows-nt (w32-shell-execute "open" file))
    ((or 'darwin (guard (executable-find "xdg-open")))
     (call-process (if (eq system-type 'darwin) "open" "xdg-open") nil 0 nil file))
    (_ (user-error "No program opens %s here (xdg-open is missing)" file))))

;;; Images

(defun llm-switch-mcp-content-image (file)
  "Return an image of FILE that fits into the window, or nil if none can be shown."
  (when (and file (display-images-p) (file-readable-p file))
    (let ((window (or (get-buffer-window (current-buffer) t) (selected-window))))
      (ignore-errors
        (create-image file nil nil
                      :max-width (max 32 (- (window-body-width window t) 16))
                      :max-height (max 32 (/ (window-body-height window t) 2)))))))

(defun llm-switch-mcp-content--show-images (place names)
  "Show the images among the contents called NAMES behind the line at PLACE."
  (when-let* ((images (delq nil (mapcar (lambda (name)
                                          (llm-switch-mcp-content-image
                                           (llm-switch-mcp-content-file name)))
                                        names)))
              (overlay (make-overlay place (min (1+ place) (point-max)))))
    (overlay-put overlay 'llm-switch-mcp-content t)
    (overlay-put overlay 'evaporate (< place (point-max)))
    (overlay-put overlay 'after-string
                 (concat (if (< place (point-max)) "" "\n")
                         (mapconcat (lambda (image) (propertize " " 'display image))
                                    images "\n")
                         "\n"))))

(defun llm-switch-mcp-content--place (position)
  "Return the end of the line behind which images named at POSITION are seen.
That is the last of the block of a tool's result, for it is folded."
  (save-excursion
    (goto-char position)
    (when (eq (car-safe (get-text-property position 'gptel)) 'tool)
      (goto-char (next-single-property-change position 'gptel nil (point-max)))
      (when (looking-at (rx "\n" (or "```" "#+end_tool"))) (forward-line 1)))
    (line-end-position)))

;;; Chats

(defvar llm-switch-mcp-content-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'llm-switch-mcp-content-follow)
    (define-key map [mouse-2] #'llm-switch-mcp-content-follow)
    (define-key map [follow-link] 'mouse-face)
    map)
  "Keys on what stands for a content or a resource.")

(defun llm-switch-mcp-content-refresh (&rest _)
  "Mark what can be opened in this buffer, and show its images."
  (interactive)
  (save-excursion
    (save-restriction
      (widen)
      (remove-overlays (point-min) (point-max) 'llm-switch-mcp-content t)
      (llm-switch-mcp-content--mark-links)
      (let ((places (llm-switch-mcp-content--mark-handles)))
        (when llm-switch-mcp-content-images
          (pcase-dolist (`(,place . ,names) places)
            (llm-switch-mcp-content--show-images place (nreverse names))))))))

(defun llm-switch-mcp-content--mark-handles ()
  "Mark all handles in this buffer.
Return where their images are to be shown: ((PLACE NAME...)...), names reversed."
  (let ((places nil))
    (goto-char (point-min))
    (while (re-search-forward llm-switch-mcp-content--handle nil t)
      (let ((mime (match-string-no-properties 1))
            (name (match-string-no-properties 2)))
        (llm-switch-mcp-content--mark #'llm-switch-mcp-content-open name mime)
        (when (string-prefix-p "image/" mime)
          (push name (alist-get (llm-switch-mcp-content--place (match-beginning 0)) places)))))
    places))

(defun llm-switch-mcp-content--mark-links ()
  "Mark all links to resources in this buffer."
  (goto-char (point-min))
  (while (re-search-forward llm-switch-mcp-content--link nil t)
    (llm-switch-mcp-content--mark #'llm-switch-mcp-content--open-link
                                  (match-string-no-properties 1) (match-beginning 0))))

(defun llm-switch-mcp-content--mark (function &rest arguments)
  "Let RET on what was found last call FUNCTION with ARGUMENTS."
  (let ((overlay (make-overlay (match-beginning 0) (match-end 0))))
    (overlay-put overlay 'llm-switch-mcp-content t)
    (overlay-put overlay 'llm-switch-mcp-content-action (cons function arguments))
    (overlay-put overlay 'evaporate t)
    (overlay-put overlay 'face 'link)
    (overlay-put overlay 'mouse-face 'highlight)
    (overlay-put overlay 'help-echo "RET: open this")
    (overlay-put overlay 'keymap llm-switch-mcp-content-map)))

(defun llm-switch-mcp-content-follow (&optional event)
  "Open what point, or the mouse of EVENT, is on."
  (interactive (list last-nonmenu-event))
  (when (mouse-event-p event) (posn-set-point (event-end event)))
  (if-let* ((action (get-char-property (point) 'llm-switch-mcp-content-action)))
      (apply action)
    (user-error "There is nothing to open here")))

(defun llm-switch-mcp-content--open-link (uri position)
  "Show the resource at URI, to which a link at POSITION leads."
  (llm-switch-mcp-resource-show (or (llm-switch-mcp-content--server position)
                                    (user-error "Which server gave this link is not known; %s"
                                                "M-x llm-switch-mcp-resource reads it"))
                                uri))

(defun llm-switch-mcp-content--server (position)
  "Return the server of the tool in whose result POSITION is, or nil."
  (when (eq (car-safe (get-text-property position 'gptel)) 'tool)
    (save-excursion
      (goto-char (previous-single-property-change (1+ position) 'gptel nil (point-min)))
      (when-let* ((call (ignore-errors (read (current-buffer))))
                  (name (plist-get call :name)))
        (llm-switch-mcp-tools-server name)))))

(provide 'llm-switch-mcp-content)
;;; llm-switch-mcp-content.el ends here
