import type { Basic, Parameters, Patient } from '@medplum/fhirtypes';
import { toText, zero } from '../datatypes/cents.ts';
import { changed } from '../datatypes/json.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { createResource, updateResource } from '../interaction/repository.ts';
import { decided, type Issue } from '../outcome/issue.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { operationDefinition } from './definition.ts';
import { proposed } from './merge/proposed.ts';
import { mainOf, moveAccounts, moveCredit, shareOf } from './merge/moveAccounts.ts';
import { moveChart } from './merge/moveChart.ts';
import { mergeKey } from './merge/mergeKey.ts';
import { mergeParties, type Parties } from './merge/mergeParties.ts';
import { mergeBasic, type Merge } from './merge/mergeRecord.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { reserveKey } from './uniqueKey.ts';

/** POST [base]/Patient/$merge: two records of one patient become one, by two people. See docs/decision/0063 */
export const patientMerge: Operation = {
  definition: operationDefinition('Patient-merge'),
  permission: 'merge',
  async run(call): Promise<Parameters> {
    const parties = await mergeParties(call);
    const { source, target, accounts, done } = parties;
    const [from, to] = [referenceText(source), referenceText(target)];
    if (done)
      return answer(
        [['result', target]],
        [decided('already-there', 'Patient', `${from} was merged into ${to} before`)],
      );
    const share = shareOf(call, parties);
    const issues = [...share.issues, ...parties.issues];
    const told = accounts.source.map((account) => {
      const main = account.partOf ? undefined : mainOf(account, accounts.target);
      const what = main ? `goes on as part of ${referenceText(main)}` : `becomes an Account of ${to}`;
      return decided('account-moves', 'Account', `${referenceText(account)} ${what}`);
    });
    if (parameter(call.input, 'preview')?.valueBoolean === true)
      return answer([['result', target]], [...told, ...issues]);
    const waiting = await secondPerson(call, {
      ...{ operation: 'merge', isAlways: true, amount: zero, atStake: zero, patient: to, focus: to },
      practice: accounts.target[0]?.owner ?? accounts.source[0]?.owner ?? ownOf(call),
      text: `${from} is to be merged into ${to}`,
      input: proposed(call.input, source),
    });
    if (waiting) return changed(waiting, { parameter: withIssues(waiting, [...told, ...issues]) });
    return merged(call, parties, { told: [...told, ...issues], points: share.points });
  },
};

/** The first practice that a caller works for, where neither record has an Account. */
const ownOf = ({ context }: Call): { reference: string } | undefined => {
  const [own] = context.access?.practices ?? [];
  return own === undefined ? undefined : { reference: `Organization/${own}` };
};

/** An answer with more issues in its outcome. */
const withIssues = ({ parameter = [] }: Parameters, issues: readonly Issue[]): Parameters['parameter'] =>
  parameter.map((one) =>
    one.name === 'outcome' && one.resource?.resourceType === 'OperationOutcome'
      ? changed(one, { resource: changed(one.resource, { issue: [...one.resource.issue, ...issues] }) })
      : one,
  );

async function merged(
  call: Call,
  parties: Parties,
  { told, points }: { readonly told: readonly Issue[]; readonly points: number },
): Promise<Parameters> {
  const { context, tx } = call;
  const { source, target, reason } = parties;
  const [from, to] = [referenceText(source), referenceText(target)];
  const { moved, parts } = await moveAccounts(call, parties);
  const before = await moveChart(call, { from, to, parts });
  await updateResource<Patient>(
    context,
    tx,
    changed(source, {
      active: false,
      link: [...(source.link ?? []), { other: { reference: to }, type: 'replaced-by' as const }],
    }),
  );
  const stays = await updateResource<Patient>(
    context,
    tx,
    changed(target, {
      link: [...(target.link ?? []), { other: { reference: from }, type: 'replaces' as const }],
    }),
  );
  const record: Merge = {
    source: from,
    target: to,
    reason,
    before: [versionText(source), ...before],
    accounts: moved,
  };
  const [first] = [...parties.accounts.target, ...parties.accounts.source];
  const basic = mergeBasic(record, first?.owner?.reference ?? ownOf(call)?.reference);
  const kept = await createResource<Basic>(context, tx, basic);
  await reserveKey(tx, mergeKey(from), referenceText(kept));
  const issues: Issue[] = [
    decided('merged', 'Patient', `${from} is merged into ${to}: ${before.length} resources name it now`),
  ];
  for (const { account, under } of moved) {
    if (under === undefined) continue;
    const amount = await moveCredit(call, { account, under, cause: versionText(kept), points });
    if (amount > 0)
      issues.push(
        decided('credit-moved', 'Account', `${toText(amount)} of credit went from ${account} to ${under}`),
      );
  }
  return answer(
    [
      ['result', stays],
      ['merge', kept],
    ],
    [...issues, ...told],
  );
}
