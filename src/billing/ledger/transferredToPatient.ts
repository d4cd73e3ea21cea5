import { negate, sum, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import type { DeniedLine } from './denialWriteOff.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What a payer denied and the patient owes for a stated reason: patient receivable, not invoiced / denied. */
export function transferredToPatient(
  event: Head & {
    readonly claim: string;
    readonly why: string;
    readonly reference: string;
    readonly lines: readonly DeniedLine[];
  },
): Entry {
  const { claim, why, reference, lines } = event;
  const made = post(event, { reason: 'transferred-to-patient', text: `transferred: ${why}` }, [
    ...lines.map((l) =>
      debit('receivable-patient-not-invoiced', l.amount, {
        encounter: l.encounter,
        claim,
        item: l.item,
      }),
    ),
    ...lines.map((l) =>
      credit('receivable-insurance-denied', l.amount, {
        encounter: l.encounter,
        claim,
        item: l.item,
        payer: l.payer,
      }),
    ),
  ]);
  return { ...made, reference };
}

/** What of a line of a claim was transferred to its patient and not taken back. */
export const transferredOn = (
  journal: readonly Entry[],
  line: { readonly claim?: string | undefined; readonly item?: number | undefined },
): Cents =>
  negate(
    sum(
      journal
        .filter((e) => e.reason === 'transferred-to-patient')
        .flatMap((e) => e.postings)
        .filter((p) => p.account === 'receivable-insurance-denied')
        .filter((p) => p.claim === line.claim && p.item === line.item)
        .map((p) => p.amount),
    ),
  );
