import type { Claim, Encounter } from '@medplum/fhirtypes';
import { appointmentOf } from '../../billing/estimate/goodFaith.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, referenceTo, same } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, unresolved } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';

type Estimate = Claim & { readonly id: string };

const at = "Parameters.parameter.where(name='estimate').value";

/** The estimate that money is taken against: one of the Account's patient and practice. */
export async function estimateInput(call: Call, of: PatientAccount): Promise<Estimate | undefined> {
  const reference = parameter(call.input, 'estimate')?.valueReference;
  if (reference === undefined) return undefined;
  const claim = await resolve<Claim>(call.tx, 'Claim', reference);
  if (claim?.id === undefined || claim.use !== 'predetermination')
    throw unprocessable([unresolved('estimate-unknown', at, 'names no estimate that is here')]);
  if (!same(claim.patient, referenceTo(of.patient)) || !same(claim.provider, of.practice)) {
    const text = `${referenceText(claim)} is of another patient or practice than ${of.name}`;
    throw unprocessable([businessFault('estimate-of-another', at, text)]);
  }
  return changed(claim, { id: claim.id });
}

/** The visit that an estimate was for, where it has begun: money that is taken then is kept for it. */
export async function visitOfEstimate({ tx }: Call, estimate: Estimate): Promise<string | undefined> {
  const appointment = appointmentOf(estimate);
  if (appointment === undefined) return undefined;
  const visits = await find<Encounter>(tx, 'Encounter', { appointment });
  const [visit] = visits.filter(
    ({ status, subject }) =>
      status !== 'cancelled' && status !== 'entered-in-error' && same(subject, estimate.patient),
  );
  return visit && referenceText(visit);
}
