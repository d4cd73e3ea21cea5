import type { ClaimResponse } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { codeOfIssue, type Issue } from '../../outcome/issue.ts';

/** What our own scrub warns of, as texts of notes. */
export const noteTexts = (warnings: readonly Issue[]): string[] =>
  warnings.map((w) => `${codeOfIssue(w) ?? 'warning'}: ${w.details?.text ?? ''}`);

/** Our own warnings travel in the answer as notes for display; the payer's notes are for print. */
export function noted(response: ClaimResponse, texts: readonly string[]): ClaimResponse {
  if (texts.length === 0) return response;
  const notes = response.processNote ?? [];
  const ours = texts.map((text, i) => ({ number: notes.length + i + 1, type: 'display' as const, text }));
  return changed(response, { processNote: [...notes, ...ours] });
}
