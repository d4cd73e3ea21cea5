import type { Account, Extension, Patient } from '@medplum/fhirtypes';
import { addDays, contains, dateOf } from '../../datatypes/date.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { extension } from '../../terminology/system.ts';

/**
 * Why an Account is held back. What each hold stops:
 * - `contact`: nobody writes to the patient or guarantor about money
 * - `bill`: nothing new is asked of the patient
 * Every hold stops dunning, agencies and what a rule clears by itself.
 */
const effects = {
  bankruptcy: { contact: true, bill: true }, // the automatic stay: 11 USC 362
  deceased: { contact: true, bill: true }, // only the estate is written to
  dispute: { contact: false, bill: true },
  ppdr: { contact: false, bill: true }, // patient-provider dispute: 45 CFR 149.620
  'charity-application': { contact: false, bill: true },
  appeal: { contact: false, bill: true },
  'returned-mail': { contact: true, bill: false }, // until there is another address
  manual: { contact: false, bill: false },
} as const;

export type HoldReason = keyof typeof effects;
export const holdReasons = Object.keys(effects) as readonly HoldReason[];
export const isHoldReason = (code: string | undefined): code is HoldReason =>
  code !== undefined && Object.hasOwn(effects, code);

/** A reason that is not known holds back what `manual` does. */
const reasonOf = (hold: Extension): HoldReason => {
  const code = extensionOf(hold, 'reason')?.valueCode;
  return isHoldReason(code) ? code : 'manual';
};

const standsOn = (hold: Extension, day: string): boolean =>
  contains(extensionOf(hold, 'period')?.valuePeriod, day);

/** A patient has died when it says so; a date of death counts from its day. */
function hasDied(patient: Pick<Patient, 'deceasedBoolean' | 'deceasedDateTime'> | undefined, day: string) {
  if (patient?.deceasedBoolean === true) return true;
  return (patient?.deceasedDateTime?.slice(0, 10) ?? '9999') <= day;
}

/** The holds that an Account stands under on a day; a patient who died is one without anybody saying it. */
export function holdsOn(
  account: Pick<Account, 'extension'> | undefined,
  patient: Pick<Patient, 'deceasedBoolean' | 'deceasedDateTime'> | undefined,
  day: string,
): HoldReason[] {
  const said = extensionsOf(account, extension.billingHold).filter((hold) => standsOn(hold, day));
  return [...new Set([...said.map(reasonOf), ...(hasDied(patient, day) ? (['deceased'] as const) : [])])];
}

/** Whether somebody may be written to about money; of a patient who died only the estate. */
export const mayContact = (holds: readonly HoldReason[], toEstate = false): boolean =>
  holds.every((hold) => !effects[hold].contact || (toEstate && hold === 'deceased'));

/** Whether more may be asked of the patient; of a patient who died only of the estate. */
export const mayBill = (holds: readonly HoldReason[], toEstate = false): boolean =>
  holds.every((hold) => !effects[hold].bill || (toEstate && hold === 'deceased'));

/** Whether an Account may be dunned, placed with an agency or cleared by a rule. */
export const mayCollect = (holds: readonly HoldReason[]): boolean => holds.length === 0;

/** The Account with a hold more; the same where one of the reason stands on its first day already. */
export function held<T extends Account>(
  account: T,
  hold: { readonly reason: HoldReason; readonly start: string; readonly end?: string | undefined },
): T {
  const { reason, start, end } = hold;
  const stands = extensionsOf(account, extension.billingHold).some(
    (one) => reasonOf(one) === reason && standsOn(one, start),
  );
  if (stands) return account;
  const added: Extension = {
    url: extension.billingHold,
    extension: [
      { url: 'reason', valueCode: reason },
      { url: 'period', valuePeriod: { start, ...(end === undefined ? {} : { end }) } },
    ],
  };
  return changed(account, { extension: [...(account.extension ?? []), added] });
}

/** The Account on which a hold stands no longer from a day on; the same where none does. */
export function released<T extends Account>(account: T, reason: HoldReason, on: string): T {
  const isIt = (one: Extension): boolean =>
    one.url === extension.billingHold && reasonOf(one) === reason && !endsBefore(one, on);
  const all = account.extension ?? [];
  if (!all.some(isIt)) return account;
  const rest = all.flatMap((one) => (isIt(one) ? ended(one, on) : [one]));
  return changed(account, { extension: rest.length > 0 ? rest : undefined });
}

const endsBefore = (hold: Extension, on: string): boolean => {
  const end = extensionOf(hold, 'period')?.valuePeriod?.end;
  return end !== undefined && dateOf(end) < on;
};

/** A hold that began on the day or later never stood. */
function ended(hold: Extension, on: string): Extension[] {
  const period = extensionOf(hold, 'period')?.valuePeriod ?? {};
  if (period.start !== undefined && dateOf(period.start) >= on) return [];
  const parts = (hold.extension ?? []).filter((part) => part.url !== 'period');
  const last = changed(period, { end: addDays(on, -1) });
  return [changed(hold, { extension: [...parts, { url: 'period', valuePeriod: last }] })];
}
