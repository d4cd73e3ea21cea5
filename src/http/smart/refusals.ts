import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { EventRecord } from '../../interaction/audit/eventRecord.ts';
import type { TellEvent } from '../audit/authorizationEvents.ts';

interface Telling {
  readonly tell: TellEvent;
  /** Where the request comes from that is being answered. */
  readonly address: () => string | undefined;
}

/**
 * Records what is refused: a code that was used before, an address of an app that is not registered, a client that does
 * not prove who it is. In whichever way it is answered (a page, JSON, back to the app) the audit has it first. Who is
 * named is the app that the request speaks of, and of people only who is signed in at the browser.
 */
export function recordRefusals(provider: Provider, { tell, address }: Telling): void {
  const refused = new WeakMap<object, Pick<EventRecord, 's' | 'd'>>();
  const note = (ctx: KoaContextWithOIDC, { error }: errors.OIDCProviderError): void => {
    refused.set(ctx, { s: '4', d: error });
  };
  provider.on('authorization.error', note);
  provider.on('grant.error', note);
  provider.on('introspection.error', note);
  provider.on('revocation.error', note);
  provider.on('registration_create.error', note);
  provider.on('registration_read.error', note);
  provider.on('server_error', (ctx) => {
    refused.set(ctx, { s: '8', d: 'server_error' });
  });
  provider.use(async (ctx, next) => {
    await next();
    const why = refused.get(ctx);
    if (!why) return;
    const { client, entities } = (ctx as KoaContextWithOIDC).oidc;
    const who = { a: address(), c: client?.clientId, u: entities.Account?.accountId };
    await tell({ e: 'request-refused', ...why, ...who });
  });
}
