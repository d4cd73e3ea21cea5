import { ConfigError, readConfig, type Config } from '../config.ts';
import { isLoopback } from '../datatypes/host.ts';
import { tellOfCommand } from '../http/audit/commandEvent.ts';
import type { CommandEvent } from '../interaction/audit/eventRecord.ts';
import { AccountError, Accounts, type Account } from '../http/smart/accounts.ts';
import { issuerOf } from '../http/smart/discovery.ts';
import { makeLink } from '../http/smart/links.ts';
import { openRecords } from '../store/openStore.ts';
import type { Records } from '../store/record.ts';
import { demoLinks, makeDemo } from './account/demo.ts';

const usage = `npm run account -- add NAME --role ROLE[,ROLE] --user Practitioner/ID [--practice ID[,ID]]
npm run account -- list
npm run account -- lock NAME      nobody signs in with it; its sessions and tokens end within seconds
npm run account -- unlock NAME
npm run account -- reset NAME     prints a one-time link with which a password is chosen
npm run account -- role NAME ROLE[,ROLE]
npm run account -- code NAME      asks for one-time codes from now on; prints what an authenticator app reads
npm run account -- code NAME off  asks for none, as for somebody who lost the device; their sessions end
npm run account -- demo           accounts of the demo practice, and one-time links that sign in`;

interface Place {
  readonly records: Records;
  readonly accounts: Accounts;
  readonly now: () => string;
  readonly base: string;
}

const now = (): string => new Date().toISOString();

/** Does what the command says; answers the lines that it prints. */
export async function account(config: Config, words: readonly string[]): Promise<readonly string[]> {
  const base = config.publicUrl ?? `http://${config.host}:${config.port}/fhir`;
  const { records, close } = await openRecords(config.store, { now, base });
  try {
    const place: Place = { records, now, base, accounts: new Accounts({ records, now }) };
    return await act(place, config, words);
  } finally {
    await close();
  }
}

async function act(place: Place, config: Config, words: readonly string[]): Promise<readonly string[]> {
  const [what, name, ...more] = words;
  if (what === 'list' && name === undefined) return (await place.accounts.list()).map(lineOf);
  if (what === 'demo' && name === undefined) return demo(place, config);
  if (name === undefined) throw new AccountError(usage);
  if (what === 'add') return add(place, name, optionsOf(more));
  const found = await place.accounts.byName(name);
  if (!found) throw new AccountError(`there is no account ${name}`);
  return change(place, found, what, more);
}

async function change(
  place: Place,
  { id, name }: Account,
  what: string | undefined,
  more: readonly string[],
): Promise<readonly string[]> {
  const { accounts } = place;
  const tell = (e: CommandEvent, d?: string): Promise<void> => tellOfCommand(place, { e, w: name, d });
  switch (what) {
    case 'lock':
      await tell('account-locked');
      await accounts.lock(id);
      return [`${name} is locked.`];
    case 'unlock':
      await tell('account-unlocked');
      await accounts.unlock(id);
      return [`${name} is open.`];
    case 'reset':
      await tell('password-link');
      return [`One-time link for ${name}, for 24 hours:`, await passwordLink(place, id)];
    case 'code':
      if (more.length > 0 && (more.length > 1 || more[0] !== 'off')) throw new AccountError(usage);
      if (more[0] === 'off') {
        await tell('codes-off');
        await accounts.dropCodes(id);
        await accounts.endSessions(id);
        return [`${name} needs no one-time codes.`];
      }
      await tell('codes-on');
      return [`${name} needs one-time codes from now on:`, await accounts.requireCodes(id)];
    case 'role': {
      const roles = listOf(more[0]);
      if (roles.length === 0 || more.length > 1) throw new AccountError(usage);
      await tell('account-roles', roles.join(' '));
      await accounts.change(id, (account) => ({ ...account, roles }));
      return [`${name} has the roles ${roles.join(', ')}.`];
    }
    default:
      throw new AccountError(usage);
  }
}

async function add(
  place: Place,
  name: string,
  options: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const [roles, users] = [listOf(options.get('role')), listOf(options.get('user'))];
  const wrong = users.find(
    (user) => !/^(?:Patient|RelatedPerson|Practitioner|Person)\/[A-Za-z0-9\-.]{1,64}$/.test(user),
  );
  if (roles.length === 0 || wrong !== undefined) throw new AccountError(usage);
  const practice = options.get('practice');
  const practices = practice === undefined ? {} : { practices: listOf(practice) };
  const made = await place.accounts.add({ name, roles, users, ...practices });
  await tellOfCommand(place, { e: 'account-added', w: made.name, d: roles.join(' ') });
  return [
    `${made.name} is there. One-time link to choose a password, for 24 hours:`,
    await passwordLink(place, made.id),
  ];
}

async function demo({ records, base }: Place, { auth, host }: Config): Promise<readonly string[]> {
  if (auth !== 'off' || !isLoopback(host))
    throw new AccountError(
      'demo accounts have no password: they are for CLAIMWRIGHT_AUTH=off on a loopback address',
    );
  await makeDemo({ records, now, base });
  await tellOfCommand({ records, now }, { e: 'account-added', w: 'accounts of the demo' });
  return demoLinks({ records, now, base });
}

async function passwordLink({ records, base }: Place, id: string): Promise<string> {
  const link = await makeLink(records, now, { purpose: 'password', account: id });
  return `${issuerOf(base)}/link/${link}`;
}

const lineOf = ({ name, roles, users, practices, isLocked }: Account): string =>
  [name, roles.join(','), users.join(','), practices?.join(',') ?? '', isLocked === true ? 'locked' : '']
    .join('\t')
    .trimEnd();

const listOf = (text: string | undefined): string[] => (text ?? '').split(',').filter((word) => word !== '');

function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) {
    const [name = '', value] = [words[i], words[i + 1]];
    if (!/^--(?:role|user|practice)$/.test(name) || value === undefined) throw new AccountError(usage);
    options.set(name.slice(2), value);
  }
  return options;
}

if (import.meta.main) {
  try {
    const lines = await account(readConfig(process.env), process.argv.slice(2));
    process.stdout.write(`${lines.join('\n')}\n`);
  } catch (error) {
    const isTold = error instanceof AccountError || error instanceof ConfigError;
    process.stderr.write(
      `${error instanceof Error ? (isTold ? error.message : (error.stack ?? '')) : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}
