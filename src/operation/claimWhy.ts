import type { ChargeItem, Claim, Parameters } from '@medplum/fhirtypes';
import { claimStandingSteps } from '../billing/why/standing.ts';
import { below, type Step } from '../billing/why/step.ts';
import { centsOf, sum, toText, zero } from '../datatypes/cents.ts';
import { extensionsOf } from '../datatypes/extension.ts';
import type { Entry } from '../datatypes/entry.ts';
import { readResource, resolve } from '../interaction/repository.ts';
import { badRequest } from '../outcome/fhirError.ts';
import { extension } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { seenJournal } from './payment/seenJournal.ts';
import { answerWhy } from './why/answerWhy.ts';
import { claimChain, claimLineSteps, decisionsOn, itemsOf } from './why/claimChain.ts';

type Written = Claim & { id: string };

/** GET [base]/Claim/[id]/$why: what a claim, or one `line` of it, asks for, why, and where its money stands now. */
export const claimWhy: Operation = {
  definition: operationDefinition('Claim-why'),
  async run(call): Promise<Parameters> {
    const claim = await readResource<Written>(call.tx, 'Claim', call.target.id ?? '');
    const item = parameter(call.input, 'line')?.valuePositiveInt;
    const items = itemsOf(claim, item);
    if (item !== undefined && items.length === 0) {
      const at = "Parameters.parameter.where(name='line').value";
      throw badRequest('line-unknown', `the Claim has no line ${item}`, at);
    }
    const source = `Claim/${claim.id}`;
    const amount = item === undefined ? centsOf(claim.total) : undefined;
    const asked = amount ?? sum(items.map((i) => centsOf(i.net) ?? zero));
    const what = item === undefined ? source : `line ${item} of ${source}`;
    const steps: Step[] = [
      {
        level: 0,
        kind: 'amount',
        text: `${what} (${claim.status}) asks for ${toText(asked)}`,
        amount: asked,
        source,
      },
      ...below(1, decisionsOn(await claimChain(call.tx, source), item)),
    ];
    for (const each of items) steps.push(...below(1, await claimLineSteps(call.tx, claim, each)));
    for (const journal of await journalsOf(call, claim))
      steps.push(...below(1, claimStandingSteps(journal, source, item)));
    return answerWhy(call, steps);
  },
};

/** The journals of the Accounts that the charges of a claim are on. */
async function journalsOf(call: Call, claim: Written): Promise<(readonly Entry[])[]> {
  const accounts = new Set<string>();
  for (const item of claim.item ?? []) {
    for (const { valueReference } of extensionsOf(item, extension.chargeItem)) {
      const charge = await resolve<ChargeItem>(call.tx, 'ChargeItem', valueReference);
      for (const { reference } of charge?.account ?? []) if (reference !== undefined) accounts.add(reference);
    }
  }
  const journals: (readonly Entry[])[] = [];
  for (const name of accounts) journals.push(await seenJournal(call, await call.tx.journal(name)));
  return journals;
}
