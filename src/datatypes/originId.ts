/** What the ids of Provenances begin with that operations write of what they made; clients make none of such an id. */
export const originIdPrefix = 'derived-';
