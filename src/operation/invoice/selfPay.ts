import type { Encounter } from '@medplum/fhirtypes';
import type { PayerOrder } from '../../billing/claim/payerOrder.ts';
import { unbilledVisits } from '../../billing/ledger/index.ts';
import { dayIn } from '../../billing/charge/night.ts';
import { resolve } from '../../interaction/repository.ts';
import { codeOfIssue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import { zoneOfVisit } from '../call/practiceZone.ts';
import { payersOf } from '../claim/payers.ts';

/** True when no payer is asked for a visit: no Coverage, or only such that are not active on its day. */
export const isSelfPay = ({ selfPay, faults }: PayerOrder): boolean =>
  selfPay || (faults.length > 0 && faults.every((f) => codeOfIssue(f) === 'coverage-not-active'));

/** The visits of an Account with unbilled charges that go to the patient. */
export async function selfPayVisits(call: Call, of: PatientAccount, asOf: string): Promise<Set<string>> {
  const visits = new Set<string>();
  for (const { encounter } of unbilledVisits(of.journal, asOf)) {
    if (encounter === undefined) continue;
    const visit = await resolve<Encounter>(call.tx, 'Encounter', { reference: encounter });
    const start = visit?.period?.start;
    const zone = visit && (await zoneOfVisit(call.context, call.tx, visit)).zone;
    const on = start === undefined || zone === undefined ? asOf : dayIn(zone, start);
    const payers = await payersOf(call.tx, { account: of.account, patient: of.patient, on });
    if (isSelfPay(payers)) visits.add(encounter);
  }
  return visits;
}
