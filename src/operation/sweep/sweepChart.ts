import type { ChargeItem, Claim, Encounter, Resource } from '@medplum/fhirtypes';
import { stands } from '../../billing/charge/difference.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find, parsed, resolve } from '../../interaction/repository.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue } from '../../outcome/issue.ts';
import type { Stored, Transaction } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import { recapture } from '../charge/recapture.ts';
import { automateVisit } from '../automation/enqueue.ts';
import type { Call, OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { laterCall } from '../submission/laterCall.ts';
import { chartTypes } from '../label/chartTypes.ts';
import { raiseTask } from '../worklist/task.ts';

/** A write may be seen that long after its instant (transactions of several servers); milliseconds. */
export const lookBack = 30_000;
const pageSize = 500;
/** Encounters whose charges are looked for in one search. */
const askedTogether = 50;

/** Up to where the history was read, and which versions of the stretch that is read again are done. */
export interface Watermark {
  readonly at: number; // epoch milliseconds
  readonly seen: ReadonlyMap<string, number>; // when they were written, epoch milliseconds
}

/**
 * Reads the history of the chart from a watermark and captures again each visit whose charges are older than what was
 * written: its drafts are refreshed; what was submitted stays, and people get a Task. A visit that was never captured
 * is none of our concern. Answers with the next watermark.
 */
export async function sweepChart(
  context: OperationContext,
  { at, seen }: Watermark,
  back = lookBack,
): Promise<Watermark> {
  const { store } = context;
  const since = at - back;
  const written = new Map<string, string>(); // Encounter/1 → when it was written about last
  const kept = new Map<string, number>();
  let newest = at;
  for (const type of chartTypes) {
    for (let cursor: string | undefined; ;) {
      const page = await store.changes({
        ...{ type, since, count: pageSize },
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const version of page.versions) {
        const name = `${version.type}/${version.id}/${version.version}`;
        const when = Date.parse(version.lastUpdated);
        newest = Math.max(newest, when);
        kept.set(name, when);
        if (seen.has(name)) continue;
        for (const encounter of await encountersOf(context, version)) {
          const known = written.get(encounter);
          if (known === undefined || known < version.lastUpdated) written.set(encounter, version.lastUpdated);
        }
      }
      cursor = page.next;
      if (cursor === undefined) break;
    }
  }
  for (const encounter of await outdated(context, written)) await captureAgain(context, encounter);
  for (const [encounter, when] of written) await automateVisit(context, encounter, when);
  for (const [name, when] of seen) if (when >= newest - lookBack) kept.set(name, when);
  return { at: newest, seen: kept };
}

/** The visits that a version is about, and those that the one before it was about. */
async function encountersOf({ store }: OperationContext, version: Stored): Promise<ReadonlySet<string>> {
  const { type, id, version: number } = version;
  if (type === 'Encounter') return new Set([`Encounter/${id}`]);
  const before = number > 1 ? await store.vread(type, id, number - 1) : undefined;
  return new Set([version, before].flatMap((v) => (v && !v.deleted ? (encounterOf(parsed(v)) ?? []) : [])));
}

function encounterOf(resource: Resource): string | undefined {
  const pointers: unknown[] = [
    'encounter' in resource ? resource.encounter : undefined,
    'context' in resource ? resource.context : undefined,
    'extension' in resource ? extensionsOf(resource, extension.encounter)[0]?.valueReference : undefined,
  ];
  for (const pointer of pointers) {
    if (typeof pointer !== 'object' || pointer === null || !('reference' in pointer)) continue;
    const target = typeof pointer.reference === 'string' ? parseReference(pointer.reference) : undefined;
    if (target?.type === 'Encounter') return `Encounter/${target.id}`;
  }
  return undefined;
}

/** Those visits that have charges, the newest of which is older than what was written. */
async function outdated(
  { store }: OperationContext,
  written: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const all = [...written.keys()];
  const found: string[] = [];
  for (let from = 0; from < all.length; from += askedTogether) {
    const some = all.slice(from, from + askedTogether);
    const charges = await find<ChargeItem>(store, 'ChargeItem', { context: some.join(',') });
    for (const encounter of some) {
      const times = charges
        .filter((charge) => charge.context?.reference === encounter)
        .map((charge) => charge.meta?.lastUpdated ?? '')
        .sort();
      const last = times.at(-1);
      if (last !== undefined && last <= (written.get(encounter) ?? '')) found.push(encounter);
    }
  }
  return found;
}

/** Captures a visit again; where it cannot be captured any more, or has late charges, people get a Task. */
async function captureAgain(context: OperationContext, encounter: string): Promise<void> {
  const id = encounter.replace('Encounter/', '');
  try {
    await context.store.transaction(async (tx) => {
      const call = sweepCall(context, tx);
      await traced(context, tx, { activity: 'sweep of the chart', byServer: true }, async () => {
        await recapture(call, id);
        await reviewLate(call, encounter);
      });
    });
  } catch (error) {
    if (!(error instanceof FhirError) || error.status >= 500) throw error;
    const codes = [...new Set(error.issue.map((issue) => codeOfIssue(issue) ?? issue.code))].sort();
    await context.store.transaction((tx) => review(sweepCall(context, tx), encounter, encounter, codes));
  }
}

const sweepCall = (context: OperationContext, tx: Transaction): Call => {
  const call = laterCall(context, tx, '');
  return { ...call, on: call.today };
};

/** A charge that came after the claim was sent stands on no claim: a person says what becomes of it. */
async function reviewLate(call: Call, encounter: string): Promise<void> {
  const claims = (await find<Claim>(call.tx, 'Claim', { encounter })).filter((c) => c.status === 'active');
  if (claims.length === 0) return;
  const drafts = (await find<Claim>(call.tx, 'Claim', { encounter })).filter((c) => c.status === 'draft');
  const claimed = new Set(
    [...claims, ...drafts]
      .flatMap((claim) => claim.item ?? [])
      .flatMap((item) => extensionsOf(item, extension.chargeItem).map((e) => e.valueReference?.reference)),
  );
  for (const charge of await find<ChargeItem>(call.tx, 'ChargeItem', { context: encounter })) {
    const focus = `ChargeItem/${charge.id ?? ''}`;
    if (charge.status === 'billable' && stands(charge) && !claimed.has(focus))
      await review(call, encounter, focus, ['late-charge']);
  }
}

async function review(call: Call, encounter: string, focus: string, codes: readonly string[]): Promise<void> {
  const visit = await resolve<Encounter>(call.tx, 'Encounter', { reference: encounter });
  const patient = visit?.subject?.reference;
  if (patient === undefined) return;
  const text =
    focus === encounter
      ? `the chart changed after its charges were captured and cannot be captured again: ${codes.join(', ')}`
      : `${focus} was charted after the claim of its visit was sent`;
  await raiseTask(call, { code: 'charge-review', focus, detail: codes.join(' '), text, patient, encounter });
}
