import type {
  ClaimSupportingInfo,
  CodeableConcept,
  MedicationDispense,
  MedicationRequest,
  Quantity,
} from '@medplum/fhirtypes';
import type { Chart, Coder } from '../../datatypes/chart.ts';
import { codeOf, concept } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { drugsOf, type Drugs } from '../../datatypes/medication.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { ndcSystems } from '../../terminology/ndc.ts';
import { extension, system } from '../../terminology/system.ts';

type Unnumbered = Omit<ClaimSupportingInfo, 'sequence'>;

/** What a pharmacy claim says of the fill it is for, beside the drug and its amount. */
export interface Fill {
  readonly isCompound: boolean;
  readonly quantity?: Quantity; // handed over
  readonly supportingInfo: readonly Unnumbered[];
  readonly prescriber?: string; // Practitioner/1
  readonly prescription?: { readonly reference: string; readonly number?: string };
}

/** NCPDP 406-D6: 1 is no compound, 2 is one. */
const compoundCodes = { single: '1', compound: '2' } as const;
/** NCPDP 408-D8: 0 is no selection of a product, 1 that the prescriber allows no other. */
const dawCodes = { none: '0', prescriber: '1' } as const;

/** Reads a dispense with its prescription: 'MedicationDispense/1'; undefined when the chart has none such. */
export function fillOf(chart: Chart, coder: Coder, reference: string | undefined): Fill | undefined {
  const dispense = chart.medicationDispenses.find((d) => `MedicationDispense/${d.id ?? ''}` === reference);
  if (!dispense) return undefined;
  const drugs = drugsOf(dispense, chart.medications);
  const ndc = codeOf(drugs.concept, ...ndcSystems) ?? coder.to(system.ndc, drugs.concept);
  const isCompound = drugs.ingredients.length > 0 && ndc === undefined;
  const pointer = dispense.authorizingPrescription?.[0]?.reference;
  const prescription = pointer === undefined ? undefined : chart.prescriptions.get(pointer);
  const prescriber = prescription?.requester?.reference;
  return {
    isCompound,
    ...(dispense.quantity ? { quantity: dispense.quantity } : {}),
    supportingInfo: supportOf(dispense, prescription, {
      drugs,
      isCompound,
      others: [...chart.medicationDispenses, ...chart.otherFills].filter((d) => d !== dispense),
    }),
    ...(isPerson(prescriber) ? { prescriber } : {}),
    ...(pointer === undefined ? {} : { prescription: { reference: pointer, ...numberOf(dispense) } }),
  };
}

const isPerson = (reference: string | undefined): reference is string =>
  ['Practitioner', 'PractitionerRole'].includes(parseReference(reference)?.type ?? '');

/** The pharmacy's own number of the prescription (NCPDP 402-D2). */
function numberOf({ identifier }: MedicationDispense): { number?: string } {
  const value = identifier?.find((i) => i.value !== undefined)?.value;
  return value === undefined ? {} : { number: value };
}

/** The categories that C4BB's pharmacy profile knows; what nobody charted is left out, and the scrub tells of it. */
function supportOf(
  dispense: MedicationDispense,
  prescription: MedicationRequest | undefined,
  {
    drugs,
    isCompound,
    others,
  }: {
    readonly drugs: Drugs;
    readonly isCompound: boolean;
    readonly others: readonly MedicationDispense[];
  },
): Unnumbered[] {
  const count = (category: string, value: number | undefined): Unnumbered[] =>
    value === undefined ? [] : [{ category: c4bb(category), valueQuantity: { value } }];
  const coded = (category: string, uri: string, code: string | undefined): Unnumbered[] =>
    code === undefined ? [] : [{ category: c4bb(category), code: concept(uri, code) }];
  return [
    ...count('dayssupply', dispense.daysSupply?.value),
    ...coded('dawcode', system.dawCode, productSelection(dispense, prescription)),
    ...count('refillnum', fillNumber(dispense, others)),
    ...count('refillsauthorized', prescription?.dispenseRequest?.numberOfRepeatsAllowed),
    ...coded('compoundcode', system.compoundCode, isCompound ? compoundCodes.compound : compoundCodes.single),
    ...coded('brandgenericindicator', system.brandGeneric, brandOf(dispense, drugs)),
    ...coded('rxorigincode', system.prescriptionOrigin, originOf(prescription)),
  ];
}

const c4bb = (code: string): CodeableConcept => concept(system.c4bbSupportingInfo, code);

/** As charted, else what the prescription says of other products. */
function productSelection(dispense: MedicationDispense, prescription: MedicationRequest | undefined): string {
  const charted = codeOf(
    extensionOf(dispense, extension.dispenseAsWritten)?.valueCodeableConcept,
    system.dawCode,
  );
  if (charted !== undefined) return charted;
  return prescription?.substitution?.allowedBoolean === false ? dawCodes.prescriber : dawCodes.none;
}

const firstFills: readonly (string | undefined)[] = ['FF', 'FFC', 'FFCS', 'FFP', 'FFPS', 'FFSS', 'TFS'];

/**
 * As charted, else 0 for a type of dispense that is a first fill (v3-ActPharmacySupplyType), else how many fills of the
 * same prescription came before.
 */
function fillNumber(dispense: MedicationDispense, others: readonly MedicationDispense[]): number | undefined {
  const charted = extensionOf(dispense, extension.fillNumber)?.valueUnsignedInt;
  if (charted !== undefined) return charted;
  if (firstFills.includes(codeOf(dispense.type, system.actCode))) return 0;
  const prescription = dispense.authorizingPrescription?.[0]?.reference;
  if (prescription === undefined) return undefined;
  const at = handedOverAt(dispense);
  return others.filter(
    (d) =>
      d.status === 'completed' &&
      d.authorizingPrescription?.[0]?.reference === prescription &&
      handedOverAt(d) < at,
  ).length;
}

const handedOverAt = ({ whenHandedOver, whenPrepared }: MedicationDispense): number =>
  Date.parse(whenHandedOver ?? whenPrepared ?? '');

const brandOf = (dispense: MedicationDispense, { medication }: Drugs): string | undefined =>
  [dispense, medication]
    .map((r) => codeOf(extensionOf(r, extension.brandGeneric)?.valueCodeableConcept, system.brandGeneric))
    .find((code) => code !== undefined);

const originOf = (prescription: MedicationRequest | undefined): string | undefined =>
  codeOf(
    extensionOf(prescription, extension.prescriptionOrigin)?.valueCodeableConcept,
    system.prescriptionOrigin,
  );
