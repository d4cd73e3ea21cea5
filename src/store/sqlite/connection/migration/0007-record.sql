-- Records beside FHIR: accounts, clients, grants, sessions and keys of the authorization server. See docs/decision/0028.
CREATE TABLE record (
  kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, expires INTEGER, grant_id TEXT,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
CREATE INDEX record_grant ON record (grant_id) WHERE grant_id IS NOT NULL;
