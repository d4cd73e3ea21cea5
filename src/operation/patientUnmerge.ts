import type { Account, Basic, Parameters, Patient, Resource } from '@medplum/fhirtypes';
import { balance, mergedBy, mergeReversed } from '../billing/ledger/index.ts';
import { negate, sum, zero, type Cents } from '../datatypes/cents.ts';
import type { Entry } from '../datatypes/entry.ts';
import { changed, without } from '../datatypes/json.ts';
import { parseReference, referenceText, same } from '../datatypes/reference.ts';
import { contentText } from '../datatypes/content.ts';
import { parsed, readResource, resolve, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, missing } from '../outcome/issue.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { post } from './closing/post.ts';
import { requireOwnPractice } from './closing/ownPractice.ts';
import { operationDefinition } from './definition.ts';
import { keptBy } from './books/keptBy.ts';
import { mergeKey } from './merge/mergeKey.ts';
import { proposed } from './merge/proposed.ts';
import { lastDay } from './merge/moveAccounts.ts';
import { lockPatients } from './merge/mergeParties.ts';
import { replacedBy } from './merge/replacedBy.ts';
import { mergeOf, type Merge } from './merge/mergeRecord.ts';
import { turnedBack } from './merge/turnReferences.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { accountKey, holderOf, isHeldBy, isTaken, releaseKey, reserveKey } from './uniqueKey.ts';

type Stored<T> = T & { id: string };

/** POST [base]/Patient/[id]/$unmerge: a record that was merged by mistake is one of its own again, by two people. */
export const patientUnmerge: Operation = {
  definition: operationDefinition('Patient-unmerge'),
  permission: 'merge',
  async run(call): Promise<Parameters> {
    const { tx } = call;
    const source = await readResource<Stored<Patient>>(tx, 'Patient', call.target.id ?? '');
    const from = referenceText(source);
    const reason = parameter(call.input, 'reason')?.valueString?.trim() ?? '';
    const at = "Parameters.parameter.where(name='reason').value";
    if (reason === '') throw unprocessable([missing('reason-missing', at, 'the reason is missing')]);
    await lockPatients(call, from, replacedBy(source) ?? from);
    const record = await holderOf<Basic>(tx, mergeKey(from));
    if (!record) throw unprocessable([businessFault('not-merged', 'Patient', `${from} was not merged here`)]);
    const merge = mergeOf(record);
    const accounts = await accountsOf(call, merge);
    await requireUndoable(call, merge, referenceText(record));
    const waiting = await secondPerson(call, {
      ...{ operation: 'unmerge', isAlways: true, amount: zero, atStake: zero },
      ...{
        patient: merge.target,
        practice:
          record.author?.reference === undefined
            ? accounts[0]?.owner
            : { reference: record.author.reference },
      },
      text: `the merge of ${from} into ${merge.target} is to be undone`,
      input: proposed(call.input, source),
    });
    if (waiting) return waiting;
    const written = await restore(call, { merge, record, source, accounts });
    const text = `${from} is a record of its own again: ${written} resources name it`;
    return answer(
      [['result', await readResource<Patient>(tx, 'Patient', source.id)]],
      [decided('unmerged', 'Patient', text)],
    );
  },
};

/** The Accounts that a merge moved; 403 where the books of one are not the caller's. */
async function accountsOf({ tx, context }: Call, { accounts }: Merge): Promise<Stored<Account>[]> {
  const found: Stored<Account>[] = [];
  for (const { account } of accounts) {
    const one = await readResource<Stored<Account>>(tx, 'Account', parseReference(account)?.id ?? '');
    requireOwnPractice(context, parseReference(one.owner?.reference)?.id ?? '');
    found.push(one);
  }
  return found;
}

/** 409 where something was done since that only one record can have done. */
async function requireUndoable({ tx }: Call, merge: Merge, record: string): Promise<void> {
  const target = await resolve<Patient>(tx, 'Patient', { reference: merge.target });
  const further = target && replacedBy(target);
  if (further !== undefined)
    throw conflict(
      'patient-merged',
      `${merge.target} was merged into ${further} since: undo that first`,
      'Patient.link',
    );
  const own = new Set(merge.before.map((name) => name.split('/_history/')[0] ?? ''));
  for (const { account, under, entries } of merge.accounts) {
    if (under === undefined) {
      const posted = await tx.journal(account);
      if (entries !== undefined && freeCredit(posted.slice(entries)) > 0)
        throw conflict(
          'posted-since',
          `money came in on ${account} since the merge, for no visit`,
          'Account',
        );
      const visits = new Set(posted.flatMap((e) => e.postings.flatMap((p) => p.encounter ?? [])));
      for (const visit of visits) {
        const found = await resolve(tx, 'Encounter', { reference: visit });
        const isOfTarget = found?.resourceType === 'Encounter' && found.subject?.reference === merge.target;
        if (isOfTarget && !own.has(visit))
          throw conflict('posted-since', `${visit} was charged on ${account} since the merge`, 'Account');
      }
      continue;
    }
    const journal = await tx.journal(under);
    const moved = mergedBy(journal, record).flatMap((e) => e.postings);
    const brought = sum(moved.flatMap((p) => (p.account === 'merged-accounts' ? [p.amount] : [])));
    if (freeCredit(journal) < brought)
      throw conflict('posted-since', `credit that the merge brought to ${under} was used since`, 'Account');
  }
}

/** What entries leave as credit of a patient that is kept for no visit. */
const freeCredit = (entries: readonly Entry[]): Cents =>
  negate(
    balance(
      entries.map((e) => ({ ...e, postings: e.postings.filter((p) => p.encounter === undefined) })),
      { account: 'unapplied-patient-credit' },
    ),
  );

/** Turns everything back that the merge turned, and posts its entries back. Answers how many resources were written. */
async function restore(
  call: Call,
  {
    merge,
    record,
    source,
    accounts,
  }: {
    readonly merge: Merge;
    readonly record: Stored<Basic>;
    readonly source: Stored<Patient>;
    readonly accounts: readonly Stored<Account>[];
  },
): Promise<number> {
  const { context, tx } = call;
  const [from, to] = [merge.source, merge.target];
  for (const account of accounts) await backToSource(call, account, merge);
  let written = 0;
  for (const name of merge.before) {
    const at = parseReference(name);
    if (!at || at.type === 'Patient') continue;
    const [now, then] = [await tx.read(at.type, at.id), await tx.vread(at.type, at.id, Number(at.version))];
    if (!now || now.deleted || !then) continue;
    const resource = changed(parsed<Resource>(now), { id: at.id });
    if ((await keptBy(tx, resource)) !== undefined) continue; // it was sent or posted since, and keeps its patient
    const before = parsed<Resource>(then);
    const back = withAccountOf(turnedBack(resource, before, { from, to }), before);
    if (contentText(back) === contentText(resource)) continue;
    await updateResource(context, tx, back);
    written += 1;
  }
  const [version] = merge.before;
  const then = parseReference(version);
  const former = then && (await tx.vread('Patient', source.id, Number(then.version)));
  const links = (source.link ?? []).filter(
    ({ type, other }) => !(type === 'replaced-by' && other.reference === to),
  );
  const wasActive = former && parsed<Patient>(former).active;
  const alone = links.length > 0 ? changed(source, { link: links }) : without(source, 'link');
  const patient = wasActive === undefined ? without(alone, 'active') : changed(alone, { active: wasActive });
  await updateResource<Patient>(context, tx, changed(patient, { id: source.id }));
  const other = await readResource<Stored<Patient>>(tx, 'Patient', parseReference(to)?.id ?? '');
  const left = (other.link ?? []).filter(
    ({ type, other: of }) => !(type === 'replaces' && of.reference === from),
  );
  const stays = left.length > 0 ? changed(other, { link: left }) : without(other, 'link');
  await updateResource<Patient>(context, tx, changed(stays, { id: other.id }));
  await releaseKey(tx, mergeKey(from));
  await reverseCredit(call, merge, referenceText(record));
  return written;
}

/** An Encounter names the Account that it named before the merge, or none. */
function withAccountOf<T extends Resource>(now: T, before: Resource): T {
  if (now.resourceType !== 'Encounter' || before.resourceType !== 'Encounter') return now;
  const account = before.account;
  return account ? changed(now, { account }) : (without(now, 'account' as keyof T) as T);
}

async function backToSource({ context, tx }: Call, account: Stored<Account>, merge: Merge): Promise<void> {
  const { source: from, target: to, accounts } = merge;
  const name = referenceText(account);
  const under = accounts.find((one) => one.account === name)?.under;
  const back = changed(account, {
    subject: (account.subject ?? []).map((one) =>
      same(one, { reference: to }) ? { ...one, reference: from } : one,
    ),
    guarantor: (account.guarantor ?? []).map((one) =>
      same(one.party, { reference: to }) ? changed(one, { party: { ...one.party, reference: from } }) : one,
    ),
  });
  const alone = under === undefined ? back : without(back, 'partOf');
  const kept = back.guarantor.length > 0 ? alone : without(alone, 'guarantor');
  await updateResource<Account>(context, tx, changed(kept, { id: account.id }));
  const practice = account.owner?.reference ?? '';
  const [own, other] = [accountKey(from, practice), accountKey(to, practice)];
  const isMain = under === undefined && (await isHeldBy(tx, other, name));
  if (isMain) await releaseKey(tx, other);
  // one of the Accounts of a record at a practice is the one that visits are charged on
  if (isMain || (under !== undefined && !(await isTaken(tx, own)))) await reserveKey(tx, own, name);
}

/** The entries of the merge are taken back on both Accounts, on one day. */
async function reverseCredit(call: Call, { accounts }: Merge, record: string): Promise<void> {
  const { context, tx } = call;
  const cause = `${record}/_history/1`;
  for (const { account, under } of accounts) {
    if (under === undefined) continue;
    const moved = [await tx.journal(account), await tx.journal(under)];
    const on = lastDay(call, ...moved);
    for (const entry of moved.flatMap((journal) => mergedBy(journal, record)))
      await post(call, mergeReversed(entry, { id: context.newId(), on, cause }));
  }
}
