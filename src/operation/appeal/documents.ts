import type { Binary, Coding, Consent, DocumentReference, Reference } from '@medplum/fhirtypes';
import { contains } from '../../datatypes/date.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, wrongValue, type Issue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { distinct, sensitiveOf } from '../label/labelled.ts';
import { joinable, type Pages } from './joinPdf.ts';

/** A document that goes with an appeal. */
export interface Enclosed {
  readonly title: string;
  readonly labels: readonly Coding[]; // the sensitive ones
  readonly pages?: Pages;
  readonly text?: string; // of one that is text
}

const at = (name: string, n: number): string =>
  `Parameters.parameter.where(name='${name}')[${n.toString()}].value`;

/**
 * The documents that were chosen, of this patient only, as far as `reader` sees them and the Binaries that they name. One with a sensitive label goes out with a Consent of the patient
 * that stands; without it, or without content that can be printed, nothing is made.
 */
export async function readDocuments(
  reader: Reader,
  of: {
    readonly named: readonly { readonly name: string; readonly reference: Reference | undefined }[];
    readonly patient: string;
    readonly consent: Reference | undefined;
    readonly on: string;
  },
): Promise<Enclosed[]> {
  const found: Enclosed[] = [];
  const faults: Issue[] = [];
  const isPermitted = await permits(reader, of);
  for (const [n, { name, reference }] of of.named.entries()) {
    const document = await resolve<DocumentReference>(reader, 'DocumentReference', reference);
    const place = at(name, n);
    if (document?.status !== 'current' || unversionedText(document.subject?.reference) !== of.patient) {
      faults.push(
        wrongValue('document-unfit', place, 'names no current document of the patient of the claim'),
      );
      continue;
    }
    const content = await contentOf(reader, document);
    if ((content?.labels ?? sensitiveOf(document)).length > 0 && !isPermitted) {
      const text = 'the document is labelled sensitive: name a Consent of the patient that stands';
      faults.push(businessFault('document-sensitive', place, text));
      continue;
    }
    if (content) found.push(content);
    else
      faults.push(
        businessFault(
          'document-unprintable',
          place,
          `only ${joinable.join(', ')} and text/plain are printed`,
        ),
      );
  }
  if (faults.length > 0) throw unprocessable(faults);
  return found;
}

async function permits(
  reader: Reader,
  {
    patient,
    consent: reference,
    on,
  }: { readonly patient: string; readonly consent: Reference | undefined; readonly on: string },
): Promise<boolean> {
  const consent = await resolve<Consent>(reader, 'Consent', reference);
  return (
    consent?.status === 'active' &&
    unversionedText(consent.patient?.reference) === patient &&
    consent.provision?.type !== 'deny' &&
    contains(consent.provision?.period, on)
  );
}

async function contentOf(reader: Reader, document: DocumentReference): Promise<Enclosed | undefined> {
  const title =
    document.description ?? document.type?.text ?? document.type?.coding?.[0]?.display ?? 'Document';
  for (const { attachment } of document.content) {
    const binary = await resolve<Binary>(reader, 'Binary', { reference: attachment.url });
    const data = attachment.data ?? binary?.data;
    const type = (attachment.contentType ?? binary?.contentType ?? '').split(';')[0] ?? '';
    if (data === undefined) continue;
    const bytes = Buffer.from(data, 'base64');
    const labels = distinct([...sensitiveOf(document), ...(binary ? sensitiveOf(binary) : [])]);
    if (type === 'text/plain') return { title, labels, text: bytes.toString('utf8') };
    if (joinable.some((known) => known === type))
      return { title, labels, pages: { contentType: type, bytes } };
  }
  return undefined;
}
