import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  ChargeItem,
  Claim,
  ClaimResponse,
  Invoice,
  PaymentNotice,
  Resource,
} from '@medplum/fhirtypes';
import { balance } from '../../src/billing/ledger/index.ts';
import { eachStore } from '../http/eachStore.ts';
import { post, put, sent, type Reply } from '../http/server.ts';
import { codes, kneeOffice, type KneeOffice } from './kneeOffice.ts';

type Stored = Resource & { id: string };
interface Billed {
  readonly charge: string;
  readonly claim: string;
  readonly response: string;
  readonly explanation: string;
  readonly reconciliation: string;
  readonly invoice: string;
  readonly receipt: string;
}

describe.each(eachStore('f2_01'))('on %s', (_store, open) => {
  let office: KneeOffice;
  let billed: Billed;
  const first = async (search: string): Promise<string> => {
    const { entry } = await office.get<Bundle>(search);
    const resource = entry?.[0]?.resource;
    return `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`;
  };
  const version = async (path: string): Promise<string | undefined> =>
    (await office.get(path)).meta?.versionId;
  const refused = (answer: Reply): void => {
    expect([answer.status, codes(answer), answer.text.includes('/$') || answer.text.includes('$')]).toEqual([
      409,
      ['kept-by-the-books'],
      true,
    ]);
  };

  beforeAll(async () => {
    office = await kneeOffice(open);
    const encounter = await office.visit('books');
    const claim = (await office.run(`${encounter}/$generate-claim`)).one<Claim>('claim');
    const response = (await office.run(`Claim/${claim.id}/$submit`)).one<ClaimResponse>();
    const explanation = await first(`ExplanationOfBenefit?claim=Claim/${claim.id}`);
    const invoice = (await office.run(`${explanation}/$generate-invoice`)).one<Invoice>('invoice');
    const paid = await office.run(`Invoice/${invoice.id}/$record-payment`, [
      { name: 'amount', valueMoney: { value: 5, currency: 'USD' } },
      { name: 'method', valueCode: 'card' },
      { name: 'reference', valueString: 'b-1' },
    ]);
    billed = {
      charge: await first(`ChargeItem?context=${encounter}`),
      claim: `Claim/${claim.id}`,
      response: `ClaimResponse/${response.id}`,
      explanation,
      reconciliation: await first('PaymentReconciliation'),
      invoice: `Invoice/${invoice.id}`,
      receipt: `PaymentNotice/${paid.one<PaymentNotice>('receipt').id}`,
    };
  });
  afterAll(() => office.store.close());

  const edits: readonly (readonly [keyof Billed, (resource: Stored) => void])[] = [
    ['charge', (r) => Object.assign(r, { priceOverride: { value: 1, currency: 'USD' } })],
    ['claim', (r) => Object.assign(r, { total: { value: 1, currency: 'USD' } })],
    ['response', (r) => Object.assign(r, { disposition: 'changed' })],
    ['explanation', (r) => Object.assign(r, { disposition: 'changed' })],
    ['reconciliation', (r) => Object.assign(r, { paymentAmount: { value: 1, currency: 'USD' } })],
    ['invoice', (r) => Object.assign(r, { totalNet: { value: 1, currency: 'USD' } })],
    ['receipt', (r) => Object.assign(r, { amount: { value: 1, currency: 'USD' } })],
  ];

  test.each(edits)('2.1 a %s in the books is not changed by any plain write', async (kind, edit) => {
    const path = billed[kind];
    const [type = '', id = ''] = path.split('/');
    const before = await version(path);
    const resource = await office.get<Stored>(path);
    edit(resource);
    const request = (method: string, url: string) => ({ resource, request: { method, url } });
    refused(await put(office.http, resource));
    refused(
      await sent(
        office.http
          .put(`/fhir/${type}?_id=${id}`)
          .set('Content-Type', 'application/fhir+json')
          .send(JSON.stringify(resource)),
      ),
    );
    const patch = (url: string) =>
      sent(
        office.http
          .patch(url)
          .set('Content-Type', 'application/json-patch+json')
          .send(JSON.stringify([{ op: 'replace', path: '/status', value: 'entered-in-error' }])),
      );
    refused(await patch(`/fhir/${path}`));
    refused(await patch(`/fhir/${type}?_id=${id}`));
    refused(await office.delete(path));
    refused(await office.delete(`${type}?_id=${id}`));
    const bundle = { resourceType: 'Bundle', entry: [request('PUT', path)] };
    refused(await post(office.http, '', { ...bundle, type: 'transaction' }));
    const batch = await post(office.http, '', { ...bundle, type: 'batch' });
    expect((batch.body as Bundle).entry?.[0]?.response?.status).toMatch(/^409/);
    const imported = await sent(
      office.http
        .post('/fhir/$import')
        .set('Content-Type', 'application/fhir+ndjson')
        .send(`${JSON.stringify(resource)}\n`),
    );
    expect(imported.text).toContain('kept-by-the-books');
    expect(await version(path)).toBe(before);
  });

  test.each(edits.map(([kind]) => kind))(
    '2.1 meta, text and extensions of others of a %s stay open to everybody',
    async (kind) => {
      const path = billed[kind];
      const labelled = await office.run(`${path}/$meta-add`, [
        { name: 'meta', valueMeta: { tag: [{ system: 'urn:own', code: 'seen' }] } },
      ]);
      expect(labelled.status).toBe(200);
      const answer = await office.change<Stored>(path, (r) => {
        const own = { url: 'urn:other', valueString: 'ours' };
        const { extension = [] } = r as Stored & { extension?: { url: string }[] };
        Object.assign(r, {
          extension: [...extension, own],
          text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">seen</div>' },
        });
      });
      expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
    },
  );

  test('2.1 a document may be attached to a Claim that was sent, and a note to an Invoice', async () => {
    const attached = await office.change<Claim>(billed.claim, (claim) => {
      const sequence = Math.max(0, ...(claim.supportingInfo ?? []).map((s) => s.sequence)) + 1;
      const system = 'https://claimwright.example/fhir/CodeSystem/supporting-info';
      const category = { coding: [{ system, code: 'attachment' }] };
      claim.supportingInfo = [...(claim.supportingInfo ?? []), { sequence, category, valueString: 'page 1' }];
    });
    expect(attached.status).toBe(200);
    const noted = await office.change<Invoice>(billed.invoice, (invoice) => {
      invoice.note = [{ text: 'called' }];
    });
    expect(noted.status).toBe(200);
  });

  test('2.1 a posted charge that is not billed may be marked as an error: its entry is reversed with it', async () => {
    const encounter = await office.visit('books2');
    await office.run(`${encounter}/$generate-claim`);
    const path = await first(`ChargeItem?context=${encounter}&code=T1015`);
    const answer = await office.change<ChargeItem>(path, (charge) => (charge.status = 'entered-in-error'));
    expect(answer.status).toBe(200);
    const open = { account: 'receivable-unbilled', charge: path } as const;
    expect(balance(await office.journal(), open)).toBe(0);
    const reversal = (await office.journal()).at(-1);
    expect([reversal?.reason, reversal?.cause]).toEqual(['charge-reversed', `${path}/_history/2`]);
    refused(await office.change<ChargeItem>(path, (charge) => (charge.status = 'billable')));
    const again = await office.run(`${encounter}/$generate-claim`);
    expect([again.status, again.one<Claim>('claim').total?.value]).toEqual([200, 207.45]);
  });

  test('2.1 resources of others are free', async () => {
    const claim = { reference: billed.claim };
    const explanation = await office.get<Stored>(billed.explanation);
    const foreign = { ...explanation, id: 'foreign', claim };
    delete (foreign as { claimResponse?: unknown }).claimResponse;
    expect((await put(office.http, foreign)).status).toBe(201);
    expect(
      (
        await office.change<Stored>('ExplanationOfBenefit/foreign', (r) => {
          Object.assign(r, { disposition: 'changed' });
        })
      ).status,
    ).toBe(200);
    expect((await office.delete('ExplanationOfBenefit/foreign')).status).toBe(204);
    const invoice = {
      resourceType: 'Invoice',
      id: 'own',
      status: 'draft',
      totalNet: { value: 1, currency: 'USD' },
    };
    expect((await put(office.http, invoice as Stored)).status).toBe(201);
    expect(
      (await office.change<Invoice>('Invoice/own', (i) => (i.totalNet = { value: 2, currency: 'USD' })))
        .status,
    ).toBe(200);
    expect((await office.delete('Invoice/own')).status).toBe(204);
  });

  test('2.1 neighbour: an Invoice of others is free, in whatever status', async () => {
    const { account, subject } = await office.get<Invoice>(billed.invoice);
    const foreign = { resourceType: 'Invoice', id: 'theirs', status: 'issued', account, subject };
    expect((await put(office.http, foreign as Stored)).status).toBe(201);
    expect((await office.change<Invoice>('Invoice/theirs', (i) => (i.status = 'balanced'))).status).toBe(200);
    expect((await office.delete('Invoice/theirs')).status).toBe(204);
  });

  test('2.1 neighbour: an EOB of others that names our answer is free', async () => {
    const explanation = await office.get<Stored>(billed.explanation);
    expect((await put(office.http, { ...explanation, id: 'copy' })).status).toBe(201);
    expect((await office.delete('ExplanationOfBenefit/copy')).status).toBe(204);
  });

  test('2.1 neighbour: what an earlier version wrote, without a mark, is kept too', async () => {
    const { store } = office;
    await store.transaction(async (tx) => {
      await tx.release(`sent|${billed.claim}`);
      for (const name of Object.values(billed) as string[]) await tx.release(`operation-wrote|${name}`);
    });
    for (const name of Object.values(billed) as string[]) refused(await office.delete(name));
  });

  test('2.1 neighbour: a charge that is billed is not taken back by a plain write', async () => {
    refused(await office.change<ChargeItem>(billed.charge, (charge) => (charge.status = 'entered-in-error')));
  });

  test('2.1 neighbour: one that is marked as an error and changed besides is refused whole', async () => {
    const encounter = await office.visit('books3');
    await office.run(`${encounter}/$capture-charges`);
    const path = await first(`ChargeItem?context=${encounter}`);
    refused(
      await office.change<ChargeItem>(path, (charge) => {
        charge.status = 'entered-in-error';
        charge.priceOverride = { value: 1, currency: 'USD' };
      }),
    );
    expect((await office.get<ChargeItem>(path)).status).toBe('billable');
  });

  test('2.1 neighbour: an extension of ours is no extension of others', async () => {
    refused(
      await office.change<Invoice>(billed.invoice, (invoice) => {
        invoice.extension = (invoice.extension ?? []).filter((e) => !e.url.includes('claimwright'));
      }),
    );
  });
});
