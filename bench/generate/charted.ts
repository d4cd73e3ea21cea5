import type { Encounter, Observation } from '@medplum/fhirtypes';
import { pick } from './chance.ts';
import { conditions, medications, observations, procedures } from './codes.ts';
import type { Made, Person } from './record.ts';

const snomed = 'http://snomed.info/sct';
const loinc = 'http://loinc.org';

/** The clinical part of a record. */
export function charted(person: Person): Made[] {
  return [
    ...person.days.map((day, i) => encounter(person, day, i)),
    ...person.days.map((day, i) => condition(person, day, i)),
    ...observations.map((_, i) => observation(person, i)),
    procedure(person),
    medication(person),
    report(person),
  ];
}

const visit = ({ id }: Person, i: number) => ({ reference: `Encounter/${id}-enc${i}` });

function encounter(person: Person, day: string, i: number): Encounter & { id: string } {
  const hour = 8 + Math.floor(person.chance() * 9);
  return {
    resourceType: 'Encounter',
    id: `${person.id}-enc${i}`,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    type: [
      { coding: [{ system: snomed, code: '185349003', display: 'Encounter for check up (procedure)' }] },
    ],
    subject: person.subject,
    participant: [{ individual: { reference: person.practitioner } }],
    period: {
      start: `${day}T${String(hour).padStart(2, '0')}:00:00-05:00`,
      end: `${day}T${String(hour).padStart(2, '0')}:45:00-05:00`,
    },
    location: [{ location: { reference: person.location } }],
    serviceProvider: { reference: person.organization },
  };
}

function condition(person: Person, day: string, i: number): Made {
  const [code, icd, display] = pick(person.chance, conditions);
  const clinical = person.chance() < 0.6 ? 'active' : 'resolved';
  return {
    resourceType: 'Condition',
    id: `${person.id}-con${i}`,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: clinical }],
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'encounter-diagnosis' },
        ],
      },
    ],
    code: {
      coding: [
        { system: snomed, code, display },
        { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: icd },
      ],
      text: display,
    },
    subject: person.subject,
    encounter: visit(person, i),
    onsetDateTime: `${day}T09:10:00-05:00`,
    recordedDate: `${day}T09:10:00-05:00`,
  };
}

function observation(person: Person, i: number): Observation & { id: string } {
  const [code, display, unit, middle, spread] = observations[i] ?? observations[0];
  const value = Number((middle + (person.chance() - 0.5) * spread).toFixed(1));
  const of = i % 2;
  const isVital = i < 4;
  return {
    resourceType: 'Observation',
    id: `${person.id}-obs${i}`,
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: isVital ? 'vital-signs' : 'laboratory',
          },
        ],
      },
    ],
    code: { coding: [{ system: loinc, code, display }], text: display },
    subject: person.subject,
    encounter: visit(person, of),
    effectiveDateTime: `${person.days[of] ?? ''}T09:20:00-05:00`,
    issued: `${person.days[of] ?? ''}T09:20:00.000-05:00`,
    performer: [{ reference: person.practitioner }],
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}

function procedure(person: Person): Made {
  const [code, , display] = pick(person.chance, procedures);
  return {
    resourceType: 'Procedure',
    id: `${person.id}-pro`,
    status: 'completed',
    code: { coding: [{ system: snomed, code, display }], text: display },
    subject: person.subject,
    encounter: visit(person, 0),
    performedPeriod: {
      start: `${person.days[0]}T09:25:00-05:00`,
      end: `${person.days[0]}T09:40:00-05:00`,
    },
    performer: [{ actor: { reference: person.practitioner } }],
  };
}

function medication(person: Person): Made {
  const [code, display] = pick(person.chance, medications);
  return {
    resourceType: 'MedicationRequest',
    id: `${person.id}-med`,
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code, display }],
      text: display,
    },
    subject: person.subject,
    encounter: visit(person, 0),
    authoredOn: `${person.days[0]}T09:42:00-05:00`,
    requester: { reference: person.practitioner },
  };
}

const report = (person: Person): Made => ({
  resourceType: 'DiagnosticReport',
  id: `${person.id}-rep`,
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] }],
  code: { coding: [{ system: loinc, code: '57698-3', display: 'Lipid panel with direct LDL' }] },
  subject: person.subject,
  encounter: visit(person, 0),
  effectiveDateTime: `${person.days[0]}T09:30:00-05:00`,
  issued: `${person.days[0]}T15:30:00.000-05:00`,
  performer: [{ reference: person.organization }],
  result: [4, 6].map((i) => ({ reference: `Observation/${person.id}-obs${i}` })),
});
