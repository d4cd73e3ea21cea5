import type { ClaimItem } from '@medplum/fhirtypes';
import { centsOf, sum, zero } from '../../datatypes/cents.ts';
import { payersOf, type FormInput } from './claimFacts.ts';
import { newSheet, tell, write, type FormNote, type PaperForm, type Sheet } from './sheet.ts';
import { codeBoxes } from './ub04Code.ts';
import { ubLine } from './ub04Line.ts';
import { patientBoxes } from './ub04Patient.ts';
import { payerBoxes } from './ub04Payer.ts';
import { teamBoxes } from './ub04Team.ts';
import { amount, closeDate } from './value.ts';

/** Lines of one page before the one of the totals (billing rule 23). */
export const ub04Lines = 22;

/** Characters of the form locators of a UB-04 at ten to the inch. */
const widths: Sheet['widths'] = {
  '1': 25,
  '2': 25,
  '3a': 24,
  '3b': 24,
  '4': 4,
  '5': 10,
  '6.from': 6,
  '6.through': 6,
  '8a': 19,
  '8b': 29,
  '9a': 40,
  '9b': 30,
  '9c': 2,
  '9d': 10,
  '9e': 3,
  '10': 8,
  '11': 1,
  '12': 6,
  '13': 2,
  '14': 1,
  '15': 1,
  '16': 2,
  '17': 2,
  condition: 2,
  '29': 2,
  '38': 40,
  occurrence: 2,
  'occurrence.date': 6,
  span: 2,
  'span.from': 6,
  'span.through': 6,
  value: 2,
  'value.amount': 10,
  '42': 4,
  '43': 24,
  '44': 14,
  '45': 6,
  '46': 7,
  '47': 10,
  '48': 10,
  page: 3,
  pages: 3,
  created: 6,
  '50': 23,
  '51': 15,
  '52': 1,
  '53': 1,
  '54': 11,
  '55': 11,
  '56': 15,
  '57': 15,
  '58': 25,
  '59': 2,
  '60': 20,
  '61': 14,
  '62': 17,
  '63': 30,
  '64': 26,
  '65': 25,
  '66': 1,
  '67': 7,
  '67.poa': 1,
  '69': 7,
  '70': 7,
  '71': 4,
  '72': 7,
  '72.poa': 1,
  '74': 7,
  '74.date': 6,
  'team.npi': 11,
  'team.qualifier': 2,
  'team.last': 16,
  'team.first': 12,
  '80': 24,
  '81.qualifier': 2,
  '81': 10,
};

/**
 * An institutional claim as the form locators of a UB-04 (CMS-1450), a page for 22 lines. Line 23 has the number of the
 * page on each, the totals on the last. Form locator to 837I: docs/decision/0039.
 */
export function ub04(input: FormInput): PaperForm {
  const { claim } = input;
  const items = claim.item ?? [];
  const count = Math.max(1, Math.ceil(items.length / ub04Lines));
  const notes: FormNote[] = [];
  const payers = payersOf(input);
  const pages = Array.from({ length: count }, (_, page) => {
    const sheet = newSheet(widths, notes);
    patientBoxes(sheet, input, payers);
    codeBoxes(sheet, claim);
    payerBoxes(sheet, input, payers);
    teamBoxes(sheet, input);
    const from = page * ub04Lines;
    items.slice(from, from + ub04Lines).forEach((item: ClaimItem, n) => {
      ubLine(sheet, item, n + 1);
    });
    write(sheet, 'page', String(page + 1), 'Claim.item');
    write(sheet, 'pages', String(count), 'Claim.item');
    write(sheet, 'created', closeDate(claim.created), 'Claim.created');
    if (page === count - 1) {
      const charges = centsOf(claim.total) ?? sum(items.map((i) => centsOf(i.net) ?? zero));
      write(sheet, '42.23', '0001', 'Claim.total');
      write(sheet, '47.23', amount(charges), 'Claim.total');
    }
    return sheet.boxes;
  });
  if (count > 1) tell({ notes }, 'Claim.item', `the claim takes ${count} pages: send them together`);
  return { pages, notes };
}
