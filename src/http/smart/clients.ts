import { randomUUID } from 'node:crypto';
import type { AdapterPayload } from 'oidc-provider';
import type { KeptRecord, Records } from '../../store/record.ts';
import { allRecords } from './allRecords.ts';
import { tellRevocation } from './revocation.ts';
import { hashedClientSecret, newSecret } from './sealed.ts';

/** An app that may ask for tokens. */
export interface NewClient {
  readonly id?: string; // made where none is given
  readonly name: string;
  /**
   * How it proves who it is: `public`: not at all (PKCE instead); `secret`: with a secret; `key`: by signing; `service`:
   * by signing, for itself and without a user.
   */
  readonly kind: 'public' | 'secret' | 'key' | 'service';
  readonly redirectUris?: readonly string[];
  readonly launchUri?: string; // where an EHR launch opens it
  readonly jwksUri?: string;
  readonly jwks?: { readonly keys: readonly object[] };
  readonly secret?: string; // made where none is given
  readonly scope?: string; // the most that it may be given; anything, where nothing is said
  /** Sends no PKCE: clients of SMART App Launch 1 and of CARIN. */
  readonly isFirstVersion?: boolean;
  /** May ask about tokens of other clients (introspection), as a resource server does. */
  readonly introspects?: boolean;
  /** What a person allowed it is not asked again (the same or fewer scopes, for the same patient). */
  readonly remembersConsent?: boolean;
  /** Roles of a service; `system-client` where nothing is said. */
  readonly roles?: readonly string[];
  readonly practices?: readonly string[];
  readonly isNative?: boolean; // its redirects lead to an app on the user's own machine
}

/** What oidc-provider does not know of clients. */
export const clientProperties = [
  'launch_uri',
  'smart_scope',
  'smart_version',
  'introspects',
  'remembers_consent',
  'roles',
  'practices',
] as const;

const kind = 'Client';

/** Keeps an app; answers its id and, where it has one, its secret: it is told this once. */
export async function addClient(
  records: Records,
  client: NewClient,
): Promise<{ readonly id: string; readonly secret?: string }> {
  const id = client.id ?? randomUUID();
  const secret = client.kind === 'secret' ? (client.secret ?? newSecret()) : undefined;
  const value = JSON.stringify(metadataOf(client, id, secret));
  if (!(await records.add({ kind, key: id, value }))) throw new Error(`there is a client ${id} already`);
  return { id, ...(secret === undefined ? {} : { secret }) };
}

function metadataOf(client: NewClient, id: string, secret: string | undefined): AdapterPayload {
  const isService = client.kind === 'service';
  const method = {
    public: 'none',
    secret: 'client_secret_basic',
    key: 'private_key_jwt',
    service: 'private_key_jwt',
  };
  return {
    client_id: id,
    client_name: client.name,
    token_endpoint_auth_method: method[client.kind] as 'none',
    grant_types: isService ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    response_types: isService ? [] : ['code'],
    redirect_uris: client.redirectUris ?? [],
    ...(client.isNative === true ? { application_type: 'native' } : {}),
    ...(secret === undefined
      ? {}
      : { client_secret: hashedClientSecret(secret), client_secret_expires_at: 0 }),
    ...(client.jwksUri === undefined ? {} : { jwks_uri: client.jwksUri }),
    ...(client.jwks === undefined ? {} : { jwks: client.jwks }),
    ...(client.launchUri === undefined ? {} : { launch_uri: client.launchUri }),
    ...(client.scope === undefined ? {} : { smart_scope: client.scope }),
    ...(client.isFirstVersion === true ? { smart_version: '1' } : {}),
    ...(client.introspects === true ? { introspects: true } : {}),
    ...(client.remembersConsent === true ? { remembers_consent: true } : {}),
    ...(isService ? { roles: client.roles ?? ['system-client'] } : {}),
    ...(client.practices === undefined ? {} : { practices: client.practices }),
  };
}

/** Removes an app: no token of it holds any more. */
export async function removeClient(records: Records, id: string): Promise<boolean> {
  const wasThere = await records.remove(kind, id);
  await tellRevocation(records);
  return wasThere;
}

export interface KnownClient {
  readonly id: string;
  readonly name: string;
  readonly launchUri?: string;
  readonly redirectUris: readonly string[];
}

/** The apps, by id. */
export async function listClients(records: Records): Promise<readonly KnownClient[]> {
  return (await allRecords(records, kind)).map(knownClient);
}

export async function findClient(records: Records, id: string): Promise<KnownClient | undefined> {
  const found = await records.find(kind, id);
  return found && knownClient(found);
}

function knownClient({ key, value }: KeptRecord): KnownClient {
  const {
    client_name: name,
    launch_uri: launchUri,
    redirect_uris: redirectUris = [],
  } = JSON.parse(value) as { client_name?: string; launch_uri?: string; redirect_uris?: string[] };
  return { id: key, name: name ?? key, redirectUris, ...(launchUri === undefined ? {} : { launchUri }) };
}
