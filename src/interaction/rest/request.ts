import { methodNotAllowed } from '../../outcome/fhirError.ts';
import type { RequestTarget } from './requestTarget.ts';

/** What the client wants back after a write. See https://hl7.org/fhir/R4/http.html#return */
export type Return = 'representation' | 'minimal' | 'OperationOutcome';

/** The two languages of a PATCH. See https://hl7.org/fhir/R4/http.html#patch */
export type PatchFormat = 'json-patch' | 'fhirpath-patch';

/** A request as FHIR sees it, whether it came by HTTP or as an entry of a Bundle. */
export interface FhirRequest {
  readonly method: string;
  readonly target: RequestTarget;
  readonly query: string; // what follows the question mark
  readonly resource?: unknown; // the body, parsed and not yet judged
  readonly isLiteral?: boolean; // the text of the body holds nothing that could be a reference to resolve
  readonly patchFormat?: PatchFormat | undefined; // of a PATCH: how its body says what to change
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
  | 'patch'
  | 'delete'
  | 'vread'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'operation';

type Methods = Readonly<Partial<Record<string, Interaction>>>;
const system: Methods = { GET: 'search-system', POST: 'system' };
const systemSearch: Methods = { POST: 'search-system' };
const compartment: Methods = { GET: 'search-system' };
const typeInCompartment: Methods = { GET: 'search-type' };
const metadata: Methods = { GET: 'capabilities' };
/** PUT, PATCH and DELETE here are the conditional ones: they need criteria. */
const type: Methods = { GET: 'search-type', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const search: Methods = { POST: 'search-type' };
const instance: Methods = { GET: 'read', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const historyOfInstance: Methods = { GET: 'history-instance' };
const historyOfType: Methods = { GET: 'history-type' };
const historyOfSystem: Methods = { GET: 'history-system' };
const version: Methods = { GET: 'vread' };
const operation: Methods = { GET: 'operation', POST: 'operation' };

function methodsAt(target: RequestTarget): Methods {
  const { type: ofType, id, tail } = target;
  if (target.operation !== undefined) return operation;
  if (target.version !== undefined) return version;
  if (target.compartment) return inCompartment(target);
  if (id !== undefined) return tail === '_history' ? historyOfInstance : instance;
  if (tail === 'metadata') return metadata;
  if (tail === '_history') return ofType === undefined ? historyOfSystem : historyOfType;
  if (ofType === undefined) return tail === '_search' ? systemSearch : system;
  return tail === '_search' ? search : type;
}

function inCompartment({ type: of, tail }: RequestTarget): Methods {
  if (tail === '_search') return of === undefined ? systemSearch : search;
  return of === undefined ? compartment : typeInCompartment;
}

/** The interaction of a method at a place; HEAD asks as GET does. 405 that names what is allowed there. */
export function interactionOf(method: string, target: RequestTarget): Interaction {
  const methods = methodsAt(target);
  const found = methods[method === 'HEAD' ? 'GET' : method];
  if (found) return found;
  const allowed = Object.keys(methods);
  const text = `${method.slice(0, 20)} is not supported here; supported: ${allowed
    .map((m) => `${m} (${String(methods[m])})`)
    .join(', ')}`;
  throw methodNotAllowed(text, allowed.flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m])).join(', '));
}
