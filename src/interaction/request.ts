import { FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import type { Place } from './place.ts';

/** What the client wants back after a write. See https://hl7.org/fhir/R4/http.html#return */
export type Return = 'representation' | 'minimal' | 'OperationOutcome';

/** A request as FHIR sees it, whether it came by HTTP or as an entry of a Bundle. */
export interface FhirRequest {
  readonly method: string;
  readonly place: Place;
  readonly query: string; // what follows the question mark
  readonly resource?: unknown; // the body, parsed and not yet judged
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifNoneExist?: string | undefined;
  readonly prefer: Return;
  readonly lenient: boolean; // Prefer: handling=lenient
}

/** The interactions by their R4 codes. See https://hl7.org/fhir/R4/valueset-type-restful-interaction.html */
export type Interaction =
  | 'capabilities'
  | 'system'
  | 'search-system'
  | 'search-type'
  | 'create'
  | 'read'
  | 'update'
  | 'delete'
  | 'vread'
  | 'history-instance'
  | 'operation';

type Methods = Readonly<Partial<Record<string, Interaction>>>;
const system: Methods = { GET: 'search-system', POST: 'system' };
const systemSearch: Methods = { POST: 'search-system' };
const compartment: Methods = { GET: 'search-system' };
const typeInCompartment: Methods = { GET: 'search-type' };
const metadata: Methods = { GET: 'capabilities' };
const type: Methods = { GET: 'search-type', POST: 'create' };
const search: Methods = { POST: 'search-type' };
const instance: Methods = { GET: 'read', PUT: 'update', DELETE: 'delete' };
const history: Methods = { GET: 'history-instance' };
const version: Methods = { GET: 'vread' };
const operation: Methods = { GET: 'operation', POST: 'operation' };

function methodsAt(place: Place): Methods {
  if (place.operation !== undefined) return operation;
  if (place.version !== undefined) return version;
  if (place.compartment) return inCompartment(place);
  if (place.id !== undefined) return place.tail === '_history' ? history : instance;
  if (place.type !== undefined) return place.tail === '_search' ? search : type;
  if (place.tail === '_search') return systemSearch;
  return place.tail === 'metadata' ? metadata : system;
}

function inCompartment({ type: of, tail }: Place): Methods {
  if (tail === '_search') return of === undefined ? systemSearch : search;
  return of === undefined ? compartment : typeInCompartment;
}

/** The interaction of a method at a place; 405 that names what is allowed there. */
export function interactionOf(method: string, place: Place): Interaction {
  const methods = methodsAt(place);
  const found = methods[method];
  if (found) return found;
  const allowed = Object.keys(methods);
  const text = `${method} is not supported here; supported: ${allowed
    .map((m) => `${m} (${String(methods[m])})`)
    .join(', ')}`;
  throw new FhirError(
    405,
    [{ severity: 'error', code: 'not-supported', details: details('method-not-allowed', text) }],
    { allow: allowed.join(', ') },
  );
}
