import { asCaller } from '../interaction/asCaller.ts';
import type { Context } from '../interaction/context.ts';
import { exchangeOf, type Step } from './exchange.ts';
import { guardOf } from './guard.ts';
import type { PrincipalOf, Settings } from './settings.ts';

/** Who asks where there is no authorization server: one principal for whoever may ask. */
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
    const exchange = exchangeOf(response);
    if (/^\/metadata\/?(?:\?|$)/.test(request.url)) {
      exchange.context = served;
      next();
      return undefined;
    }
    const asking = principalOf(request);
    if (!(asking instanceof Promise)) {
      exchange.context = asCaller(served, asking);
      next();
      return undefined;
    }
    return asking.then((found) => {
      exchange.context = asCaller(served, found);
      next();
    });
  };
}
