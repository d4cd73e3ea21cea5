-- Numbers for what is referred to, whether it is here or not; type 0: id is a URL.
CREATE TABLE target (no INTEGER PRIMARY KEY, type INTEGER NOT NULL, id TEXT NOT NULL);
INSERT INTO target (type, id) SELECT DISTINCT type, id FROM reference;
CREATE UNIQUE INDEX target_key ON target (type, id);
-- What refers to a resource is one stretch, whatever the parameter; what a resource refers to is another.
CREATE TABLE reference_by_target (
  target INTEGER NOT NULL, parameter INTEGER NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (target, parameter, rid)
) WITHOUT ROWID;
INSERT INTO reference_by_target (target, parameter, rid)
  SELECT target.no, reference.parameter, reference.rid FROM reference
  JOIN target ON target.type = reference.type AND target.id = reference.id
  ORDER BY target.no, reference.parameter, reference.rid;
DROP TABLE reference;
ALTER TABLE reference_by_target RENAME TO reference;
CREATE INDEX reference_rid ON reference (rid, parameter);

-- History of a type: the current versions, the deleted ones too, and those before them, by the time of the write.
DROP INDEX resource_updated;
CREATE INDEX resource_updated ON resource (type, updated);
CREATE INDEX version_updated ON version (rid >> 32, updated);

-- done: the resources up to this rid are indexed; all of them where it is NULL. retired: its rows are to be dropped.
ALTER TABLE parameter ADD COLUMN done INTEGER;
ALTER TABLE parameter ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;

-- The words of resources; of each type that was ever asked for words, up to the time of the last write that is in it.
CREATE VIRTUAL TABLE word USING fts5(
  narrative, content, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);
CREATE TABLE word_state (type INTEGER PRIMARY KEY, updated INTEGER NOT NULL);
