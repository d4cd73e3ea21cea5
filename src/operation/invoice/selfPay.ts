import type { ChargeItem, Encounter } from '@medplum/fhirtypes';
import type { Cover } from '../../billing/claim/assign.ts';
import type { PayerOrder } from '../../billing/claim/payerOrder.ts';
import { unbilledCharges } from '../../billing/ledger/index.ts';
import { dayIn } from '../../billing/charge/night.ts';
import { resolve } from '../../interaction/repository.ts';
import { codeOfIssue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import { zoneOfVisit } from '../call/practiceZone.ts';
import { coverOf } from '../claim/cover.ts';
import { restrictedAmong } from '../claim/restricted.ts';

/** True when no payer is asked for a visit: no Coverage, or only such that are not active on its day. */
export const isSelfPay = ({ selfPay, faults }: PayerOrder): boolean =>
  selfPay || (faults.length > 0 && faults.every((f) => codeOfIssue(f) === 'coverage-not-active'));

/** The unbilled charges of an Account that no payer is asked for: those of a stay by its plan's rule, others by their own day. */
export async function selfPayCharges(call: Call, of: PatientAccount, asOf: string): Promise<Set<string>> {
  const found = new Set<string>();
  const open = Map.groupBy(unbilledCharges(of.journal, asOf), (line) => line.encounter ?? '');
  for (const [reference, lines] of open) {
    const encounter = await resolve<Encounter>(call.tx, 'Encounter', { reference });
    if (!encounter) continue;
    const { zone } = await zoneOfVisit(call.context, call.tx, encounter);
    const start = encounter.period?.start;
    const day = start === undefined ? asOf : dayIn(zone, start);
    const cover = await coverOf(call, { encounter, patient: of.patient, zone, day }, of.account);
    const restricted = await restrictedAmong(call, [reference, ...lines.map(({ charge = '' }) => charge)]);
    for (const { charge = '' } of lines) {
      if (restricted.has(reference) || restricted.has(charge)) found.add(charge);
      const item = await resolve<ChargeItem>(call.tx, 'ChargeItem', { reference: charge });
      const done = item?.occurrenceDateTime ?? item?.occurrencePeriod?.start;
      const isOfStay = (item?.performingOrganization ?? of.practice).reference === of.practice.reference;
      if (isOwn(cover, done === undefined ? day : dayIn(zone, done), isOfStay)) found.add(charge);
    }
  }
  return found;
}

/** Whether the patient pays for a day. A stay without a rule is held, and by entitlement the days before it are nobody's. */
function isOwn({ stay, rule, payersOn }: Cover, day: string, isOfStay: boolean): boolean {
  const changes = isOfStay && stay !== undefined && stay.stretches.length > 1;
  if (changes && rule !== 'split') return false;
  return isSelfPay(payersOn(day));
}
