import type { ChargeItem, Invoice } from '@medplum/fhirtypes';
import { successorless } from '../../billing/invoice/successor.ts';
import {
  creditReleased,
  lastPosted,
  patientStanding,
  selfPayWithdrawn,
  writeOffReversed,
  type Standing,
} from '../../billing/ledger/index.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { changed } from '../../datatypes/json.ts';
import { versionText } from '../../datatypes/reference.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { cancellation } from '../invoice/cancellation.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };

const isOwn = (s: Standing): boolean => s.charge !== undefined && s.claim === undefined && s.share !== 0;

/**
 * The charges of a visit (Encounter/1) that the patient was billed himself are unbilled again: their Invoices are
 * cancelled, and what was paid on them is credit that is kept for the visit.
 */
export async function releaseSelfPay(
  call: Call,
  of: PatientAccount,
  encounter: string,
): Promise<Stored<Invoice>[]> {
  const { context, tx } = call;
  const own = patientStanding(of.journal, { encounter }).filter(isOwn);
  if (own.length === 0) return [];
  const charges = new Set(own.flatMap((s) => s.charge ?? []));
  const isOfThem = (e: Entry): boolean => e.postings.some((p) => charges.has(p.charge ?? ''));
  const names = new Set(
    of.journal.filter(isOfThem).flatMap((e) => e.postings.flatMap((p) => p.invoice ?? [])),
  );
  const last = lastPosted(of.journal, new Set([...charges, ...names]));
  const on = last > call.on ? last : call.on;
  const entries: Entry[] = [];
  const invoices: Stored<Invoice>[] = [];
  for (const reference of names) {
    const found = await resolve<Invoice>(tx, 'Invoice', { reference });
    if (found?.id === undefined || (found.status !== 'issued' && found.status !== 'balanced')) continue;
    const written = await updateResource(
      context,
      tx,
      successorless(changed(found, { id: found.id }), 'a payer was found'),
    );
    const journal = [...of.journal, ...entries];
    const entry = cancellation(call, { journal, name: of.name }, { invoice: reference, on });
    entries.push({ ...entry, cause: versionText(written) });
    invoices.push(written);
  }
  entries.push(...releasedOf(call, of, { entries, charges, encounter, on }));
  for (const entry of entries) await post(call, entry);
  await free(call, charges);
  return invoices;
}

/** What lay on the lines comes off, then they are unbilled. */
function releasedOf(
  { context: { newId } }: Call,
  of: PatientAccount,
  {
    entries,
    charges,
    encounter,
    on,
  }: {
    readonly entries: readonly Entry[];
    readonly charges: ReadonlySet<string>;
    readonly encounter: string;
    readonly on: string;
  },
): Entry[] {
  const head = { on, account: of.name, cause: encounter };
  const before = [...of.journal, ...entries];
  const takenBack = new Set(before.map((e) => e.reverses));
  const released: Entry[] = before
    .filter(
      (e) =>
        e.reason === 'write-off' &&
        !takenBack.has(e.id) &&
        e.postings.some((p) => charges.has(p.charge ?? '')),
    )
    .map((writtenOff) =>
      writeOffReversed({ id: newId(), on, cause: encounter, writtenOff, cancelled: true }),
    );
  const lines = patientStanding([...before, ...released], { encounter }).filter(isOwn);
  const met = lines.filter((l) => l.applied > 0);
  if (met.length > 0)
    released.push(
      creditReleased({
        ...{ ...head, id: newId() },
        from: met.map((l) => ({ encounter, amount: l.applied })),
        lines: met.map(({ charge, applied }) => ({ charge, encounter, amount: applied })),
      }),
    );
  const shares = lines.map(({ charge = '', share }) => ({ charge, encounter, amount: share }));
  return [...released, selfPayWithdrawn({ ...head, id: newId(), lines: shares })];
}

async function free({ context, tx }: Call, charges: ReadonlySet<string>): Promise<void> {
  for (const reference of charges) {
    const charge = await resolve<ChargeItem>(tx, 'ChargeItem', { reference });
    if (charge?.id === undefined || charge.status !== 'billed') continue;
    await updateResource(context, tx, changed(charge, { id: charge.id, status: 'billable' as const }));
  }
}
