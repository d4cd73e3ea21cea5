import type { Claim, ClaimProcedure, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { exactCents, toDecimal, zero } from '../../../datatypes/cents.ts';
import { codeOf, concept, has } from '../../../datatypes/coding.ts';
import { changed } from '../../../datatypes/json.ts';
import { system } from '../../../terminology/system.ts';
import { element, segment, type Segment } from '../../../x12/segment.ts';
import { compositesOf, diagnosisKind, inSegments } from './diagnosisCodes.ts';
import type { Sending } from './sending.ts';
import { supportOf, type ReadSupport } from './support.ts';
import { amountOf, amountText, dateText, daysOf } from './value.ts';

/** Procedures, DRG and the codes of the bill: HI and CL1 of loop 2300, each way (billing rule 19). */

const newborn = '4';

/** HI of procedures and of the codes that stand on a claim. */
export function codeSegments({ claim, form }: Sending): Segment[] {
  const drg = supportOf(claim, 'drg')[0]?.code?.coding?.[0]?.code;
  const conditions = supportOf(claim, 'condition-code').map(({ code }) => [
    'BG',
    code?.coding?.[0]?.code ?? '',
  ]);
  if (form !== 'institutional') return [...anaesthesia(claim), ...inSegments(conditions)];
  const occurrences = supportOf(claim, 'occurrence-code');
  const spans = occurrences.filter(({ timingPeriod }) => timingPeriod !== undefined);
  const days = occurrences.filter(({ timingPeriod }) => timingPeriod === undefined);
  return [
    ...(drg === undefined ? [] : [segment('HI', [['DR', drg]])]),
    ...procedures(claim),
    ...inSegments(spans.map(span)),
    ...inSegments(
      days.map((info) => ['BH', info.code?.coding?.[0]?.code ?? '', 'D8', dateText(info.timingDate)]),
    ),
    ...inSegments(supportOf(claim, 'value-code').map(valueCode)),
    ...inSegments(conditions),
  ];
}

const span = ({ code, timingPeriod }: ClaimSupportingInfo): string[] => [
  'BI',
  code?.coding?.[0]?.code ?? '',
  'RD8',
  `${dateText(timingPeriod?.start)}-${dateText(timingPeriod?.end)}`,
];

const valueCode = ({ code, valueQuantity }: ClaimSupportingInfo): string[] => [
  'BE',
  code?.coding?.[0]?.code ?? '',
  '',
  '',
  amountText(exactCents(valueQuantity?.value ?? 0) ?? zero),
];

/** ICD-10-PCS procedures: the principal one, then the others. */
function procedures({ procedure = [] }: Claim): Segment[] {
  const coded = procedure.flatMap((p) => {
    const code = codeOf(p.procedureCodeableConcept, system.icd10pcs);
    if (code === undefined) return [];
    const day = dateText(p.date);
    const principal = p.type?.some((t) => has(t, system.c4bbProcedureType, 'principal')) === true;
    return [{ principal, parts: [code, ...(day === '' ? [] : ['D8', day])] }];
  });
  const first = coded.find(({ principal }) => principal);
  const rest = coded.filter((p) => p !== first);
  return [
    ...(first ? [segment('HI', [['BBR', ...first.parts]])] : []),
    ...inSegments(rest.map(({ parts }) => ['BBQ', ...parts])),
  ];
}

/** 837P: the surgery that an anaesthesia was for. */
function anaesthesia({ procedure = [] }: Claim): Segment[] {
  const codes = procedure.flatMap((p) => codeOf(p.procedureCodeableConcept, system.cpt, system.hcpcs) ?? []);
  return codes.length === 0
    ? []
    : [
        segment(
          'HI',
          codes.slice(0, 2).map((code, n) => [n === 0 ? 'BP' : 'BO', code]),
        ),
      ];
}

/** CL1: type of admission, point of origin, status of the patient. */
export function stayCodes({ claim, form }: Sending): Segment[] {
  if (form !== 'institutional') return [];
  const code = (category: string): string => supportOf(claim, category)[0]?.code?.coding?.[0]?.code ?? '';
  const codes = [code('admtype'), code('pointoforigin'), code('discharge-status')];
  if (codes.some((each) => each !== '')) return [segment('CL1', codes)];
  // the guide asks for CL1 of every bill, and a visit without a stay is not charted with its codes
  return has(claim.subType, system.c4bbInstitutionalSubType, 'inpatient')
    ? []
    : [segment('CL1', outpatientCodes)];
}

/** Type of admission not known, no origin, discharged to home. */
const outpatientCodes = ['9', '', '01'];

// From here on: the other way.

const c4bb = (code: string): ReadSupport['category'] => concept(system.c4bbSupportingInfo, code);
const own = (code: string): ReadSupport['category'] => concept(system.supportingInfo, code);

export function readStayCodes(cl1: Segment | undefined): ReadSupport[] {
  if (!cl1) return [];
  const [type, origin, status] = [element(cl1, 1), element(cl1, 2), element(cl1, 3)];
  const coded = (category: string, uri: string, code: string): ReadSupport[] =>
    code === '' ? [] : [{ category: c4bb(category), code: concept(uri, code) }];
  return [
    ...coded('admtype', system.admissionType, type),
    ...coded('pointoforigin', type === newborn ? system.pointOfOriginNewborn : system.pointOfOrigin, origin),
    ...coded('discharge-status', system.dischargeStatus, status),
  ];
}

export interface ReadCodes {
  readonly support: readonly ReadSupport[];
  readonly procedures: readonly ClaimProcedure[];
}

/** What HI says besides diagnoses. */
export function readCodes(segments: readonly Segment[]): ReadCodes {
  const composites = segments
    .flatMap(compositesOf)
    .filter(([qualifier]) => diagnosisKind(qualifier ?? '') === undefined);
  return {
    support: composites.flatMap(readSupport),
    procedures: composites.flatMap(readProcedure).map((p, n) => changed(p, { sequence: n + 1 })),
  };
}

function readSupport(parts: string[]): ReadSupport[] {
  const [qualifier = '', code = '', format = '', date = '', amount = ''] = parts;
  const days = daysOf(format, date);
  switch (qualifier) {
    case 'DR':
      return [{ category: c4bb('drg'), code: concept(system.msDrg, code) }];
    case 'BG':
      return [{ category: own('condition-code'), code: concept(system.conditionCode, code) }];
    case 'BH':
      return [
        {
          category: own('occurrence-code'),
          code: concept(system.occurrenceCode, code),
          ...(days ? { timingDate: days.start } : {}),
        },
      ];
    case 'BI':
      return [
        {
          category: own('occurrence-code'),
          code: concept(system.occurrenceCode, code),
          ...(days ? { timingPeriod: days } : {}),
        },
      ];
    case 'BE': {
      const value = amountOf(amount);
      return [
        {
          category: own('value-code'),
          code: concept(system.valueCode, code),
          ...(value === undefined ? {} : { valueQuantity: { value: toDecimal(value) } }),
        },
      ];
    }
    default: // procedures apart, what no element is for is kept as it was sent
      return readProcedure(parts).length > 0
        ? []
        : [{ category: own('x12-segment'), valueString: `HI*${parts.join(':')}` }];
  }
}

function readProcedure([qualifier = '', code = '', format = '', date = '']: string[]): Omit<
  ClaimProcedure,
  'sequence'
>[] {
  const days = daysOf(format, date);
  const dated = days ? { date: days.start } : {};
  if (qualifier === 'BBR' || qualifier === 'BBQ') {
    const type = concept(system.c4bbProcedureType, qualifier === 'BBR' ? 'principal' : 'other');
    return [{ type: [type], ...dated, procedureCodeableConcept: concept(system.icd10pcs, code) }];
  }
  if (qualifier === 'BP' || qualifier === 'BO')
    return [
      { ...dated, procedureCodeableConcept: concept(/^\d/.test(code) ? system.cpt : system.hcpcs, code) },
    ];
  return [];
}
