import type { Bundle, Resource, ResourceType } from '@medplum/fhirtypes';
import { FhirError, severalMatches, unprocessable } from '../outcome/fhirError.ts';
import { isFault, missing } from '../outcome/issue.ts';
import type { Stored, Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { bundleBytes } from './bundle.ts';
import { matchesOf } from './condition.ts';
import type { Context } from './context.ts';
import { refuseWhileReferred } from './delete.ts';
import { errorInEntry, inEntry, notInBundles, responseEntry, stepOf, type Step } from './entry.ts';
import { ifMatchVersion, incoming, incomingAt, written } from './incoming.ts';
import { linkEntries } from './linkEntries.ts';
import { historyInstance } from './historyInstance.ts';
import { read } from './read.ts';
import type { Return } from './request.ts';
import { readStored, writeSound } from './resource.ts';
import { searchSystem } from './searchSystem.ts';
import { searchType } from './searchType.ts';
import { vread } from './vread.ts';

/** A write of the transaction whose resource is known, and under which id it will stand. */
export interface Write extends Step {
  readonly type: ResourceType;
  readonly id: string;
  readonly resource: Resource & { id: string };
  readonly exists: boolean; // ifNoneExist matched: nothing is written
}

/**
 * POST [base] with a transaction: all of it lands or none does, in the order deletes, creates, updates, reads.
 * See https://hl7.org/fhir/R4/http.html#transaction
 */
export async function transaction(
  context: Context,
  tx: Transaction,
  bundle: Bundle,
  prefer: Return,
): Promise<Answer> {
  const entries = bundle.entry ?? [];
  const steps = await Promise.all(
    entries.map((entry, i) => within(i, () => Promise.resolve(stepOf(context, entry, i, prefer)))),
  );
  const answers = new Map<number, Answer>();
  for (const step of steps.filter(({ interaction }) => interaction === 'delete')) {
    answers.set(step.index, await within(step.index, () => deleteOf(tx, step)));
  }
  const writes = await plan(context, tx, steps);
  await linkEntries(context, tx, writes, answers.size === 0);
  judge(context, writes);
  for (const write of writes)
    answers.set(write.index, await within(write.index, () => perform(context, tx, write)));
  for (const { index, interaction, request } of steps) {
    const { type, id } = request.place;
    if (interaction === 'delete' && type && id) await within(index, () => refuseWhileReferred(tx, type, id));
  }
  for (const step of steps.filter(({ index }) => !answers.has(index))) {
    answers.set(step.index, await within(step.index, () => readingIn(context, tx, step)));
  }
  const rows = steps.map(({ index }) =>
    responseEntry(context.publicUrl, answers.get(index) ?? { status: 200 }),
  );
  return { status: 200, body: bundleBytes({ type: 'transaction-response' }, rows) };
}

/** Runs one entry's share; what goes wrong there is said of that entry. */
const within = async <T>(index: number, work: () => Promise<T>): Promise<T> =>
  Promise.resolve()
    .then(work)
    .catch((error: unknown) => {
      throw error instanceof FhirError ? errorInEntry(error, index) : error;
    });

/** A deletion; whether others still refer to it is asked when all is written. */
async function deleteOf(tx: Transaction, { request }: Step): Promise<Answer> {
  const { type = 'Basic', id = '' } = request.place;
  const ifMatch = ifMatchVersion(request);
  const version = await tx.delete(type, id, ifMatch === undefined ? {} : { ifMatch });
  return { status: 204, ...(version ? { version } : {}) };
}

/** Which id every create and update is about, before anything is written: references need it. */
async function plan(context: Context, tx: Transaction, steps: readonly Step[]): Promise<Write[]> {
  const writes: Write[] = [];
  const conditions = new Map<string, string>();
  const order = [...steps.filter(is('create')), ...steps.filter(is('update'))];
  for (const step of order) {
    writes.push(await within(step.index, () => writeOf(context, tx, step, conditions)));
  }
  refuseOverlap(writes, steps);
  return writes;
}

const is = (interaction: Step['interaction']) => (step: Step) => step.interaction === interaction;

async function writeOf(
  context: Context,
  tx: Transaction,
  step: Step,
  conditions: Map<string, string>,
): Promise<Write> {
  const { place, resource, ifNoneExist, query } = step.request;
  const { type = 'Basic', id } = place;
  if (resource === undefined)
    throw unprocessable([missing('missing-element', type, 'the entry needs a resource')]);
  if (id !== undefined) return { ...step, type, id, resource: incomingAt(type, id, resource), exists: false };
  const incomingResource = incoming(type, resource);
  const condition = step.interaction === 'update' ? query : ifNoneExist;
  const key = condition === undefined ? undefined : `${type}?${condition}`;
  const match = condition === undefined ? undefined : await theMatch(tx, type, condition);
  const twin = key === undefined ? undefined : conditions.get(key);
  const chosen =
    match ?? twin ?? (step.interaction === 'update' ? incomingResource.id : undefined) ?? context.newId();
  if (key !== undefined) conditions.set(key, chosen);
  const exists = step.interaction === 'create' && (match !== undefined || twin !== undefined);
  return { ...step, type, id: chosen, resource: Object.assign(incomingResource, { id: chosen }), exists };
}

async function theMatch(tx: Transaction, type: ResourceType, condition: string): Promise<string | undefined> {
  const [match, second] = await matchesOf(tx, type, condition);
  if (second !== undefined) throw severalMatches(`several ${type} match the condition`);
  return match;
}

/** No resource may be written twice. See https://hl7.org/fhir/R4/http.html#trules */
function refuseOverlap(writes: readonly Write[], steps: readonly Step[]): void {
  const seen = new Set<string>();
  const targets = [
    ...writes
      .filter(({ exists }) => !exists)
      .map(({ index, type, id }) => ({ index, target: `${type}/${id}` })),
    ...steps.filter(is('delete')).map(({ index, request: { place } }) => ({
      index,
      target: `${place.type ?? ''}/${place.id ?? ''}`,
    })),
  ];
  for (const { index, target } of targets) {
    if (seen.has(target)) {
      const text = `${target} is written by two entries`;
      throw new FhirError(400, [
        { ...missing('overlapping-entries', `Bundle.entry[${index}].request`, text), code: 'invalid' },
      ]);
    }
    seen.add(target);
  }
}

/** All faults of all resources at once, each in its entry. */
function judge(context: Context, writes: readonly Write[]): void {
  const faults = writes
    .filter(({ exists }) => !exists)
    .flatMap(({ index, resource }) =>
      context
        .validate(resource)
        .filter(isFault)
        .map((issue) => inEntry(issue, index)),
    );
  if (faults.length > 0) throw unprocessable(faults);
}

async function perform(context: Context, tx: Transaction, write: Write): Promise<Answer> {
  const { type, id, resource, exists, request, interaction } = write;
  if (exists) return written(context, request, await readStored(tx, type, id), false);
  const ifMatch = ifMatchVersion(request);
  const known = interaction === 'update' ? await tx.read(type, id) : undefined;
  const version: Stored = await writeSound(context, tx, resource, {
    method: interaction === 'update' ? 'PUT' : 'POST',
    ...(ifMatch === undefined ? {} : { ifMatch }),
  });
  return written(context, request, version, !known || known.deleted);
}

function readingIn(context: Context, tx: Transaction, { interaction, request }: Step): Promise<Answer> {
  switch (interaction) {
    case 'read':
      return read(context, tx, request);
    case 'vread':
      return vread(context, tx, request);
    case 'search-system':
      return searchSystem(context, tx, request);
    case 'search-type':
      return searchType(context, tx, request);
    case 'history-instance':
      return historyInstance(context, tx, request);
    default:
      throw notInBundles(interaction);
  }
}
