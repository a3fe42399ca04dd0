-- Who is out, and until when, as far as any process found. Times are Unix
-- milliseconds (UTC). Model 0 stands for the whole account.
CREATE TABLE health (
  account  INTEGER NOT NULL REFERENCES account,
  model    INTEGER NOT NULL,
  state    TEXT NOT NULL,
  kind     TEXT,                                 -- the class of the last failure
  reason   TEXT,                                 -- in our words, never in the service's
  since    INTEGER NOT NULL,
  until    INTEGER,                              -- NULL while it is not known, or healthy
  strikes  INTEGER NOT NULL,                     -- failures in a row
  trial    INTEGER,                              -- when the one request began that tries it
  disabled INTEGER NOT NULL,                     -- the user wants it left alone
  changed  INTEGER NOT NULL,
  PRIMARY KEY (account, model)
) STRICT, WITHOUT ROWID;
CREATE INDEX health_changed ON health (changed);
