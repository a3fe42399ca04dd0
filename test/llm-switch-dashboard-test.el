;;; llm-switch-dashboard-test.el --- What was spent, and on what  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A ledger of known sums, as of half past nine on Friday, 20 November 2026 in
;; Berlin.  Its rows are written by another program, while no engine runs.

;;; Code:

(require 'llm-switch-test-helper)
(require 'llm-switch-screen-helper)
(require 'llm-switch-dashboard)

(defconst llm-switch-dashboard-test-now 1795163400000
  "2026-11-20T08:30:00Z.")

(defconst llm-switch-dashboard-test--script "
import sqlite3, sys
ledger, now = sqlite3.connect(sys.argv[1]), int(sys.argv[2])
DAY, PICO = 86400000, 10**12
REQUEST = 'id, process, started, ended, purpose, client, project, route, model, outcome'
ATTEMPT = ('id, request, number, provider, account, sent, served, payer, started, first_token, ended, '
           'http_status, outcome, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, '
           'fees_pico, cost_pico, basis, price')

def number(table, name):
    if name is None: return None
    ledger.execute(f'INSERT OR IGNORE INTO {table} (name) VALUES (?)', (name,))
    return ledger.execute(f'SELECT id FROM {table} WHERE name = ?', (name,)).fetchone()[0]

numbers = iter(range(1, 10**6))
def key(at): return at << 21 | next(numbers)   # keys begin with the time
def ask(at, route, project, attempts, outcome='done', took=2000):
    request = key(at)
    ledger.execute('INSERT INTO request (' + REQUEST + ') VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)',
        (request, at, at + took, number('purpose', 'chat'), number('client', 'emacs'),
         number('project', project), number('route', route), number('model', route or 'direct'), outcome))
    for n, (account, provider, model, served, payer, usage, pico, basis, how) in enumerate(attempts, 1):
        ledger.execute('INSERT INTO attempt (' + ATTEMPT + ') VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,?,?,NULL)',
            (key(at), request, n, number('provider', provider), number('account', account),
             number('model', model), number('model', served), payer, at, 400, at + took - 5,
             200 if how == 'done' else 429, how, *usage, usage[4] // 4, pico, basis))

gpt = ('openai-work', 'openai', 'gpt-5', 'gpt-5-2025-08-07', 'metered')
for days in range(60):                       # $0.25 a day
    at = now - days * DAY - 60000
    ask(at, 'coding-best', '/home/me/src/app', [(*gpt, (1000, 3000, 0, 0, 500), PICO // 4, 'computed', 'done')])
    for _ in range(3):                       # free
        ask(at - 1000, 'coding-local', '/home/me/src/app',
            [('ollama', 'ollama', 'qwen3:8b', 'qwen3:8b', 'free', (9000, 0, 0, 0, 2000), 0, 'free', 'done')])
ask(now - 2 * DAY, 'coding-best', None,      # a fallback, 0.5 dollars in all
    [(*gpt[:3], None, 'metered', (0, 0, 0, 0, 0), 0, 'computed', 'rate-limited'),
     ('anthropic', 'anthropic', 'claude-sonnet-5', 'claude-sonnet-5', 'metered', (5000, 0, 2000, 0, 4000), PICO // 2, 'computed', 'done')],
    took=94000)
ask(now - 3 * DAY, None, None, [('openrouter', 'openrouter', 'nobody/unlisted-70b-with-a-name-that-is-long', None, 'metered', (10, 0, 0, 0, 10), None, 'unknown', 'done')])
ask(now - 3 * DAY, 'a-route|with, \"odd\" name', None, [(*gpt[:3], 'gpt-5-nano', 'metered', (10, 0, 0, 0, 10), 123456789, 'estimated', 'done')])
ask(now - 4 * DAY, 'planned', None, [('kimi', 'kimi-code', 'k3', 'k3', 'plan', (10, 0, 0, 0, 10), 0, 'plan', 'done')])
names = 'provider, account, model, route, project, purpose, client, payer, basis'
counters = ', '.join(f'sum({it})' for it in 'requests unknown_requests attempts input cache_read cache_write_5m cache_write_1h output reasoning fees_pico cost_pico'.split())
for table, span in ('spend_hour', 3600000), ('spend_day', DAY):
    ledger.execute(f'INSERT INTO {table} SELECT started / {span} AS bucket, {names}, {counters} FROM spend GROUP BY bucket, {names}')
ledger.commit()
")

(defun llm-switch-dashboard-test-fill ()
  "Write known rows into the ledger of this test."
  (llm-switch-call "ledger.totals" '(:from 0 :to 1))
  (llm-switch-channel-stop)
  (with-temp-buffer
    (unless (zerop (call-process "python3" nil t nil "-c" llm-switch-dashboard-test--script
                                 llm-switch-ledger-file
                                 (number-to-string llm-switch-dashboard-test-now)))
      (ert-fail (buffer-string)))))

(defconst llm-switch-dashboard-test-pico (+ (* 60 250000000000) 500000000000 123456789)
  "What all of it cost, as far as that is known.")

(defmacro llm-switch-dashboard-test-with (width height &rest body)
  "Run BODY in a dashboard over known rows, in a window of WIDTH by HEIGHT."
  (declare (indent 2) (debug t))
  `(llm-switch-dashboard-test-with-config "" ,width ,height ,@body))

(defmacro llm-switch-dashboard-test-with-config (config width height &rest body)
  "Run BODY as `llm-switch-dashboard-test-with' does, with CONFIG.
WIDTH and HEIGHT are as there."
  (declare (indent 3) (debug t))
  `(llm-switch-test-with ,config
     (let ((llm-switch-spend-now llm-switch-dashboard-test-now)
           (llm-switch-spend-time-zone "Europe/Berlin")
           (llm-switch-dashboard-by "route"))
       (llm-switch-dashboard-test-fill)
       (save-window-excursion
         (llm-switch-dashboard-test--resize ,width ,height)
         (unwind-protect
             (progn (llm-switch-dashboard)
                    (llm-switch-screen-test-wait)
                    ,@body)
           (dolist (name '("*llm-switch dashboard*" "*llm-switch requests*"
                           "*llm-switch request*"))
             (when (get-buffer name) (kill-buffer name)))
           (llm-switch-dashboard-test--resize 80 25))))))

(defun llm-switch-dashboard-test--resize (width height)
  "Make the frame WIDTH by HEIGHT and its window the only one."
  (set-frame-size (selected-frame) width height)
  (delete-other-windows))

(ert-deftest llm-switch-dashboard/the-first-lines-answer-the-question ()
  (llm-switch-dashboard-test-with 80 24
    (let ((lines (llm-switch-screen-test-lines)))
      (should (string-match-p "^Spend  Friday 20 November .*this month" (nth 0 lines)))
      (should (string-match-p "today \\$0\\.25 .*week \\$1\\.75 .*month \\$5\\.50 .*forecast \\$[0-9.]+ ("
                              (nth 1 lines))))))

(ert-deftest llm-switch-dashboard/rows-have-units-and-say-why-nothing-was-paid ()
  (llm-switch-dashboard-test-with 80 24
    (llm-switch-screen-test-see "^  coding-best +21 +87\\.0k\\|^  coding-best +21 +[0-9.]+k +[0-9.]+k +[0-9]+% +\\$5\\.50 +100% ")
    (llm-switch-screen-test-see "^  coding-local +60 +540k +120k +– +free +0% ")
    (llm-switch-screen-test-see "^  planned +1 +10 +10 +– +plan ")
    (llm-switch-screen-test-see "^  (none) +1 +10 +10 +– +\\? ")
    (llm-switch-screen-test-see "odd.* name +1 +10 +10 +– +~\\$0\\.00012 ")
    (llm-switch-screen-test-see "^  all +84 .*\\$5\\.50 \\+ \\? +100%")))

(ert-deftest llm-switch-dashboard/points-at-what-is-worth-a-look ()
  (llm-switch-dashboard-test-with 160 50
    (llm-switch-screen-test-see "caching saved ~\\$0\\.[0-9]+: [0-9]+% of the input came from a cache")
    (llm-switch-screen-test-see "! another model served 1 request: gpt-5 → gpt-5-nano")
    (llm-switch-screen-test-see "\\? 1 model without a price: openrouter/nobody/unlisted")
    (llm-switch-screen-test-see "dearest request \\$0\\.50: anthropic/claude-sonnet-5")
    (llm-switch-screen-test-see "slowest request 94 s: anthropic/claude-sonnet-5")
    (llm-switch-screen-test-see "by basis: 7[0-9]% free .*computed")))

(ert-deftest llm-switch-dashboard/no-row-is-wrapped-and-no-number-cut ()
  (dolist (size '((80 . 24) (160 . 50)))
    (llm-switch-dashboard-test-with (car size) (cdr size)
      (should (<= 0 (- (car size) (llm-switch-spend-screen-width)) 1))
      (dolist (keys '(() ("b" "m") ("b" "h") ("b" "d") ("y") ("A") ("b" "b")))
        (when keys (llm-switch-screen-test-type (string-join keys " ")))
        (dolist (line (llm-switch-screen-test-lines))
          (should (<= (string-width line) (llm-switch-spend-screen-width)))
          (should-not (string-match-p "[0-9]…\\|…[0-9.]+%" line)))))))

(ert-deftest llm-switch-dashboard/sums-by-any-column-with-two-keys ()
  (llm-switch-dashboard-test-with 80 24
    (llm-switch-screen-test-type "b m")
    (llm-switch-screen-test-see "^  by model")
    (llm-switch-screen-test-see "^  gpt-5 +")
    (llm-switch-screen-test-type "b p")
    (llm-switch-screen-test-see "^  openai ")
    (llm-switch-screen-test-type "b d")
    (llm-switch-screen-test-see "^  Thu 19 Nov 2026 +4 ")
    (llm-switch-screen-test-type "b h")
    (llm-switch-screen-test-see "^  Fri 20 Nov 09:00 +4 ")
    (dolist (key '("a" "j" "u" "c" "y" "b" "r"))
      (llm-switch-screen-test-type (concat "b " key))
      (llm-switch-screen-test-see "^  by "))))

(ert-deftest llm-switch-dashboard/many-sums-are-folded-and-the-total-stays-whole ()
  (let ((llm-switch-dashboard-rows 2))
    (llm-switch-dashboard-test-with 80 24
      (should-error (llm-switch-screen-test-see "^  planned") :type 'ert-test-failed)
      (llm-switch-screen-test-see "^  all +84 ")
      (llm-switch-screen-test-see "and 3 more, with RET")
      (llm-switch-screen-test-type "RET")
      (llm-switch-screen-test-see "^  planned"))))

(ert-deftest llm-switch-dashboard/sorts-by-the-column-at-point ()
  (llm-switch-dashboard-test-with 80 24
    (let ((first (lambda ()
                   (llm-switch-screen-test-see "^  by route")
                   (forward-line)
                   (buffer-substring (point) (+ 14 (point))))))
      (should (equal (funcall first) "  coding-best "))
      (llm-switch-screen-test-see "^  by route")
      (search-forward "requests")
      (backward-char 2)
      (llm-switch-screen-test-type "S")
      (llm-switch-screen-test-see "requests↓")
      (should (equal (funcall first) "  coding-local"))
      (llm-switch-screen-test-see "requests↓")
      (search-forward "reque")
      (llm-switch-screen-test-type "S")
      (llm-switch-screen-test-see "requests↑"))))

(ert-deftest llm-switch-dashboard/looks-at-other-spans ()
  (llm-switch-dashboard-test-with 80 24
    (pcase-dolist (`(,key . ,title) '(("d" . "today") ("[" . "yesterday") ("]" . "today")
                                      ("w" . "this week") ("m" . "this month")
                                      ("[" . "last month") ("y" . "this year")
                                      ("A" . "all time")))
      (llm-switch-screen-test-type key)
      (should (string-match-p (concat "showing " title) (car (llm-switch-screen-test-lines)))))
    (should-error (llm-switch-dashboard-earlier 1) :type 'user-error)
    (llm-switch-screen-test-type "D 2026-11-18 RET 2026-11-19 RET")
    (should (string-match-p "showing 2026-11-18 – 2026-11-19"
                            (car (llm-switch-screen-test-lines))))
    (llm-switch-screen-test-see "^  coding-best +3 .*\\$1\\.00 ")))

(ert-deftest llm-switch-dashboard/a-filter-narrows-everything-and-can-be-cleared ()
  (llm-switch-dashboard-test-with 80 24
    (llm-switch-screen-test-type "/ model RET gpt-5 RET")
    (should (string-match-p "this month, model gpt-5" (car (llm-switch-screen-test-lines))))
    (should (string-match-p "month \\$5\\.00" (nth 1 (llm-switch-screen-test-lines))))
    (llm-switch-screen-test-type "x")
    (should (string-match-p "month \\$5\\.50" (nth 1 (llm-switch-screen-test-lines))))
    (llm-switch-screen-test-see "^  coding-local")
    (llm-switch-screen-test-type "f")
    (should (string-match-p "month free" (nth 1 (llm-switch-screen-test-lines))))))

(ert-deftest llm-switch-dashboard/return-goes-from-a-sum-to-its-requests-to-the-attempts ()
  (llm-switch-dashboard-test-with 80 24
    (llm-switch-screen-test-see "^  coding-best")
    (llm-switch-screen-test-type "RET")
    (should (derived-mode-p 'llm-switch-spend-requests-mode))
    (llm-switch-screen-test-see "^Requests  this month, route coding-best  1–21")
    (dolist (line (llm-switch-screen-test-lines)) (should (<= (string-width line) 80)))
    (llm-switch-screen-test-see "94 s +\\$0\\.50 done, 2\\.")
    (llm-switch-screen-test-type "RET")
    (should (derived-mode-p 'llm-switch-spend-request-mode))
    (llm-switch-screen-test-see "1  openai-work/gpt-5")
    (llm-switch-screen-test-see "ended +rate limited (HTTP 429)")
    (llm-switch-screen-test-see "2  anthropic/claude-sonnet-5")
    (llm-switch-screen-test-see "5,000 in, 2,000 to cache for 5 min, 4,000 out, 1,000 of them reasoning")
    (llm-switch-screen-test-type "q")
    (should (derived-mode-p 'llm-switch-spend-requests-mode))))

(ert-deftest llm-switch-dashboard/facts-lead-to-their-requests ()
  (llm-switch-dashboard-test-with 80 24
    (llm-switch-screen-test-see "another model served")
    (llm-switch-screen-test-type "RET")
    (llm-switch-screen-test-see "openai-work/gpt-5 .*other model")
    (llm-switch-screen-test-type "q")
    (llm-switch-screen-test-see "without a price")
    (llm-switch-screen-test-type "RET")
    (llm-switch-screen-test-see "  \\? done")))

(ert-deftest llm-switch-dashboard/lists-have-pages-and-sort ()
  (let ((llm-switch-spend-page 10))
    (llm-switch-dashboard-test-with 80 24
      (llm-switch-screen-test-type "A" "L")
      (llm-switch-screen-test-see "1–10, more with >")
      (llm-switch-screen-test-type ">")
      (llm-switch-screen-test-see "11–20, more with >")
      (llm-switch-screen-test-type "<")
      (should-error (llm-switch-spend-requests-previous-page) :type 'user-error)
      (llm-switch-screen-test-see "  when↓")
      (search-forward "cost")
      (backward-char)
      (llm-switch-screen-test-type "S")
      (llm-switch-screen-test-see "cost↓")
      (forward-line)
      (should (looking-at-p ".*\\$0\\.50")))))

(ert-deftest llm-switch-dashboard/n-p-and-tab-go-where-one-expects ()
  (llm-switch-dashboard-test-with 80 24
    (let ((id (lambda () (get-text-property (line-beginning-position) 'llm-switch-spend-id))))
      (should (eq 'row (car (funcall id))))
      (let ((first (funcall id)))
        (llm-switch-screen-test-type "n")
        (should-not (equal first (funcall id)))
        (llm-switch-screen-test-type "p")
        (should (equal first (funcall id)))
        (llm-switch-screen-test-type "TAB")
        (should (eq 'fact (car (funcall id))))
        (llm-switch-screen-test-type "<backtab>")
        (should (equal first (funcall id)))))))

(ert-deftest llm-switch-dashboard/nothing-moves-under-the-cursor-when-something-is-spent ()
  (llm-switch-dashboard-test-with 80 24
    (llm-switch-screen-test-see "^  coding-local")
    (forward-char 20)
    (let* ((column (current-column))
           (value llm-switch-spend-screen-value)
           (rows (plist-get value :rows))
           (names (lambda () (mapcar #'llm-switch-spend-origin-test--name
                                     (seq-filter (lambda (line) (string-match-p "^  [a-z(]" line))
                                                 (llm-switch-screen-test-lines)))))
           (before (funcall names)))
      ;; The free one overtakes all others, and a new one comes.
      (let* ((local (seq-find (lambda (row) (equal (plist-get row :names) '("coding-local"))) rows))
             (dear (plist-put (copy-sequence local) :cost (* 9 llm-switch-cost-dollar)))
             (new (plist-put (copy-sequence local) :names '("brand-new"))))
        (llm-switch-spend-screen--take
         (plist-put (copy-sequence value) :rows (append (list new dear) (remq local rows)))))
      (should (looking-back "^  coding-local.*" (line-beginning-position)))
      (should (= column (current-column)))
      (llm-switch-screen-test-see "coding-local .*\\$9\\.00")
      (should (equal (seq-take (funcall names) 3) (seq-take before 3)))
      (llm-switch-screen-test-see "^  brand-new"))))

(defun llm-switch-spend-origin-test--name (line)
  "Return the first word of LINE."
  (car (split-string line)))

(ert-deftest llm-switch-dashboard/budgets-say-in-words-what-colours-repeat ()
  (llm-switch-dashboard-test-with 80 24
    (let* ((hour (* 3600 1000)) (now llm-switch-dashboard-test-now)
           (dollar llm-switch-cost-dollar)
           (budget (lambda (&rest fields)
                     (append fields `(:held 0 :warn (0.5 0.8) :from 0 :unit "dollars")))))
      (llm-switch-spend-screen--take
       (plist-put (copy-sequence llm-switch-spend-screen-value) :budgets
                  (list (funcall budget :name "openai, day" :on '(:provider "openai")
                                 :spent (round (* 1.62 dollar)) :limit (* 3 dollar)
                                 :until (+ now (* 6 hour) 720000))
                        (funcall budget :name "all, month" :spent (* 61 dollar)
                                 :limit (* 60 dollar) :until (+ now (* 300 hour)))
                        (funcall budget :name "week" :spent 0 :limit dollar
                                 :until (+ now (* 60 hour)) :passes (+ now (* 24 hour)))
                        (list :name "tokens" :unit "tokens" :spent 1200000 :limit 2000000
                              :held 400000))))
      (llm-switch-screen-test-see "openai, day +▓+░+ +\\$1\\.62 of \\$3\\.00 +54%  resets in 6 h 12 m")
      (should (eq 'llm-switch-budget-near (get-text-property (progn (search-forward "▓") (1- (point))) 'face)))
      (llm-switch-screen-test-see "all, month +▓\\{10\\} +\\$61\\.00 of \\$60\\.00 +102%  used up until 2 Dec")
      (should (eq 'llm-switch-budget-spent (get-text-property (progn (search-forward "▓") (1- (point))) 'face)))
      (llm-switch-screen-test-see "week +░\\{10\\} +\\$0 of \\$1\\.00 +0%  passes it 21 Nov")
      (llm-switch-screen-test-see "tokens +▓\\{6\\}▒\\{2\\}░░ +1\\.2M of 2\\.0M tok +60%")
      (dolist (line (llm-switch-screen-test-lines)) (should (<= (string-width line) 79)))
      (llm-switch-screen-test-see "openai, day")
      (llm-switch-screen-test-type "RET")
      (llm-switch-screen-test-see "^Requests .*provider openai"))))

(ert-deftest llm-switch-dashboard/budgets-of-the-configuration-lead-to-their-requests ()
  (llm-switch-dashboard-test-with-config "[[budget]]\non = 'global'\nwindow = 'total'\nlimit = '20'\nwarn = [0.5]
[[budget]]\non = { provider = 'openai' }\nwindow = 'total'\nlimit = 100\n" 80 24
    (llm-switch-screen-test-see "^! .*config.toml: line 9:[ \n]dollars")
    (dolist (line (llm-switch-screen-test-lines)) (should (<= (string-width line) 80))))
  (llm-switch-dashboard-test-with-config "[[budget]]\non = 'global'\nwindow = 'total'\nlimit = '20'\nwarn = [0.5]
[[budget]]\non = { provider = 'anthropic' }\nwindow = 'total'\nrequests = 200\n" 80 24
    (llm-switch-screen-test-see "^  all, total +▓+░+ +\\$15\\.50 of \\$20\\.00 +78%")
    (should (eq (default-value 'revert-buffer-function) #'revert-buffer--default))
    (llm-switch-screen-test-type "RET")
    (llm-switch-screen-test-see "^Requests .*1–100, more with >")
    (llm-switch-screen-test-type "q")
    (llm-switch-screen-test-see "^  anthropic, total, +▓░+ +1 of 200 req +<1%\\|^  anthropic.*1 of 200 req")
    (llm-switch-screen-test-type "RET")
    (llm-switch-screen-test-see "^Requests .*provider anthropic  1–1$")))

(ert-deftest llm-switch-dashboard/asks-again-when-something-was-answered-and-it-is-seen ()
  (llm-switch-dashboard-test-with 80 24
    (let ((llm-switch-cost-last llm-switch-cost-last))
      (should-not (llm-switch-spend-screen--stale-p))
      (setq llm-switch-cost-last (list :cost nil))
      (should (llm-switch-spend-screen--stale-p))
      (llm-switch-spend-screen--tick)
      (should llm-switch-spend-screen--id)
      (llm-switch-screen-test-wait)
      (let ((dashboard (current-buffer)))
        (setq llm-switch-cost-last (list :cost nil))
        (switch-to-buffer "*scratch*")
        (llm-switch-spend-screen--tick)
        (should-not (buffer-local-value 'llm-switch-spend-screen--id dashboard))))))

(ert-deftest llm-switch-dashboard/never-waits-for-the-ledger ()
  (llm-switch-dashboard-test-with 80 24
    (cl-letf (((symbol-function 'accept-process-output)
               (lambda (&rest _) (ert-fail "it waited"))))
      (llm-switch-dashboard-refresh)
      (llm-switch-dashboard-sum-by "model"))
    (llm-switch-screen-test-wait)))

(ert-deftest llm-switch-dashboard/a-ledger-that-cannot-be-read-is-told-in-the-buffer ()
  (llm-switch-test-with ""
    (make-directory llm-switch-ledger-file t)
    (save-window-excursion
      (llm-switch-dashboard)
      (unwind-protect
          (llm-switch-test-wait (string-match-p "this[ \n]is[ \n]a[ \n]folder" (buffer-string)))
        (kill-buffer)))))

(ert-deftest llm-switch-dashboard/shows-what-was-just-asked-and-leads-back-to-it ()
  (llm-switch-test-with (concat (llm-switch-test-config)
                                "payer = 'metered'\n[price.'sim/hello']\nper-million = '1000'\n")
    (llm-switch-test-chat "sim/hello" #'text-mode
      (llm-switch-test-ask "Hello?")
      (let ((chat (current-buffer)))
        (save-window-excursion
          (llm-switch-dashboard-test--resize 80 24)
          (llm-switch-dashboard)
          (unwind-protect
              (progn
                (llm-switch-screen-test-wait)
                (should-not (string-match-p "today \\(\\$0\\|free\\) " (nth 1 (llm-switch-screen-test-lines))))
                (llm-switch-screen-test-type "L")
                (llm-switch-screen-test-see "sim/hello")
                (execute-kbd-macro "o")
                (should (eq (window-buffer) chat)))
            (kill-buffer "*llm-switch dashboard*")
            (kill-buffer "*llm-switch requests*")))))))

(provide 'llm-switch-dashboard-test)
;;; llm-switch-dashboard-test.el ends here
