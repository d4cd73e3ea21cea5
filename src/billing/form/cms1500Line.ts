import type { ClaimItem } from '@medplum/fhirtypes';
import { centsOf, zero } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { ndcOf, ndcSystems } from '../../terminology/ndc.ts';
import { system } from '../../terminology/system.ts';
import { memberOfLine, modifiersOf, procedureOf, providerOf, type FormInput } from './claimFacts.ts';
import { letters, listed } from './cms1500Condition.ts';
import { tell, write, type FormNote, type Sheet } from './sheet.ts';
import { amount, decimal, plain, shortDate } from './value.ts';

const placeOfLine = (item: ClaimItem): string =>
  codeOf(item.locationCodeableConcept, system.placeOfService, system.placeOfServiceShort) ?? '';

const flagOf = ({ programCode = [] }: ClaimItem, flag: string): boolean =>
  programCode.some((p) => p.coding?.some(({ code }) => code === flag) === true);

/** One line of box 24; `n` counts from 1 on its page. */
export function lineBoxes(sheet: Sheet, { claim, known }: FormInput, item: ClaimItem, n: number): void {
  const at = `Claim.item.where(sequence = ${item.sequence})`;
  const put = (box: string, text: string | undefined): void => {
    write(sheet, `24.${n}.${box}`, text, at);
  };
  const from = item.servicedPeriod?.start ?? item.servicedDate;
  put('A.from', shortDate(from));
  put('A.to', shortDate(item.servicedPeriod?.end ?? from));
  put('B', placeOfLine(item));
  if (flagOf(item, 'emergency')) put('C', 'Y');
  put('D', procedureOf(item));
  modifiersOf(item)
    .slice(0, 4)
    .forEach((modifier, i) => {
      put(`D.modifier${i + 1}`, modifier);
    });
  put('E', pointers(claim.diagnosis === undefined ? [] : listed(claim), item));
  put('F', amount(centsOf(item.net) ?? zero));
  put('G', decimal(item.quantity?.value));
  if (flagOf(item, 'epsdt')) put('H', 'Y');
  put('shaded', shaded(item));
  const named = providerOf(known, memberOfLine(claim, item, 'rendering', 'primary')?.provider);
  if (named?.taxonomy !== undefined && named.taxonomy !== '') {
    put('I', 'ZZ');
    put('J.shaded', named.taxonomy);
  }
  put('J', identifierOf(named?.provider, system.npi));
}

/** Box 24E: the letters of the diagnoses that the line points at. */
const pointers = (all: ReturnType<typeof listed>, { diagnosisSequence = [] }: ClaimItem): string =>
  diagnosisSequence
    .map((sequence) => letters[all.findIndex((d) => d.sequence === sequence)] ?? '')
    .join('')
    .slice(0, 4);

const drugUnits: Readonly<Record<string, string>> = { '[iU]': 'F2', g: 'GR', mg: 'ME', mL: 'ML', '1': 'UN' };

/** The shaded half of a line: the drug as N4, number, unit and quantity, else the words of an unlisted service. */
function shaded(item: ClaimItem): string {
  const drug = drugText(item);
  if (drug !== '') return drug;
  const words = plain(item.productOrService.text ?? '');
  return words === '' ? '' : `ZZ${words}`;
}

/** N4, the eleven digits, unit and quantity (837 loop 2410). */
export function drugText({ detail = [] }: ClaimItem): string {
  for (const { productOrService, quantity } of detail) {
    const code = codeOf(productOrService, ...ndcSystems);
    if (code === undefined) continue;
    const found = ndcOf(code);
    const unit = drugUnits[quantity?.code ?? '1'] ?? 'UN';
    const much = quantity?.value === undefined ? '' : ` ${unit}${decimal(quantity.value)}`;
    return `N4${'ndc' in found ? found.ndc : plain(code)}${much}`;
  }
  return '';
}

/** What box 24 has no room for. */
export function lineNotes({ claim }: FormInput, item: ClaimItem, notes: FormNote[]): void {
  const at = `Claim.item.where(sequence = ${item.sequence})`;
  if (modifiersOf(item).length > 4)
    tell({ notes }, `${at}.modifier`, 'a line takes 4 modifiers: the further ones do not stand on the form');
  if ((item.diagnosisSequence ?? []).length > 4)
    tell(
      { notes },
      `${at}.diagnosisSequence`,
      'a line points at 4 diagnoses: the further ones do not stand on it',
    );
  const reach = listed(claim).slice(0, letters.length);
  if (item.diagnosisSequence?.some((s) => !reach.some((d) => d.sequence === s)) === true)
    tell({ notes }, `${at}.diagnosisSequence`, 'points at a diagnosis that does not stand in box 21');
}
