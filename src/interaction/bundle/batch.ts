import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { FhirError } from '../../outcome/fhirError.ts';
import type { Answer } from '../rest/answer.ts';
import { bundleBytes } from './bundle.ts';
import type { Context } from '../context.ts';
import {
  notInBundles,
  refusedEntry,
  responseEntry,
  stepOf,
  type BundlePreference,
  type Step,
} from './entry.ts';
import { readIn, writing } from '../rest/interactions.ts';
import { idempotentTransaction, type Key } from '../rest/idempotentTransaction.ts';

/** The order in which methods are done. See https://hl7.org/fhir/R4/http.html#trules */
const order = [['DELETE'], ['POST'], ['PUT', 'PATCH'], ['GET', 'HEAD']];

/**
 * POST [base] with a batch: every entry by itself, each in its own transaction; those of one turn share a commit.
 * With a key, every entry is done once, also when the server was stopped half-way.
 * See https://hl7.org/fhir/R4/http.html#transaction
 */
export async function batch(
  context: Context,
  bundle: Bundle,
  prefer: BundlePreference,
  key?: Key,
): Promise<Answer> {
  const entries = (bundle.entry ?? []).map((entry, index) => ({ entry, index }));
  const rows: (string | Uint8Array)[][] = entries.map(() => []);
  for (const methods of [...order, undefined]) {
    const turn = entries.filter(({ entry }) => turnOf(entry) === methods);
    await Promise.all(
      turn.map(async ({ entry, index }) => {
        rows[index] = await rowOf(context, { entry, index, prefer, key });
      }),
    );
  }
  return { status: 200, body: bundleBytes({ type: 'batch-response' }, rows) };
}

const turnOf = ({ request }: BundleEntry): readonly string[] | undefined =>
  order.find((methods) => methods.includes(request?.method ?? ''));

interface Turn {
  readonly entry: BundleEntry;
  readonly index: number;
  readonly prefer: BundlePreference;
  readonly key: Key | undefined;
}

/**
 * What an entry is answered; what it is refused for is its answer too, a fault of ours is not. Under a key a store that
 * cannot answer now fails the batch, for its answer would be kept.
 */
async function rowOf(
  context: Context,
  { entry, index, prefer, key }: Turn,
): Promise<(string | Uint8Array)[]> {
  try {
    const step = stepOf(context, entry, index, prefer);
    const answer = await perform(context, step, key && { ...key, text: `${key.text}#${index}` });
    return responseEntry(context.publicUrl, step.request, answer);
  } catch (error) {
    if (!(error instanceof FhirError) || (key && error.status >= 500)) throw error;
    return responseEntry(context.publicUrl, undefined, refusedEntry(error, index));
  }
}

function perform(context: Context, { interaction, request }: Step, key: Key | undefined): Promise<Answer> {
  if (interaction === 'operation') {
    if (!context.operate) throw notInBundles('an operation');
    return context.operate(context, request, { key });
  }
  const write = writing[interaction];
  if (!write) return readIn(context, context.store, interaction, request);
  return idempotentTransaction(context, { key, keep: 'forever' }, (tx) => write(context, tx, request));
}
