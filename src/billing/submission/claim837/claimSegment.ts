import type { Claim, ClaimAccident, Extension } from '@medplum/fhirtypes';
import { centsOf, zero } from '../../../datatypes/cents.ts';
import { codeOf, concept } from '../../../datatypes/coding.ts';
import { extensionOf } from '../../../datatypes/extension.ts';
import { frequencyOf, priorClaimOf } from '../../../terminology/claimFrequency.ts';
import { extension, system } from '../../../terminology/system.ts';
import { component, element, segment, type Segment } from '../../../x12/segment.ts';
import type { ClaimForm, Sending } from './sending.ts';
import { supportOf } from './support.ts';
import { amountText } from './value.ts';

/** CLM and what belongs to it, each way. */

const signatures = [
  extension.providerSignature,
  extension.acceptAssignment,
  extension.assignmentOfBenefits,
  extension.releaseOfInformation,
] as const;

/** CLM06 to CLM09, and OI of another payer: the value of a signature of the claim. */
export const signatureOf = (claim: Claim, url: string): string =>
  extensionOf(extensionOf(claim, url), 'value')?.valueCode ?? '';

const causes: Readonly<Record<string, string>> = { MVA: 'AA', AA: 'AA', WPA: 'EM', EM: 'EM' };

/** CLM11: the accident, or a related cause of its own; the state of a car accident. */
function relatedCauses(claim: Claim): string[] {
  const { accident } = claim;
  const type = accident?.type?.coding
    ?.map(({ code }) => causes[code ?? ''])
    .find((code) => code !== undefined);
  const own = supportOf(claim, 'related-cause').flatMap(({ code }) => code?.coding?.[0]?.code ?? []);
  const all = [...new Set([...(accident ? [type ?? 'OA'] : []), ...own])].slice(0, 2);
  const { state, country } = accident?.locationAddress ?? {};
  return all.length === 0 ? [] : [all[0] ?? '', all[1] ?? '', '', state ?? '', country ?? ''];
}

export function claimSegment({ claim, form, number, problems }: Sending): Segment {
  const frequency = frequencyOf(claim);
  const corrects = frequency === '7' || frequency === '8';
  if (corrects && priorClaimOf(claim)?.number === undefined) {
    problems.push({
      expression: 'Claim.related.reference',
      text: 'a replacement or void needs the number that the payer gave the claim',
      refuses: true,
    });
  }
  const [signature, accept, assigned, release] = signatures.map((url) => signatureOf(claim, url));
  return segment('CLM', [
    number,
    amountText(centsOf(claim.total) ?? zero),
    '',
    '',
    facilityCode(claim, form, frequency),
    form === 'institutional' ? '' : (signature ?? ''),
    accept ?? '',
    assigned ?? '',
    release ?? '',
    '',
    form === 'institutional' ? '' : relatedCauses(claim),
    ...['', '', '', '', '', '', '', ''],
    supportOf(claim, 'delay-reason')[0]?.code?.coding?.[0]?.code ?? '',
  ]);
}

/** CLM05: place of service and frequency, or the type of bill (billing rule 13). */
function facilityCode(claim: Claim, form: ClaimForm, frequency: string): string[] {
  if (form !== 'institutional') return [placeOf(claim), 'B', frequency];
  const bill = supportOf(claim, 'typeofbill')[0]?.code?.coding?.[0]?.code ?? '';
  return [bill.slice(-3, -1), 'A', frequency];
}

/** The place of service of a claim: that of its first line that has one. */
export function placeOf(claim: Claim): string {
  const places = (claim.item ?? []).map((item) =>
    codeOf(item.locationCodeableConcept, system.placeOfService, system.placeOfServiceShort),
  );
  return places.find((place) => place !== undefined) ?? '';
}

// From here on: the other way.

export interface ClaimFacts {
  readonly number: string;
  readonly place: string; // CLM05-1
  readonly frequency: string;
  readonly extension: readonly Extension[];
  readonly accident: Omit<ClaimAccident, 'date'> | undefined;
  readonly causes: readonly string[]; // beside the accident
  readonly delayReason: string;
}

export function readClaimSegment(clm: Segment, form: ClaimForm, day: string): ClaimFacts {
  const extensions = signatures.flatMap((url, n) => {
    const value = element(clm, 6 + n);
    if (value === '') return [];
    return [
      {
        url,
        extension: [
          { url: 'value', valueCode: value },
          { url: 'date', valueDate: day },
        ],
      },
    ];
  });
  const all = [component(clm, 11, 1), component(clm, 11, 2), component(clm, 11, 3)].filter((c) => c !== '');
  const [state, country] = [component(clm, 11, 4), component(clm, 11, 5)];
  const place = { ...(state === '' ? {} : { state }), ...(country === '' ? {} : { country }) };
  const type = all[0];
  return {
    number: element(clm, 1),
    place: component(clm, 5, 1),
    frequency: component(clm, 5, 3),
    extension:
      form === 'institutional' ? extensions.filter((e) => e.url !== extension.providerSignature) : extensions,
    accident:
      type === undefined
        ? undefined
        : {
            type: accidentType(type),
            ...(Object.keys(place).length === 0 ? {} : { locationAddress: place }),
          },
    causes: all,
    delayReason: element(clm, 20),
  };
}

function accidentType(cause: string) {
  if (cause === 'AA') return concept(system.actCode, 'MVA');
  return cause === 'EM' ? concept(system.actCode, 'WPA') : concept(system.accident, 'other');
}
