-- Background work, one row a key. owner: who works at it, until when and under which number of lease; NULL: nobody.
CREATE TABLE job (
  key TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL, due INTEGER NOT NULL,
  attempts INTEGER NOT NULL, result TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL,
  owner TEXT, until INTEGER, fence INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX job_open ON job (due) WHERE state IN ('due', 'leased', 'sending');
CREATE INDEX job_waiting ON job (state, updated) WHERE state IN ('held', 'failed');
