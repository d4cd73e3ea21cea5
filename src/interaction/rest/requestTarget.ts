import type { ResourceType } from '@medplum/fhirtypes';
import { isId } from '../../datatypes/id.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { typesInCompartment, type Compartment } from '../search/compartment.ts';
import { badRequest, notFound, unsupported } from '../../outcome/fhirError.ts';

/** What a URL below the base names. See https://hl7.org/fhir/R4/http.html#general */
export interface RequestTarget {
  readonly type?: ResourceType;
  readonly id?: string;
  readonly version?: string;
  readonly tail?: 'metadata' | '_search' | '_history';
  readonly operation?: string; // the code, without its dollar sign
  /** What is searched is in this compartment: resources of `type`, of all its types where there is none. */
  readonly compartment?: Compartment;
}

/** Reads a path relative to the base, as in 'Patient/1/_history/2'. 400 or 404 for what names nothing. */
export function requestTargetOf(path: string): RequestTarget {
  const [first = '', second, third, ...more] = segments(path);
  if (first === '' && second === undefined) return {};
  if (first === '') throw nothingAt(path);
  if (second === undefined && first === 'metadata') return { tail: 'metadata' };
  if (second === undefined && first === '_history') return { tail: '_history' };
  if (second === undefined && first === '_search') return { tail: '_search' };
  if (second === undefined && first.startsWith('$')) return { operation: first.slice(1) };
  if (first === 'ViewDefinition') return ofView(path, second, third);
  if (!isResourceType(first)) throw unknownType(first);
  const type = first;
  if (second === undefined) return { type };
  if (second.startsWith('$') && third === undefined) return { type, operation: second.slice(1) };
  if (second === '_search' && third === undefined) return { type, tail: '_search' };
  if (second === '_history' && third === undefined) return { type, tail: '_history' };
  if (second.startsWith('_')) throw nothingAt(path);
  if (!isId(second)) throw malformedId();
  if (third === undefined) return { type, id: second };
  const deeper = belowInstance(type, second, [third, ...more]);
  if (!deeper) throw nothingAt(path);
  return deeper;
}

/**
 * Operations of ViewDefinition, which is no resource of R4: of the type they are operations of the system, of an instance
 * those of the Library that keeps it.
 */
function ofView(path: string, second = '', third = ''): RequestTarget {
  if (second.startsWith('$') && third === '') return { operation: second.slice(1) };
  if (!isId(second) || !third.startsWith('$')) throw unknownType('ViewDefinition');
  if (path.split('/').length > 3) throw nothingAt(path);
  return { type: 'Library', id: second, operation: third.slice(1) };
}

function belowInstance(type: ResourceType, id: string, rest: readonly string[]): RequestTarget | undefined {
  const [tail = '', version, below, ...more] = rest;
  if (more.length > 0) return undefined;
  if (below !== undefined) return belowVersion({ type, id }, [tail, version, below]);
  if (tail.startsWith('$') && version === undefined) return { type, id, operation: tail.slice(1) };
  if (version === undefined || version === '_search') {
    const inside = inCompartment({ type, id }, tail);
    if (inside) return version === undefined ? inside : { ...inside, tail: version };
  }
  if (tail !== '_history') return undefined;
  if (version === undefined) return { type, id, tail: '_history' };
  if (!/^[1-9]\d{0,14}$/.test(version)) throw notFound(`${type}/${id}/_history/${version}`);
  return { type, id, version };
}

/** An operation on one version: [type]/[id]/_history/[version]/$code. */
function belowVersion(
  instance: RequestTarget,
  [tail, version, below]: readonly (string | undefined)[],
): RequestTarget | undefined {
  if (tail !== '_history' || !below?.startsWith('$') || !/^[1-9]\d{0,14}$/.test(version ?? ''))
    return undefined;
  return { ...instance, version: version ?? '', operation: below.slice(1) };
}

/** A search in the compartment of an instance: of one type that may be in it, or of all by `*`. */
function inCompartment(compartment: Compartment, below: string): RequestTarget | undefined {
  const types = typesInCompartment(compartment.type);
  if (below === '*') return types.length > 0 ? { compartment } : undefined;
  return isResourceType(below) && types.includes(below) ? { type: below, compartment } : undefined;
}

/** The parts between the slashes; a slash at the end says nothing. Escapes of ASCII are undone, others refused. */
function segments(path: string): string[] {
  const plain = path.includes('%')
    ? path.replace(/%([2-7][0-9A-Fa-f])/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : path;
  if (plain.includes('%')) throw badRequest('malformed-url', 'the path has a malformed or foreign escape');
  const parts = plain.split('/');
  if (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}

const malformedId = () => badRequest('malformed-id', 'an id has 1 to 64 letters, digits, hyphens and dots');

const unknownType = (name: string) =>
  unsupported(
    404,
    'unknown-type',
    `${name.slice(0, 64)} is not a resource type of FHIR R4; see [base]/metadata`,
  );

const nothingAt = (path: string) =>
  unsupported(
    404,
    'unknown-path',
    `nothing answers at ${path.slice(0, 200)}; there are _search, _history, [type], [type]/_search, [type]/_history, ` +
      '[type]/[id], [type]/[id]/[type of its compartment], [type]/[id]/_history, ' +
      '[type]/[id]/_history/[version], metadata and the operations of [base]/metadata',
  );
