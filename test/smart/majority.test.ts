import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Consent, Organization } from '@medplum/fhirtypes';
import type { Context } from '../../src/interaction/context.ts';
import { testContext } from '../context.ts';
import { minimal, put } from '../contract/caseTable.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from './asAccount.ts';
import { chartOf, directory } from './practices.ts';

const roleCode = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const ageOfMajority = 'https://claimwright.example/fhir/StructureDefinition/age-of-majority';
let today = '2026-06-01';
const really = performance.now.bind(performance);
let passed = 0; // seconds that a server has run on

describe.each(eachStore('majority'))('access that ends by itself on %s', (_, open) => {
  let context: Context;
  let server: AsAccount;
  beforeAll(async () => {
    performance.now = () => really() + passed * 1000;
    const made = await testContext({ store: await open(), now: () => `${today}T15:00:00Z` });
    context = made;
    server = new AsAccount(made);
    await put(context.store, ...directory(['alder', 'birch']));
  });
  afterAll(async () => {
    performance.now = really;
    await context.store.close();
  });

  const account = (name: string) => ({
    ...{ name: `${name}-parent`, kind: 'user' as const, roles: ['proxy'] },
    users: [`RelatedPerson/${name}-parent`],
  });
  /** A child of the practice alder who comes of age on 2026-06-02, and somebody who acts for them. */
  async function child(
    name: string,
    {
      relation = ['MTH'],
      born = '2008-06-02',
      ...more
    }: { relation?: string[]; born?: string; state?: string; period?: object } = {},
  ): Promise<void> {
    const { state = 'NY', period } = more;
    await put(
      context.store,
      ...chartOf(name, 'alder'),
      minimal({ resourceType: 'Patient', id: name, birthDate: born, address: [{ state }] }),
      minimal({
        ...{ resourceType: 'RelatedPerson', id: `${name}-parent`, active: true },
        patient: { reference: `Patient/${name}` },
        relationship: relation.map((code) => ({ coding: [{ system: roleCode, code }] })),
        ...(relation.length === 0 ? { relationship: undefined } : {}),
        ...(period ? { period } : {}),
      }),
    );
  }
  /** Whether the token of who acts for a patient opens the record on a day: one that lives on, a second later. */
  async function sees(name: string, day: string): Promise<boolean> {
    today = day;
    passed += 2;
    const { caller, access } = await server.accounts.of(account(name), { scope: 'user/*.rs' });
    const isSeen = (await context.store.as(access).read('Patient', name)) !== undefined;
    expect(caller.patients.length > 0).toBe(isSeen);
    return isSeen;
  }
  const consent = (name: string, more: Partial<Consent>): Promise<void> =>
    put(
      context.store,
      minimal({
        resourceType: 'Consent',
        id: `${name}-consent`,
        status: 'active',
        scope: { coding: [{ code: 'patient-privacy' }] },
        category: [{ text: 'x' }],
        patient: { reference: `Patient/${name}` },
        provision: {
          type: 'permit',
          actor: [{ role: { text: 'x' }, reference: { reference: `RelatedPerson/${name}-parent` } }],
        },
        ...more,
      }),
    );

  test('D.3 a parent’s access ends on the day the patient comes of age, with a token that lives on', async () => {
    await child('ann');
    expect([await sees('ann', '2026-06-01'), await sees('ann', '2026-06-02')]).toEqual([true, false]);
    await server.is(account('ann'));
    for (const path of ['Patient/ann', 'Claim/claim-ann', 'Patient/ann/_history/1'])
      expect([path, (await server.ask('ann-parent', 'get', path)).status]).toEqual([path, 404]);
  });

  test.each([
    ['a guardian’s ends', ['GUARD'], false],
    ['a grandparent’s ends', ['MGRMTH'], false],
    ['one of no relation that is told ends', [], false],
    ['a mother’s who is the employer too ends', ['MTH', 'GUARD'], false],
    ['a spouse’s goes on', ['SPS'], true],
  ])('D.3 neighbour: %s', async (_what, relation, goesOn) => {
    const name = `rel-${relation.join('-').toLowerCase()}`;
    await child(name, { relation });
    expect([await sees(name, '2026-06-01'), await sees(name, '2026-06-02')]).toEqual([true, goesOn]);
  });

  test('D.3 a practice says another age, for a state or for all', async () => {
    const extension = (
      parts: readonly (readonly [number, string?])[],
    ): NonNullable<Organization['extension']> =>
      parts.map(([age, state]) => ({
        url: ageOfMajority,
        extension: [
          { url: 'age', valuePositiveInt: age },
          ...(state === undefined ? [] : [{ url: 'state', valueCode: state }]),
        ],
      }));
    const alder = (more: Partial<Organization> = {}) =>
      minimal({ resourceType: 'Organization', id: 'alder', active: true, name: 'alder', ...more });
    await child('ny');
    await child('pa', { state: 'PA' });
    await child('ne', { state: 'NE' });
    const on = async (day: string) => [await sees('ny', day), await sees('pa', day), await sees('ne', day)];
    expect(await on('2026-06-02')).toEqual([false, false, true]);
    expect(await on('2027-06-02')).toEqual([false, false, false]);
    await put(context.store, alder({ extension: extension([[21], [19, 'PA']]) }));
    expect(await on('2026-06-02')).toEqual([true, true, true]);
    expect(await on('2027-06-02')).toEqual([true, false, true]);
    await put(context.store, alder());
    expect(await on('2026-06-02')).toEqual([false, false, true]);
  });

  test.each([
    ['of the grown patient', { dateTime: '2026-06-03' }, true],
    ['that was given before', { dateTime: '2020-01-01' }, false],
    ['that is not active', { dateTime: '2026-06-03', status: 'inactive' as const }, false],
  ])('D.3 a Consent %s', async (what, more, goesOn) => {
    const name = `consent-${what.replace(/ /g, '-')}`;
    await child(name);
    await consent(name, more);
    expect(await sees(name, '2026-07-01')).toBe(goesOn);
  });

  test('D.3 neighbour: a paper that lasts beyond that day, as of a court, until it ends', async () => {
    await child('ward', { relation: ['GUARD'] });
    const actor = [{ role: { text: 'x' }, reference: { reference: 'RelatedPerson/ward-parent' } }];
    await consent('ward', {
      dateTime: '2024-01-01',
      provision: { type: 'permit', actor, period: { start: '2024-01-01', end: '2030-01-01' } },
    });
    expect([await sees('ward', '2027-01-01'), await sees('ward', '2030-01-02')]).toEqual([true, false]);
  });

  test('D.3 a relationship whose period ends takes the access of a token that lives on', async () => {
    await child('period', { born: '2015-01-01', period: { end: '2026-06-01' } });
    expect([await sees('period', '2026-06-01'), await sees('period', '2026-06-02')]).toEqual([true, false]);
  });

  test('D.3 neighbour: a birth date that is put right counts within a second', async () => {
    await child('put-right', { born: '2008-06-02' });
    expect(await sees('put-right', '2026-06-01')).toBe(true);
    await child('put-right', { born: '2006-06-02' });
    expect(await sees('put-right', '2026-06-01')).toBe(false);
  });
});
