import type { ConceptMap, ConceptMapGroupElementTarget } from '@medplum/fhirtypes';
import { ownBase, system } from '../../terminology/system.ts';
import { desks, steps, type Desk, type GuideRow, type Step } from './denialGuide.ts';

/** The canonical of the ConceptMap by which an office changes the guide. */
export const guideUrl = `${ownBase}ConceptMap/denial-guide`;
const stepSystem = `${ownBase}CodeSystem/denial-step`;

const isStep = (code: string | undefined): code is Step => steps.some((s) => s === code);
const isDesk = (code: string | undefined): code is Desk => desks.some((d) => d === code);

/** What a target says of a property, each value of it. */
const said = (target: ConceptMapGroupElementTarget, property: string): string[] =>
  (target.product ?? []).filter((p) => p.property === property).map((p) => p.value);

function oddsOf(text: string | undefined): number | undefined {
  const odds = Number(text);
  return text !== undefined && Number.isInteger(odds) && odds >= 0 && odds <= 100 ? odds : undefined;
}

/**
 * The rows that an active ConceptMap adds to the guide: `group.source` the list of CARC or RARC, `element.code` the code,
 * `target.code` the step, `target.comment` the next step in words; `target.product` the properties cause, desk, evidence
 * (repeated) and odds (of 100); `target.dependsOn` property payer (Organization/1) narrows it. What a row leaves out is
 * that of the row it stands in for.
 */
export const guideRows = (map: ConceptMap, rows: readonly GuideRow[]): GuideRow[] =>
  map.status !== 'active'
    ? []
    : (map.group ?? []).flatMap((group) => {
        const list = group.source === system.rarc ? 'rarc' : 'carc';
        return group.element.flatMap(({ code = '', target = [] }) => {
          const before = rows.findLast((r) => r.list === list && r.code === code && r.payer === undefined);
          return target.flatMap((one): GuideRow[] => {
            if (!isStep(one.code) || code === '') return [];
            const payer = one.dependsOn?.find((d) => d.property === 'payer')?.value;
            const desk = said(one, 'desk').find(isDesk) ?? before?.desk ?? 'biller';
            const evidence = said(one, 'evidence');
            return [
              {
                ...{ list, code, desk, step: one.code },
                text: one.comment ?? before?.text ?? one.code,
                cause: said(one, 'cause')[0] ?? before?.cause ?? '',
                evidence: evidence.length > 0 ? evidence : (before?.evidence ?? []),
                odds: oddsOf(said(one, 'odds')[0]) ?? before?.odds ?? 30,
                ...(payer === undefined ? {} : { payer }),
              },
            ];
          });
        });
      });

/** The guide as the ConceptMap that an office can change and put back. */
export function guideAsMap(rows: readonly GuideRow[], date: string): ConceptMap {
  const lists = [
    [system.carc, rows.filter((r) => r.list === 'carc')],
    [system.rarc, rows.filter((r) => r.list === 'rarc')],
  ] as const;
  return {
    resourceType: 'ConceptMap',
    url: guideUrl,
    name: 'DenialGuide',
    title: 'What an office does about a denial',
    status: 'active',
    date,
    group: lists
      .filter(([, of]) => of.length > 0)
      .map(([source, of]) => ({ source, target: stepSystem, element: elementsOf(of) })),
  };
}

const elementsOf = (rows: readonly GuideRow[]): NonNullable<ConceptMap['group']>[number]['element'] =>
  [...new Set(rows.map((r) => r.code))].map((code) => ({
    code,
    target: rows.filter((r) => r.code === code).map(targetOf),
  }));

const targetOf = (row: GuideRow): ConceptMapGroupElementTarget => ({
  code: row.step,
  equivalence: 'relatedto',
  comment: row.text,
  ...(row.payer === undefined ? {} : { dependsOn: [{ property: 'payer', value: row.payer }] }),
  product: [
    ...(row.cause === '' ? [] : [{ property: 'cause', value: row.cause }]),
    { property: 'desk', value: row.desk },
    ...row.evidence.map((value) => ({ property: 'evidence', value })),
    { property: 'odds', value: row.odds.toString() },
  ],
});
