import type { Bundle, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import type { Answer } from '../../interaction/rest/answer.ts';
import type { Key } from '../../interaction/rest/idempotencyKey.ts';
import type { Context } from '../../interaction/context.ts';
import { find, readResource } from '../../interaction/repository.ts';
import { system } from '../../interaction/bundle/system.ts';
import { callOperation } from '../../operation/run.ts';
import { importFromLines as importLines } from '../../operation/systemImport.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { toOutcome } from '../../outcome/issue.ts';
import { parseJson, toJson } from '../../datatypes/json.ts';
import { contentHash } from './contentHash.ts';

/** What a request got: a status of R4 and, nearly always, a resource. */
export interface Reply {
  readonly status: number;
  readonly resource: Resource | undefined;
}

/** A FHIR server as a command sees it: the store it has open itself, or one that runs elsewhere. */
export interface Client {
  /** Posts a batch or transaction; with a key, a repeat does nothing and gets the first answer. */
  post(bundle: Bundle, key?: string): Promise<Reply>;
  /** Streams lines of NDJSON into $import. */
  import(lines: AsyncIterable<Uint8Array>): Promise<Reply>;
  /** Calls an operation: 'Encounter/1/$generate-claim'; with a key, a repeat does nothing and gets the first answer. */
  call(path: string, parameters: readonly ParametersParameter[], key?: string): Promise<Reply>;
  /** Reads a current resource: 'Encounter/1'. Throws when it is not there. */
  read<T extends Resource>(type: T['resourceType'], id: string): Promise<T>;
  /** Every match, all pages. */
  find<T extends Resource>(
    type: T['resourceType'],
    parameters: Readonly<Record<string, string>>,
  ): Promise<T[]>;
}

export const parametersOf = (parameter: readonly ParametersParameter[]): Parameters => ({
  resourceType: 'Parameters',
  ...(parameter.length > 0 ? { parameter: [...parameter] } : {}),
});

const utf8 = new TextDecoder();

function replyOf({ status, body }: Answer): Reply {
  const text = typeof body === 'string' || body === undefined ? body : utf8.decode(body);
  return { status, resource: text === undefined || text === '' ? undefined : (parseJson(text) as Resource) };
}

/** A refusal that the caller is meant to see, as a reply; a fault of ours is thrown on. */
function refused(error: unknown): Reply {
  if (error instanceof FhirError) return { status: error.status, resource: toOutcome(error.issue) };
  throw error;
}

/** What the server answers, its refusals included. */
const reply = (work: () => Promise<Answer>): Promise<Reply> =>
  Promise.resolve().then(work).then(replyOf, refused);

/** The server's own interactions and operations, without HTTP between. */
export function localClient(context: Context): Client {
  return {
    post: (bundle, key) => {
      const known = key === undefined ? {} : { key: keyOf(bundle, key) };
      return reply(() => system(context, bundle, { prefer: 'minimal', ...known }));
    },
    import: (lines) => reply(async () => ({ status: 200, body: toJson(await importLines(context, lines)) })),
    call: (path, parameters, key) => {
      const [type = '', ...rest] = path.split('/');
      const code = rest.pop()?.replace(/^\$/, '') ?? '';
      const [id] = rest;
      const target = id === undefined ? { type } : { type, id };
      const known = key === undefined ? undefined : operationKey(path, parameters, key);
      return reply(() => callOperation(context, code, target, [...parameters], known));
    },
    read: (type, id) => readResource(context.store, type, id),
    find: (type, parameters) => find(context.store, type, parameters),
  };
}

/** The scope that a key has when the same Bundle comes by HTTP without authorization. */
const keyOf = (bundle: Bundle, key: string): Key => ({
  text: `anonymous POST /fhir ${key}`,
  bodyHash: contentHash(toJson(bundle)),
});

const operationKey = (path: string, parameters: readonly ParametersParameter[], key: string): Key => ({
  text: `anonymous POST /fhir/${path} ${key}`,
  bodyHash: contentHash(toJson(parametersOf(parameters))),
});

/** The id in a reference of the type, version or not. */
export function idIn(location: string | undefined, type: string): string | undefined {
  const target = parseReference(location);
  return target?.type === type ? target.id : undefined;
}
