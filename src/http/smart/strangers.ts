import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { isLoopback } from '../../datatypes/host.ts';

interface Metadata {
  readonly grant_types?: readonly string[] | undefined;
  readonly redirect_uris?: readonly string[] | undefined;
}

const refused = (why: string): Error => new errors.InvalidClientMetadata(why);

/**
 * Refuses what an app that registers itself may not say of itself: what is for an administrator to say, and addresses
 * that a browser is sent to in the clear.
 */
export function refuseForStrangers(
  ctx: KoaContextWithOIDC | undefined,
  key: string,
  value: unknown,
  { grant_types: grants = [], redirect_uris: redirects = [] }: Metadata,
): void {
  if (ctx?.oidc.route !== 'registration') return;
  if (grants.some((grant) => grant !== 'authorization_code' && grant !== 'refresh_token'))
    throw refused('an app that registers itself acts for a user who signs in');
  for (const uri of redirects) {
    const url = URL.parse(uri);
    if (url?.protocol === 'http:' && !isLoopback(url.hostname)) throw refused('redirect_uris must be https');
  }
  if (value === undefined) return;
  if (key !== 'smart_scope' && key !== 'launch_uri') throw refused(`${key} is for an administrator to say`);
  if (typeof value !== 'string') throw refused(`${key === 'smart_scope' ? 'scope' : key} must be a string`);
  if (key === 'launch_uri' && !isSecure(value)) throw refused('launch_uri must be an https URL');
}

function isSecure(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}
