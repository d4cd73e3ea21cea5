import type { CodeableConcept, InvoiceLineItemPriceComponent } from '@medplum/fhirtypes';
import { centsOf, toText, zero } from '../../datatypes/cents.ts';
import { reasonLabel } from '../../terminology/claimAdjustmentReason.ts';
import { system } from '../../terminology/system.ts';
import type { Step } from './step.ts';

export type Component = InvoiceLineItemPriceComponent;

/** A group code and CARC in words, as in CO-45 (Above the agreed or allowed fee). */
export function adjustmentText(group: string, reason: string): string {
  const label = reasonLabel(reason);
  return label === undefined ? `${group}-${reason}` : `${group}-${reason} (${label})`;
}

function named(code: CodeableConcept | undefined): string {
  const of = (uri: string): string | undefined => code?.coding?.find((c) => c.system === uri)?.code;
  const [group, reason] = [of(system.adjustmentGroup), of(system.carc)];
  const own = code?.text ?? of(system.invoiceComponent) ?? 'a part without a name';
  if (group === undefined || reason === undefined) return own;
  const share = of(system.invoiceComponent);
  const text = adjustmentText(group, reason);
  return share === undefined ? text : `${share}, ${text}`;
}

/** One part of a line of an Invoice: what adds to the amount, takes off it, or says how the share comes about. */
export function componentStep(component: Component, level: number): Step {
  const amount = centsOf(component.amount) ?? zero;
  const what = named(component.code);
  const text =
    component.type === 'informational'
      ? `${toText(amount)} of the share is ${what}`
      : `${what}: ${toText(amount)}`;
  return { level, kind: 'part', text, amount };
}
