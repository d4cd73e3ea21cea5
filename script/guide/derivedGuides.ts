import { type Guide, isLoop, type Use } from '../../src/x12/guide.ts';
import { attachment, informationRequest } from './attachment.ts';
import { loosened } from './corrections.ts';
import { dental } from './dental.ts';
import type { Folders } from './guides.ts';
import { compared, readLinuxForHealth } from './linuxForHealth.ts';
import { type Dictionary, readPyx12 } from './pyx12.ts';
import { review } from './review.ts';
import { changed, loopAt, ranked, segmentAt, withElement } from './shape.ts';
import { statusRequest } from './statusRequest.ts';

/** The guides that no open map has, put together of what their neighbours have. */
export function derivedGuides(
  made: readonly Guide[],
  { pyx12, linuxForHealth }: Folders,
  dictionary: Dictionary,
): Guide[] {
  const of = (id: string): readonly Use[] => {
    const found = made.find((guide) => guide.id === id);
    if (found === undefined) throw new Error(`no guide ${id}`);
    return found.content;
  };
  const older = (map: string): Use[] => ranked(readPyx12(pyx12, map, dictionary), false);
  const professional = of('005010X222A1');
  const dentalContent = dental(professional, of('004010X097A1'));
  const opinion = readLinuxForHealth(linuxForHealth, 'v5010/x12_276_005010X212');
  const parts = {
    request: older('278.4010.X094.A1.xml'),
    response: older('278.4010.X094.27.A1.xml'),
    lines: [professional, of('005010X223A2'), dentalContent].map((content) =>
      loopAt(content, '2000A', '2000B', '2300', '2400'),
    ),
  };
  const ends = { st: segmentAt(professional, 'ST'), se: segmentAt(professional, 'SE') };
  const additional = informationRequest(of('005010X214'));
  const attached = attachment(professional, ends);
  const claim = { set: '837', functionalGroup: 'HC', units: ['2300'] };
  const authorization = { set: '278', functionalGroup: 'HI', units: ['2000C'] };
  const request = { set: '277', functionalGroup: 'HN', units: ['2000D'] };
  const document = { set: '275', functionalGroup: 'PI', units: ['2000A'] };
  const unconfirmed = 'no open map; all of it is unsure; put together of';
  return [
    {
      ...claim,
      id: '005010X224A2',
      name: 'Health Care Claim: Dental',
      versions: ['005010X224A2', '005010X224', '005010X224A1'],
      source: 'put together of 005010X222A1 and, unsure, 004010X097A1',
      content: dentalContent,
    },
    {
      set: '276',
      functionalGroup: 'HR',
      units: ['2000D'],
      id: '005010X212-276',
      name: 'Health Care Claim Status Request',
      versions: ['005010X212'],
      source:
        'put together of 277 005010X212 and 276 004010X093A1, compared with linuxforhealth-x12 0.57.0 v5010/x12_276_005010X212',
      content: loosened(
        '005010X212-276',
        compared(statusRequest(of('005010X212-277'), older('276.4010.X093.A1.xml')), opinion),
      ),
    },
    {
      ...authorization,
      id: '005010X217-request',
      name: 'Health Care Services Review: Request',
      versions: ['005010X217'],
      source: `${unconfirmed} 278 004010X094A1`,
      content: review(parts, 'request', '01,13,36'),
    },
    {
      ...authorization,
      id: '005010X217-response',
      name: 'Health Care Services Review: Response',
      versions: ['005010X217'],
      source: `${unconfirmed} 278 004010X094A1`,
      content: review(parts, 'response', '11'),
    },
    {
      ...authorization,
      id: '005010X215-request',
      name: 'Health Care Services Review: Inquiry',
      versions: ['005010X215'],
      source: `${unconfirmed} 278 004010X094A1`,
      content: review(parts, 'request', '28'),
    },
    {
      ...authorization,
      id: '005010X215-response',
      name: 'Health Care Services Review: Inquiry Response',
      versions: ['005010X215'],
      source: `${unconfirmed} 278 004010X094A1`,
      content: review(parts, 'response', '08,11'),
    },
    {
      ...request,
      id: '005010X213',
      name: 'Health Care Claim Request for Additional Information',
      versions: ['005010X213'],
      readOnly: true as const,
      source: `${unconfirmed} 005010X214`,
      content: additional,
    },
    {
      ...request,
      id: '006020X313',
      name: 'Health Care Claim Request for Additional Information',
      versions: ['006020X313'],
      readOnly: true as const,
      source: `${unconfirmed} 005010X214`,
      content: additional,
    },
    {
      ...document,
      id: '005010X210',
      name: 'Additional Information to Support a Health Care Claim or Encounter',
      versions: ['005010X210'],
      source: `${unconfirmed} 005010X222A1`,
      content: attached,
    },
    {
      ...document,
      id: '006020X314',
      name: 'Additional Information to Support a Health Care Claim or Encounter',
      versions: ['006020X314'],
      readOnly: true as const,
      source: `${unconfirmed} 005010X222A1`,
      content: attached,
    },
  ].map(withStart);
}

/** ST01 and ST03 of the guide's own transaction. */
function withStart(guide: Guide): Guide {
  const content = changed(guide.content, (use, path) => {
    if (isLoop(use) || path !== '' || use.id !== 'ST') return use;
    const [first, second] = use.elements;
    const third = {
      name: 'Implementation Guide Version Name',
      usage: 'R',
      number: '1705',
      type: 'AN',
      min: 1,
      max: 35,
      codes: guide.versions,
    } as const;
    if (first === undefined || second === undefined) throw new Error('ST has two elements at least');
    return {
      ...withElement(use, 1, { codes: [guide.set] }),
      elements: [{ ...first, codes: [guide.set] }, second, third],
    };
  });
  return { ...guide, content };
}
