-- Which models were served under another name, without a look at the rows.
CREATE INDEX attempt_served ON attempt (started, sent, served) WHERE served <> sent;
