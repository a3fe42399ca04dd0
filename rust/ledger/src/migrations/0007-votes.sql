-- Which of several answers to one prompt the user liked best: a row for each
-- answer of a comparison. What was asked and what was answered stand nowhere.
CREATE TABLE vote (
  -- The request that was answered. It refers to nothing, for the same reason
  -- as that of a tool's call. No request is compared twice.
  request    INTEGER PRIMARY KEY,
  comparison INTEGER NOT NULL,                    -- the first request of those compared
  process    INTEGER NOT NULL,                    -- the tag of the process that made it
  voted      INTEGER NOT NULL,                    -- Unix milliseconds (UTC)
  purpose    INTEGER NOT NULL REFERENCES purpose, -- for what it was compared
  project    INTEGER REFERENCES project,
  asked      INTEGER NOT NULL REFERENCES model,   -- as the user named it: a route, a deployment
  account    INTEGER NOT NULL REFERENCES account, -- who answered
  model      INTEGER NOT NULL REFERENCES model,   -- as it was sent
  won        INTEGER NOT NULL                     -- 1 for the best one; of a tie all have 0
) STRICT;
CREATE INDEX vote_comparison ON vote (comparison);
CREATE INDEX vote_voted ON vote (voted);
