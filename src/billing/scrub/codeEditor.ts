import { editorRule, type EditorRule } from '../../terminology/table/codeEditor.ts';
import type { ClaimView, Diagnosis } from './view.ts';

/** The day by which the Medicare Code Editor is chosen: discharge, or the last service. */
export const editorDay = ({ end, created }: Pick<ClaimView, 'end' | 'created'>): string => end ?? created;

/** Whether the practice has loaded the lists of the Medicare Code Editor for the day of the claim. */
export const hasCodeEditor = (claim: ClaimView): boolean =>
  claim.tables?.editionOn('mce', editorDay(claim)) !== undefined;

/** What the loaded lists say of a diagnosis (or, by its key, of a procedure). */
export const editorRules = (claim: ClaimView, key: string | undefined): EditorRule[] =>
  key === undefined || !claim.tables
    ? []
    : claim.tables
        .rows({ table: 'mce', on: editorDay(claim), key: key.replace('.', '') })
        .flatMap((row) => editorRule(row) ?? []);

/** The rules of one kind for each diagnosis of the claim. */
export const ofDiagnoses = <Kind extends EditorRule['kind']>(
  claim: ClaimView,
  kind: Kind,
): { readonly diagnosis: Diagnosis; readonly rules: Extract<EditorRule, { kind: Kind }>[] }[] =>
  claim.tables
    ? claim.diagnoses.map((diagnosis) => ({
        diagnosis,
        rules: editorRules(claim, diagnosis.code).filter(
          (rule): rule is Extract<EditorRule, { kind: Kind }> => rule.kind === kind,
        ),
      }))
    : [];
