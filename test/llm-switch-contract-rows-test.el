;;; llm-switch-contract-rows-test.el --- Which test shows which part of the contract  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; What gptel expects of a transport, and what its users do with one, in rows;
;; behind each the tests that show it.

;;; Code:

(require 'llm-switch-contract-helper)

(defconst llm-switch-contract-rows
  '(("streaming text and reasoning in a chat, with properties"
     llm-switch-gptel/streams-into-a-chat
     llm-switch-contract-chat/text-and-reasoning-stream-in-with-their-properties)
    ("hooks" llm-switch-contract-chat/hooks-run-with-the-bounds-of-the-answer)
    ("status in the header line"
     llm-switch-contract-chat/the-header-line-tells-how-far-the-answer-is)
    ("token totals" llm-switch-gptel/tokens-and-cost-are-known
     llm-switch-contract-chat/tokens-add-up-over-the-turns)
    ("roles of a second turn" llm-switch-gptel/second-turn-has-the-right-roles)
    ("streaming without curl" llm-switch-gptel/streams-where-there-is-no-curl)
    ("each gptel-include-reasoning"
     llm-switch-contract-chat/reasoning-is-where-gptel-include-reasoning-wants-it
     llm-switch-contract-org/reasoning-is-a-block-of-its-own)
    ("two blocks of reasoning" llm-switch-contract-chat/a-second-block-of-reasoning-stands-apart)
    ("callback without streaming" llm-switch-gptel/answers-as-a-whole-without-streaming
     llm-switch-contract-request/a-callback-hears-reasoning-and-text-once-each)
    ("callback with streaming"
     llm-switch-contract-request/a-streaming-callback-hears-pieces-and-the-end)
    ("lists of prompts" llm-switch-contract-request/a-list-of-prompts-is-a-conversation)
    ("directives" llm-switch-contract-request/a-directive-of-several-parts-arrives
     llm-switch-contract-menu/a-directive-of-once-goes-along)
    ("tools, streaming and not" llm-switch-gptel/tools-run-and-their-results-go-back)
    ("tools, sync and async" llm-switch-contract-tools/sync-and-async-ones-run-in-one-turn)
    ("arguments beyond ASCII" llm-switch-contract-tools/arguments-beyond-ascii-arrive-whole)
    ("opaque parts go back" llm-switch-contract-tools/the-thoughts-before-a-call-go-back-unchanged)
    ("tools read back from the buffer"
     llm-switch-contract-tools/calls-and-results-are-read-back-from-the-buffer
     llm-switch-contract-org/a-tool-block-is-read-back)
    ("confirmation" llm-switch-contract-tools/confirmation-goes-gptels-own-way)
    ("tools unknown and failing" llm-switch-contract-tools/one-that-is-not-there-is-told-to-the-model
     llm-switch-contract-tools/one-that-fails-is-told-to-the-model)
    ("hooks of tools" llm-switch-contract-tools/hooks-change-arguments-and-results-and-block
     llm-switch-contract-tools/a-hook-can-stop-the-request)
    ("sub-agents" llm-switch-contract-tools/a-tool-asks-a-model-itself
     llm-switch-contract-tools/what-is-called-is-known-before-the-turn-ends)
    ("errors before and within the text" llm-switch-gptel/an-error-is-shown-in-gptels-own-way
     llm-switch-gptel/text-before-an-error-is-kept
     llm-switch-contract-abort/an-error-is-heard-as-nil-with-its-reason)
    ("abort" llm-switch-gptel/abort-ends-the-request-and-tells-the-service
     llm-switch-contract-abort/what-comes-late-is-not-heard
     llm-switch-contract-abort/the-chat-goes-on-after-it)
    ("abort of one of several" llm-switch-contract-abort/one-of-several-ends-and-the-others-go-on
     llm-switch-contract-abort/the-answer-at-point-is-the-one-to-stop)
    ("killed buffer" llm-switch-gptel/a-killed-buffer-cancels-its-request
     llm-switch-contract-abort/a-buffer-that-is-killed-leaves-nothing-behind)
    ("Org properties" llm-switch-contract-org/properties-of-a-heading-choose-and-narrow)
    ("Org branching" llm-switch-contract-org/a-branch-is-sent-without-its-siblings)
    ("Markdown to Org" llm-switch-gptel/an-org-chat-is-converted
     llm-switch-contract-org/markdown-is-converted-across-the-pieces-of-a-stream)
    ("rewrite and accept" llm-switch-gptel/rewrite-replaces-the-region
     llm-switch-contract-rewrite/it-can-be-rewritten-once-more
     llm-switch-contract-rewrite/rejected-or-failed-it-leaves-the-text)
    ("diff and merge of a rewrite" llm-switch-contract-rewrite/the-diff-shows-both
     llm-switch-contract-rewrite/the-merge-leaves-a-conflict-to-resolve)
    (":schema" llm-switch-contract-request/a-schema-goes-along-streaming-or-not)
    ("images and PDF from links" llm-switch-contract-media/an-image-that-is-linked-in-org-arrives
     llm-switch-contract-media/a-pdf-that-is-linked-arrives)
    ("gptel-context" llm-switch-contract-media/an-image-in-gptels-context-arrives
     llm-switch-contract-media/a-text-file-in-gptels-context-arrives-as-text
     llm-switch-contract-media/a-model-known-to-be-blind-gets-no-context-image)
    ("gptel-cache" llm-switch-contract-wire/what-gptel-cache-names-is-marked-for-anthropic
     llm-switch-contract-wire/the-other-dialects-know-no-marks)
    ("temperature and limit" llm-switch-contract-request/temperature-limit-and-own-parameters-arrive
     llm-switch-contract-wire/temperature-and-limit-arrive-in-each-dialect)
    ("dry run, inspect, continue" llm-switch-gptel/a-dry-run-sends-nothing
     llm-switch-contract-request/a-dry-run-can-be-inspected-edited-and-continued
     llm-switch-contract-request/gptels-status-of-a-request-tells-ours)
    ("copy for curl" llm-switch-contract-request/a-query-copied-for-curl-leads-nowhere
     llm-switch-gptel/without-the-advice-nothing-leaves-the-machine)
    ("other backends" llm-switch-gptel/other-backends-work-beside-it
     llm-switch-contract-media/an-adopted-backend-sends-media-schema-and-tools)
    ("two requests from one buffer"
     llm-switch-contract-chat/two-requests-from-one-buffer-run-beside-each-other
     llm-switch-gptel/several-buffers-at-once)
    ("presets and @preset" llm-switch-contract-request/a-preset-names-backend-and-model
     llm-switch-contract-request/a-preset-cookie-holds-for-its-message)
    ("log" llm-switch-contract-request/gptels-log-holds-the-request)
    ("read-only buffer" llm-switch-gptel/a-read-only-buffer-is-left-alone
     llm-switch-contract-chat/the-answer-in-a-read-only-buffer-goes-to-another)
    ("the menu sends elsewhere" llm-switch-contract-menu/an-answer-goes-to-the-kill-ring
     llm-switch-contract-menu/an-answer-takes-the-place-of-the-question
     llm-switch-contract-menu/an-answer-goes-to-another-buffer
     llm-switch-contract-menu/an-answer-goes-to-a-new-chat
     llm-switch-contract-menu/an-answer-goes-to-the-echo-area)
    ("the menu offers models" llm-switch-contract-request/gptels-menu-offers-what-can-be-called
     llm-switch-contract-request/a-model-not-yet-offered-is-not-replaced)
    ("saved chats" llm-switch-contract-saved/a-text-chat-goes-on-in-a-fresh-emacs
     llm-switch-contract-saved/an-org-chat-goes-on-in-a-fresh-emacs
     llm-switch-contract-saved/loading-llm-switch-does-not-load-gptel
     llm-switch-contract-saved/our-backend-is-there-once-however-it-is-loaded
     llm-switch-contract-saved/a-package-that-is-only-installed-is-enough
     llm-switch-contract-saved/a-users-own-backend-stays-the-first)
    ("text that is none, and nothing of ours on the wire"
     llm-switch-gptel/bytes-that-are-no-text-are-sent-as-such
     llm-switch-contract-wire/nothing-of-ours-is-sent))
  "What gptel expects, and the tests that show it.")

(defun llm-switch-contract-rows--defined ()
  "Return the names of the tests of the contract, out of their files."
  (let ((names nil))
    (dolist (file (directory-files (expand-file-name "test" llm-switch-test-root) t
                                   "\\`llm-switch-\\(contract-.*\\|gptel\\)-test\\.el\\'"))
      (with-temp-buffer
        (insert-file-contents file)
        (while (re-search-forward "^(ert-deftest \\([^ ]+\\)" nil t)
          (push (intern (match-string 1)) names))))
    names))

(ert-deftest llm-switch-contract-rows/each-row-has-tests-and-each-test-its-row ()
  (let ((shown (mapcan (lambda (row) (copy-sequence (cdr row))) llm-switch-contract-rows))
        (defined (llm-switch-contract-rows--defined))
        ;; What our backend does beyond any row of gptel's.
        (ours '(llm-switch-gptel/reasoning-is-shown-apart
                llm-switch-gptel/a-choice-once-is-undone-after-the-next-request
                llm-switch-contract-rows/each-row-has-tests-and-each-test-its-row)))
    (should-not (seq-filter (lambda (row) (null (cdr row))) llm-switch-contract-rows))
    (should-not (seq-difference shown defined))
    (should-not (seq-difference defined (append shown ours)))))

(provide 'llm-switch-contract-rows-test)
;;; llm-switch-contract-rows-test.el ends here
