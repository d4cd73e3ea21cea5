import type { Claim, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { pick } from './chance.ts';
import { conditions, procedures } from './codes.ts';
import type { Made, Person } from './record.ts';

const claimType = 'http://terminology.hl7.org/CodeSystem/claim-type';
const hcpcs = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const icd10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const usd = (value: number) => ({ value, currency: 'USD' as const });

interface Bill {
  readonly person: Person;
  readonly i: number;
  readonly day: string;
  readonly code: string;
  readonly diagnosis: string;
  readonly charge: number; // whole dollars
}

/** The billing part of a record: a Claim and its ExplanationOfBenefit for each visit. */
export function billed(person: Person): Made[] {
  return person.days.flatMap((day, i) => {
    const [, code] = pick(person.chance, procedures);
    const [, diagnosis] = pick(person.chance, conditions);
    const bill = { person, i, day, code, diagnosis, charge: 80 + Math.floor(person.chance() * 400) };
    return [claim(bill), explanation(bill)];
  });
}

function claim({ person, i, day, code, diagnosis, charge }: Bill): Claim & { id: string } {
  return {
    resourceType: 'Claim',
    id: `${person.id}-clm${i}`,
    identifier: [{ system: 'http://clinic.example/claim', value: `C${person.no}-${i}` }],
    status: person.chance() < 0.9 ? 'active' : 'cancelled',
    type: coded(claimType, 'professional'),
    use: 'claim',
    patient: person.subject,
    billablePeriod: { start: day, end: day },
    created: `${day}T18:00:00-05:00`,
    insurer: { reference: person.payer },
    provider: { reference: person.organization },
    priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
    careTeam: [{ sequence: 1, provider: { reference: person.practitioner } }],
    diagnosis: [{ sequence: 1, diagnosisCodeableConcept: coded(icd10, diagnosis) }],
    insurance: [{ sequence: 1, focal: true, coverage: { reference: `Coverage/${person.id}-cov` } }],
    item: [
      {
        sequence: 1,
        careTeamSequence: [1],
        diagnosisSequence: [1],
        productOrService: coded(hcpcs, code),
        servicedDate: day,
        quantity: { value: 1 },
        unitPrice: usd(charge),
        net: usd(charge),
        encounter: [{ reference: `Encounter/${person.id}-enc${i}` }],
      },
    ],
    total: usd(charge),
  };
}

function explanation(bill: Bill): ExplanationOfBenefit & { id: string } {
  const { person, i, day, code, diagnosis, charge } = bill;
  const paid = Math.floor(charge * 0.6);
  const category = 'http://terminology.hl7.org/CodeSystem/adjudication';
  const adjudication = [
    { category: coded(category, 'submitted'), amount: usd(charge) },
    { category: coded(category, 'eligible'), amount: usd(Math.floor(charge * 0.75)) },
    { category: coded(category, 'benefit'), amount: usd(paid) },
  ];
  return {
    resourceType: 'ExplanationOfBenefit',
    id: `${person.id}-eob${i}`,
    identifier: [{ system: 'http://payer.example/claim', value: `E${person.no}-${i}` }],
    status: 'active',
    type: coded(claimType, 'professional'),
    use: 'claim',
    patient: person.subject,
    billablePeriod: { start: day, end: day },
    created: `${day}T20:00:00-05:00`,
    insurer: { reference: person.payer },
    provider: { reference: person.organization },
    claim: { reference: `Claim/${person.id}-clm${i}` },
    outcome: 'complete',
    careTeam: [{ sequence: 1, provider: { reference: person.practitioner } }],
    diagnosis: [{ sequence: 1, diagnosisCodeableConcept: coded(icd10, diagnosis) }],
    insurance: [{ focal: true, coverage: { reference: `Coverage/${person.id}-cov` } }],
    item: [
      {
        sequence: 1,
        diagnosisSequence: [1],
        productOrService: coded(hcpcs, code),
        servicedDate: day,
        net: usd(charge),
        encounter: [{ reference: `Encounter/${person.id}-enc${i}` }],
        adjudication,
      },
    ],
    total: adjudication,
    payment: { date: day, amount: usd(paid) },
  };
}
