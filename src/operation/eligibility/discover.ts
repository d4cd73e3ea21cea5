import type {
  Coverage,
  CoverageEligibilityRequest,
  Organization,
  OrganizationAffiliation,
  Parameters,
} from '@medplum/fhirtypes';
import { resultOf } from '../../billing/eligibility/result.ts';
import { concept } from '../../datatypes/coding.ts';
import { contains } from '../../datatypes/date.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import type { Awaited } from '../../interaction/rest/answer.ts';
import { createResource, find } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided } from '../../outcome/issue.ts';
import { asServer } from '../../store/access/asServer.ts';
import { system } from '../../terminology/system.ts';
import { paysByConsent, restrictedError } from '../claim/restricted.ts';
import type { Call, OperationContext } from '../operation.ts';
import { answer, parameter, parameters } from '../parameters.ts';
import { eligibilityOf } from './awaitEligibility.ts';
import { isAskingBegun, submitEligibility, type AskingBegun } from './submitEligibility.ts';
import { wayToAsk, type WayToAsk } from './wayToAsk.ts';

interface Asked {
  readonly payer: string; // Organization/1
  readonly way: WayToAsk;
}

/**
 * Asks payers who allow it whether they cover a patient who has no coverage here. What they find is a proposal: a Task
 * coverage-found, which a person applies. A patient who pays himself by Consent is asked after nowhere.
 */
export async function discoverCoverage(call: Call, patient: string): Promise<Awaited | Parameters> {
  const { context, tx, on } = call;
  const own = await find<Coverage>(tx, 'Coverage', { beneficiary: patient });
  if (own.some((one) => one.status === 'active' && contains(one.period, on)))
    throw conflict('patient-covered', `${patient} has an active Coverage: ask its payer`, 'Patient');
  if (await paysByConsent(call, patient)) throw restrictedError([patient]);
  const practice = parameter(call.input, 'practice')?.valueReference?.reference ?? '';
  const asked = await payersOf(call, practice);
  if (asked.length === 0)
    throw unprocessable([
      businessFault(
        'discovery-not-allowed',
        'Parameters.parameter',
        'no payer that can be asked from here allows to look for coverage (extension coverage-discovery)',
      ),
    ]);
  if (call.dryRun)
    return answer(
      [],
      asked.map(({ payer }) => decided('would-be-asked', 'Patient', `${payer} would be asked`)),
    );
  const begun: AskingBegun[] = [];
  for (const { payer, way } of asked) {
    const request = await createResource<CoverageEligibilityRequest>(context, tx, {
      ...({ resourceType: 'CoverageEligibilityRequest', status: 'active' } as const),
      ...{ purpose: ['discovery'], patient: { reference: patient }, servicedDate: on, created: on },
      ...{ provider: { reference: practice }, insurer: { reference: payer } },
      item: [{ category: concept(system.x12ServiceType, '30') }],
    });
    const result = await submitEligibility(call, request, { way });
    begun.push(isAskingBegun(result) ? result : { request: referenceText(request) });
  }
  return { awaited: JSON.stringify(begun.map(({ request }) => request)), begun };
}

/** The payers that may be asked: those that are named, else whoever the practice has a route to or has an Endpoint. */
async function payersOf(call: Call, practice: string): Promise<Asked[]> {
  const { tx } = call;
  const named = parameters(call.input, 'payer').flatMap(
    ({ valueReference }) => valueReference?.reference ?? [],
  );
  const routes = await find<OrganizationAffiliation>(tx, 'OrganizationAffiliation', {
    'participating-organization': practice,
  });
  const connected = await find<Organization>(tx, 'Organization', { 'endpoint:missing': 'false' });
  const all =
    named.length > 0
      ? named
      : [
          ...routes.flatMap(({ organization }) => organization?.reference ?? []),
          ...connected.map(referenceText),
        ];
  const found: Asked[] = [];
  for (const payer of new Set(all)) {
    if (parseReference(payer)?.type !== 'Organization') continue;
    const way = await wayToAsk(call, { payer, practice });
    if (way?.mayDiscover === true) found.push({ payer, way });
  }
  return found;
}

/** What payers said, each within the time that answers are waited for. */
export async function awaitDiscovery(
  given: OperationContext,
  { awaited, begun }: Awaited,
): Promise<Parameters> {
  // Who may see the patient was judged by the first transaction; what follows is the server's own doing.
  const context = { ...given, store: asServer(given.store) };
  const names = JSON.parse(awaited) as string[];
  const known = (begun ?? names.map((request) => ({ request }))) as readonly AskingBegun[];
  const responses = await Promise.all(known.map((one) => eligibilityOf(context, one)));
  const count = responses.filter((one) => resultOf(one) === 'active').length;
  const text = `${count.toString()} of ${responses.length.toString()} payers know the patient: Tasks coverage-found propose what they said`;
  return answer(
    responses.map((one) => ['response', one] as const),
    [decided('asked', 'Patient', text)],
  );
}
