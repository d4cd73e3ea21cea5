import type { Claim, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { fails, lineOf, recode, there, warned, type Failing } from './case.ts';

const info = (claim: Claim, index: number): ClaimSupportingInfo => there(claim.supportingInfo?.[index]);

/** What is wrong with a pharmacy claim. */
export const fills: readonly Failing[] = [
  fails(
    'rendering-provider',
    'nobody prescribed',
    'pharmacy',
    (c) => recode(c.careTeam?.[0]?.role, 'primary'),
    [warned('Claim.careTeam')],
  ),
  fails(
    'line-limit',
    'two fills on one claim',
    'pharmacy',
    (c) => c.item?.push({ ...lineOf(c), sequence: 2 }),
    ['Claim.item'],
  ),
  fails(
    'fill-details',
    'no days supply',
    'pharmacy',
    (c) => (c.supportingInfo = c.supportingInfo?.slice(1) ?? []),
    ['Claim.supportingInfo'],
  ),
  fails('fill-details', 'half a day', 'pharmacy', (c) => (info(c, 0).valueQuantity = { value: 0.5 }), [
    'Claim.supportingInfo[0]',
  ]),
  fails(
    'fill-details',
    'a product selection of two digits',
    'pharmacy',
    (c) => recode(info(c, 1).code, '10'),
    ['Claim.supportingInfo[1]'],
  ),
  fails(
    'fill-number',
    'a fourth refill of three',
    'pharmacy',
    (c) => (info(c, 2).valueQuantity = { value: 4 }),
    [warned('Claim.supportingInfo[2]')],
  ),
  fails(
    'drug-code',
    'ten digits',
    'pharmacy',
    (c) => recode(lineOf(c).detail?.[0]?.productOrService, '5511106820'),
    ['Claim.item[0].detail[0].productOrService'],
  ),
  fails('drug-code', 'a compound of nothing', 'pharmacy', (c) => delete lineOf(c).detail, [
    'Claim.item[0].detail',
  ]),
  fails('drug-code', 'called no compound', 'pharmacy', (c) => recode(info(c, 4).code, '1'), [
    'Claim.supportingInfo[4]',
  ]),
];
