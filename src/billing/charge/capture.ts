import type { CodeableConcept, Reference } from '@medplum/fhirtypes';
import type { BillingCode, Chart, Coded, Coder } from '../../datatypes/chart.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import { modifierUrls } from '../../terminology/system.ts';
import { charted, type Charted } from './charted.ts';
import { dispensed } from './dispensed.ts';
import { drugCode, drugOf, type Drug } from './drug.ts';
import { dayIn, nightsOf, type SameDay } from './night.ts';
import type { Service, Uncoded } from './service.ts';

/** What a chart gives for billing: what can be charged, what a coder must look at, and what was decided. */
export interface Captured {
  readonly services: readonly Service[];
  readonly uncoded: readonly Uncoded[];
  readonly issues: readonly Issue[];
}

/** How the nights of a stay are counted: a stay of one day, and the days on which a run of nights is cut. */
export interface StayRules {
  readonly sameDay?: SameDay;
  readonly cuts?: ReadonlySet<string>;
}

/**
 * What was done in a visit, as services with billing codes: the visit itself, its nights, then everything else in
 * order of time. Nothing is dropped silently: what has no code is `uncoded`, or counted when it is seldom billable.
 */
export function capture(chart: Chart, coder: Coder, zone: string, stay: StayRules = {}): Captured {
  const uncoded: Uncoded[] = [];
  const issues: Issue[] = [];
  const services = [
    ...visit(chart, coder, zone, uncoded, issues),
    ...rooms(chart, coder, { zone, ...stay, uncoded, issues }),
  ];
  const handedOver = dispensed(chart, coder, zone);
  uncoded.push(...handedOver.uncoded);
  issues.push(...handedOver.issues);
  const done: Service[] = [...handedOver.services];
  let passedOver = 0;
  for (const c of charted(chart)) {
    const coded = coder.service(c.concept);
    if (coded.codes.length > 0) {
      const { drug, fault } = drugOf(c.concept, c.dose);
      if (fault)
        uncoded.push({
          ...fault,
          resource: c.resource,
          expression: c.expression,
          text: `${c.resource}: ${fault.text}`,
        });
      const beside = drugCode(coded.codes);
      done.push(
        ...coded.codes.map((code) =>
          service(chart, coder, { charted: c, code, zone, ...(drug && code === beside ? { drug } : {}) }),
        ),
      );
    } else if (!c.mustCode) passedOver += 1;
    else explain(c, coded, uncoded, issues);
  }
  if (passedOver > 0) {
    const text = `${passedOver.toString()} observations and reports have no billing code and are not billed`;
    issues.push(decided('not-billable', undefined, text));
  }
  const when = (s: Service): number => Date.parse(s.at);
  return { services: [...services, ...done.sort((a, b) => when(a) - when(b))], uncoded, issues };
}

/** The visit itself: Encounter.type. */
function visit(chart: Chart, coder: Coder, zone: string, uncoded: Uncoded[], issues: Issue[]): Service[] {
  const { encounter } = chart;
  const at = encounter.period?.start ?? '';
  const found = (encounter.type ?? []).flatMap((concept, i) => {
    const resource = `Encounter/${encounter.id}`;
    const expression = `Encounter.type[${i.toString()}]`;
    const coded = coder.service(concept);
    if (coded.codes.length === 0) explain({ resource, expression, concept }, coded, uncoded, issues);
    return coded.codes.map((code) => ({
      source: `${resource}#${code.code}`,
      resource,
      code,
      at,
      start: dayIn(zone, at),
      count: 1,
      modifiers: modifiersOf(encounter, [], coder),
      performers: [],
      reasons: [],
    }));
  });
  return found.filter((s, i) => found.findIndex((other) => other.source === s.source) === i); // two types, one visit
}

/** The nights of a stay; each night without a room is work for a coder. */
function rooms(
  chart: Chart,
  coder: Coder,
  {
    zone,
    sameDay = 'one',
    cuts = new Set(),
    uncoded,
    issues,
  }: StayRules & {
    readonly zone: string;
    readonly uncoded: Uncoded[];
    readonly issues: Issue[];
  },
): Service[] {
  const resource = `Encounter/${chart.encounter.id}`;
  const { nights, missing, decisions } = nightsOf(chart, coder, { zone, sameDay, cuts });
  for (const { day, why } of missing) {
    const text = `${resource}: the night of ${day} is not billed, ${why}`;
    uncoded.push({ resource, expression: 'Encounter.location', code: 'no-room', day, text });
  }
  issues.push(
    ...decisions.map((text) => decided('not-billable', 'Encounter.location', `${resource}: ${text}`)),
  );
  const seen = new Map<string, number>();
  return nights.map(({ code, start, end, nights: count, location }) => {
    const before = seen.get(code.code) ?? 0;
    seen.set(code.code, before + 1);
    return {
      source: `${resource}#${code.code}${before === 0 ? '' : `.${(before + 1).toString()}`}`,
      resource,
      code,
      at: start,
      start,
      ...(end === start ? {} : { end }),
      count,
      modifiers: [],
      performers: [],
      location,
      reasons: [],
    };
  });
}

function service(
  chart: Chart,
  coder: Coder,
  {
    charted: c,
    code,
    zone,
    drug,
  }: { readonly charted: Charted; readonly code: BillingCode; readonly zone: string; readonly drug?: Drug },
): Service {
  const at = c.at ?? chart.encounter.period?.start ?? '';
  return {
    source: `${c.resource}#${code.code}`,
    resource: c.resource,
    code,
    at,
    start: dayIn(zone, at),
    count: 1,
    ...(c.amount ? { amount: c.amount } : {}),
    ...(drug ? { drug } : {}),
    modifiers: modifiersOf(c, c.sites, coder),
    performers: c.performers.filter(isPerson),
    ...(c.organization ? { organization: c.organization } : {}),
    ...(c.location === undefined ? {} : { location: c.location }),
    reasons: reasonsOf(chart, coder, c),
  };
}

const isPerson = (actor: Reference): boolean =>
  ['Practitioner', 'PractitionerRole'].includes(parseReference(actor.reference)?.type ?? '');

/** Charted modifiers first, then the side of the body site; none twice. */
function modifiersOf(
  charted: Parameters<typeof extensionsOf>[0],
  sites: readonly CodeableConcept[],
  coder: Coder,
): string[] {
  const own = extensionsOf(charted, modifierUrls).flatMap(
    (e) => e.valueCodeableConcept?.coding?.flatMap((c) => c.code ?? []).slice(0, 1) ?? [],
  );
  return [...new Set([...own, ...sites.flatMap((site) => coder.modifiers(site))])];
}

/** What a service was for: its own reason, else the reason a ConceptMap gives for what was done. */
function reasonsOf(chart: Chart, coder: Coder, c: Charted): string[] {
  const conditions = c.reasonReference.flatMap(
    ({ reference }) => chart.conditions.find((x) => reference === `Condition/${x.id ?? ''}`)?.code ?? [],
  );
  const own = [...c.reasonCode, ...conditions].flatMap((concept) => coder.reasons(concept));
  return [...new Set(own.length > 0 ? own : coder.reasons(c.concept))];
}

/** Says why something is not billed: a map says so, or nobody has said yet and a coder must. */
function explain(
  c: Pick<Charted, 'resource' | 'expression' | 'concept'>,
  coded: Coded,
  uncoded: Uncoded[],
  issues: Issue[],
): void {
  const from = coded.from ? `${coded.from.system ?? ''}|${coded.from.code ?? ''}` : undefined;
  if (coded.how === 'not-billable') {
    issues.push(
      decided('not-billable', c.expression, `${c.resource}: ${from ?? ''} is not billed by itself`),
    );
    return;
  }
  const text =
    c.concept === undefined
      ? `${c.resource} has no code`
      : `${c.resource}: no ConceptMap gives a billing code for ${from ?? 'its text'}`;
  uncoded.push({ resource: c.resource, expression: c.expression, code: 'no-map', text });
}
