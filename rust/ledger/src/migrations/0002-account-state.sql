-- What an attempt tells beside its cost. NULL is not known: of attempts that
-- were recorded before, and of a price that nobody told us.
ALTER TABLE attempt ADD COLUMN sent_bytes    INTEGER;  -- bytes of text that were sent
ALTER TABLE attempt ADD COLUMN computed_pico INTEGER;  -- where `cost_pico` is the service's own figure: ours
ALTER TABLE attempt ADD COLUMN audio_input   INTEGER NOT NULL DEFAULT 0;  -- a part of `input`
ALTER TABLE attempt ADD COLUMN audio_output  INTEGER NOT NULL DEFAULT 0;  -- a part of `output`
ALTER TABLE attempt ADD COLUMN searches      INTEGER NOT NULL DEFAULT 0;  -- billed in `cost_pico`

-- The view `spend` and its rollups stay as they are. An Emacs that still runs
-- the version before fills them by position, so a column more would turn down
-- all that it records until it is restarted; and what audio and searches cost
-- is in `cost_pico` already.

-- How much of each allowance was left when the service last said so.
CREATE TABLE account_window (
  account   INTEGER NOT NULL REFERENCES account,
  model     INTEGER NOT NULL,                    -- 0: of the account as a whole
  name      TEXT NOT NULL,                       -- `requests`, `tokens`, `plan-300m`, ...
  allowance INTEGER,
  remaining INTEGER,
  resets_at INTEGER,                             -- Unix milliseconds (UTC), like all times
  seen_at   INTEGER NOT NULL,
  PRIMARY KEY (account, model, name)
) STRICT, WITHOUT ROWID;

-- What was left on an account when its service was last asked: a row for each
-- figure and unit. Only dollars are money of ours.
CREATE TABLE account_balance (
  account INTEGER NOT NULL REFERENCES account,
  figure  TEXT NOT NULL,                         -- `remaining`, `spent` or `limit`
  unit    TEXT NOT NULL,                         -- `USD`, `CNY`, `percent`, `requests`, ...
  pico    INTEGER,                               -- where the unit is `USD`
  number  TEXT,                                  -- where it is another, as it was told
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (account, figure, unit)
) STRICT, WITHOUT ROWID;
