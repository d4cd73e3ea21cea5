import type { Claim, ClaimResponse, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { limited } from '../../billing/invoice/limits.ts';
import { owedLines, type OwedLine, type PayerAnswer } from '../../billing/invoice/owed.ts';
import { decides, decidedTogether, payerChain, transferredOn } from '../../billing/ledger/index.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { decided, unresolved, type Issue } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../operation.ts';
import { answersTo } from '../submission/answers.ts';
import { extension } from '../../terminology/system.ts';
import { patientLimits } from './patientLimits.ts';
import { ruleLimits } from './ruleLimits.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';

/** What the last payer of a claim left to the patient; `pending` names the claim that has no answer yet. */
export interface Explained {
  readonly claim: string;
  readonly pending?: string;
  readonly explanation?: ExplanationOfBenefit & { id: string };
  readonly lines: readonly OwedLine[];
  readonly issues: readonly Issue[];
}

/** Follows a claim to its last payer and reads what each payer decided. Billing rule 70. */
export async function explainedClaim(
  call: Call,
  journal: readonly Entry[],
  start: { readonly claim: string; readonly explanation?: ExplanationOfBenefit },
): Promise<Explained> {
  const { tx } = call;
  const chain = payerChain(journal, start.claim);
  const claims: Claim[] = [];
  const answers: PayerAnswer[] = [];
  const responses: ClaimResponse[] = [];
  let last: Claim | undefined;
  for (const reference of chain) {
    const stored = await resolve<Claim>(tx, 'Claim', { reference });
    if (!stored)
      throw unprocessable([
        unresolved('claim-unknown', 'ExplanationOfBenefit.claim', `${reference} is not here`),
      ]);
    last = withoutVersions(stored);
    claims.push(last);
    const deciding = (await answersTo(tx, reference)).filter(decides);
    const response = deciding.at(-1);
    if (!response) {
      const issue = decided(
        'further-payer-pending',
        'Claim',
        `${reference} has no answer yet: the patient owes nothing so far`,
      );
      return { claim: reference, pending: reference, lines: [], issues: [issue] };
    }
    responses.push(...deciding);
    answers.push({ payer: last.insurer ?? response.insurer, decisions: decidedTogether(deciding) });
  }
  const claim = chain.at(-1) ?? start.claim;
  const given = claim === start.claim ? start.explanation : undefined;
  const explanation = given ?? (await explanationOf(tx, claim));
  if (!last || explanation?.id === undefined) {
    throw unprocessable([unresolved('explanation-unknown', 'Claim', `${claim} has no ExplanationOfBenefit`)]);
  }
  const name = referenceText(explanation);
  const { limits: own, issues } = await patientLimits(call, claims);
  const limits = { ...own, ...(await ruleLimits(call, claims, responses)) };
  const moved =
    claim === start.claim
      ? []
      : [decided('last-payer', 'ExplanationOfBenefit', `${name} of the last payer counts`)];
  return {
    claim,
    explanation: changed(explanation, { id: explanation.id }),
    lines: limited(
      owedLines(last, answers, name, (item) => transferredOn(journal, { claim, item })),
      limits,
    ),
    issues: [...moved, ...issues],
  };
}

async function explanationOf(tx: Transaction, claim: string): Promise<ExplanationOfBenefit | undefined> {
  const found = await find<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', { claim });
  return found.findLast((e) => e.status === 'active' && !extensionOf(e, extension.reverses));
}
