import { hash } from 'node:crypto';
import type { AuditEvent } from '@medplum/fhirtypes';
import { without, toJson } from '../../datatypes/json.ts';
import type { Context } from '../../interaction/context.ts';
import { putMade } from '../../interaction/repository.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { details } from '../../outcome/issue.ts';
import { asServer } from '../../store/access/asServer.ts';
import { textOfLine, type AuditBlock, type ChainStart, type MadeRecord } from '../../store/audit.ts';
import type { Reader, Store } from '../../store/store.ts';
import { eventsOf } from './records.ts';

/** The key under which it is kept how far AuditEvents are made: of each chain the number of the next record. */
const progressKey = 'audit-events';
/** Blocks that are looked at together, and about how many events are made in one transaction. */
const blocksMax = 50;
const eventsMax = 50;

export type Progress = Readonly<Record<string, number>>;

/** Of each chain the number of the next record to make AuditEvents of. */
export async function progressOf(reader: Pick<Reader, 'recall'>): Promise<Progress> {
  const kept = await reader.recall(progressKey);
  return kept ? (JSON.parse(kept.body) as Progress) : {};
}

/** Some events to be made, of whole blocks of one chain. */
interface Due {
  readonly chain: string;
  readonly from: number;
  readonly to: number; // exclusive
  readonly events: readonly AuditEvent[];
}

/** Of each chain the last that was said of events to be made: made anew after a failure, it is not said again. */
const announced = new WeakMap<Store, Map<string, MadeRecord>>();

async function announce(store: Store, made: MadeRecord): Promise<void> {
  const said = announced.get(store) ?? new Map<string, MadeRecord>();
  announced.set(store, said);
  const last = said.get(made.of);
  if (last?.from === made.from && last.to === made.to && last.h === made.h) return;
  await store.audit.append([JSON.stringify(made)]);
  said.set(made.of, made);
}

/** The next events that are due; undefined where all are made. */
async function due(store: Store, progress: Progress): Promise<Due | undefined> {
  for (const { chain, seq: last } of await store.audit.chains()) {
    const from = progress[chain] ?? 0;
    if (from > last) continue;
    const said = announced.get(store)?.get(chain);
    const end = said?.from === from ? said.to : Infinity; // what was said once is made as it was said
    const blocks = await store.audit.blocks({ chain, seq: from }, blocksMax);
    const base = await baseOf(store, chain);
    const events: AuditEvent[] = [];
    let to = from;
    for (const block of blocks) {
      if (events.length >= eventsMax || to >= end) break;
      events.push(...eventsOf(block, base));
      to = block.seq + block.lines.length;
    }
    return { chain, from, to, events };
  }
  return undefined;
}

const bases = new WeakMap<Store, Map<string, string>>();

/** The base of the server that wrote a chain. */
async function baseOf(store: Store, chain: string): Promise<string> {
  const known = bases.get(store) ?? new Map<string, string>();
  bases.set(store, known);
  const found = known.get(chain);
  if (found !== undefined) return found;
  const [first] = await store.audit.blocks({ chain, seq: 0 }, 1);
  const base = first ? (startOf(first).base ?? '') : '';
  known.set(chain, base);
  return base;
}

const startOf = ({ lines }: AuditBlock): ChainStart => JSON.parse(textOfLine(lines[0] ?? '')) as ChainStart;

/** The hash of events as they are, whatever the store has added: what their version in the store is held against. */
export const hashOfEvents = (events: readonly AuditEvent[]): string =>
  hash('sha256', events.map((event) => toJson(without(event, 'meta'))).join('\n'), 'base64url');

/**
 * Makes the next AuditEvents that are due; false where none are. What they will be is recorded in the chain first, so
 * that one that is changed later is found out. Of several that make them at once one succeeds.
 */
export async function makeSome(context: Context): Promise<boolean> {
  const store = asServer(context.store);
  const next = await due(store, await progressOf(store));
  if (!next) return false;
  const { chain, from, to, events } = next;
  if (events.length > 0) {
    const t = Date.parse(context.now());
    const made: MadeRecord = { k: 'made', t, of: chain, from, to, h: hashOfEvents(events) };
    await announce(store, made);
  }
  await store.transaction(async (tx) => {
    await tx.lock(progressKey);
    const progress = await progressOf(tx);
    if ((progress[chain] ?? 0) !== from) return; // another was first
    for (const event of events) await putMade(tx, event);
    const body = JSON.stringify({ ...progress, [chain]: to });
    await tx.remember(progressKey, { bodyHash: '', status: 200, headers: {}, body });
  });
  return true;
}

/** How long one request makes events before it asks its client to come again; milliseconds. */
const requestMax_ms = 5000;

/**
 * Makes every AuditEvent that is due when it is called, for whoever asks for them: 503 where they are so many that it
 * takes long, so that nobody is shown a part for the whole; each repeat makes more of them.
 */
export async function makeDue(context: Context, within_ms = requestMax_ms): Promise<void> {
  const store = asServer(context.store);
  const until = performance.now() + within_ms;
  const asked = await store.audit.chains();
  const isDue = async (): Promise<boolean> => {
    const progress = await progressOf(store);
    return asked.some(({ chain, seq }) => (progress[chain] ?? 0) <= seq);
  };
  while (await isDue()) {
    if (!(await makeSome(context))) return;
    if (performance.now() > until && (await isDue())) throw stillMaking();
  }
}

const stillMaking = (): FhirError =>
  new FhirError(
    503,
    [
      {
        severity: 'error',
        code: 'transient',
        details: details(
          'audit-in-the-making',
          'AuditEvents of what was recorded are still being made: ask again',
        ),
      },
    ],
    { 'retry-after': '2' },
  );
