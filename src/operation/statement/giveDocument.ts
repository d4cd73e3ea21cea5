import type { Binary, DocumentReference } from '@medplum/fhirtypes';
import type { Letter } from '../letter/letter.ts';
import { printLetter } from '../letter/print.ts';
import type { Call } from '../operation.ts';
import { addPdf, keepDocument, knownDocument, pdfOf, type ToKeep } from './keepDocument.ts';

export interface Given {
  readonly document: DocumentReference & { readonly id: string };
  readonly pdf: Binary | undefined; // none while a night's letter is being printed
  readonly isNew: boolean;
}

/** Gives a document to whoever asks: what says the same already, else it is printed and kept under this id. */
export async function giveDocument(
  call: Call,
  { id, keep, letter }: { readonly id: string; readonly keep: ToKeep; readonly letter: () => Letter },
): Promise<Given> {
  const known = await knownDocument(call, keep);
  if (known) return { document: known, pdf: await pdfOf(call, known), isNew: false };
  const bytes = await printLetter(letter());
  await keepDocument(call, id, keep);
  return { ...(await addPdf(call, id, bytes)), isNew: true };
}
