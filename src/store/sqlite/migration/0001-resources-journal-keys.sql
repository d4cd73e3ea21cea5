-- Every version of every resource, the journal, unique keys and remembered answers.
CREATE TABLE resource_type (type INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- The current version. rid rises in the order of first creation.
CREATE TABLE resource (
  rid INTEGER PRIMARY KEY,
  type INTEGER NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated TEXT NOT NULL,
  method TEXT NOT NULL,
  body BLOB, -- NULL when deleted
  UNIQUE (type, id)
);

-- The versions before the current one.
CREATE TABLE version (
  rid INTEGER NOT NULL,
  version INTEGER NOT NULL,
  updated TEXT NOT NULL,
  method TEXT NOT NULL,
  body BLOB,
  UNIQUE (rid, version)
);

CREATE TABLE journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, entry TEXT NOT NULL);
CREATE INDEX journal_account ON journal (account);

CREATE TABLE unique_key (key TEXT PRIMARY KEY, holder TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE answer (
  key TEXT PRIMARY KEY,
  body_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  expires TEXT
) WITHOUT ROWID;
CREATE INDEX answer_expires ON answer (expires) WHERE expires IS NOT NULL;
