import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formOfGuide, readClaim } from '../../src/billing/submission/claim837/readClaim.ts';
import type { Fault } from '../../src/x12/fault.ts';
import { loopsOf, segmentOf, segmentsOf, segmentsWithin, type Loop } from '../../src/x12/loop.ts';
import { faultsOf, readBytes, readTransactions, type FileRead } from '../../src/x12/read.ts';
import { element, type Segment } from '../../src/x12/segment.ts';
import { writeSegment } from '../../src/x12/write.ts';

/** Samples of others (LICENSE beside them). INVENTORY.csv: `valid` was decided before they were read, `found` by hand. */
const folder = join(import.meta.dirname, 'sample');

type Row = Readonly<Record<string, string>>;
const [head = '', ...lines] = readFileSync(join(folder, 'INVENTORY.csv'), 'utf8').trim().split('\n');
const names = head.split(',');

function cells(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) =>
    cell.replace(/^"|"$/g, ''),
  );
}

const rows: readonly Row[] = lines.map((line) => {
  const values = cells(line);
  return Object.fromEntries(names.map((name, n) => [name, values[n] ?? '']));
});

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly row: Row | undefined;
}

const samples: readonly Sample[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: source }) =>
    readdirSync(join(folder, source))
      .filter((file) => file !== 'LICENSE')
      .map((file) => ({
        name: `${source}/${file}`,
        bytes: readFileSync(join(folder, source, file)),
        row: rows.find(
          (row) =>
            row.file?.startsWith(source) === true && row.file.endsWith(`/${file.replace('.4010', '')}`),
        ),
      })),
  );

const isValid = ({ row }: Sample): boolean => row?.valid === 'yes' && row.found === '';
const valid = samples.filter(isValid);
const refusing = (bytes: Buffer): readonly Fault[] =>
  faultsOf(readTransactions(bytes)).filter(({ refuses }) => refuses);

test.each(valid.map((sample) => [sample.name, sample] as const))(
  'done 1 the valid sample %s reads without a fault',
  (_name, { bytes }) => {
    expect(refusing(bytes).map(({ segmentId, sentence }) => `${segmentId}: ${sentence}`)).toEqual([]);
  },
);

/** Everything that was read, in the order it was sent. */
function everything({ interchanges }: FileRead): Segment[] {
  return interchanges.flatMap(({ header, acknowledgements, groups, trailer }) => [
    header,
    ...acknowledgements,
    ...groups.flatMap((group) => [
      group.header,
      ...group.transactions.flatMap(({ set }) => [...segmentsWithin(set)]),
      ...(group.trailer ? [group.trailer] : []),
    ]),
    ...(trailer ? [trailer] : []),
  ]);
}

const withoutBreaks = (text: string): string => text.replace(/[\r\n]/g, '').trim();

test.each(valid.map((sample) => [sample.name, sample] as const))(
  'done 1 %s is written with the segments it was read with',
  (_name, { bytes }) => {
    const written = everything(readTransactions(bytes)).map((each) => writeSegment(each, each.delimiters));
    expect(withoutBreaks(written.join(''))).toBe(withoutBreaks(bytes.toString('latin1')));
  },
);

/** The fault that a broken file must be told: level, code, segment, and its place where the defect has one. */
const broken: Readonly<Record<string, readonly (readonly [string, string, string, number?])[]>> = {
  'linuxforhealth/subscriber-health-benefit-check-error.271': [['set', '3', 'SE']],
  'linuxforhealth/tertiary-payment.835': [['element', '1', 'SVC', 20]],
  'linuxforhealth/cob-contractural-adjustment.835': [['element', '7', 'SVC', 21]],
  'imsweb/x12_999_accepted.txt': [['interchange', '001', 'IEA']],
  'imsweb/x12_bad_first_line.txt': [['interchange', '022', 'ISA']],
  'imsweb/x12_bad_segment_identifier.txt': [
    ['segment', '1', '', 6],
    ['segment', '1', 'N4', 11],
  ],
  'imsweb/x12_bad_valid_code.txt': [['segment', '2', 'NM1', 9]],
  'imsweb/x12_missing_elements.txt': [['element', '1', 'NM1', 7]],
  'imsweb/x12_segments_out_of_order.txt': [
    ['segment', '7', 'N4', 12],
    ['segment', '7', 'N3', 17],
  ],
  'imsweb/x12_segment_errors.txt': [
    ['segment', '3', 'N3', 10],
    ['segment', '5', 'REF', 12],
    ['segment', '3', 'HI', 22],
  ],
  'imsweb/x12_loop_errors1_exceeds_max_1_parent.txt': [['segment', '4', 'NM1', 15]],
  'imsweb/x12_loop_errors2_exceeds_max_repeats_multiple_parents.txt': [['segment', '4', 'NM1']],
  'imsweb/x12_loop_errors3_missing_loops.txt': [['segment', '3', 'NM1', 12]],
  'imsweb/x12_missing_required_loop_in_one_repeat.txt': [['segment', '3', 'NM1', 21]],
  'imsweb/x12_ambiguous_loop.txt': [['set', '4', 'SE']],
  'imsweb/x12_multiple_gs.txt': [
    ['interchange', '021', 'IEA'],
    ['set', '4', 'SE'],
  ],
  'imsweb/x12_valid_different_separators.txt': [['set', '4', 'SE']],
  'hccinfhir/sample_837_1.txt': [['segment', '3', 'NM1', 20]],
  'hccinfhir/sample_837_11.txt': [
    ['set', '4', 'SE'],
    ['segment', '2', 'SV1'],
  ],
  'silvenga/bad-header.edi': [['interchange', '022', 'ISA']],
  'aurelianware/x217-inpatient-request.edi': [['segment', '2', 'UM']],
  'aurelianware/test-x12-277-healthplan-to-availity.edi': [['set', '4', 'SE']],
  'davinci/835-sample.txt': [['element', '5', 'TRN', 5]],
};

test.each(Object.entries(broken))('done 1 the broken sample %s is told its fault', (name, wanted) => {
  const sample = samples.find((each) => each.name === name);
  if (!sample) throw new Error(`no sample ${name}`);
  const faults = refusing(sample.bytes);
  for (const [level, code, segmentId, position] of wanted) {
    const like = { level, code, segmentId, ...(position === undefined ? {} : { position }) };
    expect(faults).toEqual(expect.arrayContaining([expect.objectContaining(like)]));
  }
});

test('done 1 neighbour: every sample is either valid or has its fault named here', () => {
  const others = samples.filter((sample) => !isValid(sample)).map(({ name }) => name);
  expect(others.sort()).toEqual(Object.keys(broken).sort());
});

const claims = samples.filter(
  ({ row }) => (row?.tx === '837' || row?.tx === '835') && row.valid === 'yes' && row.found === '',
);
const every = (loop: Loop, id: string): Loop[] => [
  ...loopsOf(loop, id),
  ...loop.loops.flatMap((inner) => every(inner, id)),
];
const first = ({ segments }: Loop): Segment => {
  const [opening] = segments;
  if (!opening) throw new Error('a loop has no segment');
  return opening;
};
const cents = (text: string): number => Math.round(Number(text || '0') * 100);

test.each(claims.map((sample) => [sample.name, sample] as const))(
  'done 1 the counts and balances of %s are those of the inventory',
  (_name, { bytes, row }) => {
    const file = readTransactions(bytes);
    const sets = file.interchanges.flatMap(({ groups }) =>
      groups.flatMap(({ transactions }) => transactions.map(({ set }) => set)),
    );
    const found = sets.flatMap((set) => every(set, row?.tx === '835' ? '2100' : '2300'));
    const below = found.flatMap((claim) => every(claim, row?.tx === '835' ? '2110' : '2400'));
    expect(String(everything(file).length)).toBe(row?.segments);
    expect([String(sets.length), String(found.length)]).toEqual([row?.transactions, row?.claims]);
    if (row?.tx === '837') {
      expect(String(below.length)).toBe(row.lines);
      for (const claim of found) {
        const charge = (line: Loop): number =>
          cents(
            element(
              segmentOf(line, 'SV1') ?? segmentOf(line, 'SV2') ?? first(line),
              segmentOf(line, 'SV1') ? 2 : 3,
            ),
          );
        expect(loopsOf(claim, '2400').reduce((sum, line) => sum + charge(line), 0)).toBe(
          cents(element(first(claim), 2)),
        );
      }
      return;
    }
    expect(
      found
        .map((claim) => element(first(claim), 2))
        .every((status) => row?.clp02?.split('|').includes(status)),
    ).toBe(true);
    for (const set of sets) {
      const paid = every(set, '2100').reduce((sum, claim) => sum + cents(element(first(claim), 4)), 0);
      const provider = segmentsOf(set, 'PLB').reduce(
        (sum, plb) => sum + [4, 6, 8, 10, 12, 14].reduce((s, n) => s + cents(element(plb, n)), 0),
        0,
      );
      expect(paid - provider).toBe(cents(element(segmentOf(set, 'BPR') ?? first(set), 2)));
    }
  },
);

test('2 the claims of valid samples become Claims with their totals, lines, payers and prior answers', () => {
  const read = (name: string) => {
    const sample = samples.find((each) => each.name === name);
    const [unit] = [...readBytes(sample?.bytes ?? Buffer.alloc(0))].filter((part) => part.kind === 'unit');
    const form = unit && formOfGuide(unit.guide.id);
    if (!unit || !form) throw new Error(name);
    return readClaim(unit, form);
  };
  const secondary = read('linuxforhealth/demo.cob.example3.B.837');
  const answers = secondary.contained?.filter((r) => r.resourceType === 'ClaimResponse') ?? [];
  expect([
    secondary.total?.value,
    secondary.item?.length,
    secondary.insurance.map(({ focal }) => focal),
  ]).toEqual([79.04, 3, [false, true]]);
  expect(
    answers.map((r) => [
      r.payment?.amount.value,
      r.adjudication?.map((a) => [a.reason?.coding?.[0]?.code, a.amount?.value]),
    ]),
  ).toEqual([
    [
      39.15,
      [
        ['1', 21.89],
        ['2', 15],
      ],
    ],
  ]);
  expect(
    answers[0]?.item?.map(
      (i) => i.adjudication.find((a) => a.category.coding?.[0]?.code === 'benefit')?.amount?.value,
    ),
  ).toEqual([40, 15, 21.04]);
  const ambulance = read('linuxforhealth/demo.ambulance.example5.837');
  const categories = ambulance.supportingInfo?.map((s) => s.category.coding?.[0]?.code) ?? [];
  expect(categories).toEqual(
    expect.arrayContaining(['transportationdistance', 'ambulancetransportreason', 'pickuplocation']),
  );
  expect(
    read('linuxforhealth/institutional-claim.837i').item?.map((i) => i.revenue?.coding?.[0]?.code),
  ).toHaveLength(2);
});
