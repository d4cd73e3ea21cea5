import { addDays } from '../../datatypes/date.ts';
import type { Loop } from '../../x12/loop.ts';
import { segment } from '../../x12/segment.ts';
import type { Claim837, ClaimLine } from './claim837.ts';
import { loop, named, patientName, providerName, served } from './level.ts';
import { amountText, dayText } from './value.ts';

/** A claim that waits for a document, and the lines for which it is missing. */
export interface Asked {
  readonly claim: Claim837;
  readonly icn: string;
  readonly lines: readonly number[];
}

/** Who asks whom. */
export interface Request {
  readonly source: { readonly name: string; readonly id: string };
  readonly submitter: { readonly name: string; readonly id: string };
  readonly number: string; // of this request
  readonly on: string;
  readonly time: string;
  readonly claims: readonly Asked[];
}

/** Category R4 of an STC: documents are asked for; the LOINC code is that of medical records of any kind. */
const wanted = ['R4', '11503-0', '', 'LOI'];
/** Days in which the payer wants to have them. */
const daysToAnswer = 45;

/** The set of a 277 X213: which documents are missing, claim by claim and line by line. */
export function write277request({ source, submitter, number, on, time, claims }: Request): Loop {
  let level = 2;
  const byProvider = [...Map.groupBy(claims, (c) => c.claim.payee.npi).values()];
  return {
    id: 'ST',
    segments: [segment('BHT', ['0085', '08', number, dayText(on), time, 'RQ'])],
    loops: [
      {
        id: '2000A',
        segments: [segment('HL', ['1', '', '20', '1'])],
        loops: [
          loop('2100A', segment('NM1', ['PR', '2', named(source.name), '', '', '', '', 'PI', source.id])),
          {
            id: '2000B',
            segments: [segment('HL', ['2', '1', '21', '1'])],
            loops: [
              loop(
                '2100B',
                segment('NM1', ['41', '2', named(submitter.name), '', '', '', '', '46', submitter.id]),
              ),
              ...byProvider.map((group): Loop => {
                level += 1;
                const provider = level;
                return {
                  id: '2000C',
                  segments: [segment('HL', [String(provider), '2', '19', '1'])],
                  loops: [
                    ...group.slice(0, 1).map(({ claim }) => loop('2100C', providerName(claim, '1P'))),
                    ...group.map((one) => patientLevel(one, (level += 1), { provider, on })),
                  ],
                };
              }),
            ],
          },
        ],
      },
    ],
  };
}

function patientLevel(
  { claim, icn, lines }: Asked,
  level: number,
  { provider, on }: { readonly provider: number; readonly on: string },
): Loop {
  return {
    id: '2000D',
    segments: [segment('HL', [String(level), String(provider), 'PT'])],
    loops: [
      loop('2100D', patientName(claim)),
      {
        id: '2200D',
        segments: [
          segment('TRN', ['1', icn]),
          segment('STC', [wanted, dayText(on), '', amountText(claim.charge)]),
          segment('REF', ['EJ', claim.number]),
          served(claim.received, on),
          segment('DTP', ['106', 'D8', dayText(addDays(on, daysToAnswer))]),
        ],
        loops: claim.lines.filter((l) => lines.includes(l.sequence)).map((line) => lineLoop(line, on)),
      },
    ],
  };
}

function lineLoop(line: ClaimLine, on: string): Loop {
  const product = line.product.length > 0 ? line.product : ['NU', line.revenue];
  const revenue = line.product.length > 0 ? line.revenue : '';
  return loop(
    '2220D',
    segment('SVC', [product.slice(0, 6), amountText(line.charge), '', revenue, '', '', line.units]),
    segment('STC', [wanted, dayText(on)]),
    ...(line.number === '' ? [] : [segment('REF', ['FJ', line.number])]),
    served(line, on),
  );
}
