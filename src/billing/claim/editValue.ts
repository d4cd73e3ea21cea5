import type { Claim, Money, ParametersParameter } from '@medplum/fhirtypes';
import { centsOf, toDecimal } from '../../datatypes/cents.ts';
import { isDate } from '../../datatypes/date.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { isConditionCode } from '../../terminology/conditionCode.ts';
import { editableElement, type EditName, type EditValue } from './edit.ts';
import { icdOf, isFurther } from './layEdits.ts';

/** A value as an edit keeps it, or what is wrong with it in one sentence. */
export type CheckedValue = EditValue | string;

/** What is edited, as it stands. */
export interface EditTarget {
  readonly claim: Claim;
  readonly element: EditName;
  readonly code?: string;
  readonly on: string; // the day of the edit
}

const textOf = (given: ParametersParameter): string | undefined =>
  given.valueCode ??
  given.valueString ??
  given.valueCoding?.code ??
  given.valueCodeableConcept?.coding?.[0]?.code ??
  given.valueIdentifier?.value;

const numberOf = (given: ParametersParameter): number | undefined =>
  given.valuePositiveInt ?? given.valueUnsignedInt ?? given.valueInteger;

const isFullDate = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && isDate(text);

/** Checks one value of an edit. */
export function checkedValue(given: ParametersParameter, of: EditTarget): CheckedValue {
  switch (editableElement(of.element).kind) {
    case 'modifier':
      return matching(textOf(given), /^[0-9A-Z]{2}$/, 'a modifier is two capital letters or digits');
    case 'diagnosis':
      return diagnosis(given, of);
    case 'note':
      return note(given.valueString?.trim());
    case 'attachment':
      return attachment(given);
    case 'condition': {
      const code = textOf(given);
      return code !== undefined && isConditionCode(code)
        ? { valueCode: code }
        : 'no condition code of the NUBC';
    }
    case 'occurrence':
      return occurrence(given, of);
    case 'amount':
      return amount(given);
    case 'date':
      return dated(given.valueDate, of);
    case 'period':
      return period(given);
    case 'number':
      return number(textOf(given)?.trim());
    case 'provider':
      return provider(given.valueReference?.reference);
    case 'delay':
      return matching(
        textOf(given) ?? numberOf(given)?.toString(),
        /^(?:[1-9]|10|11|15)$/,
        'a delay reason is 1 to 11 or 15 (837 CLM20)',
      );
    case 'hold':
      return given.valueBoolean === undefined
        ? 'hold is true or false'
        : { valueBoolean: given.valueBoolean };
  }
}

const matching = (text: string | undefined, form: RegExp, fault: string): CheckedValue =>
  text !== undefined && form.test(text) ? { valueCode: text } : fault;

/** By its sequence or its code; kept as the code, for another draft may number otherwise. */
function diagnosis(given: ParametersParameter, { claim, element }: EditTarget): CheckedValue {
  const [sequence, text] = [numberOf(given), textOf(given)];
  const found = claim.diagnosis?.find((d) =>
    sequence === undefined ? text !== undefined && icdOf(d) === text : d.sequence === sequence,
  );
  const code = found && icdOf(found);
  if (!found || code === undefined) return 'this diagnosis is not on the claim';
  if (element === 'diagnosis-order' && !isFurther(found)) return 'only further diagnoses have an order';
  return { valueCode: code };
}

const noteMax = 80; // NTE02

const note = (text: string | undefined): CheckedValue =>
  text !== undefined && text !== '' && text.length <= noteMax
    ? { valueString: text }
    : `a note is a string of 1 to ${noteMax} characters`;

function attachment({ valueAttachment, valueReference }: ParametersParameter): CheckedValue {
  if (valueAttachment && (valueAttachment.url !== undefined || valueAttachment.data !== undefined))
    return { valueAttachment };
  const kinds = ['DocumentReference', 'Binary', 'Media', 'DiagnosticReport', 'Composition', 'Observation'];
  const type = parseReference(valueReference?.reference)?.type;
  return valueReference && type !== undefined && kinds.includes(type)
    ? { valueReference: { reference: valueReference.reference ?? '' } }
    : 'an attachment has a url or data, or is a reference to a document';
}

/** Occurrences from 70 and M0 on are spans (UB-04 form locators 31 to 36). */
const isSpan = (code: string): boolean => /^(?:[7-9]\d|[M-Z]\d)$/.test(code);

function occurrence(given: ParametersParameter, of: EditTarget): CheckedValue {
  return isSpan(of.code ?? '') ? period(given) : dated(given.valueDate, of);
}

function amount(given: ParametersParameter): CheckedValue {
  const { valueMoney, valueDecimal, valueQuantity } = given;
  const value = valueMoney?.value ?? valueDecimal ?? valueQuantity?.value ?? numberOf(given);
  const money: Money = { ...(value === undefined ? {} : { value }), currency: valueMoney?.currency ?? 'USD' };
  const cents = centsOf(money);
  return cents === undefined || cents < 0
    ? 'a value is an amount of at least zero in whole cents'
    : { valueQuantity: { value: toDecimal(cents) } };
}

function dated(date: string | undefined, { element, on }: EditTarget): CheckedValue {
  if (!isFullDate(date)) return 'a full date';
  if (date > on && element !== 'return-to-work-date') return 'a date that is not in the future';
  return { valueDate: date };
}

function period({ valuePeriod }: ParametersParameter): CheckedValue {
  const { start, end } = valuePeriod ?? {};
  if (!isFullDate(start) || (end !== undefined && (!isFullDate(end) || end < start)))
    return 'a Period whose start and end are full dates in their order';
  return { valuePeriod: { start, ...(end === undefined ? {} : { end }) } };
}

const number = (text: string | undefined): CheckedValue =>
  text !== undefined && /^[\x21-\x7e](?:[\x20-\x7e]{0,48}[\x21-\x7e])?$/.test(text)
    ? { valueString: text }
    : 'a number is 1 to 50 printable characters';

function provider(reference: string | undefined): CheckedValue {
  const type = parseReference(reference)?.type;
  return reference !== undefined && (type === 'Practitioner' || type === 'PractitionerRole')
    ? { valueReference: { reference } }
    : 'a reference to a Practitioner or PractitionerRole';
}
