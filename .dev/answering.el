;;; answering.el --- Tells by its exit status whether package.el's archives answer  -*- lexical-binding: t -*-

(require 'package)
(require 'seq)
(require 'subr-x)
(require 'url)

(defconst llm-switch-dev-patience 5
  "Seconds that an archive has to answer.")

(defun llm-switch-dev-answers-p (archive)
  "Whether the URL ARCHIVE gives its table of contents."
  (when-let* ((buffer (ignore-errors
                        (url-retrieve-synchronously (concat archive "archive-contents") t t
                                                    llm-switch-dev-patience))))
    (with-current-buffer buffer
      (goto-char (point-min))
      (looking-at-p "HTTP/[0-9.]+ 200"))))

(kill-emacs (if (seq-every-p #'llm-switch-dev-answers-p (mapcar #'cdr package-archives)) 0 1))
;;; answering.el ends here
