import type { Claim } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { changed, without } from '../../datatypes/json.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';

/** What a claim gets after its draft was made, or what does not come from the chart. */
const later: readonly (string | undefined)[] = ['patient-paid', 'attachment', 'clmrecvddate'];

function content(claim: Partial<Claim>, submitted: boolean): string {
  const rest = without(claim, 'id', 'meta', 'status', 'created', 'identifier', 'related', 'text');
  const supportingInfo = (rest.supportingInfo ?? [])
    .filter(({ category }) => {
      const code = codeOf(category, system.supportingInfo, system.c4bbSupportingInfo);
      return !submitted || !later.includes(code);
    })
    .map((info) => without(info, 'sequence'));
  return contentText(changed(rest, { supportingInfo }));
}

/**
 * True when two claims bill the same: numbers, dates of making and status apart. Of a submitted claim also apart from
 * what was added since: a payment of the patient, a document.
 */
export const sameContent = (a: Partial<Claim>, b: Partial<Claim>, submitted: boolean): boolean =>
  content(a, submitted) === content(b, submitted);
