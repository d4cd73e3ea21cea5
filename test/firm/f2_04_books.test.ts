import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic, Bundle, Claim, OperationOutcome, ParametersParameter } from '@medplum/fhirtypes';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { confinement, type Access } from '../../src/store/access/access.ts';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { condition, coverage, patient, visit } from './visit.ts';

const day = '2026-06-01';
const modifier = (...codes: string[]): ParametersParameter => ({
  name: 'edit',
  part: [
    { name: 'element', valueCode: 'modifier' },
    { name: 'line', valuePositiveInt: 1 },
    ...codes.map((valueCode) => ({ name: 'value', valueCode })),
    { name: 'reason', valueString: 'as the payer wants it' },
  ],
});
const modifiersOf = (claim: Claim | undefined): (string | undefined)[] =>
  (claim?.item?.[0]?.modifier ?? []).map((m) => m.coding?.[0]?.code);

describe.each(eachStore('f2_04_books'))('on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.close());

  const draft = async (name: string): Promise<Claim & { id: string }> => {
    await office.put(patient(name), coverage(name, name), visit(name, name, day), condition(name, name));
    return (await office.claims(name, day))[0] as Claim & { id: string };
  };
  const recordOf = async (name: string): Promise<Basic & { id: string }> =>
    (await office.find<Basic>(`Basic?subject=Patient/${name}&code=claim-edit`))[0] as Basic & { id: string };

  test('2.4 what a biller adds is kept by the books: plain writes are refused and name $edit', async () => {
    const claim = await draft('kept');
    expect((await office.call(`Claim/${claim.id}/$edit`, [modifier('25')])).status).toBe(200);
    const record = await recordOf('kept');
    const bent = { ...record, extension: record.extension?.slice(0, 1) } as Basic;
    const entry = (type: 'batch' | 'transaction') => ({
      resourceType: 'Bundle',
      type,
      entry: [{ resource: bent, request: { method: 'PUT', url: `Basic/${record.id}` } }],
    });
    const ways = [
      await office.send('put', `Basic/${record.id}`, bent),
      await office.send('put', `Basic?subject=Patient/kept&code=claim-edit`, bent),
      await office.send('patch', `Basic/${record.id}`, [{ op: 'remove', path: '/extension/1' }]),
      await office.send('delete', `Basic/${record.id}`),
      await office.send('post', '', entry('transaction')),
      await office.call('$import', [{ name: 'resource', resource: bent }]),
    ];
    for (const { status, body } of ways) {
      expect(JSON.stringify(body)).toContain('kept-by-the-books');
      expect([status, JSON.stringify(body).includes('$edit')]).toEqual([status, true]);
    }
    const batch = (await office.send('post', '', entry('batch'))).body as Bundle;
    expect(batch.entry?.[0]?.response?.status).toMatch(/^409/);
    expect((await office.send('get', `Basic/${record.id}`)).body.meta).toEqual(record.meta);
    const labelled = { ...record, meta: { ...record.meta, tag: [{ system: 'urn:x', code: 'seen' }] } };
    expect((await office.send('put', `Basic/${record.id}`, labelled)).status).toBe(200);
    expect((await office.call(`Claim/${claim.id}/$edit`, [modifier('59')])).status).toBe(200);
  });

  test('2.4 neighbour: a Basic of others with the same code is theirs', async () => {
    const made = await office.send('post', 'Basic', {
      resourceType: 'Basic',
      code: { coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/basic', code: 'claim-edit' }] },
    });
    const { id } = made.body as Basic & { id: string };
    expect((await office.send('delete', `Basic/${id}`)).status).toBe(204);
  });

  test('2.4 two who edit at once both land, in one record', async () => {
    const claim = await draft('both');
    const note: ParametersParameter = {
      name: 'edit',
      part: [
        { name: 'element', valueCode: 'claim-note' },
        { name: 'value', valueString: 'see the letter' },
        { name: 'reason', valueString: 'asked for' },
      ],
    };
    const answers = await Promise.all(
      [modifier('25'), note].map((edit) => office.call(`Claim/${claim.id}/$edit`, [edit])),
    );
    expect(answers.map((a) => a.status)).toEqual([200, 200]);
    const records = await office.find<Basic>('Basic?subject=Patient/both&code=claim-edit');
    expect(records.map((r) => r.extension?.length)).toEqual([3]);
    const now = await office.read<Claim>('Claim', claim.id);
    expect(modifiersOf(now)).toEqual(['25']);
    expect(JSON.stringify(now.supportingInfo)).toContain('see the letter');
  });

  test('2.4 in a transaction Bundle an edit lands with the rest or not at all', async () => {
    const claim = await draft('bundled');
    const bundle = (tail: object) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: { resourceType: 'Parameters', parameter: [modifier('25')] },
          request: { method: 'POST', url: `Claim/${claim.id}/$edit` },
        },
        tail,
      ],
    });
    const bad = {
      resource: { resourceType: 'Basic', id: 'other' },
      request: { method: 'PUT', url: 'Basic/one' },
    };
    expect((await office.send('post', '', bundle(bad))).status).toBe(400);
    expect(modifiersOf(await office.read<Claim>('Claim', claim.id))).toEqual([]);
    const good = {
      resource: { resourceType: 'Basic', code: { text: 'x' } },
      request: { method: 'POST', url: 'Basic' },
    };
    expect((await office.send('post', '', bundle(good))).status).toBe(200);
    expect(modifiersOf(await office.read<Claim>('Claim', claim.id))).toEqual(['25']);
  });

  test('2.4 who does not see the claim cannot edit it, and is not told that it is there', async () => {
    const [claim, other] = [await draft('mine'), await draft('theirs')];
    const access: Access = confinement({
      patients: ['mine'],
      types: {
        Patient: { see: 'patient' },
        Claim: { see: 'patient', write: 'patient' },
      },
    });
    const app = createApp(office.context, { principalOf: () => ({ name: 'mine', access }) });
    const edit = async (id: string, ...more: ParametersParameter[]) => {
      const body = { resourceType: 'Parameters', parameter: [modifier('25'), ...more] };
      const answer = (await request(app)
        .post(`/fhir/Claim/${id}/$edit`)
        .set('content-type', 'application/fhir+json')
        .send(body)) as { status: number; body: OperationOutcome };
      return [answer.status, JSON.stringify(answer.body)] as const;
    };
    const hidden = await edit(other.id);
    const unknown = await edit('nowhere');
    expect([hidden[0], hidden[1].replaceAll(other.id, 'nowhere')]).toEqual([404, unknown[1]]);
    expect((await edit(claim.id))[0]).toBe(200);
    expect(modifiersOf(await office.read<Claim>('Claim', claim.id))).toEqual(['25']);
    expect(modifiersOf(await office.read<Claim>('Claim', other.id))).toEqual([]);
  });
});
