import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChargeItemDefinition } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { coded, hcpcs } from './visit.ts';

type Component = NonNullable<
  NonNullable<ChargeItemDefinition['propertyGroup']>[number]['priceComponent']
>[number];
const usd = (value: number) => ({ value, currency: 'USD' as const });
const base = (value: number): Component => ({ type: 'base', amount: usd(value) });

const definition = (
  id: string,
  code: string,
  priceComponent: Component[],
): ChargeItemDefinition & { id: string } => ({
  resourceType: 'ChargeItemDefinition',
  id,
  url: `https://practice.example/${id}`,
  status: 'active',
  code: coded(hcpcs, code),
  propertyGroup: [{ priceComponent }],
});

describe.each(eachStore('firm_definition'))('the charge master, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.close());

  test.each([
    ['two base components', [base(9.75), base(12)], 'two-base-prices', 1],
    ['tax', [base(9.75), { type: 'tax', factor: 0.07 }], 'tax-not-billed', 1],
    ['a base factor', [{ type: 'base', amount: usd(9.75), factor: 1.5 }], 'base-factor', 0],
  ] as const)('2.11 %s are refused where the definition is written', async (name, parts, code, at) => {
    const id = `refused-${code}`;
    const given = definition(id, 'J0586', structuredClone(parts) as unknown as Component[]);
    const place = `.propertyGroup[0].priceComponent[${at.toString()}]`;
    for (const [method, path, body] of [
      ['put', `ChargeItemDefinition/${id}`, given],
      ['post', 'ChargeItemDefinition', given],
      [
        'post',
        '',
        {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ resource: given, request: { method: 'POST', url: 'ChargeItemDefinition' } }],
        },
      ],
    ] as const) {
      const answer = await office.send(method, path, body);
      expect([name, answer.status, answer.codes]).toEqual([name, 422, [code]]);
      expect(answer.issues[0]?.expression?.[0]).toContain(place);
    }
  });

  test('2.11 neighbour: a patch cannot bring a second base in, and another condition may have one', async () => {
    await office.put(definition('patched', 'J0588', [base(9.75)]));
    const patch = [
      { op: 'add', path: '/propertyGroup/0/priceComponent/-', value: { type: 'base', amount: usd(1) } },
    ];
    const answer = await office.send('patch', 'ChargeItemDefinition/patched', patch);
    expect([answer.status, answer.codes]).toEqual([422, ['two-base-prices']]);
    const given = definition('patched', 'J0588', [base(9.75)]);
    given.propertyGroup?.push({
      applicability: [{ language: 'text/fhirpath', expression: "%payer = 'Organization/juniper-ridge'" }],
      priceComponent: [base(8)],
    });
    await office.put(given);
  });

  test('2.11 neighbour: an import names the line and takes the others in', async () => {
    const lines = [
      definition('imported-good', 'J0591', [base(1)]),
      definition('imported-bad', 'J0592', [base(1), base(2)]),
    ].map((line) => JSON.stringify(line));
    const answer = await office.ndjson('$import', lines.join('\n'));
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.body)).toContain('two-base-prices');
    expect((await office.send('get', 'ChargeItemDefinition/imported-good')).status).toBe(200);
    expect((await office.send('get', 'ChargeItemDefinition/imported-bad')).status).toBe(404);
  });

  test('2.11 neighbour: a catalogue of another country is kept as it is', async () => {
    const foreign = definition('foreign', 'x', [base(1), { type: 'tax', factor: 1.19 }]);
    foreign.code = { coding: [{ system: 'https://catalogue.example/de', code: 'x' }] };
    foreign.propertyGroup = [
      { priceComponent: [{ type: 'base', amount: { value: 67.44, currency: 'EUR' } }] },
      { priceComponent: [{ type: 'tax', factor: 1.19 }] },
    ];
    await office.put(foreign);
  });
});
