import type { Observation, Patient, RiskAssessment } from '@medplum/fhirtypes';

/**
 * Search as the specification words it, read naively over one resource, written apart from src/search: only for the
 * parameters that test/contract/searchCases.ts generates.
 */
type Anything = Observation | Patient | RiskAssessment;

export const naive = (resource: Anything, pairs: readonly (readonly [string, string])[]): boolean =>
  pairs.every(([name, value]) => holds(resource, name, value));

function holds(resource: Anything, name: string, text: string): boolean {
  const [code = '', modifier] = name.split(':');
  if (modifier === 'missing') return (elements(resource, code).length === 0) === (text === 'true');
  const any = text
    .split(/(?<!\\),/)
    .some((value) => one(resource, { code, modifier }, value.replaceAll('\\,', ',')));
  return modifier === 'not' ? !any : any;
}

type Token = { system?: string; code: string } | string;

/** What a parameter is about; an entry for each value. */
function elements(resource: Anything, code: string): unknown[] {
  if (resource.resourceType === 'RiskAssessment')
    return (resource.prediction ?? []).flatMap((p) => p.probabilityDecimal ?? []);
  if (resource.resourceType === 'Patient') {
    const names = resource.name ?? [];
    if (code === 'family') return names.flatMap((n) => n.family ?? []);
    if (code === 'given') return names.flatMap((n) => n.given ?? []);
    if (code === 'name')
      return names.flatMap((n) => [...(n.family === undefined ? [] : [n.family]), ...(n.given ?? [])]);
    if (code === 'identifier')
      return (resource.identifier ?? []).map((i) => ({ system: i.system, code: i.value }));
    return resource.active === undefined ? [] : [String(resource.active)];
  }
  const codings = resource.code.coding ?? [];
  if (code === 'code') return codings;
  if (code === 'combo-code')
    return [...codings, ...(resource.component ?? []).flatMap((c) => c.code.coding ?? [])];
  if (code === 'status') return [resource.status];
  if (code === 'date') {
    if (resource.effectiveDateTime !== undefined) return [resource.effectiveDateTime];
    const period = resource.effectivePeriod;
    return period?.start === undefined && period?.end === undefined ? [] : [period];
  }
  if (code === 'value-quantity') return resource.valueQuantity ? [resource.valueQuantity] : [];
  const { reference, identifier } = resource.subject ?? {};
  return reference === undefined && identifier === undefined ? [] : [resource.subject];
}

interface Asked {
  readonly code: string;
  readonly modifier: string | undefined;
}

function one(resource: Anything, { code, modifier }: Asked, value: string): boolean {
  const found = elements(resource, code);
  switch (code) {
    case 'date':
      return found.some((e) => compareRanges(value, rangeOf(e as string | { start?: string; end?: string })));
    case 'probability':
      return found.some((e) => compareNumber(value, [e as number, e as number]));
    case 'value-quantity':
      return found.some((e) => quantityIs(value, e as NonNullable<Observation['valueQuantity']>));
    case 'family':
    case 'given':
    case 'name':
      return found.some((e) => stringIs(value, String(e), modifier));
    case 'subject':
    case 'patient':
      return found.some((e) =>
        referenceIs(value, e as NonNullable<Observation['subject']>, { code, modifier }),
      );
    default:
      return found.some((e) => tokenIs(value, e as Token));
  }
}

const statuses = 'http://hl7.org/fhir/observation-status';

function tokenIs(value: string, token: Token): boolean {
  const [first = '', second] = value.split('|');
  const code = typeof token === 'string' ? token : token.code;
  if (second === undefined) return code === first;
  if (typeof token === 'string') return code === second && (first === '' || first === statuses); // implied
  if (second === '') return token.system === first;
  return code === second && (token.system ?? '') === first;
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[-\s.,'’]/g, '')
    .toLowerCase();

function stringIs(value: string, text: string, modifier: string | undefined): boolean {
  if (modifier === 'exact') return text === value;
  return modifier === 'contains' ? plain(text).includes(plain(value)) : plain(text).startsWith(plain(value));
}

function referenceIs(
  value: string,
  subject: NonNullable<Observation['subject']>,
  { code, modifier }: Asked,
): boolean {
  if (modifier === 'identifier') {
    const { system, value: id = '' } = subject.identifier ?? {};
    return (
      subject.identifier !== undefined &&
      tokenIs(value, { ...(system === undefined ? {} : { system }), code: id })
    );
  }
  const here = (text: string): string => text.replace('https://here/fhir/', '').replace(/\/_history\/.*/, '');
  const target = here(subject.reference ?? '');
  if (code === 'patient' && !target.startsWith('Patient/')) return false;
  return here(value).includes('/')
    ? target === here(value)
    : /^(Patient|Group|Device|Location)\/[^/]+$/.test(target) && target.split('/')[1] === value;
}

/** [start, end) of a date by its precision. */
function rangeOf(value: string | { start?: string; end?: string }): [number, number] {
  if (typeof value !== 'string')
    return [
      value.start === undefined ? -Infinity : rangeOf(value.start)[0],
      value.end === undefined ? Infinity : rangeOf(value.end)[1],
    ];
  const [date = '', time] = value.split('T');
  const [year = 0, month, day] = date.split('-').map(Number);
  if (time === undefined) {
    const start = Date.UTC(year, (month ?? 1) - 1, day ?? 1);
    if (month === undefined) return [start, Date.UTC(year + 1, 0, 1)];
    return [start, day === undefined ? Date.UTC(year, month, 1) : start + 24 * 3600 * 1000];
  }
  const start = new Date(value).getTime();
  if (time.includes('.')) return [start, start + 1];
  return [start, start + (/^\d\d:\d\d(:\d\d)/.test(time.replace(/[-+]\d\d:\d\d$/, '')) ? 1000 : 60_000)];
}

const split = (value: string): [string, string] =>
  /^[a-z]{2}/.test(value) ? [value.slice(0, 2), value.slice(2)] : ['eq', value];

/** See conformance of dates: eq is "the search range contains the target". */
function compareRanges(value: string, [low, high]: [number, number]): boolean {
  const [prefix, text] = split(value);
  const [from, to] = rangeOf(text);
  const inside = from <= low && high <= to;
  switch (prefix) {
    case 'ne':
      return !inside;
    case 'gt':
      return high > to;
    case 'lt':
      return low < from;
    case 'ge':
      return high > to || inside;
    case 'le':
      return low < from || inside;
    case 'sa':
      return low >= to;
    case 'eb':
      return high <= from;
    default:
      return inside;
  }
}

function compareNumber(value: string, [low, high]: [number, number]): boolean {
  const [prefix, text] = split(value);
  const number = Number(text);
  const half = text === '1e2' ? 5 : 0.5 / 10 ** (text.split('.')[1] ?? '').length;
  const inside = number - half <= low && high < number + half;
  const ways: Record<string, boolean> = {
    eq: inside,
    ne: !inside,
    gt: high > number,
    lt: low < number,
    ge: high >= number,
    le: low <= number,
    sa: low > number,
    eb: high < number,
  };
  return ways[prefix] ?? false;
}

const ucum = 'http://unitsofmeasure.org';
/** Milligrams in the units that are generated. */
const milligrams: Readonly<Record<string, number>> = { mg: 1, kg: 1e6 };

function quantityIs(value: string, quantity: NonNullable<Observation['valueQuantity']>): boolean {
  const [number = '', system, code = ''] = value.split('|');
  const { value: amount = 0, comparator, unit, system: of, code: coded } = quantity;
  if (system === '' && coded !== code && unit !== code) return false;
  let scale = 1;
  if (system === ucum) {
    const said = coded ?? unit ?? '';
    const [asked, found] = [milligrams[code], milligrams[said]];
    if (of !== ucum || asked === undefined || found === undefined) return false;
    scale = found / asked;
  }
  const range: [number, number] = [
    comparator === '<' ? -Infinity : amount * scale,
    comparator === '>=' ? Infinity : amount * scale,
  ];
  return compareNumber(number, range);
}
