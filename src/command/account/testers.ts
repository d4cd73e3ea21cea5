import { Accounts, type Account } from '../../http/smart/accounts.ts';
import { addClient, type NewClient } from '../../http/smart/clients.ts';
import { issuerOf } from '../../http/smart/discovery.ts';
import type { DemoPlace } from './demo.ts';

/** Where the public Inferno suites run on a tester's machine: from its container, and from its sources. */
const suiteBases = ['http://localhost', 'http://localhost:4567'];
const suiteIds = ['smart', 'smart_stu2', 'smart_stu2_2'];
const each = (path: string): string[] =>
  suiteBases.flatMap((base) => suiteIds.map((suite) => `${base}/custom/${suite}/${path}`));

const redirectUris = each('redirect');
const jwksUri = `${suiteBases[0] ?? ''}/custom/smart_stu2_2/.well-known/jwks.json`;

/** A client for each way in which the suites prove who they are (conformance.md 3.4.1, 3.8). */
const clients: readonly (NewClient & { readonly id: string; readonly isFor: string })[] = [
  { id: 'inferno-public', kind: 'public', isFor: 'SMART STU2, STU2.2, US Core: public, with PKCE' },
  { id: 'inferno-symmetric', kind: 'secret', isFor: 'SMART STU2, STU2.2: confidential, symmetric' },
  { id: 'inferno-asymmetric', kind: 'key', jwksUri, isFor: 'SMART STU2, STU2.2: confidential, asymmetric' },
  { id: 'inferno-stu1', kind: 'secret', isFirstVersion: true, isFor: 'SMART STU1 and CARIN: without PKCE' },
  { id: 'inferno-resource-server', kind: 'secret', isFor: 'token introspection' },
  { id: 'inferno-service', kind: 'service', jwksUri, isFor: 'backend services and Bulk Data' },
].map((client) => ({
  ...client,
  kind: client.kind as NewClient['kind'],
  name: `Inferno: ${client.isFor}`,
  introspects: client.id === 'inferno-resource-server',
  ...(client.kind === 'service' ? {} : { redirectUris, launchUri: each('launch').at(2) ?? '' }),
}));

const practices = ['alder-street-clinic'];

/** Whoever signs in during a run: a person of the practice who picks a patient, and a patient of each claim type. */
const people: readonly Omit<Account, 'id'>[] = [
  { name: 'practice', roles: ['biller'], users: ['Practitioner/lena-marsh'], practices },
  ...['inpatient', 'outpatient', 'professional', 'oral', 'pharmacy', 'uscore'].map((type) => ({
    name: type,
    roles: ['patient'],
    users: [`Patient/cf-${type}`],
  })),
];

/**
 * Makes the clients and accounts of the conformance practice where they are missing; answers what a tester needs to know
 * of the clients. A secret is told by the start that makes it.
 */
export async function makeTesters({ records, now, base }: DemoPlace): Promise<readonly string[]> {
  const accounts = new Accounts({ records, now });
  for (const person of people)
    if (!(await accounts.byName(person.name))) await accounts.add({ ...person, isDemo: true });
  const lines: string[] = [];
  for (const { isFor, ...client } of clients) {
    const isThere = (await records.find('Client', client.id)) !== undefined;
    const secret = isThere ? undefined : (await addClient(records, client)).secret;
    lines.push(`  ${client.id.padEnd(24)} ${secret ?? '-'.padEnd(43)}  ${isFor}`);
  }
  return [
    `Clients (client_id, secret, what for); iss ${base}, introspection at ${issuerOf(base)}/introspect:`,
    ...lines,
  ];
}
