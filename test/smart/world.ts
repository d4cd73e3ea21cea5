import type { Account } from '../../src/http/smart/accounts.ts';
import {
  authorize,
  Browser,
  exchange,
  password,
  type Launch,
  type Received,
  type SmartTest,
} from './browser.ts';

/** People of a small practice, all with one password. */
export interface World {
  readonly patient: Account; // of Patient/p1
  readonly biller: Account; // of the practice of p1 and p2
}

export async function world({ context, accounts }: SmartTest): Promise<World> {
  await context.store.transaction(async (tx) => {
    const practice = { reference: 'Organization/practice' };
    await tx.put({ resourceType: 'Organization', id: 'practice', name: 'Practice' });
    await tx.put({ resourceType: 'Practitioner', id: 'biller', name: [{ family: 'Biller' }] });
    for (const [id, family] of [
      ['p1', 'One'],
      ['p2', 'Two'],
    ] as const) {
      await tx.put({ resourceType: 'Patient', id, name: [{ family }], birthDate: '1980-01-01' });
      await tx.put({
        resourceType: 'Encounter',
        id: `e-${id}`,
        status: 'finished',
        class: { code: 'AMB', display: 'ambulatory' },
        subject: { reference: `Patient/${id}` },
        serviceProvider: practice,
        period: { start: '2026-01-05T10:00:00Z' },
      });
    }
    for (const category of ['vital-signs', 'laboratory'])
      await tx.put({
        resourceType: 'Observation',
        id: `o-${category}`,
        status: 'final',
        code: { text: category },
        subject: { reference: 'Patient/p1' },
        category: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category },
            ],
          },
        ],
      });
  });
  const patient = await accounts.add({ name: 'one', roles: ['patient'], users: ['Patient/p1'] });
  const biller = await accounts.add({
    name: 'biller',
    roles: ['biller'],
    users: ['Practitioner/biller'],
    practices: ['practice'],
  });
  for (const { id } of [patient, biller]) await accounts.setPassword(id, password);
  return { patient, biller };
}

/** The token answer of a public app that was authorized in a browser of its own. */
export async function tokenOf(test: SmartTest, launch: Launch): Promise<Received> {
  const launched = await authorize(test, new Browser(test), launch);
  if (launched.code === '') throw new Error(`no code: ${launched.redirect.href}`);
  return exchange(test, launch.client, launched);
}
