import type { Bundle } from '@medplum/fhirtypes';
import { unprocessable } from '../../outcome/fhirError.ts';
import type { Transaction } from '../../store/store.ts';
import type { Answer } from '../rest/answer.ts';
import { bundleBytes } from './bundle.ts';
import type { Context } from '../context.ts';
import { limitsOf } from '../limits.ts';
import { deleteTargets, refuseReferred, targetsOf } from '../rest/delete.ts';
import {
  errorInEntry,
  inEntry,
  notInBundles,
  responseEntry,
  stepOf,
  tooLargeAnswer,
  within,
  type BundlePreference,
  type Step,
} from './entry.ts';
import { written } from '../rest/incoming.ts';
import { readIn } from '../rest/interactions.ts';
import type { judgeAhead } from './judgeAhead.ts';
import { linkEntries, type Linker } from './linkEntries.ts';
import { applyPatch } from '../patch/applyPatch.ts';
import { versionToFollow } from '../rest/precondition.ts';
import { faultsOf, readStored, writeResource } from '../repository.ts';
import {
  planWrites,
  refuseOverlap,
  type PatchStep,
  type Plan,
  type Touched,
  type Write,
} from './transactionPlan.ts';

/** The faults of resources that were validated before the transaction, by entry. */
type Ahead = Awaited<ReturnType<typeof judgeAhead>>;

interface Running {
  readonly context: Context;
  readonly tx: Transaction;
  readonly steps: readonly Step[];
  readonly answers: Map<number, Answer>;
}

/**
 * POST [base] with a transaction: all of it lands or none does, in the order deletes, creates and operations, updates
 * and patches, reads. See https://hl7.org/fhir/R4/http.html#trules
 */
export async function transaction(
  context: Context,
  tx: Transaction,
  bundle: Bundle,
  { prefer, ahead }: { readonly prefer: BundlePreference; readonly ahead: Ahead },
): Promise<Answer> {
  const entries = bundle.entry ?? [];
  const steps = await Promise.all(
    entries.map((entry, i) => within(i, () => Promise.resolve(stepOf(context, entry, i, prefer)))),
  );
  const running: Running = { context, tx, steps, answers: new Map() };
  const deleted = await deleteFirst(running);
  const plan = await planWrites(context, tx, steps);
  refuseOverlap(plan, deleted);
  const operations = steps.filter(isOperationOf('POST'));
  const linker = await linkEntries(context, tx, {
    writes: plan.writes,
    operations,
    wrote: deleted.length > 0,
  });
  judge(context, plan.writes, ahead);
  await writeAll(running, plan, operations, linker);
  for (const { index, type, id } of deleted) await within(index, () => refuseReferred(tx, [{ type, id }]));
  await readLast(running);
  const rows = steps.map(({ index, request }) =>
    responseEntry(context.publicUrl, request, running.answers.get(index) ?? { status: 200 }),
  );
  const parts = entries.map(({ request }, i) => ({
    method: request?.method ?? '',
    url: request?.url ?? '',
    answer: running.answers.get(i) ?? { status: 200 },
  }));
  return { status: 200, body: bundleBytes({ type: 'transaction-response' }, rows), parts };
}

const isOperationOf =
  (method: 'POST' | 'GET') =>
  ({ interaction, request }: Step): boolean =>
    interaction === 'operation' && (request.method === 'POST') === (method === 'POST');

/** The deletions; references to deleted resources are checked after all writes. */
async function deleteFirst({ context, tx, steps, answers }: Running): Promise<Touched[]> {
  const deleted: Touched[] = [];
  for (const { index, interaction, request } of steps) {
    if (interaction !== 'delete') continue;
    await within(index, async () => {
      const targets = await targetsOf(context, tx, request);
      answers.set(index, await deleteTargets(context, tx, request, targets));
      deleted.push(...targets.map((target) => ({ index, ...target })));
    });
  }
  return deleted;
}

/** All faults of all resources at once, each in its entry. */
function judge(context: Context, writes: readonly Write[], ahead: Ahead): void {
  const faults = writes
    .filter(({ exists }) => !exists)
    .flatMap(({ index, resource }) =>
      (ahead.get(index) ?? faultsOf(context, resource)).map((issue) => inEntry(issue, index)),
    );
  if (faults.length > 0) throw unprocessable(faults);
}

/** POST before PUT and PATCH; creates before operations, which may need them. */
async function writeAll(
  { context, tx, answers }: Running,
  { writes, patches }: Plan,
  operations: readonly Step[],
  linker: Linker,
): Promise<void> {
  for (const write of writes.filter(({ interaction }) => interaction === 'create')) {
    answers.set(write.index, await within(write.index, () => createOf(context, tx, write)));
  }
  for (const step of operations) {
    answers.set(step.index, await within(step.index, () => operateIn(context, tx, step)));
  }
  const changes = [
    ...writes
      .filter(({ interaction }) => interaction === 'update')
      .map((write) => ({ index: write.index, work: () => updateOf(context, tx, write) })),
    ...patches.map((step) => ({ index: step.index, work: () => patchOf(context, tx, step, linker) })),
  ].sort((a, b) => a.index - b.index);
  await tx.readAhead([...writes.filter(({ interaction }) => interaction === 'update'), ...patches]);
  for (const { index, work } of changes) answers.set(index, await within(index, work));
}

/** The linker of the Bundle has resolved all references. */
const linked = { by: 'client', isLinked: true } as const;

async function createOf(context: Context, tx: Transaction, write: Write): Promise<Answer> {
  const { type, id, resource, exists, fresh, request } = write;
  if (exists) return written(context, request, await readStored(tx, type, id), false);
  const options = { ...linked, isSound: true, method: 'POST', fresh } as const;
  return written(context, request, await writeResource(context, tx, resource, options), true);
}

async function updateOf(context: Context, tx: Transaction, write: Write): Promise<Answer> {
  const { type, id, resource, request } = write;
  const known = await tx.read(type, id);
  const ifMatch = versionToFollow(request, known, { type, id });
  const options = { ...linked, isSound: true, method: 'PUT', ifMatch } as const;
  const version = await writeResource(context, tx, resource, options);
  return written(context, request, version, !known || known.deleted);
}

async function patchOf(
  context: Context,
  tx: Transaction,
  { type, id, request, fullUrl }: PatchStep,
  linker: Linker,
): Promise<Answer> {
  const stored = await readStored(tx, type, id);
  const ifMatch = versionToFollow(request, stored, { type, id });
  const resource = applyPatch(stored, request.resource, {
    patchFormat: request.patchFormat,
    operationsMax: limitsOf(context).patchOperations,
  });
  await linker.link({ place: type, fullUrl, resource });
  const options = { ...linked, method: 'PUT', ifMatch } as const;
  return written(context, request, await writeResource(context, tx, resource, options), false);
}

function operateIn(context: Context, tx: Transaction, { request }: Step): Promise<Answer> {
  if (!context.operate) throw notInBundles('an operation');
  return context.operate(context, request, { tx });
}

async function readLast({ context, tx, steps, answers }: Running): Promise<void> {
  const { answeredBytes } = limitsOf(context);
  let bytes = 0;
  for (const step of steps.filter(({ index }) => !answers.has(index))) {
    const { index, interaction, request } = step;
    const work = (): Promise<Answer> =>
      interaction === 'operation' ? operateIn(context, tx, step) : readIn(context, tx, interaction, request);
    const answer = await within(index, async () => work());
    bytes += answer.body?.length ?? 0;
    if (bytes > answeredBytes) throw errorInEntry(tooLargeAnswer(answeredBytes), index);
    answers.set(index, answer);
  }
}
