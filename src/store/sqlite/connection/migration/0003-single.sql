-- several: some resource has more than one date of this parameter. Where none has, two criteria are one range.
ALTER TABLE parameter ADD COLUMN several INTEGER NOT NULL DEFAULT 0;
UPDATE parameter SET several = 1 WHERE no IN (
  SELECT parameter FROM (SELECT rid, parameter FROM date GROUP BY rid, parameter HAVING count(*) > 1)
);
