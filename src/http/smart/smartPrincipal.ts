import { FhirError } from '../../outcome/fhirError.ts';
import { details } from '../../outcome/issue.ts';
import { isForeign } from '../cors.ts';
import { hostGuard } from '../guard.ts';
import type { PrincipalOf } from '../settings.ts';
import { bearerOf, invalidToken, tokenMissing } from './tokens.ts';
import type { SmartServer } from './smartServer.ts';

/** Under `smart` every request brings a token of the authorization server. */
export const smartPrincipal =
  (server: SmartServer): PrincipalOf =>
  (request) => {
    const token = bearerOf(request);
    if (token !== undefined) return server.tokens.principal(token);
    throw request.headers.authorization === undefined ? tokenMissing() : invalidToken();
  };

/**
 * Under `off` whoever brings a token gets what it allows, and whoever brings none everything; but a page of another
 * origin needs one, else every page that is open in a browser on this machine could read the store.
 */
export function openPrincipal(server: SmartServer): PrincipalOf {
  const guard = hostGuard(server.base);
  const anybody = { name: 'anonymous' };
  return (request) => {
    guard(request);
    const token = bearerOf(request);
    if (token !== undefined) return server.tokens.principal(token);
    if (isForeign(request, server.base)) throw foreign();
    return anybody;
  };
}

const foreign = (): FhirError =>
  new FhirError(403, [
    {
      severity: 'error',
      code: 'security',
      details: details(
        'foreign-origin',
        'a page of another origin needs a token: send Authorization: Bearer',
      ),
    },
  ]);
