;;; llm-switch-plans-helper.el --- A ledger with plans and credit  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A ledger of known rows, as of half past nine on Friday, 20 November 2026 in
;; Berlin, written by another program while no engine runs.  Kimi is a plan
;; that answered three requests a day; openai costs $0.25 a day, half of its
;; input cached; an account "sim" has its balance told by the simulator.

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-screen-helper)
(require 'llm-switch-spend-screen)

(defconst llm-switch-plans-test-now 1795163400000
  "2026-11-20T08:30:00Z.")

(defconst llm-switch-plans-test-config "
time-zone = 'Europe/Berlin'
[account.openai]
[account.kimi-code]
[account.deepseek]
[plan.kimi]
title = 'Kimi Code'
price = '19.00'
renews = 15
covers = ['kimi-code']
api = true
windows = [{ hours = 5, requests = 20 }, { window = 'week', tokens = 2000000 }]
[plan.max]
title = 'Claude Max with a long title'
price = '1200.00'
per = 'year'
renews = 2026-02-28
covers = ['openai']
windows = [{ hours = 5 }]
[credit.november]
account = 'openai'
bought = '25.00'
on = 2026-11-01
expires = 2027-11-01
"
  "Two plans and a credit.")

(defconst llm-switch-plans-test--script "
import sqlite3, sys
ledger, now = sqlite3.connect(sys.argv[1]), int(sys.argv[2])
DAY, PICO = 86400000, 10**12

def number(table, name):
    ledger.execute(f'INSERT OR IGNORE INTO {table} (name) VALUES (?)', (name,))
    return ledger.execute(f'SELECT id FROM {table} WHERE name = ?', (name,)).fetchone()[0]

numbers = iter(range(1, 10**6))
def key(at): return at << 21 | next(numbers)   # keys begin with the time
def ask(at, route, account, model, payer, usage, pico):
    request = key(at)
    ledger.execute('INSERT INTO request VALUES (?, 1, ?, ?, ?, ?, NULL, ?, ?, ?)',
        (request, at, at + 2000, number('purpose', 'chat'), number('client', 'emacs'),
         number('route', route), number('model', route), 'done'))
    ledger.execute('''INSERT INTO attempt (id, request, number, provider, account, sent, served, payer,
        started, first_token, ended, http_status, outcome, input, cache_read, output, cost_pico, basis)
        VALUES (?,?,1,?,?,?,?,?,?,400,?,200,'done',?,?,?,?,?)''',
        (key(at), request, number('provider', account), number('account', account), number('model', model),
         number('model', model), payer, at, at + 1995, *usage, pico,
         'computed' if payer == 'metered' else payer))

for days in range(40):
    at = now - days * DAY - 60000
    ask(at, 'coding-best', 'openai', 'gpt-5', 'metered', (30000, 30000, 20000), PICO // 4)
    for hour in range(3):
        ask(at - hour * 3600000, 'coding', 'kimi-code', 'k3', 'plan', (3000, 0, 600), 0)
ask(now - DAY, 'coding-best', 'openai', 'gpt-5', 'metered', (390000, 0, 100), PICO)
names = 'provider, account, model, route, project, purpose, client, payer, basis'
counters = ', '.join(f'sum({it})' for it in 'requests unknown_requests attempts input cache_read cache_write_5m cache_write_1h output reasoning fees_pico cost_pico'.split())
for table, span in ('spend_hour', 3600000), ('spend_day', DAY):
    ledger.execute(f'INSERT INTO {table} SELECT started / {span} AS bucket, {names}, {counters} FROM spend GROUP BY bucket, {names}')
account, HOUR = number('account', 'kimi-code'), 3600000
ledger.execute('INSERT INTO account_window VALUES (?, 0, ?, 200, 150, ?, ?)',
    (account, 'plan-300m', now + HOUR, now - 3 * HOUR))
ledger.execute(\"INSERT INTO account_balance VALUES (?, 'remaining', 'CNY', NULL, '110.00', ?)\",
    (number('account', 'deepseek'), now - 2 * DAY))
ledger.commit()
")

(defun llm-switch-plans-test-fill ()
  "Write known rows into the ledger of this test."
  (llm-switch-call "ledger.totals" '(:from 0 :to 1))
  (llm-switch-channel-stop)
  (with-temp-buffer
    (unless (zerop (call-process "python3" nil t nil "-c" llm-switch-plans-test--script
                                 llm-switch-ledger-file
                                 (number-to-string llm-switch-plans-test-now)))
      (ert-fail (buffer-string)))))

(defmacro llm-switch-plans-test-with (config command &rest body)
  "Run BODY in the screen of COMMAND over known rows, in 80 by 24 characters.
CONFIG is the configuration."
  (declare (indent 2) (debug t))
  `(llm-switch-test-with ,config
     (let ((llm-switch-spend-now llm-switch-plans-test-now)
           (llm-switch-spend-time-zone "Europe/Berlin"))
       (llm-switch-plans-test-fill)
       (save-window-excursion
         (set-frame-size (selected-frame) 80 24)
         (delete-other-windows)
         (unwind-protect
             (progn ,command
                    (llm-switch-screen-test-wait)
                    ,@body)
           (dolist (name '("*llm-switch plans*" "*llm-switch what if*" "*llm-switch hour*"
                           "*llm-switch requests*"))
             (when (get-buffer name) (kill-buffer name)))
           (set-frame-size (selected-frame) 80 25))))))

(defun llm-switch-plans-test-fits ()
  "Fail if a line is wider than the window or has lost a part of a figure."
  (dolist (line (llm-switch-screen-test-lines))
    (should (<= (string-width line) (llm-switch-spend-screen-width)))
    (should-not (string-match-p "[0-9]…\\|…[0-9.]+%" line))))

(provide 'llm-switch-plans-helper)
;;; llm-switch-plans-helper.el ends here
