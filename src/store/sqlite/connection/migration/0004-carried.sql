-- What each row of the index carries of its resource, so that a row that cannot meet another criterion is passed over
-- where it stands; NULL: not known. See carried.ts.
ALTER TABLE token ADD COLUMN about INTEGER;
ALTER TABLE token ADD COLUMN mark INTEGER;
ALTER TABLE token ADD COLUMN day INTEGER;
ALTER TABLE reference ADD COLUMN about INTEGER;
ALTER TABLE reference ADD COLUMN mark INTEGER;
ALTER TABLE reference ADD COLUMN day INTEGER;
ALTER TABLE date ADD COLUMN about INTEGER;
ALTER TABLE date ADD COLUMN mark INTEGER;
ALTER TABLE date ADD COLUMN day INTEGER;
ALTER TABLE string ADD COLUMN about INTEGER;
ALTER TABLE string ADD COLUMN mark INTEGER;
ALTER TABLE string ADD COLUMN day INTEGER;
ALTER TABLE quantity ADD COLUMN about INTEGER;
ALTER TABLE quantity ADD COLUMN mark INTEGER;
ALTER TABLE quantity ADD COLUMN day INTEGER;

DROP INDEX date_low;
CREATE INDEX date_low ON date (parameter, low, high, rid, about, mark, day);
DROP INDEX date_long;
CREATE INDEX date_long ON date (parameter, high, low, rid, about, mark, day) WHERE high - low > 86400000;
DROP INDEX string_folded;
CREATE INDEX string_folded ON string (parameter, folded, rid, about, mark, day);
DROP INDEX quantity_low;
CREATE INDEX quantity_low ON quantity (parameter, low, high, rid, system, code, about, mark, day);

-- carried: the resources up to this rid have it in their rows; all of them where it is NULL.
ALTER TABLE type ADD COLUMN carried INTEGER;
UPDATE type SET carried = 0 WHERE EXISTS (SELECT 1 FROM resource WHERE resource.type = type.no);
