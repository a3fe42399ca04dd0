;;; run.el --- A gptel chat with what answers locally, for `make run'  -*- lexical-binding: t -*-

(require 'llm-switch)

(setq inhibit-startup-screen t)
(llm-switch-chat)
;;; run.el ends here
