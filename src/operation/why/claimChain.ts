import type { Claim, ClaimItem, ClaimResponse } from '@medplum/fhirtypes';
import { decisionSteps } from '../../billing/why/decision.ts';
import { below, type Step } from '../../billing/why/step.ts';
import { centsOf, toText } from '../../datatypes/cents.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import { answersTo } from '../submission/answers.ts';
import { chargeOriginSteps } from './chargeOrigin.ts';

type Stored<T> = T & { id: string };

/** A claim with the answers of its payer, those too that were taken back. */
export interface Answered {
  readonly claim: Stored<Claim>;
  readonly answers: readonly Stored<ClaimResponse>[];
}

/** A claim and those to the payers before it, the first payer's first, each with its answers. */
export async function claimChain(tx: Reader, reference: string): Promise<Answered[]> {
  const chain: Answered[] = [];
  const known = new Set<string>();
  let next: string | undefined = reference;
  while (next !== undefined && !known.has(next)) {
    known.add(next);
    const stored: Stored<Claim> | undefined = await resolve<Stored<Claim>>(tx, 'Claim', { reference: next });
    if (!stored) break;
    const claim: Stored<Claim> = withoutVersions(stored);
    chain.unshift({ claim, answers: await answersTo(tx, `Claim/${claim.id}`) });
    next = await priorOf(tx, claim);
  }
  return chain;
}

/** The claim to the payer before, by the answer that a claim names. */
async function priorOf(tx: Reader, claim: Claim): Promise<string | undefined> {
  const answers = claim.insurance.flatMap((i) => i.claimResponse?.reference ?? []);
  const [reference] = answers.slice(-1);
  const id = parseReference(reference?.split('/_history/')[0])?.id;
  if (id === undefined) return undefined;
  const answer = await resolve<ClaimResponse>(tx, 'ClaimResponse', { reference: `ClaimResponse/${id}` });
  return answer?.request?.reference?.split('/_history/')[0];
}

/** What every payer of a chain decided on a line (or on the whole), those answers too that were taken back. */
export const decisionsOn = (chain: readonly Answered[], item: number | undefined): Step[] =>
  chain.flatMap(({ claim, answers }): Step[] => {
    if (answers.length > 0) return answers.flatMap((answer) => decisionSteps(answer, item));
    const text = `Claim/${claim.id} has no answer of its payer yet`;
    return [{ level: 0, kind: 'decision', text, source: `Claim/${claim.id}` }];
  });

/** A line of a claim, and each of its charges back to the note. */
export async function claimLineSteps(tx: Reader, claim: Stored<Claim>, item: ClaimItem): Promise<Step[]> {
  const charges = extensionsOf(item, extension.chargeItem).flatMap((e) => e.valueReference?.reference ?? []);
  const amount = centsOf(item.net);
  const code = item.productOrService.coding?.[0]?.code ?? 'a service';
  const source = `Claim/${claim.id}`;
  const text = `line ${item.sequence} of ${source} asks ${amount === undefined ? 'no amount' : toText(amount)} for ${code}`;
  const steps: Step[] = [
    { level: 0, kind: 'claim-line', text, source, ...(amount === undefined ? {} : { amount }) },
  ];
  for (const charge of charges) steps.push(...below(1, await chargeOriginSteps(tx, charge)));
  return steps;
}

/** The lines of a claim that are meant: one, or all where its payer decided on the whole. */
export const itemsOf = (claim: Claim, item: number | undefined): readonly ClaimItem[] =>
  (claim.item ?? []).filter((i) => item === undefined || i.sequence === item);
