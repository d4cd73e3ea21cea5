import type { ChargeItemDefinition, CodeableConcept, Extension } from '@medplum/fhirtypes';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import type { Language, Words } from '../letter/words.ts';

/** The types of R4 that we use leave out what is said of a primitive element. */
type Titled = ChargeItemDefinition & { readonly _title?: { readonly extension?: Extension[] } };

/**
 * What was done, for the patient: as the practice calls it (the title of its ChargeItemDefinition, in Spanish by HL7's
 * extension `translation`), else the kind of service its code is of. Never a diagnosis: a stay is a stay, whatever its
 * DRG is called.
 */
export function serviceText(
  language: Language,
  definition: ChargeItemDefinition | undefined,
  code: CodeableConcept | undefined,
): string {
  const own = titleIn(language, definition);
  if (own !== undefined) return own;
  return kindOf(code?.coding?.map((c) => c.code ?? '') ?? [])[language];
}

const translation = 'http://hl7.org/fhir/StructureDefinition/translation';

function titleIn(language: Language, definition: Titled | undefined): string | undefined {
  const translated = extensionsOf(definition?._title, translation).find(
    (one) => extensionOf(one, 'lang')?.valueCode?.slice(0, 2) === language,
  );
  const text = extensionOf(translated, 'content')?.valueString;
  return text ?? (language === 'en' ? definition?.title : undefined);
}

const stay: Words = { en: 'Hospital stay', es: 'Estancia en el hospital' };
const service: Words = { en: 'Medical service', es: 'Servicio médico' };

/** Kinds of services by the shape of their HCPCS code; our own words. */
const kinds: readonly (readonly [RegExp, Words])[] = [
  [/^\d{3}$/, stay], // an MS-DRG
  [/^992[0-4]/, { en: 'Visit', es: 'Visita' }],
  [/^9928/, { en: 'Emergency room visit', es: 'Visita a la sala de emergencias' }],
  [/^99[2-4]/, { en: 'Visit', es: 'Visita' }],
  [/^0[01]\d{3}$/, { en: 'Anesthesia', es: 'Anestesia' }],
  [/^[1-6]\d{4}$/, { en: 'Procedure', es: 'Procedimiento' }],
  [/^7\d{4}$/, { en: 'X-ray or imaging', es: 'Radiografía u otra imagen' }],
  [/^8\d{4}$/, { en: 'Laboratory test', es: 'Análisis de laboratorio' }],
  [/^90[4-7]/, { en: 'Vaccine', es: 'Vacuna' }],
  [/^9\d{4}$/, { en: 'Medical service', es: 'Servicio médico' }],
  [/^A0/, { en: 'Ambulance', es: 'Ambulancia' }],
  [/^D\d{4}$/, { en: 'Dental service', es: 'Servicio dental' }],
  [/^[JQ]\d{4}$/, { en: 'Medicine', es: 'Medicamento' }],
  [/^[AEKL]\d{4}$/, { en: 'Medical equipment or supplies', es: 'Equipo o suministros médicos' }],
  [/^T1015$/, { en: 'Clinic visit', es: 'Visita a la clínica' }],
  [/^\d{10,11}$/, { en: 'Medicine', es: 'Medicamento' }], // an NDC
];

const kindOf = (codes: readonly string[]): Words =>
  kinds.find(([shape]) => codes.some((code) => shape.test(code)))?.[1] ?? service;

/** What stands on an Invoice and is no service. */
export const balanceText: Words = { en: 'Balance', es: 'Saldo' };
