import type { Contract, Parameters } from '@medplum/fhirtypes';
import { instalmentsOf, invoicesOf, isFlagged, planContract } from '../billing/collection/plan.ts';
import { sum, toText } from '../datatypes/cents.ts';
import { contentText } from '../datatypes/content.ts';
import { referenceText, referenceTo } from '../datatypes/reference.ts';
import { createResource } from '../interaction/repository.ts';
import { conflict } from '../outcome/fhirError.ts';
import { decided, warning } from '../outcome/issue.ts';
import { requireNotHeld } from './collection/notHeld.ts';
import { openInvoices } from './collection/openInvoices.ts';
import { planInput } from './collection/planInput.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { holderOf, planKey, releaseKey, reserveKey } from './uniqueKey.ts';

/** POST [base]/Account/[id]/$payment-plan: what is open on Invoices is paid in instalments that add up to it. */
export const accountPaymentPlan: Operation = {
  definition: operationDefinition('Account-payment-plan'),
  permission: 'collect',
  async run(call): Promise<Parameters> {
    const { context, tx, on } = call;
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const key = planKey(of.name);
    const known = await holderOf(tx, key);
    if (!known) requireNotHeld(of, on, (holds) => holds.includes('bankruptcy') || holds.includes('deceased'));
    const invoices = openInvoices(call, of);
    const total = sum(invoices.map(({ open }) => open));
    const { instalments, autopay } = planInput(call, total);
    const wanted = planContract({
      account: of.name,
      patient: referenceTo(of.patient),
      practice: of.practice,
      on,
      invoices: invoices.map(({ name }) => name),
      instalments,
      autopay,
    });
    if (known && isSame(known, wanted))
      return answer(
        [['plan', known]],
        [decided('already-there', 'Contract', `${referenceText(known)} is that plan`)],
      );
    if (known) {
      const text = `${referenceText(known)} is kept: $end-plan ends it first`;
      throw conflict('plan-exists', text, 'Contract');
    }
    const plan = await createResource<Contract>(context, tx, wanted);
    await releaseKey(tx, key);
    await reserveKey(tx, key, referenceText(plan));
    const text = `${referenceText(plan)}: ${toText(total)} in ${instalments.length} instalments`;
    const flagged = 'more than four instalments: what the law asks to be told of credit goes with the plan';
    return answer(
      [['plan', plan]],
      [
        decided('created', 'Contract', text),
        ...(isFlagged(instalments) ? [warning('more-than-four-instalments', 'Contract.term', flagged)] : []),
      ],
    );
  },
};

const isSame = (a: Contract, b: Contract): boolean =>
  contentText([instalmentsOf(a), invoicesOf(a), a.extension]) ===
  contentText([instalmentsOf(b), invoicesOf(b), b.extension]);
