import type { PaymentReconciliation } from '@medplum/fhirtypes';
import { isBankDeposit, openOrdinals, sourceOf } from '../billing/remittance/reconciliation.ts';
import { referenceText } from '../datatypes/reference.ts';
import { changed } from '../datatypes/json.ts';
import { readResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { heldMax, postHeld } from './remittance/postHeld.ts';
import { postAgain } from './remittance/postAgain.ts';
import { readSource } from './remittance/readSource.ts';
import { sizeBeside } from './x12/content.ts';

/** POST [base]/PaymentReconciliation/[id]/$post: what waits for a person is tried again, with what they say of it. */
export const paymentReconciliationPost: Operation = {
  definition: operationDefinition('PaymentReconciliation-post'),
  permission: 'post-remittance',
  async run(call): Promise<PaymentReconciliation> {
    const { tx, input, on } = call;
    const id = call.target.id ?? '';
    const stored = await readResource<PaymentReconciliation>(tx, 'PaymentReconciliation', id);
    const found = changed(stored, { id });
    const name = referenceText(found);
    if (found.status === 'cancelled')
      throw conflict('remittance-reversed', `${name} was taken back`, 'PaymentReconciliation.status');
    const source = sourceOf(found);
    if (isBankDeposit(found)) {
      const text = `the 835 of ${name} did not come: enter its EOB by PaymentReconciliation/$post under its number`;
      throw unprocessable([businessFault('remittance-awaited', 'PaymentReconciliation', text)]);
    }
    if (!source) {
      const text = `${name} came with the answer of its claim: nothing of it is held`;
      throw unprocessable([businessFault('remittance-of-answer', 'PaymentReconciliation', text)]);
    }
    if (found.outcome === 'complete') return found;
    const isLarge = (await sizeBeside(tx, source.binary)) !== undefined;
    if (isLarge && (parameter(input, 'claim') || parameter(input, 'difference'))) {
      const text = `the interchange of ${name} is too large to be read within one request: ask the payer to send the claim again`;
      throw unprocessable([businessFault('interchange-too-large', 'PaymentReconciliation', text)]);
    }
    if (isLarge) {
      await postAgain(call, { remittance: name, on, source });
      return found;
    }
    const advice = await readSource(tx, source, { payment: found });
    const isPlain = !parameter(input, 'claim') && !parameter(input, 'difference');
    if (isPlain && openOrdinals(found, advice.claims.length).length > heldMax) {
      await postAgain(call, { remittance: name, on, source });
      return found;
    }
    const difference = parameter(input, 'difference')?.valueBoolean === true;
    return postHeld(call, found, { advice, source, difference });
  },
};
