import type { Claim, Consent, DocumentReference, Parameters } from '@medplum/fhirtypes';
import {
  balance,
  groups,
  lastPosted,
  payerChain,
  transferredToPatient,
  transfersOn,
} from '../billing/ledger/index.ts';
import { allocate } from '../billing/payment/allocate.ts';
import { readAmount } from '../billing/payment/amount.ts';
import { ownNumber, sameReference } from '../billing/payment/receipt.ts';
import { sum, toText, zero, type Cents } from '../datatypes/cents.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { parseReference, referenceText, versionText } from '../datatypes/reference.ts';
import { readResource, resolve } from '../interaction/repository.ts';
import { duplicate, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unknownCode, unresolved, type Issue } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { closeDenials } from './claim/closeDenials.ts';
import { post } from './closing/post.ts';
import { requireNotHeld } from './collection/notHeld.ts';
import { mayBill } from '../billing/collection/hold.ts';
import { operationDefinition } from './definition.ts';
import { patientLimits } from './invoice/patientLimits.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
const denied = 'receivable-insurance-denied';
const reasons = ['payer-paid-patient', 'signed-waiver', 'other-agreement'] as const;

/** POST [base]/Claim/[id]/$transfer: what a payer denied and the patient truly owes, by two people and a document. */
export const claimTransfer: Operation = {
  definition: operationDefinition('Claim-transfer'),
  permission: 'bill-patient',
  async run(call): Promise<Parameters> {
    const { tx, context } = call;
    const claim = await readResource<Claim & { id: string }>(tx, 'Claim', call.target.id ?? '');
    const name = referenceText(claim);
    const of = await patientAccount(
      call,
      extensionOf(claim, extension.account)?.valueReference,
      'Claim.extension',
    );
    const { amount, why, reference: said } = await toldBy(call);
    const known = transfersOn(of.journal, name).find((e) => e.reference === said && said !== '');
    if (known) {
      const before = sum(known.postings.map((p) => (p.amount > 0 ? p.amount : zero)));
      if (before !== amount || known.text !== `transferred: ${why}`)
        throw duplicate(
          'reference-used',
          `${said} was used for another transfer of ${name}`,
          at('reference'),
        );
      return answer(
        [],
        [decided('already-there', 'Claim', `${said} is transferred; nothing was posted again`)],
      );
    }
    const last = payerChain(of.journal, name).at(-1);
    if (last !== undefined && last !== name) {
      const text = `a further payer follows: what its claim ${last} leaves is the patient's`;
      throw unprocessable([businessFault('further-payer-follows', 'Claim', text)]);
    }
    requireNotHeld(of, call.on, (holds) => !mayBill(holds));
    const { limits } = await patientLimits(call, [claim]);
    if (limits.qmb || limits.medicaid) {
      const text = 'a QMB or Medicaid patient is not asked for what was denied';
      throw unprocessable([businessFault('never-billed', 'Claim.patient', text)]);
    }
    const open = groups(of.journal, { account: denied, claim: name }, ['encounter', 'item', 'payer']);
    const { applied, rest } = allocate(amount, open);
    if (rest > 0) {
      const text = `denied of ${name} is ${toText(balance(of.journal, { account: denied, claim: name }))}`;
      throw unprocessable([businessFault('above-denied-amount', `${at('amount')}.value`, text)]);
    }
    const step = { operation: 'transfer', isAlways: true, amount, atStake: amount } as const;
    const patient = referenceText(of.patient);
    const waiting = await secondPerson(call, { ...step, patient, practice: of.practice });
    if (waiting) return waiting;
    const id = context.newId();
    const posted = lastPosted(of.journal, new Set([name]));
    const head = { id, on: posted > call.on ? posted : call.on, account: of.name, cause: versionText(claim) };
    const reference = said === '' ? ownNumber('WO', id) : said;
    const entry = await post(
      call,
      transferredToPatient({ ...head, claim: name, why, reference, lines: applied }),
    );
    if (balance([...of.journal, entry], { account: denied, claim: name }) === 0)
      await closeDenials(call, name);
    const text = `${toText(amount)} of ${name} is the patient's to pay under ${reference}: ${why}`;
    return answer([], [decided('transferred', 'Claim', text)]);
  },
};

interface Told {
  readonly amount: Cents;
  readonly why: string;
  readonly reference: string;
}

/** Reads amount, reason and document; 422 with every fault at once. */
async function toldBy({ tx, input }: Call): Promise<Told> {
  const amount = readAmount(parameter(input, 'amount')?.valueMoney, at('amount'));
  const why = reasons.find((one) => one === parameter(input, 'reason')?.valueCode);
  const document = parameter(input, 'document')?.valueReference;
  const type = parseReference(document?.reference)?.type;
  const found =
    type === 'Consent'
      ? await resolve<Consent>(tx, 'Consent', document)
      : await resolve<DocumentReference>(tx, 'DocumentReference', document);
  const faults: Issue[] = [
    ...(typeof amount === 'number' ? [] : [amount]),
    ...(why
      ? []
      : [unknownCode('transfer-reason', at('reason'), `the reason is one of ${reasons.join(', ')}`)]),
    ...(found
      ? []
      : [
          unresolved(
            'document-unknown',
            at('document'),
            'names no DocumentReference or Consent that is here',
          ),
        ]),
  ];
  if (typeof amount !== 'number' || !why || faults.length > 0) throw unprocessable(faults);
  return { amount, why, reference: sameReference(parameter(input, 'reference')?.valueString ?? '') };
}
