import type { MedicationDispense, Quantity, Reference } from '@medplum/fhirtypes';
import type { Chart, Coder } from '../../datatypes/chart.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { drugsOf, type Drugs, type Ingredient } from '../../datatypes/medication.ts';
import { portionOf, productOf } from '../../datatypes/quantity.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import { compound } from '../../terminology/compound.ts';
import { ndcOf, ndcSystems } from '../../terminology/ndc.ts';
import { system } from '../../terminology/system.ts';
import { drugQuantity } from './drug.ts';
import { dayIn } from './night.ts';
import type { Service, Uncoded } from './service.ts';

/** What was handed over in a visit, as services by NDC, and what cannot be billed yet. */
export interface Dispensed {
  readonly services: readonly Service[];
  readonly uncoded: readonly Uncoded[];
  readonly issues: readonly Issue[];
}

/**
 * Every completed MedicationDispense: one service by NDC, or of a compound drug its making and each ingredient. Charges
 * of one dispense stand on one line of a claim.
 */
export function dispensed(chart: Chart, coder: Coder, zone: string): Dispensed {
  const uncoded: Uncoded[] = [];
  const completed = chart.medicationDispenses.filter((d) => d.status === 'completed');
  const services = completed
    .filter((d) => !isOfStay(chart, d))
    .flatMap((dispense) => {
      const drugs = drugsOf(dispense, chart.medications);
      const isCompound = drugs.ingredients.length > 0 && ndcCodeOf(drugs.concept, coder) === undefined;
      const of = { dispense, shared: sharedBy(chart, dispense, zone), coder, uncoded };
      return isCompound ? compounded(of, drugs) : single(of, drugs);
    });
  const issues = completed
    .filter((d) => isOfStay(chart, d))
    .map((d) =>
      decided(
        'not-billable',
        'MedicationDispense',
        `${referenceText(d)} went to the ward: billed is what is given`,
      ),
    );
  return { services, uncoded, issues };
}

const inpatient: readonly (string | undefined)[] = ['IMP', 'ACUTE', 'NONAC'];

/** What a ward gets is billed when it is given; what a patient takes home is a fill, also at the end of a stay. */
function isOfStay({ encounter }: Chart, { category }: MedicationDispense): boolean {
  const code = codeOf(category, system.dispenseCategory);
  return code === undefined ? inpatient.includes(encounter.class.code) : code === 'inpatient';
}

interface Of {
  readonly dispense: MedicationDispense;
  readonly shared: Omit<Service, 'source' | 'code'>;
  readonly coder: Coder;
  readonly uncoded: Uncoded[];
}

function sharedBy(chart: Chart, dispense: MedicationDispense, zone: string): Of['shared'] {
  const at = dispense.whenHandedOver ?? dispense.whenPrepared ?? chart.encounter.period?.start ?? '';
  const actors = (dispense.performer ?? []).map((p) => p.actor);
  const ofType = (...types: readonly string[]): Reference[] =>
    actors.filter((a) => types.includes(parseReference(a.reference)?.type ?? ''));
  const [organization] = ofType('Organization');
  return {
    resource: referenceText(dispense),
    at,
    start: dayIn(zone, at),
    count: 1,
    modifiers: [],
    performers: ofType('Practitioner', 'PractitionerRole'),
    ...(organization ? { organization } : {}),
    ...(dispense.location?.reference === undefined ? {} : { location: dispense.location.reference }),
    reasons: [],
  };
}

function single(of: Of, { concept }: Drugs): Service[] {
  return byNdc(of, concept, of.dispense.quantity ?? { value: 0 });
}

/** The making of a compound, then its ingredients with how much of each is in what was handed over. */
function compounded(of: Of, { ingredients }: Drugs): Service[] {
  const { dispense, shared } = of;
  const code = { system: system.c4bbCompound, code: compound };
  const parts = ingredients.flatMap((i) => byNdc(of, i.concept, contentOf(i, dispense.quantity)));
  return [
    { ...shared, source: `${shared.resource}#${compound}`, code },
    ...parts.map((part, i) => {
      const before = parts.slice(0, i).filter((p) => p.source === part.source).length;
      return before === 0 ? part : { ...part, source: `${part.source}.${(before + 1).toString()}` };
    }),
  ];
}

/** The NDC of a drug as it is charted, or as the practice's map gives it. */
const ndcCodeOf = (concept: Drugs['concept'], coder: Coder): string | undefined =>
  codeOf(concept, ...ndcSystems) ?? coder.to(system.ndc, concept);

function byNdc({ shared, coder, uncoded }: Of, concept: Drugs['concept'], amount: Quantity): Service[] {
  const charted = ndcCodeOf(concept, coder);
  const found = charted === undefined ? { why: 'is missing' } : ndcOf(charted);
  if ('why' in found) {
    const text = `${shared.resource}: the NDC of what was dispensed ${found.why}`;
    uncoded.push({
      resource: shared.resource,
      expression: 'MedicationDispense.medication',
      code: 'no-ndc',
      text,
    });
    return [];
  }
  const { ndc } = found;
  const quantity = drugQuantity(amount);
  return [
    {
      ...shared,
      source: `${shared.resource}#${ndc}`,
      code: { system: system.ndc, code: ndc },
      amount,
      drug: { ndc, ...(quantity ? { quantity } : {}) },
    },
  ];
}

/** How much of an ingredient is in a quantity: its strength by the amount that the strength is told for. */
function contentOf({ strength }: Ingredient, dispensedQuantity: Quantity | undefined): Quantity {
  const { numerator, denominator } = strength ?? {};
  if (numerator?.value === undefined) return { value: 0 };
  const parts =
    denominator?.value === undefined || dispensedQuantity === undefined
      ? 1
      : portionOf(dispensedQuantity, denominator);
  if (parts === undefined) return { value: 0 };
  return changed(numerator, { value: productOf(numerator.value, parts) });
}
