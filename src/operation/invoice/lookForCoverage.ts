import type { Task } from '@medplum/fhirtypes';
import { noCoverage } from '../../billing/invoice/limits.ts';
import { concept } from '../../datatypes/coding.ts';
import { referenceText, referenceTo } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import type { Explained } from './explainedClaim.ts';
import { holderOf, reserveKey, taskKey } from '../uniqueKey.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';

/** The Tasks that ask the office to look for other coverage before the patient is dunned; made once for each claim. */
export async function lookForCoverage(
  call: Call,
  of: PatientAccount,
  claims: readonly Explained[],
): Promise<Issue[]> {
  const issues: Issue[] = [];
  for (const { claim, lines } of claims) {
    if (!lines.some((l) => l.reasons.some((r) => noCoverage.has(r)))) continue;
    const known = await holderOf(call.tx, taskKey('find-coverage', claim));
    const task = known ? referenceText(known) : await create(call, of, claim);
    issues.push(
      decided(
        'find-coverage',
        'ClaimResponse',
        `${claim} was not covered: ${task} asks to look for other coverage`,
      ),
    );
  }
  return issues;
}

async function create(call: Call, of: PatientAccount, claim: string): Promise<string> {
  const task: Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: concept(system.task, 'find-coverage'),
    focus: { reference: claim },
    for: referenceTo(of.patient),
    owner: of.practice,
    authoredOn: call.on,
    description: 'The payer says that coverage was not in force: look for other coverage',
  };
  const name = referenceText(await createResource(call.context, call.tx, task));
  await reserveKey(call.tx, taskKey('find-coverage', claim), name);
  return name;
}
