import type { Resource } from '@medplum/fhirtypes';
import { Client, type FhirResource } from 'fhir-kit-client';
import { changed, parseJson, toJson } from '../datatypes/json.ts';
import { TransportFault, type FhirServer } from '../transport/transport.ts';
import { answersIn, isOurs, saidBy } from './fhirAnswer.ts';
import type { FhirOutbox, FhirPrepared, Found, Gateway, Sent } from './gateway.ts';

/** A server that is slow may take a request in after we have ended it: for so long it is not believed to have nothing. */
const settles_ms = 120_000;

/**
 * Claims to payers by their FHIR servers: `Claim/$submit` with a collection of the Claim and what it refers to (the form
 * of PAS). What may have arrived is looked for by its identifier, and sent again only where the payer says that it has
 * nothing of it.
 */
export const fhirGateway = (outbox: FhirOutbox): Gateway => ({
  honoursAnsweredOn: false,
  claimTypes: ['institutional', 'oral', 'pharmacy', 'professional'],
  send: async (transmission) => {
    const prepared = await outbox.prepare(transmission);
    if (!('server' in prepared))
      return { is: prepared.isPosted ? 'unfit' : 'refused', reason: prepared.reason };
    if (prepared.postedBefore !== undefined) {
      const found = await lookFor(prepared);
      // that nobody can tell is known to whoever sends it once more: the payer gets the same under the same identifier
      if (found.is !== 'absent' && found.is !== 'cannot-tell') return found;
    }
    return post(outbox, prepared);
  },
  find: async (id) => {
    const prepared = await outbox.prepared(id);
    if (prepared && !('server' in prepared)) return { is: prepared.isPosted ? 'cannot-tell' : 'absent' };
    return prepared?.postedBefore === undefined ? { is: 'absent' } : lookFor(prepared);
  },
});

async function post(outbox: FhirOutbox, prepared: FhirPrepared): Promise<Sent> {
  const { id, bundle } = prepared;
  await outbox.note(id, 'posting');
  try {
    const options = { headers: { 'Idempotency-Key': id } };
    const input = bundle as unknown as FhirResource;
    const said = await clientOf(prepared.server).operation({
      name: 'submit',
      resourceType: 'Claim',
      input,
      options,
    });
    await outbox.note(id, 'received');
    return await reading({ ...prepared, isReceived: true }, said as unknown as Resource);
  } catch (error) {
    if (isNeverSent(error)) await outbox.note(id, 'not-arrived');
    const refusal = refusalOf(error);
    if (refusal) return refusal;
    throw error;
  }
}

/** What the answer to a post says; one that names neither our claim nor our patient is no answer to it. */
async function reading(prepared: FhirPrepared, said: Resource): Promise<Sent> {
  const ours = [...answersIn(said)].filter(({ response, beside }) => isOurs(response, beside, prepared));
  const [only] = ours;
  if (only && ours.length === 1) return saidBy(only.response, prepared);
  if (prepared.look !== 'none') {
    const found = await lookFor(prepared);
    if (found.is !== 'absent' && found.is !== 'cannot-tell' && found.is !== 'unknown') return found;
  }
  return said.resourceType === 'OperationOutcome'
    ? { is: 'accepted' }
    : { is: 'unfit', reason: 'what the payer answered is not about this claim and its patient' };
}

/** Asks the payer what it has of a claim. */
async function lookFor(prepared: FhirPrepared): Promise<Found> {
  const { look, claim, server } = prepared;
  if (look === 'none') return { is: 'cannot-tell' };
  const client = clientOf(server);
  try {
    const found =
      look === 'inquire' || claim.use === 'preauthorization'
        ? await inquired(client, prepared)
        : await searched(client, prepared);
    if (found.is !== 'absent') return found;
    if (prepared.isReceived) return { is: 'accepted' };
    return (prepared.postedBefore ?? 0) < settles_ms ? { is: 'unknown' } : found;
  } catch (error) {
    if (prepared.isReceived && !(error instanceof StatusFault && error.status < 500))
      return { is: 'accepted' };
    // a server that does not know the question will not know it later
    if (error instanceof StatusFault && [400, 404, 405, 410, 422, 501].includes(error.status))
      return { is: 'cannot-tell' };
    throw error;
  }
}

/** The profiles of PAS for what is sent, and for the same as a question. */
const inquiryProfiles: readonly (readonly [RegExp, string])[] = [
  [/profile-pas-request-bundle$/, 'profile-pas-inquiry-request-bundle'],
  [/profile-claim(?:-update)?$/, 'profile-claim-inquiry'],
];

function asInquiry<T extends Resource>(resource: T): T {
  const profile = resource.meta?.profile?.map((url) =>
    inquiryProfiles.reduce((text, [sent, asked]) => text.replace(sent, asked), url),
  );
  return profile
    ? changed(resource, { meta: changed(resource.meta ?? {}, { profile }) } as Partial<T>)
    : resource;
}

/** By $inquire: a query by example, with what was sent. */
async function inquired(client: Client, { bundle, ...prepared }: FhirPrepared): Promise<Found> {
  const entry = (bundle.entry ?? []).map((one) =>
    one.resource ? changed(one, { resource: asInquiry(one.resource) }) : one,
  );
  const input = changed(asInquiry(bundle), { entry }) as unknown as FhirResource;
  const said = (await client.operation({
    name: 'inquire',
    resourceType: 'Claim',
    input,
  })) as unknown as Resource;
  if (said.resourceType !== 'Bundle' && said.resourceType !== 'Parameters') return { is: 'cannot-tell' };
  return among(said, { bundle, ...prepared }) ?? { is: 'absent' };
}

/** By a search for answers to the claim of our identifier, then for the claim itself. */
async function searched(client: Client, prepared: FhirPrepared): Promise<Found> {
  const { system = '', value = '' } = prepared.bundle.identifier ?? {};
  const identifier = `${system}|${value}`;
  const answers = await search(client, 'ClaimResponse', {
    'request.identifier': identifier,
    _include: 'ClaimResponse:request',
  });
  if (!answers) return { is: 'cannot-tell' };
  const said = among(answers, prepared);
  if (said) return said;
  const claims = await search(client, 'Claim', { identifier });
  if (!claims) return { is: 'cannot-tell' };
  const isThere = (claims.entry ?? []).some(
    ({ resource }) =>
      resource?.resourceType === 'Claim' &&
      resource.identifier?.some((i) => i.system === system && i.value === value) === true,
  );
  return isThere ? { is: 'accepted' } : { is: 'absent' };
}

/** The searchset, where the server says that it has searched for what was asked; a server may leave parameters out. */
async function search(client: Client, resourceType: string, searchParams: Record<string, string>) {
  const found = (await client.search({ resourceType, searchParams })) as unknown as Resource;
  if (found.resourceType !== 'Bundle') return undefined;
  const self = found.link?.find(({ relation }) => relation === 'self')?.url ?? '';
  const [name = '', value = ''] = Object.entries(searchParams)[0] ?? [];
  const query = new URLSearchParams(self.split('?')[1] ?? '');
  return query.get(name) === value ? found : undefined;
}

/** What the payer says of the claim last, among all that it answered; undefined where nothing is of it. */
function among(said: Resource, prepared: FhirPrepared): Found | undefined {
  const ours = [...answersIn(said)]
    .filter(({ response, beside }) => isOurs(response, beside, prepared) && response.status === 'active')
    .map(({ response }) => response);
  const decided = ours.filter(({ outcome }) => outcome === 'complete');
  if (decided.length > 1)
    return { is: 'unfit', reason: 'the payer gives more than one decision on the claim' };
  const last = decided[0] ?? ours.sort((a, b) => (a.created < b.created ? 1 : -1))[0];
  return last && saidBy(last, prepared);
}

/** An answer of a server that is no success. */
class StatusFault extends Error {
  readonly status: number;
  readonly outcome: Resource | undefined;
  constructor(status: number, outcome: Resource | undefined) {
    super(`the server of the payer answered ${status}`);
    this.status = status;
    this.outcome = outcome;
  }
}

/** Statuses by which a server says that it will not take a claim as it is. */
const refusing: readonly number[] = [400, 413, 422];

/** A refusal that the payer has given as an OperationOutcome; anything else leaves open what became of the claim. */
export function refusalOf(error: unknown): { is: 'refused'; reason: string } | undefined {
  if (!(error instanceof StatusFault) || !refusing.includes(error.status)) return undefined;
  if (error.outcome?.resourceType !== 'OperationOutcome') return undefined;
  const issues = error.outcome.issue.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  const [first] = issues;
  if (!first) return undefined;
  const text = first.details?.text ?? first.diagnostics ?? first.details?.coding?.[0]?.code ?? first.code;
  return { is: 'refused', reason: text.slice(0, 500) };
}

/** Whether a request certainly did not reach whoever judges claims: it was stopped before, or at the door. */
const isNeverSent = (error: unknown): boolean =>
  error instanceof StatusFault
    ? error.status === 401 || error.status === 403
    : error instanceof TransportFault && ['not-allowed', 'host-key', 'login'].includes(error.code);

/**
 * A client of fhir-kit-client whose requests go the way of all calls to partners: to hosts that the settings name, with
 * the partner's authority and our certificate, in bounded time and length, and with decimals as they are written.
 */
export function clientOf(server: FhirServer): Client {
  const client = new Client({ baseUrl: server.base });
  const { httpClient } = client;
  httpClient.request = async (method, url, { headers = {} } = {}, body) => {
    const asking = {
      method: method === 'GET' ? ('GET' as const) : ('POST' as const),
      url: httpClient.expandUrl(url),
      headers: { accept: 'application/fhir+json', ...headers },
    };
    const { status, text } = await server.call(
      body === undefined ? asking : { ...asking, body: toJson(body) },
    );
    const said = resourceOf(text);
    if (status < 200 || status >= 300) throw new StatusFault(status, said);
    if (!said) throw new TransportFault('refused', 'the server of the payer did not answer with a resource');
    return said as unknown as FhirResource;
  };
  return client;
}

/** A FHIR resource as JSON; undefined for anything else, such as a page of HTML. */
function resourceOf(text: string): Resource | undefined {
  try {
    const value = parseJson(text);
    const isResource = typeof value === 'object' && value !== null && 'resourceType' in value;
    return isResource && typeof value.resourceType === 'string' ? (value as Resource) : undefined;
  } catch {
    return undefined;
  }
}
