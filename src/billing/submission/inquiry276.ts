import { loopOf, segmentOf, type Loop } from '../../x12/loop.ts';
import { component, element, segment, type Segment, type Value } from '../../x12/segment.ts';
import { dateText, text } from './claim837/value.ts';

/** A claim that is asked after. It is named as it was sent, so the 276 is made of its 837. */
export interface Inquiry {
  readonly claim: Loop; // loop 2000A of the 837, with the levels below it
  readonly trace: string; // TRN02: the answer names it
  readonly payerNumber: string; // that the payer gave to the claim; '' where it is not known
}

/** What is said of the set as a whole. */
export interface InquiryHeader {
  readonly reference: string; // BHT03
  readonly date: string; // FHIR date
  readonly time: string; // HHMM
  readonly receiver: { readonly name: string; readonly number: string }; // who asks, and gets the answer
}

export const inquiryGuide = '005010X212';

interface Levels {
  readonly payer: Loop; // 2010BB
  readonly provider: Loop; // 2010AA
  readonly subscriber: Loop; // 2010BA
  readonly patient: Loop | undefined; // 2010CA, where the patient is somebody else
  readonly claim: Loop; // 2300
}

/** The set of a 276: a level for each payer and provider, then the claims. 005010X212, loops 2000A to 2000E. */
export function inquirySet(header: InquiryHeader, inquiries: readonly Inquiry[]): Loop {
  const { reference, date, time, receiver } = header;
  const read = inquiries.flatMap((inquiry) => {
    const levels = levelsOf(inquiry.claim);
    return levels ? [{ inquiry, levels }] : [];
  });
  let last = 0;
  const hl = (parent: number, code: string, child: string): [Segment, number] => {
    last += 1;
    return [segment('HL', [String(last), parent === 0 ? '' : String(parent), code, child]), last];
  };
  const byPayer = [...Map.groupBy(read, ({ levels }) => nameKey(levels.payer)).values()];
  const sources = byPayer.flatMap((ofPayer): Loop[] => {
    const [first] = ofPayer;
    if (!first) return [];
    const [sourceHl, source] = hl(0, '20', '1');
    const [receiverHl, receiving] = hl(source, '21', '1');
    const byProvider = [...Map.groupBy(ofPayer, ({ levels }) => nameKey(levels.provider)).values()];
    const providers = byProvider.flatMap((ofProvider): Loop[] => {
      const [one] = ofProvider;
      if (!one) return [];
      const [providerHl, provider] = hl(receiving, '19', '1');
      return [
        {
          id: '2000C',
          segments: [providerHl],
          loops: [
            named('2100C', one.levels.provider, '1P'),
            ...ofProvider.map(({ inquiry, levels }) => memberLevel(inquiry, levels, { hl, provider })),
          ],
        },
      ];
    });
    const asking: Value[] = ['41', '2', text(receiver.name, 60), '', '', '', '', '46', receiver.number];
    return [
      {
        id: '2000A',
        segments: [sourceHl],
        loops: [
          named('2100A', first.levels.payer, 'PR'),
          {
            id: '2000B',
            segments: [receiverHl],
            loops: [{ id: '2100B', segments: [segment('NM1', asking)], loops: [] }, ...providers],
          },
        ],
      },
    ];
  });
  const beginning = segment('BHT', ['0010', '13', reference, dateText(date), time]);
  return { id: 'ST', segments: [beginning], loops: sources };
}

interface Place {
  readonly hl: (parent: number, code: string, child: string) => [Segment, number];
  readonly provider: number;
}

/** Loop 2000D with the claim in it or, where the patient is somebody else, in 2000E. */
function memberLevel(inquiry: Inquiry, levels: Levels, { hl, provider }: Place): Loop {
  const { subscriber, patient } = levels;
  const [memberHl, member] = hl(provider, '22', patient ? '1' : '0');
  const holder = named('2100D', subscriber, 'IL');
  if (!patient)
    return {
      id: '2000D',
      segments: [memberHl, ...born(subscriber)],
      loops: [holder, { id: '2200D', ...tracked(inquiry, levels) }],
    };
  const dependent: Loop = {
    id: '2000E',
    segments: [hl(member, '23', '')[0], ...born(patient)],
    loops: [named('2100E', patient, 'QC'), { id: '2200E', ...tracked(inquiry, levels) }],
  };
  return { id: '2000D', segments: [memberHl], loops: [holder, dependent] };
}

/** TRN, REF, AMT and DTP: which claim is meant. */
function tracked({ trace, payerNumber }: Inquiry, { claim }: Levels): Omit<Loop, 'id'> {
  const clm = segmentOf(claim, 'CLM');
  const days = daysOf(claim);
  const bill = clm && component(clm, 5, 2) === 'A' ? `${component(clm, 5, 1)}${component(clm, 5, 3)}` : '';
  const reference = (qualifier: string, value: string): Segment[] =>
    value === '' ? [] : [segment('REF', [qualifier, value])];
  return {
    segments: [
      segment('TRN', ['1', trace]),
      ...reference('1K', payerNumber),
      ...reference('BLT', bill),
      ...reference('EJ', clm ? element(clm, 1) : ''),
      ...(clm ? [segment('AMT', ['T3', element(clm, 2)])] : []),
      ...(days === undefined ? [] : [segment('DTP', ['472', ...days])]),
    ],
    loops: [],
  };
}

/** The days of a claim: of its statement, else the first and last of its lines. */
function daysOf(claim: Loop): readonly [string, string] | undefined {
  const statement = segmentOf(claim, 'DTP', '434') ?? segmentOf(claim, 'DTP', '472');
  if (statement) return [element(statement, 2), element(statement, 3)];
  const days = claim.loops
    .flatMap((line) => segmentOf(line, 'DTP', '472') ?? [])
    .flatMap((dtp) => element(dtp, 3).split('-'))
    .sort();
  const [first] = days;
  const through = days.at(-1);
  if (first === undefined || through === undefined) return undefined;
  return first === through ? ['D8', first] : ['RD8', `${first}-${through}`];
}

function levelsOf(provider: Loop): Levels | undefined {
  const subscriber = loopOf(provider, '2000B');
  const dependent = subscriber && loopOf(subscriber, '2000C');
  const claim = subscriber && loopOf(dependent ?? subscriber, '2300');
  const billing = loopOf(provider, '2010AA');
  const payer = subscriber && loopOf(subscriber, '2010BB');
  const member = subscriber && loopOf(subscriber, '2010BA');
  if (!claim || !billing || !payer || !member) return undefined;
  const patient = dependent && loopOf(dependent, '2010CA');
  return { payer, provider: billing, subscriber: member, patient, claim };
}

/** A party under its name in a 276: NM1 has the same elements, and another code for what the party is. */
function named(id: string, party: Loop, code: string): Loop {
  const nm1 = segmentOf(party, 'NM1');
  const elements = nm1?.elements ?? [];
  // NM106, the prefix, is not used
  const kept = elements.slice(1, 9).map((value, i) => (i === 4 ? '' : value));
  return { id, segments: [segment('NM1', [code, ...kept])], loops: [] };
}

/** DMG of a person: born on, and gender. */
function born(person: Loop): Segment[] {
  const dmg = segmentOf(person, 'DMG');
  return dmg ? [segment('DMG', [element(dmg, 1), element(dmg, 2), element(dmg, 3)])] : [];
}

const nameKey = (party: Loop): string => segmentOf(party, 'NM1')?.elements.join('*') ?? '';
