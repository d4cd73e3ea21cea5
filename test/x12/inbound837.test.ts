import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Bundle, Claim, Organization, Parameters, Patient, Task } from '@medplum/fhirtypes';
import { formOfGuide, readClaim } from '../../src/billing/submission/claim837/readClaim.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { readBytes } from '../../src/x12/read.ts';
import { openOffice, type Office, type Said } from '../firm/office.ts';
import { coverage, own, patient } from '../firm/visit.ts';
import { eachStore } from '../http/eachStore.ts';
import { claimText } from '../payer/x12/claimText.ts';

const numberAt = 'https://claimwright.example/fhir/sid/patient-control-number';

/** The samples have one control number: each gets its own (ISA13 is at its place in every ISA). */
function renumbered(text: string, n: number): string {
  const number = `9${String(n).padStart(8, '0')}`;
  return (text.slice(0, 90) + number + text.slice(99)).replace(/(IEA.\d+.)\d{9}/, `$1${number}`);
}

describe.each(eachStore('inbound_837'))('an 837 that comes in, on %s', (_name, open) => {
  let office: Office;
  let samples = 0;
  beforeAll(async () => {
    office = await openOffice(open, { validate: validateResource });
  });
  afterAll(() => office.close());
  const take = async (text: string): Promise<Said> => {
    const data = Buffer.from(text).toString('base64');
    const resource = { resourceType: 'Binary' as const, contentType: 'application/EDI-X12', data };
    const said = await office.call('$process-x12', [{ name: 'interchange', resource }]);
    if (said.status !== 200) throw new Error(JSON.stringify(said.body));
    return said;
  };
  const claims = (number: string): Promise<(Claim & { id: string })[]> =>
    office.find<Claim>(`Claim?identifier=${numberAt}|${number}`);
  const only = async (number: string): Promise<Claim & { id: string }> => {
    const [one, ...others] = await claims(number);
    if (!one || others.length > 0) throw new Error(`${others.length + 1} claims ${number}`);
    return one;
  };
  const fileOf = (number: number, member: string, change = (text: string) => text): string =>
    change(claimText(number, member));

  test('2 a claim of a practice that is here becomes a Claim, its parties found by their numbers', async () => {
    await office.put(patient('known', { name: [{ family: 'MARLOW', given: ['ADA'] }] }));
    await office.put(coverage('known', 'known', { subscriberId: 'JRH501' }));
    const text = fileOf(501, 'JRH501');
    await take(text);
    const claim = await only('C501');
    expect([claim.status, claim.total?.value, claim.patient.reference, claim.insurer?.reference]).toEqual([
      'active',
      207.45,
      'Patient/known',
      'Organization/juniper-ridge',
    ]);
    expect(claim.provider.reference).toBe('Organization/alder-street-clinic');
    expect(claim.item?.map((i) => [i.net?.value, i.quantity?.value])).toEqual([
      [168.45, 1],
      [39, 4],
    ]);
    // the coverage stays in the claim: one on the chart would be billed
    expect((await office.find('Coverage?beneficiary=Patient/known')).map((c) => c.id)).toEqual(['known']);
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
    const place = (of: { extension?: { url?: string; valueString?: string }[] } | undefined) =>
      of?.extension?.find((e) => e.url === own('x12-position'))?.valueString;
    const segment = (id: string): number => text.split('~').findIndex((s) => s.startsWith(id)) + 1;
    expect([place(claim), place(claim.item?.[1])]).toEqual([
      `${hash}|0001|${segment('CLM*')}`,
      `${hash}|0001|${segment('LX*2')}`,
    ]);
  });

  test('2 it moves no money, and is neither sent nor corrected from here', async () => {
    await take(fileOf(502, 'JRH502'));
    const claim = await only('C502');
    const state = async () =>
      ((await office.send('get', `Claim/${claim.id}/$state`)).body as Parameters).parameter?.[0]?.valueCode;
    expect(await state()).toBe('received');
    const sent = await office.call(`Claim/${claim.id}/$submit`);
    expect([sent.status, sent.codes]).toEqual([409, ['claim-received']]);
    const corrected = await office.call(`Claim/${claim.id}/$correct`, [
      { name: 'reason', valueString: 'wrong' },
    ]);
    expect([corrected.status, corrected.codes]).toEqual([409, ['claim-state']]);
    expect(await office.find(`ClaimResponse?request=Claim/${claim.id}`)).toEqual([]);
    expect(await office.find(`Account?subject=${claim.patient.reference ?? ''}`)).toEqual([]);
  });

  test('2 a patient who is not here is made once, with the member id of the payer, for all claims of the file', async () => {
    const older = (text: string): string => text.replace('19700505', '19610702');
    await take(fileOf(503, 'JRH503', older));
    await take(fileOf(504, 'JRH503', older));
    const [first, second] = [await only('C503'), await only('C504')];
    expect(first.patient.reference).toMatch(/^Patient\//);
    expect(second.patient).toEqual(first.patient);
    const [made] = await office.find<Patient>('Patient?birthdate=1961-07-02');
    expect([made?.managingOrganization?.reference, made?.identifier?.[0]?.value]).toEqual([
      'Organization/alder-street-clinic',
      'JRH503',
    ]);
    // the same member id, another person
    await take(fileOf(505, 'JRH503', (text) => older(text).replace('MARLOW*ADA', 'MARLOW*BEN')));
    expect((await only('C505')).patient).not.toEqual(first.patient);
  });

  test('2 neighbour: the same claim again, in the same or another file, makes nothing; one that went out from here neither', async () => {
    const text = fileOf(506, 'JRH506');
    await take(text);
    await take(text);
    const again = await take(
      text.replaceAll('000000506', '000009506').replace('*506*20260120', '*77*20260121'),
    );
    expect(JSON.stringify(again.body)).toContain('already-there');
    expect(await claims('C506')).toHaveLength(1);
    await take(
      fileOf(9507, 'JRH506', (t) =>
        t.replaceAll('C9507', 'C506').replace('168.45', '170').replace('207.45', '209'),
      ),
    );
    expect(await claims('C506')).toHaveLength(2); // other content is another claim
  });

  test('2 neighbour: a claim to a payer that is here, of a provider who is not; and one of nobody here', async () => {
    const other = (text: string): string =>
      text.replace('1781200468', '1234567893').replace('ALDER STREET CLINIC', 'ELSEWHERE');
    await take(fileOf(508, 'JRH508', other));
    const claim = await only('C508');
    const [provider] = await office.find<Organization>('Organization?identifier=1234567893');
    expect([claim.provider.reference, provider?.name]).toEqual([
      `Organization/${provider?.id ?? ''}`,
      'ELSEWHERE',
    ]);
    const nobody = await take(
      fileOf(509, 'JRH509', (text) =>
        text.replace('1781200468', '1992885571').replace('*PI*JRH01', '*PI*NOBODY'),
      ),
    );
    expect(JSON.stringify(nobody.body)).toContain('claim-unknown');
    expect(await claims('C509')).toEqual([]);
    const tasks = (await office.find<Task>('Task?code=inbound')).map((t) => t.description ?? '');
    expect(tasks.some((t) => t.startsWith('1 claims that came in name neither a practice nor a payer'))).toBe(
      true,
    );
  });

  test('2 neighbour: two files at once of one new patient and provider make each of them once', async () => {
    const both = (n: number): string =>
      fileOf(n, 'JRH510', (text) =>
        text
          .replace('1781200468', '1679576722')
          .replace('19700505', '19550909')
          .replace('ALDER STREET', 'NEWCOMER'),
      );
    await Promise.all([take(both(510)), take(both(511)), take(both(512))]);
    expect(await office.find('Organization?identifier=1679576722')).toHaveLength(1);
    expect(await office.find('Patient?birthdate=1955-09-09')).toHaveLength(1);
    const all = await Promise.all(['C510', 'C511', 'C512'].map(only));
    expect(new Set(all.map((c) => c.patient.reference)).size).toBe(1);
  });

  test.each([
    ['linuxforhealth/demo.cob.example3.B.837', 1],
    ['linuxforhealth/demo.cob.example4.837', 1],
    ['linuxforhealth/demo.ambulance.example5.837', 1],
    ['linuxforhealth/demo.drug.example10.1.837', 1],
    ['linuxforhealth/coordination-of-benefits.4010.837', 1],
    ['linuxforhealth/institutional-claim.837i', 1],
    ['linuxforhealth/two-claims-single-provider.837i', 2],
    ['linuxforhealth/institutional.4010.837', 1],
  ])('2 neighbour: the claims of %s are kept whole', async (name, count) => {
    samples += 1;
    const text = renumbered(readFileSync(new URL(`sample/${name}`, import.meta.url), 'latin1'), samples);
    const parties = [...readBytes(Buffer.from(text, 'latin1'))].flatMap((part) => {
      const form = part.kind === 'unit' ? formOfGuide(part.guide.id) : undefined;
      const claim = part.kind === 'unit' && form ? readClaim(part, form) : undefined;
      const ends = [claim?.insurer?.reference, claim?.provider.reference];
      return (claim?.contained ?? []).filter((r): r is Organization => ends.includes(`#${r.id ?? ''}`));
    });
    for (const party of parties)
      if (party.identifier?.[0]?.value !== undefined)
        await office.put({ ...party, id: `sample-${party.identifier[0].value}` });
    const said = await take(text);
    expect(JSON.stringify(said.body)).not.toMatch(/claim-not-kept|claim-unknown/);
    const made = ((said.body as unknown as Bundle).entry ?? []).flatMap((e) =>
      e.resource?.resourceType === 'Claim' ? [e.resource] : [],
    );
    expect(made.map((c) => c.item?.every((i) => i.net))).toEqual(Array(count).fill(true));
  });
});
