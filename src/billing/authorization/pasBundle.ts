import type {
  Bundle,
  Claim,
  ClaimResponse,
  ClaimResponseItem,
  Parameters,
  Resource,
} from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { changed, copyOf } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { pasExtension, pasProfile } from '../../terminology/pas.ts';
import { system } from '../../terminology/system.ts';

/** The editions of PAS that are told apart. */
export type PasVersion = '2.0.1' | '2.2.1';

/** The Claim that a Bundle asks for authorization with: its first entry. Undefined where it is no Bundle of PAS. */
export const requestIn = (resource: Resource | undefined): Claim | undefined => {
  const first = resource?.resourceType === 'Bundle' ? resource.entry?.[0]?.resource : undefined;
  return first?.resourceType === 'Claim' && first.use === 'preauthorization' ? first : undefined;
};

/** The edition that a Bundle names by the version of a profile; the newest where it names none. */
export function versionOf({ meta, entry = [] }: Bundle): PasVersion {
  const profiles = [
    ...(meta?.profile ?? []),
    ...entry.flatMap(({ resource }) => resource?.meta?.profile ?? []),
  ];
  return profiles.some((url) => url.includes('/davinci-pas/') && url.endsWith('|2.0.1')) ? '2.0.1' : '2.2.1';
}

export interface Answered {
  readonly claim: Claim & { id: string };
  readonly answer: ClaimResponse & { id: string };
  readonly parties: readonly Resource[]; // what the answer refers to
}

interface Head {
  readonly base: string; // of our server
  readonly timestamp: string;
  readonly isInquiry: boolean;
}

/** The Bundle that answers a request: the ClaimResponse first, then what it refers to. Conformance 7.2.1 */
export function responseBundle(answered: Answered, { base, timestamp, isInquiry }: Head): Bundle {
  const { claim, parties } = answered;
  const answer = presented(answered);
  const profile = isInquiry ? 'profile-claiminquiryresponse' : 'profile-claimresponse';
  const named = changed(answer, {
    meta: changed(answer.meta ?? {}, { profile: [pasProfile(profile)] }),
  });
  const all: Resource[] = [named, claim, ...parties];
  const unique = all.filter((one, n) => all.findIndex((o) => referenceText(o) === referenceText(one)) === n);
  return {
    resourceType: 'Bundle',
    meta: {
      profile: [
        pasProfile(isInquiry ? 'profile-pas-inquiry-response-bundle' : 'profile-pas-response-bundle'),
      ],
    },
    identifier: { system: 'urn:ietf:rfc:3986', value: `${base}/${versionText(answer)}` },
    type: 'collection',
    timestamp,
    entry: unique.map((resource) => ({ fullUrl: `${base}/${referenceText(resource)}`, resource })),
  };
}

/** What $inquire answers: one Bundle by 2.0.1, a Bundle for each request in Parameters by 2.2.1. Conformance 7.1.1 */
export function inquiryAnswer(
  found: readonly Answered[],
  { version, ...head }: Omit<Head, 'isInquiry'> & { readonly version: PasVersion },
): Bundle | Parameters {
  const bundles = found.map((one) => responseBundle(one, { ...head, isInquiry: true }));
  if (version === '2.2.1')
    return {
      resourceType: 'Parameters',
      ...(bundles.length > 0 ? { parameter: bundles.map((resource) => ({ name: 'return', resource })) } : {}),
    };
  const entries = bundles.flatMap(({ entry = [] }) => entry);
  const answers = entries.filter(({ resource }) => resource?.resourceType === 'ClaimResponse');
  const others = entries.filter(
    ({ resource, fullUrl }, n) =>
      resource?.resourceType !== 'ClaimResponse' && entries.findIndex((e) => e.fullUrl === fullUrl) === n,
  );
  return {
    resourceType: 'Bundle',
    meta: { profile: [pasProfile('profile-pas-inquiry-response-bundle')] },
    type: 'collection',
    timestamp: head.timestamp,
    ...(entries.length > 0 ? { entry: [...answers, ...others] } : {}),
  };
}

/** An answer that is still awaited is pended (A4) to whoever asks by PAS. */
function presented({ claim, answer }: Answered): ClaimResponse & { id: string } {
  if (answer.outcome !== 'queued') return copyOf(answer);
  const item = (claim.item ?? []).map(({ sequence }): ClaimResponseItem => ({
    itemSequence: sequence,
    adjudication: [
      {
        extension: [
          {
            url: pasExtension.reviewAction,
            extension: [
              { url: pasExtension.reviewActionCode, valueCodeableConcept: concept(system.x12Action, 'A4') },
            ],
          },
        ],
        category: concept(system.adjudication, 'submitted'),
      },
    ],
  }));
  return changed(copyOf(answer), { outcome: 'complete', ...(item.length > 0 ? { item } : {}) });
}
