-- What was reserved before the attempt was sent; NULL where no budget asked
-- for it. It is held while the attempt is open and is no more once it is
-- settled, so that no path can forget to release it. What was billed beyond
-- it is overshoot.
ALTER TABLE attempt ADD COLUMN held_pico INTEGER;
ALTER TABLE attempt ADD COLUMN held_tokens INTEGER;
-- It asked for more and there was none: nobody younger is served before it.
ALTER TABLE attempt ADD COLUMN starving INTEGER NOT NULL DEFAULT 0;
-- All that an admission asks of open attempts, so that it need not look at
-- their rows.
CREATE INDEX attempt_open ON attempt
  (started, id, provider, account, sent, held_pico, held_tokens, starving)
  WHERE outcome IS NULL;
-- For what the deployment's requests are like.
CREATE INDEX attempt_deployment ON attempt (account, sent, started);

-- What the budgets of a scope have spent in a window. A row is made from the
-- rollups when it is first asked for, and kept up with every settlement.
CREATE TABLE tally (
  id        INTEGER PRIMARY KEY,
  scope     TEXT NOT NULL,                       -- a column of `spend`, or 'global'
  member    INTEGER NOT NULL,                    -- the number of its name; 0 for 'global'
  starts    INTEGER NOT NULL,                    -- Unix milliseconds (UTC), as all times
  until     INTEGER NOT NULL,
  made      INTEGER NOT NULL,
  requests  INTEGER NOT NULL,
  tokens    INTEGER NOT NULL,
  cost_pico INTEGER NOT NULL,
  UNIQUE (scope, member, starts, until)
) STRICT;

-- More than its limit, allowed by the owner for some time.
CREATE TABLE allowance (
  id     INTEGER PRIMARY KEY,
  budget TEXT NOT NULL,                          -- by its name in the configuration
  extra  INTEGER NOT NULL,                       -- pico-dollars, tokens or requests
  made   INTEGER NOT NULL,
  until  INTEGER NOT NULL
) STRICT;

-- Thresholds that somebody was told about, so that nobody is told twice.
CREATE TABLE alert (
  budget    TEXT NOT NULL,
  starts    INTEGER NOT NULL,                    -- of the window
  threshold INTEGER NOT NULL,                    -- in hundredths of a percent of the limit
  told      INTEGER NOT NULL,
  PRIMARY KEY (budget, starts, threshold)
) STRICT, WITHOUT ROWID;
