import { readFileSync } from 'node:fs';
import { readConfig, type Config } from '../config.ts';
import { tellOfCommand } from '../http/audit/commandEvent.ts';
import { addClient, listClients, removeClient, type NewClient } from '../http/smart/clients.ts';
import { assertion, makeKey } from './client/assertion.ts';
import { openRecords } from '../store/openStore.ts';

const usage = `npm run client -- add ID --kind public|secret|key|service [--name NAME] [--redirect URL[,URL]] [--launch URL]
    [--jwks FILE | --jwks-uri URL] [--scope "SCOPE …"] [--role ROLE[,ROLE]] [--practice ID[,ID]]
    [--smart 1 (sends no PKCE)] [--introspects yes]
    [--remember yes (what a person allowed it is not asked again)]
npm run client -- list
npm run client -- remove ID      its tokens end within seconds
npm run client -- key FILE       makes a key pair of a client: FILE, and FILE.jwks.json to register
npm run client -- sign ID FILE TOKEN-URL   prints what the client proves with who it is (client_assertion)
npm run client -- rotate-keys    new signing keys; the former ones are published for another day`;

const now = (): string => new Date().toISOString();
const kinds = ['public', 'secret', 'key', 'service'] as const;
const names = [
  ...[
    'kind',
    'name',
    'redirect',
    'launch',
    'jwks',
    'jwks-uri',
    'scope',
    'role',
    'practice',
    'smart',
    'introspects',
    'remember',
  ],
];

/** Does what the command says; answers the lines that it prints. */
export async function client(config: Config, words: readonly string[]): Promise<readonly string[]> {
  const [word, ...of] = words;
  if (word === 'key' && of.length === 1) return makeKey(of[0] ?? '');
  if (word === 'sign' && of.length === 3) return [assertion(of[0] ?? '', of[1] ?? '', of[2] ?? '')];
  const { records, close } = await openRecords(config.store, { now });
  try {
    const [what, id, ...more] = words;
    if (what === 'list') return (await listClients(records)).map((one) => `${one.id}\t${one.name}`);
    if (what === 'rotate-keys') {
      const { rotateKeys } = await import('../http/smart/signingKeys.ts');
      const { tellRevocation } = await import('../http/smart/revocation.ts');
      const kid = await rotateKeys(records, now);
      await tellOfCommand({ records, now }, { e: 'keys-rotated', w: kid });
      await tellRevocation(records); // every server reads its keys again
      return [`ID tokens are signed with ${kid} from now on.`];
    }
    if (id === undefined) throw new Error(usage);
    if (what === 'remove') {
      await tellOfCommand({ records, now }, { e: 'client-removed', w: id });
      return [(await removeClient(records, id)) ? `${id} is removed.` : `there is no client ${id}`];
    }
    if (what !== 'add') throw new Error(usage);
    const added = clientOf(id, more);
    const { secret } = await addClient(records, added);
    await tellOfCommand({ records, now }, { e: 'client-added', w: id, d: added.roles?.join(' ') });
    return [
      `${id} is registered.`,
      ...(secret === undefined ? [] : [`Its secret, told this once: ${secret}`]),
    ];
  } finally {
    await close();
  }
}

function clientOf(id: string, words: readonly string[]): NewClient {
  const given = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) {
    const name = /^--(.+)$/.exec(words[i] ?? '')?.[1];
    const value = words[i + 1];
    if (name === undefined || !names.includes(name) || value === undefined) throw new Error(usage);
    given.set(name, value);
  }
  const kind = kinds.find((one) => one === given.get('kind'));
  if (kind === undefined) throw new Error(usage);
  const text = (name: string, as: keyof NewClient): Partial<NewClient> => {
    const value = given.get(name);
    return value === undefined ? {} : { [as]: value };
  };
  const list = (name: string, as: keyof NewClient): Partial<NewClient> => {
    const value = given.get(name);
    return value === undefined ? {} : { [as]: value.split(',') };
  };
  const jwks = given.get('jwks');
  return {
    ...{ id, kind, name: given.get('name') ?? id },
    ...list('redirect', 'redirectUris'),
    ...text('launch', 'launchUri'),
    ...text('jwks-uri', 'jwksUri'),
    ...(jwks === undefined ? {} : { jwks: JSON.parse(readFileSync(jwks, 'utf8')) as { keys: object[] } }),
    ...text('scope', 'scope'),
    ...list('role', 'roles'),
    ...list('practice', 'practices'),
    ...(given.get('smart') === '1' ? { isFirstVersion: true } : {}),
    ...(given.get('introspects') === 'yes' ? { introspects: true } : {}),
    ...(given.get('remember') === 'yes' ? { remembersConsent: true } : {}),
  };
}

if (import.meta.main) {
  try {
    const lines = await client(readConfig(process.env), process.argv.slice(2));
    process.stdout.write(`${lines.join('\n')}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
