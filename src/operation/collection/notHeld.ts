import { holdsOn, mayCollect, type HoldReason } from '../../billing/collection/hold.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';

export const holdsOf = ({ account, patient }: PatientAccount, day: string): HoldReason[] =>
  holdsOn(account, patient, day);

/** 422 while the Account stands under one of the holds that stop a step; by default every hold does. */
export function requireNotHeld(
  of: PatientAccount,
  day: string,
  stops: (holds: readonly HoldReason[]) => boolean = (holds) => !mayCollect(holds),
): void {
  const holds = holdsOf(of, day);
  if (!stops(holds)) return;
  const text = `${of.name} is held back: ${holds.join(', ')}`;
  throw unprocessable([businessFault('account-held', 'Account.extension', text)]);
}
