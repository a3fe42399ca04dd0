-- Names, each stored once. A row of `request` or `attempt` holds the number.
CREATE TABLE provider (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE account  (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE model    (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE route    (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE project  (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE purpose  (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE client   (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE price    (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- What the user asked. Times are Unix milliseconds (UTC).
CREATE TABLE request (
  id      INTEGER PRIMARY KEY,
  process INTEGER NOT NULL,                      -- the tag of the process that made it
  started INTEGER NOT NULL,
  ended   INTEGER,                               -- of a crashed one: when that was found
  purpose INTEGER NOT NULL REFERENCES purpose,
  client  INTEGER NOT NULL REFERENCES client,
  project INTEGER REFERENCES project,
  route   INTEGER REFERENCES route,
  model   INTEGER NOT NULL REFERENCES model,     -- as the user named it
  outcome TEXT                                   -- NULL while open
) STRICT;
CREATE INDEX request_started ON request (started);
CREATE INDEX request_open ON request (process) WHERE outcome IS NULL;

-- One upstream call. The buckets of tokens are disjoint, but that `reasoning`
-- is a part of `output`. While it is open they say what was last noted.
CREATE TABLE attempt (
  id             INTEGER PRIMARY KEY,
  request        INTEGER NOT NULL REFERENCES request,
  number         INTEGER NOT NULL,               -- from 1, within the request
  provider       INTEGER NOT NULL REFERENCES provider,
  account        INTEGER NOT NULL REFERENCES account,
  sent           INTEGER NOT NULL REFERENCES model,
  served         INTEGER REFERENCES model,
  payer          TEXT NOT NULL,
  started        INTEGER NOT NULL,
  first_token    INTEGER,                        -- milliseconds after `started`
  ended          INTEGER,
  http_status    INTEGER,
  outcome        TEXT,                           -- NULL while open
  input          INTEGER NOT NULL DEFAULT 0,
  cache_read     INTEGER NOT NULL DEFAULT 0,
  cache_write_5m INTEGER NOT NULL DEFAULT 0,
  cache_write_1h INTEGER NOT NULL DEFAULT 0,
  output         INTEGER NOT NULL DEFAULT 0,
  reasoning      INTEGER NOT NULL DEFAULT 0,
  fees_pico      INTEGER NOT NULL DEFAULT 0,
  cost_pico      INTEGER,                        -- NULL when it is not known
  basis          TEXT,                           -- NULL while open
  price          INTEGER REFERENCES price,
  UNIQUE (request, number)
) STRICT;
CREATE INDEX attempt_started ON attempt (started);

-- What each settled attempt and each settled request adds to the rollups, so
-- that rollups and reports over single rows cannot disagree. A request counts
-- at its last attempt, the one whose answer the user saw. 0 and '' stand for
-- none.
CREATE VIEW spend (
  id, started,
  provider, account, model, route, project, purpose, client, payer, basis,
  requests, unknown_requests, attempts,
  input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
  fees_pico, cost_pico
) AS
SELECT a.id, a.started,
       a.provider, a.account, a.sent, coalesce(r.route, 0), coalesce(r.project, 0),
       r.purpose, r.client, a.payer, a.basis,
       0, 0, 1,
       a.input, a.cache_read, a.cache_write_5m, a.cache_write_1h, a.output, a.reasoning,
       a.fees_pico, coalesce(a.cost_pico, 0)
  FROM attempt a JOIN request r ON r.id = a.request
 WHERE a.outcome IS NOT NULL
UNION ALL
SELECT r.id, r.started,
       coalesce(a.provider, 0), coalesce(a.account, 0), coalesce(a.sent, r.model),
       coalesce(r.route, 0), coalesce(r.project, 0),
       r.purpose, r.client, coalesce(a.payer, ''), coalesce(a.basis, ''),
       1, EXISTS (SELECT 1 FROM attempt u WHERE u.request = r.id AND u.basis = 'unknown'), 0,
       0, 0, 0, 0, 0, 0,
       0, 0
  FROM request r
  LEFT JOIN attempt a
    ON a.request = r.id AND a.number = (SELECT max(number) FROM attempt WHERE request = r.id)
 WHERE r.outcome IS NOT NULL;

-- Sums of `spend` over hours and days since 1970 (UTC).
CREATE TABLE spend_hour (
  bucket           INTEGER NOT NULL,
  provider         INTEGER NOT NULL,
  account          INTEGER NOT NULL,
  model            INTEGER NOT NULL,
  route            INTEGER NOT NULL,
  project          INTEGER NOT NULL,
  purpose          INTEGER NOT NULL,
  client           INTEGER NOT NULL,
  payer            TEXT NOT NULL,
  basis            TEXT NOT NULL,
  requests         INTEGER NOT NULL,
  unknown_requests INTEGER NOT NULL,
  attempts         INTEGER NOT NULL,
  input            INTEGER NOT NULL,
  cache_read       INTEGER NOT NULL,
  cache_write_5m   INTEGER NOT NULL,
  cache_write_1h   INTEGER NOT NULL,
  output           INTEGER NOT NULL,
  reasoning        INTEGER NOT NULL,
  fees_pico        INTEGER NOT NULL,
  cost_pico        INTEGER NOT NULL,
  PRIMARY KEY (bucket, provider, account, model, route, project, purpose, client, payer, basis)
) STRICT, WITHOUT ROWID;

CREATE TABLE spend_day (
  bucket           INTEGER NOT NULL,
  provider         INTEGER NOT NULL,
  account          INTEGER NOT NULL,
  model            INTEGER NOT NULL,
  route            INTEGER NOT NULL,
  project          INTEGER NOT NULL,
  purpose          INTEGER NOT NULL,
  client           INTEGER NOT NULL,
  payer            TEXT NOT NULL,
  basis            TEXT NOT NULL,
  requests         INTEGER NOT NULL,
  unknown_requests INTEGER NOT NULL,
  attempts         INTEGER NOT NULL,
  input            INTEGER NOT NULL,
  cache_read       INTEGER NOT NULL,
  cache_write_5m   INTEGER NOT NULL,
  cache_write_1h   INTEGER NOT NULL,
  output           INTEGER NOT NULL,
  reasoning        INTEGER NOT NULL,
  fees_pico        INTEGER NOT NULL,
  cost_pico        INTEGER NOT NULL,
  PRIMARY KEY (bucket, provider, account, model, route, project, purpose, client, payer, basis)
) STRICT, WITHOUT ROWID;
