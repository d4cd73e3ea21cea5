import { createHash } from 'node:crypto';
import type {
  Claim,
  ClaimItem,
  ClaimResponse,
  ClaimResponseItem,
  Coverage,
  Extension,
} from '@medplum/fhirtypes';
import { saidAgain } from '../datatypes/claimAnswer.ts';
import { codeOf, concept } from '../datatypes/coding.ts';
import { addDays } from '../datatypes/date.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { changed } from '../datatypes/json.ts';
import { withoutVersions } from '../datatypes/sentVersion.ts';
import { pasExtension } from '../terminology/pas.ts';
import { acceptedLineSystems } from '../terminology/serviceCode.ts';
import { system } from '../terminology/system.ts';
import { memberIdOf } from './enrollment.ts';
import type { Plan } from './plan.ts';
import { scenarioOf, type Scenario } from './scenario.ts';

/** A request for authorization as the payer gets it. */
export interface AuthorizationAsked {
  readonly claim: Claim & { id: string };
  readonly coverage: Coverage;
  readonly plan: Plan;
  readonly attached: boolean; // a document came with it, or was given since
  readonly reviewed: boolean; // a reviewer of the payer has seen what was pended
  readonly on: string; // FHIR date
}

/** How long what is certified holds where the request names no end, in days. */
const certifiedFor = 90;

interface Decision {
  readonly action: string; // of X12 306
  readonly reason?: string; // of X12 886
  readonly units?: number;
}

/**
 * What the simulated payer decides: a service that its plan asks no authorization for needs none, one that it asks a
 * document for waits for it, one that it does not cover is refused, the rest is certified. What is cancelled is so. A
 * member id can force an answer. The same request gives the same answer.
 */
export function authorize(asked: AuthorizationAsked): ClaimResponse {
  const claim = withoutVersions(asked.claim);
  const { on } = asked;
  const member = memberIdOf(asked.coverage);
  const items = (claim.item ?? []).map((item) => ({ item, decision: decide(asked, item, member) }));
  const actions = [...new Set(items.map(({ decision }) => decision.action))];
  const isPended = actions.includes('A4');
  const made = items.map(({ item, decision }) => responseItem(claim, item, { decision, on }));
  const numbers = items.flatMap(({ item, decision }) =>
    certifies(decision) ? [numberOf(claim, item.sequence)] : [],
  );
  const notes = isPended ? ['Send the documentation of the service'] : [];
  return changed(
    {
      resourceType: 'ClaimResponse' as const,
      identifier: [{ system: system.payerClaimControlNumber, value: `PA${numberOf(claim, 0)}` }],
      ...saidAgain(claim, on),
      outcome: 'complete' as const,
      disposition: actions.map((action) => words[action] ?? action).join('; '),
    },
    {
      ...(numbers[0] === undefined
        ? {}
        : { preAuthRef: numbers[0], preAuthPeriod: periodOf(claim, claim.item?.[0], on) }),
      item: made,
      ...(notes.length === 0
        ? {}
        : { processNote: notes.map((text, n) => ({ number: n + 1, type: 'display' as const, text })) }),
    },
  );
}

const words: Readonly<Record<string, string>> = {
  A1: 'Certified',
  A3: 'Not certified',
  A4: 'Pended',
  A6: 'Certified with changes',
  C: 'Cancelled',
  NA: 'No authorization is needed',
};

const certifies = ({ action }: Decision): boolean => action === 'A1' || action === 'A6';

function decide(asked: AuthorizationAsked, item: ClaimItem, member: string | undefined): Decision {
  const { plan, attached, reviewed } = asked;
  const certification = codeOf(
    extensionOf(item, pasExtension.certificationType)?.valueCodeableConcept,
    system.x12CertificationType,
  );
  if (certification === '3') return { action: 'C' };
  const code = codeOf(item.productOrService, ...acceptedLineSystems);
  const forced: Scenario | undefined = scenarioOf(member);
  const isCovered = code === undefined || plan.percentOfCharge !== undefined || plan.fees.has(code);
  if (forced === 'denied' || (forced === undefined && !isCovered)) return { action: 'A3', reason: '86' };
  const waits = forced === 'pended' ? !reviewed : forced === undefined && plan.documentation.has(code ?? '');
  if (waits && !attached) return { action: 'A4', reason: '90' };
  if (forced === 'partial')
    return { action: 'A6', units: Math.max(1, Math.floor((item.quantity?.value ?? 1) / 2)) };
  if (
    forced === undefined &&
    code !== undefined &&
    !plan.authorization.has(code) &&
    !plan.documentation.has(code)
  )
    return { action: 'NA' };
  return { action: 'A1' };
}

/** The number of what is certified: the same for the same request and item. */
const numberOf = ({ id = '' }: Claim, sequence: number): string =>
  createHash('sha256').update(`${id}|${sequence.toString()}`).digest('hex').slice(0, 10).toUpperCase();

function periodOf(
  { billablePeriod }: Claim,
  item: ClaimItem | undefined,
  on: string,
): { start: string; end: string } {
  const { servicedPeriod, servicedDate } = item ?? {};
  const start = servicedPeriod?.start ?? servicedDate ?? billablePeriod?.start ?? on;
  const first = start.slice(0, 10) < on ? start.slice(0, 10) : on;
  const asked = servicedPeriod?.end ?? billablePeriod?.end;
  return { start: first, end: (asked ?? addDays(start.slice(0, 10), certifiedFor)).slice(0, 10) };
}

function responseItem(
  claim: Claim,
  item: ClaimItem,
  { decision, on }: { readonly decision: Decision; readonly on: string },
): ClaimResponseItem {
  const { action, reason, units } = decision;
  const number = certifies(decision) ? [{ url: 'number', valueString: numberOf(claim, item.sequence) }] : [];
  const review: Extension = {
    url: pasExtension.reviewAction,
    extension: [
      { url: pasExtension.reviewActionCode, valueCodeableConcept: concept(system.x12Action, action) },
      ...number,
      ...(reason === undefined
        ? []
        : [{ url: 'reasonCode', valueCodeableConcept: concept(system.x12DecisionReason, reason) }]),
    ],
  };
  const quantity = units === undefined ? item.quantity : changed(item.quantity ?? {}, { value: units });
  const detail: Extension = {
    url: pasExtension.authorizedDetail,
    extension: [
      { url: 'productOrServiceCode', valueCodeableConcept: item.productOrService },
      ...(item.modifier ?? []).map((one) => ({ url: 'modifier', valueCodeableConcept: one })),
      ...(quantity ? [{ url: 'quantity', valueQuantity: quantity }] : []),
    ],
  };
  const held: Extension[] = certifies(decision)
    ? [
        { url: pasExtension.issueDate, valueDate: on },
        { url: pasExtension.period, valuePeriod: periodOf(claim, item, on) },
        detail,
      ]
    : [];
  const traces = (item.extension ?? []).filter(({ url }) => url === pasExtension.traceNumber);
  const extension = [...traces, ...held];
  return {
    ...(extension.length === 0 ? {} : { extension }),
    itemSequence: item.sequence,
    adjudication: [{ extension: [review], category: concept(system.adjudication, 'submitted') }],
  };
}
