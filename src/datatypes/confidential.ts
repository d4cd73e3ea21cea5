import type { Extension } from '@medplum/fhirtypes';

/** HL7's address use `CONF` in FHIR, and the label that DS4P puts on an element. */
const useUrl = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/iso21090-(?:AD|TEL)-use$/;
const labelUrl = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label';
const restricted: readonly (string | undefined)[] = ['R', 'V'];

/** Whether a patient asked that an address or telephone number is confidential: 45 CFR 164.522(b). */
export const isConfidential = ({ extension = [] }: { readonly extension?: Extension[] }): boolean =>
  extension.some(
    ({ url, valueCode, valueCoding }) =>
      (useUrl.test(url) && valueCode === 'CONF') ||
      (url === labelUrl && restricted.includes(valueCoding?.code)),
  );
