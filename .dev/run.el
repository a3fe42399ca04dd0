;;; run.el --- A gptel chat with what answers locally, for `make run'  -*- lexical-binding: t -*-

(require 'llm-switch)

(setq inhibit-startup-screen t
      ;; At gptel's temperature of 1 a model as small as the one that may be fetched rambles.
      gptel-temperature 0)
(llm-switch-chat)
;;; run.el ends here
