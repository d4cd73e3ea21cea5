import { authorizationFor, forgetToken, type Tokens } from './accessToken.ts';
import { allowedUrl } from './allowed.ts';
import { callPartner, type Called } from './call.ts';
import { TransportFault, type Allowed, type FhirAsking, type FhirServer, type FhirWay } from './transport.ts';

/**
 * Opens FHIR servers of payers, within what the settings allow. Only what lies below the address of the Endpoint is
 * called. A token is kept until it ends; one that is refused is asked for once more: a request that was refused so was
 * not worked at.
 */
export function fhirServers(allowed: Allowed): (way: FhirWay) => FhirServer {
  const tokens: Tokens = new Map();
  return (way) => ({
    base: way.address.replace(/\/+$/, ''),
    call: async (asking) => {
      const first = await callOnce(way, allowed, tokens, asking);
      const answer =
        first.status === 401 && forgetToken(way, tokens)
          ? await callOnce(way, allowed, tokens, asking)
          : first;
      return { status: answer.status, type: answer.type, text: answer.body.toString('utf8') };
    },
  });
}

async function callOnce(
  way: FhirWay,
  allowed: Allowed,
  tokens: Tokens,
  { method, url, body, headers }: FhirAsking,
): Promise<Called> {
  const base = allowedUrl(way, ['https:', 'http:'], allowed);
  const target = URL.parse(url);
  const below = `${base.pathname.replace(/\/+$/, '')}/`;
  if (target?.origin !== base.origin || !target.pathname.startsWith(below))
    throw new TransportFault('not-allowed', 'a URL of the partner leads away from its Endpoint');
  const authorization = await authorizationFor(way, allowed, tokens);
  const all = { ...headers, ...(authorization === '' ? {} : { authorization }) };
  const bytes = body === undefined ? {} : { body: Buffer.from(body) };
  return callPartner(target, { method, headers: all, ...bytes }, way, allowed);
}
