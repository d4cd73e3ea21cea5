import type { Claim, ClaimItem, CodeableConcept } from '@medplum/fhirtypes';
import { centsOf, times, toMoney, type Cents } from '../../datatypes/cents.ts';
import { codeOf, concept } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';
import { segmentOf, type Loop } from '../../x12/loop.ts';
import { components, element, segment, type Segment } from '../../x12/segment.ts';
import { amountOf, amountText, daysOf, decimalText, numberOf, text } from '../../x12/value.ts';

/** The trace number of a service: that of its claim with its sequence behind it. */
export const serviceTrace = (trace: string, sequence: number): string => `${trace}-${sequence.toString()}`;

/** SV1, SV2 or SV3 of a service, by the form of the claim; nothing where its code has no name in X12. */
export function serviceOf278(claim: Pick<Claim, 'type'>, item: ClaimItem): Segment[] {
  const form = codeOf(claim.type, system.claimType);
  const product = productOf(item);
  const quantity = item.quantity?.value ?? 1;
  const charge = chargeOf(item, quantity);
  const amount = charge === undefined ? '' : amountText(charge);
  const units = decimalText(quantity);
  if (form === 'institutional') {
    const revenue = codeOf(item.revenue, system.revenueCode) ?? '';
    if (revenue === '' && !product) return [];
    return [segment('SV2', [revenue, product ?? '', amount, 'UN', units])];
  }
  if (!product) return [];
  return form === 'oral'
    ? [segment('SV3', [product, amount, '', '', '', units])]
    : [segment('SV1', [product, amount, 'UN', units, '', '', pointers(item)])];
}

/** The diagnoses that a service is for, by their sequence; the first where none is named. */
const pointers = ({ diagnosisSequence = [] }: ClaimItem): readonly string[] =>
  diagnosisSequence.length === 0 ? ['1'] : diagnosisSequence.slice(0, 4).map(String);

const chargeOf = ({ net, unitPrice }: ClaimItem, quantity: number): Cents | undefined => {
  const price = centsOf(unitPrice);
  return centsOf(net) ?? (price === undefined ? undefined : times(quantity, price));
};

function productOf({ productOrService, modifier = [] }: ClaimItem): readonly string[] | undefined {
  const dental = codeOf(productOrService, system.cdt);
  const code =
    dental ??
    codeOf(productOrService, system.cpt) ??
    codeOf(productOrService, system.hcpcs) ??
    codeOf(productOrService, system.hcpcsHttp);
  if (code === undefined) return undefined;
  const modifiers = modifier.flatMap(({ coding }) => coding?.[0]?.code ?? []).slice(0, 4);
  return [dental === undefined ? 'HC' : 'AD', text(code, 48), ...modifiers];
}

/** A service of loop 2000F: its code, charge, units and days. */
export type ServiceRead = Pick<
  ClaimItem,
  'productOrService' | 'modifier' | 'revenue' | 'net' | 'quantity' | 'servicedDate' | 'servicedPeriod'
>;

/** Reads SV1, SV2 or SV3 and DTP*472 of a service. */
export function readService(level: Loop): ServiceRead {
  const served = segmentOf(level, 'SV1') ?? segmentOf(level, 'SV2') ?? segmentOf(level, 'SV3');
  const dtp = segmentOf(level, 'DTP', '472');
  const days = dtp && daysOf(element(dtp, 2), element(dtp, 3));
  const at = served?.id === 'SV2' ? 2 : 1;
  const [qualifier = '', code = '', ...modifiers] = served ? components(served, at).slice(0, 6) : [];
  const net = served && amountOf(element(served, at + 1));
  const count = served && numberOf(element(served, served.id === 'SV3' ? 6 : at + 3));
  const revenue = served?.id === 'SV2' ? element(served, 1) : '';
  return {
    productOrService: code === '' ? { text: 'not named' } : productNamed(qualifier, code),
    ...(modifiers.length === 0 ? {} : { modifier: modifiers.map((one) => ({ coding: [{ code: one }] })) }),
    ...(revenue === '' ? {} : { revenue: concept(system.revenueCode, revenue) }),
    ...(net === undefined ? {} : { net: toMoney(net) }),
    ...(count === undefined ? {} : { quantity: { value: count } }),
    ...(days === undefined
      ? {}
      : days.end === undefined
        ? { servicedDate: days.start }
        : { servicedPeriod: { start: days.start, end: days.end } }),
  };
}

/** CPT numbers and HCPCS codes share a qualifier and are told apart by their form. */
function productNamed(qualifier: string, code: string): CodeableConcept {
  if (qualifier === 'AD') return concept(system.cdt, code);
  if (qualifier === 'HC') return concept(/^[A-Z]\d{4}$/.test(code) ? system.hcpcs : system.cpt, code);
  return { coding: [{ code }], text: `${qualifier} ${code}` };
}
