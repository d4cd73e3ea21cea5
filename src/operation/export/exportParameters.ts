import type { OperationDefinition, Parameters, ParametersParameter, ResourceType } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { takeShape } from '../../interaction/search/summary.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { details, type Issue } from '../../outcome/issue.ts';
import { inputOf } from '../call/input.ts';
import { parameter, parameters } from '../parameters.ts';
import type { LaterCall } from '../operation.ts';
import type { WantedElement } from './exportRequest.ts';

/** The parameters of a kick-off, read. */
export interface Asked {
  readonly types: readonly ResourceType[] | undefined; // as named
  readonly since?: number;
  readonly until?: number;
  readonly filters: readonly TypeFilter[];
  readonly elements: readonly WantedElement[];
  readonly provenance?: 'latest' | 'relevant';
  readonly patients?: readonly string[];
  readonly notes: readonly Issue[];
}

export interface TypeFilter {
  readonly type: ResourceType;
  readonly query: string; // what follows the question mark
}

/** What is left out because Prefer: handling=lenient allows it; else it is refused. */
class Leniency {
  readonly notes: Issue[] = [];
  readonly #isLenient: boolean;

  constructor(isLenient: boolean) {
    this.#isLenient = isLenient;
  }

  leaveOut(code: string, text: string, expression?: string): void {
    const lenient = 'Prefer: handling=lenient leaves it out';
    if (!this.#isLenient) throw badRequest(code, `${text}; ${lenient}`, expression);
    this.notes.push({
      severity: 'warning',
      code: 'not-supported',
      details: details('ignored-parameter', `${text}; it was left out`),
    });
  }
}

/** Reads the parameters of a kick-off from a query or a body of Parameters; 400 for what is unknown or unsound. */
export function exportParameters(call: LaterCall, definition: OperationDefinition): Asked {
  const leniency = new Leniency(call.isLenient);
  const input = knownInput(call, definition, leniency);
  refuseFormat(input);
  const types = typesIn(input, leniency);
  const since = instantIn(input, '_since');
  const until = instantIn(input, '_until');
  const provenance = associated(input, leniency);
  const patients = patientsIn(input);
  return {
    types,
    filters: filtersIn(input),
    elements: elementsIn(input),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(patients.length === 0 ? {} : { patients }),
    notes: leniency.notes,
  };
}

const transport = new Set(['_format', '_pretty']);

function knownInput(call: LaterCall, definition: OperationDefinition, leniency: Leniency): Parameters {
  const { context, pairs, body } = call;
  const names = (definition.parameter ?? []).filter(({ use }) => use === 'in').map(({ name }) => name);
  const isKnown = (name: string): boolean => {
    if (names.includes(name)) return true;
    const text = `$export has no parameter ${name.slice(0, 64)} here; it has ${names.join(', ')}`;
    leniency.leaveOut('unknown-parameter', text, 'Parameters.parameter');
    return false;
  };
  const query = pairs.filter(([name]) => transport.has(name) || isKnown(name)).map(withoutBlanks);
  const given = body as Parameters | undefined;
  const isOfBody = given?.resourceType === 'Parameters' && Array.isArray(given.parameter);
  const known = isOfBody
    ? changed(given, {
        parameter: given.parameter?.filter((one) => isUnread(one) || isKnown(one.name)) ?? [],
      })
    : given;
  return inputOf(context, { definition }, { query, body: known });
}

/** What is no parameter at all is refused where the input is read. */
const isUnread = (one: unknown): boolean =>
  typeof one !== 'object' || one === null || !('name' in one) || typeof one.name !== 'string';

/** A plus sign in a query means a blank; in an instant and a media type it stands for itself. */
const withoutBlanks = ([name, value]: readonly [string, string]): [string, string] => [
  name,
  /^_(?:since|until|outputFormat)$/.test(name) ? value.trim().replaceAll(' ', '+') : value,
];

const textOf = (p: ParametersParameter): string => p.valueString ?? p.valueCode ?? p.valueUri ?? '';

/** The values of a parameter that may be repeated, and hold several with commas between them. */
const listed = (input: Parameters, name: string): string[] =>
  parameters(input, name)
    .flatMap((p) => textOf(p).split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');

const formats = ['application/fhir+ndjson', 'application/ndjson', 'ndjson'];

function refuseFormat(input: Parameters): void {
  const given = parameter(input, '_outputFormat');
  if (given && !formats.includes(textOf(given)))
    throw badRequest('malformed-value', `_outputFormat is one of ${formats.join(', ')}`);
}

function instantIn(input: Parameters, name: string): number | undefined {
  const text = parameter(input, name)?.valueInstant;
  return text === undefined ? undefined : Date.parse(text);
}

function typesIn(input: Parameters, leniency: Leniency): readonly ResourceType[] | undefined {
  const named = listed(input, '_type');
  if (named.length === 0) return undefined;
  return [...new Set(named)].flatMap((name): ResourceType[] => {
    if (isResourceType(name)) return [name];
    leniency.leaveOut('malformed-value', `_type names ${name.slice(0, 64)}, which is no resource type of R4`);
    return [];
  });
}

/** Queries as in `Claim?status=active`. A comma separates two where a type and a question mark follow it. */
function filtersIn(input: Parameters): readonly TypeFilter[] {
  return parameters(input, '_typeFilter')
    .flatMap((p) => textOf(p).split(/,(?=[A-Z][A-Za-z]*\?)/))
    .map((text) => {
      const [, type = '', query = ''] = /^([A-Z][A-Za-z]*)\?(.+)$/s.exec(text.trim()) ?? [];
      if (isResourceType(type)) return { type, query };
      throw badRequest('malformed-value', '_typeFilter is a search of one type, as in Claim?status=active');
    });
}

function elementsIn(input: Parameters): readonly WantedElement[] {
  const wanted = listed(input, '_elements').map((text): WantedElement => {
    const [first = '', second] = text.split('.');
    if (second === undefined) return { name: first };
    if (isResourceType(first)) return { type: first, name: second };
    throw badRequest('malformed-value', '_elements names elements as in id or Patient.name');
  });
  if (wanted.length > 0) takeShape([['_elements', wanted.map(({ name }) => name).join(',')]]); // refuses unknown ones
  return wanted;
}

/** See https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters */
function associated(input: Parameters, leniency: Leniency): 'latest' | 'relevant' | undefined {
  let found: 'latest' | 'relevant' | undefined;
  for (const name of listed(input, 'includeAssociatedData')) {
    if (name === 'LatestProvenanceResources') found ??= 'latest';
    else if (name === 'RelevantProvenanceResources') found = 'relevant';
    else
      leniency.leaveOut(
        'malformed-value',
        'includeAssociatedData is LatestProvenanceResources or RelevantProvenanceResources',
      );
  }
  return found;
}

const patientsIn = (input: Parameters): readonly string[] =>
  parameters(input, 'patient').map(({ valueReference }) => {
    const target = parseReference(valueReference?.reference);
    if (target?.type === 'Patient') return target.id;
    throw badRequest('malformed-value', 'patient is a reference as in Patient/1', 'Parameters.parameter');
  });
