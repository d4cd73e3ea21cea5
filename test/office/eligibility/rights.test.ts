import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AsAccount } from '../../smart/asAccount.ts';
import { eachStore } from '../../http/eachStore.ts';
import {
  eligibilityOffice,
  member,
  practice,
  requestFor,
  type EligibilityOffice,
} from './eligibilityOffice.ts';

const user = (name: string, role: string, of: string) => ({
  ...{ name, kind: 'user' as const, roles: [role], users: [], practices: [of] },
});
const status = ({ status: code }: { status: number }): number => code;

describe.each(eachStore('eligibility-rights'))('1 who may ask payers, on %s', (_store, open) => {
  let office: EligibilityOffice;
  let accounts: AsAccount;
  beforeAll(async () => {
    office = await eligibilityOffice(open);
    await office.has(...member('ada', 'JRH100871102'));
    await office.has({
      ...({ resourceType: 'Account', id: 'ada', status: 'active' } as const),
      ...{ subject: [{ reference: 'Patient/ada' }], owner: { reference: practice } },
    });
    await office.has({ ...requestFor('ada'), id: 'asked' });
    accounts = new AsAccount(office.context);
    await accounts.is(user('desk', 'front-desk', 'alder-street-clinic'));
    await accounts.is(user('coder', 'coder', 'alder-street-clinic'));
    await accounts.is(user('elsewhere', 'front-desk', 'bellwater-hospital'));
  });
  afterAll(() => office.store.close());

  test.each([
    ['desk', 200],
    ['coder', 403],
    ['elsewhere', 404],
  ])('1 %s asks about a patient of the clinic: %i', async (name, wanted) => {
    const path = 'CoverageEligibilityRequest/asked/$submit';
    const said = await accounts.ask(name, 'post', path, { resourceType: 'Parameters' });
    expect(status(said)).toBe(wanted);
  });
});
