import type { ClaimItem, CodeableConcept } from '@medplum/fhirtypes';
import { cents, toMoney, type Cents } from '../../../datatypes/cents.ts';
import { concept } from '../../../datatypes/coding.ts';
import { changed } from '../../../datatypes/json.ts';
import { extension, system } from '../../../terminology/system.ts';
import { loopOf, segmentOf, segmentsOf, type Loop } from '../../../x12/loop.ts';
import { component, components, element, type Segment } from '../../../x12/segment.ts';
import { readOralLine } from './dental.ts';
import { drugUnits } from './line.ts';
import { readInformation } from './readInformation.ts';
import type { ClaimForm } from './sending.ts';
import type { ReadSupport } from './support.ts';
import { amountOf, daysOf, numberOf, unitsOf } from './value.ts';

/** A service line of loop 2400 without its team, and what is said of it beside it. */
export interface ReadLine {
  readonly item: ClaimItem;
  readonly support: readonly ReadSupport[];
}

interface Setting {
  readonly form: ClaimForm;
  readonly number: string; // CLM01
  readonly place: string; // CLM05-1
  readonly sequence: number;
}

const known = new Set(['LX', 'SV1', 'SV2', 'SV3', 'TOO']);
const qualified = (each: Segment, id: string, qualifier: string): boolean =>
  each.id === id && element(each, 1) === qualifier;

export function readLine(loop: Loop, setting: Setting): ReadLine {
  const { form, sequence, number } = setting;
  const service = segmentOf(loop, 'SV1') ?? segmentOf(loop, 'SV2') ?? segmentOf(loop, 'SV3');
  const control = segmentOf(loop, 'REF', '6R');
  const ownNumber = control ? element(control, 2) : '';
  const oral = form === 'oral' && service ? readOralLine(service, loop.segments) : undefined;
  const rest = loop.segments.filter(
    (each) =>
      !known.has(each.id) &&
      !qualified(each, 'REF', '6R') &&
      !qualified(each, 'DTP', '472') &&
      !(form === 'oral' && qualified(each, 'DTP', '441')),
  );
  const isUsual = ownNumber === '' || ownNumber === `${number}-${sequence}`.slice(-30);
  const line = service ? serviceOf(service, setting) : { productOrService: notApplicable };
  const item = changed(line, {
    ...(isUsual ? {} : { extension: [{ url: extension.lineControlNumber, valueString: ownNumber }] }),
    sequence,
    ...servedOn(loop),
    ...(oral?.item ?? {}),
    ...drugOf(loop),
  });
  return { item, support: [...(oral?.support ?? []), ...readInformation(rest, form, 'line')] };
}

const notApplicable = concept(system.dataAbsentReason, 'not-applicable');

function serviceOf(service: Segment, { form, place }: Setting): Omit<ClaimItem, 'sequence'> {
  const at = form === 'institutional' ? 2 : 1;
  const net = amountOf(element(service, form === 'institutional' ? 3 : 2));
  const quantity = quantityOf(service, form);
  const modifiers = [3, 4, 5, 6].map((n) => component(service, at, n)).filter((code) => code !== '');
  const revenue = form === 'institutional' ? element(service, 1) : '';
  const served = form === 'institutional' ? '' : element(service, form === 'oral' ? 3 : 5) || place;
  const pointers = form === 'institutional' ? [] : components(service, form === 'oral' ? 11 : 7);
  const flags = form === 'professional' ? indicators(service) : [];
  return {
    ...(pointers.length === 0 ? {} : { diagnosisSequence: pointers.map(Number) }),
    ...(revenue === '' ? {} : { revenue: concept(system.revenueCode, revenue.padStart(4, '0')) }),
    productOrService: procedureOf(service, at),
    ...(modifiers.length === 0 ? {} : { modifier: modifiers.map((code) => concept(system.hcpcs, code)) }),
    ...(flags.length === 0 ? {} : { programCode: flags }),
    ...(served === '' ? {} : { locationCodeableConcept: concept(system.placeOfService, served) }),
    ...(quantity ? { quantity } : {}),
    ...unitPrice(net, quantity?.value),
    ...(net === undefined ? {} : { net: toMoney(net) }),
  };
}

function quantityOf(service: Segment, form: ClaimForm) {
  if (form === 'oral') return unitsOf('UN', element(service, 6));
  const at = form === 'institutional' ? 4 : 3;
  return unitsOf(element(service, at), element(service, at + 1));
}

/** The price of a unit, where the charge is whole cents of it. */
function unitPrice(net: Cents | undefined, units: number | undefined): Pick<ClaimItem, 'unitPrice'> {
  if (net === undefined || units === undefined || !Number.isSafeInteger(units) || units < 1) return {};
  const each = net / units;
  return Number.isSafeInteger(each) ? { unitPrice: toMoney(cents(each)) } : {};
}

const cptForm = /^\d{4}[0-9FTUM]$/;

function procedureOf(service: Segment, at: number): CodeableConcept {
  const [qualifier, code, words] = [
    component(service, at, 1),
    component(service, at, 2),
    component(service, at, 7),
  ];
  if (code === '') return notApplicable;
  const uri = qualifier === 'AD' ? system.cdt : cptForm.test(code) ? system.cpt : system.hcpcs;
  return { coding: [{ system: uri, code }], ...(words === '' ? {} : { text: words }) };
}

function indicators(sv1: Segment): CodeableConcept[] {
  const flags: readonly [number, string, string][] = [
    [9, 'Y', 'emergency'],
    [11, 'Y', 'epsdt'],
    [12, 'Y', 'family-planning'],
    [15, '0', 'copay-exempt'],
  ];
  return flags
    .filter(([n, value]) => element(sv1, n) === value)
    .map(([, , code]) => concept(system.serviceIndicator, code));
}

function servedOn(loop: Loop): Pick<ClaimItem, 'servicedDate' | 'servicedPeriod'> {
  const dtp = segmentsOf(loop, 'DTP', '472')[0];
  const days = dtp ? daysOf(element(dtp, 2), element(dtp, 3)) : undefined;
  if (!days) return {};
  return days.end === undefined
    ? { servicedDate: days.start }
    : { servicedPeriod: { start: days.start, end: days.end } };
}

/** The drug of loop 2410. */
function drugOf(loop: Loop): Pick<ClaimItem, 'detail'> {
  const inner = loopOf(loop, '2410');
  const [lin, ctp] = inner ? [segmentOf(inner, 'LIN'), segmentOf(inner, 'CTP')] : [];
  if (!lin) return {};
  const amount = ctp ? numberOf(element(ctp, 4)) : undefined;
  const unit = ctp ? component(ctp, 5, 1) : '';
  const code = Object.entries(drugUnits).find(([, name]) => name === unit)?.[0] ?? '1';
  const quantity = amount === undefined ? {} : { quantity: { value: amount, system: system.ucum, code } };
  return { detail: [{ sequence: 1, productOrService: concept(system.ndc, element(lin, 3)), ...quantity }] };
}
