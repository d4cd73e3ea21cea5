import type { Binary, PaymentReconciliation } from '@medplum/fhirtypes';
import { referenceText } from '../datatypes/reference.ts';
import { createResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { enteredAdvice } from './remittance/enteredAdvice.ts';
import { heldMax, postHeld } from './remittance/postHeld.ts';
import { enteredType } from './remittance/readSource.ts';
import { receiveAdvice } from './remittance/receiveAdvice.ts';

/** POST [base]/PaymentReconciliation/$post: a payment that came on paper, posted as an 835 is. */
export const paymentReconciliationPostEntered: Operation = {
  definition: operationDefinition('PaymentReconciliation-post-entered'),
  permission: 'post-remittance',
  async run(call): Promise<PaymentReconciliation> {
    const { tx, context } = call;
    const advice = await enteredAdvice(call, call.input);
    if (advice.claims.length > heldMax) {
      const text = `at most ${heldMax} claims are entered at once`;
      throw unprocessable([businessFault('too-many-claims', 'Parameters.parameter', text)]);
    }
    const kept = await createResource<Binary>(context, tx, {
      resourceType: 'Binary',
      contentType: enteredType,
      data: Buffer.from(JSON.stringify(advice)).toString('base64'),
    });
    const source = { binary: referenceText(kept) };
    const { is, reconciliation, held } = await receiveAdvice(call, advice, source);
    if (is === 'differs') {
      const text = `${referenceText(reconciliation)} has this number and another content`;
      throw conflict('remittance-differs', text, "Parameters.parameter.where(name='payment')");
    }
    if (is === 'again' || held.length > 0) return reconciliation;
    return postHeld(call, reconciliation, { advice, source, difference: false, isEntered: true });
  },
};
