import type { CodeableConcept } from '@medplum/fhirtypes';
import type { AccessRecord } from '../../interaction/audit/accessRecord.ts';
import { system } from '../../terminology/system.ts';

const purpose = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: system.actReason, code, display }],
});

/** By role, what somebody asks for who says nothing else: a billing server is asked so that care is paid for. */
const purposes: Readonly<Record<string, CodeableConcept>> = {
  patient: purpose('PATRQT', 'patient requested'),
  proxy: purpose('FAMRQT', 'family requested'),
  auditor: purpose('HOPERAT', 'healthcare operations'),
  administrator: purpose('HSYSADMIN', 'health system administration'),
};
const payment = purpose('HPAYMT', 'healthcare payment');

/** The purpose of an access, by the first role of the account that has one of its own. */
export const purposeOf = ({ o = [] }: Pick<AccessRecord, 'o'>): CodeableConcept =>
  o.map((role) => purposes[role]).find((found) => found !== undefined) ?? payment;
