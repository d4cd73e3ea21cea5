import { describe, expect, test } from '@jest/globals';
import { cents } from '../../src/datatypes/cents.ts';
import type { Entry } from '../../src/datatypes/entry.ts';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { confinement, type TypeAccess } from '../../src/store/access/access.ts';
import { asServer } from '../../src/store/access/asServer.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { minimal, put, type Known } from './caseTable.ts';

const own: TypeAccess = { see: 'patient', write: 'patient' };
const access = confinement({
  patients: ['ann'],
  types: { Patient: own, Observation: own, Account: own, Coverage: { see: 'patient' } },
});

const refer = (reference: string): { reference: string } => ({ reference });
const observation = (id: string, patient: string, status = 'final'): Known =>
  minimal({
    resourceType: 'Observation',
    id,
    status,
    code: { text: 'x' },
    subject: refer(`Patient/${patient}`),
  });
const chart = [
  minimal({ resourceType: 'Patient', id: 'ann' }),
  minimal({ resourceType: 'Patient', id: 'bob' }),
  observation('hers', 'ann'),
  observation('his', 'bob'),
  minimal({ resourceType: 'Account', id: 'hers', status: 'active', subject: [refer('Patient/ann')] }),
  minimal({ resourceType: 'Account', id: 'his', status: 'active', subject: [refer('Patient/bob')] }),
  minimal({
    resourceType: 'Coverage',
    id: 'hers',
    status: 'active',
    beneficiary: refer('Patient/ann'),
    payor: [],
  }),
];
const entry = (account: string): Entry => ({
  id: `entry-${account}`,
  account,
  on: '2025-01-31',
  reason: 'charge-captured',
  text: 'charge captured',
  cause: 'ChargeItem/1/_history/1',
  postings: [
    { account: 'receivable-unbilled', amount: cents(1201), charge: 'ChargeItem/1' },
    { account: 'revenue', amount: cents(-1201) },
  ],
});

/** How a piece of work ends: its value, or status and text of what it throws. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof FhirError)
      return { status: error.status, code: error.issue[0]?.details?.coding?.[0]?.code, text: error.message };
    throw error;
  }
}

/** What a principal who does not see all may write, and what is refused. */
export function accessWriteContract(store: () => Store): void {
  const inside = (work: (tx: Transaction) => Promise<unknown>): Promise<unknown> =>
    outcome(store().as(access).transaction(work));

  describe('writes of one who is confined to a patient', () => {
    test('who sees all is given the store itself', () => {
      expect(store().as('all')).toBe(store());
      expect(store().as(access)).toBe(store().as(access));
      expect(asServer(store().as(access))).toBe(store());
    });

    test('lie inside before and after', async () => {
      await put(store(), ...chart);
      expect(await inside((tx) => tx.put(observation('hers', 'ann', 'amended')))).toMatchObject({
        version: 2,
      });
      expect(await inside((tx) => tx.put(observation('hers', 'bob')))).toMatchObject({
        status: 403,
        code: 'outside-access',
      });
      expect(await inside((tx) => tx.put(observation('new', 'ann'), { method: 'POST' }))).toMatchObject({
        version: 1,
      });
      expect(await inside((tx) => tx.put(observation('new2', 'bob'), { method: 'POST' }))).toMatchObject({
        status: 403,
      });
      expect(await store().read('Observation', 'new2')).toBeUndefined();
      const coverage = { ...chart[6], status: 'cancelled' } as unknown as Known;
      expect(await inside((tx) => tx.put(coverage))).toMatchObject({ status: 403, code: 'outside-access' });
      expect(await inside((tx) => tx.delete('Coverage', 'hers'))).toMatchObject({
        status: 403,
        code: 'outside-access',
      });
      const task = minimal({ resourceType: 'Task', id: 't', status: 'requested' });
      expect(await inside((tx) => tx.put(task, { method: 'POST' }))).toMatchObject({
        status: 403,
        code: 'outside-access',
      });
    });

    test('to an id that is not seen are 404, whether it is there or not', async () => {
      await put(store(), ...chart);
      const [there, nowhere] = [
        await inside((tx) => tx.put(observation('his', 'ann'))),
        await inside((tx) => tx.put(observation('xyz', 'ann'))),
      ];
      expect(there).toEqual({ status: 404, code: 'not-found', text: 'Observation/his is not known' });
      expect(nowhere).toEqual({ status: 404, code: 'not-found', text: 'Observation/xyz is not known' });
      expect(await inside((tx) => tx.put(observation('his', 'ann'), { method: 'POST' }))).toMatchObject({
        status: 404,
      });
      expect(await inside((tx) => tx.put(observation('his', 'ann'), { ifMatch: 1 }))).toMatchObject({
        status: 404,
      });
      expect(await inside((tx) => tx.delete('Observation', 'his'))).toBeUndefined();
      expect(await inside((tx) => tx.delete('Observation', 'xyz'))).toBeUndefined();
      expect(await inside((tx) => tx.delete('Observation', 'his', { ifMatch: 1 }))).toBeUndefined();
      expect((await store().read('Observation', 'his'))?.version).toBe(1);
    });

    test('see themselves at once, also by search', async () => {
      await put(store(), ...chart);
      const found = await inside(async (tx) => {
        await tx.put(observation('new', 'ann'), { method: 'POST' });
        await tx.delete('Observation', 'hers');
        const page = await tx.search(parsePairs('Observation', [['_total', 'accurate']]));
        return [
          page.matches.map(({ id }) => id),
          page.total,
          (await tx.read('Observation', 'hers'))?.deleted,
        ];
      });
      expect(found).toEqual([['new'], 1, true]);
    });

    test('what was theirs and is deleted is gone to them, what was not is not known', async () => {
      await put(store(), ...chart);
      await store().transaction(async (tx) => {
        await tx.delete('Observation', 'hers');
        await tx.delete('Observation', 'his');
      });
      const confined = store().as(access);
      expect(await confined.read('Observation', 'hers')).toMatchObject({ deleted: true });
      expect(await confined.read('Observation', 'his')).toBeUndefined();
      expect(await confined.vread('Observation', 'his', 2)).toBeUndefined();
      expect(await inside((tx) => tx.put(observation('hers', 'ann')))).toMatchObject({ version: 3 });
      expect(await inside((tx) => tx.put(observation('his', 'ann')))).toMatchObject({ status: 404 });
    });

    test('a key that somebody hidden holds is taken, without a name', async () => {
      await put(store(), ...chart);
      await store().transaction(async (tx) => {
        await tx.reserve('key|his', 'Observation/his');
        await tx.reserve('key|hers', 'Observation/hers');
      });
      const confined = store().as(access);
      expect(await confined.holder('key|his')).toBeUndefined();
      expect(await confined.holder('key|hers')).toBe('Observation/hers');
      const taken = { status: 409, code: 'key-taken', text: 'Another holds this business key' };
      expect(await inside((tx) => tx.reserve('key|his', 'Observation/hers'))).toEqual(taken);
      expect(await inside((tx) => tx.reserve('key|hers', 'Observation/new'))).toMatchObject({
        status: 409,
        code: 'key-taken',
        text: 'Observation/hers holds this business key',
      });
      await inside((tx) => tx.release('key|his'));
      await inside((tx) => tx.release('key|hers'));
      expect(await store().holder('key|his')).toBe('Observation/his');
      expect(await store().holder('key|hers')).toBeUndefined();
    });

    test('the journal of an Account is theirs with the Account', async () => {
      await put(store(), ...chart);
      await store().transaction(async (tx) => {
        await tx.append(entry('Account/hers'));
        await tx.append(entry('Account/his'));
      });
      const confined = store().as(access);
      expect(await confined.journal('Account/hers')).toHaveLength(1);
      expect(await confined.journal('Account/his')).toEqual([]);
      expect(await inside((tx) => tx.append(entry('Account/his')))).toMatchObject({
        status: 404,
        code: 'not-found',
      });
      await inside((tx) => tx.append(entry('Account/hers')));
      expect(await confined.journal('Account/hers')).toHaveLength(2);
    });

    test('answers that are kept, generations and locks are as for everybody', async () => {
      await put(store(), ...chart);
      const answer = { bodyHash: 'h', status: 200, headers: {}, body: '{}' };
      await inside(async (tx) => {
        await tx.lock('one');
        await tx.readAhead([
          { type: 'Observation', id: 'his' },
          { type: 'Observation', id: 'hers' },
        ]);
        await tx.remember('ann|1', answer);
      });
      expect(await store().as(access).recall('ann|1')).toEqual(answer);
      expect(await store().as(access).revivals([])).toEqual(new Set());
      const [before, seen] = [
        await store().generation('ConceptMap'),
        await store().as(access).generation('ConceptMap'),
      ];
      expect(seen).toEqual(before);
    });

    test('what concerns the store as a whole is for who sees all', async () => {
      await put(store(), ...chart);
      const confined = store().as(access);
      const forbidden: readonly (() => unknown)[] = [
        () => confined.explain(parsePairs('Observation', [])),
        () => confined.entries({ count: 10 }),
        () => confined.buildIndex(),
        () => confined.reindex(),
        () => confined.building(),
        () => confined.empty(),
        () => confined.close(),
        () => confined.copying,
        () => confined.jobs,
        () => confined.trouble(),
        () => confined.as('all'),
        () => {
          confined.onDefined(() => Promise.resolve());
        },
        () => confined.transaction((tx) => tx.explain(parsePairs('Observation', []))),
        () => confined.transaction((tx) => Promise.resolve(tx.jobs)),
      ];
      for (const one of forbidden)
        await expect(Promise.resolve().then(one)).rejects.toMatchObject({ status: 403 });
      expect(await store().empty()).toBe(false);
    });

    test('criteria that ask more than the resource itself are refused when they are made', () => {
      const rule = (type: 'Observation' | 'Patient', name: string, value: string) => () =>
        confinement({ types: { [type]: { see: { criteria: parsePairs(type, [[name, value]]).filters } } } });
      for (const [name, value] of [
        ['patient.family', 'Ames'],
        ['_has:Observation:has-member:code', 'a'],
        ['_text', 'word'],
        ['_content', 'word'],
        ['_filter', 'patient.family eq Ames'],
        ['_lastUpdated', 'gt2020-01-01'],
      ] as const)
        expect(rule('Observation', name, value)).toThrow(expect.objectContaining({ status: 422 }));
      expect(rule('Observation', 'code', 'a')).not.toThrow();
      expect(rule('Patient', '_security:not', 'R')).not.toThrow();
    });
  });
}
