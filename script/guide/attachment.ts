import { isLoop, type SegmentUse, type Use } from '../../src/x12/guide.ts';
import { readGuideTable, type WrittenElement } from '../../src/x12/guideTable.ts';
import { as, inOrder, loop, unsure } from './derive.ts';
import { changed, loopAt, segmentAt, withElement } from './shape.ts';

/**
 * The requests for additional information (277 X213, 006020X313) and the attachments (275 X210, 006020X314): no open map has
 * them. A request is a 277 of claims with the codes of its STC and REF open; an attachment is the parties of a claim with
 * LX, TRN, CAT and the binary segment. All of it is unsure.
 */
function segment(
  id: string,
  name: string,
  usage: 'R' | 'S',
  repeat: number | null,
  elements: WrittenElement[],
): SegmentUse {
  const written = { id, name, usage, repeat, position: 1, elements };
  const head = { id: '', name: '', set: '', functionalGroup: '', versions: [], units: [], source: '' };
  const [use] = readGuideTable({ ...head, content: [written] }).content;
  if (use === undefined || isLoop(use)) throw new Error(`no segment ${id}`);
  return use;
}

const noCodes = (use: SegmentUse): SegmentUse => ({
  ...use,
  elements: use.elements.map((element) => {
    const { codes: _codes, ...rest } = element;
    return rest;
  }),
});

/** A request names what it asks for by a code of LOINC as well: the fourth part of each composite of STC says so. */
const ofAnyList = (use: SegmentUse): SegmentUse => ({
  ...use,
  elements: use.elements.map((element) =>
    element.components === undefined
      ? element
      : {
          ...element,
          components: [
            ...element.components.slice(0, 3),
            {
              ...{ name: 'Code List Qualifier Code', usage: 'S' as const },
              number: '1270',
              type: 'ID',
              min: 1,
              max: 3,
            },
          ],
        },
  ),
});

export function informationRequest(acknowledgment: readonly Use[]): Use[] {
  const open = changed(acknowledgment, (use, path) => {
    if (isLoop(use) || path === '') return use;
    return ['STC', 'REF', 'TRN', 'DTP', 'QTY', 'AMT', 'NM1'].includes(use.id) && !path.endsWith('2000D')
      ? {
          ...noCodes(use.id === 'STC' ? ofAnyList(use) : use),
          repeat: use.id === 'NM1' || use.id === 'TRN' ? use.repeat : null,
          usage: use.usage === 'R' && use.id !== 'DTP' ? 'R' : 'S',
        }
      : use;
  });
  return open.map((use) => (isLoop(use) ? unsure(use) : use.id === 'BHT' ? unsure(noCodes(use)) : use));
}

export function attachment(
  professional: readonly Use[],
  { st, se }: { st: SegmentUse; se: SegmentUse },
): Use[] {
  const billing = loopAt(professional, '2000A', '2010AA').content;
  const payer = loopAt(professional, '2000A', '2000B', '2010BB').content;
  const patient = loopAt(professional, '2000A', '2000B', '2000C', '2010CA').content;
  const party = (id: string, name: string, from: readonly Use[], codes: string, more: string[]): Use =>
    loop(id, name, 'R', 1, [
      as(segmentAt(from, 'NM1'), { name, codes }),
      ...more.map((each) =>
        as(noCodes(segmentAt(billing, each)), { name: `${name} ${each}`, usage: 'S', repeat: 10 }),
      ),
    ]);
  const date = noCodes(segmentAt(loopAt(professional, '2000A', '2000B', '2300').content, 'DTP'));
  const trace = segment('TRN', 'Payer Claim Control Number/Provider Attachment Control Number', 'R', 1, [
    'R 481 ID 1-2 Trace Type Code = 1,2',
    'R 127 AN 1-50 Reference Identification',
    'S 509 AN 10-10 Originating Company Identifier',
    'S 127 AN 1-50 Reference Identification',
  ]);
  const status = segment('STC', 'Status Information', 'S', null, [
    [
      'R C043 Health Care Claim Status',
      'R 1271 AN 1-30 Industry Code',
      'S 1271 AN 1-30 Industry Code',
      'S 98 ID 2-3 Entity Identifier Code',
      'S 1270 ID 1-3 Code List Qualifier Code',
    ],
  ]);
  const category = segment('CAT', 'Category of Patient Information Service', 'R', 1, [
    'R 755 ID 2-2 Attachment Report Type Code',
    'R 756 ID 1-2 Report Transmission Code',
    'S 799 AN 1-30 Version Identifier',
    'S 799 AN 1-30 Version Identifier',
  ]);
  const format = segment('EFI', 'Electronic Format Identification', 'R', 1, [
    'R 786 ID 2-2 Security Level Code',
    'S 933 AN 1-264 Free-form Message Text',
  ]);
  const binary = segment('BIN', 'Binary Data', 'R', 1, [
    'R 784 N0 1-15 Length of Binary Data',
    'R 785 B 1-999999999 Binary Data',
  ]);
  const additional = loop('2100A', 'Additional Information', 'S', null, [
    as(withElement(date, 2, { codes: ['D8', 'RD8', 'DT'] }), {
      name: 'Date - Additional Information',
      usage: 'R',
    }),
    category,
    loop('2110A', 'Attachment', 'S', null, [format, binary]),
  ]);
  const assigned = loop('2000A', 'Assigned Number', 'R', null, [
    segmentAt(loopAt(professional, '2000A', '2000B', '2300', '2400').content, 'LX'),
    trace,
    status,
    as(noCodes(segmentAt(billing, 'REF')), { name: 'Reference', usage: 'S', repeat: 10 }),
    as(date, { name: 'Date', usage: 'S', repeat: 10 }),
    additional,
  ]);
  const beginning = segment('BGN', 'Beginning Segment', 'R', 1, [
    'R 353 ID 2-2 Transaction Set Purpose Code = 02,11',
    'R 127 AN 1-50 Reference Identification',
    'R 373 DT 8-8 Date',
    'S 337 TM 4-8 Time',
  ]);
  return [
    st,
    ...inOrder(
      [
        beginning,
        party('1000A', 'Payer Name', payer, 'PR', ['PER']),
        party('1000B', 'Submitter Name', payer, '41', ['PER']),
        party('1000C', 'Provider Name', billing, '1P,85,FA', ['REF', 'N3', 'N4', 'PER']),
        loop('1000D', 'Patient Name', 'R', 1, [
          segmentAt(patient, 'NM1'),
          as(noCodes(segmentAt(patient, 'REF')), { name: 'Patient Identification', repeat: 10 }),
          as(date, { name: 'Date of Service', repeat: 10, usage: 'S' }),
        ]),
        assigned,
      ].map(unsure),
    ).map((use) => ({ ...use, position: use.position + 1 })),
    { ...se, position: 99 },
  ];
}
