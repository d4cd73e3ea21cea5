import type {
  Claim,
  ClaimItem,
  CodeableConcept,
  Coverage,
  Organization,
  Patient,
  Practitioner,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { humanNames } from '../../datatypes/personName.ts';
import { pasExtension } from '../../terminology/pas.ts';
import { nearRelationships } from '../../terminology/relationship.ts';
import { system } from '../../terminology/system.ts';
import { loopOf, loopsOf, segmentOf, type Loop, type Placed } from '../../x12/loop.ts';
import { nameIn, nm1In } from '../../x12/party.ts';
import { component, components, element, type Segment } from '../../x12/segment.ts';
import { dateOfText, daysOf } from '../../x12/value.ts';
import { readService } from './service278.ts';

/** The prior authorizations that a level of a 278 request asks for (2000C), each with the parties it names contained. */
export function readRequest278({ loop, above }: Placed): Claim[] {
  const dependents = loopsOf(loop, '2000D');
  const people = dependents.length === 0 ? [loop] : dependents;
  return people.flatMap((person) =>
    loopsOf(person, '2000E').map((event) => claimOf({ loop, above }, person, event)),
  );
}

function claimOf({ loop, above }: Placed, person: Loop, event: Loop): Claim {
  const level = (id: string): Loop | undefined => above.find((one) => one.id === id);
  const set = level('ST');
  const bht = set && segmentOf(set, 'BHT');
  const isSelf = person === loop;
  const named = loopOf(person, isSelf ? '2010C' : '2010D');
  const holder = loopOf(loop, '2010C');
  const trn = segmentOf(event, 'TRN');
  const trace = trn ? element(trn, 2) : bht ? element(bht, 3) : '';
  const payer = organizationOf(nm1In(level('2000A'), '2010A'), 'payer');
  const provider = providerOf(nm1In(level('2000B'), '2010B'));
  const services = loopsOf(event, '2000F');
  const form = services.some((one) => segmentOf(one, 'SV2'))
    ? 'institutional'
    : services.some((one) => segmentOf(one, 'SV3'))
      ? 'oral'
      : 'professional';
  return changed(
    {
      resourceType: 'Claim' as const,
      contained: [
        changed(personOf(named), { resourceType: 'Patient', id: 'patient' } as const),
        ...(isSelf
          ? []
          : [
              changed(personOf(holder), {
                ...({ resourceType: 'RelatedPerson', id: 'subscriber' } as const),
                patient: { reference: '#patient' },
              }) satisfies RelatedPerson,
            ]),
        coverageOf(holder, named, isSelf),
        payer,
        provider,
      ],
      identifier: [{ system: system.trace, value: trace }],
      status: 'active' as const,
      type: concept(system.claimType, form),
      use: 'preauthorization' as const,
      patient: { reference: '#patient' },
      created: (bht && dateOfText(element(bht, 4))) ?? '',
      insurer: { reference: '#payer' },
      provider: { reference: '#provider' },
      priority: { coding: [{ code: 'normal' }] },
    },
    changed(changed(periodOf(event), diagnosesOf(event)), {
      insurance: [{ sequence: 1, focal: true, coverage: { reference: '#coverage' } }],
      item: services.map((service, n) => itemOf(event, service, n + 1)),
    }),
  );
}

function organizationOf(nm1: Segment | undefined, id: string): Organization {
  const [name, value] = nm1 ? [element(nm1, 3), element(nm1, 9)] : ['', ''];
  const uri = nm1 && element(nm1, 8) === 'XX' ? system.npi : system.payerId;
  return {
    ...{ resourceType: 'Organization', id },
    ...(value === '' ? {} : { identifier: [{ system: uri, value }] }),
    ...(name === '' ? {} : { name }),
  };
}

function providerOf(nm1: Segment | undefined): Organization | Practitioner {
  if (!nm1 || element(nm1, 2) !== '1') return organizationOf(nm1, 'provider');
  const value = element(nm1, 9);
  return {
    ...{ resourceType: 'Practitioner', id: 'provider', name: humanNames(nameIn(nm1)) },
    ...(value === '' ? {} : { identifier: [{ system: system.npi, value }] }),
  };
}

const genders: Readonly<Record<string, 'male' | 'female' | 'unknown'>> = {
  M: 'male',
  F: 'female',
  U: 'unknown',
};

function personOf(named: Loop | undefined): Pick<Patient, 'name' | 'birthDate' | 'gender'> {
  const nm1 = named && segmentOf(named, 'NM1');
  const dmg = named && segmentOf(named, 'DMG');
  const name = nm1 ? humanNames(nameIn(nm1)) : [];
  const birthDate = dmg && dateOfText(element(dmg, 2));
  const gender = dmg && genders[element(dmg, 3)];
  return {
    ...(name.length === 0 ? {} : { name }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(gender === undefined ? {} : { gender }),
  };
}

function relationshipOf(code: string): CodeableConcept {
  const name = Object.entries(nearRelationships).find(([, value]) => value === code)?.[0];
  if (name !== undefined) return concept(system.subscriberRelationship, name);
  return {
    coding: [
      { system: system.subscriberRelationship, code: 'other' },
      { system: system.x12Relationship, code },
    ],
  };
}

function coverageOf(holder: Loop | undefined, named: Loop | undefined, isSelf: boolean): Coverage {
  const nm1 = holder && segmentOf(holder, 'NM1');
  const ins = named && segmentOf(named, 'INS');
  const member = nm1 ? element(nm1, 9) : '';
  return {
    ...{ resourceType: 'Coverage', id: 'coverage', status: 'active' },
    ...(member === '' ? {} : { subscriberId: member }),
    subscriber: { reference: isSelf ? '#patient' : '#subscriber' },
    beneficiary: { reference: '#patient' },
    relationship: relationshipOf(isSelf ? '18' : ins ? element(ins, 2) : 'G8'),
    payor: [{ reference: '#payer' }],
  };
}

/** When it is to happen: the event, or from admission to discharge. */
function periodOf(event: Loop): Pick<Claim, 'billablePeriod'> {
  const days = (qualifier: string) => {
    const dtp = segmentOf(event, 'DTP', qualifier);
    return dtp && daysOf(element(dtp, 2), element(dtp, 3));
  };
  const whole = days('AAH');
  const [start, end] = [whole?.start ?? days('435')?.start, whole?.end ?? days('096')?.start];
  if (start === undefined) return {};
  return { billablePeriod: { start, ...(end === undefined ? {} : { end }) } };
}

function diagnosesOf(event: Loop): Pick<Claim, 'diagnosis'> {
  const hi = segmentOf(event, 'HI');
  const codes = (hi?.elements ?? [])
    .flatMap((_, n) => (hi ? component(hi, n + 1, 2) : []))
    .filter((c) => c !== '');
  if (codes.length === 0) return {};
  return {
    diagnosis: codes.map((code, n) => ({
      sequence: n + 1,
      diagnosisCodeableConcept: concept(
        system.icd10cm,
        code.length > 3 ? `${code.slice(0, 3)}.${code.slice(3)}` : code,
      ),
    })),
  };
}

function itemOf(event: Loop, service: Loop, sequence: number): ClaimItem {
  const um = segmentOf(service, 'UM') ?? segmentOf(event, 'UM');
  const said = (n: number): string => (um ? element(um, n) : '');
  const sv1 = segmentOf(service, 'SV1');
  const pointers = sv1 ? components(sv1, 7).map(Number).filter(Number.isInteger) : [];
  const place = um ? component(um, 4, 1) : '';
  return {
    extension: [
      { url: pasExtension.requestType, valueCodeableConcept: concept(system.x12RequestCategory, said(1)) },
      {
        url: pasExtension.certificationType,
        valueCodeableConcept: concept(system.x12CertificationType, said(2)),
      },
    ],
    sequence,
    ...(pointers.length === 0 ? {} : { diagnosisSequence: pointers }),
    ...(said(3) === '' ? {} : { category: concept(system.x12ServiceType, said(3)) }),
    ...readService(service),
    ...(place === '' || (um && component(um, 4, 2) === 'A')
      ? {}
      : { locationCodeableConcept: concept(system.placeOfService, place) }),
  };
}
