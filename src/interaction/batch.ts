import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { FhirError } from '../outcome/fhirError.ts';
import type { Answer } from './answer.ts';
import { bundleBytes } from './bundle.ts';
import type { Context } from './context.ts';
import { notInBundles, refusedEntry, responseEntry, stepOf } from './entry.ts';
import { once, type Key } from './once.ts';
import type { FhirRequest, Interaction, Return } from './request.ts';
import { reading, writing } from './interactions.ts';

/** The order in which methods are done. See https://hl7.org/fhir/R4/http.html#trules */
const order = ['DELETE', 'POST', 'PUT', 'GET'];

/**
 * POST [base] with a batch: every entry by itself, each in its own transaction; those of one method share a commit.
 * With a key, every entry is done once, also when the server was stopped half-way.
 * See https://hl7.org/fhir/R4/http.html#transaction
 */
export async function batch(context: Context, bundle: Bundle, prefer: Return, key?: Key): Promise<Answer> {
  const entries = bundle.entry ?? [];
  const answers = new Map<number, Answer>();
  for (const method of [...order, undefined]) {
    const turn = entries
      .map((entry, index) => ({ entry, index }))
      .filter(({ entry }) => turnOf(entry) === method);
    await Promise.all(
      turn.map(async ({ entry, index }) => {
        answers.set(index, await answerOf(context, { entry, index, prefer, key }));
      }),
    );
  }
  const rows = entries.map((_, i) => responseEntry(context.publicUrl, answers.get(i) ?? { status: 200 }));
  return { status: 200, body: bundleBytes({ type: 'batch-response' }, rows) };
}

const turnOf = ({ request }: BundleEntry): string | undefined =>
  order.find((method) => method === request?.method);

interface Turn {
  readonly entry: BundleEntry;
  readonly index: number;
  readonly prefer: Return;
  readonly key: Key | undefined;
}

/** An entry's answer; what it is refused for is its answer too, a fault of ours is not. */
async function answerOf(context: Context, { entry, index, prefer, key }: Turn): Promise<Answer> {
  try {
    const { interaction, request } = stepOf(context, entry, index, prefer);
    return await perform(context, interaction, request, key && { ...key, text: `${key.text}#${index}` });
  } catch (error) {
    if (error instanceof FhirError) return refusedEntry(error, index);
    throw error;
  }
}

function perform(
  context: Context,
  interaction: Interaction,
  request: FhirRequest,
  key: Key | undefined,
): Promise<Answer> {
  const read = reading[interaction];
  if (read) return read(context, context.store, request);
  const write = writing[interaction];
  if (!write || (request.place.id === undefined) !== (interaction === 'create'))
    throw notInBundles(interaction);
  return once(context, { key, keep: 'forever' }, (tx) => write(context, tx, request));
}
