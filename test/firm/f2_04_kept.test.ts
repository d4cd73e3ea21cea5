import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  Claim,
  Coverage,
  MedicationAdministration,
  ParametersParameter,
} from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { kneeOffice, type KneeOffice } from './kneeOffice.ts';

const own = 'https://claimwright.example/fhir/CodeSystem/supporting-info';
const foreign = { url: 'https://others.example/route', valueString: 'blue' };
const tag = { system: 'https://others.example/tag', code: 'mine' };

const edit = (element: string, value?: Omit<ParametersParameter, 'name'>): ParametersParameter => ({
  name: 'edit',
  part: [
    { name: 'element', valueCode: element },
    ...(value ? [{ name: 'value', ...value }] : []),
    { name: 'reason', valueString: 'asked for' },
  ],
});
const said = (claim: Claim, category: string) =>
  (claim.supportingInfo ?? []).filter((s) => s.category.coding?.[0]?.code === category);

describe.each(eachStore('firm-2-04-kept'))('on %s', (_store, open) => {
  let office: KneeOffice;
  beforeEach(async () => {
    office = await kneeOffice(open);
  });
  afterEach(async () => {
    await office.context.store.close();
  });
  const redrafted = async (encounter: string): Promise<Claim & { id: string }> =>
    (await office.run(`${encounter}/$generate-claim`)).one<Claim>('claim');
  const doseOf = (name: string, value: number): Promise<unknown> =>
    office.change<MedicationAdministration>(`MedicationAdministration/${name}-injection`, (m) => {
      m.dosage = { dose: { value, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } };
    });
  /** A draft on which somebody wrote what no chart gives. */
  async function written(name: string): Promise<{ encounter: string; id: string }> {
    const encounter = await office.visit(name);
    const { id } = await redrafted(encounter);
    await office.change<Claim>(`Claim/${id}`, (c) => {
      c.meta = { tag: [tag] };
      c.extension = [...(c.extension ?? []), foreign];
      const sequence = (c.supportingInfo ?? []).length + 1;
      c.supportingInfo = [
        ...(c.supportingInfo ?? []),
        {
          sequence,
          category: { coding: [{ system: own, code: 'attachment' }] },
          valueAttachment: { url: 'https://files.example/1.pdf' },
        },
      ];
      const [line] = c.item ?? [];
      if (line) line.informationSequence = [sequence];
      const [insurance] = c.insurance;
      if (insurance) insurance.preAuthRef = ['BY-HAND'];
    });
    return { encounter, id };
  }
  const expectKept = (claim: Claim): void => {
    expect(claim.meta?.tag).toEqual([tag]);
    expect(claim.extension).toContainEqual(foreign);
    expect(claim.insurance[0]?.preAuthRef).toEqual(['BY-HAND']);
    const document = said(claim, 'attachment');
    expect(document.map((s) => s.valueAttachment?.url)).toEqual(['https://files.example/1.pdf']);
    expect(claim.item?.[0]?.informationSequence).toEqual([document[0]?.sequence]);
  };

  test('2.4 a redraft keeps what the chart does not give', async () => {
    const { encounter, id } = await written('a');
    await doseOf('a', 80);
    const now = await redrafted(encounter);
    expect(now.id).toBe(id);
    expect(now.item?.[1]?.quantity?.value).toBe(8);
    expectKept(now);
    expect((await office.run(`Claim/${id}/$submit`)).status).toBe(200);
    expect((await office.run(`${encounter}/$generate-claim`)).codes).toContain('already-there');
  });

  test('2.4 neighbour: nothing new to say is no new version', async () => {
    const { encounter, id } = await written('b');
    const before = (await office.get<Claim>(`Claim/${id}`)).meta?.versionId;
    await redrafted(encounter);
    expect((await office.get<Claim>(`Claim/${id}`)).meta?.versionId).toBe(before);
  });

  test('2.4 neighbour: an edit that is taken back is not kept as something written', async () => {
    const { encounter, id } = await written('c');
    const url = 'https://files.example/2.pdf';
    await office.run(`Claim/${id}/$edit`, [
      edit('claim-note', { valueString: 'seen twice' }),
      edit('attachment', { valueAttachment: { url } }),
      edit('authorization-number', { valueString: 'AUTH-7' }),
    ]);
    const edited = await redrafted(encounter);
    expect(said(edited, 'attachment').map((s) => s.valueAttachment?.url)).toContain(url);
    const back = await office.run(`Claim/${id}/$edit`, [
      edit('claim-note'),
      edit('attachment'),
      edit('authorization-number'),
    ]);
    const now = back.one<Claim>('claim');
    expect(said(now, 'claim-note')).toEqual([]);
    expect(said(now, 'attachment').map((s) => s.valueAttachment?.url)).toEqual([
      'https://files.example/1.pdf',
    ]);
    expect(now.insurance[0]?.preAuthRef).toBeUndefined();
  });

  test('2.4 neighbour: a draft that was asked for in another form stays in it with its edits', async () => {
    const encounter = await office.visit('d');
    const type = [{ name: 'type', valueCode: 'institutional' }];
    const { id } = (await office.run(`${encounter}/$generate-claim`, type)).one<Claim>('claim');
    await office.run(`Claim/${id}/$edit`, [edit('claim-note', { valueString: 'seen twice' })]);
    await doseOf('d', 80);
    expect((await office.run(`${encounter}/$capture-charges`)).status).toBe(200);
    const now = await office.get<Claim>(`Claim/${id}`);
    expect([now.status, now.type.coding?.[0]?.code]).toEqual(['draft', 'institutional']);
    expect(now.item?.map((i) => i.quantity?.value)).toContain(8);
    expect(said(now, 'claim-note')).toHaveLength(1);
  });

  test('2.4 neighbour: a draft for a further payer has edits of its own', async () => {
    const encounter = await office.visit('e');
    const first = await office.get<Coverage>('Coverage/e');
    await office.put(Object.assign(first, { id: 'e-second', order: 2 }));
    const { id } = await redrafted(encounter);
    await office.run(`Claim/${id}/$submit`);
    const found = await office.get<Bundle>(`Claim?encounter=${encounter}&status=draft`);
    const next = found.entry?.[0]?.resource as Claim & { id: string };
    expect(next.insurance.find((i) => i.focal)?.sequence).toBe(2);
    const path = `Claim/${next.id}/$edit`;
    await office.run(path, [edit('claim-note', { valueString: 'first' })]);
    const noted = (await office.run(path, [edit('claim-note', { valueString: 'second' })])).one<Claim>(
      'claim',
    );
    expect(said(noted, 'claim-note').map((s) => s.valueString)).toEqual(['second']);
    const taken = await office.run(path, [edit('claim-note')]);
    expect([taken.status, taken.codes]).toEqual([422, ['not-editable']]);
    await office.run(path, [edit('hold', { valueBoolean: true })]);
    const held = await office.run(`Claim/${next.id}/$submit`);
    expect([held.status, held.codes]).toEqual([422, ['claim-held']]);
    await office.run(path, [edit('hold', { valueBoolean: false })]);
    expect((await office.run(`Claim/${next.id}/$submit`)).status).toBe(200);
  });
});
