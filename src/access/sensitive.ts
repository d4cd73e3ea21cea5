import type { Coding } from '@medplum/fhirtypes';
import { system } from '../terminology/system.ts';

/**
 * What in meta.security marks a resource as sensitive: HL7's codes for kinds of sensitive information, the laws that
 * protect it, and a confidentiality above normal. As search values, `system|code`.
 * See https://terminology.hl7.org/ValueSet-v3-InformationSensitivityPolicy.html
 */
const kinds = [
  // what it is about
  ...['ETH', 'ETHUD', 'OPIOIDUD', 'SUD', 'DRGIS', 'TBOO', 'GDIS', 'HIV', 'STD', 'SEX', 'SPI', 'SOC'],
  ...['PSY', 'PSYTHPN', 'BH', 'COGN', 'DVD', 'EMOTDIS', 'MH', 'SICKLE', 'SCA', 'SDV', 'SA', 'VIO', 'FAM'],
  ...['PREGNANT', 'REPRODUCT', 'ADOL', 'CEL', 'DIA', 'EMP', 'LOCIS', 'SSP', 'PDS', 'PHY', 'PRS'],
  ...['MST'],
  // laws: 42 CFR Part 2, psychotherapy notes, and 38 USC 7332
  ...['42CFRPart2', '42CFRPart2CD', 'HIPAAPsyNotes', 'Title38Section7332'],
];
const above = ['R', 'V']; // restricted, very restricted

/** Every sensitive label. */
export const sensitiveLabels: readonly string[] = [
  ...kinds.map((code) => `${system.actCode}|${code}`),
  ...above.map((code) => `${system.confidentiality}|${code}`),
];

const known: ReadonlySet<string> = new Set(sensitiveLabels);

/** Whether a label of meta.security is a sensitive one. */
export const isSensitive = ({ system: of = '', code = '' }: Coding): boolean => known.has(`${of}|${code}`);
