import { createHash } from 'node:crypto';
import type { Binary, Coding, Communication, DocumentReference, Extension } from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { contentText } from '../../datatypes/content.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, readResource, updateResource } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import type { Language } from '../letter/words.ts';
import { billDocumentKey, holderOf, reserveKey } from '../uniqueKey.ts';

/** What is kept of a document that goes to a patient: its record, and how it went. */
export interface ToKeep {
  readonly type: 'statement' | 'receipt' | 'itemized-bill' | 'superbill' | 'estimate';
  readonly of: string; // Account/1, PaymentNotice/1: what it is about
  readonly number: string;
  readonly practice: string; // Organization/1
  readonly subject?: string | undefined; // Patient/1; none where it tells of several
  readonly recipient: string;
  readonly channel: 'mail' | 'email';
  readonly language: Language;
  readonly labels: readonly Coding[]; // sensitive ones of what it tells
  readonly related: readonly string[];
  readonly figures: readonly Extension[];
  readonly says?: unknown; // what else it shows, of which there are no figures
}

type Kept<T> = T & { readonly id: string };

/** The record that says the same already: a repeat makes no second one. */
export const knownDocument = (
  { tx }: Pick<Call, 'tx'>,
  keep: ToKeep,
): Promise<Kept<DocumentReference> | undefined> => holderOf(tx, billDocumentKey(keep.of, hashOf(keep)));

/** Numbers and labels apart, what makes two documents the same. */
const hashOf = ({ type, recipient, language, figures, says }: ToKeep): string =>
  createHash('sha256')
    .update(contentText([type, recipient, language, figures, ...(says === undefined ? [] : [says])]))
    .digest('base64url');

/** Keeps a record and how it went; its PDF follows by `addPdf`, in this transaction or a later one. */
export async function keepDocument(
  { context, tx }: Pick<Call, 'context' | 'tx'>,
  id: string,
  keep: ToKeep,
): Promise<Kept<DocumentReference>> {
  const security = keep.labels.length === 0 ? {} : { meta: { security: [...keep.labels] } };
  const subject = keep.subject === undefined ? {} : { subject: { reference: keep.subject } };
  const type = concept(system.billDocument, keep.type);
  const now = context.now();
  const document = await createResource<DocumentReference>(context, tx, {
    resourceType: 'DocumentReference',
    id,
    ...security,
    ...(keep.figures.length === 0 ? {} : { extension: [...keep.figures] }),
    identifier: [{ system: system.documentNumber, value: keep.number }],
    status: 'current',
    docStatus: 'preliminary',
    type,
    ...subject,
    date: now,
    author: [{ reference: keep.practice }],
    custodian: { reference: keep.practice },
    content: [
      { attachment: { contentType: 'application/pdf', language: keep.language, title: keep.number } },
    ],
    context: { related: keep.related.map((reference) => ({ reference })) },
  });
  await reserveKey(tx, billDocumentKey(keep.of, hashOf(keep)), `DocumentReference/${id}`);
  await createResource<Communication>(context, tx, {
    resourceType: 'Communication',
    ...security,
    status: 'preparation',
    category: [type],
    medium: [concept(system.participationMode, keep.channel === 'mail' ? 'MAILWRIT' : 'EMAILWRIT')],
    ...subject,
    basedOn: [{ reference: `DocumentReference/${id}` }],
    about: [{ reference: keep.of }],
    sender: { reference: keep.practice },
    recipient: [{ reference: keep.recipient }],
    id: `sent-${id}`,
    payload: [{ contentReference: { reference: `DocumentReference/${id}` } }],
  });
  return document;
}

/** The PDF of a record: from now on it is what was sent. */
export async function addPdf(
  { context, tx }: Pick<Call, 'context' | 'tx'>,
  id: string,
  bytes: Buffer,
): Promise<{ document: Kept<DocumentReference>; pdf: Kept<Binary> }> {
  const document = await readResource<Kept<DocumentReference>>(tx, 'DocumentReference', id);
  const security = document.meta?.security;
  const pdf = await createResource<Binary>(context, tx, {
    resourceType: 'Binary',
    ...(security ? { meta: { security } } : {}),
    contentType: 'application/pdf',
    securityContext: { reference: `DocumentReference/${id}` },
    data: bytes.toString('base64'),
  });
  const [content] = document.content;
  if (!content) throw new Error(`DocumentReference/${id} has no content`);
  const attachment = changed(content.attachment, {
    url: `Binary/${pdf.id}`,
    size: bytes.length,
    hash: createHash('sha1').update(bytes).digest('base64'),
  });
  const written = await updateResource(
    context,
    tx,
    changed(document, { docStatus: 'final' as const, content: [changed(content, { attachment })] }),
  );
  const sent = await readResource<Kept<Communication>>(tx, 'Communication', `sent-${id}`);
  await updateResource(context, tx, changed(sent, { status: 'completed' as const, sent: context.now() }));
  return { document: written, pdf };
}

/** The PDF that a record has; undefined while it is being printed. */
export async function pdfOf(
  { tx }: Pick<Call, 'tx'>,
  document: DocumentReference,
): Promise<Binary | undefined> {
  const url = document.content[0]?.attachment.url;
  return url === undefined ? undefined : readResource<Binary>(tx, 'Binary', url.slice('Binary/'.length));
}
