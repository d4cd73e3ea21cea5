-- The patients and practices that a version belongs to, each reference between blanks: who may see it is told by them.
-- NULL: not known, so its JSON is read. See access/membership.ts.
ALTER TABLE resource ADD COLUMN members TEXT;
ALTER TABLE version ADD COLUMN members TEXT;

-- members: the resources up to this rid have them beside their current version; all of them where it is NULL.
ALTER TABLE type ADD COLUMN members INTEGER;
UPDATE type SET members = 0 WHERE EXISTS (SELECT 1 FROM resource WHERE resource.type = type.no);
