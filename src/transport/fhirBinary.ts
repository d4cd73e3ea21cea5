import { createHash } from 'node:crypto';
import { allowedUrl, secretOf } from './allowed.ts';
import { callPartner, refuseStatus, type Asking, type Called } from './call.ts';
import {
  checkName,
  TransportFault,
  type Allowed,
  type Place,
  type Transport,
  type Way,
} from './transport.ts';

const edi = 'application/EDI-X12';

/**
 * Interchanges as FHIR Binary of a partner's server: one PUT under an id made from the name, which never replaces what
 * is there. What the partner answers it posts to `$process-x12` here: a Binary cannot be searched for.
 */
export async function openFhirBinary(way: Way, allowed: Allowed): Promise<Transport> {
  const base = allowedUrl(way, ['https:', 'http:'], allowed);
  const headers = { authorization: authorizationOf(await secretOf(way, allowed)), accept: edi };
  const ask = (
    name: string,
    asking: Omit<Asking, 'headers'>,
    more: Asking['headers'] = {},
  ): Promise<Called> => {
    checkName(name);
    const url = new URL(`${base.pathname.replace(/\/+$/, '')}/Binary/${idOf(name)}`, base);
    return callPartner(url, { ...asking, headers: { ...headers, ...more } }, way, allowed);
  };
  const look = async (name: string, bytes: Uint8Array): Promise<Place> => {
    const found = await ask(name, { method: 'GET' });
    if (found.status === 404) return 'absent';
    refuseStatus(found);
    if (found.body.equals(bytes)) return 'released';
    throw new TransportFault('taken', 'the server has another Binary of the id: nothing was overwritten');
  };
  const none = (): Promise<void> => Promise.resolve();
  return {
    stage: (name) =>
      none().then(() => {
        checkName(name);
      }),
    handOver: async (name, bytes) => {
      const put = await ask(
        name,
        { method: 'PUT', body: bytes },
        { 'content-type': edi, 'if-none-match': '*' },
      );
      if (put.status === 412 || put.status === 409) await look(name, bytes);
      else refuseStatus(put);
    },
    look,
    list: () => Promise.resolve([]),
    fetch: async function* () {
      await none();
      yield* [];
      throw new TransportFault('refused', 'nothing is fetched over FHIR Binary');
    },
    archive: none,
    fail: none,
    close: none,
  };
}

const idOf = (name: string): string => `x12-${createHash('sha256').update(name).digest('hex').slice(0, 48)}`;

/** A secret of the form name:password is sent as Basic, any other as Bearer. */
const authorizationOf = (secret: string): string =>
  secret.includes(':') ? `Basic ${Buffer.from(secret).toString('base64')}` : `Bearer ${secret}`;
