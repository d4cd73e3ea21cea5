import type { Basic, Extension } from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { extension, system } from '../../terminology/system.ts';

/** How the values of an edit are written and checked. */
export type EditKind =
  | 'modifier'
  | 'diagnosis'
  | 'note'
  | 'attachment'
  | 'condition'
  | 'occurrence'
  | 'amount'
  | 'date'
  | 'period'
  | 'number'
  | 'provider'
  | 'delay'
  | 'hold';

interface EditableElement {
  readonly place: 'claim' | 'line' | 'either';
  readonly kind: EditKind;
  readonly max: number; // values
  readonly coded?: true; // the edit names a code of its own: occurrence 11, value code 80
  readonly form?: 'professional' | 'institutional'; // the only one that has it
}

const date = { place: 'claim', kind: 'date', max: 1 } as const;
const period = { place: 'claim', kind: 'period', max: 1 } as const;

/** What a biller may say on a draft besides the chart. See docs/model.md */
export const editable = {
  modifier: { place: 'line', kind: 'modifier', max: 4 },
  'diagnosis-pointer': { place: 'line', kind: 'diagnosis', max: 4, form: 'professional' },
  'diagnosis-order': { place: 'claim', kind: 'diagnosis', max: 25 },
  'claim-note': { place: 'claim', kind: 'note', max: 10 },
  'line-note': { place: 'line', kind: 'note', max: 1 },
  attachment: { place: 'either', kind: 'attachment', max: 10 },
  'condition-code': { place: 'claim', kind: 'condition', max: 24 },
  'occurrence-code': { place: 'claim', kind: 'occurrence', max: 1, coded: true, form: 'institutional' },
  'value-code': { place: 'claim', kind: 'amount', max: 1, coded: true, form: 'institutional' },
  'onset-date': date,
  'initial-treatment-date': date,
  'last-seen-date': date,
  'acute-manifestation-date': date,
  'last-menstrual-period-date': date,
  'last-x-ray-date': date,
  'prescription-date': date,
  'last-worked-date': date,
  'return-to-work-date': date,
  'disability-period': period,
  'hospitalization-period': period,
  'authorization-number': { place: 'claim', kind: 'number', max: 1 },
  'referral-number': { place: 'claim', kind: 'number', max: 1 },
  'referring-provider': { place: 'claim', kind: 'provider', max: 1 },
  'ordering-provider': { place: 'either', kind: 'provider', max: 1 },
  'supervising-provider': { place: 'claim', kind: 'provider', max: 1 },
  'delay-reason': { place: 'claim', kind: 'delay', max: 1 },
  hold: { place: 'claim', kind: 'hold', max: 1 },
} as const satisfies Readonly<Record<string, EditableElement>>;

export type EditName = keyof typeof editable;
export const isEditable = (name: string): name is EditName => Object.hasOwn(editable, name);
export const editableElement = (name: EditName): EditableElement => editable[name];

export type EditValue = Pick<
  Extension,
  | 'valueCode'
  | 'valueString'
  | 'valueDate'
  | 'valuePeriod'
  | 'valueQuantity'
  | 'valueReference'
  | 'valueAttachment'
  | 'valueBoolean'
>;

/** The line that an edit is for: the charge it bills, found again by its source when it was charged anew. */
export interface EditedLine {
  readonly charge: string; // ChargeItem/1
  readonly source?: string; // as Procedure/1
  readonly service?: string; // its code: another service of the same source is another line
}

/** What a biller said, instead of or beside the chart. */
export interface ClaimEdit {
  readonly element: EditName;
  readonly code?: string;
  readonly line?: EditedLine;
  readonly values: readonly EditValue[];
  readonly reason: string;
  readonly by: string;
  readonly at: string; // FHIR instant
}

/** Two edits of the same element, code and line: the later one replaces the earlier. */
export const isSameEdit = (a: ClaimEdit, b: ClaimEdit): boolean =>
  a.element === b.element && a.code === b.code && isSameLine(a.line, b.line);

function isSameLine(a: EditedLine | undefined, b: EditedLine | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.charge === b.charge || (a.source !== undefined && a.source === b.source && a.service === b.service)
  );
}

/** The edits with new ones; one without a value, and an ended hold, only takes back what was there. */
export function mergedEdits(before: readonly ClaimEdit[], added: readonly ClaimEdit[]): ClaimEdit[] {
  let edits = [...before];
  for (const edit of added) {
    edits = edits.filter((e) => !isSameEdit(e, edit));
    if (edit.values.length > 0 && edit.values[0]?.valueBoolean !== false) edits.push(edit);
  }
  return edits;
}

/** Why a claim is held: the reason of its edit `hold`; undefined when it is not. */
export const holdOf = (edits: readonly ClaimEdit[]): ClaimEdit | undefined =>
  edits.find((e) => e.element === 'hold');

/** The Basic resource that keeps the edits of a draft. */
export function editRecord(
  before: Basic | undefined,
  edits: readonly ClaimEdit[],
  of: { readonly patient: string; readonly claim: string; readonly on: string },
): Basic {
  const own: readonly string[] = [extension.claimEdit, extension.editedClaim];
  const kept = (before?.extension ?? []).filter((e) => !own.includes(e.url));
  const record: Basic = before ?? {
    resourceType: 'Basic',
    code: concept(system.basic, 'claim-edit'),
    subject: { reference: of.patient },
    created: of.on,
  };
  const claim = { url: extension.editedClaim, valueReference: { reference: of.claim } };
  return changed(record, { extension: [...kept, claim, ...edits.map(written)] });
}

const written = ({ element, code, line, values, reason, by, at }: ClaimEdit): Extension => ({
  url: extension.claimEdit,
  extension: [
    { url: 'element', valueCode: element },
    ...(code === undefined ? [] : [{ url: 'code', valueCode: code }]),
    ...(line ? [{ url: 'charge', valueReference: { reference: line.charge } }] : []),
    ...(line?.source === undefined ? [] : [{ url: 'source', valueString: line.source }]),
    ...(line?.service === undefined ? [] : [{ url: 'service', valueCode: line.service }]),
    ...values.map((value) => changed(value, { url: 'value' })),
    { url: 'reason', valueString: reason },
    { url: 'by', valueString: by },
    { url: 'at', valueInstant: at },
  ],
});

/** The edits that a Basic resource keeps, and how many of them are unreadable since somebody else wrote it. */
export function recordedEdits(record: Basic | undefined): { edits: ClaimEdit[]; unreadable: number } {
  const all = extensionsOf(record, extension.claimEdit);
  const edits = all.flatMap(readEdit);
  return { edits, unreadable: all.length - edits.length };
}

function readEdit(of: Extension): ClaimEdit[] {
  const text = (name: string): string | undefined => {
    const part = extensionOf(of, name);
    return part?.valueCode ?? part?.valueString ?? part?.valueInstant;
  };
  const element = text('element');
  const values = extensionsOf(of, 'value');
  if (element === undefined || !isEditable(element) || values.length === 0) return [];
  const charge = extensionOf(of, 'charge')?.valueReference?.reference;
  const [code, source, service] = [text('code'), text('source'), text('service')];
  return [
    {
      element,
      ...(code === undefined ? {} : { code }),
      ...(charge === undefined
        ? {}
        : {
            line: {
              charge,
              ...(source === undefined ? {} : { source }),
              ...(service === undefined ? {} : { service }),
            },
          }),
      values,
      reason: text('reason') ?? '',
      by: text('by') ?? '',
      at: text('at') ?? '',
    },
  ];
}
