import type { ClaimSupportingInfo, CodeableConcept, Encounter } from '@medplum/fhirtypes';
import { toDecimal, type Cents } from '../../datatypes/cents.ts';
import type { Coder } from '../../datatypes/chart.ts';
import { concept } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';

type Unnumbered = Omit<ClaimSupportingInfo, 'sequence'>;

const category = (code: string): CodeableConcept => concept(system.c4bbSupportingInfo, code);

/** Numbers what stands on a claim beside its lines. */
export const numbered = (all: readonly Unnumbered[]): ClaimSupportingInfo[] =>
  all.map((info, i) => ({ sequence: i + 1, ...info }));

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
  { inpatient, start, end }: { readonly inpatient: boolean; readonly start: string; readonly end: string },
): Unnumbered[] {
  const { hospitalization, priority } = encounter;
  const emergency = encounter.class.code === 'EMER' ? '1' : undefined;
  const admissionType = coder.to(system.admissionType, priority) ?? emergency;
  const newborn = admissionType === '4';
  const originSystem = newborn ? system.pointOfOriginNewborn : system.pointOfOrigin;
  const origin = coder.to(originSystem, hospitalization?.admitSource);
  const discharge = coder.to(system.dischargeStatus, hospitalization?.dischargeDisposition);
  const drg = extensionOf(encounter, extension.drg)?.valueCodeableConcept;
  const coded = (name: string, uri: string, code: string | undefined): Unnumbered[] =>
    code === undefined ? [] : [{ category: category(name), code: concept(uri, code) }];
  return [
    ...coded('typeofbill', system.typeOfBill, inpatient ? '0111' : '0131'),
    ...(inpatient ? [{ category: category('admissionperiod'), timingPeriod: { start, end } }] : []),
    ...coded('admtype', system.admissionType, admissionType),
    ...coded('pointoforigin', originSystem, origin),
    ...coded('discharge-status', system.dischargeStatus, discharge),
    ...(inpatient && drg ? [{ category: category('drg'), code: drg }] : []),
  ];
}
