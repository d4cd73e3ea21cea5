import type { Bundle, Claim, ClaimResponse, Resource } from '@medplum/fhirtypes';
import { responseBundle, type Answered } from '../../billing/authorization/pasBundle.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { parsed, readResource } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';

type Stored<T> = T & { id: string };

/** An answer with what it refers to: whom it is for, who decides, who asked. */
export async function answeredOf(reader: Reader, answer: Stored<ClaimResponse>): Promise<Answered> {
  const id = parseReference(answer.request?.reference)?.id ?? '';
  const claim = withoutVersions(changed(await readResource<Claim>(reader, 'Claim', id), { id }));
  const parties: Resource[] = [];
  for (const pointer of [answer.patient, answer.insurer, answer.requestor, claim.insurance[0]?.coverage]) {
    const target = parseReference(pointer?.reference);
    const stored = target && (await reader.read(target.type, target.id));
    if (target && stored && !stored.deleted)
      parties.push(Object.assign(parsed<Resource>(stored), { id: target.id }));
  }
  return { claim, answer, parties };
}

/** The response Bundle of PAS to a request. */
export async function pasAnswer(
  { publicUrl, now }: OperationContext,
  reader: Reader,
  answer: Stored<ClaimResponse>,
): Promise<Bundle> {
  const head = { base: publicUrl, timestamp: now(), isInquiry: false };
  return responseBundle(await answeredOf(reader, answer), head);
}
