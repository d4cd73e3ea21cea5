import { asCaller } from '../interaction/asCaller.ts';
import type { Context } from '../interaction/context.ts';
import { exchangeOf, type Step } from './exchange.ts';
import { guardOf } from './guard.ts';
import type { PrincipalOf, Settings } from './settings.ts';

/** The principals of today: one for whoever brings the token, one for all where no authorization is set up. */
export function principalOfSettings(settings: Settings, publicUrl: string): PrincipalOf {
  const guard = guardOf(settings, publicUrl);
  const principal = { name: settings.auth === 'token' ? 'token' : 'anonymous' };
  return (request) => {
    guard(request);
    return principal;
  };
}

/** Finds out who asks. The CapabilityStatement is for everybody. */
export function principal(served: Context, principalOf: PrincipalOf): Step {
  return (request, response, next) => {
    const isOpen = /^\/metadata\/?(?:\?|$)/.test(request.url);
    exchangeOf(response).context = isOpen ? served : asCaller(served, principalOf(request));
    next();
  };
}
