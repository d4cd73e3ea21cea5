import { expect, test } from '@jest/globals';
import type { ExplanationOfBenefit } from '@medplum/fhirtypes';
import { betweenOthers, numberedApart } from '../../../src/billing/explanation/related.ts';
import { concept } from '../../../src/datatypes/coding.ts';
import { system } from '../../../src/terminology/system.ts';
import { professionalSample } from '../../conformance/c4bbSample.ts';

const uc = concept(system.c4bbIdentifierType, 'uc');
const eob = (value: string): ExplanationOfBenefit => ({
  ...professionalSample(),
  identifier: [
    { system: 'urn:other', value: 'A' },
    { type: uc, system: system.payerClaimControlNumber, value },
  ],
});

test('4.8.3 an explanation names the one before it as prior and the one after it as replacing it', () => {
  const related = betweenOthers(eob('2'), { before: eob('1'), after: eob('3') }).related;
  expect(related?.map((r) => [r.relationship?.coding?.[0]?.code, r.reference?.value])).toEqual([
    ['prior', '1'],
    ['replacedby', '3'],
  ]);
});

test('neighbour: only the number of the claim is told apart, other identifiers stay', () => {
  expect(numberedApart(eob('ICN1'), 2).identifier?.map(({ value }) => value)).toEqual(['A', 'ICN1-2']);
});

test('neighbour: what stands in related already stays, and without neighbours nothing is said', () => {
  const before = betweenOthers(eob('2'), { before: eob('1') });
  expect(betweenOthers(before, { after: eob('3') }).related).toHaveLength(2);
  expect(betweenOthers(eob('2'), {})).toEqual(eob('2'));
});

test('neighbour: an explanation without a number of the claim is left as it is', () => {
  const unnumbered = { ...eob('1'), identifier: [{ value: 'A' }] };
  expect(numberedApart(unnumbered, 1)).toEqual(unnumbered);
  expect(betweenOthers(eob('2'), { before: unnumbered }).related).toBeUndefined();
});
