import { codeOf, concept } from '../../../datatypes/coding.ts';
import { toDecimal } from '../../../datatypes/cents.ts';
import { extension, system } from '../../../terminology/system.ts';
import { element, usualDelimiters, type Segment } from '../../../x12/segment.ts';
import { writeSegment } from '../../../x12/write.ts';
import { readAmbulance } from './ambulance.ts';
import { formDates } from './information.ts';
import type { ClaimForm } from './sending.ts';
import type { ReadSupport } from './support.ts';
import { amountOf, daysOf } from './value.ts';

/** Supporting information of the segments of loop 2300 or 2400; what FHIR has no element for is kept as it was sent. */

const own = (code: string): ReadSupport['category'] => concept(system.supportingInfo, code);

export function readInformation(
  segments: readonly Segment[],
  form: ClaimForm,
  place: 'claim' | 'line',
): ReadSupport[] {
  const dates = segments.filter(({ id }) => id === 'DTP');
  return [
    ...readDates(dates, form),
    ...segments.filter(({ id }) => id !== 'DTP').flatMap((each) => readOne(each, form, place)),
  ];
}

function readOne(each: Segment, form: ClaimForm, place: 'claim' | 'line'): ReadSupport[] {
  const value = (n: number): string => element(each, n);
  switch (each.id) {
    case 'AMT':
      return readAmount(each, form, place);
    case 'REF':
      return value(1) === 'EA'
        ? [{ category: concept(system.c4bbSupportingInfo, 'medicalrecordnumber'), valueString: value(2) }]
        : [
            {
              category: own('reference-number'),
              code: concept(system.x12Reference, value(1)),
              valueString: value(2),
            },
          ];
    case 'NTE':
      return [
        {
          category: own(place === 'claim' ? 'claim-note' : 'line-note'),
          ...(value(1) === 'ADD' ? {} : { code: concept(system.x12NoteType, value(1)) }),
          valueString: value(2),
        },
      ];
    case 'K3':
      return [{ category: own('file-information'), valueString: value(1) }];
    case 'PWK':
      return [readAttachment(each)];
    case 'CRC':
      return [readCondition(each)];
    case 'CR1':
      return readAmbulance(each);
    default:
      return [kept(each)];
  }
}

const kept = (each: Segment): ReadSupport => ({
  category: own('x12-segment'),
  valueString: writeSegment(each, usualDelimiters).slice(0, -usualDelimiters.terminator.length),
});

function readAmount(each: Segment, form: ClaimForm, place: 'claim' | 'line'): ReadSupport[] {
  const amount = amountOf(element(each, 2));
  const paid = element(each, 1) === (form === 'institutional' ? 'F3' : 'F5');
  if (!paid || place === 'line' || amount === undefined) return [kept(each)];
  return [
    {
      category: own('patient-paid'),
      valueQuantity: { value: toDecimal(amount), unit: 'USD', system: system.currency, code: 'USD' },
    },
  ];
}

function readAttachment(each: Segment): ReadSupport {
  const [type, way, number] = [element(each, 1), element(each, 2), element(each, 6)];
  return {
    ...(way === 'EL' ? {} : { extension: [{ url: extension.attachmentTransmission, valueCode: way }] }),
    category: own('attachment'),
    ...(type === 'OZ' ? {} : { code: concept(system.x12ReportType, type) }),
    ...(number === ''
      ? {}
      : { valueReference: { identifier: { system: system.attachmentControlNumber, value: number } } }),
  };
}

function readCondition(each: Segment): ReadSupport {
  const indicators = [3, 4, 5, 6, 7].map((n) => element(each, n)).filter((code) => code !== '');
  return {
    category: own('condition-indicator'),
    code: {
      coding: [
        { system: system.x12CodeCategory, code: element(each, 1) },
        ...indicators.map((code) => ({ system: system.x12ConditionIndicator, code })),
      ],
    },
    valueBoolean: element(each, 2) === 'Y',
  };
}

function readDates(dates: readonly Segment[], form: ClaimForm): ReadSupport[] {
  const categories = Object.entries(formDates(form));
  const stay: { start?: string; end?: string } = {};
  const found = dates.flatMap((each): ReadSupport[] => {
    const [qualifier, format, value] = [element(each, 1), element(each, 2), element(each, 3)];
    const days = daysOf(format, value);
    const category = categories.find(([, code]) => code === qualifier)?.[0];
    if (category !== undefined && days) return [{ category: own(category), timingDate: days.start }];
    if (form === 'professional' && days && ['314', '360', '361'].includes(qualifier))
      return [{ category: own('disability-period'), timingPeriod: disability(qualifier, days) }];
    if (form === 'professional' && days && (qualifier === '435' || qualifier === '096')) {
      if (qualifier === '435') stay.start = days.start;
      else stay.end = days.start;
      return [];
    }
    if (form === 'institutional' && qualifier === '096' && format === 'TM')
      return [{ category: own('discharge-hour'), valueString: value }];
    if (form === 'institutional' && qualifier === '435' && days) return admission(days.start, format, value);
    return [kept(each)];
  });
  const period =
    Object.keys(stay).length === 0 ? [] : [{ category: own('hospitalization-period'), timingPeriod: stay }];
  return [...found, ...period];
}

const disability = (qualifier: string, { start, end }: { start: string; end?: string }) => {
  if (qualifier === '360') return { start };
  return qualifier === '361' ? { end: start } : { start, ...(end === undefined ? {} : { end }) };
};

function admission(start: string, format: string, value: string): ReadSupport[] {
  const hour = format === 'DT' ? value.slice(8, 12) : '';
  return [
    { category: concept(system.c4bbSupportingInfo, 'admissionperiod'), timingPeriod: { start } },
    ...(hour === '' ? [] : [{ category: own('admission-hour'), valueString: hour }]),
  ];
}

export const isAdmission = (info: ReadSupport): boolean =>
  codeOf(info.category, system.c4bbSupportingInfo) === 'admissionperiod';
