import type { Bundle, Resource } from '@medplum/fhirtypes';
import { parseReference } from '../datatypes/reference.ts';
import type { Awaited } from '../interaction/rest/answer.ts';
import { parsed } from '../interaction/repository.ts';
import { badRequest, fhirError } from '../outcome/fhirError.ts';
import { decided, toOutcome, warning, type Issue } from '../outcome/issue.ts';
import { asServer, seesAll } from '../store/access/asServer.ts';
import { onlySeen } from './call/callerView.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation, OperationContext } from './operation.ts';
import { parameter } from './parameters.ts';
import { comeAgain, keptAs, receiveFile, type Received } from './x12/receive.ts';

/**
 * POST [base]/$process-x12: an interchange of a partner, as a body of application/EDI-X12 that streams in or as a Binary.
 * It is kept unchanged, acknowledged, and its sets are taken up; the same bytes again change nothing.
 */
export const systemProcessX12: Operation = {
  definition: operationDefinition('process-x12'),
  permission: 'submit-claim',
  run({ input, isPart }: Call): Promise<Awaited> {
    if (isPart)
      throw fhirError(422, 'not-supported', 'not-in-bundle', '$process-x12 cannot be part of a Bundle');
    const given = parameter(input, 'interchange')?.resource;
    const data = given?.resourceType === 'Binary' ? given.data : undefined;
    if (data === undefined || data === '')
      throw badRequest(
        'interchange-missing',
        'parameter interchange is a Binary with data',
        'Parameters.parameter',
      );
    return Promise.resolve({ awaited: data.slice(0, 64), begun: Buffer.from(data, 'base64') });
  },
  async answer(context, { begun }): Promise<Resource> {
    if (!(begun instanceof Uint8Array)) throw fhirError(409, 'conflict', 'in-progress', 'Ask again');
    const own = serverSide(context);
    const known = await keptAs(own, begun);
    const received = known ? await comeAgain(own, known) : await receiveFile(own, once(begun));
    return answerOf(own, received);
  },
  interchanges: takeStream,
};

async function takeStream(context: OperationContext, body: AsyncIterable<Uint8Array>): Promise<Resource> {
  const own = serverSide(context);
  const bundle = await answerOf(own, await receiveFile(own, body));
  if (seesAll(context.store)) return bundle;
  return context.store.transaction((tx) => onlySeen(context, tx, bundle));
}

const serverSide = (context: OperationContext): OperationContext => ({
  ...context,
  store: asServer(context.store),
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

const mostShown = 100;

/** A collection: the interchange as it is kept (without its bytes), our answers, what was made, and how it went. */
async function answerOf({ store, publicUrl }: OperationContext, received: Received): Promise<Bundle> {
  const { binary, answers, handed } = received;
  const references = [...answers, ...(handed?.made ?? [])].slice(0, mostShown);
  const made = await Promise.all(
    [binary, ...references].map(async (reference) => {
      const target = parseReference(reference);
      const stored = target && (await store.read(target.type, target.id));
      if (!target || !stored || stored.deleted) return [];
      const resource = parsed<Resource>(stored);
      const own = reference === binary ? withoutData(resource) : resource;
      return [{ fullUrl: `${publicUrl}/${reference}`, resource: own }];
    }),
  );
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [...made.flat(), { resource: toOutcome(issuesOf(received)) }],
  };
}

function withoutData(resource: Resource): Resource {
  if (resource.resourceType !== 'Binary') return resource;
  const { id, meta, contentType } = resource;
  return {
    resourceType: 'Binary',
    ...(id === undefined ? {} : { id }),
    ...(meta === undefined ? {} : { meta }),
    contentType,
  };
}

function issuesOf({ issues, handed, isRepeat }: Received): readonly Issue[] {
  const repeat = isRepeat
    ? [decided('x12-repeat', undefined, 'the same bytes came before: nothing was changed')]
    : [];
  if (!handed)
    return [
      ...repeat,
      ...issues,
      warning('x12-underway', undefined, 'the interchange is kept; what is in it is still worked at'),
    ];
  const { taken, refused, unhandled } = handed;
  const text = `sets taken up: ${taken}, refused: ${refused}, kept for a person: ${unhandled}`;
  return [...repeat, decided('x12-received', undefined, text), ...issues, ...handed.issues];
}
