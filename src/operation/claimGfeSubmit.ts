import type { Basic, Bundle, Claim, Coverage, ExplanationOfBenefit, Resource } from '@medplum/fhirtypes';
import { explain } from '../billing/explanation/explain.ts';
import { changed, without } from '../datatypes/json.ts';
import { parseReference, referenceText } from '../datatypes/reference.ts';
import { parsed, resolve } from '../interaction/repository.ts';
import { badRequest, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, unresolved } from '../outcome/issue.ts';
import { answer } from '../payer/answer.ts';
import { memberIdOf, newEnrollment } from '../payer/enrollment.ts';
import { insideOut, memberOf, renamed } from './authorization/pasRequest.ts';
import { operationDefinition } from './definition.ts';
import { wayToAsk } from './eligibility/wayToAsk.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { partyHere } from './received/parties.ts';
import { readMember } from './submission/payerRecords.ts';

type Stored<T> = T & { readonly id: string };

const at = (rest: string): string => `Parameters.parameter.where(name='resource').resource${rest}`;

/**
 * POST [base]/Claim/$gfe-submit: what a payer that the simulator plays would decide on good-faith estimates, as advance
 * explanations of benefits. Nothing is kept, and nothing of a plan is used up.
 * See https://hl7.org/fhir/us/davinci-pct/OperationDefinition-GFE-submit.html
 */
export const claimGfeSubmit: Operation = {
  definition: operationDefinition('Claim-gfe-submit'),
  permission: 'submit-claim',
  namesOthers: (resource) => resource?.resourceType === 'Bundle' && estimatesIn(resource).length > 0,
  async run(call): Promise<Bundle> {
    const { context, input } = call;
    const bundle = parameter(input, 'resource')?.resource;
    const given = bundle?.resourceType === 'Bundle' ? estimatesIn(bundle) : [];
    if (bundle?.resourceType !== 'Bundle' || given.length === 0) {
      const text = 'must be a Bundle with a Claim of use predetermination';
      throw badRequest('not-an-estimate', text, at('.entry.resource'));
    }
    const explained: Resource[] = [];
    const named = new Set<string>();
    let enrollment: Basic | undefined; // as the estimate before leaves it: what one uses up, the next has no more
    for (const claim of given) {
      const asked = await askedOf(call, insideOut(bundle, claim, context.publicUrl));
      const decided = decide(call, asked, enrollment);
      enrollment = decided.enrollment;
      explained.push(decided.explanation, without(asked.claim, 'contained'));
      for (const one of [asked.patient, asked.payer, asked.provider]) if (one !== undefined) named.add(one);
    }
    const parties = await partiesOf(call, [...named]);
    return {
      resourceType: 'Bundle',
      type: 'collection',
      timestamp: context.now(),
      entry: [...explained, ...parties].map((resource) => ({
        fullUrl: `${context.publicUrl}/${referenceText(resource)}`,
        resource,
      })),
    };
  },
};

const estimatesIn = ({ entry = [] }: Bundle): Claim[] =>
  entry.flatMap(({ resource }) =>
    resource?.resourceType === 'Claim' && resource.use === 'predetermination' ? [resource] : [],
  );

/** An estimate in our names, with what its payer knows of the member. */
interface AskedOfPayer {
  readonly claim: Stored<Claim>;
  readonly patient: string;
  readonly payer: string;
  readonly provider: string | undefined;
  readonly coverage: Coverage | undefined;
  readonly member: NonNullable<Awaited<ReturnType<typeof readMember>>>;
}

async function askedOf(call: Call, given: Claim): Promise<AskedOfPayer> {
  const { context, tx, on } = call;
  const reader = call.view ?? tx;
  const patient = await memberOf(reader, given);
  if (patient === undefined) {
    const text = 'the Bundle names no patient whom you ask for here';
    throw unprocessable([unresolved('patient-unknown', at('.entry.resource'), text)]);
  }
  const payer = await partyHere(reader, given, given.insurer?.reference);
  if (payer === undefined || parseReference(payer)?.type !== 'Organization')
    throw unprocessable([unresolved('payer-unknown', 'Claim.insurer', 'names no Organization that is here')]);
  const provider = await partyHere(reader, given, given.provider.reference);
  const way = await wayToAsk(call, { payer, practice: undefined });
  if (way?.code !== 'simulator') {
    const text = 'is no payer that this server answers for: send the estimate to the payer itself';
    throw unprocessable([businessFault('payer-not-here', 'Claim.insurer', text)]);
  }
  const pointer = (given.insurance.find(({ focal }) => focal) ?? given.insurance[0])?.coverage;
  const inside = given.contained?.find(({ id }) => `#${id ?? ''}` === pointer?.reference);
  const coverage =
    inside?.resourceType === 'Coverage' ? inside : await resolve<Coverage>(reader, 'Coverage', pointer);
  const member = await readMember(call, { patient: { reference: patient }, payer, coverage });
  if (!member)
    throw unprocessable([
      unresolved('coverage-unknown', 'Claim.insurance', 'names no coverage of the payer'),
    ]);
  const names = new Map(
    [
      [given.patient.reference, patient],
      [given.insurer?.reference, payer],
      [given.provider.reference, provider],
    ].flatMap(([from, to]) => (from === undefined || to === undefined ? [] : [[from, to] as const])),
  );
  const own = changed(renamed(given, names), { id: context.newId() });
  const claim = changed(own, {
    created: on,
    insurance: own.insurance.map((one) => without(one, 'claimResponse')),
  });
  return { claim, patient, payer, provider, coverage, member };
}

/** What the payer would decide, by the rules of the claim, as an explanation that says it is none yet. */
function decide(
  { context, on }: Call,
  { claim, coverage, member, payer, patient }: AskedOfPayer,
  before: Basic | undefined,
): { readonly explanation: Stored<ExplanationOfBenefit>; readonly enrollment: Basic | undefined } {
  const number = memberIdOf(coverage);
  const first = number === undefined ? undefined : newEnrollment(number, payer, patient);
  const { response, enrollment } = answer(
    { claim, coverage, priors: [], satisfied: true, answeredOn: on },
    { plan: member.plan, enrollment: before ?? member.enrollment ?? first, duplicate: false },
  );
  const made = without(explain({ claim, response, priors: [] }), 'meta', 'claimResponse', 'payment');
  const notes = made.processNote ?? [];
  return {
    enrollment,
    explanation: changed(made, {
      id: context.newId(),
      use: 'predetermination' as const,
      disposition: 'Advance explanation of benefits: nothing was decided on a claim',
      processNote: [
        ...notes,
        {
          number: notes.length + 1,
          type: 'display' as const,
          text: 'This is an estimate by the benefits of today, and not a bill or a decision on a claim',
        },
      ],
    }),
  };
}

/** Patient, payer and provider as the caller sees them. */
async function partiesOf({ tx, view }: Call, names: readonly string[]): Promise<Resource[]> {
  const found: Resource[] = [];
  for (const name of names) {
    const target = parseReference(name);
    const stored = target && (await (view ?? tx).read(target.type, target.id));
    if (target && stored && !stored.deleted)
      found.push(Object.assign(parsed<Resource>(stored), { id: target.id }));
  }
  return found;
}
