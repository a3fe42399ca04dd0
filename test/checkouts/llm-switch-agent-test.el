;;; llm-switch-agent-test.el --- gptel-agent's sub-agents  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A model calls the tool "Agent" of gptel-agent, which asks another model, whose
;; answer goes back.  `make test-checkouts' runs this with gptel-agent on the
;; load path.

;;; Code:

(require 'llm-switch-contract-helper)
(require 'gptel-agent-tools)

(defvar gptel-agent--agents)

(defconst llm-switch-agent--handles-results
  (and (assq 'TRET gptel-agent-request--handlers) t)
  "Non-nil if gptel-agent knows the state after tools of gptel 0.9.9.5.")

(defun llm-switch-agent--ask (model &rest more)
  "Return what stands in a chat after a sub-agent with MODEL has done its task.
MORE is the rest of the agent's preset."
  (let ((gptel-agent--agents
         `(("researcher" :backend "llm-switch" :model ,(llm-switch-gptel-model model) ,@more))))
    (llm-switch-test-reset)
    (llm-switch-test-chat "sim/tools:1" #'text-mode
      (llm-switch-contract-tools (list (gptel-get-tool "Agent"))
        (should-not (plist-get (llm-switch-test-ask "Find out.") :error))
        (should-not gptel--request-alist)
        (buffer-substring-no-properties (point-min) (point-max))))))

(defun llm-switch-agent--models ()
  "Return which models were asked, the first first."
  (mapcar (lambda (it) (plist-get it :model)) (llm-switch-test-received)))

(ert-deftest llm-switch-agent/a-sub-agents-answer-goes-back-to-who-sent-it ()
  (llm-switch-contract-with
    (should (string-match-p "The tools said: \"Researcher result for task:[^\0]*Zürich"
                            (llm-switch-agent--ask "sim/echo")))
    (should (equal (llm-switch-agent--models) '("tools:1" "echo" "tools:1")))))

(ert-deftest llm-switch-agent/a-sub-agent-that-fails-is-told-to-who-sent-it ()
  (llm-switch-contract-with
    (should (string-match-p "The tools said: \"Error: Task researcher could not finish[^\0]*rate-limited"
                            (llm-switch-agent--ask "sim/status:429")))))

(ert-deftest llm-switch-agent/a-sub-agent-calls-tools-of-its-own ()
  (unless (or llm-switch-agent--handles-results
              (version< (llm-switch-contract-version) "0.9.9.5"))
    (ert-skip "this gptel-agent does not know the state after tools that gptel has since 0.9.9.5"))
  (llm-switch-contract-with
    (let ((tool (llm-switch-contract-tool (lambda (thing) (concat thing " seen")))))
      (should (string-match-p "The tools said: \"Researcher result[^\0]*moon seen"
                              (llm-switch-agent--ask "sim/tools-whole:1" :tools (list tool))))
      (should (equal (llm-switch-agent--models)
                     '("tools:1" "tools-whole:1" "tools-whole:1" "tools:1"))))))

(provide 'llm-switch-agent-test)
;;; llm-switch-agent-test.el ends here
