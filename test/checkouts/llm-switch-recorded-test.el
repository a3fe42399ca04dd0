;;; llm-switch-recorded-test.el --- Answers that gptel's suite has recorded  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; gptel's own suite (gptel-test) holds answers as services have sent them, and
;; beside each what gptel makes of it.  Each is played back from loopback and
;; must come out of the module the same.  `make test-checkouts' runs this, with
;; the folder of the checkouts in LLM_SWITCH_CHECKOUTS.

;;; Code:

(require 'llm-switch-contract-helper)
(require 'llm-switch-contract-server)

(defconst llm-switch-recorded--folder
  (expand-file-name "gptel-test/examples-responses/" (getenv "LLM_SWITCH_CHECKOUTS"))
  "Where the recorded answers lie, in a folder for each dialect.")

(defconst llm-switch-recorded--dialects
  '(("openai" . "openai-chat") ("openai-responses" . "openai-responses")
    ("anthropic" . "anthropic") ("gemini" . "gemini"))
  "The dialect of each folder.")

(defun llm-switch-recorded--bytes (file)
  "Return the body that is recorded in FILE, without the head that some have."
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (insert-file-contents-literally file)
    (goto-char (point-min))
    (when (looking-at-p "\\(### \\)?HTTP/")
      (re-search-forward "\r?\n\r?\n")
      (delete-region (point-min) (point)))
    (buffer-string)))

(defun llm-switch-recorded--events (array)
  "Return ARRAY, JSON text, as a stream of events that have its elements.
gptel asks Gemini for an array, the module for events with the same content."
  (mapconcat (lambda (element) (concat "data: " (json-serialize element) "\r\n\r\n"))
             (json-parse-string (decode-coding-string array 'utf-8)) ""))

(defun llm-switch-recorded--told (file dialect stream)
  "Return what a service of DIALECT sends for FILE, with STREAM or without."
  (let ((bytes (llm-switch-recorded--bytes file)))
    (cond ((not stream) (list 200 "application/json" bytes))
          ((equal dialect "gemini")
           (list 200 "text/event-stream" (llm-switch-recorded--events bytes)))
          (t (list 200 "text/event-stream" bytes)))))

(defun llm-switch-recorded--heard (file dialect stream)
  "Play FILE back as a service of DIALECT; return (REASONING TEXT) that gptel hears."
  (llm-switch-contract-server-with dialect (llm-switch-recorded--told file dialect stream)
    (let* ((gptel-backend (llm-switch-gptel-make-backend))
           (gptel-model (llm-switch-gptel-model "told/recorded"))
           (gptel-include-reasoning t)
           (heard (llm-switch-contract-hear "Hi" :stream stream)))
      (should-not (plist-get (car (last heard)) :error))
      (list (mapconcat (lambda (it) (if (stringp (cdr-safe it)) (cdr it) "")) (butlast heard) "")
            (llm-switch-contract-text heard)))))

(defun llm-switch-recorded--expected (file)
  "Return (REASONING TEXT) that gptel makes of FILE.
It leaves marks around thoughts that came as text; the module takes them out."
  (with-temp-buffer
    (insert-file-contents (concat (file-name-sans-extension file) ".eld"))
    (mapcar (lambda (text) (replace-regexp-in-string "</?think>" "" (or text "")))
            (last (read (current-buffer)) 2))))

(defun llm-switch-recorded--check (file dialect)
  "Check that FILE, recorded in DIALECT, comes out as with gptel.
Blank space around the texts does not count: gptel trims some of its own."
  (let ((stream (not (string-search "nostream" file))))
    (should (equal (mapcar #'string-trim (llm-switch-recorded--heard file dialect stream))
                   (mapcar #'string-trim (llm-switch-recorded--expected file))))))

(defun llm-switch-recorded--define (file dialect)
  "Define the test of FILE, recorded in DIALECT."
  (let ((name (intern (format "llm-switch-recorded/%s-%s" dialect (file-name-base file)))))
    (ert-set-test name (make-ert-test :name name
                                      :body (lambda ()
                                              (llm-switch-recorded--check file dialect))))))

(pcase-dolist (`(,folder . ,dialect) llm-switch-recorded--dialects)
  (dolist (file (directory-files (expand-file-name folder llm-switch-recorded--folder)
                                 t "\\.txt\\'"))
    (llm-switch-recorded--define file dialect)))

;;; Calls of tools

(defun llm-switch-recorded--calls (file tool)
  "Play FILE of gptel-test's examples back; return the arguments of the calls of TOOL."
  (let ((path (expand-file-name (concat "../examples/" file) llm-switch-recorded--folder)))
    (llm-switch-contract-server-with "anthropic"
        (list 200 "text/event-stream" (llm-switch-recorded--bytes path))
      (let* ((gptel-backend (llm-switch-gptel-make-backend))
             (gptel-model (llm-switch-gptel-model "told/recorded"))
             (gptel-tools (list tool))
             (gptel-use-tools t)
             (gptel-confirm-tool-calls t)
             (calls nil))
        (gptel-request "Hi" :stream t
                       :callback (lambda (it _) (when (eq (car-safe it) 'tool-call)
                                                  (setq calls (cdr it)))))
        (mapcar #'cadr (llm-switch-test-wait calls))))))

(ert-deftest llm-switch-recorded/a-recorded-call-has-its-arguments ()
  (should (equal (llm-switch-recorded--calls
                  "anthropic-tool-stream.txt"
                  (gptel-make-tool :name "get_weather" :description "The weather." :args nil
                                   :function #'ignore :confirm t))
                 '((:location "Santa Barbara, CA" :unit "fahrenheit")))))

(ert-deftest llm-switch-recorded/recorded-calls-beside-each-other-keep-theirs ()
  (let ((calls (llm-switch-recorded--calls
                "anthropic-tool-stream-parallel.txt"
                (gptel-make-tool :name "make_directory" :description "A folder." :args nil
                                 :function #'ignore :confirm t))))
    (should (equal (sort (mapcar (lambda (call) (plist-get call :name)) calls) #'string<)
                   '("testdir1" "testdir2" "testdir3")))
    (should (equal (mapcar (lambda (call) (plist-get call :parent)) calls)
                   '("/tmp" "/tmp" "/tmp")))))

(ert-deftest llm-switch-recorded/there-are-as-many-as-were-counted ()
  (should (>= (length (directory-files-recursively llm-switch-recorded--folder "\\.txt\\'")) 24)))

(provide 'llm-switch-recorded-test)
;;; llm-switch-recorded-test.el ends here
