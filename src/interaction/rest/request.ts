import { methodNotAllowed } from '../../outcome/fhirError.ts';
import type { RequestTarget } from './requestTarget.ts';

/** What the client wants back after a write. See https://hl7.org/fhir/R4/http.html#return */
export type Return = 'representation' | 'minimal' | 'OperationOutcome';

/** The two languages of a PATCH. See https://hl7.org/fhir/R4/http.html#patch */
export type PatchFormat = 'json-patch' | 'fhirpath-patch';

/** A FHIR request, from HTTP or from an entry of a Bundle. */
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
  /** How HTTP asks for work that is answered later; an entry of a Bundle cannot. */
  readonly later?: {
    readonly isAsync: boolean;
    readonly isLenient: boolean;
    readonly query: string;
    readonly accept?: string;
  };
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

/** The interactions at the paths of one shape, by method. HEAD is handled as GET. */
export type Methods = Readonly<Partial<Record<string, Interaction>>>;

/**
 * Every path below the base, and its interactions; PUT, PATCH and DELETE of a type are the conditional ones.
 * See https://hl7.org/fhir/R4/http.html
 */
export const routes: Readonly<Record<string, Methods>> = {
  '/': { GET: 'search-system', POST: 'system' },
  '/metadata': { GET: 'capabilities' },
  '/_search': { POST: 'search-system' },
  '/_history': { GET: 'history-system' },
  '/$:operation': { GET: 'operation', POST: 'operation' },
  '/:type': { GET: 'search-type', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' },
  '/:type/_search': { POST: 'search-type' },
  '/:type/_history': { GET: 'history-type' },
  '/:type/$:operation': { GET: 'operation', POST: 'operation' },
  '/:type/:id': { GET: 'read', PUT: 'update', PATCH: 'patch', DELETE: 'delete' },
  '/:type/:id/_history': { GET: 'history-instance' },
  '/:type/:id/_history/:version': { GET: 'vread' },
  '/:type/:id/_history/:version/$:operation': { GET: 'operation', POST: 'operation' },
  '/:type/:id/$:operation': { GET: 'operation', POST: 'operation' },
  '/:type/:id/*': { GET: 'search-system' },
  '/:type/:id/*/_search': { POST: 'search-system' },
  '/:type/:id/:within': { GET: 'search-type' },
  '/:type/:id/:within/_search': { POST: 'search-type' },
};

/** The path of the table that a target was read from. */
export function routeOf({ type, id, version, tail, operation, compartment }: RequestTarget): string {
  const parts = compartment
    ? ['/:type/:id', type === undefined ? '*' : ':within']
    : [type === undefined ? '' : '/:type', ...(id === undefined ? [] : [':id'])];
  if (version !== undefined) parts.push('_history', ':version');
  if (tail !== undefined) parts.push(tail);
  if (operation !== undefined) parts.push('$:operation');
  return parts.join('/') || '/';
}

/** The interaction of a method at a target; HEAD asks as GET does. 405 that names what is allowed there. */
export function interactionOf(
  method: string,
  target: RequestTarget,
  route: string = routeOf(target),
): Interaction {
  // An operation without a code ('/$') is no path of the table that Express could tell from a type.
  const methods = routes[target.operation === '' ? routeOf(target) : route] ?? {};
  const found = methods[method === 'HEAD' ? 'GET' : method];
  if (found) return found;
  const allowed = Object.keys(methods);
  const text = `${method.slice(0, 20)} is not supported here; supported: ${allowed
    .map((m) => `${m} (${String(methods[m])})`)
    .join(', ')}`;
  throw methodNotAllowed(text, allowed.flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m])).join(', '));
}
