import type { Coverage, CoverageEligibilityResponse, Extension } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { extension, system } from '../../terminology/system.ts';
import { kindOf, resultOf } from './result.ts';

/** What a payer's answer says of a Coverage that the practice has otherwise: each is a proposal for a person. */
export type Correction =
  | { readonly kind: 'member'; readonly member: string }
  | { readonly kind: 'plan'; readonly plan: string }
  | { readonly kind: 'ended'; readonly end: string }
  | {
      readonly kind: 'other-payer';
      readonly name: string;
      readonly payerId: string;
      readonly order: string; // primary, secondary, tertiary, or ''
    };

/** The member number that the payer has, where it names one. */
export const memberOf = ({ insurance = [] }: CoverageEligibilityResponse): string =>
  insurance.map(({ coverage }) => coverage.identifier?.value ?? '').find((value) => value !== '') ?? '';

export const memberNumberOf = (coverage: Coverage): string =>
  coverage.identifier?.find((i) =>
    i.type?.coding?.some((c) => c.system === system.identifierType && c.code === 'MB'),
  )?.value ??
  coverage.subscriberId ??
  '';

/** The differences between a Coverage and what its payer answered for a day. */
export function correctionsOf(
  coverage: Coverage,
  response: CoverageEligibilityResponse,
  day: string,
): Correction[] {
  const result = resultOf(response);
  if (result === 'not-answered') return [];
  const insurance = response.insurance ?? [];
  const items = insurance.flatMap(({ item = [] }) => item);
  const member = memberOf(response);
  const plan = items.find((item) => kindOf(item) === '1' && item.name !== undefined)?.name ?? '';
  const end = insurance.find(({ benefitPeriod }) => benefitPeriod?.end !== undefined)?.benefitPeriod?.end;
  const known = coverage.class?.find((c) => c.type.coding?.some((x) => x.code === 'plan'));
  const isPlanKnown = [known?.value, known?.name].some((name) => plain(name) === plain(plan));
  return [
    ...(member === '' || plain(member) === plain(memberNumberOf(coverage))
      ? []
      : [{ kind: 'member' as const, member }]),
    ...(result === 'inactive' || plan === '' || isPlanKnown ? [] : [{ kind: 'plan' as const, plan }]),
    ...(result === 'inactive' ? endedOf(coverage, end, day) : []),
    ...items.flatMap((item) => otherPayerOf(extensionOf(item, extension.otherPayer))),
  ];
}

/** A coverage that is not active ended on the day that is said; where none is said before the day, nothing is known. */
function endedOf(coverage: Coverage, end: string | undefined, day: string): Correction[] {
  if (end === undefined || end.slice(0, 10) >= day) return [];
  const known = coverage.period?.end?.slice(0, 10);
  return known !== undefined && known <= end.slice(0, 10) ? [] : [{ kind: 'ended', end: end.slice(0, 10) }];
}

function otherPayerOf(said: Extension | undefined): Correction[] {
  if (!said) return [];
  const part = (url: string) => said.extension?.find((e) => e.url === url);
  const name = part('name')?.valueString ?? '';
  const payerId = part('payerId')?.valueString ?? '';
  const order = part('order')?.valueCode ?? '';
  return [{ kind: 'other-payer', name, payerId, order }];
}

const plain = (text: string | undefined): string => (text ?? '').replace(/[^A-Za-z0-9]/g, '').toUpperCase();

/** The Coverage with a correction that changes it; of another payer there is a further Coverage instead. */
export function corrected(
  coverage: Coverage & { id: string },
  correction: Exclude<Correction, { kind: 'other-payer' }>,
): Coverage & { id: string } {
  switch (correction.kind) {
    case 'member': {
      const { member } = correction;
      const isMember = (i: NonNullable<Coverage['identifier']>[number]): boolean =>
        i.type?.coding?.some((c) => c.system === system.identifierType && c.code === 'MB') === true;
      const identifier = coverage.identifier?.map((i) => (isMember(i) ? changed(i, { value: member }) : i));
      return changed(coverage, { ...(identifier ? { identifier } : {}), subscriberId: member });
    }
    case 'plan': {
      const isPlan = (c: NonNullable<Coverage['class']>[number]): boolean =>
        c.type.coding?.some((x) => x.code === 'plan') === true;
      const type = { coding: [{ system: system.coverageClass, code: 'plan' }] };
      const others = (coverage.class ?? []).filter((c) => !isPlan(c));
      return changed(coverage, { class: [...others, { type, value: correction.plan }] });
    }
    case 'ended':
      return changed(coverage, { period: changed(coverage.period ?? {}, { end: correction.end }) });
  }
}
