;;; llm-switch-contract-media-test.el --- Images and documents in gptel's requests  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-contract-helper)
(require 'gptel-context)
(require 'llm-switch-mode)
(require 'org)

(defconst llm-switch-contract-media--png
  (base64-decode-string "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9\
awAAAABJRU5ErkJggg==")
  "The bytes of an image of one pixel.")

(defconst llm-switch-contract-media--pdf "%PDF-1.4\n%\377\376\0\0\n%%EOF\n"
  "Bytes that begin and end as a PDF file does.")

(defun llm-switch-contract-media-file (name bytes)
  "Write BYTES to a file called NAME in the folder of this test; return it."
  (let ((file (expand-file-name name llm-switch-test-folder))
        (coding-system-for-write 'no-conversion))
    (write-region bytes nil file nil 'quiet)
    file))

(defun llm-switch-contract-media-arrived ()
  "Return what media the last request had: a list of (MIME BYTES)."
  (mapcar (lambda (it) (list (plist-get it :mime) (plist-get it :bytes)))
          (plist-get (car (last (llm-switch-test-received))) :media)))

(defmacro llm-switch-contract-media-with (&rest body)
  "Run BODY with gptel following links in an Org chat, and a fresh simulator."
  (declare (indent 0) (debug t))
  `(llm-switch-contract-with
     (llm-switch-test-reset)
     (let ((gptel-track-media t) (gptel-context nil))
       (llm-switch-test-chat "sim/hello" #'org-mode ,@body))))

(ert-deftest llm-switch-contract-media/an-image-that-is-linked-in-org-arrives ()
  (llm-switch-contract-media-with
    (let ((file (llm-switch-contract-media-file "dot.png" llm-switch-contract-media--png)))
      (should-not (plist-get (llm-switch-test-ask (format "What is this?\n\n[[file:%s]]\n" file))
                             :error))
      (should (equal (llm-switch-contract-media-arrived)
                     `(("image/png" ,(length llm-switch-contract-media--png))))))))

(ert-deftest llm-switch-contract-media/a-pdf-that-is-linked-arrives ()
  (llm-switch-contract-media-with
    (let ((file (llm-switch-contract-media-file "a.pdf" llm-switch-contract-media--pdf)))
      (should-not (plist-get (llm-switch-test-ask (format "Read it.\n\n[[file:%s]]\n" file))
                             :error))
      (should (equal (llm-switch-contract-media-arrived)
                     `(("application/pdf" ,(length llm-switch-contract-media--pdf))))))))

(ert-deftest llm-switch-contract-media/an-image-in-gptels-context-arrives ()
  (llm-switch-contract-media-with
    (gptel-context-add-file
     (llm-switch-contract-media-file "dot.png" llm-switch-contract-media--png))
    (should-not (plist-get (llm-switch-test-ask "What is this?") :error))
    (should (equal (llm-switch-contract-media-arrived)
                   `(("image/png" ,(length llm-switch-contract-media--png)))))))

(ert-deftest llm-switch-contract-media/a-text-file-in-gptels-context-arrives-as-text ()
  (llm-switch-contract-media-with
    (gptel-context-add-file (llm-switch-contract-media-file "a.txt" "a line of context\n"))
    (llm-switch-contract-use "sim/inspect")
    (llm-switch-test-ask "What is this?")
    (should (string-search "a line of context" (buffer-string)))
    (should-not (llm-switch-contract-media-arrived))))

(ert-deftest llm-switch-contract-media/a-model-known-to-be-blind-gets-no-context-image ()
  (llm-switch-contract-media-with
    (llm-switch-gptel-use `(:can ("tools") ,@(llm-switch-test-row "sim/hello")) 'buffer)
    (gptel-context-add-file
     (llm-switch-contract-media-file "dot.png" llm-switch-contract-media--png))
    (should-not gptel-context)
    (llm-switch-gptel-use (llm-switch-test-row "sim/hello") 'buffer)))

(ert-deftest llm-switch-contract-media/an-adopted-backend-sends-media-schema-and-tools ()
  (llm-switch-contract-media-with
    (let* ((host (replace-regexp-in-string "\\`http://\\|/v1\\'" "" (llm-switch-test-url)))
           (gptel--known-backends nil)
           (gptel-proxy "")
           (file (llm-switch-contract-media-file "dot.png" llm-switch-contract-media--png)))
      (setq-local gptel-backend (gptel-make-openai "Adopted" :host host :protocol "http" :stream t
                                  :models '((inspect :capabilities (media tool-use json)
                                                     :mime-types ("image/png")))
                                  :key (llm-switch-test-key "adopted"))
                  gptel-model 'inspect)
      (unwind-protect
          (llm-switch-contract-tools (list (llm-switch-contract-tool #'identity))
            (llm-switch-mode 1)
            (goto-char (point-max))
            (insert (format "Look.\n\n[[file:%s]]\n" file))
            (let* ((answer nil)
                   (fsm (gptel-request nil :schema "moons integer"
                                       :callback (lambda (it _) (when (stringp it)
                                                                  (setq answer it))))))
              (llm-switch-test-finish fsm)
              (let ((received (llm-switch-contract-parse answer)))
                (should (equal (plist-get (car (plist-get received :tools)) :name) "look"))
                (should (plist-get (plist-get received :parameters) :response_format))
                (should (equal (llm-switch-contract-media-arrived)
                               `(("image/png" ,(length llm-switch-contract-media--png))))))))
        (llm-switch-mode -1)))))

(provide 'llm-switch-contract-media-test)
;;; llm-switch-contract-media-test.el ends here
