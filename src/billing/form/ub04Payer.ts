import type { Organization } from '@medplum/fhirtypes';
import { centsOf, exactCents, sum, subtract, zero } from '../../datatypes/cents.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { knownAs } from '../../datatypes/known.ts';
import { frequencyOf, priorClaimOf } from '../../terminology/claimFrequency.ts';
import { claimRelationships } from '../../terminology/relationship.ts';
import { extension, system } from '../../terminology/system.ts';
import {
  classOf,
  paidBy,
  providerOf,
  relationshipOf,
  signatureOf,
  supportOf,
  type FormInput,
  type Payer,
} from './claimFacts.ts';
import { tell, write, type Sheet } from './sheet.ts';
import { amount, personName, plain } from './value.ts';

const rows = 'ABC';

/** Form locators 50 to 65: up to three payers in their order, each on its row. */
export function payerBoxes(sheet: Sheet, input: FormInput, payers: readonly Payer[]): void {
  const { claim, known } = input;
  const release = signatureOf(claim, extension.releaseOfInformation).value;
  const assigned = signatureOf(claim, extension.assignmentOfBenefits).value;
  write(sheet, '56', identifierOf(providerOf(known, claim.provider)?.provider, system.npi), 'Claim.provider');
  payers.slice(0, rows.length).forEach((one, i) => {
    const row = rows[i] ?? '';
    const at = `${one.at}.coverage`;
    const put = (box: string, text: string | undefined): void => {
      write(sheet, `${box}.${row}`, text, at);
    };
    put('50', plain(one.payer?.name ?? ''));
    put('51', identifierOf(one.payer, system.payerId));
    put('52', release);
    put('53', assigned);
    if (one.answer && !one.insurance.focal) put('54', amount(paidBy(one)));
    if (one.insurance.focal) put('55', amount(due(input, payers)));
    put('58', personName(one.holder?.name));
    put('59', claimRelationships[relationshipOf(one.coverage)] ?? 'G8');
    put('60', one.coverage?.subscriberId?.replace(/[\s-]/g, ''));
    const group = classOf(one.coverage, 'group');
    put('61', plain(group?.name ?? ''));
    put('62', group?.value);
    put('63', one.insurance.preAuthRef?.[0]);
    const frequency = frequencyOf(claim);
    if (one.insurance.focal && (frequency === '7' || frequency === '8'))
      put('64', priorClaimOf(claim)?.number);
    const employer = knownAs<Organization>(known, 'Organization', one.coverage?.policyHolder);
    put('65', plain(employer?.name ?? ''));
    if ((one.insurance.preAuthRef ?? []).length > 1)
      tell(
        sheet,
        `${one.at}.preAuthRef`,
        'a payer has one authorisation here: the further ones do not stand on the form',
      );
  });
  if (payers.length > rows.length)
    tell(sheet, 'Claim.insurance', 'a UB-04 names 3 payers: the further ones do not stand on it');
}

/** What is left after the payers before and the patient. */
function due({ claim }: FormInput, payers: readonly Payer[]) {
  const charges = centsOf(claim.total) ?? sum((claim.item ?? []).map((i) => centsOf(i.net) ?? zero));
  const patient = supportOf(claim, 'patient-paid').map(
    (s) => exactCents(s.valueQuantity?.value ?? 0) ?? zero,
  );
  return subtract(charges, sum([...patient, ...payers.filter((p) => !p.insurance.focal).map(paidBy)]));
}
