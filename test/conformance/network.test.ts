import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClaimResponse, CodeableConcept, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { claimStatus, providerStatus } from '../../src/billing/explanation/network.ts';
import { concept } from '../../src/datatypes/coding.ts';
import { system } from '../../src/terminology/system.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { eachStore } from '../http/eachStore.ts';
import { at, chair, dental, dentalProcedure, openCounter, patient } from './dentalOffice.ts';
import { balanceOf, eobFaults, explanationsOf } from './explained.ts';

const day = '2026-06-03';

interface Entry {
  readonly category: CodeableConcept;
  readonly reason?: CodeableConcept;
}

/** What is said of the network, as `benefitpaymentstatus other`. */
const networkOf = (entries: readonly Entry[] | undefined): string[] =>
  (entries ?? []).flatMap(({ category, reason }) => {
    const code = category.coding?.[0]?.code ?? '';
    return code.endsWith('status') ? [`${code} ${reason?.coding?.[0]?.code ?? ''}`] : [];
  });

describe.each(eachStore('network'))('lines within and outside of a network, on %s', (_, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await openCounter(office);
  });
  afterAll(() => office.close());

  /** The explanation of a dental visit of so many services, of a member number. */
  async function explained(
    name: string,
    member: string,
    codes: readonly string[],
  ): Promise<ExplanationOfBenefit> {
    const of = at(day, name);
    await office.put(
      patient(name),
      dental(name, name, { subscriberId: member }),
      chair(name, day),
      ...codes.map((code, i) => dentalProcedure(`${name}-${i}`, of, code)),
    );
    const [claim] = await office.claims(name, '2026-06-04');
    const response: ClaimResponse = await office.submit(claim, '2026-06-05');
    expect(response.outcome).toBe('complete');
    const [eob] = await explanationsOf(office, name);
    if (!eob) throw new Error('no explanation');
    expect(eobFaults(eob, 'Oral')).toEqual([]);
    return eob;
  }

  test('4.8.2 lines of mixed network: each says its own, the claim says other', async () => {
    const eob = await explained('mixed', 'FORCEDOUTSIDE1', ['D0120', 'D1110']);
    expect(eob.item?.map(({ adjudication }) => networkOf(adjudication))).toEqual([
      ['benefitpaymentstatus innetwork'],
      ['benefitpaymentstatus outofnetwork'],
    ]);
    expect(networkOf(eob.adjudication)).toEqual([
      'billingnetworkstatus innetwork',
      'renderingnetworkstatus innetwork',
      'benefitpaymentstatus other',
    ]);
    // what is said of the network moves no money: D0120 38.00 and D1110 74.50 are paid, nothing is left
    expect(await balanceOf(office, 'mixed')).toEqual({ insurance: 0, patient: 0, total: 0 });
  });

  test('4.8.2 neighbour: a claim all of whose lines are outside is outside, and so are its providers', async () => {
    const eob = await explained('outside', 'FORCEDOUTSIDE2', ['D0120']);
    expect(networkOf(eob.item?.[0]?.adjudication)).toEqual(['benefitpaymentstatus outofnetwork']);
    expect(networkOf(eob.adjudication)).toEqual([
      'billingnetworkstatus outofnetwork',
      'renderingnetworkstatus outofnetwork',
      'benefitpaymentstatus outofnetwork',
    ]);
  });

  test('4.8.2 neighbour: a payer that says nothing paid within the network', async () => {
    const eob = await explained('within', 'JRH-within', ['D0120', 'D1110']);
    expect(networkOf(eob.adjudication).map((said) => said.split(' ')[1])).toEqual(Array(3).fill('innetwork'));
  });
});

const said = (code: string, is: string): Entry => ({
  category: concept(system.c4bbDiscriminator, code),
  reason: concept(system.c4bbStatus, is),
});
const answer = (header: readonly Entry[], ...lines: readonly (readonly Entry[])[]): ClaimResponse =>
  ({
    adjudication: header,
    item: lines.map((adjudication, i) => ({ itemSequence: i + 1, adjudication })),
  }) as unknown as ClaimResponse;

test('4.8.2 neighbour: what a payer says of the whole holds for lines of which it says nothing', () => {
  const out = said('benefitpaymentstatus', 'outofnetwork');
  expect(claimStatus(answer([out], [], []), [1, 2])).toBe('outofnetwork');
  expect(claimStatus(answer([out], [said('benefitpaymentstatus', 'innetwork')], []), [1, 2])).toBe('other');
  expect(claimStatus(answer([]), [undefined])).toBe('innetwork');
  expect(claimStatus(answer([]), [])).toBe('innetwork');
  // another vocabulary, or a word that C4BB has not, is nothing said
  expect(claimStatus(answer([said('benefitpaymentstatus', 'sometimes')]), [undefined])).toBe('innetwork');
});

test('4.8.2 neighbour: who bills and who treats are as the payer says of them, whatever the lines are', () => {
  const response = answer([said('billingnetworkstatus', 'innetwork')]);
  expect(providerStatus(response, 'billingnetworkstatus', 'outofnetwork')).toBe('innetwork');
  expect(providerStatus(response, 'renderingnetworkstatus', 'outofnetwork')).toBe('outofnetwork');
  expect(providerStatus(response, 'renderingnetworkstatus', 'other')).toBe('innetwork');
});
