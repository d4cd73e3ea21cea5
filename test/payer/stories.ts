import { readFileSync } from 'node:fs';
import type { Basic, Bundle, Claim, ClaimItem, Coverage, InsurancePlan, Resource } from '@medplum/fhirtypes';
import { centsOf, sum, toDecimal, zero } from '../../src/datatypes/cents.ts';
import { system } from '../../src/terminology/system.ts';
import { memberIdOf } from '../../src/payer/enrollment.ts';
import { readPlan, type Plan } from '../../src/payer/plan.ts';

/** Claims of the demo stories as the payer gets them, and the tables of what it answers, in dollars. */

const seeded = <T extends Resource>(file: string): T[] => {
  const text = readFileSync(new URL(`../../seed/${file}`, import.meta.url), 'utf8');
  return (JSON.parse(text) as Bundle).entry?.map((e) => e.resource as T) ?? [];
};

export const parties = [
  ...seeded('01-organization.json'),
  ...seeded('02-practitioner.json'),
  ...seeded('03-patient.json'),
];
export const insurancePlans = seeded<InsurancePlan>('06-insurance-plans.json');
export const enrollments = seeded<Basic>('07-enrollments.json');

export function planNamed(id: string): Plan {
  const found = insurancePlans.find((p) => p.id === id);
  if (!found) throw new Error(`no plan ${id}`);
  return readPlan(found);
}

export function enrollmentOf(memberId: string): Basic {
  const found = enrollments.find((e) => e.identifier?.[0]?.value === memberId);
  if (!found) throw new Error(`no enrolment of ${memberId}`);
  return structuredClone(found);
}

/** sequence code units charge allowed paid and adjustments like 'CO-45 46.58; PR-3 25.00'. */
export type Row = readonly [
  code: string,
  units: number,
  charge: number,
  allowed: number,
  paid: number,
  why: string,
];

export interface Story {
  readonly member: string;
  readonly plan: string;
  readonly payer: string;
  readonly on: string;
  readonly through?: string;
  readonly institutional?: 'inpatient' | 'outpatient';
  readonly drg?: string;
  readonly provider?: string;
  readonly rows: readonly Row[];
}

const ppo = { plan: 'juniper-ppo-1500', payer: 'juniper-ridge' } as const;
const senior = { plan: 'senior-basic', payer: 'federal-senior' } as const;

export const story1: Story = {
  ...ppo,
  member: 'JRH100234501',
  on: '2026-01-20',
  rows: [
    ['T1015', 1, 168.45, 121.87, 96.87, 'CO-45 46.58; PR-3 25.00'],
    ['Q2038', 1, 41.2, 24.66, 24.66, 'CO-45 16.54'],
    ['G0008', 1, 36.75, 28.39, 28.39, 'CO-45 8.36'],
  ],
};
export const story2: Story = {
  ...ppo,
  member: 'JRH100871102',
  on: '2026-03-11',
  rows: [
    ['T1015', 1, 168.45, 121.87, 96.87, 'CO-45 46.58; PR-3 25.00'],
    ['J7325', 48, 952.8, 593.76, 0, 'CO-45 359.04; PR-1 593.76'],
    ['J3301', 4, 39, 16.72, 0, 'CO-45 22.28; PR-1 16.72'],
  ],
};
export const story3: Story = {
  ...ppo,
  member: 'JRH100442901',
  on: '2026-08-19',
  rows: [
    ['T1015', 1, 168.45, 121.87, 96.87, 'CO-45 46.58; PR-3 25.00'],
    ['J7030', 1, 22.4, 6.15, 4.3, 'CO-45 16.25; PR-2 1.85'],
    ['J1439', 750, 1455, 802.5, 700.81, 'CO-45 652.50; PR-2 101.69'],
    ['J1200', 1, 8.6, 1.37, 1.37, 'CO-45 7.23'],
  ],
};
export const story4: Story = {
  ...ppo,
  member: 'JRH100598801',
  on: '2026-04-22',
  rows: [
    ['J1745', 40, 3945.2, 0, 0, 'CO-197 3945.20'],
    ['J7050', 1, 19.3, 0, 0, 'CO-197 19.30'],
  ],
};
export const story4Authorised: Story = {
  ...story4,
  rows: [
    ['J1745', 40, 3945.2, 2450.8, 1715.56, 'CO-45 1494.40; PR-2 735.24'],
    ['J7050', 1, 19.3, 4.05, 2.83, 'CO-45 15.25; PR-2 1.22'],
  ],
};
export const story5: Story = {
  ...ppo,
  member: 'JRH100377601',
  on: '2026-05-14',
  rows: [
    ['T1015', 1, 168.45, 0, 0, 'PR-27 168.45'],
    ['J1885', 2, 29.7, 0, 0, 'PR-27 29.70'],
  ],
};
export const story6: Story = {
  plan: 'family-care',
  payer: 'state-family',
  member: 'SFP70045512',
  on: '2026-06-03',
  rows: [
    ['T1015', 1, 168.45, 84.15, 84.15, 'CO-45 84.30'],
    ['J7613', 5, 5.75, 0.3, 0.3, 'CO-45 5.45'],
    ['S8101', 1, 38.2, 22.75, 22.75, 'CO-45 15.45'],
  ],
};
export const story7First: Story = {
  ...senior,
  member: '2AC3DF4GH56',
  on: '2026-07-15',
  institutional: 'outpatient',
  rows: [
    ['G0463', 1, 214.6, 121.96, 97.57, 'CO-45 92.64; PR-2 24.39'],
    ['J0897', 60, 1888.2, 1126.2, 900.96, 'CO-45 762.00; PR-2 225.24'],
    ['J3420', 1, 24.75, 3.37, 2.7, 'CO-45 21.38; PR-2 0.67'],
  ],
};
export const story7Second: Story = {
  ...story7First,
  ...ppo,
  member: 'JRH100110701',
  rows: [
    ['G0463', 1, 214.6, 150.25, 24.39, 'OA-23 190.21'],
    ['J0897', 60, 1888.2, 1356.6, 225.24, 'OA-23 1662.96'],
    ['J3420', 1, 24.75, 4.9, 0.67, 'OA-23 24.08'],
  ],
};
export const story9Stay: Story = {
  ...senior,
  member: '3TR7WX8YK21',
  on: '2026-02-03',
  through: '2026-02-07',
  institutional: 'inpatient',
  drg: '194',
  rows: [
    ['RB0120', 4, 7386, 0, 0, ''],
    ['J1956', 12, 331.8, 0, 0, ''],
    ['J7120', 4, 99.4, 0, 0, ''],
    ['J1650', 16, 157.6, 0, 0, ''],
    ['XR0324', 1, 246.15, 0, 0, ''],
    ['LB0300', 3, 389.46, 0, 0, ''],
  ],
};
export const story9Ambulance: Story = {
  ...senior,
  provider: 'bellwater-ambulance',
  member: '3TR7WX8YK21',
  on: '2026-02-03',
  rows: [
    ['A0427', 1, 812.5, 487.36, 271.55, 'CO-45 325.14; PR-1 147.92; PR-2 67.89'],
    ['A0425', 11.4, 208.05, 101.92, 81.54, 'CO-45 106.13; PR-2 20.38'],
  ],
};
export const story10: Story = {
  ...ppo,
  member: 'JRH100655301',
  on: '2026-06-09',
  rows: [
    ['T1015', 1, 168.45, 121.87, 96.87, 'CO-45 46.58; PR-3 25.00'],
    ['L4361', 1, 329.75, 188, 70.24, 'CO-45 141.75; PR-1 87.65; PR-2 30.11'],
    ['E0114', 1, 64.3, 38.55, 26.98, 'CO-45 25.75; PR-2 11.57'],
    ['J1885', 2, 29.7, 6.42, 4.49, 'CO-45 23.28; PR-2 1.93'],
  ],
};

const code = (of: string, value: string) => ({ coding: [{ system: of, code: value }] });
const nextDay = (date: string): string =>
  `${date.slice(0, 8)}${String(Number(date.slice(8)) + 1).padStart(2, '0')}`;

/** The Coverage of the story's member as the practice holds it; one made up for a member nobody knows. */
export function coverageOf({ member, plan, payer }: Story): Coverage & { id: string } {
  const known = parties.find((r) => r.resourceType === 'Coverage' && memberIdOf(r) === member);
  if (known?.resourceType === 'Coverage' && known.id !== undefined)
    return { ...structuredClone(known), id: known.id };
  return {
    resourceType: 'Coverage',
    id: `coverage-${member.toLowerCase()}`,
    status: 'active',
    subscriberId: member,
    relationship: code(system.subscriberRelationship, 'self'),
    beneficiary: { reference: 'Patient/nora-whitfield' },
    payor: [{ reference: `Organization/${payer}` }],
    class: [{ type: code(system.coverageClass, 'plan'), value: plan }],
  };
}

/** The claim of a story, as docs/model.md has it, created one day after the visit ends. */
export function claimOf(story: Story, over: Partial<Claim> = {}): Claim & { id: string } {
  const { on, through = on, institutional, payer } = story;
  const coverage = coverageOf(story);
  const provider = {
    reference: `Organization/${story.provider ?? (institutional ? 'bellwater-hospital' : 'alder-street-clinic')}`,
  };
  const item = story.rows.map((r, i) => itemOf(r, i + 1, story));
  return {
    resourceType: 'Claim',
    id: `claim-${story.member.toLowerCase()}`,
    identifier: [{ system: system.patientControlNumber, value: `PCN${story.member}`.slice(0, 20) }],
    status: 'active',
    type: code(system.claimType, institutional ? 'institutional' : 'professional'),
    ...(institutional ? { subType: code(system.c4bbInstitutionalSubType, institutional) } : {}),
    use: 'claim',
    patient: coverage.beneficiary,
    created: nextDay(through),
    billablePeriod: { start: on, end: through },
    insurer: { reference: `Organization/${payer}` },
    provider,
    payee: { type: code(system.payeeType, 'provider'), party: provider },
    careTeam: [
      {
        sequence: 1,
        provider: { reference: 'Practitioner/ruth-abernathy' },
        role: code(system.c4bbCareTeamRole, institutional ? 'attending' : 'rendering'),
      },
    ],
    priority: code(system.processPriority, 'normal'),
    diagnosis: [
      {
        sequence: 1,
        diagnosisCodeableConcept: code(system.icd10cm, 'J06.9'),
        type: [code(system.diagnosisType, 'principal')],
      },
    ],
    ...(institutional === 'inpatient' ? { supportingInfo: staySupport(story) } : {}),
    insurance: [
      {
        sequence: 1,
        focal: true,
        coverage: { reference: `Coverage/${coverage.id}` },
      },
    ],
    item,
    total: { value: toDecimal(sum(item.map((i) => centsOf(i.net) ?? zero))), currency: 'USD' },
    ...over,
  };
}

function itemOf([value, units, charge]: Row, sequence: number, { on, institutional }: Story): ClaimItem {
  const own = /^(RB|XR|LB)/.test(value);
  return {
    sequence,
    careTeamSequence: [1],
    ...(institutional ? {} : { diagnosisSequence: [1] }),
    productOrService: code(own ? system.chargeMaster : system.hcpcs, value),
    ...(institutional
      ? { revenue: code(system.revenueCode, own ? value.slice(2) : '0636') }
      : { locationCodeableConcept: code(system.placeOfService, '11') }),
    servicedDate: on,
    quantity: { value: units },
    net: { value: charge, currency: 'USD' },
    encounter: [{ reference: 'Encounter/e' }],
  };
}

/** What a stay brings: its DRG and when it was. */
const staySupport = ({ on, through = on, drg }: Story): NonNullable<Claim['supportingInfo']> => [
  ...(drg
    ? [{ sequence: 1, category: code(system.c4bbSupportingInfo, 'drg'), code: code(system.msDrg, drg) }]
    : []),
  {
    sequence: 2,
    category: code(system.c4bbSupportingInfo, 'admissionperiod'),
    timingPeriod: { start: on, end: through },
  },
];
