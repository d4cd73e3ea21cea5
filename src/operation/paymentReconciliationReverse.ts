import type { PaymentReconciliation } from '@medplum/fhirtypes';
import { adviceOfBank, isBankDeposit, sourceOf } from '../billing/remittance/reconciliation.ts';
import { referenceText } from '../datatypes/reference.ts';
import { changed } from '../datatypes/json.ts';
import { readResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, missing } from '../outcome/issue.ts';
import { openStates } from '../store/job.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { heldMax } from './remittance/postHeld.ts';
import { readSource } from './remittance/readSource.ts';
import { sizeBeside } from './x12/content.ts';
import { reverseRemittance } from './remittance/reverseRemittance.ts';
import { postingJobKey } from './uniqueKey.ts';

/** POST [base]/PaymentReconciliation/[id]/$reverse: a payment that should not have been posted is taken back. */
export const paymentReconciliationReverse: Operation = {
  definition: operationDefinition('PaymentReconciliation-reverse'),
  permission: 'void',
  async run(call): Promise<PaymentReconciliation> {
    const { tx } = call;
    const id = call.target.id ?? '';
    const stored = await readResource<PaymentReconciliation>(tx, 'PaymentReconciliation', id);
    const found = changed(stored, { id });
    const name = referenceText(found);
    const reason = parameter(call.input, 'reason')?.valueString?.trim() ?? '';
    if (reason === '') {
      const at = "Parameters.parameter.where(name='reason').value";
      throw unprocessable([missing('reason-missing', at, 'a reversal has a reason')]);
    }
    if (found.status === 'cancelled') return found;
    const source = sourceOf(found);
    if (isBankDeposit(found))
      return reverseRemittance(call, found, { advice: adviceOfBank(found), source, reason });
    if (!source) {
      const text = `${name} came with the answer of its claim: only its payer takes it back`;
      throw unprocessable([businessFault('remittance-of-answer', 'PaymentReconciliation', text)]);
    }
    const job = await tx.jobs.read(postingJobKey(name));
    if (job && openStates.includes(job.state))
      throw conflict(
        'remittance-at-work',
        `${name} is being posted: try again when it is done`,
        'PaymentReconciliation',
      );
    if ((await sizeBeside(tx, source.binary)) !== undefined) {
      const text = `the interchange of ${name} is too large to be taken back as a whole`;
      throw unprocessable([businessFault('interchange-too-large', 'PaymentReconciliation', text)]);
    }
    const advice = await readSource(tx, source, { payment: found });
    if (advice.claims.length > heldMax) {
      const text = `at most ${heldMax} claims are taken back at once`;
      throw unprocessable([businessFault('too-many-claims', 'PaymentReconciliation.detail', text)]);
    }
    return reverseRemittance(call, found, { advice, source, reason });
  },
};
