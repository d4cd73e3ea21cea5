-- Numbers for what is repeated in every row.
CREATE TABLE type (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE parameter (
  no INTEGER PRIMARY KEY, type TEXT NOT NULL, code TEXT NOT NULL, expression TEXT NOT NULL, UNIQUE (type, code)
);
CREATE TABLE system (no INTEGER PRIMARY KEY, uri TEXT NOT NULL UNIQUE);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The current version. rid = type.no << 32 | order of first creation. method: 0 POST, 1 PUT, 2 DELETE.
CREATE TABLE resource (
  rid INTEGER PRIMARY KEY, type INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
  updated INTEGER NOT NULL, method INTEGER NOT NULL, json BLOB NOT NULL
);
CREATE UNIQUE INDEX resource_key ON resource (type, id);
CREATE INDEX resource_updated ON resource (type, updated) WHERE method < 2;
-- The versions before it.
CREATE TABLE version (
  rid INTEGER NOT NULL, version INTEGER NOT NULL, updated INTEGER NOT NULL, method INTEGER NOT NULL,
  json BLOB NOT NULL, PRIMARY KEY (rid, version)
) WITHOUT ROWID;

-- Search index of the current versions. Tokens and references are found by value, then in order of rid.
CREATE TABLE token (
  parameter INTEGER NOT NULL, code TEXT NOT NULL, rid INTEGER NOT NULL, system INTEGER NOT NULL,
  PRIMARY KEY (parameter, code, rid, system)
) WITHOUT ROWID;
CREATE TABLE reference (
  parameter INTEGER NOT NULL, type INTEGER NOT NULL, id TEXT NOT NULL, rid INTEGER NOT NULL,
  PRIMARY KEY (parameter, type, id, rid)
) WITHOUT ROWID;
-- Ranges and texts are kept by resource, so that a candidate is tested in one step, and found through an index.
CREATE TABLE date (
  rid INTEGER NOT NULL, parameter INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
  PRIMARY KEY (rid, parameter, low, high)
) WITHOUT ROWID;
CREATE INDEX date_low ON date (parameter, low, high);
-- What lasts no longer than a day and ends after a moment begins less than a day before it: date_low finds it. The rest:
CREATE INDEX date_long ON date (parameter, high) WHERE high - low > 86400000;
CREATE TABLE string (
  rid INTEGER NOT NULL, parameter INTEGER NOT NULL, folded TEXT NOT NULL, exact TEXT NOT NULL,
  PRIMARY KEY (rid, parameter, folded, exact)
) WITHOUT ROWID;
CREATE INDEX string_folded ON string (parameter, folded);
CREATE TABLE quantity (
  rid INTEGER NOT NULL, parameter INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
  system INTEGER NOT NULL, code TEXT NOT NULL, PRIMARY KEY (rid, parameter, low, high, system, code)
) WITHOUT ROWID;
CREATE INDEX quantity_low ON quantity (parameter, low, high);

-- The journal: append-only.
CREATE TABLE journal (seq INTEGER PRIMARY KEY, account TEXT NOT NULL, entry TEXT NOT NULL);
CREATE INDEX journal_account ON journal (account);

CREATE TABLE unique_key (key TEXT PRIMARY KEY, holder TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE answer (
  key TEXT PRIMARY KEY, body_hash TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL,
  expires INTEGER
) WITHOUT ROWID;
CREATE INDEX answer_expires ON answer (expires) WHERE expires IS NOT NULL;
