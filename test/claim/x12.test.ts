import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Binary, Claim, OperationOutcome, Patient } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { formOfGuide, readClaim } from '../../src/billing/submission/claim837/readClaim.ts';
import { faultsOf, readBytes, readTransactions } from '../../src/x12/read.ts';
import { eachStore } from '../http/eachStore.ts';
import { openWorld, type World } from './world.ts';

const textOf = ({ data = '' }: Binary): string => Buffer.from(data, 'base64').toString('utf8');

describe.each(eachStore('claim_x12'))('$x12, on %s', (_name, open) => {
  let world: World;
  let claim: Claim & { id: string };
  beforeAll(async () => {
    world = await openWorld(open);
    claim = await world.billed('shown');
  });
  afterAll(() => world.close());

  const shown = async (of: Claim & { id: string } = claim): Promise<string> => {
    const { status, body } = await world.send('get', `Claim/${of.id}/$x12`);
    expect(status).toBe(200);
    return textOf(body as Binary);
  };

  test('2 Claim/[id]/$x12 answers the 837 that a claim went out as, and it passes the guide', async () => {
    const text = await shown();
    expect(text.slice(0, 3)).toBe('ISA');
    expect(faultsOf(readTransactions(text)).filter(({ refuses }) => refuses)).toEqual([]);
    const units = [...readBytes(Buffer.from(text))].filter((part) => part.kind === 'unit');
    const [unit] = units;
    const form = unit && formOfGuide(unit.guide.id);
    const read = unit && form && readClaim(unit, form);
    expect([form, read?.total, read?.item?.length]).toEqual([
      'professional',
      claim.total,
      claim.item?.length,
    ]);
    expect(read?.identifier?.[0]?.value).toBe(claim.identifier?.[0]?.value);
  });

  test('2 neighbour: as application/EDI-X12 where Accept names it, as FHIR else', async () => {
    const http = supertest(createApp(world.context));
    const asked = (accept: string) => http.get(`/fhir/Claim/${claim.id}/$x12`).set('Accept', accept);
    const native = await asked('application/EDI-X12').buffer(true);
    expect([native.status, native.headers['content-type']]).toEqual([200, 'application/EDI-X12']);
    const fhir = await asked('application/fhir+json');
    expect((fhir.body as Binary).resourceType).toBe('Binary');
  });

  test('2 neighbour: a sent claim shows the patient as he was when it was sent', async () => {
    const before = await shown();
    const patient = await world.read<Patient>('Patient', 'shown');
    await world.put({ ...patient, name: [{ family: 'RENAMED', given: ['SINCE'] }] });
    expect((await shown()).replace(/ISA.*?~GS/s, '')).toBe(before.replace(/ISA.*?~GS/s, ''));
  });

  test('2 neighbour: a replacement without the payer’s number is refused with its reason, not bent', async () => {
    const category = {
      coding: [
        { system: 'https://claimwright.example/fhir/CodeSystem/supporting-info', code: 'claim-frequency' },
      ],
    };
    const { id: _id, meta: _meta, identifier: _identifier, ...content } = claim;
    const made = await world.send('post', 'Claim', {
      ...content,
      status: 'draft',
      supportingInfo: [
        ...(claim.supportingInfo ?? []),
        { sequence: 90, category, code: { coding: [{ code: '7' }] } },
      ],
    });
    expect(made.status).toBe(201);
    const { status, body } = await world.send(
      'get',
      `Claim/${(made.body as Claim & { id: string }).id}/$x12`,
    );
    const [issue] = (body as OperationOutcome).issue;
    expect([status, issue?.details?.coding?.[0]?.code, issue?.expression]).toEqual([
      422,
      'x12-not-written',
      ['Claim.related.reference'],
    ]);
  });
});
