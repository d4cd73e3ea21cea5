import { covers, plainScopes, type Scope } from '../../access/scope.ts';

/** Whether what is granted holds only as long as the session in which it was allowed. */
export const isForSession = (granted: readonly string[]): boolean =>
  granted.includes('online_access') && !granted.includes('offline_access');

const isPlain = (scope: string): boolean => plainScopes.some((plain) => plain === scope);

/** Reads a scope about resources (`patient/*.rs`); undefined where this server cannot hold requests against it. */
export type ParseScope = (scope: string) => Scope | undefined;

/** Which of the scopes that a client asks for it may be given, before anybody is asked for consent. */
export function grantable(
  requested: string,
  {
    parse,
    isSystem,
    allowed,
  }: {
    readonly parse: ParseScope;
    /** A backend service, for which no user consents. */
    readonly isSystem: boolean;
    /** What the client is registered for; anything, where nothing is said. */
    readonly allowed?: string | undefined;
  },
): string[] {
  const registered = allowed?.split(' ');
  const own = registered?.flatMap((scope) => parse(scope) ?? []);
  const isRegistered = (scope: string): boolean => {
    if (registered === undefined || registered.includes(scope)) return true;
    const asked = parse(scope);
    return asked !== undefined && own?.some((one) => covers(one, asked)) === true;
  };
  return [...new Set(requested.split(' '))].filter((scope) => {
    if (!isRegistered(scope)) return false;
    if (isSystem) return scope.startsWith('system/') && parse(scope) !== undefined;
    return isPlain(scope) || (!scope.startsWith('system/') && parse(scope) !== undefined);
  });
}
