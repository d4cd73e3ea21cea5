import type { ClaimSupportingInfo, Location } from '@medplum/fhirtypes';
import { codeOf, concept } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { loopOf, type Loop } from '../../../x12/loop.ts';
import { element, segment, type Segment } from '../../../x12/segment.ts';
import { addressOf, addressSegments } from './party.ts';
import { locationOf, type Sending } from './sending.ts';
import { categoryOf, type ReadSupport } from './support.ts';
import { decimalText, numberOf, text } from './value.ts';

/** Ambulance transport: CR1 and the places of pick-up and drop-off, each way. */

const find = (said: readonly ClaimSupportingInfo[], category: string): ClaimSupportingInfo | undefined =>
  said.find((info) => categoryOf(info) === category);

/** CR1 of what the claim or line says of a transport. */
export function ambulanceSegments(said: readonly ClaimSupportingInfo[]): Segment[] {
  const weight = find(said, 'patientweight')?.valueQuantity?.value;
  const reason = codeOf(find(said, 'ambulancetransportreason')?.code, system.ambulanceReason);
  const distance = find(said, 'transportationdistance')?.valueQuantity?.value;
  if (weight === undefined && reason === undefined && distance === undefined) return [];
  return [
    segment('CR1', [
      weight === undefined ? '' : 'LB',
      weight === undefined ? '' : decimalText(weight),
      '',
      reason ?? '',
      distance === undefined ? '' : 'DH',
      distance === undefined ? '' : decimalText(distance),
      '',
      '',
      text(find(said, 'roudtrippurpose')?.valueString, 80),
      text(find(said, 'stretcherpurpose')?.valueString, 80),
    ]),
  ];
}

const c4bb = (code: string): ReadSupport['category'] => concept(system.c4bbSupportingInfo, code);

export function readAmbulance(cr1: Segment): ReadSupport[] {
  const [weight, distance] = [numberOf(element(cr1, 2)), numberOf(element(cr1, 6))];
  const reason = element(cr1, 4);
  const words = (n: number, category: string): ReadSupport[] =>
    element(cr1, n) === '' ? [] : [{ category: c4bb(category), valueString: element(cr1, n) }];
  const amount = (category: string, value: number | undefined, code: string): ReadSupport[] =>
    value === undefined
      ? []
      : [{ category: c4bb(category), valueQuantity: { value, unit: code, system: system.ucum, code } }];
  return [
    ...amount('patientweight', weight, '[lb_av]'),
    ...(reason === ''
      ? []
      : [{ category: c4bb('ambulancetransportreason'), code: concept(system.ambulanceReason, reason) }]),
    ...amount('transportationdistance', distance, '[mi_us]'),
    ...words(9, 'roudtrippurpose'),
    ...words(10, 'stretcherpurpose'),
  ];
}

/** The loops of pick-up and drop-off: 2310E and 2310F of a claim, 2420G and 2420H of a line. */
export function ambulancePlaces(
  { known }: Sending,
  said: readonly ClaimSupportingInfo[],
  loops: readonly [string, string],
): Loop[] {
  const place = (category: string, id: string, code: string): Loop[] => {
    const location = locationOf(known, find(said, category)?.valueReference);
    const address = addressSegments(location?.address);
    if (!location || address.length === 0) return [];
    const name = code === '45' ? text(location.name, 60) : '';
    return [{ id, segments: [segment('NM1', [code, '2', name]), ...address], loops: [] }];
  };
  return [...place('pickuplocation', loops[0], 'PW'), ...place('dropofflocation', loops[1], '45')];
}

export function readPlaces(
  loop: Loop,
  loops: readonly [string, string],
  add: (location: Location) => string,
): ReadSupport[] {
  return (['pickuplocation', 'dropofflocation'] as const).flatMap((category, n): ReadSupport[] => {
    const inner = loopOf(loop, loops[n] ?? '');
    const address = inner && addressOf(inner);
    if (!address) return [];
    const nm1 = inner.segments[0];
    const name = nm1 ? element(nm1, 3) : '';
    const location: Location = { resourceType: 'Location', ...(name === '' ? {} : { name }), address };
    return [{ category: c4bb(category), valueReference: { reference: add(location) } }];
  });
}
