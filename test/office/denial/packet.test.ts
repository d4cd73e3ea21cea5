import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Binary,
  Claim,
  DocumentReference,
  Encounter,
  ParametersParameter,
  Patient,
} from '@medplum/fhirtypes';
import { chartInfusion, openWorld, sent, type World } from '../../claim/world.ts';
import { minimal } from '../../contract/caseTable.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' };
const ref = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe.each(eachStore('office_packet'))('who sees the packet of an appeal, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  beforeAll(async () => {
    world = await openWorld(open);
    server = new AsAccount(world.context);
  });
  afterAll(() => world.close());

  const denied = async (name: string): Promise<Claim & { id: string }> => {
    await chartInfusion(world, name);
    const [claim] = await world.claims(name, sent);
    await world.submit(claim, sent);
    return world.read<Claim>('Claim', claim?.id ?? '');
  };
  const note = (name: string, more: Partial<DocumentReference>): DocumentReference & { id: string } => ({
    ...{ resourceType: 'DocumentReference', id: `${name}-note`, status: 'current' },
    subject: { reference: `Patient/${name}` },
    content: [{ attachment: { contentType: 'text/plain', data: base64('Third dose.') } }],
    ...more,
  });
  /** What a guardian of a patient is answered for a packet and its bytes. */
  const guarded = async (name: string, packet: DocumentReference | undefined): Promise<number[]> => {
    await world.put(
      { ...(await world.read<Patient>('Patient', name)), birthDate: '2015-03-01' },
      minimal({
        resourceType: 'RelatedPerson',
        id: `${name}-parent`,
        active: true,
        patient: { reference: `Patient/${name}` },
      }),
    );
    const who = `${name}-parent`;
    const account = { name: who, kind: 'user' as const, roles: ['proxy'] };
    await server.is({ ...account, users: [`RelatedPerson/${who}`] });
    const paths = [`DocumentReference/${packet?.id ?? ''}`, packet?.content[0]?.attachment.url ?? ''];
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await server.ask(who, 'get', path)).status);
    return statuses;
  };

  test('12.7 a packet has the labels of the documents in it: a guardian does not read it', async () => {
    const claim = await denied('protected');
    await world.put(
      note('protected', { meta: { security: [label] } }),
      minimal({
        resourceType: 'Consent',
        id: 'protected-consent',
        status: 'active',
        scope: { text: 'privacy' },
        category: [{ text: 'disclosure' }],
        patient: { reference: 'Patient/protected' },
        policy: [{ uri: 'https://www.ecfr.gov/current/title-42/part-2' }],
        provision: { type: 'permit' },
      }),
    );
    const enclosed = [
      ref('document', 'DocumentReference/protected-note'),
      ref('consent', 'Consent/protected-consent'),
    ];
    const made = await world.act(claim, 'appeal', enclosed);
    const [packet] = made.all<DocumentReference>('packet');
    expect([made.status, packet?.meta?.security]).toEqual([200, [label]]);
    expect(await guarded('protected', packet)).toEqual([404, 404]);
  });

  test('12.7 a label that the visit gets later goes on to the packet', async () => {
    const claim = await denied('later');
    const [packet] = (await world.act(claim, 'appeal')).all<DocumentReference>('packet');
    expect(await guarded('later', packet)).toEqual([200, 200]);
    const visit = await world.read<Encounter>('Encounter', 'later');
    await world.put({ ...visit, meta: { ...visit.meta, security: [label] } });
    expect(await guarded('later', packet)).toEqual([404, 404]);
  });

  test('12.7 a document that names bytes its caller does not see is refused', async () => {
    const claim = await denied('named');
    const binary: Binary & { id: string } = {
      ...{ resourceType: 'Binary', id: 'unseen', contentType: 'text/plain' },
      data: base64('Of another.'),
    };
    await world.put(
      binary,
      note('named', { content: [{ attachment: { contentType: 'text/plain', url: 'Binary/unseen' } }] }),
    );
    const account = { name: 'biller', kind: 'user' as const, roles: ['biller'], users: ['Practitioner/one'] };
    await server.is({ ...account, practices: ['alder-street-clinic'] });
    const appeal = async (): Promise<[number, boolean]> => {
      const body = {
        resourceType: 'Parameters',
        parameter: [
          { name: 'businessDate', valueDate: '2026-07-01' },
          ref('document', 'DocumentReference/named-note'),
        ],
      };
      const answer = await server.ask('biller', 'post', `Claim/${claim.id}/$appeal`, body);
      return [answer.status, JSON.stringify(answer.body).includes('document-unprintable')];
    };
    expect(await appeal()).toEqual([422, true]);
    await world.put(note('named', {}));
    expect(await appeal()).toEqual([200, false]);
  });
});
