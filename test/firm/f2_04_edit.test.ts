import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Basic, Bundle, Claim, MedicationAdministration, ParametersParameter } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { kneeOffice, type KneeOffice, type Ran } from './kneeOffice.ts';

type Value = Omit<ParametersParameter, 'name'>;
type Draft = Claim & { id: string };

const icd = 'http://hl7.org/fhir/sid/icd-10-cm';
const own = 'https://claimwright.example/fhir/CodeSystem';

/** One `edit` of a call. */
const edit = (
  element: string,
  values: readonly Value[],
  more: { readonly line?: number; readonly code?: string; readonly reason?: string } = {},
): ParametersParameter => ({
  name: 'edit',
  part: [
    { name: 'element', valueCode: element },
    ...(more.code === undefined ? [] : [{ name: 'code', valueCode: more.code }]),
    ...(more.line === undefined ? [] : [{ name: 'line', valuePositiveInt: more.line }]),
    ...values.map((value) => ({ name: 'value', ...value })),
    { name: 'reason', valueString: more.reason ?? 'as the payer wants it' },
  ],
});
const codes = (...all: string[]): Value[] => all.map((valueCode) => ({ valueCode }));
const modifiers = (claim: Claim, line = 1): (string | undefined)[] =>
  (claim.item?.[line - 1]?.modifier ?? []).map((m) => m.coding?.[0]?.code);
const diagnoses = (claim: Claim): (string | undefined)[] =>
  (claim.diagnosis ?? []).map((d) => d.diagnosisCodeableConcept?.coding?.[0]?.code);
const said = (claim: Claim, category: string) =>
  (claim.supportingInfo ?? []).filter((s) => s.category.coding?.[0]?.code === category);
const text = (answer: Ran): string => answer.text;

describe.each(eachStore('firm-2-04'))('on %s', (_store, open) => {
  let office: KneeOffice;
  beforeEach(async () => {
    office = await kneeOffice(open);
  });
  afterEach(async () => {
    await office.context.store.close();
  });
  const further = (name: string, id: string, code: string): Promise<unknown> =>
    office.put({
      resourceType: 'Condition',
      id: `${name}-${id}`,
      subject: { reference: `Patient/${name}` },
      encounter: { reference: `Encounter/${name}-visit` },
      code: { coding: [{ system: icd, code }] },
    });
  async function drafted(name: string): Promise<{ encounter: string; claim: Draft }> {
    const encounter = await office.visit(name);
    await further(name, 'sugar', 'E11.9');
    await further(name, 'pressure', 'I10');
    const answer = await office.run(`${encounter}/$generate-claim`);
    return { encounter, claim: answer.one<Claim>('claim') };
  }
  const edited = async (claim: Draft, ...edits: ParametersParameter[]): Promise<Draft> => {
    const answer = await office.run(`Claim/${claim.id}/$edit`, edits);
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.one<Claim>('claim');
  };
  const redrafted = async (encounter: string): Promise<Ran> => office.run(`${encounter}/$generate-claim`);
  const records = async (): Promise<Basic[]> =>
    ((await office.get<Bundle>(`Basic?code=${own}/basic|claim-edit`)).entry ?? []).map(
      (e) => e.resource as Basic,
    );
  const stop = (name: string): Promise<unknown> =>
    office.change<MedicationAdministration>(`MedicationAdministration/${name}-injection`, (m) => {
      m.status = 'entered-in-error';
    });

  test('2.4 an edit is kept apart from the chart and laid over every re-draft', async () => {
    const { encounter, claim } = await drafted('a');
    const now = await edited(claim, edit('modifier', codes('25', '59'), { line: 1, reason: 'separate' }));
    expect(modifiers(now)).toEqual(['25', '59']);
    expect(now.id).toBe(claim.id);
    const [record] = await records();
    expect(record?.subject?.reference).toBe('Patient/a');
    expect(JSON.stringify(record)).toContain('separate');
    await further('a', 'fat', 'E78.5');
    const again = (await redrafted(encounter)).one<Claim>('claim');
    expect(diagnoses(again)).toContain('E78.5');
    expect(modifiers(again)).toEqual(['25', '59']);
    expect((await office.run(`Claim/${claim.id}/$submit`)).status).toBe(200);
  });

  test('2.4 pointers and the order of further diagnoses hold by diagnosis, not by number', async () => {
    const { claim } = await drafted('b');
    const before = diagnoses(claim);
    const last = before.at(-1) ?? '';
    const now = await edited(
      claim,
      edit('diagnosis-order', codes(last)),
      edit('diagnosis-pointer', [{ valuePositiveInt: 3 }, { valuePositiveInt: 1 }], { line: 2 }),
    );
    expect(diagnoses(now)).toEqual([before[0], last, before[1]]);
    expect(now.item?.[1]?.diagnosisSequence).toEqual([2, 1]);
    expect((await office.run(`Claim/${claim.id}/$submit`)).status).toBe(200);
  });

  test('2.4 notes, attachments, dates, numbers, providers, conditions and delay reason are said', async () => {
    const { encounter, claim } = await drafted('c');
    const doctor = { reference: 'Practitioner/ruth-abernathy' };
    await edited(
      claim,
      edit('claim-note', [{ valueString: 'seen twice' }]),
      edit('line-note', [{ valueString: 'left side' }], { line: 2 }),
      edit('attachment', [{ valueAttachment: { url: 'https://files.example/1.pdf' } }]),
      edit('condition-code', codes('17')),
      edit('onset-date', [{ valueDate: '2026-05-20' }]),
      edit('disability-period', [{ valuePeriod: { start: '2026-05-20', end: '2026-06-20' } }]),
      edit('authorization-number', [{ valueString: 'AUTH-77' }]),
      edit('referral-number', [{ valueString: 'REF-1' }]),
      edit('referring-provider', [{ valueReference: doctor }]),
      edit('supervising-provider', [{ valueReference: doctor }]),
      edit('ordering-provider', [{ valueReference: doctor }], { line: 2 }),
      edit('delay-reason', codes('7')),
    );
    const now = (await redrafted(encounter)).one<Claim>('claim');
    expect(said(now, 'claim-note')[0]?.valueString).toBe('seen twice');
    expect(now.item?.[1]?.informationSequence).toEqual([said(now, 'line-note')[0]?.sequence]);
    expect(said(now, 'attachment')[0]?.valueAttachment?.url).toBe('https://files.example/1.pdf');
    expect(said(now, 'condition-code')[0]?.code?.coding?.[0]?.code).toBe('17');
    expect(said(now, 'onset-date')[0]?.timingDate).toBe('2026-05-20');
    expect(said(now, 'disability-period')[0]?.timingPeriod?.end).toBe('2026-06-20');
    expect(said(now, 'delay-reason')[0]?.code?.coding?.[0]?.code).toBe('7');
    expect(now.insurance[0]?.preAuthRef).toEqual(['AUTH-77']);
    expect(now.referral?.identifier?.value).toBe('REF-1');
    const roles = (now.careTeam ?? []).map((m) => m.role?.coding?.[0]?.code);
    expect(roles).toEqual(['rendering', 'referring', 'supervising', 'ordering']);
    expect(now.item?.[1]?.careTeamSequence).toEqual([1, 4]);
    expect((await office.run(`Claim/${claim.id}/$submit`)).status).toBe(200);
  });

  test('2.4 occurrence and value codes are of institutional claims, each with its code', async () => {
    const encounter = await office.visit('d');
    const type = [{ name: 'type', valueCode: 'institutional' }];
    const claim = (await office.run(`${encounter}/$generate-claim`, type)).one<Claim>('claim');
    const now = await edited(
      claim,
      edit('occurrence-code', [{ valueDate: '2026-05-20' }], { code: '11' }),
      edit('occurrence-code', [{ valuePeriod: { start: '2026-05-01' } }], { code: '72' }),
      edit('value-code', [{ valueMoney: { value: 12.5, currency: 'USD' } }], { code: '80' }),
    );
    expect(said(now, 'occurrence-code').map((s) => s.code?.coding?.[0]?.code)).toEqual(['11', '72']);
    expect(said(now, 'value-code')[0]?.valueQuantity?.value).toBe(12.5);
    const { claim: other } = await drafted('d2');
    const refused = await office.run(`Claim/${other.id}/$edit`, [
      edit('value-code', [{ valueDecimal: 1 }], { code: '80' }),
    ]);
    expect([refused.status, refused.codes]).toEqual([422, ['not-editable']]);
  });

  test('2.4 an edit whose line is gone is named, never dropped', async () => {
    const { encounter, claim } = await drafted('e');
    await edited(claim, edit('modifier', codes('59'), { line: 2 }));
    await stop('e');
    const gone = await redrafted(encounter);
    expect(gone.codes).toContain('edit-without-line');
    expect((await office.run(`Claim/${claim.id}/$scrub`)).codes).toContain('edit-without-line');
    await office.change<MedicationAdministration>('MedicationAdministration/e-injection', (m) => {
      m.status = 'completed';
    });
    const back = await redrafted(encounter);
    expect(back.codes).not.toContain('edit-without-line');
    expect(modifiers(back.one<Claim>('claim'), 2)).toEqual(['59']);
  });

  test('2.4 diagnosis, procedure, units and service date change in the chart', async () => {
    const { claim } = await drafted('f');
    for (const element of ['diagnosis', 'procedure', 'units', 'service-date']) {
      const refused = await office.run(`Claim/${claim.id}/$edit`, [edit(element, codes('1'), { line: 1 })]);
      expect([refused.status, refused.codes]).toEqual([422, ['changes-in-the-chart']]);
      expect(text(refused)).toContain(
        "Parameters.parameter.where(name='edit')[0].part.where(name='element')",
      );
    }
    const other = await office.run(`Claim/${claim.id}/$edit`, [edit('total', codes('1'))]);
    expect([other.status, other.codes]).toEqual([422, ['not-editable']]);
    expect(await records()).toEqual([]);
  });

  test.each([
    ['a modifier of three letters', edit('modifier', codes('LTX'), { line: 1 }), 'edit-value'],
    ['a modifier twice', edit('modifier', codes('LT', 'LT'), { line: 1 }), 'edit-value'],
    ['five modifiers', edit('modifier', codes('LT', 'RT', '25', '59', '76'), { line: 1 }), 'edit-value'],
    ['a modifier of no line', edit('modifier', codes('LT')), 'line-missing'],
    ['a line that is not there', edit('modifier', codes('LT'), { line: 9 }), 'line-unknown'],
    ['a pointer to nothing', edit('diagnosis-pointer', [{ valuePositiveInt: 9 }], { line: 1 }), 'edit-value'],
    ['the principal diagnosis in the order', edit('diagnosis-order', codes('M17.11')), 'edit-value'],
    ['a long note', edit('claim-note', [{ valueString: 'x'.repeat(81) }]), 'edit-value'],
    ['a date to come', edit('onset-date', [{ valueDate: '2027-01-01' }]), 'edit-value'],
    ['a delay reason 12', edit('delay-reason', codes('12')), 'edit-value'],
    [
      'an unknown provider',
      edit('referring-provider', [{ valueReference: { reference: 'Practitioner/nobody' } }]),
      'edit-value',
    ],
    ['no reason', edit('hold', [{ valueBoolean: true }], { reason: ' ' }), 'reason-missing'],
  ] as const)('2.4 every value is checked: %s', async (_name, wrong, code) => {
    const { claim } = await drafted('g');
    const refused = await office.run(`Claim/${claim.id}/$edit`, [wrong]);
    expect([refused.status, refused.codes]).toEqual([422, [code]]);
  });

  test('2.4 a held claim is not sent until it is released', async () => {
    const { encounter, claim } = await drafted('h');
    await edited(claim, edit('hold', [{ valueBoolean: true }]));
    expect((await office.run(`Claim/${claim.id}/$scrub`)).codes).toContain('claim-held');
    const refused = await office.run(`Claim/${claim.id}/$submit`);
    expect([refused.status, refused.codes]).toEqual([422, ['claim-held']]);
    await redrafted(encounter);
    // a plain write that takes the mark away releases nothing
    await office.change<Claim>(`Claim/${claim.id}`, (c) => {
      c.extension = (c.extension ?? []).filter((e) => !e.url.endsWith('/claim-hold'));
    });
    expect((await office.run(`Claim/${claim.id}/$submit`)).status).toBe(422);
    await edited(claim, edit('hold', [{ valueBoolean: false }]));
    expect((await office.run(`Claim/${claim.id}/$submit`)).status).toBe(200);
    const late = await office.run(`Claim/${claim.id}/$edit`, [edit('claim-note', [{ valueString: 'late' }])]);
    expect([late.status, late.codes]).toEqual([409, ['claim-not-draft']]);
  });

  test('2.4 neighbour: a plain PUT that takes an edit away is found before the claim is sent', async () => {
    const { encounter, claim } = await drafted('i');
    await edited(claim, edit('modifier', codes('25'), { line: 1 }));
    await office.change<Claim>(`Claim/${claim.id}`, (c) => {
      delete c.item?.[0]?.modifier;
    });
    const refused = await office.run(`Claim/${claim.id}/$submit`);
    expect([refused.status, refused.codes[0]]).toEqual([422, 'draft-out-of-date']);
    expect(modifiers((await redrafted(encounter)).one<Claim>('claim'))).toEqual(['25']);
  });

  test('2.4 neighbour: a charge that is charged anew keeps its edit', async () => {
    const { encounter, claim } = await drafted('j');
    await edited(claim, edit('modifier', codes('59'), { line: 2 }));
    await office.change<MedicationAdministration>('MedicationAdministration/j-injection', (m) => {
      m.dosage = { dose: { value: 80, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } };
    });
    const again = await redrafted(encounter);
    expect(again.one<Claim>('claim').item?.[1]?.quantity?.value).toBe(8);
    expect(modifiers(again.one<Claim>('claim'), 2)).toEqual(['59']);
    expect(again.codes).not.toContain('edit-without-line');
  });

  test('2.4 neighbour: a cancelled draft that is drafted again has its edits', async () => {
    const { encounter, claim } = await drafted('k');
    await edited(claim, edit('modifier', codes('25'), { line: 1 }));
    await office.change<Claim>(`Claim/${claim.id}`, (c) => {
      c.status = 'cancelled';
    });
    const anew = (await redrafted(encounter)).one<Claim>('claim');
    expect(anew.id).not.toBe(claim.id);
    expect(modifiers(anew)).toEqual(['25']);
    const refused = await office.run(`Claim/${claim.id}/$edit`, [edit('modifier', [], { line: 1 })]);
    expect(refused.status).toBe(409);
  });

  test('2.4 neighbour: a dry run writes nothing; an edit without a value takes the earlier one back', async () => {
    const { claim } = await drafted('l');
    const dryRun = { name: 'dryRun', valueBoolean: true };
    const tried = await office.run(`Claim/${claim.id}/$edit`, [
      edit('modifier', codes('25'), { line: 1 }),
      dryRun,
    ]);
    expect(modifiers(tried.one<Claim>('claim'))).toEqual(['25']);
    expect(modifiers(await office.get<Claim>(`Claim/${claim.id}`))).toEqual([]);
    expect(await records()).toEqual([]);
    await edited(claim, edit('modifier', codes('25'), { line: 1 }));
    await edited(claim, edit('modifier', codes('59'), { line: 1 }));
    expect(await records()).toHaveLength(1);
    expect(modifiers(await edited(claim, edit('modifier', [], { line: 1 })))).toEqual([]);
  });
});
