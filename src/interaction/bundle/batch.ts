import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { FhirError } from '../../outcome/fhirError.ts';
import { toOutcome, warning } from '../../outcome/issue.ts';
import type { Answer, Part } from '../rest/answer.ts';
import { bundleBytes } from './bundle.ts';
import { breather } from '../breather.ts';
import type { Context } from '../context.ts';
import { limitsOf } from '../limits.ts';
import {
  notInBundles,
  refusedEntry,
  responseEntry,
  stepOf,
  tooLargeAnswer,
  type BundlePreference,
  type Step,
} from './entry.ts';
import { readIn, writing } from '../rest/interactions.ts';
import type { FhirRequest } from '../rest/request.ts';
import { idempotentTransaction, type Key } from '../rest/idempotentTransaction.ts';

/** The order in which methods are done. See https://hl7.org/fhir/R4/http.html#trules */
const reads = ['GET', 'HEAD'];
const order = [['DELETE'], ['POST'], ['PUT', 'PATCH'], reads];

/** Entries that are run at a time. Concurrent writes share a commit; concurrent reads only take memory. */
const writesTogether = 256;
const readsTogether = 4;

type Row = (string | Uint8Array)[];

/** The row of an entry, and its answer for the record of the access. */
interface Done {
  readonly row: Row;
  readonly answer: Part['answer'];
}

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
  const rows: Row[] = entries.map(() => []);
  const parts: Part[] = [];
  const breathe = breather();
  const budget = { left: limitsOf(context).answeredBytes };
  for (const methods of [...order, undefined]) {
    const turn = entries.filter(({ entry }) => turnOf(entry) === methods);
    const together = methods === reads || methods === undefined ? readsTogether : writesTogether;
    for (let at = 0; at < turn.length; at += together) {
      await Promise.all(
        turn.slice(at, at + together).map(async ({ entry, index }) => {
          const { row, answer } = await entryDone(context, { entry, index, prefer, key, budget });
          rows[index] = row;
          parts.push({ method: entry.request?.method ?? '', url: entry.request?.url ?? '', answer });
        }),
      );
      await breathe();
    }
  }
  return { status: 200, body: bundleBytes({ type: 'batch-response' }, rows), parts };
}

const turnOf = ({ request }: BundleEntry): readonly string[] | undefined =>
  order.find((methods) => methods.includes(request?.method ?? ''));

interface Turn {
  readonly entry: BundleEntry;
  readonly index: number;
  readonly prefer: BundlePreference;
  readonly key: Key | undefined;
  readonly budget: { left: number }; // bytes that may still be answered
}

/**
 * The answer of an entry. A refusal is an answer; a fault of the server is thrown. Under a key a store that is away fails
 * the batch, as the answer would be stored. A read that does not fit into the answer is refused; of a write that does
 * not fit the body is left out.
 */
async function entryDone(context: Context, turn: Turn): Promise<Done> {
  const { entry, index, prefer, key, budget } = turn;
  const done = (request: FhirRequest | undefined, answer: Answer): Done => ({
    row: responseEntry(context.publicUrl, request, answer),
    answer,
  });
  const tooLarge = (): Done =>
    done(undefined, refusedEntry(tooLargeAnswer(limitsOf(context).answeredBytes), index));
  try {
    const step = stepOf(context, entry, index, prefer);
    const isRead = step.request.method === 'GET' || step.request.method === 'HEAD';
    if (isRead && budget.left <= 0) return tooLarge();
    const answer = await perform(context, step, key && { ...key, text: `${key.text}#${index}` });
    if (spent(budget, answer)) return done(step.request, answer);
    return isRead ? tooLarge() : done(step.request, withoutBody(answer));
  } catch (error) {
    if (!(error instanceof FhirError) || (key && error.status >= 500)) throw error;
    const refused = refusedEntry(error, index);
    return done(undefined, spent(budget, refused) ? refused : withoutBody(refused));
  }
}

/** Subtracts the bytes of an answer from those left; false when they do not fit. */
function spent(budget: { left: number }, { body }: Answer): boolean {
  const length = body?.length ?? 0;
  if (length > budget.left) {
    budget.left = 0;
    return false;
  }
  budget.left -= length;
  return true;
}

/** An answer without its body. */
const withoutBody = (answer: Answer): Answer => ({
  ...answer,
  isOutcome: true,
  body: JSON.stringify(
    toOutcome([
      warning(
        'answer-left-out',
        undefined,
        'the answer of the Bundle would have been too large: read it by itself',
      ),
    ]),
  ),
});

function perform(context: Context, { interaction, request }: Step, key: Key | undefined): Promise<Answer> {
  if (interaction === 'operation') {
    if (!context.operate) throw notInBundles('an operation');
    return context.operate(context, request, { key });
  }
  const write = writing[interaction];
  if (!write) return readIn(context, context.store, interaction, request);
  return idempotentTransaction(context, { key, keep: 'forever' }, (tx) => write(context, tx, request));
}
