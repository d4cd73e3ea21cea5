import type { LoadedEdition, RowAsked, ScrubTables } from '../../terminology/table/lookUp.ts';
import type { RowValue } from '../../terminology/table/layout.ts';
import { pairKey } from '../../terminology/table/ncci.ts';
import { isVisit } from '../../terminology/serviceKind.ts';
import { layoutOf, type TableName } from '../../terminology/table/tables.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';
import { procedureKey } from '../../terminology/table/codeEditor.ts';
import { levelsOf } from '../../terminology/table/excludes1.ts';
import type { Served } from './earlier.ts';
import type { ClaimForm, ClaimView } from './view.ts';

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
type Billed = Pick<ClaimView, 'claim' | 'form' | 'inpatient' | 'diagnoses' | 'end' | 'created' | 'served'>;

/** Every row that the rules may look up for a claim, some of them twice. */
export const rowsAsked = (claim: Billed): RowAsked[] => [
  ...claim.diagnoses.flatMap(({ code }) => {
    const [on, key] = [claim.end ?? claim.created, code?.replace('.', '')];
    if (key === undefined) return [];
    return [
      ...diagnosisTables.map((table) => ({ table, on, key })),
      ...levelsOf(key).map((level) => ({ table: 'excludes1' as const, on, key: level })),
    ];
  }),
  ...(claim.claim.procedure ?? []).flatMap(({ procedureCodeableConcept }) => {
    const code = codeOf(procedureCodeableConcept, system.icd10pcs);
    const on = claim.end ?? claim.created;
    return code === undefined ? [] : [{ table: 'mce' as const, on, key: procedureKey(code) }];
  }),
  ...claim.served.flatMap((served) => (served.isOwn ? rowsOfLine(claim, served) : [])),
];

const diagnosisTables = ['icd10cm', 'poa-exempt', 'mce'] as const;

function rowsOfLine({ form, inpatient, created, served }: Billed, { line, by }: Served): RowAsked[] {
  const { code, modifiers } = line;
  const on = line.from ?? created;
  const codes = [...(code === undefined ? [] : [code]), ...modifiers];
  const listed = codes.map((key) => ({ table: 'hcpcs' as const, on, key }));
  if (code === undefined || (form !== 'professional' && form !== 'institutional')) return listed;
  const pairs = pairTable(form, inpatient);
  const others = served.flatMap((s) =>
    s.line !== line && s.by === by && s.line.code !== undefined
      ? [{ code: s.line.code, from: s.line.from }]
      : [],
  );
  const beside = new Set(others.flatMap((s) => (s.from === line.from && s.code !== code ? [s.code] : [])));
  const ofFees = isVisit(code) ? [code, ...others.map((s) => s.code)] : [code];
  return [
    ...listed,
    ...[...beside].flatMap((other) =>
      pairs === undefined
        ? []
        : [pairKey(code, other), pairKey(other, code)].map((key) => ({ table: pairs, on, key })),
    ),
    ...unitTables(form, inpatient, code).map((table) => ({ table, on, key: code })),
    ...(form === 'professional'
      ? [
          { table: 'add-on' as const, on, key: code },
          ...ofFees.map((key) => ({ table: 'fee-schedule' as const, on, key })),
        ]
      : []),
  ];
}

/** The tables that claims of a kind are held against. */
const tablesFor = ({ form, inpatient }: Pick<Billed, 'form' | 'inpatient'>): readonly TableName[] => {
  if (form === 'professional')
    return ['ptp-practitioner', 'mue-practitioner', 'add-on', 'fee-schedule', 'excludes1'];
  if (form !== 'institutional') return [];
  return inpatient ? ['mce', 'excludes1'] : ['ptp-outpatient', 'mue-outpatient', 'mce', 'excludes1'];
};

/** What of the edits by tables was not run for a claim, or was run by an edition that is not of its day; in words, once. */
export function editsNotRun(
  loaded: readonly LoadedEdition[],
  claim: Pick<Billed, 'form' | 'inpatient' | 'end' | 'created'>,
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
