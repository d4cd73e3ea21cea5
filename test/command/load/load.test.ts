import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Claim, Encounter, Invoice, Resource } from '@medplum/fhirtypes';
import { createApp } from '../../../src/app.ts';
import { load } from '../../../src/command/load.ts';
import { localClient } from '../../../src/command/load/client.ts';
import { remoteClient } from '../../../src/command/load/remoteClient.ts';
import { seed } from '../../../src/command/seed.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { find } from '../../../src/interaction/repository.ts';
import { soundContext } from '../../scenario/practice.ts';
import { httpServer } from '../../httpServer.ts';

const synthea = fileURLToPath(new URL('../../fixture/synthea', import.meta.url));
const options = { paths: [synthea], bill: true, asOf: 'visit' };
const silent = { step: () => undefined, end: () => undefined };

/** Everything that a second run might change: each resource with its version, and the journal's length. */
async function snapshot({ store }: Context): Promise<Map<string, string>> {
  const types = [
    ...[
      'Organization',
      'Location',
      'Practitioner',
      'PractitionerRole',
      'Patient',
      'Coverage',
      'InsurancePlan',
    ],
    ...['Encounter', 'Immunization', 'Condition', 'Account', 'ChargeItem', 'Claim', 'ClaimResponse', 'Basic'],
    ...['ExplanationOfBenefit', 'PaymentReconciliation', 'Invoice', 'Task', 'AuditEvent'],
  ] as Resource['resourceType'][];
  const versions = new Map<string, string>();
  for (const type of types) {
    for (const { id, meta } of await find(store, type, {}))
      versions.set(`${type}/${id ?? ''}`, meta?.versionId ?? '');
  }
  let entries = 0;
  for (let after: number | undefined; ;) {
    const page = await store.entries({ count: 500, ...(after === undefined ? {} : { after }) });
    entries += page.entries.length;
    if (page.next === undefined) break;
    after = page.next;
  }
  return versions.set('journal', String(entries));
}

describe('a load of three charted lives, with billing', () => {
  let context: Context;
  let report = '';
  let complete = false;
  beforeAll(async () => {
    context = await soundContext();
    await seed(context);
    const printed: string[] = [];
    complete = await load(localClient(context), options, {
      print: (line) => printed.push(line),
      progress: silent,
    });
    report = printed.join('\n');
  });

  test('brings in every file and bills every visit that can be billed', () => {
    expect(report).toContain('Loaded 5 files with 836 entries: 3 patients, 101 visits.');
    expect(report).toMatch(
      /101 finished visits: 73 billed \(68 by claim, 5 to the patient\), 28 not billed \(4 of them/,
    );
    expect(complete).toBe(true);
  });

  test('says for every visit that is not billed why', () => {
    const [, notBilled = ''] = report.split('\nNot billed:\n');
    const counts = [
      ...(notBilled.split('\n\n')[0]?.matchAll(/^ {2}(\d+) × [a-z-]+: .+ \(Encounter\//gm) ?? []),
    ];
    expect(counts.reduce((n, [, count]) => n + Number(count), 0)).toBe(28);
    expect(notBilled).toMatch(/24 × guarantor-missing: .*a Task asks for one/); // bills to a minor wait for an adult
  });

  test('reconciles what it billed with the ledger, and little is denied for its date', () => {
    expect(report).toMatch(
      /Ledger: charges ([\d,.]+) = .*, as in the table\. Captured, but on no bill: 7,418\.00\./,
    );
    const share = /Denied with CARC 26, 27 or 29: .* \(([\d.]+) %\)/.exec(report)?.[1];
    expect(Number(share)).toBeLessThan(50);
  });

  test('bills each visit three days after it ended, whatever the year', async () => {
    const claims = await find<Claim>(context.store, 'Claim', {});
    const loaded = claims.filter(({ created }) => created < '2025');
    expect(loaded.length).toBeGreaterThan(60);
    const late = loaded.map(({ billablePeriod, created }) => [
      billablePeriod?.end?.slice(0, 4),
      created.slice(0, 4),
    ]);
    expect(late.filter(([end, on]) => end !== on && Number(on) !== Number(end) + 1)).toEqual([]);
  });

  test('makes the NPI rule a warning for the organisations it bills for, and the change is audited', async () => {
    expect(report).toMatch(
      /Scrub rule npi-check-digit.* is a warning for the \d+ organisations that bill these visits\./,
    );
    const count = Number(/for the (\d+) organisations/.exec(report)?.[1]);
    expect(await find<AuditEvent>(context.store, 'AuditEvent', {})).toHaveLength(count);
  });

  test('a visit without insurance is an Invoice of its own, without claim', async () => {
    const printed = /^the patient alone +(\d+) +([\d,.]+) +0\.00 +0\.00 +([\d,.]+)/m.exec(report);
    expect(Number(printed?.[1])).toBe(5); // those of a minor wait for an adult
    expect(printed?.[2]).toBe(printed?.[3]);
    const invoices = await find<Invoice>(context.store, 'Invoice', {});
    const encounters = await find<Encounter>(context.store, 'Encounter', {});
    expect(encounters).toHaveLength(111);
    expect(invoices.length).toBeGreaterThan(20);
  });

  test('done again it changes no resource and no ledger entry, and says the same', async () => {
    const before = await snapshot(context);
    const printed: string[] = [];
    const again = await load(localClient(context), options, {
      print: (line) => printed.push(line),
      progress: silent,
    });
    expect(again).toBe(true);
    expect(printed.join('\n')).toBe(report);
    expect(await snapshot(context)).toEqual(before);
  });

  test('into a running server it finds what was loaded into its store before', async () => {
    const before = await snapshot(context);
    const server = httpServer(createApp(context));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const printed: string[] = [];
    const client = remoteClient(`http://127.0.0.1:${port}/fhir`, undefined);
    const done = await load(client, options, { print: (line) => printed.push(line), progress: silent });
    await new Promise((resolve) => server.close(resolve));
    expect(printed.join('\n')).toBe(report);
    expect(done).toBe(true);
    expect(await snapshot(context)).toEqual(before);
  });
});
