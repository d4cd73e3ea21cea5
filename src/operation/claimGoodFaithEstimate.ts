import { createHash } from 'node:crypto';
import type { Claim, Parameters } from '@medplum/fhirtypes';
import { estimateDue } from '../billing/estimate/clock.ts';
import { goodFaithClaim, totalOf } from '../billing/estimate/goodFaith.ts';
import { ownNumber } from '../billing/payment/receipt.ts';
import { toText } from '../datatypes/cents.ts';
import { contentText } from '../datatypes/content.ts';
import { referenceText } from '../datatypes/reference.ts';
import { createResource } from '../interaction/repository.ts';
import { decided, warning, type Issue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import { estimateKey } from './estimate/estimateKey.ts';
import { estimateLetter } from './estimate/estimateLetter.ts';
import { estimateRecord } from './estimate/estimateRecord.ts';
import { closeMissing } from './estimate/estimatesWork.ts';
import { readEstimate, type AskedEstimate } from './estimate/readEstimate.ts';
import type { Call, Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { giveDocument } from './statement/giveDocument.ts';
import { patientRecipient } from './statement/recipient.ts';
import { holderOf, reserveKey } from './uniqueKey.ts';

/** POST [base]/Claim/$good-faith-estimate: what a patient without insurance will be charged. 45 CFR 149.610 */
export const claimGoodFaithEstimate: Operation = {
  definition: operationDefinition('Claim-good-faith-estimate'),
  permission: 'bill-patient',
  async run(call): Promise<Parameters> {
    const { on } = call;
    const asked = await readEstimate(call);
    const recipient = patientRecipient(asked.patient, on, false);
    const { claim, isNew } = await keptClaim(call, asked);
    const number = claim.identifier?.[0]?.value ?? '';
    const issues = [...decisions(claim, asked, isNew), ...(isNew ? lateness(asked, on) : [])];
    const { document, pdf } = await giveDocument(call, {
      id: call.context.newId(),
      keep: estimateRecord(claim, asked, recipient),
      letter: () => estimateLetter({ ...asked, recipient, number, on: claim.created.slice(0, 10) }),
    });
    return answer(
      [['estimate', claim], ['document', document], ...(pdf ? [['pdf', pdf] as const] : [])],
      issues,
    );
  },
};

type Kept = Claim & { readonly id: string };

/** The estimate that says the same, else a new one. */
async function keptClaim(call: Call, asked: AskedEstimate): Promise<{ claim: Kept; isNew: boolean }> {
  const { context, tx, on } = call;
  const key = estimateKey(hashOf(asked));
  const known = await holderOf(tx, key);
  if (known) return { claim: known, isNew: false };
  const id = context.newId();
  const { provider, appointment, labels, diagnoses, items } = asked;
  const claim = await createResource(
    context,
    tx,
    goodFaithClaim({
      ...{ id, number: ownNumber('GFE', id), on, provider, appointment, labels, diagnoses, items },
      patient: referenceText(asked.patient),
      practice: referenceText(asked.practice),
    }),
  );
  await reserveKey(tx, key, referenceText(claim));
  if (appointment !== undefined) await closeMissing(call, appointment);
  return { claim, isNew: true };
}

const hashOf = ({ patient, practice, provider, appointment, ...said }: AskedEstimate): string => {
  const { date, items, diagnoses, separate } = said;
  const parties = [
    referenceText(patient),
    referenceText(practice),
    provider?.reference ?? '',
    appointment ?? '',
  ];
  return createHash('sha256')
    .update(contentText([...parties, date, items, diagnoses, separate]))
    .digest('base64url');
};

function decisions(claim: Kept, { items }: AskedEstimate, isNew: boolean): Issue[] {
  const name = referenceText(claim);
  return [
    isNew
      ? decided('created', 'Claim', `${name} estimates ${toText(totalOf(items))}`)
      : decided('already-there', 'Claim', `${name} says the same; no second one was written`),
  ];
}

function lateness(asked: AskedEstimate, on: string): Issue[] {
  const due = estimateDue(asked);
  if (due === undefined || on <= due) return [];
  return [warning('estimate-late', 'Claim.created', `this estimate was to be given by ${due}`)];
}
