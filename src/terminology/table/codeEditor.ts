import type { Layout, RowValue, TableRow } from './layout.ts';

/**
 * The lists of the Medicare Code Editor: diagnoses that fit an age only, diagnoses and procedures that fit one sex only,
 * and diagnoses that are no principal ones. Read from the text "Definitions of Medicare Code Edits" of a version. The
 * sex conflict ended on 2024-10-01: later versions list none.
 * Layout: https://www.cms.gov/medicare/payment/prospective-payment-systems/acute-inpatient-pps/ms-drg-classifications-and-software
 */
export type EditorRule =
  | { readonly kind: 'age'; readonly from: number; readonly through: number } // whole years
  | { readonly kind: 'sex'; readonly only: 'female' | 'male' }
  | { readonly kind: PrincipalKind };

/** Why a diagnosis is no principal one: a manifestation, a circumstance, or a circumstance but beside another diagnosis. */
type PrincipalKind = (typeof principalKinds)[number];
const principalKinds = ['manifestation', 'unacceptable', 'needs-another'] as const;

export function editorRule([kind, first, second]: RowValue): EditorRule | undefined {
  if (kind === 'age' && typeof first === 'number' && typeof second === 'number')
    return { kind, from: first, through: second };
  if (kind === 'sex' && (first === 'female' || first === 'male')) return { kind, only: first };
  const principal = principalKinds.find((one) => one === kind);
  return principal && { kind: principal };
}

/** What a procedure of ICD-10-PCS is found by, so that it is never taken for a diagnosis of the same letters. */
export const procedureKey = (code: string): string => `PCS ${code}`;

/** Ages of the lists, where their heading says none. */
const ages: Readonly<Record<string, readonly [number, number]>> = {
  newborn: [0, 0],
  perinatal: [0, 0],
  pediatric: [0, 17],
  maternity: [9, 64],
  adult: [15, 124],
};

const codeLine = /^([A-TV-Z][0-9][0-9A-Z]{1,5}|U[0-9]{2}[0-9A-Z]{0,4}|[0-9A-HJ-NP-Z]{7})$/;
const sectionLine = /^(\d{1,2})\.\s/;
const listLine = /^[A-Z]\.\s+/;

type List = (code: string) => TableRow;

/** The list that a heading begins; undefined for one that is not held here. */
function listOf(section: number, heading: string): List | undefined {
  if (section === 4) {
    const group = /^(perinatal|newborn|pediatric|maternity|adult)/i.exec(heading)?.[1]?.toLowerCase();
    const said = /ages?\s+(\d{1,3})\s+(?:through|to|-)\s+(\d{1,3})/i.exec(heading);
    const [from, through] = said ? [Number(said[1]), Number(said[2])] : (ages[group ?? ''] ?? []);
    return from === undefined || through === undefined
      ? undefined
      : (code) => ({ key: code, value: ['age', from, through] });
  }
  if (section !== 5) return undefined;
  const [, of, sex] = /^(diagnoses|procedures) for (female|male)s? only/i.exec(heading) ?? [];
  if (of === undefined || sex === undefined) return undefined;
  const isProcedure = of.toLowerCase() === 'procedures';
  return (code) => ({ key: isProcedure ? procedureKey(code) : code, value: ['sex', sex.toLowerCase()] });
}

const principalList =
  (kind: PrincipalKind): List =>
  (code) => ({ key: code, value: [kind] });

/** The list of a section that is one list. */
const sectionLists: Readonly<Record<number, List>> = {
  6: principalList('manifestation'),
  9: principalList('unacceptable'),
};

/** A row of the table of contents ends with the number of its page. */
const isOfContents = (rest: readonly string[]): boolean =>
  rest.some((cell) => /^[\d.ivx]+$/i.test(cell.trim()));

export const codeEditor: Layout = {
  title: 'Medicare Code Editor, definitions of a version as text (Definitions of Medicare Code Edits)',
  edits: 'age, sex and principal diagnosis (MCE)',
  lines: true,
  reader: () => {
    let section = 0;
    let list: List | undefined;
    const seen = new Set<string>(); // the lists are printed twice in some versions
    return ([first = '', ...rest]) => {
      const text = first.trim();
      const numbered = sectionLine.exec(text);
      if (numbered && !isOfContents(rest)) {
        section = Number(numbered[1]);
        list = sectionLists[section];
        return [];
      }
      if ((section === 4 || section === 5) && !codeLine.test(text)) {
        if (isOfContents(rest)) return [];
        const begun = listOf(section, text.replace(listLine, ''));
        if (begun) list = begun;
        return [];
      }
      // some codes may be principal ones where another diagnosis stands beside them
      if (section === 9 && /acceptable\W+when a secondary diagnosis/i.test(text))
        list = principalList('needs-another');
      if (section === 9 && /^the following pages|^unacceptable principal diagnosis codes/i.test(text))
        list = principalList('unacceptable');
      if (!list || rest.length === 0 || !codeLine.test(text)) return [];
      const row = list(text);
      const mark = `${row.key} ${row.value.join(' ')}`;
      if (seen.has(mark) || seen.has(`${row.key} needs-another`)) return [];
      seen.add(mark);
      return [row];
    };
  },
};
