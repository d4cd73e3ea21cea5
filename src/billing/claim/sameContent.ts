import type { Claim } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';

/** What a claim gets after its draft was made, or what does not come from the chart. */
const later: readonly (string | undefined)[] = ['patient-paid', 'attachment', 'clmrecvddate'];

function content(claim: Partial<Claim>, submitted: boolean): unknown {
  const { id, meta, status, created, identifier, related, text, ...rest } = claim;
  void [id, meta, status, created, identifier, related, text];
  const supportingInfo = (rest.supportingInfo ?? []).filter(
    ({ category }) => !submitted || !later.includes(codeOf(category, system.supportingInfo, system.c4bbSupportingInfo)),
  );
  return sorted({ ...rest, supportingInfo: supportingInfo.map((info) => ({ ...info, sequence: 0 })) });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/**
 * True when two claims bill the same: numbers, dates of making and status apart. Of a submitted claim also apart from
 * what was added since: a payment of the patient, a document.
 */
export const sameContent = (a: Partial<Claim>, b: Partial<Claim>, submitted: boolean): boolean =>
  JSON.stringify(content(a, submitted)) === JSON.stringify(content(b, submitted));
