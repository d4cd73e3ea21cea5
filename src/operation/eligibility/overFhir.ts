import type { Bundle, Coverage, CoverageEligibilityResponse, Patient, Resource } from '@medplum/fhirtypes';
import { hasOtherCurrency } from '../../billing/eligibility/result.ts';
import { clean, isTold, partyOf } from '../../billing/submission/claimBundle.ts';
import { changed, copyOf, without } from '../../datatypes/json.ts';
import { idOf, referenceText } from '../../datatypes/reference.ts';
import type { EligibilityQuestion, EligibilitySaid } from '../../gateway/gateway.ts';
import { system } from '../../terminology/system.ts';

interface Head {
  readonly base: string;
  readonly timestamp: string;
  readonly isTest: boolean;
}

/** A question as a collection: the request first, then the parties, with nothing else of the chart. */
export function inquiryBundle(
  { request, parties, trace }: EligibilityQuestion,
  { base, timestamp, isTest }: Head,
): Bundle {
  const told = [...parties.values()].filter(isTold);
  const known = new Set([request, ...told].map(referenceText));
  const security = isTest ? { meta: { security: [{ system: system.actReason, code: 'HTEST' }] } } : {};
  const own = changed(without(copyOf(request), 'meta', 'text', 'contained', 'enterer'), {
    ...security,
    identifier: [{ system: system.trace, value: trace }],
  });
  const sent: Resource[] = [own, ...told.map(partyOf)];
  for (const resource of sent) clean(resource, known);
  return {
    ...({ resourceType: 'Bundle', type: 'collection', timestamp, ...security } as const),
    entry: sent.map((resource) => ({ fullUrl: `${base}/${referenceText(resource)}`, resource })),
  };
}

/** What a server answered, in our names; `unfit` where it is about somebody else, or in another currency. */
export function readEligibility(question: EligibilityQuestion, said: Resource): EligibilitySaid {
  const all = [...resourcesIn(said)];
  const answers = all.filter((one) => one.resourceType === 'CoverageEligibilityResponse');
  const [answer] = answers;
  if (!answer || answers.length > 1)
    return { is: 'unfit', reason: 'what the payer answered is not one answer about eligibility' };
  if (answer.outcome === 'queued') return { is: 'unknown' };
  const beside = [...all, ...(answer.contained ?? [])];
  if (isOther(question, answer, beside))
    return { is: 'unfit', reason: 'what the payer answered is about another member' };
  if (hasOtherCurrency(answer))
    return { is: 'unfit', reason: 'what the payer answered has amounts of another currency than US dollars' };
  return { is: 'answer', response: inOurNames(question, answer, memberIn(answer, beside)) };
}

function* resourcesIn(said: Resource): Generator<Resource> {
  if (said.resourceType === 'Parameters')
    for (const { resource } of said.parameter ?? []) if (resource) yield* resourcesIn(resource);
  if (said.resourceType === 'Bundle')
    for (const { resource } of said.entry ?? []) if (resource) yield* resourcesIn(resource);
  yield said;
}

/** The one of the resources beside an answer that a reference means: by its id, wherever its server keeps it. */
function besideOf<T extends Patient | Coverage>(
  beside: readonly Resource[],
  type: T['resourceType'],
  reference: string | undefined,
): T | undefined {
  const id = reference?.replace(/^#/, '').split('/').at(-1);
  return beside.find((one): one is T => one.resourceType === type && one.id === id);
}

/** The member number that an answer names. */
function memberIn({ insurance = [] }: CoverageEligibilityResponse, beside: readonly Resource[]): string {
  for (const { coverage } of insurance) {
    const held = besideOf<Coverage>(beside, 'Coverage', coverage.reference);
    const number = held?.subscriberId ?? coverage.identifier?.value ?? '';
    if (number !== '') return number;
  }
  return '';
}

/**
 * Whether an answer is about another member: of another birth date, by another number of the same kind, or under another
 * member number while nothing says that it is the same person.
 */
function isOther(
  { coverage, parties, request }: EligibilityQuestion,
  answer: CoverageEligibilityResponse,
  beside: readonly Resource[],
): boolean {
  const asked = parties.get(`Patient/${idOf(request.patient, 'Patient') ?? ''}`);
  const said = besideOf<Patient>(beside, 'Patient', answer.patient.reference);
  const born = asked?.resourceType === 'Patient' ? asked.birthDate : undefined;
  if (born !== undefined && said?.birthDate !== undefined && said.birthDate !== born) return true;
  const numbers = [...(said?.identifier ?? []), answer.patient.identifier ?? {}];
  const own = asked?.resourceType === 'Patient' ? (asked.identifier ?? []) : [];
  const isElse = numbers.some(
    ({ system: uri, value }) =>
      uri !== undefined &&
      own.some((i) => i.system === uri) &&
      !own.some((i) => i.system === uri && i.value === value),
  );
  if (isElse) return true;
  const member = memberIn(answer, beside);
  const isSame = born !== undefined && said?.birthDate === born;
  return member !== '' && coverage?.subscriberId !== undefined && coverage.subscriberId !== member && !isSame;
}

/** The answer without what only its server can resolve. */
function inOurNames(
  { request, coverage }: EligibilityQuestion,
  answer: CoverageEligibilityResponse,
  member: string,
): CoverageEligibilityResponse {
  const { patient, insurer, provider } = request;
  const named = {
    ...(coverage?.id === undefined ? {} : { reference: `Coverage/${coverage.id}` }),
    ...(member === '' ? {} : { identifier: { system: system.memberId, value: member } }),
  };
  const insurance = (answer.insurance ?? []).map((one) =>
    changed(one, {
      coverage: named,
      ...(one.item ? { item: one.item.map((item) => without(item, 'provider')) } : {}),
    }),
  );
  const foreign = ['id', 'meta', 'text', 'contained', 'identifier', 'requestor', 'form'] as const;
  return changed(without(answer, ...foreign), {
    ...{ patient, insurer, request: { reference: referenceText(request) } },
    ...(provider ? { requestor: provider } : {}),
    ...(insurance.length === 0 ? {} : { insurance }),
  });
}
