-- Records of access (docs/decision/0032), as blocks of lines that were flushed together: each line is a hash, a blank and
-- the text of a record. seq: the number of the first record of the block in its chain.
CREATE TABLE audit (
  chain TEXT NOT NULL, seq INTEGER NOT NULL, lines TEXT NOT NULL, PRIMARY KEY (chain, seq)
) WITHOUT ROWID;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
