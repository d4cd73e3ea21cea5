import type { Basic, Coverage, Extension, Period } from '@medplum/fhirtypes';
import type { Used } from '../billing/adjudication/benefit.ts';
import { centsOf, toMoney, zero, type Cents } from '../datatypes/cents.ts';
import { concept } from '../datatypes/coding.ts';
import { daysBetween } from '../datatypes/date.ts';
import { extensionOf, extensionsOf } from '../datatypes/extension.ts';
import { changed } from '../datatypes/json.ts';
import { extension, system } from '../terminology/system.ts';

/** Days without inpatient care after which a new benefit period begins. 42 CFR 409.60 */
const benefitPeriodGap_days = 60;

type Kind = 'deductible' | 'out-of-pocket' | 'inpatient-deductible' | 'benefit';

/** The member id that a Coverage names: its identifier of type MB, else the subscriber's id. */
export function memberIdOf(coverage: Coverage | undefined): string | undefined {
  const member = coverage?.identifier?.find((i) =>
    i.type?.coding?.some((c) => c.system === system.identifierType && c.code === 'MB'),
  );
  return member?.value ?? coverage?.subscriberId;
}

/** The plan the payer enrolled the member in. */
export const enrolledPlan = (enrollment: Basic | undefined): string | undefined =>
  extensionOf(enrollment, extension.enrolledPlan)?.valueString;

/** The plan value of a Coverage's class. */
export const coveragePlan = (coverage: Coverage | undefined): string | undefined =>
  coverage?.class?.find((c) => c.type.coding?.some((x) => x.code === 'plan'))?.value;

/** When the member is enrolled: the payer's own dates, else those of the Coverage. */
export const enrolledPeriod = (
  enrollment: Basic | undefined,
  coverage: Coverage | undefined,
): Period | undefined => extensionOf(enrollment, extension.enrolledPeriod)?.valuePeriod ?? coverage?.period;

/** A payer's first record of a member it has no enrolment of: no dates of its own, so the Coverage's count. */
export const newEnrollment = (memberId: string, payer: string, patient: string): Basic => ({
  resourceType: 'Basic',
  identifier: [{ system: system.memberId, value: memberId }],
  code: concept(system.basic, 'enrollment'),
  subject: { reference: patient },
  author: { reference: payer },
});

/** What is used of the plan year, and of the benefit period that an admission on that day would fall in. */
export function usedOf(enrollment: Basic | undefined, on: string): Used {
  const amount = (kind: Kind): Cents => centsOf(part(find(enrollment, kind, on), 'used')?.valueMoney) ?? zero;
  const through = part(find(enrollment, 'inpatient-deductible', on), 'through')?.valueDate;
  const running = through === undefined || daysBetween(through, on) <= benefitPeriodGap_days;
  return {
    deductible: amount('deductible'),
    limit: amount('out-of-pocket'),
    inpatientDeductible: running ? amount('inpatient-deductible') : zero,
    paid: amount('benefit'),
  };
}

/** The enrolment with what is used now; `through` is the discharge date of an inpatient stay. */
export function withUsed(
  enrollment: Basic,
  on: string,
  { used, through }: { used: Used; through?: string },
): Basic {
  const year = on.slice(0, 4);
  const { paid = zero } = used;
  const yearly = (kind: Kind, amount: Cents): Extension => ({
    url: extension.accumulator,
    extension: [
      { url: 'kind', valueCode: kind },
      { url: 'year', valueString: year },
      { url: 'used', valueMoney: toMoney(amount) },
    ],
  });
  const stay: Extension = {
    url: extension.accumulator,
    extension: [
      { url: 'kind', valueCode: 'inpatient-deductible' },
      { url: 'through', valueDate: through ?? on },
      { url: 'used', valueMoney: toMoney(used.inpatientDeductible) },
    ],
  };
  const benefit = find(enrollment, 'benefit', on);
  const replaced = new Set([
    find(enrollment, 'deductible', on),
    find(enrollment, 'out-of-pocket', on),
    benefit,
    ...(through === undefined ? [] : [find(enrollment, 'inpatient-deductible', on)]),
  ]);
  return changed(enrollment, {
    extension: [
      ...(enrollment.extension?.filter((e) => !replaced.has(e)) ?? []),
      yearly('deductible', used.deductible),
      yearly('out-of-pocket', used.limit),
      ...(paid === 0 && !benefit ? [] : [yearly('benefit', paid)]),
      ...(through === undefined ? [] : [stay]),
    ],
  });
}

const part = (accumulator: Extension | undefined, url: string): Extension | undefined =>
  accumulator?.extension?.find((e) => e.url === url);

function find(enrollment: Basic | undefined, kind: Kind, on: string): Extension | undefined {
  return extensionsOf(enrollment, extension.accumulator).find(
    (a) =>
      part(a, 'kind')?.valueCode === kind &&
      (kind === 'inpatient-deductible' || part(a, 'year')?.valueString === on.slice(0, 4)),
  );
}
