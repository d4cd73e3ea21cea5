import type { ClaimItem } from '@medplum/fhirtypes';
import { centsOf, exactCents, sum, zero } from '../../datatypes/cents.ts';
import { controlNumberOf } from '../../terminology/claimNumber.ts';
import { payersOf, paidBy, supportOf, type FormInput, type Payer } from './claimFacts.ts';
import { conditionBoxes } from './cms1500Condition.ts';
import { insuredBoxes } from './cms1500Insured.ts';
import { lineBoxes, lineNotes } from './cms1500Line.ts';
import { providerBoxes } from './cms1500Provider.ts';
import { newSheet, tell, write, type FormNote, type PaperForm, type Sheet } from './sheet.ts';
import { amount } from './value.ts';

/** Lines of one page (billing rule 23). */
export const cms1500Lines = 6;

/** Characters of the boxes of a CMS-1500 (02/12) at ten to the inch. */
const widths: Sheet['widths'] = {
  payer: 38,
  '1a': 29,
  '2': 28,
  '3': 10,
  '4': 29,
  '5': 28,
  '5.city': 24,
  '5.state': 3,
  '5.zip': 12,
  '5.area': 3,
  '5.phone': 10,
  '7': 29,
  '7.city': 23,
  '7.state': 4,
  '7.zip': 12,
  '7.area': 3,
  '7.phone': 10,
  '9': 28,
  '9a': 28,
  '9d': 28,
  '10b.state': 2,
  '10d': 19,
  '11': 29,
  '11a': 10,
  '11b.qualifier': 2,
  '11b': 26,
  '11c': 29,
  '12': 22,
  '12.date': 8,
  '13': 22,
  '14': 8,
  '14.qualifier': 3,
  '15.qualifier': 3,
  '15': 8,
  '16.from': 8,
  '16.to': 8,
  '17.qualifier': 2,
  '17': 24,
  '17a.qualifier': 2,
  '17a': 17,
  '17b': 10,
  '18.from': 8,
  '18.to': 8,
  '19': 48,
  '20.charges': 9,
  '21.indicator': 1,
  '21': 8,
  '22': 11,
  '22.reference': 18,
  '23': 29,
  '24.shaded': 61,
  '24.A.from': 8,
  '24.A.to': 8,
  '24.B': 2,
  '24.C': 2,
  '24.D': 6,
  '24.D.modifier1': 2,
  '24.D.modifier2': 2,
  '24.D.modifier3': 2,
  '24.D.modifier4': 2,
  '24.E': 4,
  '24.F': 9,
  '24.G': 4,
  '24.H': 2,
  '24.H.shaded': 2,
  '24.I': 2,
  '24.J.shaded': 11,
  '24.J': 10,
  '25': 15,
  '26': 14,
  '28': 10,
  '29': 9,
  '31': 20,
  '31.date': 8,
  '32.1': 26,
  '32.2': 26,
  '32.3': 26,
  '32a': 10,
  '32b': 14,
  '33.area': 3,
  '33.phone': 9,
  '33.1': 29,
  '33.2': 29,
  '33.3': 29,
  '33a': 10,
  '33b': 17,
};

/**
 * A professional claim as the boxes of a CMS-1500 (02/12), a page for six lines. The totals stand on the last page; the
 * pages before it say in box 28 that the claim goes on. Box to 837P: docs/decision/0039.
 */
export function cms1500(input: FormInput): PaperForm {
  const { claim } = input;
  const items = claim.item ?? [];
  const count = Math.max(1, Math.ceil(items.length / cms1500Lines));
  const notes: FormNote[] = [];
  const payers = payersOf(input);
  const focal = payers.find(({ insurance }) => insurance.focal);
  for (const item of items) lineNotes(input, item, notes);
  const pages = Array.from({ length: count }, (_, page) => {
    const sheet = newSheet(widths, notes);
    insuredBoxes(sheet, input, payers, focal);
    conditionBoxes(sheet, input, focal);
    providerBoxes(sheet, input);
    write(sheet, '26', controlNumberOf(claim), 'Claim.identifier');
    const from = page * cms1500Lines;
    items.slice(from, from + cms1500Lines).forEach((item: ClaimItem, n) => {
      lineBoxes(sheet, input, item, n + 1);
    });
    totals(sheet, input, payers, page === count - 1);
    return sheet.boxes;
  });
  if (count > 1) tell({ notes }, 'Claim.item', `the claim takes ${count} pages: send them together`);
  return { pages, notes };
}

/** Boxes 28 and 29: what all lines come to, and what the patient and the payers before paid of it. */
function totals(sheet: Sheet, { claim }: FormInput, payers: readonly Payer[], isLast: boolean): void {
  if (!isLast) {
    write(sheet, '28', 'CONTINUED', 'Claim.total');
    return;
  }
  const charges = centsOf(claim.total) ?? sum((claim.item ?? []).map((i) => centsOf(i.net) ?? zero));
  write(sheet, '28', amount(charges), 'Claim.total');
  const patient = supportOf(claim, 'patient-paid').map(
    (s) => exactCents(s.valueQuantity?.value ?? 0) ?? zero,
  );
  const paid = sum([...patient, ...payers.filter((p) => !p.insurance.focal).map(paidBy)]);
  if (paid > 0) write(sheet, '29', amount(paid), 'Claim.supportingInfo');
}
