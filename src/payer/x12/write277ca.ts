import { sum, type Cents } from '../../datatypes/cents.ts';
import type { Loop } from '../../x12/loop.ts';
import { segment, type Segment } from '../../x12/segment.ts';
import type { Claim837 } from './claim837.ts';
import type { Rejection } from './screen837.ts';
import { loop, named, patientName, providerName, served } from './level.ts';
import { amountText, dayText } from './value.ts';

/** What became of a claim at the door: it was taken up under a number, or sent back. */
export interface Screened {
  readonly claim: Claim837;
  readonly icn?: string;
  readonly rejection?: Rejection;
}

/** Who acknowledges what: a set of claims, by its BHT03. */
export interface Acknowledged {
  readonly source: { readonly name: string; readonly id: string };
  readonly submitter: { readonly name: string; readonly id: string };
  readonly reference: string; // BHT03 of the 837
  readonly number: string; // of this answer
  readonly on: string;
  readonly time: string;
  readonly claims: readonly Screened[];
}

/** The set of a 277CA: what was received, and of each claim whether it is accepted. */
export function write277ca(of: Acknowledged): Loop {
  const { source, submitter, reference, number, on, time, claims } = of;
  const day = dayText(on);
  let level = 2;
  const byProvider = [...Map.groupBy(claims, (c) => c.claim.payee.npi).values()];
  return {
    id: 'ST',
    segments: [segment('BHT', ['0085', '08', number, day, time, 'TH'])],
    loops: [
      {
        id: '2000A',
        segments: [segment('HL', ['1', '', '20', '1'])],
        loops: [
          loop('2100A', segment('NM1', ['PR', '2', named(source.name), '', '', '', '', 'PI', source.id])),
          loop(
            '2200A',
            segment('TRN', ['1', number]),
            segment('DTP', ['050', 'D8', day]),
            segment('DTP', ['009', 'D8', day]),
          ),
          {
            id: '2000B',
            segments: [segment('HL', ['2', '1', '21', '1'])],
            loops: [
              loop(
                '2100B',
                segment('NM1', ['41', '2', named(submitter.name), '', '', '', '', '46', submitter.id]),
              ),
              loop(
                '2200B',
                segment('TRN', ['2', reference]),
                segment('STC', [['A1', '19', 'PR'], day, 'WQ', amountText(chargesOf(claims))]),
                ...totals(claims, ['90', 'AA']),
              ),
              ...byProvider.map((group) => {
                level += 1;
                const provider = level;
                const patients = group.map((one) => patientLevel(one, (level += 1), { provider, on }));
                return providerLevel(group, provider, patients);
              }),
            ],
          },
        ],
      },
    ],
  };
}

const chargesOf = (claims: readonly Screened[]): Cents => sum(claims.map((c) => c.claim.charge));

/** How many were accepted and rejected, and their charges. */
function totals(claims: readonly Screened[], [accepted, rejected]: readonly [string, string]): Segment[] {
  const [good, bad] = [claims.filter((c) => !c.rejection), claims.filter((c) => c.rejection)];
  const some = (list: readonly Screened[], made: (list: readonly Screened[]) => Segment): Segment[] =>
    list.length === 0 ? [] : [made(list)];
  return [
    ...some(good, (list) => segment('QTY', [accepted, String(list.length)])),
    ...some(bad, (list) => segment('QTY', [rejected, String(list.length)])),
    ...some(good, (list) => segment('AMT', ['YU', amountText(chargesOf(list))])),
    ...some(bad, (list) => segment('AMT', ['YY', amountText(chargesOf(list))])),
  ];
}

function providerLevel(group: readonly Screened[], level: number, patients: readonly Loop[]): Loop {
  const of = group[0]?.claim ?? { payee: { npi: '', tin: '', name: '' } };
  return {
    id: '2000C',
    segments: [segment('HL', [String(level), '2', '19', '1'])],
    loops: [
      loop('2100C', providerName(of, '85')),
      loop('2200C', segment('TRN', ['1', '0']), ...totals(group, ['QA', 'QC'])),
      ...patients,
    ],
  };
}

function patientLevel(
  { claim, icn, rejection }: Screened,
  level: number,
  { provider, on }: { readonly provider: number; readonly on: string },
): Loop {
  const { number, received, charge } = claim;
  const status = rejection
    ? [rejection.category, rejection.status, rejection.entity ?? '']
    : ['A2', '20', 'PR'];
  return {
    id: '2000D',
    segments: [segment('HL', [String(level), String(provider), 'PT'])],
    loops: [
      loop('2100D', patientName(claim)),
      loop(
        '2200D',
        segment('TRN', ['2', number]),
        segment('STC', [status, dayText(on), rejection ? 'U' : 'WQ', amountText(charge)]),
        ...(icn === undefined ? [] : [segment('REF', ['1K', icn])]),
        served(received, on),
      ),
    ],
  };
}
