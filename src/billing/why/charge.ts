import type {
  ChargeItem,
  ChargeItemDefinition,
  CodeableConcept,
  ConceptMap,
  Encounter,
  Resource,
} from '@medplum/fhirtypes';
import { centsOf, toText } from '../../datatypes/cents.ts';
import { dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { extension } from '../../terminology/system.ts';
import type { Step } from './step.ts';

/** What a charge came from, as far as it is here. */
export interface ChargeOrigin {
  readonly charge: ChargeItem & { id: string };
  readonly definition?: ChargeItemDefinition | undefined;
  readonly chart: readonly Resource[]; // what was done: Procedure, Observation, …
  readonly maps: readonly ConceptMap[]; // those that turn a charted code into the billed one
  readonly visit?: Encounter | undefined;
  readonly notes: readonly Resource[]; // of the visit
}

/** From a charge back to its price, to what was charted, to the visit and its notes. */
export const chargeSteps = (origin: ChargeOrigin): Step[] => [
  chargeStep(origin),
  ...priceSteps(origin),
  ...origin.chart.map((done): Step => ({
    level: 1,
    kind: 'chart',
    text: `it was charted as ${done.resourceType}${inWords(chartedCodes(done))}`,
    source: referenceText(done),
  })),
  ...origin.maps.map((map): Step => ({
    level: 2,
    kind: 'code-map',
    text: `the charted code became the billed one by ConceptMap/${map.id ?? ''}`,
    source: referenceText(map),
  })),
  ...visitSteps(origin),
];

function chargeStep({ charge }: ChargeOrigin): Step {
  const { code, quantity, priceOverride } = charge;
  const amount = centsOf(priceOverride);
  const unit = centsOf(extensionOf(charge, extension.unitPrice)?.valueMoney);
  const units = quantity?.value ?? 1;
  const how = unit === undefined ? '' : `, ${units} × ${toText(unit)}`;
  const what = code.coding?.[0]?.code ?? 'a service';
  const text = `${what} was charged with ${amount === undefined ? 'no price' : toText(amount)}${how} (${charge.status})`;
  const source = referenceText(charge);
  return { level: 0, kind: 'charge', text, source, ...(amount === undefined ? {} : { amount }) };
}

function priceSteps({ charge, definition }: ChargeOrigin): Step[] {
  const [rule] = charge.definitionCanonical ?? [];
  if (rule === undefined)
    return [
      { level: 1, kind: 'price', text: 'its price was entered with it, by no line of a charge master' },
    ];
  if (!definition)
    return [{ level: 1, kind: 'price', text: `its price is of ${rule}, which is no longer here`, rule }];
  const bases = (definition.propertyGroup ?? [])
    .flatMap((g) => g.priceComponent ?? [])
    .flatMap((c) => (c.type === 'base' ? (centsOf(c.amount) ?? []) : []));
  const prices = bases.length === 0 ? 'no amount' : bases.map(toText).join(' or ');
  const text = `its price is of the charge master: ${prices} a unit${bases.length > 1 ? ', by its conditions' : ''}`;
  return [{ level: 1, kind: 'price', text, rule, source: referenceText(definition) }];
}

const inWords = (codes: readonly string[]): string => (codes.length === 0 ? '' : ` (${codes.join(', ')})`);

function visitSteps({ visit, notes }: ChargeOrigin): Step[] {
  if (!visit) return [{ level: 1, kind: 'visit', text: 'it belongs to no visit that is here' }];
  const day = visit.period?.start === undefined ? 'an unknown day' : dateOf(visit.period.start);
  const written = notes.map((note): Step => ({
    level: 2,
    kind: 'note',
    text: `${note.resourceType} of the visit`,
    source: referenceText(note),
  }));
  const none: Step = { level: 2, kind: 'note', text: 'no note of the visit is kept here' };
  return [
    { level: 1, kind: 'visit', text: `the visit was on ${day}`, source: referenceText(visit) },
    ...(written.length > 0 ? written : [none]),
  ];
}

/** The codes that something was charted with; of a visit those of its type. */
export function chartedCodes(done: Resource): string[] {
  const concepts = conceptsOf(done).filter((c) => c !== undefined);
  return concepts.flatMap((c) => c.coding ?? []).flatMap(({ code }) => code ?? []);
}

function conceptsOf(done: Resource): readonly (CodeableConcept | undefined)[] {
  switch (done.resourceType) {
    case 'Encounter':
      return done.type ?? [];
    case 'Immunization':
      return [done.vaccineCode];
    case 'MedicationAdministration':
    case 'MedicationDispense':
      return [done.medicationCodeableConcept];
    case 'Procedure':
    case 'Observation':
    case 'DiagnosticReport':
    case 'Condition':
      return [done.code];
    default:
      return [];
  }
}
