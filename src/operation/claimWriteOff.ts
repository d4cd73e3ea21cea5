import type { Claim, Organization, Parameters } from '@medplum/fhirtypes';
import { isBroughtForward } from '../billing/opening/broughtForward.ts';
import { balance, denialWriteOffsOf, denialWrittenOff, groups, lastPosted } from '../billing/ledger/index.ts';
import { allocate } from '../billing/payment/allocate.ts';
import { readAmount } from '../billing/payment/amount.ts';
import { denialAccounts } from '../billing/payment/denialReason.ts';
import { ownNumber, sameReference } from '../billing/payment/receipt.ts';
import { add, negate, sum, toText, type Cents } from '../datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../datatypes/entry.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { unversioned } from '../datatypes/sentVersion.ts';
import { readResource, resolve } from '../interaction/repository.ts';
import { duplicate, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unknownCode } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { closeDenials } from './claim/closeDenials.ts';
import { lifeOf, requireStep } from './claim/claimLife.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { post } from './closing/post.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
const denied = 'receivable-insurance-denied';

/** POST [base]/Claim/[id]/$write-off: gives up part of what a payer denied, once for each reference. */
export const claimWriteOff: Operation = {
  definition: operationDefinition('Claim-write-off'),
  permission: 'write-off',
  async run(call): Promise<Parameters> {
    const { tx, context } = call;
    const claim = await readResource<Claim & { id: string }>(tx, 'Claim', call.target.id ?? '');
    const name = referenceText(claim);
    const account = extensionOf(claim, extension.account)?.valueReference;
    const of = await patientAccount(call, account, 'Claim.extension');
    const practice = await resolve<Organization>(tx, 'Organization', unversioned(claim.provider));
    const told = toldBy(call, practice);
    const id = context.newId();
    const last = lastPosted(of.journal, new Set([name]));
    const on = last > call.on ? last : call.on;
    const known = knownWriteOff(of.journal, { ...told, claim: name, on });
    if (known) {
      const text = `${toText(told.amount)} of ${name} is written off under ${known.reference ?? ''}; nothing was posted again`;
      return answer([], [decided('already-there', 'Claim', text)]);
    }
    requireStep(claim, (await lifeOf(tx, claim)).state, 'write-off');
    // one of a former system is given up where it stands: its payer has not answered here
    const isDenied = !isBroughtForward(claim) || balance(of.journal, { account: denied, claim: name }) !== 0;
    const from = isDenied ? denied : 'receivable-insurance-open';
    const open = groups(of.journal, { account: from, claim: name }, ['encounter', 'item', 'payer']);
    const { applied, rest } = allocate(told.amount, open);
    if (rest > 0) {
      const what = from === denied ? 'denied' : 'open';
      const text = `${what} of ${name} is ${toText(balance(of.journal, { account: from, claim: name }))}`;
      throw unprocessable([businessFault('above-denied-amount', `${at('amount')}.value`, text)]);
    }
    const waiting = await secondPerson(call, {
      operation: 'write-off',
      amount: told.amount,
      atStake: add(told.amount, sum(denialWriteOffsOf(of.journal, name).map(amountOf))),
      patient: referenceText(of.patient),
      practice: of.practice,
    });
    if (waiting) return waiting;
    const reference = told.reference ?? ownNumber('WO', id);
    const head = { id, on, account: of.name, cause: versionText(claim) };
    const lines = applied.map((line) => ({ ...line, account: from }) as const);
    const entry = denialWrittenOff({ ...head, ...told, claim: name, reference, lines });
    await post(call, entry);
    if (balance([...of.journal, entry], { account: denied, claim: name }) === 0)
      await closeDenials(call, name, 'written-off');
    const text = `${toText(told.amount)} of ${name} is written off under ${reference}: ${told.why}`;
    return answer([], [decided('written-off', 'Claim', text)]);
  },
};

const amountOf = (e: Entry): Cents =>
  negate(sum(e.postings.filter((p) => p.amount < 0).map((p) => p.amount)));

interface Told {
  readonly amount: Cents;
  readonly why: string;
  readonly to: LedgerAccount;
  readonly reference: string | undefined;
}

/** Reads amount, reason and reference; 422 with every fault at once. */
function toldBy({ input }: Call, practice: Organization | undefined): Told {
  const amount = readAmount(parameter(input, 'amount')?.valueMoney, at('amount'));
  const why = parameter(input, 'reason')?.valueCode ?? '';
  const reasons = denialAccounts(practice);
  const to = reasons.get(why);
  const reference = sameReference(parameter(input, 'reference')?.valueString ?? '');
  if (typeof amount === 'number' && to !== undefined)
    return { amount, why, to, reference: reference === '' ? undefined : reference };
  const text = `the reason is one of ${[...reasons.keys()].join(', ')}`;
  throw unprocessable([
    ...(typeof amount === 'number' ? [] : [amount]),
    ...(to === undefined ? [unknownCode('write-off-reason', at('reason'), text)] : []),
  ]);
}

/** The write-off that stands and that this one repeats; 409 where the reference was used for another. */
function knownWriteOff(
  journal: readonly Entry[],
  told: Told & { readonly claim: string; readonly on: string },
): Entry | undefined {
  const isSame = (e: Entry): boolean => amountOf(e) === told.amount && e.text === `written off: ${told.why}`;
  const standing = denialWriteOffsOf(journal, told.claim);
  if (told.reference === undefined) return standing.find((e) => e.on === told.on && isSame(e));
  const known = standing.find((e) => e.reference === told.reference);
  if (known === undefined || isSame(known)) return known;
  const text = `${told.reference} was used for another write-off of ${told.claim}`;
  throw duplicate('reference-used', text, at('reference'));
}
