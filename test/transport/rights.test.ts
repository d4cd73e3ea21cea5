import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Endpoint, Task } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import { clearinghouse, openPartnerOffice, routeTo, until, type PartnerOffice } from './partnerOffice.ts';

const user = (name: string, role: string, practice: string) => ({
  ...{ name, kind: 'user' as const, roles: [role], users: [], practices: [practice] },
});

describe.each(eachStore('exchange-rights'))(
  'who may do what with a trading partner, on %s',
  (_store, open) => {
    let office: PartnerOffice;
    let accounts: AsAccount;
    let claim: string;
    let binary: string;
    beforeAll(async () => {
      office = await openPartnerOffice(open);
      await office.put(clearinghouse({ batchSeconds: 0 }));
      await office.put(routeTo());
      claim = await office.sendVisit('rights');
      await until(async () => (await office.hops(claim)).length > 0);
      await until(() => Promise.resolve(office.files('out').length > 0)); // it is noted before it leaves
      binary = (await office.hops(claim))[0]?.proof ?? '';
      accounts = new AsAccount(office.context);
      await accounts.is(user('coder', 'coder', 'alder-street-clinic'));
      await accounts.is(user('clinician', 'clinician', 'alder-street-clinic'));
      await accounts.is(user('alder', 'biller', 'alder-street-clinic'));
      await accounts.is(user('bellwater', 'biller', 'bellwater-hospital'));
    });
    afterAll(() => office.close());

    const nothing = { resourceType: 'Parameters' };
    const again = (interchange: number) => ({
      resourceType: 'Parameters',
      parameter: [{ name: 'interchange', valuePositiveInt: interchange }],
    });
    const standing = async (): Promise<string> => {
      const [kept, hops] = [await office.get<Endpoint>('Endpoint/acme'), await office.hops(claim)];
      return JSON.stringify([kept, hops, office.files('out')]);
    };
    /** What an answer tells, but for the number that was asked for. */
    const told = ({ status, text }: { status: number; text: string }): string =>
      `${status} ${text.replaceAll(/interchange \d+/g, 'interchange')}`;

    test.each<[string, 'get' | 'post' | 'put', string, unknown, number]>([
      ['coder', 'post', 'Endpoint/acme/$send', nothing, 403],
      ['clinician', 'post', 'Endpoint/acme/$send', nothing, 403],
      ['coder', 'post', '$process-x12', nothing, 403],
      ['clinician', 'post', '$process-x12', nothing, 403],
      // partners and routes are for whoever runs the server
      ['alder', 'put', 'Endpoint/acme', clearinghouse({ receiver: 'OTHER' }), 403],
      ['alder', 'put', 'OrganizationAffiliation/alder-juniper', routeTo({ active: false }), 403],
      // an interchange names patients of whoever is in it
      ['alder', 'get', 'BINARY', undefined, 404],
      ['alder', 'get', 'BINARY/$outline', undefined, 404],
      ['alder', 'get', 'BINARY/$outline?from=1', undefined, 404],
      ['bellwater', 'get', 'BINARY', undefined, 404],
    ])('6 %s: %s %s is refused, and changes nothing', async (name, method, path, body, status) => {
      const before = await standing();
      expect((await accounts.ask(name, method, path.replace('BINARY', binary), body)).status).toBe(status);
      expect(await standing()).toBe(before);
    });

    test('6 nobody sends an interchange again whose claims he does not see: for him there is none', async () => {
      const before = await standing();
      const [theirs, none] = [
        await accounts.ask('bellwater', 'post', 'Endpoint/acme/$send', again(1)),
        await accounts.ask('bellwater', 'post', 'Endpoint/acme/$send', again(77)),
      ];
      expect(told(theirs)).toBe(told(none));
      expect(theirs.status).toBe(422);
      expect(await standing()).toBe(before);
      const own = await accounts.ask('alder', 'post', 'Endpoint/acme/$send', again(1));
      expect([own.status, own.text.includes('is sent again as it was')]).toEqual([200, true]);
    });

    test('6 neighbour: a plain PUT takes nothing off the Task that says what became of the claim', async () => {
      const task = (await office.tasks('submission')).find((one) => one.focus?.reference === claim);
      if (!task) throw new Error('there is no Task');
      const { output: _, ...without } = task;
      for (const sent of [without, { ...task, businessStatus: { text: 'paid' } }] as (Task & {
        id: string;
      })[])
        expect((await office.put(sent)).status).toBe(409);
      expect((await office.hops(claim)).length).toBeGreaterThan(0);
    });

    test('6 neighbour: an Endpoint that is switched off between batch and sending holds the interchange, which goes once it is on', async () => {
      await office.put({ ...clearinghouse({ batchSeconds: 3600 }), status: 'active' });
      const waiting = await office.sendVisit('held');
      await office.put({ ...clearinghouse({ batchSeconds: 3600 }), status: 'suspended' });
      await office.run('Endpoint/acme/$send');
      await until(async () => (await office.hops(waiting)).length > 0);
      const number = await office.number(waiting);
      const isThere = (): boolean =>
        office.sentTexts().some((text) => office.claimsIn(text).includes(number));
      expect(isThere()).toBe(false);
      await office.put({ ...clearinghouse({ batchSeconds: 3600 }), status: 'active' });
      await until(() => Promise.resolve(isThere()));
      const texts = office.sentTexts().filter((text) => office.claimsIn(text).includes(number));
      expect(texts).toHaveLength(1);
    });
  },
);
