import { createHash } from 'node:crypto';
import type { CoverageEligibilityRequest, Resource } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { changed, copyOf, without } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { createResource, resolve } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { wrongValue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { holderOf, reserveKey } from '../uniqueKey.ts';
import { eligibilityRequestKey } from './keys.ts';
import type { Request } from './asking.ts';

const place = "Parameters.parameter.where(name='resource').resource";

/**
 * A request handed in to be asked: the one that is stored under its id or with the same content, else it is stored now.
 * What a Bundle brings beside it becomes contained, so that it is kept as it came and makes nothing on a chart here.
 */
export async function receiveRequest(call: Call, given: Resource | undefined): Promise<Request> {
  const { context, tx } = call;
  const request = await requestIn(call, given);
  const own = request.id === undefined ? undefined : await storedAs(call, request);
  if (own) return own;
  const hash = createHash('sha256')
    .update(contentText(without(request, 'id', 'meta', 'text')))
    .digest('base64url');
  const key = eligibilityRequestKey(hash);
  const before = await holderOf(tx, key);
  if (before) return before;
  const made = await createResource<CoverageEligibilityRequest>(context, tx, copyOf(without(request, 'id')));
  await reserveKey(tx, key, referenceText(made));
  return made;
}

/** The stored request of the same id; 409 where it says something else. */
async function storedAs({ tx }: Call, request: CoverageEligibilityRequest): Promise<Request | undefined> {
  const name = referenceText(request);
  const stored = await resolve<CoverageEligibilityRequest>(tx, 'CoverageEligibilityRequest', {
    reference: name,
  });
  if (stored?.id === undefined) return undefined;
  const content = (of: CoverageEligibilityRequest): string =>
    contentText(without(of, 'id', 'meta', 'text', 'identifier'));
  if (content(stored) === content(request)) return changed(stored, { id: stored.id });
  const text = `${name} is stored with another content: write it first, or hand it in without id`;
  throw conflict('request-differs', text, place);
}

/** The one request of what was handed in. */
async function requestIn(call: Call, given: Resource | undefined): Promise<CoverageEligibilityRequest> {
  if (given?.resourceType === 'CoverageEligibilityRequest') return given;
  const text = 'must be a CoverageEligibilityRequest, or a Bundle of one with what it refers to';
  if (given?.resourceType !== 'Bundle')
    throw unprocessable([wrongValue('not-an-eligibility-request', place, text)]);
  const entries = given.entry ?? [];
  const requests = entries.flatMap(({ resource }) =>
    resource?.resourceType === 'CoverageEligibilityRequest' ? [resource] : [],
  );
  const [request, ...others] = requests;
  if (!request || others.length > 0)
    throw unprocessable([wrongValue('not-an-eligibility-request', place, text)]);
  const parties = new Map<string, Resource>();
  for (const { fullUrl, resource } of entries) {
    if (!resource || resource === request) continue;
    const name = referenceText(resource);
    for (const url of [name, fullUrl]) if (url !== undefined) parties.set(url, resource);
  }
  const isHere = await allHere(call, parties);
  return isHere ? request : folded(request, parties);
}

/** Whether all that a Bundle brings is what is stored here under the same names. */
async function allHere({ tx }: Call, parties: ReadonlyMap<string, Resource>): Promise<boolean> {
  for (const party of new Set(parties.values())) {
    const stored = await resolve(tx, party.resourceType, { reference: referenceText(party) });
    const content = (of: Resource): string => contentText(plain(of));
    if (!stored || content(stored) !== content(party)) return false;
  }
  return parties.size > 0;
}

/** A party without what its server says of the version, and without its narrative. */
const plain = (resource: Resource): Resource => {
  const copy = copyOf(resource) as Resource & { text?: unknown };
  delete copy.text;
  delete copy.meta;
  return copy;
};

/** The request with its parties contained, each under a name of its own. */
function folded(
  request: CoverageEligibilityRequest,
  parties: ReadonlyMap<string, Resource>,
): CoverageEligibilityRequest {
  const all = [...new Set(parties.values())];
  const names = new Map(all.map((one, n) => [one, `party-${(n + 1).toString()}`]));
  const renamed = <T extends object>(value: T): T =>
    JSON.parse(
      JSON.stringify(value, (key: string, inner: unknown) => {
        const party = key === 'reference' && typeof inner === 'string' ? parties.get(inner) : undefined;
        return party ? `#${names.get(party) ?? ''}` : inner;
      }),
    ) as T;
  const contained = all.map((one) => changed(renamed(plain(one)), { id: names.get(one) ?? '' }));
  return changed(renamed(request), {
    contained: contained,
  } as Partial<CoverageEligibilityRequest>);
}
