import { expect, test } from '@jest/globals';
import type { Caller } from '../../src/access/caller.ts';
import { permitted, type Permitted } from '../../src/access/permitted.ts';
import { parseRule, shippedRoles, type Role } from '../../src/access/role.ts';

const role = (name: string): Role => {
  const found = shippedRoles.get(name);
  if (!found) throw new Error(`no role ${name}`);
  return found;
};
const caller = (more: Partial<Caller>): Caller => ({
  name: 'x',
  kind: 'user',
  roles: [],
  patients: [],
  practices: [],
  opened: [],
  ...more,
});
const ann = caller({ patients: [{ id: 'ann' }], user: 'Patient/ann' });
const ofAnn = (scope?: string): Permitted =>
  permitted([role('patient')], ann, scope === undefined ? {} : { scope, patient: 'ann' });

test('D.3 a patient sees their own record, the directory and nothing of others', () => {
  const { access, may } = ofAnn();
  expect(access.types.get('Claim')).toEqual({ see: { patients: ['ann'] } });
  expect(access.types.get('Organization')).toEqual({ see: 'open' });
  expect(access.types.get('Binary')).toEqual({ see: 'context' });
  expect(access.types.get('PaymentNotice')?.see).toMatchObject({ to: { patients: ['ann'] } });
  for (const type of ['Task', 'Basic', 'AuditEvent', 'PaymentReconciliation', 'Group', 'List'] as const)
    expect([type, may(type, 'read'), access.types.has(type)]).toEqual([type, false, false]);
  expect(may('Claim', 'create')).toBe(false);
  expect(may('Claim', 'search-type')).toBe(true);
});

test('D.3 scopes narrow a role, by type, letter and criteria', () => {
  const { access, may } = ofAnn(
    'patient/Claim.r patient/Observation.rs?category=laboratory patient/Task.read',
  );
  expect([...access.types.keys()].sort()).toEqual(['Claim', 'Observation']);
  expect(may('Claim', 'read')).toBe(true);
  expect(may('Claim', 'search-type')).toBe(false);
  expect(access.types.get('Observation')?.see).toMatchObject({ all: [{ patients: ['ann'] }, {}] });
  expect(may('Patient', 'read')).toBe(false);
  expect(may(undefined, 'history-system')).toBe(false);
  expect(may(undefined, 'search-system')).toBe(true);
});

test('3.9.3 a patient in context narrows only the scopes that are about a patient', () => {
  const proxy = caller({ patients: ['ann', 'bob'].map((id) => ({ id, proxy: { allowed: [] } })) });
  const sees = (scope: string): string => {
    const { access } = permitted([role('proxy')], proxy, { scope, patient: 'ann' });
    return JSON.stringify(access.types.get('Claim')?.see ?? null);
  };
  expect(sees('patient/Claim.read')).toContain('ann');
  expect(sees('patient/Claim.read')).not.toContain('bob');
  expect(sees('patient/Claim.read user/Claim.read')).toContain('bob');
  expect(JSON.parse(sees('system/Claim.read'))).toBeNull();
});

test('3.9.3 neighbour: a patient in context that is not theirs opens nothing', () => {
  const { access } = permitted([role('patient')], ann, { scope: 'patient/*.read', patient: 'bob' });
  expect(access.types.has('Claim')).toBe(false);
  expect(access.types.get('Organization')).toEqual({ see: 'open' });
});

test('D.3 neighbour: without a patient in context scopes about a patient open nothing of patients', () => {
  const { access } = permitted([role('biller')], caller({ practices: ['p'] }), { scope: 'patient/*.read' });
  expect(access.types.has('Claim')).toBe(false);
  expect(access.types.has('Task')).toBe(false);
});

test('D.3 staff under a scope about a patient see what is both theirs and the patient’s', () => {
  const staff = caller({ practices: ['p'] });
  const { access, may } = permitted([role('biller')], staff, { scope: 'patient/*.rs', patient: 'ann' });
  expect(access.types.get('Claim')).toEqual({ see: { all: [{ patients: ['ann'] }, 'practice'] } });
  expect(may('Claim', 'create')).toBe(false);
  expect(access.practices).toEqual(['p']);
});

test('D.3 a system client sees all that its scopes name, and a scope of a system serves no person', () => {
  const system = caller({ kind: 'system' });
  const { access, may } = permitted([role('system-client')], system, { scope: 'system/*.read' });
  expect(access.types.get('Claim')).toEqual({ see: 'open' });
  expect(may('Claim', 'create')).toBe(false);
  expect(may(undefined, 'history-system')).toBe(true);
  expect(access.types.has('AuditEvent')).toBe(false);
  const person = permitted([role('administrator')], caller({}), { scope: 'system/*.read' });
  expect(person.access.types.size).toBe(0);
});

test('D.3 operations need the permission of a role, and a scope that changes', () => {
  const staff = caller({ practices: ['p'] });
  const all = permitted([role('biller')], staff, { scope: 'user/*.cruds' });
  const reads = permitted([role('biller')], staff, { scope: 'user/*.rs' });
  const need = { permission: 'write-off', type: 'Invoice', changes: true } as const;
  expect([all.mayOperate(need), reads.mayOperate(need)]).toEqual([true, false]);
  expect([all.has('write-off'), all.has('administer'), reads.has('write-off')]).toEqual([true, false, false]);
  expect(permitted([role('front-desk')], staff).mayOperate(need)).toBe(false);
  expect(ofAnn('patient/*.*').mayOperate(need)).toBe(false);
  expect(ofAnn('patient/*.read').mayOperate({ type: 'Patient', changes: false })).toBe(true);
});

test('D.3 criteria of a role have the caller as a variable', () => {
  const rule = parseRule('any/Claim.rs?provider=%practice');
  if (typeof rule === 'string') throw new Error(rule);
  const own: Role = { name: 'own', rules: [rule], permissions: new Set() };
  const { access } = permitted([own], caller({ practices: ['p', 'q'] }));
  expect(JSON.stringify(access.types.get('Claim'))).toContain('"id":"q"');
  expect(permitted([own], caller({})).access.types.size).toBe(0);
});

test.each([
  'nowhere/Claim.rs',
  'any/Nothing.rs',
  'any/Claim.sr',
  'any/Claim.rs?nothing=1',
  'any/Claim.rs?patient.name=x',
  'any/Claim',
  '',
])('D.3 neighbour: %p is no rule of a role', (text) => {
  expect(typeof parseRule(text)).toBe('string');
});
