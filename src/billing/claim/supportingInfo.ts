import type { ClaimSupportingInfo, CodeableConcept, Encounter } from '@medplum/fhirtypes';
import { toDecimal, type Cents } from '../../datatypes/cents.ts';
import type { Coder } from '../../datatypes/chart.ts';
import { codeOf, concept, has } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { stillPatient } from '../../terminology/admission.ts';
import { extension, system } from '../../terminology/system.ts';
import type { StayBill } from './stretch.ts';

type Unnumbered = Omit<ClaimSupportingInfo, 'sequence'>;

/** Categories of oral and pharmacy claims that the chart gives. */
export const chartedSupport: readonly (string | undefined)[] = [
  ...['additionalbodysite', 'prosthesis', 'orthodontics', 'missingtoothnumber'],
  ...['dayssupply', 'dawcode', 'refillnum', 'refillsauthorized', 'compoundcode'],
  ...['brandgenericindicator', 'rxorigincode'],
];

const category = (code: string): CodeableConcept => concept(system.c4bbSupportingInfo, code);

/** Numbers what stands on a claim beside its lines. */
export const numbered = (all: readonly Unnumbered[]): ClaimSupportingInfo[] =>
  all.map((info, i) => changed(info, { sequence: i + 1 }));

/** The patient's account number, and what he paid before the claim (837P AMT*F5, 837I AMT*F3). */
export const besideLines = (accountNumber: string, patientPaid: Cents): Unnumbered[] => [
  { category: category('patientaccountnumber'), valueString: accountNumber },
  ...(patientPaid > 0
    ? [
        {
          category: concept(system.supportingInfo, 'patient-paid'),
          valueQuantity: { value: toDecimal(patientPaid), unit: 'USD', system: system.currency, code: 'USD' },
        },
      ]
    : []),
];

/**
 * What an institutional claim says of the visit: type of bill, and of a stay its dates, admission type, origin,
 * discharge status and DRG, as charted or mapped (837I CLM05, DTP*435, CL1, HI*DR).
 */
export function stayAndBill(
  encounter: Encounter,
  coder: Coder,
  {
    inpatient,
    start,
    end,
    bill,
  }: {
    readonly inpatient: boolean;
    readonly start: string;
    readonly end: string;
    readonly bill: StayBill | undefined;
  },
): Unnumbered[] {
  const { hospitalization } = encounter;
  const { type: admissionType, origin, originSystem } = admissionOf(encounter, coder);
  const here = bill?.stillPatient === true;
  const discharge = here
    ? stillPatient
    : coder.to(system.dischargeStatus, hospitalization?.dischargeDisposition);
  const drg = extensionOf(encounter, extension.drg)?.valueCodeableConcept;
  const coded = (name: string, uri: string, code: string | undefined): Unnumbered[] =>
    code === undefined ? [] : [{ category: category(name), code: concept(uri, code) }];
  return [
    ...coded('typeofbill', system.typeOfBill, inpatient ? `011${bill?.frequency ?? '1'}` : '0131'),
    ...(inpatient
      ? [{ category: category('admissionperiod'), timingPeriod: here ? { start } : { start, end } }]
      : []),
    ...coded('admtype', system.admissionType, admissionType),
    ...coded('pointoforigin', originSystem, origin),
    ...coded('discharge-status', system.dischargeStatus, discharge),
    ...(inpatient && drg ? [{ category: category('drg'), code: drg }] : []),
  ];
}

const newborn = '4'; // type of admission
const bornHere = '5'; // point of origin of a newborn; 6 is born outside
const newbornOrigins: readonly (string | undefined)[] = [bornHere, '6'];

/**
 * Type of admission and point of origin as charted or mapped (837I CL101 and CL102). A newborn (type 4) has the origins
 * 5 and 6 of its own code system. HL7's admit source `born` is 5, and says the type where none is charted.
 */
function admissionOf(
  { hospitalization, priority, class: kind }: Encounter,
  coder: Coder,
): { type: string | undefined; origin: string | undefined; originSystem: string } {
  const source = hospitalization?.admitSource;
  const born = has(source, system.admitSource, 'born');
  const charted = codeOf(priority, system.admissionType);
  const mapped = coder.to(system.admissionType, priority) ?? (kind.code === 'EMER' ? '1' : undefined);
  const type = charted ?? (born ? newborn : mapped);
  if (type !== newborn)
    return { type, origin: coder.to(system.pointOfOrigin, source), originSystem: system.pointOfOrigin };
  const own = coder.to(system.pointOfOriginNewborn, source);
  const shared = codeOf(source, system.pointOfOrigin);
  const origin = own ?? (born ? bornHere : newbornOrigins.includes(shared) ? shared : undefined);
  return { type, origin, originSystem: system.pointOfOriginNewborn };
}
