import type { Contract, Parameters } from '@medplum/fhirtypes';
import { feeContract, overlaps, termsOf, type Terms } from '../billing/contract/feeContract.ts';
import { contentText } from '../datatypes/content.ts';
import { addDays } from '../datatypes/date.ts';
import { changed } from '../datatypes/json.ts';
import { referenceText } from '../datatypes/reference.ts';
import { createResource, readResource, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { requireOwnPractice } from './closing/ownPractice.ts';
import { contractInput } from './contract/contractInput.ts';
import { contractsOf } from './contract/expectation.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';

type Stored<T> = T & { id: string };

/** POST [base]/Organization/[id]/$load-contract: what a payer has agreed to pay, whole or not at all. */
export const organizationLoadContract: Operation = {
  definition: operationDefinition('Organization-load-contract'),
  permission: 'load-contract',
  async run(call): Promise<Parameters> {
    const { context, tx, on } = call;
    requireOwnPractice(context, call.target.id ?? '');
    await readResource(tx, 'Organization', call.target.id ?? '');
    const { terms, rates, replaces } = await contractInput(call);
    await tx.lock(`contract|${terms.practice}|${terms.payer}`);
    const wanted = feeContract(terms, rates, on);
    const there = await contractsOf(tx, terms);
    const same = there.find((one) => isSame(one, wanted));
    if (same)
      return answer(
        [['contract', same]],
        [
          decided(
            'already-there',
            'Contract',
            `${referenceText(same)} is that schedule; nothing was written`,
          ),
        ],
      );
    const ended = replaces && endedBy(replaces, terms);
    const other = there.find((one) => {
      const left = one.id === replaces?.id ? ended : one;
      return left?.status === 'executed' && overlaps(termsOf(left), terms);
    });
    if (other) {
      const text = `${referenceText(other)} is in force on some of these days: name it in replaces, or give other days`;
      throw conflict('contract-overlaps', text, 'Contract.applies');
    }
    if (ended) await updateResource(context, tx, ended);
    const contract = await createResource<Contract>(context, tx, wanted);
    return answer(
      [['contract', contract]],
      [
        decided('created', 'Contract', `${referenceText(contract)}: ${rates.length} rows`),
        ...(ended ? [decided('contract-ended', 'Contract', endText(ended))] : []),
      ],
    );
  },
};

/** The contract before ends on the day before this one, or never was in force where this one begins no later. */
function endedBy(before: Stored<Contract>, terms: Terms): Stored<Contract> {
  const was = termsOf(before);
  const isOfSame = was.payer === terms.payer && was.plan === terms.plan && was.network === terms.network;
  if (before.status !== 'executed' || !isOfSame) {
    const text = `${referenceText(before)} is not in force for this payer, plan and network`;
    throw unprocessable([
      businessFault('contract-differs', "Parameters.parameter.where(name='replaces').value", text),
    ]);
  }
  if (terms.start <= was.start) return changed(before, { status: 'revoked' as const });
  const last = addDays(terms.start, -1);
  const end = was.end !== undefined && was.end < last ? was.end : last;
  return changed(before, { applies: { start: was.start, end } });
}

const endText = (ended: Stored<Contract>): string =>
  ended.status === 'revoked'
    ? `${referenceText(ended)} counts no longer`
    : `${referenceText(ended)} ends on ${ended.applies?.end ?? ''}`;

const isSame = (a: Contract, b: Contract): boolean =>
  contentText([termsOf(a), a.rule?.[0]?.contentAttachment?.data]) ===
  contentText([termsOf(b), b.rule?.[0]?.contentAttachment?.data]);
