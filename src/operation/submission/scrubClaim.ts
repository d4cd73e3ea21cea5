import type { Claim, Coverage, PractitionerRole, Resource } from '@medplum/fhirtypes';
import { holdOf } from '../../billing/claim/edit.ts';
import { rules } from '../../billing/scrub/rules/index.ts';
import { knownAs } from '../../billing/scrub/input.ts';
import type { ScrubInput } from '../../billing/scrub/rule.ts';
import { scrub } from '../../billing/scrub/scrub.ts';
import { dateOf } from '../../datatypes/date.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find, parsed } from '../../interaction/repository.ts';
import { codeOfIssue, warning, type Issue } from '../../outcome/issue.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { extension } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { editsOfClaim } from '../claim/claimEdits.ts';
import { compareWithChart } from './compareWithChart.ts';
import { planOf } from '../claim/practicePlans.ts';
import { lastAnswer } from './lastAnswer.ts';

type Pointer = { readonly reference?: string | undefined } | undefined;

/** Every fault and warning a payer would find in a claim; reads what the rules need and changes nothing. */
export async function scrubClaim(call: Call, claim: Claim): Promise<Issue[]> {
  const known = await readKnown(call, claim);
  const earlier = await earlierClaims(call, claim);
  const plan = await planRules(call, known, claim);
  const stale = await compareWithChart(call, claim, known);
  // a void is judged by what it takes back only: its content was judged when it was sent
  const found = scrub(rules, { claim, on: call.on, known, earlier, plan });
  const judged = isVoidClaim(claim) ? found.filter((i) => ofVoids.includes(codeOfIssue(i) ?? '')) : found;
  return [...stale, ...(await held(call, claim)), ...judged];
}

/** What a void has to be right in. */
const ofVoids: readonly string[] = [
  ...['frequency-prior-claim', 'patient-control-number', 'payer-id', 'billing-npi', 'member-id'],
];

/** A warning about a draft that its biller holds back. */
async function held({ tx }: Call, claim: Claim): Promise<Issue[]> {
  const isHeld = claim.status === 'draft' && holdOf((await editsOfClaim(tx, claim)).edits) !== undefined;
  return isHeld
    ? [warning('claim-held', 'Claim', 'this claim is held: $edit it (hold false) to send it')]
    : [];
}

/** The claims of the patient for the same days, sent or not: of few conditions the search is quickest. */
async function earlierClaims({ tx }: Call, { patient, billablePeriod, item = [] }: Claim): Promise<Claim[]> {
  const target = parseReference(patient.reference);
  const { start, end } = billablePeriod ?? {};
  const days = [
    start,
    end,
    ...item.flatMap((i) => [i.servicedDate, i.servicedPeriod?.start, i.servicedPeriod?.end]),
  ]
    .flatMap((day) => (day === undefined ? [] : [dateOf(day)]))
    .sort();
  const [first, last] = [days[0], days.at(-1)];
  if (target?.type !== 'Patient' || first === undefined || last === undefined) return [];
  return find<Claim>(tx, 'Claim', {
    patient: `Patient/${target.id}`,
    'service-date': [`ge${first}`, `le${last}`],
  });
}

/** What the claim refers to, and what that refers to in its turn: the subscriber, the person of a role. */
async function readKnown({ tx }: Call, claim: Claim): Promise<Map<string, Resource>> {
  const known = new Map<string, Resource>();
  const read = async <T extends Resource>(pointer: Pointer): Promise<T | undefined> => {
    const target = parseReference(pointer?.reference);
    if (!target) return undefined;
    const key = `${target.type}/${target.id}`;
    if (!known.has(key)) {
      const stored = await tx.read(target.type, target.id);
      if (stored && !stored.deleted) known.set(key, parsed(stored));
    }
    return known.get(key) as T | undefined;
  };
  const providers = [claim.provider, ...(claim.careTeam ?? []).map((m) => m.provider)];
  for (const pointer of [claim.patient, claim.insurer, claim.facility]) await read(pointer);
  for (const pointer of providers) {
    const provider = await read<PractitionerRole>(pointer);
    if (provider?.resourceType === 'PractitionerRole') await read(provider.practitioner);
  }
  for (const { claimResponse } of claim.insurance) await read(claimResponse);
  for (const { coverage } of claim.insurance) await read((await read<Coverage>(coverage))?.subscriber);
  for (const item of claim.item ?? []) {
    for (const { valueReference } of extensionsOf(item, extension.chargeItem)) await read(valueReference);
  }
  return known;
}

/** What the plan of the billed coverage asks: the one its class names, else the only one of the payer. */
async function planRules(
  call: Call,
  known: ReadonlyMap<string, Resource>,
  claim: Claim,
): Promise<ScrubInput['plan']> {
  const focal = claim.insurance.find((i) => i.focal)?.coverage;
  const plan = await planOf(call, knownAs<Coverage>(known, 'Coverage', focal), claim.insurer);
  const answered = await lastAnswer(call, claim);
  return {
    authorization: new Set(plan?.authorization.keys() ?? []),
    ...(plan && plan.filing.length > 0 ? { filing: plan.filing } : {}),
    ...(plan?.coverageChange === undefined ? {} : { coverageChange: plan.coverageChange }),
    ...(answered === undefined ? {} : { lastAnswer: answered }),
  };
}
