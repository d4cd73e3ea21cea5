import type { ClaimSupportingInfo } from '@medplum/fhirtypes';
import { exactCents, zero } from '../../../datatypes/cents.ts';
import { codeOf } from '../../../datatypes/coding.ts';
import { extensionOf } from '../../../datatypes/extension.ts';
import { attachmentNumber } from '../../../terminology/claimNumber.ts';
import { extension, system } from '../../../terminology/system.ts';
import { segment, usualDelimiters, type Segment } from '../../../x12/segment.ts';
import { ambulanceSegments } from './ambulance.ts';
import type { ClaimForm, Sending } from './sending.ts';
import { categoryOf } from './support.ts';
import { amountText, dtp, optional, text } from './value.ts';

/** Dates, references, notes, documents and conditions of a claim or line. Their reading is readInformation.ts. */

/** DTP01 by category of CodeSystem/supporting-info, on a professional claim. */
export const datedCategories: Readonly<Record<string, string>> = {
  'onset-date': '431',
  'initial-treatment-date': '454',
  'last-seen-date': '304',
  'acute-manifestation-date': '453',
  'last-menstrual-period-date': '484',
  'last-x-ray-date': '455',
  'prescription-date': '471',
  'last-worked-date': '297',
  'return-to-work-date': '296',
  'first-contact-date': '444',
  'assumed-care-date': '090',
  'relinquished-care-date': '091',
};

/** What stands elsewhere in an 837: CLM, CL1, HI, the lines; or what it has no place for and nobody expects there. */
const elsewhere = new Set([
  ...['claim-frequency', 'delay-reason', 'related-cause', 'typeofbill', 'admtype', 'pointoforigin'],
  ...['discharge-status', 'drg', 'condition-code', 'occurrence-code', 'value-code'],
  ...['additionalbodysite', 'prosthesis', 'orthodontics', 'missingtoothnumber'],
  ...[
    'patientweight',
    'ambulancetransportreason',
    'transportationdistance',
    'roudtrippurpose',
    'stretcherpurpose',
  ],
  ...['pickuplocation', 'dropofflocation', 'patientaccountnumber', 'clmrecvddate', 'servicefacility'],
]);

/** The segments of loop 2300 or 2400 that supporting information gives. */
export function informationSegments(sending: Sending, said: readonly ClaimSupportingInfo[]): Segment[] {
  return [...said.flatMap((info) => segmentsOfOne(sending, info)), ...ambulanceSegments(said)];
}

function segmentsOfOne(sending: Sending, info: ClaimSupportingInfo): Segment[] {
  const { form, problems } = sending;
  const category = categoryOf(info);
  const dated = datedCategories[category];
  if (dated !== undefined && form === 'professional') return dtp(dated, info.timingDate);
  const make = makers[category];
  if (make) return make(info, sending);
  if (!elsewhere.has(category)) {
    problems.push({
      expression: `Claim.supportingInfo.where(sequence = ${info.sequence})`,
      text: `an 837 of this form has no place for ${dated === undefined ? 'this category' : 'this date'}`,
    });
  }
  return [];
}

type Maker = (info: ClaimSupportingInfo, sending: Sending) => Segment[];

const makers: Readonly<Record<string, Maker>> = {
  'patient-paid': ({ valueQuantity }, { form }) =>
    optional(
      'AMT',
      [form === 'institutional' ? 'F3' : 'F5', amountText(exactCents(valueQuantity?.value ?? 0) ?? zero)],
      2,
    ),
  'disability-period': ({ timingPeriod }) =>
    timingPeriod?.start === undefined
      ? dtp('361', timingPeriod?.end)
      : timingPeriod.end === undefined
        ? dtp('360', timingPeriod.start)
        : dtp('314', timingPeriod.start, timingPeriod.end),
  'hospitalization-period': ({ timingPeriod }) => [
    ...dtp('435', timingPeriod?.start),
    ...dtp('096', timingPeriod?.end),
  ],
  admissionperiod: ({ timingPeriod }, { claim }) =>
    admission(timingPeriod?.start, claim.supportingInfo ?? []),
  'admission-hour': () => [], // with the admission
  'discharge-hour': ({ valueString }) => optionalTime('096', valueString),
  medicalrecordnumber: ({ valueString }) => optional('REF', ['EA', valueString ?? ''], 2),
  'reference-number': ({ code, valueString }) =>
    optional('REF', [codeOf(code, system.x12Reference) ?? '', valueString ?? ''], 2),
  'case-number': () => [], // with the patient
  'claim-note': note,
  'line-note': note,
  'file-information': ({ valueString }) => optional('K3', [text(valueString, 80)], 1),
  attachment,
  'condition-indicator': condition,
  'x12-segment': ({ valueString }) => kept(valueString ?? ''),
};

/** DTP*435 of a stay, with the hour where it is known. */
function admission(start: string | undefined, said: readonly ClaimSupportingInfo[]): Segment[] {
  const hour = said.find((info) => categoryOf(info) === 'admission-hour')?.valueString ?? '';
  const [day] = dtp('435', start);
  if (!day || !/^\d{4}$/.test(hour)) return day ? [day] : [];
  return [segment('DTP', ['435', 'DT', `${day.elements[2] ?? ''}${hour}`])];
}

const optionalTime = (qualifier: string, time: string | undefined): Segment[] =>
  /^\d{4}$/.test(time ?? '') ? [segment('DTP', [qualifier, 'TM', time ?? ''])] : [];

function note({ code, valueString, sequence }: ClaimSupportingInfo, { problems }: Sending): Segment[] {
  const written = text(valueString, 80);
  if (text(valueString, 10_000).length > 80) {
    problems.push({
      expression: `Claim.supportingInfo.where(sequence = ${sequence})`,
      text: 'a note of an 837 takes 80 characters; the rest is cut off',
    });
  }
  return optional('NTE', [codeOf(code, system.x12NoteType) ?? 'ADD', written], 2);
}

function attachment(info: ClaimSupportingInfo, { claim }: Sending): Segment[] {
  const way = extensionOf(info, extension.attachmentTransmission)?.valueCode ?? 'EL';
  const type = codeOf(info.code, system.x12ReportType) ?? 'OZ';
  const control = way === 'AA' ? [] : ['', '', 'AC', attachmentNumber(info, claim)];
  return [segment('PWK', [type, way, ...control])];
}

function condition({ code, valueBoolean }: ClaimSupportingInfo): Segment[] {
  const category = codeOf(code, system.x12CodeCategory) ?? '';
  const indicators = (code?.coding ?? []).flatMap((c) =>
    c.system === system.x12ConditionIndicator ? (c.code ?? []) : [],
  );
  return optional('CRC', [category, valueBoolean === false ? 'N' : 'Y', ...indicators.slice(0, 5)], 1);
}

/** A segment that FHIR has no element for, kept as it was sent. */
function kept(written: string): Segment[] {
  const [id = '', ...elements] = written.split(usualDelimiters.element);
  return /^[A-Z][A-Z0-9]{1,2}$/.test(id) ? [{ id, elements, position: 0, delimiters: usualDelimiters }] : [];
}

/** Categories that a form of claim reads back as dates: those of 837P. */
export const formDates = (form: ClaimForm): Readonly<Record<string, string>> =>
  form === 'professional' ? datedCategories : {};
