import type { Claim, CoverageEligibilityRequest, Organization, Resource } from '@medplum/fhirtypes';
import { requestSet } from '../../../src/billing/authorization/request278.ts';
import { inquirySet } from '../../../src/billing/eligibility/inquiry270.ts';
import { system } from '../../../src/terminology/system.ts';
import type { Loop } from '../../../src/x12/loop.ts';
import { writeInterchange } from '../../../src/x12/write.ts';

/** A provider who is nobody here, and asks the payer that the store acts for. */
export const asker: Organization & { id: string } = {
  ...{ resourceType: 'Organization', id: 'harbor', name: 'Harbor Clinic' },
  identifier: [
    { system: system.npi, value: '1982736450' },
    { system: system.taxId, value: '99-8877665' },
  ],
};

const knownOf = (resources: readonly Resource[]) =>
  new Map(resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));

const at = { on: '2026-11-24', time: '1200' } as const;

/** The 270 of requests, a set each, in an interchange of the partner. */
export const file270 = (
  number: number,
  requests: readonly CoverageEligibilityRequest[],
  resources: readonly Resource[],
): string =>
  fileOf(
    number,
    { set: '270', group: 'HS', version: '005010X279A1' },
    requests.map((request) => {
      const trace = request.identifier?.[0]?.value ?? '';
      return inquirySet({ request, known: knownOf(resources), trace }, at).set;
    }),
  );

/** The 278 of a request for authorization, or (X215) of a question after one. */
export const file278 = (
  number: number,
  claim: Claim,
  { resources, asks = false }: { readonly resources: readonly Resource[]; readonly asks?: boolean },
): string => {
  const trace = claim.identifier?.[0]?.value ?? '';
  const purpose = asks ? ('28' as const) : ('13' as const);
  const { set } = requestSet({ claim, known: knownOf(resources), trace }, { ...at, purpose });
  return fileOf(number, { set: '278', group: 'HI', version: asks ? '005010X215' : '005010X217' }, [set]);
};

function fileOf(
  number: number,
  { set, group, version }: { readonly set: string; readonly group: string; readonly version: string },
  contents: readonly Loop[],
): string {
  const clock = { date: '20261124', time: '1200' };
  return writeInterchange(
    {
      ...{ senderQualifier: 'ZZ', sender: 'ACMECH', receiverQualifier: 'ZZ', receiver: 'ALDER' },
      ...{ ...clock, controlNumber: number, usage: 'T' },
    },
    [
      {
        ...{ functionalGroup: group, sender: 'ACMECH', receiver: 'ALDER', controlNumber: number },
        ...{ version, ...clock },
        sets: contents.map((content, n) => ({
          ...{ controlNumber: String(n + 1).padStart(4, '0'), set, convention: version, content },
        })),
      },
    ],
  );
}
