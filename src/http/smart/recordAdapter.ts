import { timingSafeEqual } from 'node:crypto';
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { KeptRecord, Records } from '../../store/record.ts';
import { hashed, sealed, unsealed } from './sealed.ts';

/** Models whose id opens a door by itself: they are kept under its hash, encrypted with a key derived from it. */
const secretModels = new Set([
  'AccessToken',
  'RefreshToken',
  'AuthorizationCode',
  'ClientCredentials',
  'Session',
  'Interaction',
  'RegistrationAccessToken',
  'InitialAccessToken',
  'PushedAuthorizationRequest',
]);

const sessionByUid = 'SessionUid';
/** The grant under which sessions of an account are kept, so that all of them can be ended at once. */
export const sessionsOf = (account: string): string => `account ${account}`;

interface Options {
  readonly records: Records;
  readonly now: () => string;
  /** Is told when tokens were taken back: those that servers remember are dropped. */
  readonly revoked: () => Promise<void>;
}

/** Keeps what oidc-provider keeps as records of the store. */
export function recordAdapter({ records, now, revoked }: Options): (name: string) => Adapter {
  return (name) => {
    const isSecret = secretModels.has(name);
    const keyOf = (id: string): string => (isSecret ? hashed(id) : id);
    const read = (id: string, record: KeptRecord | undefined): AdapterPayload | undefined => {
      if (!record) return undefined;
      return JSON.parse(isSecret ? unsealed(JSON.parse(record.value) as string, id) : record.value) as AdapterPayload;
    };
    const recordOf = (id: string, payload: AdapterPayload, expires?: number): KeptRecord => {
      const text = JSON.stringify(name === 'Client' ? withHashedSecret(payload) : payload);
      const grant = grantOf(name, payload);
      return {
        kind: name,
        key: keyOf(id),
        value: isSecret ? JSON.stringify(sealed(text, id)) : text,
        ...(expires === undefined ? {} : { expires }),
        ...(grant === undefined ? {} : { grant }),
      };
    };
    const find = async (id: string): Promise<AdapterPayload | undefined> =>
      read(id, await records.find(name, keyOf(id)));
    return {
      async upsert(id, payload, expiresIn) {
        const expires = expiresIn ? Date.parse(now()) + expiresIn * 1000 : undefined;
        const record = recordOf(id, payload, expires);
        if (name === 'ReplayDetection') {
          // Of two that bring one assertion at once only one is first.
          if (!(await records.add(record))) throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
          return;
        }
        await records.keep(record);
        if (name === 'Session' && payload.uid !== undefined)
          await records.keep({
            ...record,
            kind: sessionByUid,
            key: hashed(payload.uid),
            value: JSON.stringify(sealed(id, payload.uid)),
          });
      },
      find,
      async findByUid(uid) {
        const found = await records.find(sessionByUid, hashed(uid));
        return found && find(unsealed(JSON.parse(found.value) as string, uid));
      },
      findByUserCode: () => Promise.resolve(undefined),
      async consume(id) {
        const found = await records.find(name, keyOf(id));
        const payload = read(id, found);
        if (!found || !payload) throw new errors.InvalidGrant('not found');
        const consumed = recordOf(id, { ...payload, consumed: Math.floor(Date.parse(now()) / 1000) }, found.expires);
        const isFirst = payload.consumed === undefined && (await records.replace(consumed, found.value));
        if (isFirst) return;
        // Whoever comes second may be a thief, and so may who came first: all that came of it is taken back.
        if (found.grant !== undefined) await records.removeGrant(found.grant);
        await revoked();
        throw new errors.InvalidGrant('already used');
      },
      async destroy(id) {
        await records.remove(name, keyOf(id));
        if (name === 'AccessToken' || name === 'ClientCredentials' || name === 'Grant') await revoked();
      },
      async revokeByGrantId(grantId) {
        if ((await records.removeGrant(grantId)) > 0) await revoked();
      },
    };
  };
}

function grantOf(name: string, { grantId, accountId }: AdapterPayload): string | undefined {
  if (name === 'Session') return accountId === undefined ? undefined : sessionsOf(accountId);
  return name === 'Interaction' || name === 'Client' ? undefined : grantId;
}

const hashPrefix = 'sha256:';

/** The secret of a client is random, so its plain hash is enough. */
export const hashedClientSecret = (secret: string): string => `${hashPrefix}${hashed(secret)}`;

function withHashedSecret(payload: AdapterPayload): AdapterPayload {
  const { client_secret: secret } = payload;
  if (secret === undefined || secret.startsWith(hashPrefix)) return payload;
  return { ...payload, client_secret: hashedClientSecret(secret) };
}

/** Whether a secret is the one of which the hash is kept. */
export function isClientSecret(kept: string | undefined, given: string): boolean {
  const [a, b] = [Buffer.from(kept ?? ''), Buffer.from(hashedClientSecret(given))];
  return a.length === b.length && timingSafeEqual(a, b);
}
