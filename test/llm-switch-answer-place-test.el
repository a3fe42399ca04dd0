;;; llm-switch-answer-place-test.el --- Where the facts of an answer are shown  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-answer-place)
(require 'llm-switch-cap)
(require 'org)

(defmacro llm-switch-answer-place-test-in (config deployment &rest body)
  "Run BODY in a chat in a window, with CONFIG and DEPLOYMENT answering."
  (declare (indent 2) (debug t))
  `(llm-switch-test-with ,config
     (save-window-excursion
       (delete-other-windows)
       (llm-switch-test-chat ,deployment #'text-mode
         (switch-to-buffer (current-buffer))
         (local-set-key (kbd "C-c l") llm-switch-command-map)
         ,@body))))

(defun llm-switch-answer-place-test-config (first next &optional more)
  "Return a configuration with a route of two models, FIRST free, NEXT paid, and MORE."
  (let ((url (llm-switch-test-url)))
    (format "[provider.first]\nbase-url = %S\n[provider.next]\nbase-url = %S\npayer = 'metered'\n\
[price.'next/*']\ninput = '1'\noutput = '1'\n[route.both]\nuse = ['first/%s', 'next/%s']\n%s"
            url url first next (or more ""))))

(defun llm-switch-answer-place-test-margins ()
  "Return what this buffer shows in the right margin, as one text."
  (mapconcat (lambda (overlay)
               (pcase (get-text-property 0 'display (or (overlay-get overlay 'before-string) " "))
                 (`((margin right-margin) ,text) text)))
             (overlays-in (point-min) (point-max)) ""))

;;; Places

(ert-deftest llm-switch-answer-place/each-place-shows-the-answers-that-are-there ()
  (llm-switch-answer-place-test-in (llm-switch-answer-place-test-config "hello" "usage:1000,800,5000,30")
      "next/usage:1000,800,5000,30"
    (llm-switch-test-ask "Hi")
    (llm-switch-test-ask "And?")
    (let ((line "── next/usage:1000,800,5000,30 (metered) · <?0\\.[0-9] s to first token\\(?: · [^·]*tok/s\\)?\n   \
1,000 in (800 cached) 5,000 out · ~?\\$0\\.0060"))
      (unwind-protect
          (progn
            (should (string-match-p (concat "\\.\n" line "\n\n### ") (llm-switch-test-seen)))
            (customize-set-variable 'llm-switch-answer-place 'header)
            (should (string-match-p (concat "\n\n" line "\nHello.*\n\n### \nAnd\\?\n\n" line "\nHello.*\n\n### ")
                                    (llm-switch-test-seen)))
            (customize-set-variable 'llm-switch-answer-place 'margin)
            (should-not (string-match-p "──" (llm-switch-test-seen)))
            (should (equal (llm-switch-answer-place-test-margins)
                           (concat " usage:1000,800… $0.0060" " usage:1000,800… $0.0060")))
            (customize-set-variable 'llm-switch-answer-place nil)
            (should-not (string-match-p "──" (llm-switch-test-seen)))
            (should (equal (llm-switch-answer-place-test-margins) "")))
        (customize-set-variable 'llm-switch-answer-place 'footer))
      (should (= 3 (length (split-string (llm-switch-test-seen) line)))))))

(ert-deftest llm-switch-answer-place/each-segment-can-be-left-out ()
  (llm-switch-answer-place-test-in (llm-switch-test-config) "sim/hello"
    (let ((llm-switch-answer-segments '(llm-switch-answer-line-cost)))
      (llm-switch-test-ask "Hi")
      (should (string-match-p "\\.\n── free\n" (llm-switch-test-seen))))
    (let ((llm-switch-answer-segments nil))
      (llm-switch-answer-redraw)
      (should-not (string-match-p "──" (llm-switch-test-seen))))))

(ert-deftest llm-switch-answer-place/what-is-no-chat-has-no-line-and-is-told-the-unexpected ()
  (llm-switch-test-with (llm-switch-test-config)
    (llm-switch-test-chat "sim/served:another-model" #'text-mode
      (gptel-mode -1)
      (llm-switch-test-ask "Hi")
      (should (string-match-p "\n── ! asked served:another-model" (llm-switch-test-seen)))
      (should-not (string-match-p "first token" (llm-switch-test-seen))))))

(ert-deftest llm-switch-answer-place/margins-are-given-back-and-those-of-others-left-alone ()
  (llm-switch-answer-place-test-in (llm-switch-test-config) "sim/hello"
    (let ((llm-switch-answer-margin-width 20))
      (unwind-protect
          (progn
            (setq right-margin-width 3)
            (set-window-buffer nil (current-buffer))
            (let ((other (split-window)))
              (set-window-margins other 2 9)
              (customize-set-variable 'llm-switch-answer-place 'margin)
              (should (equal (window-margins) '(nil . 23)))
              (should (equal (window-margins other) '(2 . 9)))
              (with-temp-buffer
                (set-window-buffer other (current-buffer))
                (should (equal (window-margins other) '(nil))))
              (set-window-buffer other (current-buffer))
              (should (equal (window-margins other) '(nil . 23)))
              (set-window-margins other 2 9)
              (customize-set-variable 'llm-switch-answer-place 'footer)
              (should (equal (window-margins) '(nil . 3)))
              (should (equal (window-margins other) '(2 . 9)))
              (should (= right-margin-width 3))))
        (customize-set-variable 'llm-switch-answer-place 'footer)))))

(ert-deftest llm-switch-answer-place/a-new-chat-has-the-margin-and-one-that-ends-loses-it ()
  (let ((llm-switch-answer-place 'margin))
    (llm-switch-answer-place-test-in (llm-switch-test-config) "sim/hello"
      (should (= (cdr (window-margins)) llm-switch-answer-margin-width))
      (gptel-mode -1)
      (should-not (cdr (window-margins))))))

;;; Where it happened

(ert-deftest llm-switch-answer-place/the-fallback-of-a-tool-turn-stands-within-the-answer ()
  (dolist (stream '(t nil))
    (llm-switch-answer-place-test-in
        (llm-switch-answer-place-test-config
         ;; The simulator counts for each name.
         (if stream "most:1:600:tools:1" "most:1:601:tools:1") "words:3")
        "both"
      (llm-switch-test-with-tool
        (let ((gptel-stream stream))
          (should-not (plist-get (llm-switch-test-ask "Look!") :error))))
      (should (string-match-p
               "I see it\n```\n+── asked first/most:1:60[01]:tools:1 (free), fell back to next/words:3 \
(\\$1/\\$1): .*\n+w1 w2 w3 ?\n── first/most:1:60[01]:tools:1, then next/words:3"
               (llm-switch-test-seen))))))

(ert-deftest llm-switch-answer-place/who-is-out-in-all-turns-is-told-of-once ()
  (llm-switch-answer-place-test-in (llm-switch-answer-place-test-config "status:429" "tools:1") "both"
    (llm-switch-test-with-tool
      (should (= 2 (length (plist-get (llm-switch-test-ask "Look!") :llm-switch-fallbacks)))))
    (should (string-match-p "Look!\n+── asked first/status:429" (llm-switch-test-seen)))
    (should-not (string-match-p "── passed over" (llm-switch-test-seen)))))

(ert-deftest llm-switch-answer-place/several-fallbacks-of-a-turn-stand-in-their-order ()
  (llm-switch-answer-place-test-in
      (llm-switch-answer-place-test-config
       "status:503" "status:429"
       "[route.three]\nuse = ['first/status:503', 'next/status:429', 'first/hello']\n")
      "three"
    (llm-switch-test-ask "Hi")
    (should (string-match-p "Hi\n+── asked first/status:503 .*\n── asked next/status:429 .*\nHello"
                            (llm-switch-test-seen)))))

(ert-deftest llm-switch-answer-place/a-refusal-outside-of-what-is-seen-is-told-there-too ()
  ;; gptel itself fails at answers that begin there, so it is not asked.
  (llm-switch-answer-place-test-in (llm-switch-test-config) "sim/hello"
    (insert "A word.\nHi")
    (let ((info (list :callback 'gptel--insert-response :buffer (current-buffer)
                      :position (point-marker))))
      (narrow-to-region (point-min) 2)
      (llm-switch-answer-place-show info '(:kind "server" :message "it broke"))
      (widen)
      (should (equal (llm-switch-test-seen) "A word.\nHi\n── ! failed: it broke"))
      (narrow-to-region (point-min) 2)
      (llm-switch-answer-place-begin info)
      (widen)
      (should (equal (llm-switch-test-seen) "A word.\nHi")))))

(ert-deftest llm-switch-answer-place/another-model-in-a-tool-turn-is-told-where-that-turn-ends ()
  (let* ((note nil)
         (info (list :tracking-marker (with-temp-buffer (point-marker)))))
    (llm-switch-answer-facts-add
     info '(:substituted t :sent "a" :served "b" :message (:content "Let me look.")))
    (setq note (car (plist-get info :llm-switch-notes)))
    (should (equal (substring-no-properties (cdr note)) "! asked a, served b"))
    (llm-switch-answer-facts-add info '(:substituted t :sent "a" :served "b"))
    (should (= 1 (length (plist-get info :llm-switch-notes))))))

(ert-deftest llm-switch-answer-place/a-budget-stop-stands-where-the-text-is-cut ()
  (llm-switch-answer-place-test-in
      (llm-switch-answer-place-test-config
       "hello" "tokens:100000" "[[budget]]\non = 'global'\nwindow = 'total'\nlimit = '0.0006'\n")
      "next/tokens:100000"
    (llm-switch-test-ask "Hi")
    (should (string-match-p "tok ?\n── next/tokens:100000 (metered) · [^z]*\n\
── \\(?:broke off\\|! refused\\): next/tokens:100000: .*budget" (llm-switch-test-seen)))))

(ert-deftest llm-switch-answer-place/a-refusal-stands-where-the-answer-would-until-one-comes ()
  (dolist (stream '(t nil))
    (llm-switch-answer-place-test-in
        (llm-switch-answer-place-test-config
         "hello" "hello" "[[budget]]\non = 'global'\nwindow = 'day'\nlimit = '0.000001'\n")
        "next/hello"
      (let ((gptel-stream stream))
        (let ((text (progn (insert "Hi") (buffer-string))))
          (llm-switch-test-ask nil)
          (should (equal (buffer-string) text))
          (should (string-match-p "Hi\n── ! refused: next/hello: budget \"all, day\" has .*left.*\
M-x llm-switch-allow" (llm-switch-test-seen))))
        (llm-switch-gptel-use (llm-switch-test-row "first/hello") 'buffer)
        (llm-switch-test-ask nil)
        (should-not (string-match-p "refused" (llm-switch-test-seen)))
        (should (string-match-p "Hello from" (llm-switch-test-seen)))))))

(ert-deftest llm-switch-answer-place/when-nobody-answers-all-who-were-asked-are-told ()
  (llm-switch-answer-place-test-in (llm-switch-answer-place-test-config "status:503" "status:500")
      "both"
    (llm-switch-test-ask "Hi")
    (let ((seen (llm-switch-test-seen)))
      (should (string-match-p "Hi\n\\(?:── .* in 0 out .*\n\\)?── asked first/status:503 (free), fell back to next/status:500 .*\n\
\\(?:── .*\n\\)*── ! failed: .*: .*HTTP 50[03]" seen)))))

(ert-deftest llm-switch-answer-place/where-the-window-cuts-lines-they-are-broken ()
  (llm-switch-answer-place-test-in
      (llm-switch-answer-place-test-config
       "hello" "hello" "[[budget]]\non = 'global'\nwindow = 'day'\nlimit = '0.000001'\n")
      "next/hello"
    (let ((most (lambda ()
                  (llm-switch-test-ask "Hi")
                  (apply #'max (mapcar #'string-width (split-string (llm-switch-test-seen) "\n"))))))
      (should (> (funcall most) 100))
      (setq truncate-lines t)
      (should (<= (funcall most) (window-max-chars-per-line)))
      (should (string-match-p "M-x\\(?:\n  \\)? llm-switch-allow" (llm-switch-test-seen))))))

;;; Attempts

(ert-deftest llm-switch-answer-attempts/hover-names-those-that-failed-and-those-that-came-again ()
  (llm-switch-answer-place-test-in
      (llm-switch-answer-place-test-config "status:503" "most:1:1:hello") "both"
    (llm-switch-test-ask "Hi")
    (llm-switch-test-ask "Again")
    (pcase-let* ((`(,facts ,start ,_) (car (last (llm-switch-answer-facts-all))))
                 (head (seq-find (lambda (it) (eq (overlay-get it 'llm-switch-footer) 'head))
                                 (overlays-at start)))
                 (told nil))
      (llm-switch-test-wait (seq-every-p (lambda (it) (plist-get it :attempts))
                                         (plist-get facts :turns)))
      (setq told (funcall (overlay-get head 'help-echo) nil head start))
      (message "%s" told)
      (should (string-match-p "^── next/most:1:1:hello (metered) · " told))
      (should (string-match-p "^  [123]  next/most:1:1:hello: rate limited (HTTP 429) after" told))
      (should (string-match-p "^  [23]  next/most:1:1:hello: done (HTTP 200) after .* · .*\\$" told)))))

(ert-deftest llm-switch-answer-attempts/hover-leaves-what-the-text-has-to-tell ()
  (llm-switch-answer-place-test-in (llm-switch-test-config) "sim/hello"
    (llm-switch-test-ask "Hi")
    (let* ((start (nth 1 (car (llm-switch-answer-facts-all))))
           (head (seq-find (lambda (it) (overlay-get it 'help-echo)) (overlays-at start))))
      (put-text-property start (1+ start) 'help-echo "a link")
      (should (equal (llm-switch-answer-attempts-hover nil head start) "a link"))
      (should (string-match-p "sim/hello" (llm-switch-answer-attempts-hover nil head (1+ start)))))))

(ert-deftest llm-switch-answer-attempts/the-key-and-the-mouse-open-those-of-all-turns ()
  (llm-switch-answer-place-test-in (llm-switch-answer-place-test-config "status:503" "tools:1") "both"
    (llm-switch-test-with-tool (llm-switch-test-ask "Look!"))
    (let* ((chat (current-buffer))
           (foot (seq-find (lambda (it) (overlay-get it 'after-string))
                           (overlays-in (point-min) (point-max))))
           (line (overlay-get foot 'after-string))
           (opened (lambda ()
                     (with-current-buffer "*llm-switch request*"
                       (llm-switch-test-wait (listp llm-switch-spend-screen-value))
                       (llm-switch-test-wait llm-switch-spend-screen-value)
                       (prog1 (buffer-string) (kill-buffer))))))
      (execute-kbd-macro (kbd "C-c l I"))
      (let ((told (funcall opened)))
        (should (string-match-p "purpose +chat\\(?:.\\|\n\\)*1  first/status:503\\(?:.\\|\n\\)*\
2  next/tools:1\\(?:.\\|\n\\)*purpose +tool-turn\\(?:.\\|\n\\)*1  next/tools:1" told))
        (should (= 2 (1- (length (split-string told "^Request"))))))
      (switch-to-buffer chat)
      (should (eq (lookup-key (get-text-property 1 'keymap line) [mouse-1])
                  'llm-switch-answer-attempts-mouse))
      (cl-letf (((symbol-function 'posn-string) (lambda (_) (cons line 1)))
                ((symbol-function 'posn-window) (lambda (_) (selected-window))))
        (llm-switch-answer-attempts-mouse '(mouse-1 nil)))
      (should (= 2 (1- (length (split-string (funcall opened) "^Request"))))))))

(ert-deftest llm-switch-answer-attempts/where-there-is-none-that-is-said ()
  (llm-switch-answer-place-test-in (llm-switch-test-config) "sim/hello"
    (should-error (llm-switch-answer-attempts) :type 'user-error)
    (insert (propertize "An answer of yesterday." 'gptel 'response))
    (should-error (llm-switch-answer-attempts) :type 'user-error)))

(provide 'llm-switch-answer-place-test)
;;; llm-switch-answer-place-test.el ends here
