import type { Claim, ClaimItem, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { chargesOfLine, serviceOf } from '../../billing/claim/layEdits.ts';
import {
  editableElement,
  isEditable,
  isSameEdit,
  type ClaimEdit,
  type EditedLine,
  type EditName,
  type EditValue,
} from '../../billing/claim/edit.ts';
import { checkedValue } from '../../billing/claim/editValue.ts';
import { sourceOf } from '../../billing/charge/difference.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { contentText } from '../../datatypes/content.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, missing, unresolved, wrongValue, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { parameters } from '../parameters.ts';

/** Elements by the paths that FHIR has for them. */
const paths: Readonly<Record<string, EditName>> = {
  'item.modifier': 'modifier',
  'item.diagnosisSequence': 'diagnosis-pointer',
  'insurance.preAuthRef': 'authorization-number',
};

/** What the chart says: there it is changed. */
const charted: readonly string[] = [
  ...['diagnosis', 'procedure', 'units', 'service-date', 'price', 'place-of-service', 'rendering-provider'],
  ...['item.productOrService', 'item.quantity', 'item.serviced', 'item.servicedDate', 'item.servicedPeriod'],
  ...['productOrService', 'quantity', 'serviced', 'servicedDate', 'servicedPeriod', 'unitPrice', 'net'],
  ...['item.unitPrice', 'item.net', 'billablePeriod', 'attending-provider', 'patient', 'provider'],
];

/** The edits that a call asks for, each of its values checked; 422 with all that is wrong with them. */
export async function readEdits(call: Call, claim: Claim): Promise<ClaimEdit[]> {
  const faults: Issue[] = [];
  const edits: ClaimEdit[] = [];
  for (const [i, given] of parameters(call.input, 'edit').entries()) {
    const at = `Parameters.parameter.where(name='edit')[${i.toString()}]`;
    const edit = await readEdit(call, claim, { given, at, faults });
    if (!edit) continue;
    if (edits.some((e) => isSameEdit(e, edit)))
      faults.push(businessFault('edit-repeated', at, 'this element is edited twice in one call'));
    edits.push(edit);
  }
  if (faults.length > 0) throw unprocessable(faults);
  return edits;
}

interface Given {
  readonly given: ParametersParameter;
  readonly at: string;
  readonly faults: Issue[];
}

const partAt = (at: string, name: string): string => `${at}.part.where(name='${name}')`;
const textOf = (p: ParametersParameter | undefined): string | undefined =>
  (p?.valueCode ?? p?.valueString ?? p?.valueCoding?.code)?.trim();

async function readEdit(call: Call, claim: Claim, of: Given): Promise<ClaimEdit | undefined> {
  const { given, at, faults } = of;
  const part = (name: string): ParametersParameter | undefined => given.part?.find((p) => p.name === name);
  const element = elementOf(textOf(part('element')), partAt(at, 'element'), faults);
  const reason = textOf(part('reason')) ?? '';
  if (reason === '') faults.push(missing('reason-missing', partAt(at, 'reason'), 'an edit has a reason'));
  if (element === undefined) return undefined;
  const { form } = editableElement(element);
  if (form !== undefined && codeOf(claim.type, system.claimType) !== form) {
    const text = `only ${form} claims have ${element}`;
    faults.push(businessFault('not-editable', partAt(at, 'element'), text));
    return undefined;
  }
  const count = faults.length;
  const code = codeOfEdit(element, part('code'), { at, faults });
  const line = await lineOf(call, claim, { element, given: part('line'), at, faults });
  const values = await valuesOf(call, claim, { element, code, given, at, faults });
  if (faults.length > count) return undefined;
  return {
    element,
    ...(code === undefined ? {} : { code }),
    ...(line ? { line } : {}),
    values,
    reason,
    by: call.context.principal ?? 'server',
    at: call.context.now(),
  };
}

function elementOf(text: string | undefined, at: string, faults: Issue[]): EditName | undefined {
  const path = (text ?? '').replace(/^Claim\./, '').replace(/\[\d+\]/g, '');
  const name = paths[path] ?? path;
  if (isEditable(name)) return name;
  faults.push(
    charted.includes(name)
      ? businessFault('changes-in-the-chart', at, 'this is what the chart says: change it there')
      : businessFault('not-editable', at, 'no such element of a draft can be edited'),
  );
  return undefined;
}

function codeOfEdit(
  element: EditName,
  given: ParametersParameter | undefined,
  { at, faults }: Omit<Given, 'given'>,
): string | undefined {
  const isCoded = editableElement(element).coded === true;
  const code = textOf(given);
  if (!isCoded && given) {
    faults.push(businessFault('edit-code', partAt(at, 'code'), `${element} has no code of its own`));
  } else if (isCoded && !/^[0-9A-Z]{2}$/.test(code ?? '')) {
    faults.push(wrongValue('edit-code', partAt(at, 'code'), 'a code of two capital letters or digits'));
  }
  return isCoded ? code : undefined;
}

/** The line of an edit, by its sequence or a charge that it bills. */
async function lineOf(
  call: Call,
  { item: items = [] }: Claim,
  {
    element,
    given,
    at,
    faults,
  }: { readonly element: EditName; readonly given: ParametersParameter | undefined } & Omit<Given, 'given'>,
): Promise<EditedLine | undefined> {
  const { place } = editableElement(element);
  const where = partAt(at, 'line');
  if (!given) {
    if (place === 'line') faults.push(missing('line-missing', where, `${element} is of a line: name it`));
    return undefined;
  }
  if (place === 'claim') {
    faults.push(businessFault('line-not-taken', where, `${element} is of the claim: leave line out`));
    return undefined;
  }
  const sequence = given.valuePositiveInt ?? given.valueInteger ?? given.valueUnsignedInt;
  const charge = given.valueReference?.reference;
  const item: ClaimItem | undefined = items.find((i) =>
    sequence === undefined
      ? charge !== undefined && chargesOfLine(i).includes(charge)
      : i.sequence === sequence,
  );
  const first = sequence === undefined ? charge : item && chargesOfLine(item)[0];
  if (!item || first === undefined) {
    faults.push(unresolved('line-unknown', where, 'the claim has no such line'));
    return undefined;
  }
  const stored = await resolve(call.tx, 'ChargeItem', { reference: first });
  const source = stored?.resourceType === 'ChargeItem' ? sourceOf(stored) : undefined;
  const service = serviceOf(item);
  return {
    charge: first,
    ...(source === undefined ? {} : { source }),
    ...(service === undefined ? {} : { service }),
  };
}

/** The values of an edit, in their order. */
async function valuesOf(
  call: Call,
  claim: Claim,
  of: { readonly element: EditName; readonly code: string | undefined } & Given,
): Promise<EditValue[]> {
  const { element, code, faults } = of;
  const given = (of.given.part ?? []).filter((p) => p.name === 'value');
  const where = partAt(of.at, 'value');
  const most = element === 'claim-note' && !isInstitutional(claim) ? 1 : editableElement(element).max;
  if (given.length > most) {
    faults.push(wrongValue('edit-value', where, `${element} takes ${most.toString()} values at most`));
    return [];
  }
  const target = { claim, element, on: call.on, ...(code === undefined ? {} : { code }) };
  const values: EditValue[] = [];
  for (const [i, one] of given.entries()) {
    const value = checkedValue(one, target);
    const at = `${where}[${i.toString()}]`;
    if (typeof value === 'string') faults.push(wrongValue('edit-value', at, `${element}: ${value}`));
    else if (values.some((v) => contentText(v) === contentText(value)))
      faults.push(wrongValue('edit-value', at, `${element}: this value stands twice`));
    else if (!(await isThere(call, value)))
      faults.push(unresolved('edit-value', at, 'this is not known here'));
    else values.push(value);
  }
  return values;
}

const isInstitutional = (claim: Claim): boolean => codeOf(claim.type, system.claimType) === 'institutional';

/** Whether what a value refers to is there. */
async function isThere({ tx }: Call, { valueReference }: EditValue): Promise<boolean> {
  if (!valueReference) return true;
  const type = parseReference(valueReference.reference)?.type as Resource['resourceType'];
  return (await resolve(tx, type, valueReference)) !== undefined;
}
