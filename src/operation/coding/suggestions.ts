import type { ChargeItem, CodeableConcept, Coding, ConceptMap, ValueSet } from '@medplum/fhirtypes';
import { alike, likeness, usual } from '../../billing/coding/likeness.ts';
import { usualSystem } from '../../billing/coding/codeMap.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find, parsed } from '../../interaction/repository.ts';
import { parsePairs } from '../../search/parse.ts';
import { serviceSystems } from '../../terminology/serviceCode.ts';
import type { Call } from '../operation.ts';
import { codeParameter, type CodingWork } from './codingTask.ts';

/** A code that may be what is billed for something charted, and why. */
export interface Suggestion {
  readonly code: Coding;
  readonly source: 'history' | 'map' | 'value-set';
  readonly reason: string; // one sentence
  readonly weight: number; // percent: by it they are in order
  readonly from?: string; // ConceptMap/1
  readonly times?: number;
  readonly of?: number;
}

/** At most so many that are alike are looked at, of the latest. */
const seenMax = 200;
const shownMax = 10;

/** What a chart entry may be billed as, the likeliest first, each code once. */
export async function suggestionsFor(call: Call, work: CodingWork): Promise<Suggestion[]> {
  if (!work.concept) return [];
  const all = [
    ...(await fromHistory(call, work)),
    ...(await fromMaps(call, work.concept)),
    ...(await fromValueSets(call, work.concept)),
  ].sort((a, b) => b.weight - a.weight);
  const seen = new Set<string>();
  return all
    .filter(({ code }) => {
      const key = `${code.system ?? ''}|${code.code ?? ''}`;
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, shownMax);
}

/** How the same practice billed what was charted with the same code before. */
async function fromHistory({ tx }: Call, work: CodingWork): Promise<Suggestion[]> {
  const { charted, concept, practice, focus } = work;
  const name = charted && codeParameter[charted.resourceType];
  if (!charted || name === undefined || practice === undefined) return [];
  const systems = (concept?.coding ?? []).flatMap((c) =>
    c.system === undefined || c.code === undefined ? [] : [`${c.system}|${c.code}`],
  );
  if (systems.length === 0) return [];
  const query = parsePairs(charted.resourceType, [
    [name, systems.join(',')],
    ['_sort', '-_lastUpdated'],
    ['_count', String(seenMax)],
  ]);
  const same = (await tx.search(query)).matches.map((m) => referenceText(parsed(m)));
  const billed = new Map<string, string[]>();
  const codings = new Map<string, Coding>();
  for (let i = 0; i < same.length; i += 50) {
    const service = same
      .slice(i, i + 50)
      .filter((one) => one !== focus)
      .join(',');
    if (service === '') continue;
    const charges = await find<ChargeItem>(tx, 'ChargeItem', {
      service,
      'performing-organization': practice,
    });
    for (const charge of charges.filter(({ status }) => status === 'billable' || status === 'billed')) {
      const [coding] = charge.code.coding ?? [];
      const of = charge.service?.[0]?.reference ?? '';
      if (coding?.code === undefined) continue;
      const key = `${coding.system ?? ''}|${coding.code}`;
      codings.set(key, coding);
      billed.set(of, [...(billed.get(of) ?? []), key]);
    }
  }
  return usual([...billed.values()]).flatMap(({ code: key, times, of }): Suggestion[] => {
    const code = codings.get(key);
    if (!code) return [];
    const reason = `this practice coded the same ${charted.resourceType} so ${times} times of ${of}`;
    return [{ code, source: 'history', reason, weight: 50 + Math.floor((50 * times) / of), times, of }];
  });
}

/** ConceptMaps that are not in force, and entries of any whose words are those of the chart. */
async function fromMaps({ tx }: Call, concept: CodeableConcept): Promise<Suggestion[]> {
  const found: Suggestion[] = [];
  for (const map of await find<ConceptMap>(tx, 'ConceptMap', { status: 'active,draft' })) {
    for (const group of map.group ?? []) {
      const source = usualSystem(group.source ?? '');
      const target = usualSystem(group.target ?? '');
      if (!serviceSystems.includes(target)) continue;
      for (const element of group.element) {
        const isSame = concept.coding?.some(
          (c) => usualSystem(c.system ?? '') === source && c.code === element.code,
        );
        const words = isSame === true ? 100 : likenessOf(concept, element.display);
        if (words < alike) continue;
        for (const { code, display, equivalence } of element.target ?? []) {
          if (code === undefined || equivalence === 'unmatched' || equivalence === 'disjoint') continue;
          const from = `ConceptMap/${map.id ?? ''}`;
          const why =
            isSame === true
              ? 'maps the code, but is not in force'
              : `maps what is worded alike (${words} of 100)`;
          const coding = { system: target, code, ...(display === undefined ? {} : { display }) };
          const reason = `${from} ${why}`;
          found.push({
            code: coding,
            source: 'map',
            reason,
            weight: isSame === true ? 90 : Math.floor(words / 2),
            from,
          });
        }
      }
    }
  }
  return found;
}

/** Codes of ValueSets that are worded as the chart. */
async function fromValueSets({ tx }: Call, concept: CodeableConcept): Promise<Suggestion[]> {
  const found: Suggestion[] = [];
  for (const set of await find<ValueSet>(tx, 'ValueSet', { status: 'active,draft' })) {
    for (const { system: uri = '', concept: codes = [] } of set.compose?.include ?? []) {
      const target = usualSystem(uri);
      if (!serviceSystems.includes(target)) continue;
      for (const { code, display } of codes) {
        const words = likenessOf(concept, display);
        if (words < alike) continue;
        const from = `ValueSet/${set.id ?? ''}`;
        const reason = `${from} has a code that is worded alike (${words} of 100)`;
        const coding = changed({ system: target, code }, display === undefined ? {} : { display });
        found.push({ code: coding, source: 'value-set', reason, weight: Math.floor(words / 2), from });
      }
    }
  }
  return found;
}

/** The most that a text is like what was charted, by its own words or those of its codes. */
const likenessOf = (concept: CodeableConcept, text = ''): number =>
  Math.max(
    0,
    ...[concept.text, ...(concept.coding ?? []).map((c) => c.display)].map((one) =>
      likeness(one ?? '', text),
    ),
  );
