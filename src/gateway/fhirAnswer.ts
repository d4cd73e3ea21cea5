import type { Claim, ClaimResponse, Patient, Reference, Resource } from '@medplum/fhirtypes';
import { adjudicated, type Adjudicated } from '../datatypes/adjudication.ts';
import { centsOf, sum, toMoney, zero, type Cents } from '../datatypes/cents.ts';
import { saidAgain } from '../datatypes/claimAnswer.ts';
import { concept, has } from '../datatypes/coding.ts';
import { dateOf, isDate } from '../datatypes/date.ts';
import { identifierOf } from '../datatypes/identifier.ts';
import { changed, copyOf } from '../datatypes/json.ts';
import { withoutVersions } from '../datatypes/sentVersion.ts';
import { isReplacement, isVoidClaim } from '../terminology/claimFrequency.ts';
import { isPendedReview, pasExtension } from '../terminology/pas.ts';
import { system } from '../terminology/system.ts';
import type { FhirPrepared, PayerAnswer, Sent } from './gateway.ts';

/** What was sent, as far as an answer is held against it. */
export type Asked = Pick<FhirPrepared, 'claim' | 'bundle' | 'today'>;

/** The ClaimResponses of an answer, each with the Bundle it came in: bare, in a Bundle, or in Parameters of $inquire. */
export function* answersIn(answer: Resource): Generator<{ response: ClaimResponse; beside: Resource[] }> {
  if (answer.resourceType === 'ClaimResponse') yield { response: answer, beside: [] };
  if (answer.resourceType === 'Parameters')
    for (const { resource } of answer.parameter ?? []) if (resource) yield* answersIn(resource);
  if (answer.resourceType !== 'Bundle') return;
  const beside = (answer.entry ?? []).flatMap(({ resource, fullUrl }) =>
    resource ? [named(resource, fullUrl)] : [],
  );
  for (const resource of beside)
    if (resource.resourceType === 'ClaimResponse') yield { response: resource, beside };
}

const names = new WeakMap<Resource, string>();

function named(resource: Resource, fullUrl: string | undefined): Resource {
  if (fullUrl !== undefined) names.set(resource, fullUrl);
  return resource;
}

/** Whether a reference names a resource that came along. */
const isTo = (resource: Resource, { reference = '' }: Reference): boolean =>
  reference !== '' &&
  (reference === names.get(resource) ||
    (resource.id !== undefined &&
      new RegExp(`(?:^|/)${resource.resourceType}/${RegExp.escape(resource.id)}(?:/_history/|$)`).test(
        reference,
      )));

/** Whether a ClaimResponse is of the claim that was sent, and of its patient: by our names, or by what came along. */
export function isOurs(
  { request, patient }: ClaimResponse,
  beside: readonly Resource[],
  { bundle }: Asked,
): boolean {
  const entries = bundle.entry ?? [];
  const sent = (resource: Resource | undefined, given: Reference | undefined): boolean => {
    const entry = entries.find((e) => e.resource === resource);
    const { reference } = given ?? {};
    const relative = resource && `${resource.resourceType}/${resource.id ?? ''}`;
    return reference !== undefined && (reference === entry?.fullUrl || reference === relative);
  };
  const [claim] = entries.flatMap(({ resource }) => (resource?.resourceType === 'Claim' ? [resource] : []));
  const isSent = ({ system: of, value }: { system?: string; value?: string }): boolean =>
    of === bundle.identifier?.system && value === bundle.identifier?.value;
  const theirs = beside.find(
    (one): one is Claim =>
      one.resourceType === 'Claim' &&
      request !== undefined &&
      isTo(one, request) &&
      (one.identifier ?? []).some(isSent),
  );
  const isRequest =
    theirs !== undefined ||
    sent(claim, request) ||
    (request?.identifier ? isSent(request.identifier) : false);
  return isRequest && isPatient(patient);

  function isPatient(given: Reference<Patient>): boolean {
    const own = entries.flatMap(({ resource }) => (resource?.resourceType === 'Patient' ? [resource] : []));
    const known = own.filter((one) => claim && isTo(one, claim.patient));
    const knows = (of?: string, value?: string): boolean =>
      known.some(({ identifier }) => identifier?.some((i) => i.system === of && i.value === value));
    const came = beside.find((one): one is Patient => one.resourceType === 'Patient' && isTo(one, given));
    if (came) return came.identifier?.some((i) => knows(i.system, i.value)) ?? false;
    if (known.some((one) => sent(one, given))) return true;
    if (given.identifier) return knows(given.identifier.system, given.identifier.value);
    return (
      theirs !== undefined && given.reference !== undefined && given.reference === theirs.patient.reference
    );
  }
}

/** What an answer of the payer says: nothing yet, a refusal, or a decision that is whole and adds up. */
export function saidBy(response: ClaimResponse, asked: Asked): Sent {
  const { outcome, processNote, error, disposition } = response;
  if (response.status !== 'active') return { is: 'unfit', reason: 'the answer of the payer is not active' };
  if (outcome === 'error') {
    const code = error?.[0]?.code;
    const reason = code?.text ?? code?.coding?.[0]?.display ?? code?.coding?.[0]?.code ?? disposition;
    return { is: 'refused', reason: reason?.slice(0, 500) ?? 'the payer gives no reason' };
  }
  const asks = processNote?.some(({ type }) => type === 'print') ?? false;
  if (asked.claim.use === 'preauthorization' && isPendedReview(response))
    return { is: 'accepted', pended: answerOf(response, asked).response };
  const isOpen = outcome === 'queued' || (outcome === 'partial' && !isReviewed(response));
  if (isOpen || isPendedReview(response))
    return asks && outcome === 'queued' ? answerOf(response, asked) : { is: 'accepted' };
  if (asked.claim.use !== 'claim') return answerOf(response, asked);
  const fault = faultOf(response, asked.claim);
  return fault === undefined ? answerOf(response, asked) : { is: 'unfit', reason: fault };
}

/** Of a prior authorization: some of it is decided, and what is wrong with the rest is said. */
const isReviewed = ({ use, item = [] }: ClaimResponse): boolean =>
  use === 'preauthorization' &&
  item.some((i) =>
    i.adjudication.some(({ extension = [] }) => extension.some((e) => e.url === pasExtension.reviewAction)),
  );

/** Why a decision cannot be posted: a sentence without data; undefined where every cent of the claim has its place. */
function faultOf(response: ClaimResponse, claim: Claim): string | undefined {
  if (response.addItem?.length) return 'the payer has added lines, which are not posted by themselves';
  const lines = adjudicated(response);
  const paid = centsOf(response.payment?.amount) ?? zero;
  if (isVoidClaim(claim))
    return lines.length === 0 && paid === zero
      ? undefined
      : 'the payer has decided on a claim that was taken back';
  const amounts = moneyOf(response);
  if (amounts.some((amount) => amount === undefined))
    return 'an amount of the answer is no amount in dollars';
  const charges = new Map((claim.item ?? []).map((i) => [i.sequence, centsOf(i.net) ?? zero]));
  const whole = [...charges.values()];
  const [first] = lines;
  if (!first) return 'the answer decides on no line';
  if (first.sequence === undefined) {
    if (first.submitted !== sum(whole)) return 'the answer is of another charge than the claim';
  } else {
    const said = lines.map(({ sequence = 0 }) => sequence);
    if (
      new Set(said).size !== said.length ||
      said.length !== charges.size ||
      said.some((n) => !charges.has(n))
    )
      return 'the lines of the answer are not those of the claim';
    if (lines.some(({ sequence = 0, submitted }) => submitted !== charges.get(sequence)))
      return 'a line of the answer is of another charge than that of the claim';
  }
  if (lines.some((line) => line.submitted !== sum([line.paid, ...line.adjustments.map((a) => a.amount)])))
    return 'a line of the answer does not add up: charge, payment and adjustments';
  if (sum(lines.map((l) => l.paid)) !== paid) return 'the payment is not what the lines pay';
  if (isReplacement(claim) && lines.every((l) => l.paid === zero && ofPatient(l) === zero))
    return 'a corrected claim was refused: the answer does not say what became of the one before';
  return undefined;
}

/** Every amount that is posted; undefined for one that is in another currency or has no cents. */
const moneyOf = ({ item = [], adjudication = [], payment }: ClaimResponse): (Cents | undefined)[] =>
  [...adjudication, ...item.flatMap((i) => i.adjudication), ...(payment ? [payment] : [])].flatMap(
    ({ amount }) =>
      amount === undefined
        ? []
        : [amount.currency === undefined || amount.currency === 'USD' ? centsOf(amount) : undefined],
  );

const ofPatient = ({ adjustments }: Adjudicated): Cents =>
  sum(adjustments.filter((a) => a.group === 'PR').map((a) => a.amount));

/** The answer with our names in it in the place of the payer's; what it says beside is left out. */
function answerOf(given: ClaimResponse, { claim: sent, today }: Asked): PayerAnswer {
  const claim = withoutVersions(sent);
  const own = copyOf(given);
  const number = identifierOf(own, system.payerClaimControlNumber) ?? own.identifier?.[0]?.value;
  const day = isDate(dateOf(own.created)) ? dateOf(own.created) : today;
  const on = day > today ? today : day;
  const isSimulated = own.meta?.tag?.some((t) => t.system === system.answerSource && t.code === 'simulated');
  const { disposition, preAuthRef, preAuthPeriod, item, adjudication, total, payment, processNote } = own;
  const error = claim.use === 'preauthorization' ? own.error : undefined;
  const said = {
    disposition,
    preAuthRef,
    preAuthPeriod,
    item,
    adjudication,
    total,
    payment,
    processNote,
    error,
  };
  const response: ClaimResponse = changed(
    {
      resourceType: 'ClaimResponse' as const,
      ...(isSimulated
        ? { meta: { tag: [{ system: system.answerSource, code: 'simulated', display: 'Simulated payer' }] } }
        : {}),
      ...(number === undefined
        ? {}
        : { identifier: [{ system: system.payerClaimControlNumber, value: number }] }),
      ...saidAgain(claim, on),
      ...(claim.subType ? { subType: claim.subType } : {}),
      outcome: own.outcome,
      insurance: claim.insurance.map(({ sequence, focal, coverage }) => ({ sequence, focal, coverage })),
    },
    Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
  );
  if (claim.use === 'claim') addMoney(response, own.payment, on);
  const corrects = response.outcome === 'complete' && (isVoidClaim(claim) || isReplacement(claim));
  return { is: 'answer', response, ...(corrects ? { reverses: true } : {}) };
}

/** What the posting reads, where the payer leaves it out: the allowed amounts, and the day of a payment of nothing. */
function addMoney(response: ClaimResponse, payment: ClaimResponse['payment'], on: string): void {
  for (const line of response.item ?? []) line.adjudication = withAllowed(line.adjudication);
  if (response.adjudication) response.adjudication = withAllowed(response.adjudication);
  if (response.outcome !== 'complete') return;
  response.payment = changed(payment ?? { type: concept(system.paymentType, 'complete') }, {
    date: on,
    amount: payment?.amount ?? toMoney(zero),
  });
}

type Entries = NonNullable<ClaimResponse['adjudication']>;

/** Where the payer leaves the allowed amount out: what it pays and what it leaves to the patient. */
function withAllowed(entries: Entries): Entries {
  const isAllowed = entries.some(({ category }) => has(category, system.adjudication, 'eligible'));
  const [line] = adjudicated({ adjudication: entries } as ClaimResponse);
  if (isAllowed || !line) return entries;
  const amount = toMoney(sum([line.paid, ofPatient(line)]));
  return [...entries, { category: concept(system.adjudication, 'eligible'), amount }];
}
