import type { Claim, Coverage, Patient } from '@medplum/fhirtypes';
import { qmbOn } from '../../billing/invoice/qmb.ts';
import { costShareEntries } from '../../billing/ledger/index.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { patientAccount } from '../payment/patientAccount.ts';
import { explainedClaim } from './explainedClaim.ts';
import { tellNotAsked } from './notAsked.ts';
import { serviceDay } from './patientLimits.ts';
import { post } from '../closing/post.ts';

/**
 * The last payer of a QMB patient has answered: the cost share it left is taken off the patient in the same
 * transaction, and money that was taken for it is to be refunded.
 */
export async function keepCostShareOff(
  call: Call,
  answered: {
    readonly claim: Claim;
    readonly response: Parameters<typeof versionText>[0];
    readonly account: string;
    readonly on: string;
  },
): Promise<void> {
  const { claim, account } = answered;
  if (!(await mayBeQmb(call, claim))) return;
  const of = await patientAccount(call, { reference: account }, 'Claim');
  const explained = await explainedClaim(call, of.journal, { claim: referenceText(claim) });
  const entries = costShareEntries(of.journal, explained.lines, {
    newId: call.context.newId,
    on: answered.on,
    account,
    cause: versionText(answered.response),
  });
  for (const entry of entries) await post(call, entry);
  if (entries.length > 0) await tellNotAsked(call, of, [explained]);
}

/** Whether the Patient or a Coverage of the claim says so: most claims need no further question. */
async function mayBeQmb({ tx, on }: Call, claim: Claim): Promise<boolean> {
  const day = serviceDay(claim) ?? on;
  if (qmbOn(await resolve<Patient>(tx, 'Patient', claim.patient), day).holds) return true;
  for (const { coverage } of claim.insurance) {
    if (qmbOn(await resolve<Coverage>(tx, 'Coverage', coverage), day).holds) return true;
  }
  return false;
}
