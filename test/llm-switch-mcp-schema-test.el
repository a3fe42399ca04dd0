;;; llm-switch-mcp-schema-test.el --- Values read for JSON schemas  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The llm-switch authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; Values are typed as a user types them, and told as JSON.

;;; Code:

(require 'llm-switch-mcp-schema)
(require 'llm-switch-test-helper)

(defun llm-switch-mcp-schema-test-read (keys property &optional required)
  "Return as JSON what KEYS give for PROPERTY, JSON text, of an object.
It is optional unless REQUIRED is non-nil."
  (let ((schema (llm-switch-mcp-schema-parse
                 (format "{\"properties\": {\"it\": %s}, \"required\": [%s],
                           \"$defs\": {\"a/b\": {\"type\": \"integer\"},
                                       \"loop\": {\"$ref\": \"#/$defs/loop\"}}}"
                         property (if required "\"it\"" "")))))
    (llm-switch-test-keys keys
      (llm-switch-mcp-schema-json (llm-switch-mcp-schema-read-object schema)))))

(ert-deftest llm-switch-mcp-schema/each-type-is-read-as-what-it-is ()
  (pcase-dolist (`(,keys ,property ,json)
                 '(("h i SPC ä RET" "{\"type\": \"string\"}" "{\"it\":\"hi ä\"}")
                   ("7 RET" "{\"type\": \"string\"}" "{\"it\":\"7\"}")
                   ("7 RET" "{\"type\": \"integer\"}" "{\"it\":7}")
                   ("- 0 . 5 RET" "{\"type\": \"number\"}" "{\"it\":-0.5}")
                   ("t r TAB RET" "{\"type\": \"boolean\"}" "{\"it\":true}")
                   ("f a l s e RET" "{\"type\": \"boolean\"}" "{\"it\":false}")
                   ("[ 1 , [ ] , { } ] RET" "{\"type\": \"array\"}" "{\"it\":[1,[],{}]}")
                   ("{ } RET" "{\"type\": \"object\"}" "{\"it\":{}}")
                   ("n u l l RET" "{}" "{\"it\":null}")
                   ("w o r d RET" "true" "{\"it\":\"word\"}")
                   ("4 RET" "{\"$ref\": \"#/$defs/a~1b\"}" "{\"it\":4}")
                   ("x RET" "{\"$ref\": \"#/$defs/loop\"}" "{\"it\":\"x\"}")
                   ("5 RET" "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"null\"}]}"
                    "{\"it\":\"5\"}")
                   ("5 RET" "{\"type\": [\"integer\", \"null\"]}" "{\"it\":5}")))
    (should (equal (list property (llm-switch-mcp-schema-test-read keys property))
                   (list property json)))))

(ert-deftest llm-switch-mcp-schema/what-is-left-out-is-not-there-and-a-default-is ()
  (dolist (property '("{\"type\": \"string\"}" "{\"type\": \"integer\"}" "{\"type\": \"boolean\"}"
                      "{\"enum\": [\"a\"]}" "{\"type\": \"object\"}" "{}"))
    (should (equal (llm-switch-mcp-schema-test-read "RET" property) "{}")))
  (pcase-dolist (`(,property ,json)
                 '(("{\"type\": \"boolean\", \"default\": false}" "{\"it\":false}")
                   ("{\"type\": \"integer\", \"default\": 0}" "{\"it\":0}")
                   ("{\"enum\": [\"a\", \"b\"], \"default\": \"b\"}" "{\"it\":\"b\"}")
                   ("{\"type\": \"string\", \"default\": \"\"}" "{\"it\":\"\"}")))
    (should (equal (llm-switch-mcp-schema-test-read "RET" property) json)))
  (should (equal (llm-switch-mcp-schema-test-read "\" \" RET" "{\"type\": \"string\"}")
                 "{\"it\":\"\"}"))
  (should (equal (llm-switch-mcp-schema-test-read "RET" "{\"type\": \"string\"}" t)
                 "{\"it\":\"\"}")))

(ert-deftest llm-switch-mcp-schema/choices-are-completed-and-keep-their-values ()
  (pcase-dolist (`(,keys ,property ,json)
                 '(("r TAB RET" "{\"enum\": [\"red\", \"blue\"]}" "{\"it\":\"red\"}")
                   ("2 RET" "{\"enum\": [1, 2, null]}" "{\"it\":2}")
                   ("B l u e RET" "{\"oneOf\": [{\"const\": \"b\", \"title\": \"Blue\"},
                                               {\"const\": \"r\", \"title\": \"Red\"}]}"
                    "{\"it\":\"b\"}")
                   ("R e d RET" "{\"enum\": [\"b\", \"r\"], \"enumNames\": [\"Blue\", \"Red\"]}"
                    "{\"it\":\"r\"}")
                   ("b , r RET" "{\"type\": \"array\", \"items\": {\"enum\": [\"b\", \"r\"]}}"
                    "{\"it\":[\"b\",\"r\"]}")))
    (should (equal (llm-switch-mcp-schema-test-read keys property t) json))))

(ert-deftest llm-switch-mcp-schema/what-does-not-fit-is-asked-for-again ()
  (pcase-dolist (`(,keys ,property ,json)
                 '(("1 . 5 RET DEL DEL RET" "{\"type\": \"integer\"}" "{\"it\":1}")
                   ("9 RET DEL 3 RET" "{\"type\": \"integer\", \"maximum\": 5}" "{\"it\":3}")
                   ("0 RET DEL 5 RET" "{\"type\": \"number\", \"exclusiveMinimum\": 0}" "{\"it\":5}")
                   ("a RET b RET" "{\"type\": \"string\", \"minLength\": 2}" "{\"it\":\"ab\"}")
                   ("{ RET } RET" "{\"type\": \"object\"}" "{\"it\":{}}")
                   ("4 RET DEL [ ] RET" "{\"type\": \"array\"}" "{\"it\":[]}")))
    (should (equal (list property (llm-switch-mcp-schema-test-read keys property))
                   (list property json)))))

(ert-deftest llm-switch-mcp-schema/the-prompt-says-what-is-wanted ()
  (let ((prompt (lambda (schema optional)
                  (llm-switch-mcp-schema--prompt (llm-switch-mcp-schema-parse schema)
                                                 "size" optional))))
    (should (equal (funcall prompt "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 9,
                                     \"description\": \"How many\"}" t)
                   "How many\nsize (whole number, from 1 to 9, RET leaves it out): "))
    (should (equal (funcall prompt "{\"type\": \"string\", \"default\": \"x\"}" nil)
                   "size (text, default x): "))
    (should (equal (funcall prompt "{\"type\": \"boolean\"}" nil) "size: "))))

(provide 'llm-switch-mcp-schema-test)
;;; llm-switch-mcp-schema-test.el ends here
