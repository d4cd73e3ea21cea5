/** The scopes that are not about resources: who the user is, what was open on their screen, how long tokens last. */
export const plainScopes = [
  'openid',
  'profile',
  'fhirUser',
  'launch',
  'launch/patient',
  'launch/encounter',
  'offline_access',
  'online_access',
] as const;

const isPlain = (scope: string): boolean => plainScopes.some((plain) => plain === scope);

/** Says whether a scope about resources (`patient/*.rs`) is one that this server can hold requests against. */
export type ParsesScope = (scope: string) => boolean;

/** Which of the scopes that a client asks for it may be given, before anybody is asked for consent. */
export function grantable(
  requested: string,
  {
    parses,
    isSystem,
    allowed,
  }: {
    readonly parses: ParsesScope;
    /** A backend service, for which no user consents. */
    readonly isSystem: boolean;
    /** What the client is registered for; anything, where nothing is said. */
    readonly allowed?: string | undefined;
  },
): string[] {
  const registered = allowed?.split(' ');
  const isRegistered = (scope: string): boolean =>
    registered === undefined || registered.includes(scope) || registered.some((own) => covers(own, scope));
  return [...new Set(requested.split(' '))].filter((scope) => {
    if (!isRegistered(scope)) return false;
    if (isSystem) return scope.startsWith('system/') && parses(scope);
    return isPlain(scope) || (!scope.startsWith('system/') && parses(scope));
  });
}

const formerly: Readonly<Partial<Record<string, string>>> = { read: 'rs', write: 'cud', '*': 'cruds' };
const form = /^(patient|user|system)\/(\*|[A-Za-z]+)\.(read|write|\*|[cruds]+)(\?.+)?$/;

/** Whether whoever has one scope has all that another grants: `patient/*.rs` covers `patient/Coverage.read`. */
export function covers(own: string, other: string): boolean {
  const [, whose, type, permission = '', query] = form.exec(own) ?? [];
  const [, otherWhose, otherType, otherPermission = '', otherQuery] = form.exec(other) ?? [];
  if (whose === undefined || whose !== otherWhose) return false;
  if (type !== '*' && type !== otherType) return false;
  if (query !== undefined && query !== otherQuery) return false;
  const letters = formerly[permission] ?? permission;
  return Array.from(formerly[otherPermission] ?? otherPermission).every((letter) => letters.includes(letter));
}
