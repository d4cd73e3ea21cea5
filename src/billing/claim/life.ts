import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { contractualReasons } from '../../terminology/claimAdjustmentReason.ts';
import { isPendedReview } from '../../terminology/pas.ts';
import { extension } from '../../terminology/system.ts';
import type { Refusal } from './correctionRule.ts';

/** Where a claim stands, from the draft to the end. The codes are those of CodeSystem/claim-state. */
export const claimStates = [
  'draft',
  'cancelled', // a draft that was dropped
  'received', // it came in as an 837: others sent it
  'scrubbed', // found fit and waiting to be sent
  'unknown', // nobody knows whether the payer has it
  'undelivered', // it could not be brought to the payer
  'brought-forward', // sent by a former system, not answered here
  'sent',
  'acknowledged', // 999 or TA1: it arrived as a file
  'accepted', // 277CA: it is with the payer
  'pended', // the payer asks for something
  'rejected', // 999, 277CA or the payer: never judged
  'paid',
  'partly-denied',
  'denied',
  'appealed', // the decision is disputed before its payer
  'reversed', // the payer took its answer back, the correction is awaited
  'corrected', // another claim took its place
  'voided',
  'withdrawn', // it goes again as another claim
  'decided', // a prior authorization that its payer has decided
  'done', // a void that its payer took
] as const;
export type ClaimState = (typeof claimStates)[number];

/** What a claim of a state can be made the object of. */
export const steps = [
  'edit',
  'submit',
  'correct',
  'void',
  'write-off',
  'rebill',
  'appeal',
  'generate-invoice',
] as const;
export type Step = (typeof steps)[number];

/** What a state means, the steps that it allows, and what a refusal of the others says. */
interface StateRow {
  readonly allows: readonly Step[];
  readonly otherwise: string;
}

/** One table: what each state allows, and what is said where a step is not allowed. Decision 0037 */
export const life: Readonly<Record<ClaimState, StateRow>> = {
  draft: {
    allows: ['edit', 'submit'],
    otherwise: 'is a draft: $submit sends it, and nothing is to be taken back',
  },
  cancelled: { allows: [], otherwise: 'was dropped before it was sent: $generate-claim drafts it anew' },
  received: { allows: [], otherwise: 'came in as an 837: whoever sent it corrects it' },
  scrubbed: { allows: ['submit'], otherwise: 'waits to be sent: wait for the answer of its payer' },
  unknown: {
    allows: ['submit'],
    otherwise: 'may be with its payer or not: complete the Task submission-unknown first',
  },
  undelivered: {
    allows: ['submit', 'correct', 'void', 'rebill'],
    otherwise: 'never reached its payer: $submit sends it again, $correct drafts it anew',
  },
  'brought-forward': {
    allows: ['write-off'],
    otherwise:
      'was sent by the former system and has no chart here: its payer answers it, $write-off gives it up',
  },
  sent: { allows: ['submit'], otherwise: 'is with its payer: wait for the answer' },
  acknowledged: { allows: ['submit'], otherwise: 'is with its payer: wait for the answer' },
  accepted: { allows: ['submit'], otherwise: 'is with its payer: wait for the answer' },
  pended: {
    allows: ['submit'],
    otherwise: 'waits for what its payer asked for: attach it and $submit the claim again',
  },
  rejected: {
    allows: ['submit', 'correct', 'void', 'rebill'],
    otherwise: 'was never judged by its payer: $correct drafts it as a new original',
  },
  paid: {
    allows: ['correct', 'void', 'appeal', 'generate-invoice'],
    otherwise: 'was paid: $correct replaces it, $void takes it back',
  },
  'partly-denied': {
    allows: ['correct', 'void', 'write-off', 'appeal', 'generate-invoice'],
    otherwise: 'was paid in part: $correct replaces it, $void takes it back',
  },
  denied: {
    allows: ['correct', 'void', 'write-off', 'rebill', 'appeal', 'generate-invoice'],
    otherwise: 'was denied: $correct replaces it, $void takes it back, $write-off gives it up',
  },
  appealed: {
    allows: ['appeal', 'generate-invoice'],
    otherwise: 'is under appeal: complete or cancel its Task appeal first',
  },
  reversed: {
    allows: ['correct', 'void'],
    otherwise: 'was answered and the answer was taken back: the correction of the payer is awaited',
  },
  corrected: { allows: [], otherwise: 'was replaced: the claim that took its place is what counts' },
  voided: { allows: [], otherwise: 'was taken back: its charges can be billed anew' },
  withdrawn: { allows: [], otherwise: 'goes again as another claim, which is what counts' },
  decided: {
    allows: [],
    otherwise: 'is a prior authorization that its payer has decided: another one changes it',
  },
  done: { allows: [], otherwise: 'took another claim back: $generate-claim bills the charges anew' },
};

/** Steps that need the chart a claim was made from, which stays in the former system of one that was brought forward. */
const ofChart: readonly Step[] = ['submit', 'correct', 'void', 'rebill'];

/** The steps that the state of a claim allows. */
export const allowed = (claim: Claim, state: ClaimState): readonly Step[] =>
  extensionOf(claim, extension.broughtForward) === undefined
    ? life[state].allows
    : [
        ...life[state].allows.filter((step) => !ofChart.includes(step)),
        // nobody here can correct it: what its payer never pays is given up
        ...(state === 'reversed' || state === 'rejected' ? (['write-off'] as const) : []),
      ];

/** What happened at a hop on the way to the payer (999, TA1, 277CA, 277). */
export interface HopFact {
  readonly hop: string; // clearinghouse, payer
  readonly status: 'acknowledged' | 'accepted' | 'rejected';
  readonly on?: string;
}

/** What is known of a claim; all of it is read, nothing is kept for it. */
export interface LifeFacts {
  readonly claim: Claim;
  readonly job?: { readonly state: string; readonly result?: string } | undefined; // that brings it to its payer
  readonly answer?: ClaimResponse | undefined; // that stands
  readonly answers: readonly ClaimResponse[]; // all there are, reversed ones too
  readonly hops: readonly HopFact[];
  /** Whether a Task `appeal` of it is open. */
  readonly isAppealed?: boolean;
  /** How it was ended by us: what took its place. */
  readonly ended?: 'corrected' | 'voided' | 'withdrawn' | undefined;
}

/** Where a claim stands. */
export function stateOf(facts: LifeFacts): ClaimState {
  const { claim, answer, answers, ended, job, hops } = facts;
  if (ended) return ended;
  if (claim.status === 'draft') return 'draft';
  if (answer?.outcome === 'complete') {
    if (claim.use === 'preauthorization') return isPendedReview(answer) ? 'pended' : 'decided';
    const decision = decisionOf(claim, answer);
    return facts.isAppealed === true && appealable.includes(decision) ? 'appealed' : decision;
  }
  if (answer?.outcome === 'error' && !isSentAgain(facts)) return 'rejected';
  if (answers.some(isTakenBack)) return 'reversed';
  if (claim.status !== 'active') return 'cancelled';
  if (!job && !answer && extensionOf(claim, extension.x12Position)) return 'received';
  if (hops.some((h) => h.status === 'rejected')) return 'rejected';
  if (extensionOf(claim, extension.broughtForward) !== undefined) return 'brought-forward';
  if (job?.state === 'held') return 'unknown';
  if (job?.state === 'failed') return 'undelivered';
  if (answer?.processNote?.some((n) => n.type === 'print')) return 'pended';
  if (hops.some((h) => h.status === 'accepted')) return 'accepted';
  if (hops.some((h) => h.status === 'acknowledged')) return 'acknowledged';
  return job?.state === 'due' && job.result === undefined ? 'scrubbed' : 'sent';
}

/** What a payer decided and can be asked to decide again. */
const appealable: readonly ClaimState[] = ['paid', 'partly-denied', 'denied'];

/** A claim that was refused, was mended and is on its way once more: nothing was said of this round yet. */
const isSentAgain = ({ job, hops }: LifeFacts): boolean =>
  job !== undefined &&
  ['due', 'leased', 'sending'].includes(job.state) &&
  !hops.some((h) => h.status === 'rejected');

/** An answer that counts no longer, or what took it back. */
const isTakenBack = (response: ClaimResponse): boolean =>
  response.status === 'cancelled' || extensionOf(response, extension.reverses) !== undefined;

/** The remark that says a claim cannot be processed as it is: no appeal is open, it counts as rejected. */
const unprocessable = /(?:^|[^A-Z0-9])MA130(?:$|[^A-Z0-9])/;

/** What a complete answer decided. */
export function decisionOf(claim: Claim, response: ClaimResponse): ClaimState {
  if (isUnprocessable(response)) return 'rejected';
  const lines = adjudicated(response);
  if (lines.length === 0) return isVoidClaim(claim) ? 'done' : 'paid';
  const refused = lines.filter((line) =>
    line.adjustments.some(
      (a) =>
        a.amount > 0 &&
        !contractualReasons.has(a.reason) &&
        !(a.group === 'OA' && a.reason === '23') &&
        (a.group !== 'PR' || noCoverage.has(a.reason)),
    ),
  );
  if (refused.length === 0) return 'paid';
  const none = lines.every((line) => line.paid === 0 && line.allowed === 0);
  return none && refused.length === lines.length ? 'denied' : 'partly-denied';
}

/** PR that is a denial too: nobody was insured. */
const noCoverage: ReadonlySet<string> = new Set(['26', '27', '31', '204', '96']);

/** MA130: the payer could not process the claim, so it counts as rejected although it was answered. */
export const isUnprocessable = (response: ClaimResponse): boolean =>
  response.outcome === 'complete' &&
  adjudicated(response).every((line) => line.paid === 0) &&
  (response.processNote ?? []).some((n) => n.type !== 'display' && unprocessable.test(n.text));

/** What the payer made of a claim, as its rules for corrections are told apart. */
export function refusalOf(state: ClaimState): Refusal {
  if (state === 'rejected' || state === 'undelivered') return 'rejected';
  return state === 'denied' ? 'denied' : 'paid';
}
