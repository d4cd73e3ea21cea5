import type { Extension, Patient } from '@medplum/fhirtypes';
import { isConfidential } from '../../datatypes/confidential.ts';
import { changed, parseJson, toJson, without } from '../../datatypes/json.ts';
import type { Criterion, SearchParameter } from '../../search/query.ts';
import type { Stored } from '../store.ts';

/**
 * Addresses and telephone numbers that a patient asked to be confidential (45 CFR 164.522(b)) are taken out of their
 * Patient for those who act for them, and not found by either.
 */

const utf8 = new TextDecoder();
const toBytes = new TextEncoder();
const marks = [Buffer.from('CONF'), Buffer.from('extension-inline-sec-label')];

/** A version as it is shown to who acts for the patients: without what these asked to be confidential. */
export function withoutConfidential(stored: Stored, patients: readonly string[]): Stored {
  const { type, id, deleted, json } = stored;
  if (type !== 'Patient' || deleted || !patients.includes(id)) return stored;
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  if (!marks.some((mark) => bytes.includes(mark))) return stored;
  const patient = parseJson(utf8.decode(json)) as Patient;
  const { address = [], telecom = [] } = patient;
  const kept = { address: address.filter(isOpen), telecom: telecom.filter(isOpen) };
  if (kept.address.length === address.length && kept.telecom.length === telecom.length) return stored;
  // The narrative may say in words what is taken out.
  const shown = changed(without(patient, 'address', 'telecom', 'text'), {
    ...(kept.address.length > 0 ? { address: kept.address } : {}),
    ...(kept.telecom.length > 0 ? { telecom: kept.telecom } : {}),
  });
  return { ...stored, json: toBytes.encode(toJson(shown)) };
}

const isOpen = (element: { extension?: Extension[] }): boolean => !isConfidential(element);

/** Parameters that find a Patient by where they live or are reached. */
const finding = /^(?:address(?:-.*)?|telecom|phone|email)$/;

export const findsConfidential = ({ type, code }: SearchParameter): boolean =>
  type === 'Patient' && finding.test(code);

/** Whether a criterion on Patients could tell what is confidential. */
export function asksConfidential(criterion: Criterion): boolean {
  switch (criterion.op) {
    case 'filter':
    case 'composite':
      return findsConfidential(criterion.parameter);
    case 'text':
    case 'content':
      return true;
    default:
      return false; // what is inside of others is asked about by itself
  }
}
