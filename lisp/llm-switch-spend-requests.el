;;; llm-switch-spend-requests.el --- The requests behind a sum  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A list of requests, a page at a time, and one request with its attempts.

;;; Code:

(require 'llm-switch-spend-table)
(require 'llm-switch-spend-origin)

(defcustom llm-switch-spend-page 100
  "How many requests a list shows at once."
  :group 'llm-switch
  :type 'integer)

;;; List

(defvar-local llm-switch-spend-requests--sort '("started" . t)
  "What the list is sorted by, and whether the largest comes first.")

(defconst llm-switch-spend-requests--columns
  `((:title "when" :width 12 :left t :sort "started"
     :text ,(lambda (row)
              (llm-switch-spend-time "%d %b %H:%M" (plist-get row :started))))
    (:title "model" :left t :text llm-switch-spend-requests--model)
    (:title "route" :width 14 :left t :wide 110
     :text ,(lambda (row) (or (plist-get row :route) "–")))
    (:title "project" :width 18 :left t :wide 130
     :text ,(lambda (row) (llm-switch-spend-requests--project (plist-get row :project))))
    (:title "purpose" :width 9 :left t :wide 110
     :text ,(lambda (row) (plist-get row :purpose)))
    (:title "in" :width 6 :sort "input"
     :text ,(lambda (row) (llm-switch-spend-tokens (llm-switch-spend-input (plist-get row :usage)))))
    (:title "cached" :width 6 :wide 110
     :text ,(lambda (row) (llm-switch-spend-cached (plist-get row :usage))))
    (:title "out" :width 6 :sort "output"
     :text ,(lambda (row)
              (llm-switch-spend-tokens (plist-get (plist-get row :usage) :output))))
    (:title "took" :width 8 :sort "duration"
     :text ,(lambda (row) (llm-switch-spend-seconds (plist-get row :total-ms))))
    (:title "cost" :width 10 :sort "cost"
     :text ,(lambda (row) (llm-switch-spend-request-money (plist-get row :cost))))
    (:title "ended" :width 11 :left t :text llm-switch-spend-requests--end))
  "The columns of the list.")

(defun llm-switch-spend-requests--model (row)
  "Return who answered ROW."
  (if (plist-get row :account)
      (concat (plist-get row :account) "/" (plist-get row :model))
    (plist-get row :requested)))

(defun llm-switch-spend-requests--project (project)
  "Return the last part of PROJECT, or a dash."
  (if project (file-name-nondirectory project) "–"))

(defun llm-switch-spend-requests--end (row)
  "Return how ROW ended, and what was odd about it."
  (let ((outcome (plist-get row :outcome))
        (attempts (plist-get row :attempts)))
    (cond ((null outcome) "open")
          ((plist-get row :substituted) "other model")
          ((and (equal outcome "done") (> attempts 1)) (format "done, %d." attempts))
          (t (subst-char-in-string ?- ?\s outcome)))))

(defvar llm-switch-spend-requests-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "S") #'llm-switch-spend-requests-sort)
    (define-key map (kbd ">") #'llm-switch-spend-requests-next-page)
    (define-key map (kbd "<") #'llm-switch-spend-requests-previous-page)
    (define-key map (kbd "o") #'llm-switch-spend-requests-visit)
    map)
  "Keys in a list of requests.")

(define-derived-mode llm-switch-spend-requests-mode llm-switch-spend-screen-mode "Requests"
  "Shows the requests behind a sum.

\\{llm-switch-spend-requests-mode-map}"
  (setq header-line-format
        " RET attempts   o its buffer   S sort   > < page   g again   ? keys   q back"))

(defun llm-switch-spend-requests (query)
  "Show the requests of QUERY: see `llm-switch-spend-query'."
  (llm-switch-spend-screen-show
   "*llm-switch requests*" #'llm-switch-spend-requests-mode query
   #'llm-switch-spend-requests--ask #'llm-switch-spend-requests--draw))

(defun llm-switch-spend-requests--offset ()
  "Return how many requests come before this page."
  (or (plist-get llm-switch-spend-screen-query :offset) 0))

(defun llm-switch-spend-requests--ask ()
  "Return what to call for this page."
  (cons "spend.requests"
        (append (list :sort (car llm-switch-spend-requests--sort)
                      :ascending (if (cdr llm-switch-spend-requests--sort) :json-false t)
                      :offset (llm-switch-spend-requests--offset)
                      :limit llm-switch-spend-page)
                (llm-switch-spend-params llm-switch-spend-screen-query))))

(defun llm-switch-spend-requests--draw (value)
  "Insert the list of VALUE."
  (let* ((rows (plist-get value :rows))
         (columns (llm-switch-spend-table-fitted llm-switch-spend-requests--columns
                                                 (llm-switch-spend-screen-width) rows))
         (offset (llm-switch-spend-requests--offset)))
    (insert (propertize "Requests" 'face 'llm-switch-spend-heading) "  "
            (llm-switch-spend-title llm-switch-spend-screen-query)
            (propertize (if rows
                            (format "  %s–%s%s" (llm-switch-spend-count (1+ offset))
                                    (llm-switch-spend-count (+ offset (length rows)))
                                    (if (plist-get value :more) ", more with >" ""))
                          "  none")
                        'face 'llm-switch-spend-dim)
            "\n\n")
    (llm-switch-spend-table-heading columns (car llm-switch-spend-requests--sort)
                                    (cdr llm-switch-spend-requests--sort))
    (dolist (row rows)
      (let ((key (plist-get row :request)))
        (llm-switch-spend-screen-row key (lambda () (llm-switch-spend-request key))
                                     (llm-switch-spend-table-row columns row))))))

(defun llm-switch-spend-requests-sort ()
  "Sort by the column at point; by the same one again, the other way round."
  (interactive nil llm-switch-spend-requests-mode)
  (let ((sort (llm-switch-spend-table-sort-at-point llm-switch-spend-requests--columns))
        (old llm-switch-spend-requests--sort))
    (setq llm-switch-spend-requests--sort
          (cons sort (if (equal sort (car old)) (not (cdr old)) t)))
    (llm-switch-spend-requests--turn (- (llm-switch-spend-requests--offset)))))

(defun llm-switch-spend-requests-next-page ()
  "Show the requests that come after these."
  (interactive nil llm-switch-spend-requests-mode)
  (unless (plist-get llm-switch-spend-screen-value :more)
    (user-error "These are the last ones"))
  (llm-switch-spend-requests--turn llm-switch-spend-page))

(defun llm-switch-spend-requests-previous-page ()
  "Show the requests that come before these."
  (interactive nil llm-switch-spend-requests-mode)
  (when (zerop (llm-switch-spend-requests--offset))
    (user-error "These are the first ones"))
  (llm-switch-spend-requests--turn (- llm-switch-spend-page)))

(defun llm-switch-spend-requests--turn (count)
  "Show the requests COUNT further on."
  (goto-char (point-min))
  (llm-switch-spend-screen-change
   (llm-switch-spend-with llm-switch-spend-screen-query
                          :offset (max 0 (+ (llm-switch-spend-requests--offset) count)))))

(defun llm-switch-spend-requests-visit ()
  "Show the buffer in which the request at point was made."
  (interactive nil llm-switch-spend-screen-mode)
  (let ((key (get-text-property (line-beginning-position) 'llm-switch-spend-id)))
    (unless (integerp key) (user-error "There is no request on this line"))
    (llm-switch-spend-origin-visit key)))

;;; One request

(defvar llm-switch-spend-request-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "o") #'llm-switch-spend-request-visit)
    map)
  "Keys in the view of a request.")

(define-derived-mode llm-switch-spend-request-mode llm-switch-spend-screen-mode "Request"
  "Shows a request with its attempts.

\\{llm-switch-spend-request-mode-map}"
  (setq header-line-format " o its buffer   g again   ? keys   q back"))

(defun llm-switch-spend-request (key &rest more)
  "Show the request KEY of the ledger with its attempts, and those of MORE.
An answer with tools is one of several requests."
  (llm-switch-spend-screen-show
   "*llm-switch request*" #'llm-switch-spend-request-mode (list :request key :more more)
   (lambda () (mapcar (lambda (it) (cons "ledger.request" (list :request it))) (cons key more)))
   #'llm-switch-spend-request--draw-all))

(defun llm-switch-spend-request-visit ()
  "Show the buffer in which this request was made."
  (interactive nil llm-switch-spend-request-mode)
  (llm-switch-spend-origin-visit (plist-get llm-switch-spend-screen-query :request)))

(defun llm-switch-spend-request--draw-all (requests)
  "Insert REQUESTS, plists of the ledger."
  (llm-switch-spend-request--draw (car requests))
  (dolist (request (cdr requests))
    (insert "\n")
    (llm-switch-spend-request--draw request)))

(defun llm-switch-spend-request--draw (request)
  "Insert REQUEST, a plist of the ledger."
  (if (null request)
      (insert "This request is not in the ledger.\n")
    (let ((marker (llm-switch-spend-origin (plist-get request :key)))
          (started (plist-get request :started-ms)))
      (insert (propertize "Request" 'face 'llm-switch-spend-heading) "  "
              (llm-switch-spend-time "%A %-d %B %Y, %H:%M:%S" started) "\n\n")
      (llm-switch-spend-request--facts
       `(("asked" . ,(plist-get request :requested))
         ("purpose" . ,(plist-get request :purpose))
         ("route" . ,(plist-get request :route))
         ("project" . ,(when-let* ((it (plist-get request :project)))
                         (llm-switch-spend-name it)))
         ("client" . ,(plist-get request :client))
         ("ended" . ,(llm-switch-spend-request--end request))
         ("buffer" . ,(if marker (format "%s, with o" (marker-buffer marker))
                        "gone, or of another Emacs"))))
      (llm-switch-spend-screen-heading "Attempts")
      (unless (plist-get request :attempts)
        (insert "  none: it ended before anything was sent\n"))
      (dolist (attempt (plist-get request :attempts))
        (llm-switch-spend-request--attempt attempt (plist-get request :key))))))

(defun llm-switch-spend-request--facts (facts)
  "Insert FACTS, an alist of words and texts; a nil text is left out."
  (pcase-dolist (`(,word . ,text) facts)
    (when text
      (insert "  " (propertize (llm-switch-spend-fit word 10) 'face 'llm-switch-spend-dim)
              text "\n"))))

(defun llm-switch-spend-request--end (it)
  "Return how IT, a request or an attempt, ended, and after what time."
  (let ((ended (plist-get it :ended-ms))
        (outcome (plist-get it :outcome)))
    (if outcome
        (concat (subst-char-in-string ?- ?\s outcome)
                (when-let* ((status (plist-get it :http-status)))
                  (format " (HTTP %d)" status))
                (unless (equal outcome "crashed")
                  (concat " after "
                          (llm-switch-spend-seconds (- ended (plist-get it :started-ms))))))
      "still open")))

(defun llm-switch-spend-request--who (attempt)
  "Return whom ATTEMPT, a plist of the ledger, has asked."
  (concat (plist-get attempt :account) "/" (plist-get attempt :sent-model)))

(defun llm-switch-spend-request-summary (attempt)
  "Return ATTEMPT, a plist of the ledger, in a line."
  (let ((cost (plist-get attempt :cost)))
    (concat (llm-switch-spend-request--who attempt) ": " (llm-switch-spend-request--end attempt)
            (when cost (concat " · " (llm-switch-cost-format cost))))))

(defun llm-switch-spend-request--attempt (attempt key)
  "Insert ATTEMPT of the request KEY, a plist of the ledger."
  (let ((number (plist-get attempt :number)))
    (llm-switch-spend-screen-row
     (list 'attempt key number) nil
     (format "  %d  %s" number (llm-switch-spend-request--who attempt)))
    (llm-switch-spend-request--facts
     `(("  ended" . ,(llm-switch-spend-request--end attempt))
       ("  first" . ,(when-let* ((first (plist-get attempt :first-token-ms)))
                       (concat (llm-switch-spend-seconds first) " to the first token")))
       ("  served" . ,(plist-get attempt :served-model))
       ("  tokens" . ,(llm-switch-spend-request--tokens (plist-get attempt :usage)))
       ("  payer" . ,(format "%s, at %s" (plist-get attempt :payer)
                             (plist-get attempt :provider)))
       ("  cost" . ,(llm-switch-spend-request--cost (plist-get attempt :cost)))))))

(defun llm-switch-spend-request--tokens (usage)
  "Return USAGE in words."
  (let ((told (lambda (name key)
                (let ((count (plist-get usage key)))
                  (unless (zerop count)
                    (format "%s %s" (llm-switch-spend-count count) name))))))
    (string-join
     (delq nil (list (format "%s in" (llm-switch-spend-count (plist-get usage :input)))
                     (funcall told "from cache" :cache-read)
                     (funcall told "to cache for 5 min" :cache-write-5m)
                     (funcall told "to cache for 1 h" :cache-write-1h)
                     (format "%s out" (llm-switch-spend-count (plist-get usage :output)))
                     (funcall told "of them reasoning" :reasoning)))
     ", ")))

(defun llm-switch-spend-request--cost (cost)
  "Return COST of an attempt in words."
  (if (null cost)
      "not yet known"
    (concat (llm-switch-cost-format cost)
            (format ", %s" (plist-get cost :basis))
            (when-let* ((price (plist-get cost :price))) (concat " at the price " price)))))

(provide 'llm-switch-spend-requests)
;;; llm-switch-spend-requests.el ends here
