import { Accounts, type Account } from '../../http/smart/accounts.ts';
import { addClient } from '../../http/smart/clients.ts';
import { issuerOf } from '../../http/smart/discovery.ts';
import { makeLink } from '../../http/smart/links.ts';
import type { Records } from '../../store/record.ts';

/** What the demo accounts are made in, and where their links lead. */
export interface DemoPlace {
  readonly records: Records;
  readonly now: () => string;
  readonly base: string; // of FHIR
}

/** The app that shows what a launch is like; it is a page of the server itself. */
export const demoAppId = 'claimwright-demo';
/** A client for whoever writes an app of their own: it may return to any port of this machine. */
export const ownAppId = 'my-app';

const practices = ['alder-street-clinic'];

/** One account a role, people of the demo practice. */
const people: readonly Omit<Account, 'id'>[] = [
  { name: 'dana', roles: ['patient'], users: ['Patient/dana-prescott'] },
  { name: 'ines', roles: ['proxy'], users: ['RelatedPerson/ines-ferreira'] },
  { name: 'biller', roles: ['biller'], users: ['Practitioner/victor-lane'], practices },
  { name: 'coder', roles: ['coder'], users: ['Practitioner/helen-marsh'], practices },
  { name: 'clinician', roles: ['clinician'], users: ['Practitioner/ruth-abernathy'], practices },
  { name: 'front-desk', roles: ['front-desk'], users: ['Practitioner/samuel-oduya'], practices },
  { name: 'auditor', roles: ['auditor'], users: ['Practitioner/ruth-abernathy'], practices },
  { name: 'administrator', roles: ['administrator'], users: ['Practitioner/ruth-abernathy'], practices },
];

/** Makes the accounts and clients of the demo where they are missing. */
export async function makeDemo({ records, now, base }: DemoPlace): Promise<void> {
  const accounts = new Accounts({ records, now });
  for (const person of people)
    if (!(await accounts.byName(person.name))) await accounts.add({ ...person, isDemo: true });
  const issuer = issuerOf(base);
  const has = async (id: string): Promise<boolean> => (await records.find('Client', id)) !== undefined;
  if (!(await has(demoAppId)))
    await addClient(records, {
      id: demoAppId,
      name: 'Claimwright demo app',
      kind: 'public',
      redirectUris: [`${issuer}/demo/back`],
      launchUri: `${issuer}/demo/launch`,
    });
  if (!(await has(ownAppId)))
    await addClient(records, {
      id: ownAppId,
      name: 'An app on this machine',
      kind: 'public',
      isNative: true,
      redirectUris: ['localhost', '127.0.0.1'].flatMap((host) =>
        ['', 'callback', 'app', 'index.html'].map((path) => `http://${host}/${path}`),
      ),
    });
}

/** One line for each demo account: its role, and a link that signs in once and opens the demo app. None without them. */
export async function demoLinks({ records, now, base }: DemoPlace): Promise<readonly string[]> {
  const accounts = (await new Accounts({ records, now }).list()).filter(({ isDemo }) => isDemo === true);
  if (accounts.length === 0) return [];
  const issuer = issuerOf(base);
  const lines: string[] = [];
  const hasApp = (await records.find('Client', demoAppId)) !== undefined;
  const opens = hasApp ? { client: demoAppId, launchUri: `${issuer}/demo/launch` } : {};
  const order = people.map((person) => person.name);
  for (const { id, name, roles, isLocked } of accounts.toSorted(
    (a, b) => order.indexOf(a.name) - order.indexOf(b.name) || (a.name < b.name ? -1 : 1),
  )) {
    if (isLocked === true) continue;
    const link = await makeLink(records, now, { purpose: 'demo', account: id, ...opens });
    const who = order.includes(name) ? (roles[0] ?? '') : name;
    lines.push(`  ${who.padEnd(14)} ${issuer}/link/${link}`);
  }
  return [
    hasApp
      ? 'Open an app as one of the practice (each link signs in once, on this machine only):'
      : 'Sign in before a run (each link signs in once, on this machine only):',
    ...lines,
    ...(hasApp
      ? [
          `For an app of your own: client_id ${ownAppId}, redirect to http://localhost:ANY-PORT/callback, iss ${base}`,
        ]
      : []),
  ];
}
