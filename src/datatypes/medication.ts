import type {
  CodeableConcept,
  Medication,
  MedicationIngredient,
  Quantity,
  Reference,
  Resource,
} from '@medplum/fhirtypes';

interface Holder {
  readonly contained?: readonly Resource[] | undefined;
  readonly medicationCodeableConcept?: CodeableConcept | undefined;
  readonly medicationReference?: Reference | undefined;
}

/** A drug as it was given or dispensed: what it is called, and what a compound of it is made of. */
export interface Drugs {
  readonly medication?: Medication; // where the drug is a resource of its own
  readonly concept?: CodeableConcept;
  readonly ingredients: readonly Ingredient[];
}

export interface Ingredient {
  readonly concept?: CodeableConcept;
  readonly strength?: MedicationIngredient['strength'];
}

/** The drug of a MedicationAdministration or MedicationDispense: by code, contained or referred to. */
export function drugsOf(holder: Holder, medications: ReadonlyMap<string, Medication>): Drugs {
  const medication = medicationAt(holder, holder.medicationReference, medications);
  const concept = holder.medicationCodeableConcept ?? medication?.code;
  const ingredients = (medication?.ingredient ?? []).map(
    ({ itemCodeableConcept, itemReference, strength }): Ingredient => {
      const of = itemCodeableConcept ?? medicationAt(holder, itemReference, medications)?.code;
      return { ...(of ? { concept: of } : {}), ...(strength ? { strength } : {}) };
    },
  );
  return { ...(medication ? { medication } : {}), ...(concept ? { concept } : {}), ingredients };
}

function medicationAt(
  { contained }: Holder,
  pointer: Reference | undefined,
  medications: ReadonlyMap<string, Medication>,
): Medication | undefined {
  const { reference = '' } = pointer ?? {};
  const own = contained?.find((c) => `#${c.id ?? ''}` === reference);
  return own?.resourceType === 'Medication' ? own : medications.get(reference);
}

/** A charted unit: by its code, else by its name; nothing means pieces. */
export const unitOf = ({ code, unit }: Quantity): string => code ?? unit ?? '1';
