-- References that no search parameter covers are no longer in the mark: the rows of all resources get theirs anew in the
-- background. The former mark has bits more, so until then it only rules out less.
UPDATE type SET carried = 0 WHERE EXISTS (SELECT 1 FROM resource WHERE resource.type = type.no);
-- A Provenance belongs to the practices among its agents, which members that were kept before do not name.
UPDATE resource SET members = NULL WHERE type = (SELECT no FROM type WHERE name = 'Provenance');
UPDATE version SET members = NULL WHERE rid >> 32 = (SELECT no FROM type WHERE name = 'Provenance');
UPDATE type SET members = 0
  WHERE name = 'Provenance' AND EXISTS (SELECT 1 FROM resource WHERE resource.type = type.no);
