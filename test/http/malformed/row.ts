/** One request as it goes over the wire; `path` is what follows the base, exactly as sent. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A malformed request: the status and the code it gets, and the part that its outcome names (text or expression). */
export type Row = readonly [sent: Sent, status: number, code: string, names: string | RegExp];

const fhirJson = 'application/fhir+json';
type Headers = Readonly<Record<string, string>>;
type Body = string | Buffer | object;

const written = (body: Body): string | Buffer =>
  typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
const withBody =
  (method: string) =>
  (path: string, body: Body, headers: Headers = {}): Sent => ({
    method,
    path,
    headers: { 'content-type': fhirJson, ...headers },
    body: written(body),
  });

export const get = (path: string, headers: Headers = {}): Sent => ({
  method: 'GET',
  path,
  headers,
  body: '',
});
export const del = (path: string, headers: Headers = {}): Sent => ({
  method: 'DELETE',
  path,
  headers,
  body: '',
});
export const other = (method: string, path: string, headers: Headers = {}, body: Body = ''): Sent => ({
  method,
  path,
  headers,
  body: written(body),
});
export const post = withBody('POST');
export const put = withBody('PUT');
export const patch = (path: string, operations: Body, headers: Headers = {}): Sent =>
  withBody('PATCH')(path, operations, { 'content-type': 'application/json-patch+json', ...headers });
/** A FHIRPath Patch: each operation as its parts, name → value[x]. */
export const pathPatch = (path: string, ...operations: readonly object[][]): Sent =>
  withBody('PATCH')(path, {
    resourceType: 'Parameters',
    parameter: operations.map((part) => ({ name: 'operation', part })),
  });
export const form = (path: string, body: string, headers: Headers = {}): Sent =>
  other('POST', path, { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body);

/** What a test is called by. */
export const titleOf = ({ method, path, headers, body }: Sent): string => {
  const own = Object.entries(headers).filter(
    ([name, value]) => name !== 'content-type' || value !== fhirJson,
  );
  const said = own.map(([name, value]) => `${name}: ${value.slice(0, 60)}`).join('; ');
  const sent = Buffer.isBuffer(body) ? `${body.length} bytes` : body;
  return [method, `/${path.slice(0, 120)}`, said, sent.slice(0, 120)].filter((part) => part !== '').join(' ');
};

export const patient = (over: object = {}): Record<string, unknown> => ({
  resourceType: 'Patient',
  id: 'p1',
  birthDate: '1980-12-31',
  ...over,
});
export const bundle = (type: string, ...entry: readonly unknown[]): object => ({
  resourceType: 'Bundle',
  type,
  ...(entry.length > 0 ? { entry } : {}),
});
export const entry = (method: string, url: string, resource?: unknown, more: object = {}): object => ({
  ...(resource === undefined ? {} : { resource }),
  request: { method, url, ...more },
});
