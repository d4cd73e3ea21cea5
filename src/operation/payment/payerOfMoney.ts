import type { Account, Invoice, Reference } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { unresolved } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';

const payers = ['Patient', 'RelatedPerson', 'Organization'] as const;

/**
 * Whose money pays an Invoice or an Account where nobody says it: the recipient of the Invoice, else the guarantor of
 * the Account, else its patient.
 */
export async function payerOfMoney({ tx }: Call, request: Reference | undefined): Promise<string> {
  const invoice = await resolve<Invoice>(tx, 'Invoice', request);
  const account = await resolve<Account>(tx, 'Account', invoice ? invoice.account : request);
  const party =
    invoice?.recipient ??
    account?.guarantor?.find((g) => !g.onHold)?.party ??
    account?.subject?.find((s) => parseReference(s.reference)?.type === 'Patient');
  const target = parseReference(party?.reference);
  return target ? `${target.type}/${target.id}` : (party?.reference ?? '');
}

/** The payer that a caller names: a Patient, RelatedPerson or Organization that is here. */
export async function payerInput({ tx, input }: Call): Promise<string | undefined> {
  const reference = parameter(input, 'payer')?.valueReference;
  if (reference === undefined) return undefined;
  const target = parseReference(reference.reference);
  const type = payers.find((p) => p === target?.type);
  if (target === undefined || type === undefined || !(await resolve(tx, type, reference))) {
    const at = "Parameters.parameter.where(name='payer').value";
    const text = 'names no Patient, RelatedPerson or Organization that is here';
    throw unprocessable([unresolved('payer-unknown', at, text)]);
  }
  return `${target.type}/${target.id}`;
}
