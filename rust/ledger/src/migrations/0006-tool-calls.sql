-- Names, as in the first version: those of MCP servers, of their tools, and of
-- the modes in which they were called.
CREATE TABLE server (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE tool   (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE mode   (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- A call of an MCP tool, when it is over. What it was given and what it gave
-- stand nowhere: they are as private as prompts and answers.
CREATE TABLE tool_call (
  id             INTEGER PRIMARY KEY,
  process        INTEGER NOT NULL,                -- the tag of the process that made it
  started        INTEGER NOT NULL,                -- Unix milliseconds (UTC)
  -- The request whose answer called it, where that is known. It refers to
  -- nothing: a conversation outlives a ledger that was moved away, and its
  -- calls are no worse for that.
  request        INTEGER,
  server         INTEGER NOT NULL REFERENCES server,
  tool           INTEGER NOT NULL REFERENCES tool,
  project        INTEGER REFERENCES project,
  mode           INTEGER REFERENCES mode,
  ms             INTEGER NOT NULL,                -- milliseconds that it took
  argument_bytes INTEGER NOT NULL,
  result_bytes   INTEGER NOT NULL,
  outcome        TEXT NOT NULL                    -- `ok`, `tool-error`, `denied`, ...
) STRICT;
CREATE INDEX tool_call_started ON tool_call (started);
