import { negate, sum, type Cents } from '../../datatypes/cents.ts';
import { reversal, type Entry } from '../../datatypes/entry.ts';
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

/** The transfers of a claim that stand. */
export function transfersOn(journal: readonly Entry[], claim: string): Entry[] {
  const takenBack = new Set(journal.map((e) => e.reverses));
  return journal.filter(
    (e) =>
      e.reason === 'transferred-to-patient' &&
      !takenBack.has(e.id) &&
      e.postings.some((p) => p.claim === claim),
  );
}

/** The payer took back the answer that denied it: nothing is denied, and nothing is the patient's by that. */
export const transferReversed = (
  transferred: Entry,
  { id, on, cause }: Pick<Head, 'id' | 'on' | 'cause'>,
): Entry =>
  reversal(transferred, {
    ...{ id, on, cause, reason: 'transfer-reversed' },
    text: 'transfer taken back with the answer of the payer',
  });

/** What of a line of a claim was transferred to its patient and not taken back. */
export const transferredOn = (
  journal: readonly Entry[],
  { claim = '', item }: { readonly claim?: string | undefined; readonly item?: number | undefined },
): Cents =>
  negate(
    sum(
      transfersOn(journal, claim)
        .flatMap((e) => e.postings)
        .filter((p) => p.account === 'receivable-insurance-denied' && p.claim === claim && p.item === item)
        .map((p) => p.amount),
    ),
  );
