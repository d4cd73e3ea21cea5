import type { Claim, Resource } from '@medplum/fhirtypes';
import { requestSet } from '../../src/billing/authorization/request278.ts';
import { writeInterchange } from '../../src/x12/write.ts';

let last = 500;

/** An interchange with the 278 of a prior authorization. */
export function askedFor(claim: Claim, resources: readonly Resource[]): string {
  const known = new Map(resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));
  const trace = claim.identifier?.[0]?.value ?? '';
  const { set, problems } = requestSet({ claim, known, trace }, { on: '2026-06-05', time: '1200' });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  last += 1;
  return writeInterchange(
    {
      ...{ senderQualifier: 'ZZ', sender: 'ALDER', receiverQualifier: 'ZZ', receiver: 'ACMECH' },
      ...{ date: '20260605', time: '1200', controlNumber: last, usage: 'T' },
    },
    [
      {
        ...{ functionalGroup: 'HI', sender: 'ALDER', receiver: 'ACMECH', controlNumber: last },
        ...{ version: '005010X217', date: '20260605', time: '1200' },
        sets: [{ controlNumber: '0001', set: '278', convention: '005010X217', content: set }],
      },
    ],
  );
}
