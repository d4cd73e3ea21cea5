import { expect, test } from '@jest/globals';
import { parseScope, resourceScopes, supportedScopes } from '../../src/access/scope.ts';

const lettersOf = (text: string): string | undefined => parseScope(text)?.letters.join('');

test.each([
  ['patient/*.read', 'rs'],
  ['user/Claim.write', 'cud'],
  ['system/*.*', 'cruds'],
  ['patient/Observation.rs', 'rs'],
  ['system/Patient.cruds', 'cruds'],
  ['user/Patient.c', 'c'],
  [
    'patient/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|encounter-diagnosis',
    'rs',
  ],
  ['patient/Observation.rs?category=laboratory&status=final', 'rs'],
])('3.3.6 the scope %s grants %s', (text, letters) => {
  expect(lettersOf(text)).toBe(letters);
});

test.each([
  'openid',
  'launch/patient',
  'patient/Nothing.read',
  'patient/observation.read',
  'patient/Observation.sr',
  'patient/Observation.',
  'patient/Observation.rsx',
  'group/Observation.rs',
  'patient/Observation.read?category=laboratory',
  'patient/Observation.rs?',
  'patient/Observation.rs?nothing=1',
  'patient/Observation.rs?subject.name=x',
  'patient/Observation.rs?_has:Encounter:subject:status=finished',
  'patient/Observation.rs?_include=Observation:subject',
  'patient/Observation.rs?_sort=date',
  'patient/__proto__.read',
  'PATIENT/Observation.read',
  ' patient/Observation.read',
])('3.3.6 neighbour: %s is no scope about resources', (text) => {
  expect(parseScope(text)).toBeUndefined();
});

test('3.1.4 scopes_supported has scopes of the form <patient|user|system>/<type>.<cruds>', () => {
  expect(
    supportedScopes.filter((text) => /^(?:patient|user|system)\/(?:\*|\w+)\.c?r?u?d?s?$/.test(text)),
  ).not.toEqual([]);
  const about = supportedScopes.filter((text) => text.includes('/') && !text.startsWith('launch/'));
  expect(about.filter((text) => !parseScope(text))).toEqual([]);
});

test('3.3.6 neighbour: of a list of scopes those about resources are read', () => {
  expect(
    resourceScopes('openid  launch/patient patient/Claim.read\tuser/*.rs').map(({ text }) => text),
  ).toEqual(['patient/Claim.read', 'user/*.rs']);
});

test('3.10.1 neighbour: an asterisk never means the records of access', () => {
  expect(parseScope('system/*.read')?.types).not.toContain('AuditEvent');
  expect(parseScope('system/AuditEvent.read')?.types).toEqual(['AuditEvent']);
});
