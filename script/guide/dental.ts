import { isLoop, type LoopUse, type SegmentUse, type Use } from '../../src/x12/guide.ts';
import { as, inOrder, loop, unsure } from './derive.ts';
import { changed, loopAt, segmentAt, withElement } from './shape.ts';

/**
 * 837D 005010X224A2: no open map has it. The levels above the claim, the providers, the other payers and the adjudication of
 * lines are those of 837P 005010X222A1; what is dental comes from 837D 004010X097A1 and is unsure.
 */
export function dental(professional: readonly Use[], older: readonly Use[]): Use[] {
  return changed(professional, (use, path) => {
    if (!isLoop(use)) return path === '/2000A/2000B' && use.id === 'PAT' ? undefined : use;
    return use.id === '2300' ? claim(use, loopAt(older, '2000A', '2000B', '2300')) : use;
  });
}

/** The segment of this id whose qualifier in element 01 is the code. */
function qualified(content: readonly Use[], id: string, code: string): SegmentUse {
  const found = content.find(
    (use): use is SegmentUse =>
      !isLoop(use) && use.id === id && use.elements[0]?.codes?.includes(code) === true,
  );
  if (found === undefined) throw new Error(`no ${id} ${code}`);
  return found;
}

function claim(now: LoopUse, before: LoopUse): LoopUse {
  const { content } = now;
  const date = qualified(content, 'DTP', '439');
  const dates = [
    date,
    as(date, { name: 'Date - Appliance Placement', codes: '452' }),
    withElement(as(date, { name: 'Date - Service Date', codes: '472' }), 2, { codes: ['D8', 'RD8'] }),
    as(date, { name: 'Date - Repricer Received Date', codes: '050' }),
  ];
  const reference = qualified(content, 'REF', 'G1');
  const references = [
    as(reference, { name: 'Predetermination Identification', codes: 'G3' }),
    ...['4N', 'F8', '9F', 'G1', '9A', '9C', 'D9'].map((code) => qualified(content, 'REF', code)),
  ];
  const note = as(segmentAt(content, 'NTE'), { repeat: 5, codes: 'ADD' });
  return {
    ...now,
    content: inOrder([
      segmentAt(content, 'CLM'),
      ...dates.map(unsure),
      unsure(segmentAt(before.content, 'DN1')),
      unsure(segmentAt(before.content, 'DN2')),
      unsure(segmentAt(content, 'PWK')),
      segmentAt(content, 'CN1'),
      segmentAt(content, 'AMT'),
      ...references.map(unsure),
      segmentAt(content, 'K3'),
      unsure(note),
      unsure(as(segmentAt(content, 'HI'), { usage: 'S' })),
      segmentAt(content, 'HCP'),
      ...claimProviders(content, before),
      otherSubscriber(loopAt(content, '2320')),
      line(loopAt(content, '2400'), loopAt(before.content, '2400')),
    ]),
  };
}

function claimProviders(content: readonly Use[], before: LoopUse): LoopUse[] {
  const referring = loopAt(content, '2310A');
  const surgeon = loopAt(before.content, '2310D');
  return [
    withSpecialty(referring, segmentAt(loopAt(before.content, '2310A').content, 'PRV')),
    loopAt(content, '2310B'),
    loopAt(content, '2310C'),
    unsure({ ...surgeon, content: surgeon.content.map(newReference(referring)) }),
    loop('2310E', 'Supervising Provider Name', 'S', 1, loopAt(content, '2310D').content),
  ];
}

function withSpecialty(referring: LoopUse, specialty: SegmentUse): LoopUse {
  const [name, ...rest] = referring.content;
  return { ...referring, content: [name, unsure(specialty), ...rest].filter((use) => use !== undefined) };
}

/** Older loops named identifiers that the newer guide replaced: their REF is that of a loop of today. */
const newReference =
  (today: LoopUse) =>
  (use: Use): Use =>
    use.id === 'REF' && !isLoop(use) ? as(segmentAt(today.content, 'REF'), { name: use.name }) : use;

function otherSubscriber(now: LoopUse): LoopUse {
  const referring = loopAt(now.content, '2330C');
  const assistant = loopAt(now.content, '2330D');
  const [name, ...rest] = assistant.content;
  if (name === undefined || isLoop(name)) throw new Error('2330D opens with NM1');
  const surgeon = [as(name, { name: 'Other Payer Assistant Surgeon', codes: 'DD' }), ...rest];
  const payer = loopAt(now.content, '2330B');
  return {
    ...now,
    content: [
      ...now.content.filter(({ id }) => !/^2330[B-H]$/.test(id)),
      { ...payer, content: payer.content.flatMap(withPredetermination) },
      referring,
      assistant,
      loop('2330E', 'Other Payer Supervising Provider', 'S', 1, loopAt(now.content, '2330F').content),
      loop('2330F', 'Other Payer Billing Provider', 'S', 1, loopAt(now.content, '2330G').content),
      loop('2330G', 'Other Payer Service Facility Location', 'S', 1, loopAt(now.content, '2330E').content),
      unsure(loop('2330H', 'Other Payer Assistant Surgeon', 'S', 1, surgeon)),
    ],
  };
}

/** The number of a predetermination lies between the claim adjustment indicator and the claim control number. */
function withPredetermination(use: Use): readonly Use[] {
  if (isLoop(use) || use.id !== 'REF') return [use];
  if (use.elements[0]?.codes?.includes('2U') === true) return [unsure(use)]; // how often it may come is not known
  if (use.elements[0]?.codes?.includes('F8') !== true) return [use];
  const name = 'Other Payer Predetermination Identification';
  return [unsure(as(use, { name, codes: 'G3' })), use];
}

function line(now: LoopUse, before: LoopUse): LoopUse {
  const { content } = now;
  const date = withElement(qualified(content, 'DTP', '472'), 2, { codes: ['D8'] });
  const dates: readonly [string, string][] = [
    ['Date - Prior Placement', '441'],
    ['Date - Appliance Placement', '452'],
    ['Date - Replacement', '446'],
    ['Date - Treatment Start', '196'],
    ['Date - Treatment Completion', '198'],
  ];
  const surgeon = loopAt(before.content, '2420C');
  const rendering = loopAt(content, '2420A');
  const reference = qualified(content, 'REF', 'G1');
  const identifiers = [
    as(reference, { name: 'Service Predetermination Identification', codes: 'G3', repeat: 1 }),
    ...['G1', '6R', '9B', '9D', '9F'].map((code) => qualified(content, 'REF', code)),
    as(qualified(content, 'REF', '9B'), { name: 'Repriced Claim Number', codes: '9A' }),
    as(qualified(content, 'REF', '9D'), { name: 'Adjusted Repriced Claim Number', codes: '9C' }),
  ];
  return {
    ...now,
    content: [
      segmentAt(content, 'LX'),
      dentalService(segmentAt(before.content, 'SV3'), segmentAt(content, 'SV1')),
      unsure(segmentAt(before.content, 'TOO')),
      ...[
        as(qualified(content, 'DTP', '472'), { usage: 'S' }),
        ...dates.map(([name, codes]) => as(date, { name, codes, usage: 'S' })),
      ].map(unsure),
      segmentAt(content, 'CN1'),
      ...identifiers.map(unsure),
      qualified(content, 'AMT', 'T'),
      segmentAt(content, 'K3'),
      segmentAt(content, 'HCP'),
      rendering,
      unsure(loop('2420B', surgeon.name, 'S', 1, surgeon.content.map(newReference(rendering)))),
      loop('2420C', 'Supervising Provider Name', 'S', 1, loopAt(content, '2420D').content),
      loop('2420D', 'Service Facility Location Name', 'S', 1, loopAt(content, '2420C').content),
      adjudication(loopAt(content, '2430')),
    ],
  };
}

/** SV3 got the diagnosis pointers of SV1 as its eleventh element. */
function dentalService(before: SegmentUse, professional: SegmentUse): SegmentUse {
  const pointers = professional.elements[6];
  const elements = before.elements.slice(0, 10);
  const used = unsure({
    ...before,
    elements: elements.map((element, n) => (n === 0 ? withWords(element, professional) : element)),
  });
  return pointers === undefined
    ? used
    : { ...used, elements: [...used.elements, { ...pointers, usage: 'S', unsure: true }] };
}

/** SV301-7: the words of an unlisted procedure, as SV101-7. */
function withWords(
  procedure: SegmentUse['elements'][number],
  professional: SegmentUse,
): SegmentUse['elements'][number] {
  const words = professional.elements[0]?.components?.[6];
  const parts = procedure.components ?? [];
  return words === undefined
    ? procedure
    : { ...procedure, components: [...parts.slice(0, 6), words, ...parts.slice(7)] };
}

/** SVD03: the procedure is a dental one. */
function adjudication(now: LoopUse): LoopUse {
  const svd = segmentAt(now.content, 'SVD');
  const components = svd.elements[2]?.components?.map((part, n) =>
    n === 0 ? { ...part, codes: ['AD', 'ER'], unsure: true as const } : part,
  );
  const dentalSvd = components ? withElement(svd, 3, { components }) : svd;
  return { ...now, content: now.content.map((use) => (use === svd ? dentalSvd : use)) };
}
