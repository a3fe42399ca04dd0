;;; upstream-as-ours.el --- gptel's own suite with our backend  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Loaded after gptel-test-backends.el of gptel's suite: our struct takes the
;; place of its OpenAI backend, with what we advise in force.

;;; Code:

(require 'gptel-test-backends)
(require 'llm-switch-gptel)

(defvar gptel-test-backends)

(llm-switch-gptel-install)
(setf (alist-get 'openai gptel-test-backends)
      (llm-switch-gptel--make :name "OpenAI" :models '(gpt-4o-mini)))

(provide 'upstream-as-ours)
;;; upstream-as-ours.el ends here
