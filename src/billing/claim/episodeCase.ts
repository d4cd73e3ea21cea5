import type { ClaimAccident, ClaimSupportingInfo, EpisodeOfCare } from '@medplum/fhirtypes';
import { codeOf, concept } from '../../datatypes/coding.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { caseTerms } from '../../terminology/caseSystem.ts';
import { system } from '../../terminology/system.ts';

/** Who answers for an injury, and what bills about it say. */
export interface EpisodeCase {
  readonly reference: string; // EpisodeOfCare/1
  readonly patient: string; // Patient/1
  readonly kind: CaseKind;
  /** What the insurer of the case says: not yet, that it pays, or that it does not. */
  readonly decision: 'open' | 'accepted' | 'denied';
  readonly injury?: string; // FHIR date
  readonly state?: string; // two letters
  readonly number?: string; // of the insurer: REF*Y4
  readonly coverage?: string; // Coverage/1
  readonly documents: readonly string[]; // DocumentReference/1
}

export type CaseKind = 'workers-compensation' | 'auto' | 'liability';
const kinds: readonly CaseKind[] = ['workers-compensation', 'auto', 'liability'];
const ended: readonly string[] = ['cancelled', 'entered-in-error'];

/** An EpisodeOfCare as a case; undefined where it is none, or does not stand. */
export function caseIn(episode: EpisodeOfCare): EpisodeCase | undefined {
  const said = extensionOf(episode, caseTerms.episodeCase);
  const codes = (episode.type ?? []).map((type) => codeOf(type, caseTerms.caseType));
  const kind = kinds.find((one) => codes.includes(one));
  if (!said || kind === undefined || ended.includes(episode.status)) return undefined;
  const of = (name: string) => extensionOf(said, name);
  const decision = of('decision')?.valueCode;
  const coverage = of('coverage')?.valueReference?.reference;
  return {
    reference: `EpisodeOfCare/${episode.id ?? ''}`,
    patient: unversionedText(episode.patient.reference) ?? '',
    kind,
    decision: decision === 'accepted' || decision === 'denied' ? decision : 'open',
    ...optional('injury', of('injury')?.valueDate),
    ...optional('state', of('state')?.valueString),
    ...optional('number', of('claim-number')?.valueString),
    ...optional('coverage', coverage === undefined ? undefined : unversionedText(coverage)),
    documents: extensionsOf(said, 'document').flatMap((e) => e.valueReference?.reference ?? []),
  };
}

const optional = <K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [name]: value } as Record<K, string>);

/** Compensation for work that is accepted, or not decided yet: its patient is never asked. */
export const isCompensation = ({ kind, decision }: EpisodeCase): boolean =>
  kind === 'workers-compensation' && decision !== 'denied';

/** The accident of a case (837P CLM11 and DTP*439, CMS-1500 box 10); none where nobody said when it was. */
export function accidentOfCase({ kind, injury, state }: EpisodeCase): ClaimAccident | undefined {
  if (injury === undefined) return undefined;
  const type = {
    'workers-compensation': concept(system.actCode, 'WPA'),
    auto: concept(system.actCode, 'MVA'),
    liability: concept(system.accident, 'other'),
  }[kind];
  return { date: injury, type, ...(state === undefined ? {} : { locationAddress: { state } }) };
}

/** Begins the element id of what a claim says of its case: no other payer is told of it. */
export const ofCase = 'case-';

/** The number of a case, to the payer of the case only, and its documents. */
export const besideCase = (
  { number, coverage, documents }: EpisodeCase,
  billed: string,
): Omit<ClaimSupportingInfo, 'sequence'>[] =>
  coverage !== billed
    ? []
    : [
        ...(number === undefined
          ? []
          : [
              {
                id: `${ofCase}number`,
                category: concept(system.supportingInfo, 'case-number'),
                valueString: number,
              },
            ]),
        ...documents.map((reference, i) => ({
          id: `${ofCase}document-${i + 1}`,
          category: concept(system.supportingInfo, 'attachment'),
          valueReference: { reference },
        })),
      ];
