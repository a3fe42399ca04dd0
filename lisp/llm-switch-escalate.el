;;; llm-switch-escalate.el --- Ask again, one step up  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; An answer that is not good enough is given again by whom the rules of the
;; automatic choice name one step up.  It takes the place of the old one, as with
;; gptel's own command for that: a chat with both would confuse whoever reads it
;; next.  The old one stands until the new one begins; `undo' brings it back, and
;; gptel keeps it among the variants.  The rules learn from it, per project.

;;; Code:

(require 'llm-switch-gptel)
(require 'llm-switch-turn)

;;;###autoload
(defun llm-switch-escalate ()
  "Ask the last question of this chat again, one step up.
The new answer takes the place of the old one as soon as it begins; `undo'
brings the old one back, and `gptel--previous-variant' changes between them.
What is escalated again and again in a project goes one step up there by
itself: see `llm-switch-escalations'."
  (interactive)
  (llm-switch-turn-check)
  (let* ((turn (llm-switch-turn))
         (who (llm-switch-turn-who (plist-get turn :known))))
    (llm-switch-turn-ask
     turn (plist-get turn :start)
     (list :llm-switch `(:escalate t ,@(when who (list :from who)))
           :remark (when who (concat "asked again after the answer of " who)))
     (llm-switch-escalate--replacer turn))
    (message "llm-switch: asking again, one step up")))

(defun llm-switch-escalate--replacer (turn)
  "Return a function to remove the answer of TURN, for gptel to keep."
  (let ((start (copy-marker (plist-get turn :start)))
        (end (copy-marker (plist-get turn :end))))
    (lambda (_info)
      (with-current-buffer (marker-buffer start)
        (when (< start end)
          (gptel--attach-response-history (list (buffer-substring-no-properties start end)))
          (undo-boundary)
          (delete-region start end))))))

(provide 'llm-switch-escalate)
;;; llm-switch-escalate.el ends here
