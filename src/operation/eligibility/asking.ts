import type { CoverageEligibilityRequest, Organization, Resource } from '@medplum/fhirtypes';
import { changed, copyOf, without } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import type { EligibilityQuestion, Route } from '../../gateway/gateway.ts';
import { find, parsed, resolve } from '../../interaction/repository.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { keep, kept } from '../partner/kept.ts';

export type Request = CoverageEligibilityRequest & { id: string };

/** What a job that asks a payer is about; kept as JSON, without anything from the chart. */
export interface Asking {
  readonly request: string; // CoverageEligibilityRequest/1/_history/2: what is asked
  readonly trace: string;
  readonly gateway: string; // its code
  readonly payer: string; // Organization/1
  readonly on: string; // FHIR date
  readonly attempt: number; // 1, and one more each time it is asked again
  readonly left: number; // how often it may still be asked again by itself
  readonly isUrgent: boolean; // somebody waits
  readonly route?: Route;
}

export const askingKind = 'eligibility';
export const askingKey = (request: string, attempt: number): string =>
  `${askingKind}|${request}|${attempt.toString()}`;

/** Which attempt is the last one of a request. */
const attemptKey = (request: string): string => `eligibility-attempt|${request}`;
export const lastAttempt = async (reader: Reader, request: string): Promise<number> =>
  (await kept<{ attempt: number }>(reader, attemptKey(request)))?.attempt ?? 0;
export const keepAttempt = (tx: Transaction, request: string, attempt: number): Promise<void> =>
  keep(tx, attemptKey(request), { attempt });

/** The insurance of a request that is asked after. */
export const focalOf = ({ insurance }: CoverageEligibilityRequest) =>
  insurance?.find(({ focal }) => focal === true) ?? insurance?.[0];

/** A request whose contained parties have names as others have them: '#payer' becomes 'Organization/payer'. */
function unfolded(request: Request): { readonly request: Request; readonly parties: Map<string, Resource> } {
  const contained = request.contained ?? [];
  const names = new Map(contained.map((one) => [`#${one.id ?? ''}`, `${one.resourceType}/${one.id ?? ''}`]));
  const named = <T extends object>(value: T): T =>
    JSON.parse(
      JSON.stringify(value, (key: string, inner: unknown) =>
        key === 'reference' && typeof inner === 'string' ? (names.get(inner) ?? inner) : inner,
      ),
    ) as T;
  return {
    request: names.size === 0 ? request : named(without(copyOf(request), 'contained')),
    parties: new Map(contained.map((one) => [`${one.resourceType}/${one.id ?? ''}`, named(one)])),
  };
}

/** A request with whoever it names: its own contained parties, and those of the store. */
export async function readQuestion(
  reader: Reader,
  given: Request,
): Promise<Pick<EligibilityQuestion, 'request' | 'parties' | 'coverage'>> {
  const { request, parties } = unfolded(given);
  const read = async (reference: string | undefined): Promise<Resource | undefined> => {
    const name = unversionedText(reference);
    const target = parseReference(name);
    if (name === undefined || !target) return undefined;
    const known = parties.get(name);
    if (known) return known;
    const stored = await reader.read(target.type, target.id);
    if (!stored || stored.deleted) return undefined;
    const found = parsed<Resource>(stored);
    parties.set(name, found);
    return found;
  };
  await read(request.patient.reference);
  await read(request.insurer.reference);
  const provider = await read(request.provider?.reference);
  if (provider?.resourceType === 'PractitionerRole') await read(provider.practitioner?.reference);
  const coverage = await read(focalOf(request)?.coverage.reference);
  const held = coverage?.resourceType === 'Coverage' ? coverage : undefined;
  await read(held?.subscriber?.reference);
  return { request, parties, coverage: held };
}

/** What a job asks, as the request was when it was made. */
export async function questionOf(reader: Reader, asking: Asking): Promise<EligibilityQuestion> {
  const { trace, payer, on, isUrgent, route } = asking;
  return {
    ...(await readQuestion(reader, await requestOf(reader, asking))),
    ...{ trace, payer, on, isUrgent },
    ...(route ? { route } : {}),
  };
}

/** The request of a job, in the version that is asked. */
export async function requestOf(reader: Reader, { request: reference }: Asking): Promise<Request> {
  const [name, version] = reference.split('/_history/');
  const target = parseReference(name);
  const stored = target && (await reader.vread(target.type, target.id, Number(version)));
  if (!target || !stored) throw new Error(`${reference} is not there`);
  return changed(parsed<CoverageEligibilityRequest>(stored), { id: target.id });
}

/** The payer of a request as it is here (Organization/1): by name, or by the payer id of a contained one. */
export async function payerOf(reader: Reader, request: Request): Promise<string | undefined> {
  const { reference } = request.insurer;
  if (reference?.startsWith('#') !== true) {
    const organization = await resolve<Organization>(reader, 'Organization', request.insurer);
    return organization?.id === undefined ? undefined : `Organization/${organization.id}`;
  }
  const inner = request.contained?.find(({ id }) => `#${id ?? ''}` === reference);
  const number = inner?.resourceType === 'Organization' ? identifierOf(inner, system.payerId) : undefined;
  if (number === undefined) return undefined;
  const found = await find<Organization>(reader, 'Organization', {
    identifier: `${system.payerId}|${number}`,
  });
  const [only, ...others] = found;
  return only?.id !== undefined && others.length === 0 ? `Organization/${only.id}` : undefined;
}
