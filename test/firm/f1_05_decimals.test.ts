import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, ChargeItem, Claim, ClaimResponse, Invoice } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { post, sent } from '../http/server.ts';
import { kneeOffice, type KneeOffice } from './kneeOffice.ts';

describe.each(eachStore('f1_05'))('on %s', (_store, open) => {
  let office: KneeOffice;
  const textOf = async (path: string): Promise<string> =>
    (await sent(office.http.get(`/fhir/${path}`).accept('application/fhir+json'))).text;
  /** Puts a resource back with amounts written otherwise. */
  const written = async (path: string, ...as: readonly (readonly [RegExp, string])[]): Promise<void> => {
    const resource = await office.get(path);
    const text = as.reduce(
      (t, [from, to]) => {
        expect(t).toMatch(from);
        return t.replace(from, to);
      },
      await textOf(path),
    );
    expect((await office.put(resource, text)).status).toBe(200);
  };

  beforeAll(async () => {
    office = await kneeOffice(open);
  });
  afterAll(() => office.store.close());

  test('1.5 1.00 goes through $submit as it is written', async () => {
    const encounter = await office.visit('dec1');
    const claim = (await office.run(`${encounter}/$generate-claim`)).one<Claim>('claim');
    const charge = claim.item?.[0]?.extension?.find((e) => e.valueReference)?.valueReference?.reference ?? '';
    await written(`Claim/${claim.id}`, [/"quantity":\{"value":1\}/, '"quantity":{"value":1.00}']);
    await written(charge, [/"quantity":\{"value":1\b/, '"quantity":{"value":1.00']);
    expect((await office.run(`Claim/${claim.id}/$submit`)).status).toBe(200);
    expect(await textOf(`Claim/${claim.id}`)).toMatch(/"status":"active".*"quantity":\{"value":1\.00\}/);
    expect(await textOf(charge)).toMatch(/"status":"billed".*"quantity":\{"value":1\.00/);
  });

  test('1.5 25.00 goes through $generate-invoice and $record-payment as it is written', async () => {
    const encounter = await office.visit('dec2');
    const claim = (await office.run(`${encounter}/$generate-claim`)).one<Claim>('claim');
    await office.run(`Claim/${claim.id}/$submit`);
    const found = await office.get<Bundle>(`ExplanationOfBenefit?claim=Claim/${claim.id}`);
    const explanation = `ExplanationOfBenefit/${found.entry?.[0]?.resource?.id ?? ''}`;
    const invoice = (await office.run(`${explanation}/$generate-invoice`)).one<Invoice>('invoice');
    const due = invoice.totalNet?.value ?? 0;
    await written(`Invoice/${invoice.id}`, [
      /"totalNet":\{"value":[\d.]+/,
      `"totalNet":{"value":${due.toFixed(3)}`,
    ]);
    const paid = await office.run(`Invoice/${invoice.id}/$record-payment`, [
      { name: 'amount', valueMoney: { value: due, currency: 'USD' } },
      { name: 'method', valueCode: 'card' },
      { name: 'reference', valueString: 'dec-1' },
    ]);
    expect(paid.status).toBe(200);
    expect(await textOf(`Invoice/${invoice.id}`)).toContain(`"totalNet":{"value":${due.toFixed(3)}`);
    expect((await office.get<Invoice>(`Invoice/${invoice.id}`)).status).toBe('balanced');
  });

  test('1.5 neighbour: a charge of 25.00 that a clerk entered is billed to the patient as it is written', async () => {
    const encounter = await office.visit('dec3');
    await office.delete('Coverage/dec3');
    const charge = {
      resourceType: 'ChargeItem',
      id: 'dec3-own',
      status: 'billable',
      code: { coding: [{ system: 'urn:own', code: 'X' }] },
      subject: { reference: 'Patient/dec3' },
      context: { reference: encounter },
      occurrenceDateTime: '2026-06-01',
      quantity: { value: 1 },
    } as const satisfies ChargeItem;
    const money = '"priceOverride":{"value":25.00,"currency":"USD"}';
    const text = JSON.stringify(charge).replace(
      '"quantity":{"value":1}',
      `"quantity":{"value":1.00},${money}`,
    );
    expect((await office.put(charge, text)).status).toBe(201);
    expect((await office.run(`${encounter}/$generate-invoice`)).status).toBe(200);
    expect(await textOf('ChargeItem/dec3-own')).toMatch(
      /"status":"billed".*"quantity":\{"value":1\.00\}.*25\.00/,
    );
  });

  test('1.5 neighbour: 25.00 survives a PATCH of something else', async () => {
    const text = `{"resourceType":"Observation","id":"dec4","status":"final","code":{"text":"x"},"valueQuantity":{"value":25.00}}`;
    await office.put({ resourceType: 'Observation', id: 'dec4', status: 'final', code: {} }, text);
    const patched = await sent(
      office.http
        .patch('/fhir/Observation/dec4')
        .set('Content-Type', 'application/json-patch+json')
        .send(JSON.stringify([{ op: 'replace', path: '/status', value: 'amended' }])),
    );
    expect(patched.status).toBe(200);
    expect(await textOf('Observation/dec4')).toContain('{"value":25.00}');
  });

  test('1.5 neighbour: a claim of others keeps 25.00 through $submit at type level', async () => {
    const encounter = await office.visit('dec5');
    const draft = (await office.run(`${encounter}/$generate-claim`)).one<Claim>('claim');
    const foreign = {
      ...draft,
      id: undefined,
      identifier: undefined,
      extension: draft.extension?.filter((e) => !e.url.endsWith('claim-part')),
      item: draft.item?.map((i) => ({ ...i, extension: undefined })),
    };
    const text = JSON.stringify({
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource: foreign }],
    }).replaceAll('"quantity":{"value":1}', '"quantity":{"value":1.00}');
    const answer = await post(office.http, '/Claim/$submit', text);
    expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
    const claim = (answer.body as ClaimResponse).request?.reference ?? '';
    expect(await textOf(claim)).toContain('"quantity":{"value":1.00}');
  });
});
