import { asCaller, type Principal } from '../interaction/asCaller.ts';
import type { Context } from '../interaction/context.ts';
import type { Recorder } from './audit/recorder.ts';
import { exchangeOf, type Step } from './exchange.ts';
import { guardOf } from './guard.ts';
import { countRefused, type RateLimit } from './rateLimit.ts';
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

/** What keeps an eye on who asks. */
export interface Watching {
  readonly recorder: Recorder;
  readonly limit: RateLimit;
}

/** Who is counted: an app with its account, whatever its tokens are for. */
const clientOf = ({ name, account = '', client }: Principal): string =>
  client === undefined ? `principal ${name}` : `principal ${account}@${client}`;

/**
 * Finds out who asks. The CapabilityStatement is for everybody. Whoever asks again as the same principal gets the context
 * that was made for it.
 */
export function principal(served: Context, principalOf: PrincipalOf, { recorder, limit }: Watching): Step {
  const contexts = new WeakMap<Principal, Context>();
  const contextFor = (who: Principal): Context => {
    const made = contexts.get(who) ?? asCaller(served, who);
    contexts.set(who, made);
    return made;
  };
  return (request, response, next) => {
    const exchange = exchangeOf(response);
    if (/^\/metadata\/?(?:\?|$)/.test(request.url)) {
      exchange.context = served;
      next();
      return undefined;
    }
    const goOn = (found: Principal): void => {
      recorder.expect(request, response, found);
      if (request.headers.authorization !== undefined) limit.take(clientOf(found));
      exchange.context = contextFor(found);
      next();
    };
    const refuse = (error: unknown): never => {
      recorder.expect(request, response);
      if (request.headers.authorization !== undefined) countRefused(limit, exchange.address);
      throw error;
    };
    let asking: Principal | Promise<Principal>;
    try {
      asking = principalOf(request);
    } catch (error) {
      return refuse(error);
    }
    if (asking instanceof Promise) return asking.then(goOn, refuse);
    goOn(asking);
    return undefined;
  };
}
