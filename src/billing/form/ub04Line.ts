import type { ClaimItem } from '@medplum/fhirtypes';
import { centsOf, zero } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { hcpcsEdition } from '../../terminology/hcpcs.ts';
import { system } from '../../terminology/system.ts';
import { modifiersOf, procedureOf } from './claimFacts.ts';
import { drugText } from './cms1500Line.ts';
import { tell, write, type Sheet } from './sheet.ts';
import { amount, closeDate, decimal, plain } from './value.ts';

/** Room and board: revenue codes 010x to 021x have a rate instead of a procedure (billing rule 37). */
const isRoom = (revenue: string): boolean => /^0?(1[0-9]|20|21)\d$/.test(revenue);

/** Form locators 42 to 47 of one line; `n` counts from 1 on its page. */
export function ubLine(sheet: Sheet, item: ClaimItem, n: number): void {
  const at = `Claim.item.where(sequence = ${item.sequence})`;
  const put = (box: string, text: string | undefined): void => {
    write(sheet, `${box}.${n}`, text, at);
  };
  const revenue = codeOf(item.revenue, system.revenueCode) ?? '';
  put('42', revenue.padStart(revenue === '' ? 0 : 4, '0'));
  put('43', drugText(item) || wordsOf(item));
  const procedure = procedureOf(item);
  const rate = centsOf(item.unitPrice);
  if (procedure !== '') put('44', [procedure, ...modifiersOf(item).slice(0, 4)].join(''));
  else if (isRoom(revenue) && rate !== undefined) put('44', amount(rate));
  put('45', closeDate(item.servicedDate ?? item.servicedPeriod?.start));
  put('46', decimal(item.quantity?.value));
  put('47', amount(centsOf(item.net) ?? zero));
  if (modifiersOf(item).length > 4)
    tell(sheet, `${at}.modifier`, 'a line takes 4 modifiers: the further ones do not stand on the form');
}

/** The words of a service: those of the line, else of HCPCS Level II, as far as there is room. */
function wordsOf(item: ClaimItem): string {
  const day = item.servicedDate ?? item.servicedPeriod?.start;
  const named = hcpcsEdition(day ?? '9999-12-31')
    .codes()
    .get(procedureOf(item))?.display;
  return plain(item.revenue?.text ?? item.productOrService.text ?? named ?? '').slice(0, 24);
}
