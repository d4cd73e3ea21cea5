import type { Bundle, BundleEntry, Coverage, Organization, Resource } from '@medplum/fhirtypes';
import { cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { addDays, dateOf } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { genericPlan } from '../../payer/genericPlan.ts';
import { ownIdentifier, system } from '../../terminology/system.ts';
import type { LoadedPatient, LoadedVisit } from './visit.ts';

/** What the chart writes where nobody pays but the patient. */
const noInsurance = 'NO_INSURANCE';
const coverageId = ownIdentifier('loaded-coverage');

/** Visits one after another for which the chart names the same payer. */
interface Stretch {
  readonly payer: string;
  readonly first: string; // date of its first visit
  readonly next?: string; // date of the first visit after it
}

/** A payer's name as part of an id: 'Blue Cross Blue Shield' → 'blue-cross-blue-shield'. */
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);

/** The names of all payers that the visits name. */
export const payersOf = (patients: readonly LoadedPatient[]): string[] => {
  const names = patients.flatMap(({ visits }) => visits.map(({ payer }) => payer));
  return [...new Set(names)]
    .flatMap((name) => (name === undefined || name === noInsurance ? [] : [name]))
    .sort();
};

/** An Organization and a plan for each payer that is known by its name only, made once. */
export const payerBundle = (names: readonly string[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: names.flatMap((name) => [
    changed(createOnce(payerOrganization(name), `identifier=${system.payerId}|${payerId(name)}`), {
      fullUrl: `urn:payer:${slug(name)}`,
    }),
    createOnce(
      genericPlan({
        name: `${name}, generic plan`,
        identifier: planId(name),
        ownedBy: `urn:payer:${slug(name)}`,
        percentOfCharge: 8000,
        coinsurance: 2000,
        deductible: cents(10_000),
        limit: cents(300_000),
      }),
      `identifier=${system.planId}|${planId(name)}`,
    ),
  ]),
});

const payerId = (name: string): string => `LOADED-${slug(name).toUpperCase()}`;
const planId = (name: string): string => `${slug(name)}-generic`;

const payerOrganization = (name: string): Organization => ({
  resourceType: 'Organization',
  active: true,
  identifier: [
    { type: concept(system.c4bbIdentifierType, 'payerid'), system: system.payerId, value: payerId(name) },
  ],
  type: [concept('http://terminology.hl7.org/CodeSystem/organization-type', 'pay')],
  name,
});

const createOnce = (resource: Resource, ifNoneExist: string): BundleEntry => ({
  resource,
  request: { method: 'POST', url: resource.resourceType, ifNoneExist },
});

/**
 * The Coverages of one patient: one for every stretch of visits with the same payer, so that never two hold on one day.
 * Undefined when there is nothing to register.
 */
export function coverageBundle(patient: LoadedPatient): Bundle | undefined {
  const entry = stretches(patient.visits)
    .filter(({ payer }) => payer !== noInsurance)
    .map((stretch) => {
      const coverage = coverageOf(patient.id, stretch);
      return createOnce(coverage, `identifier=${coverageId}|${coverage.identifier?.[0]?.value ?? ''}`);
    });
  return entry.length === 0 ? undefined : { resourceType: 'Bundle', type: 'transaction', entry };
}

function stretches(visits: readonly LoadedVisit[]): Stretch[] {
  const found: Stretch[] = [];
  for (const { payer, start } of visits) {
    const last = found.at(-1);
    if (payer === undefined || payer === last?.payer) continue;
    const first = dateOf(start);
    if (last) found[found.length - 1] = { ...last, next: first };
    found.push({ payer, first });
  }
  return found;
}

/** Begins a day before its first visit and ends two before the next payer's: dates differ between time zones. */
function coverageOf(patient: string, { payer, first, next }: Stretch): Coverage {
  const member = `${slug(payer).slice(0, 4).toUpperCase()}${patient
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(-10)
    .toUpperCase()}`;
  return {
    resourceType: 'Coverage',
    identifier: [
      { system: coverageId, value: `${patient}.${first}` },
      { type: concept(system.identifierType, 'MB'), system: system.memberId, value: member },
    ],
    status: 'active',
    subscriberId: member,
    subscriber: { reference: `Patient/${patient}` },
    beneficiary: { reference: `Patient/${patient}` },
    relationship: concept(system.subscriberRelationship, 'self'),
    period: { start: addDays(first, -1), ...(next === undefined ? {} : { end: addDays(next, -2) }) },
    payor: [{ reference: `Organization?identifier=${system.payerId}|${payerId(payer)}`, display: payer }],
    class: [
      { type: concept(system.coverageClass, 'plan'), value: planId(payer), name: `${payer}, generic plan` },
    ],
    order: 1,
  };
}
