import type { Grant } from '../../src/access/caller.ts';
import type { Account } from '../../src/access/resolveCaller.ts';
import type { Told, World } from './leakWorld.ts';

/** Who asks in the leak test, and what they may be told, said once more and apart from the server. */
export interface LeakCaller {
  readonly account: Account;
  readonly grant?: Grant;
  readonly own?: string; // the patient whose record is theirs
  readonly may: (told: Told, world: World) => boolean;
}

type Way = 'own' | 'practice' | 'chart' | 'all';
const table =
  (rows: Partial<Record<Way, string>>) =>
  (type: string): readonly Way[] =>
    (Object.keys(rows) as Way[]).filter((way) => rows[way]?.split(' ').includes(type));

const record =
  'Patient Encounter Condition Observation Coverage Account Claim ExplanationOfBenefit Invoice PaymentNotice DocumentReference Binary RelatedPerson';
const chart = 'Patient Encounter Condition Observation Coverage DocumentReference Binary RelatedPerson';
const roles: Readonly<Record<string, (type: string) => readonly Way[]>> = {
  patient: table({ own: record }),
  proxy: table({ own: record }),
  biller: table({
    practice: 'Account Claim ExplanationOfBenefit Invoice PaymentNotice PaymentReconciliation Task Basic',
    chart,
  }),
  coder: table({ practice: 'Account Claim Task Basic', chart }),
  'front-desk': table({
    practice: 'Encounter Account Invoice PaymentNotice Task',
    chart: 'Patient Coverage Encounter RelatedPerson',
  }),
  auditor: table({ all: 'AuditEvent' }),
};

const byRole =
  (
    role: string,
    { own, practice }: { own?: string; practice?: string },
    narrowed: (told: Told) => boolean = () => true,
  ) =>
  (told: Told, { practicesOf }: World): boolean =>
    narrowed(told) &&
    (role !== 'proxy' || !told.isSensitive) &&
    (roles[role]?.(told.type) ?? []).some((way) => {
      if (way === 'own') return told.patient === own;
      if (way === 'practice') return told.practice === practice;
      if (way === 'chart') return practicesOf.get(told.patient ?? '')?.has(practice ?? '') === true;
      return true;
    });

export function leakCallers({ patients }: World): readonly LeakCaller[] {
  const account = (name: string, role: string, more: Partial<Account> = {}): Account => ({
    name,
    kind: 'user',
    roles: [role],
    users: [],
    ...more,
  });
  const at = (n: number): string => patients[n % patients.length] ?? '';
  const category = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
  return [
    ...[0, 3, 6, 11].map((n): LeakCaller => ({
      account: account(`patient-${n}`, 'patient', { users: [`Patient/${at(n)}`] }),
      own: at(n),
      may: byRole('patient', { own: at(n) }),
    })),
    ...[2, 4].map((n): LeakCaller => ({
      account: account(`proxy-${n}`, 'proxy', { users: [`RelatedPerson/parent-${at(n)}`] }),
      own: at(n),
      may: byRole('proxy', { own: at(n) }),
    })),
    ...['biller', 'coder', 'front-desk'].map((role): LeakCaller => ({
      account: account(role, role, { practices: ['alder'] }),
      may: byRole(role, { practice: 'alder' }),
    })),
    { account: account('auditor', 'auditor'), may: byRole('auditor', {}) },
    {
      account: account('app', 'patient', { users: [`Patient/${at(6)}`] }),
      grant: {
        patient: at(6),
        scope: `launch/patient patient/Patient.rs patient/Observation.rs?category=${category} patient/Claim.r`,
      },
      own: at(6),
      may: byRole('patient', { own: at(6) }, ({ type, isLaboratory }) =>
        type === 'Observation' ? isLaboratory : ['Patient', 'Claim'].includes(type),
      ),
    },
    {
      account: account('in-context', 'biller', { practices: ['alder'] }),
      grant: { patient: at(3), scope: 'patient/*.rs' },
      own: at(3),
      may: byRole(
        'biller',
        { practice: 'alder' },
        ({ patient, type }) => patient === at(3) && !['Task', 'PaymentReconciliation'].includes(type),
      ),
    },
    {
      account: account('system', 'system-client', { kind: 'system' }),
      grant: { scope: 'system/Coverage.rs system/Patient.rs' },
      may: ({ type }) => ['Coverage', 'Patient'].includes(type),
    },
  ];
}
