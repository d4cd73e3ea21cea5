import { editorRules } from '../codeEditor.ts';
import { fault, type Fault, type ScrubRule } from '../rule.ts';
import type { ClaimView, Diagnosis } from '../view.ts';

/**
 * The principal diagnosis of a stay is one that the Medicare Code Editor takes as such: no manifestation of another
 * disease, no mere circumstance. On other claims a manifestation that is listed first is warned of.
 */
export const principalDiagnosis: ScrubRule = {
  id: 'principal-diagnosis',
  source:
    'billing rule 20; Medicare Code Editor, unacceptable principal and manifestation diagnoses, as loaded',
  carc: '16',
  cure: 'Put the disease first that led to the stay; a manifestation stands after its disease.',
  severity: 'error',
  check: (claim) => {
    const first = principalOf(claim);
    return first ? editorRules(claim, first.code).flatMap((rule) => faultOf(claim, first, rule.kind)) : [];
  },
};

function faultOf({ diagnoses, inpatient, form }: ClaimView, first: Diagnosis, kind: string): Fault[] {
  const isStay = form === 'institutional' && inpatient;
  const at = `${first.at}.diagnosis`;
  if (kind === 'manifestation')
    return [fault(at, 'a manifestation is never the first diagnosis', isStay ? undefined : 'warning')];
  if (!isStay) return [];
  if (kind === 'unacceptable') return [fault(at, 'this diagnosis is no principal one')];
  const others = diagnoses.filter((d) => d !== first && !d.types.has('admitting') && d.code !== first.code);
  return kind === 'needs-another' && others.length === 0
    ? [fault(at, 'this diagnosis is a principal one only where another stands beside it')]
    : [];
}

/** The diagnosis said to be principal, else the one with the lowest sequence. */
function principalOf({ diagnoses }: ClaimView): Diagnosis | undefined {
  const lowest = Math.min(...diagnoses.map((d) => d.element.sequence));
  return (
    diagnoses.find((d) => d.types.has('principal')) ?? diagnoses.find((d) => d.element.sequence === lowest)
  );
}
