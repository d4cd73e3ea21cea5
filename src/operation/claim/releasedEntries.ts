import {
  creditReleased,
  denialWriteOffReversed,
  denialWriteOffsOf,
  patientStanding,
  writeOffReversed,
  type Head,
} from '../../billing/ledger/index.ts';
import { reversal, type Entry } from '../../datatypes/entry.ts';

/**
 * What stands on the amounts that an answer decided and has to come off before it is taken back: write-offs of them, the
 * cost share of a QMB patient, and credit that had met them, which is free again.
 */
export function releasedEntries(
  journal: readonly Entry[],
  claim: string,
  { newId, ...head }: Omit<Head, 'id'> & { readonly newId: () => string },
): Entry[] {
  const takenBack = new Set(journal.map((e) => e.reverses));
  const standing = (reason: Entry['reason']): Entry[] =>
    journal.filter(
      (e) => e.reason === reason && !takenBack.has(e.id) && e.postings.some((p) => p.claim === claim),
    );
  const { on, cause } = head;
  const entries: Entry[] = [
    ...denialWriteOffsOf(journal, claim).map((writtenOff) =>
      denialWriteOffReversed({ id: newId(), on, cause, writtenOff }),
    ),
    ...standing('write-off').map((writtenOff) =>
      writeOffReversed({ id: newId(), on, cause, writtenOff, cancelled: true }),
    ),
    ...standing('qmb-cost-share').map((e) =>
      reversal(e, {
        ...{ id: newId(), on, cause, reason: 'qmb-cost-share-reversed' },
        text: 'cost share of a QMB patient: the payer took its answer back',
      }),
    ),
  ];
  const met = patientStanding([...journal, ...entries], { claim }).filter(
    (s) => s.claim === claim && s.applied > 0,
  );
  if (met.length === 0) return entries;
  const lines = met.map(({ encounter, item, applied }) => ({ encounter, claim, item, amount: applied }));
  const from = met.map(({ encounter, applied }) => ({ encounter, amount: applied }));
  return [...entries, creditReleased({ ...head, id: newId(), from, lines })];
}
