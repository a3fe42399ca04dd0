;;; llm-switch-compare-helper.el --- What tests of comparisons share  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-compare)

(defun llm-switch-compare-test-config (&rest more)
  "Return a configuration with an account that is free, sim, and one that is not.
Of the latter, dear, a million tokens cost a dollar.  MORE is behind it."
  (concat (llm-switch-test-config)
          (format "[provider.dear]\nbase-url = %S\npayer = 'metered'\n" (llm-switch-test-url))
          "[price.'dear/*']\nper-million = '1'\n"
          (string-join more "\n")))

(defmacro llm-switch-compare-test-with (config &rest body)
  "Run BODY in a text buffer with an engine whose configuration is CONFIG.
Buffers and windows of comparisons are gone afterwards."
  (declare (indent 1) (debug t))
  `(llm-switch-test-with ,config
     (save-window-excursion
       (set-frame-size (selected-frame) 80 25)
       (unwind-protect
           ;; A temporary buffer would run no hooks.
           (with-current-buffer (generate-new-buffer "*llm-switch compare test*") ,@body)
         (dolist (buffer (buffer-list))
           (when (string-prefix-p "*llm-switch compare" (buffer-name buffer))
             (when (buffer-live-p buffer) (kill-buffer buffer))))))))

(defun llm-switch-compare-test-start (names &optional subject total)
  "Compare NAMES with SUBJECT for TOTAL; return the buffer with all answers."
  (llm-switch-compare names (or subject '(:prompt "Hi" :purpose "chat" :about "a prompt"))
                      (or total "0.10"))
  (get-buffer "*llm-switch compare*"))

(defun llm-switch-compare-test-end (main)
  "Wait until nothing more comes in MAIN, and return the candidates."
  (with-current-buffer main
    (llm-switch-test-wait (llm-switch-comparison-over-p (llm-switch-compare-screen-comparison)))
    (llm-switch-compare-screen-candidates)))

(defun llm-switch-compare-test-run (names &optional subject total)
  "Compare NAMES with SUBJECT for TOTAL; when it is over, return the candidates."
  (llm-switch-compare-test-end (llm-switch-compare-test-start names subject total)))

(defun llm-switch-compare-test-column (candidate)
  "Return the text of the buffer in which only CANDIDATE's answer stands."
  (with-current-buffer "*llm-switch compare*"
    (with-current-buffer (plist-get (cdr (assq candidate llm-switch-compare-screen-places))
                                    :column)
      (buffer-substring-no-properties (point-min) (point-max)))))

(defun llm-switch-compare-test-seen (main)
  "Return what is seen of MAIN, with what is no text."
  (with-current-buffer main
    (let ((overlays (seq-sort-by #'overlay-start #'< (overlays-in (point-min) (point-max))))
          (from (point-min))
          (seen ""))
      (dolist (overlay overlays)
        (setq seen (concat seen (buffer-substring-no-properties from (overlay-start overlay))
                           (overlay-get overlay 'before-string))
              from (overlay-start overlay)))
      (substring-no-properties
       (concat seen (buffer-substring-no-properties from (point-max)))))))

(defun llm-switch-compare-test-states (candidates)
  "Return the states of CANDIDATES."
  (mapcar #'llm-switch-candidate-state candidates))

(provide 'llm-switch-compare-helper)
;;; llm-switch-compare-helper.el ends here
