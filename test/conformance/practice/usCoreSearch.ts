import { isHolder } from '../profile/value.ts';
import { parameters, type Parameter } from './usCoreTable.ts';

export const parameterOf = (type: string, code: string): Parameter => {
  const found = parameters[type]?.[code] ?? parameters['*']?.[code];
  if (!found) throw new Error(`${type} has no ${code} here`);
  return found;
};

/** The values at a path, lists walked through. */
export const valuesAt = (of: unknown, path: string): unknown[] =>
  path.split('|').flatMap((one) => valuesOn(of, one));

function valuesOn(of: unknown, path: string): unknown[] {
  let values: unknown[] = [of];
  for (const step of path.split('.'))
    values = values.flatMap((v) => {
      const found = isHolder(v) ? v[step] : undefined;
      return found === undefined ? [] : Array.isArray(found) ? (found as unknown[]) : [found];
    });
  return values;
}

interface Coded {
  readonly system?: unknown;
  readonly code?: unknown;
  readonly value?: unknown;
}

/** The codings of a token's element: of a code, Coding, CodeableConcept or Identifier. */
function codings(value: unknown): Coded[] {
  if (typeof value === 'string') return [{ code: value }];
  if (!isHolder(value)) return [];
  return Array.isArray(value['coding']) ? (value['coding'] as Coded[]) : [value];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** How the suite writes the value of a resource: a token with its system, a date as it stands, a period as after its eve. */
export function written(resource: unknown, { kind, path }: Parameter): string | undefined {
  const [value] = valuesAt(resource, path.split('|')[0] ?? '');
  if (value === undefined) return undefined;
  if (kind === 'reference') return textOf(valuesAt(value, 'reference')[0]);
  if (path.startsWith('period.start'))
    return `gt${new Date(Date.parse(textOf(value)) - 86_400_000).toISOString()}`;
  if (kind !== 'token') return textOf(value);
  const [first = {}] = codings(value);
  const code = textOf(first.code ?? first.value);
  return first.system === undefined ? code : `${textOf(first.system)}|${code}`;
}

/** True when a resource has what was searched by, judged apart from the server. */
export function matches(resource: unknown, { kind, path }: Parameter, value: string): boolean {
  const found = valuesAt(resource, path);
  switch (kind) {
    case 'reference':
      return found.some((v) => textOf(valuesAt(v, 'reference')[0]).endsWith(value));
    case 'string':
      return valuesAt(resource, path.split('.')[0] ?? '').some((v) =>
        JSON.stringify(v).toLowerCase().includes(value.toLowerCase()),
      );
    case 'date':
      if (value.startsWith('gt'))
        return found.some((v) => Date.parse(textOf(v)) > Date.parse(value.slice(2)));
      return found.some((v) => textOf(v).startsWith(value) || Date.parse(textOf(v)) === Date.parse(value));
    default: {
      const [system, code = ''] = value.includes('|') ? value.split('|') : [undefined, value];
      return found
        .flatMap(codings)
        .some((c) => textOf(c.code ?? c.value) === code && (system === undefined || c.system === system));
    }
  }
}
