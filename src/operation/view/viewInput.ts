import type { Group, OperationDefinition, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { isId } from '../../datatypes/id.ts';
import { changed, toJson } from '../../datatypes/json.ts';
import { parsed, readStored } from '../../interaction/repository.ts';
import { requireMay } from '../../interaction/permits.ts';
import { badRequest, FhirError, notFound, unprocessable, unsupported } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import type { Stored } from '../../store/store.ts';
import { inputOf } from '../call/input.ts';
import { patientsOfGroup } from '../export/kickOff.ts';
import type { LaterCall } from '../operation.ts';
import { parameter, parameters } from '../parameters.ts';
import { formats, mediaTypeOf, type Format } from './rowWriter.ts';
import { keptView, namedView } from './keptView.ts';
import { readView, type View } from './viewDefinition.ts';

/** The parameters of a call, with the views among them read apart: R4 knows no ViewDefinition. */
export interface ViewInput {
  readonly input: Parameters;
  readonly inline: readonly unknown[];
}

const at = (name: string): string => `Parameters.parameter.where(name='${name}')`;

type Given = Readonly<Record<string, unknown>>;
const isGiven = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the parameters from a query or a body: Parameters, or a ViewDefinition by itself. */
export function viewInput({ context, pairs, body }: LaterCall, definition: OperationDefinition): ViewInput {
  const known = (definition.parameter ?? []).filter(({ name }) => name !== 'viewResource');
  const others = { definition: changed(definition, { parameter: known }) };
  if (isGiven(body) && body['resourceType'] === 'ViewDefinition')
    return { input: inputOf(context, others, { query: pairs }), inline: [body] };
  const given: readonly unknown[] =
    isGiven(body) && Array.isArray(body['parameter']) ? (body['parameter'] as readonly unknown[]) : [];
  const isInline = (one: unknown): boolean => isGiven(one) && one['name'] === 'viewResource';
  const inline = given.filter(isInline).map((one) => (isGiven(one) ? one['resource'] : undefined));
  const rest = given.filter((one) => !isInline(one));
  // R4 knows no list without a member.
  const left =
    rest.length > 0 ? { resourceType: 'Parameters', parameter: rest } : { resourceType: 'Parameters' };
  const read = inline.length > 0 ? left : body;
  return { input: inputOf(context, others, { query: pairs, body: read }), inline };
}

/** The view that a call names: in its path, by reference, or sent along. */
export async function viewOf(call: LaterCall, { input, inline }: ViewInput): Promise<View> {
  const reference = referenceOf(parameter(input, 'viewReference'));
  const { id } = call.target;
  const ways = [
    ...inline,
    ...(reference === undefined ? [] : [reference]),
    ...(id === undefined ? [] : [id]),
  ];
  if (ways.length !== 1)
    throw badRequest(
      'view-missing',
      'which view is run is said once: viewResource, viewReference, or the Library in the path',
      at('viewResource'),
    );
  const found =
    id !== undefined
      ? await keptView(call.context, id)
      : reference !== undefined
        ? await namedView(call.context, reference)
        : inline[0];
  const read = readView(found);
  if ('faults' in read) throw unprocessable(read.faults);
  requireMay(call.context, read.view.resource, 'search-type');
  return read.view;
}

const referenceOf = (given: ParametersParameter | undefined): string | undefined =>
  given?.valueReference?.reference ?? given?.valueCanonical ?? given?.valueString ?? given?.valueUri;

/** The format: `_format` of the body or the query, else what Accept prefers, else JSON. 406 for others. */
export function formatOf({ pairs, accept = '' }: LaterCall, input: Parameters): Format {
  const asked = parameter(input, '_format')?.valueCode ?? pairs.find(([name]) => name === '_format')?.[1];
  if (asked !== undefined) return named(asked) ?? refuseFormat('_format');
  const ranges = accept
    .split(',')
    .map((range) => {
      const [type = '', ...rest] = range.split(';').map((part) => part.trim());
      const weight = rest.find((part) => part.startsWith('q='))?.slice(2);
      return { type, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ type, weight }) => type !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  if (ranges.length === 0) return 'json';
  for (const { type } of ranges) {
    const format =
      named(type) ?? (/^(?:\*|application)\/\*$|^application\/fhir\+json$/i.test(type) ? 'json' : undefined);
    if (format) return format;
  }
  return refuseFormat('Accept');
}

function named(text: string): Format | undefined {
  const lower = text.trim().toLowerCase().replace('application/fhir+ndjson', 'ndjson');
  return formats.find(
    (one) => one === lower || mediaTypeOf[one].split(';')[0] === lower || `application/${one}` === lower,
  );
}

function refuseFormat(what: string): never {
  throw unsupported(406, 'not-acceptable', `${what} names none of ${formats.join(', ')}`);
}

/** Which resources: the patients that are named or members of the Groups that are; undefined where all are. */
export async function patientsIn(
  { context }: Pick<LaterCall, 'context'>,
  input: Parameters,
): Promise<ReadonlySet<string> | undefined> {
  const named = parameters(input, 'patient').map(referenceOf);
  const groups = parameters(input, 'group').map(referenceOf);
  if (named.length === 0 && groups.length === 0) return undefined;
  const members = new Set<string>();
  for (const reference of groups) {
    const id = idIn(reference, 'Group');
    for (const one of patientsOfGroup(parsed<Group>(await readStored(context.store, 'Group', id))))
      members.add(one);
  }
  const patients = new Set<string>();
  for (const reference of named) {
    const id = idIn(reference, 'Patient');
    const stored = await context.store.read('Patient', id);
    // Who is not there, not seen or no member is told by one answer.
    if (!stored || stored.deleted || (groups.length > 0 && !members.has(id))) throw notFound(`Patient/${id}`);
    patients.add(id);
  }
  return named.length > 0 ? patients : members;
}

function idIn(reference: string | undefined, type: 'Patient' | 'Group'): string {
  const target = parseReference(reference);
  if (target?.type === type) return target.id;
  const name = type.toLowerCase();
  if (reference !== undefined && !reference.includes('/') && isId(reference)) return reference;
  throw badRequest('malformed-value', `${name} is a reference as in ${type}/1`, at(name));
}

export function instantIn(input: Parameters): number | undefined {
  const text = parameter(input, '_since')?.valueInstant;
  if (text === undefined) return undefined;
  const at_ = Date.parse(text.replaceAll(' ', '+')); // a plus sign in a query means a blank
  if (Number.isNaN(at_)) throw badRequest('malformed-value', '_since is an instant', at('_since'));
  return at_;
}

export function rowsMaxIn(input: Parameters): number {
  const limit = parameter(input, '_limit')?.valueInteger ?? Number.MAX_SAFE_INTEGER;
  if (limit < 1) throw badRequest('malformed-value', '_limit is above 0', at('_limit'));
  return limit;
}

/** Resources that were sent to be made rows of; undefined where none was. */
export function resourcesIn(input: Parameters): readonly Pick<Stored, 'json'>[] | undefined {
  const given = parameters(input, 'resource').flatMap(({ resource }) => resource ?? []);
  if (given.length === 0) return undefined;
  return given.map((one) => ({ json: Buffer.from(toJson(one)) }));
}

/** Data of others is not read: a server that fetches what a caller names is their tool. */
export function refuseSource(input: Parameters): void {
  if (!parameter(input, 'source')) return;
  const text = 'source is not supported: views are run on what this server keeps, or on resource';
  throw new FhirError(422, [businessFault('view-source', at('source'), text)]);
}
