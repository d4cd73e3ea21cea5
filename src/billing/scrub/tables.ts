import type { LoadedEdition, RowAsked, ScrubTables } from '../../terminology/table/lookUp.ts';
import type { RowValue } from '../../terminology/table/layout.ts';
import { pairKey } from '../../terminology/table/ncci.ts';
import { layoutOf, type TableName } from '../../terminology/table/tables.ts';
import type { Served } from './earlier.ts';
import type { ClaimForm } from './view.ts';

/** The generations that hold the edition for a day: several where it was loaded in parts. */
export function editionsOn(
  loaded: readonly LoadedEdition[],
  table: TableName,
  on: string,
): readonly LoadedEdition[] {
  const begun = loaded.filter((one) => one.table === table && one.from <= on);
  const newest = begun.reduce<LoadedEdition | undefined>(
    (best, one) => (best === undefined || one.from > best.from ? one : best),
    undefined,
  );
  return newest === undefined ? [] : begun.filter((one) => one.edition === newest.edition);
}

/** A row as it was found. */
export interface FoundRow {
  readonly id: string;
  readonly key: string;
  readonly values: readonly RowValue[];
}

export function scrubTables(loaded: readonly LoadedEdition[], found: readonly FoundRow[]): ScrubTables {
  const rows = new Map(found.map(({ id, key, values }) => [`${id} ${key}`, values]));
  return {
    editionOn: (table, on) => editionsOn(loaded, table, on)[0],
    rows: ({ table, on, key }) =>
      editionsOn(loaded, table, on).flatMap(({ id }) => rows.get(`${id} ${key}`) ?? []),
  };
}

/** The tables of pairs and units that a claim is held against: of practitioners, suppliers, or of a hospital's outpatients. */
export const pairTable = (form: ClaimForm | undefined, isInpatient: boolean): TableName | undefined => {
  if (form === 'professional') return 'ptp-practitioner';
  return form === 'institutional' && !isInpatient ? 'ptp-outpatient' : undefined;
};

/** The first of them that has the service counts. */
export const unitTables = (
  form: ClaimForm | undefined,
  isInpatient: boolean,
  code: string,
): readonly TableName[] => {
  if (form === 'professional')
    return isSupply(code) ? ['mue-supplier', 'mue-practitioner'] : ['mue-practitioner'];
  return form === 'institutional' && !isInpatient ? ['mue-outpatient'] : [];
};

/** Equipment, prostheses, orthoses and supplies, which have a table of units of their own. */
const isSupply = (code: string): boolean => /^([BEKL]\d|A[4-9])/.test(code);

/** A claim as far as its tables depend on it. */
interface Billed {
  readonly form: ClaimForm | undefined;
  readonly inpatient: boolean;
  readonly served: readonly Served[];
}

/** Every row that the rules may look up for a claim, some of them twice. */
export function rowsAsked({ form, inpatient, served }: Billed): RowAsked[] {
  if (form !== 'professional' && form !== 'institutional') return [];
  const pairs = pairTable(form, inpatient);
  return served.flatMap(({ line, isOwn, by }) => {
    const { code, from: on } = line;
    if (!isOwn || code === undefined || on === undefined) return [];
    const beside = served.filter((s) => s.line !== line && s.line.from === on && s.by === by);
    return [
      ...beside.flatMap(({ line: { code: other } }) =>
        pairs === undefined || other === undefined || other === code
          ? []
          : [pairKey(code, other), pairKey(other, code)].map((key) => ({ table: pairs, on, key })),
      ),
      ...unitTables(form, inpatient, code).map((table) => ({ table, on, key: code })),
      ...(form === 'professional' ? [{ table: 'add-on' as const, on, key: code }] : []),
    ];
  });
}

/** The tables that claims of a kind are held against. */
const tablesFor = ({ form, inpatient }: Pick<Billed, 'form' | 'inpatient'>): readonly TableName[] => {
  if (form === 'professional') return ['ptp-practitioner', 'mue-practitioner', 'add-on'];
  return form === 'institutional' && !inpatient ? ['ptp-outpatient', 'mue-outpatient'] : [];
};

/** What of the edits by tables was not run for a claim, or was run by an edition that is not of its day; in words, once. */
export function editsNotRun(
  loaded: readonly LoadedEdition[],
  claim: Pick<Billed, 'form' | 'inpatient'> & { readonly end: string | undefined; readonly created: string },
): string | undefined {
  const on = claim.end ?? claim.created;
  const used = tablesFor(claim).map((table) => ({ table, edition: editionsOn(loaded, table, on)[0] }));
  const missing = used.flatMap(({ table, edition }) => (edition ? [] : [layoutOf(table).edits]));
  const old = used.flatMap(({ edition }) =>
    edition?.through !== undefined && edition.through < on ? [`${edition.table} ${edition.edition}`] : [],
  );
  const said = [
    ...(missing.length === 0
      ? []
      : [`no table is loaded for the day of ${missing.join(', ')}: these edits were not run`]),
    ...(old.length === 0 ? [] : [`older than the service: ${old.join(', ')}`]),
  ];
  return said.length === 0 ? undefined : said.join('; ');
}
