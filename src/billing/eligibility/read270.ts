import type {
  CodeableConcept,
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityRequestItem,
  Organization,
  Patient,
  Practitioner,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { humanNames } from '../../datatypes/personName.ts';
import { system } from '../../terminology/system.ts';
import { loopOf, loopsOf, segmentOf, type Loop, type Placed } from '../../x12/loop.ts';
import { nameIn, nm1In } from '../../x12/party.ts';
import { components, element, repeats, type Segment } from '../../x12/segment.ts';
import { dateOfText, daysOf } from '../../x12/value.ts';
import { relationshipOf, serviceOf } from './codes.ts';

/** The requests of a level of a 270 (2000C): each with the parties that it names contained in it. */
export function readInquiry270({ loop, above }: Placed): CoverageEligibilityRequest[] {
  const level = (id: string): Loop | undefined => above.find((one) => one.id === id);
  const set = level('ST');
  const bht = set && segmentOf(set, 'BHT');
  const created = (bht && dateOfText(element(bht, 4))) ?? '';
  const payer = organizationOf(nm1In(level('2000A'), '2100A'), 'payer');
  const provider = providerOf(nm1In(level('2000B'), '2100B'));
  const dependents = loopsOf(loop, '2000D');
  const people = dependents.length === 0 ? [loop] : dependents;
  return people.map((person) => {
    const isSelf = person === loop;
    const named = loopOf(person, isSelf ? '2100C' : '2100D');
    const holder = loopOf(loop, '2100C');
    const trn = segmentOf(person, 'TRN') ?? segmentOf(loop, 'TRN');
    const trace = trn ? element(trn, 2) : '';
    const patient = changed(personOf(named), { resourceType: 'Patient', id: 'patient' } as const) as Patient;
    return {
      resourceType: 'CoverageEligibilityRequest',
      contained: [
        patient,
        ...(isSelf
          ? []
          : [
              changed(personOf(holder), {
                ...({ resourceType: 'RelatedPerson', id: 'subscriber' } as const),
                patient: { reference: '#patient' },
              }) as RelatedPerson,
            ]),
        coverageOf(holder, named, isSelf),
        payer,
        ...(provider ? [provider] : []),
      ],
      ...(trace === '' ? {} : { identifier: [{ system: system.trace, value: trace }] }),
      status: 'active',
      purpose: ['benefits', 'validation'],
      patient: { reference: '#patient' },
      ...servedOf(named),
      created,
      ...(provider ? { provider: { reference: '#provider' } } : {}),
      insurer: { reference: '#payer' },
      insurance: [{ focal: true, coverage: { reference: '#coverage' } }],
      item: (named?.loops ?? []).flatMap(itemsOf),
    };
  });
}

const nameOf = (nm1: Segment) => humanNames(nameIn(nm1));

const identifierIn = (nm1: Segment): { identifier?: { system: string; value: string }[] } => {
  const value = element(nm1, 9);
  const uri =
    element(nm1, 8) === 'XX' ? system.npi : element(nm1, 8) === 'FI' ? system.taxId : system.payerId;
  return value === '' ? {} : { identifier: [{ system: uri, value }] };
};

function organizationOf(nm1: Segment | undefined, id: string): Organization {
  const name = nm1 ? element(nm1, 3) : '';
  return {
    ...{ resourceType: 'Organization', id },
    ...(nm1 ? identifierIn(nm1) : {}),
    ...(name === '' ? {} : { name }),
  };
}

function providerOf(nm1: Segment | undefined): Organization | Practitioner | undefined {
  if (!nm1) return undefined;
  if (element(nm1, 2) !== '1') return organizationOf(nm1, 'provider');
  return { resourceType: 'Practitioner', id: 'provider', ...identifierIn(nm1), name: nameOf(nm1) };
}

const genders: Readonly<Record<string, 'male' | 'female'>> = { M: 'male', F: 'female' };

function personOf(named: Loop | undefined): Pick<Patient, 'name' | 'birthDate' | 'gender'> {
  const nm1 = named && segmentOf(named, 'NM1');
  const dmg = named && segmentOf(named, 'DMG');
  const name = nm1 ? nameOf(nm1) : [];
  const birthDate = dmg && dateOfText(element(dmg, 2));
  const gender = dmg && genders[element(dmg, 3)];
  return {
    ...(name.length === 0 ? {} : { name }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(gender === undefined ? {} : { gender }),
  };
}

function coverageOf(holder: Loop | undefined, named: Loop | undefined, isSelf: boolean): Coverage {
  const nm1 = holder && segmentOf(holder, 'NM1');
  const ins = named && segmentOf(named, 'INS');
  const member = nm1 ? element(nm1, 9) : '';
  const relationship: CodeableConcept | undefined = isSelf
    ? relationshipOf('18')
    : ins && relationshipOf(element(ins, 2));
  return {
    ...{ resourceType: 'Coverage', id: 'coverage', status: 'active' },
    ...(member === '' ? {} : { subscriberId: member }),
    subscriber: { reference: isSelf ? '#patient' : '#subscriber' },
    beneficiary: { reference: '#patient' },
    ...(relationship ? { relationship } : {}),
    payor: [{ reference: '#payer' }],
  };
}

function servedOf(
  named: Loop | undefined,
): Pick<CoverageEligibilityRequest, 'servicedDate' | 'servicedPeriod'> {
  const dtp = named && segmentOf(named, 'DTP', '291');
  const days = dtp && daysOf(element(dtp, 2), element(dtp, 3));
  if (!days) return {};
  return days.end === undefined
    ? { servicedDate: days.start }
    : { servicedPeriod: { start: days.start, end: days.end } };
}

/** An item for each service type of an EQ, or for its service. */
function itemsOf(loop: Loop): CoverageEligibilityRequestItem[] {
  const eq = segmentOf(loop, 'EQ');
  if (!eq) return [];
  const [qualifier = '', code = '', ...modifiers] = components(eq, 2);
  const product = serviceOf(qualifier, code);
  if (product)
    return [
      {
        productOrService: product,
        ...(modifiers.length === 0
          ? {}
          : { modifier: modifiers.map((one) => ({ coding: [{ code: one }] })) }),
      },
    ];
  return repeats(eq, 1).map((type) => ({ category: concept(system.x12ServiceType, type) }));
}
