import type { Claim, Coverage, Organization, Patient, Resource } from '@medplum/fhirtypes';
import { changed, without } from '../../../datatypes/json.ts';
import { system } from '../../../terminology/system.ts';
import { segmentOf, type Loop } from '../../../x12/loop.ts';
import { element, type Segment } from '../../../x12/segment.ts';
import { coverageType, relationshipOf } from './coverageCode.ts';
import { addressOf, humanName, partyOf } from './party.ts';
import { dateOfText } from './value.ts';

/** The parties of a claim that is read: contained resources, each once. */
export class Parties {
  readonly contained: Resource[] = [];
  readonly #known = new Map<string, string>();

  /** The reference of a resource: '#organization-1'. The same content is the same resource. */
  add(resource: Resource): string {
    const key = JSON.stringify(resource);
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const type = resource.resourceType.toLowerCase();
    const count = this.contained.filter((r) => r.resourceType === resource.resourceType).length + 1;
    const id = `${type}-${count}`;
    this.contained.push(changed(resource, { id }));
    this.#known.set(key, `#${id}`);
    return `#${id}`;
  }
}

const genders: Readonly<Record<string, 'male' | 'female' | 'unknown'>> = {
  M: 'male',
  F: 'female',
  U: 'unknown',
};
const ssn = 'http://hl7.org/fhir/sid/us-ssn';

/** The person of loop 2010BA, 2010CA or 2330A; `pat` says when he died. */
export function readPerson(loop: Loop, pat?: Segment): Patient {
  const [nm1, dmg] = [segmentOf(loop, 'NM1'), segmentOf(loop, 'DMG')];
  const name = nm1 ? humanName(nm1) : [];
  const address = addressOf(loop);
  const born = dmg ? dateOfText(element(dmg, 2)) : undefined;
  const gender = dmg ? genders[element(dmg, 3)] : undefined;
  const number = segmentOf(loop, 'REF', 'SY');
  const died = pat && element(pat, 5) === 'D8' ? dateOfText(element(pat, 6)) : undefined;
  return {
    resourceType: 'Patient',
    ...(number ? { identifier: [{ system: ssn, value: element(number, 2) }] } : {}),
    ...(name.length === 0 ? {} : { name }),
    ...(gender === undefined ? {} : { gender }),
    ...(born === undefined ? {} : { birthDate: born }),
    ...(died === undefined ? {} : { deceasedDateTime: died }),
    ...(address ? { address: [address] } : {}),
  };
}

/** The payer of loop 2010BB or 2330B. */
export function readPayer(loop: Loop): Organization {
  const party = partyOf({ ...loop, segments: loop.segments.filter(({ id }) => id !== 'REF') });
  return party?.resourceType === 'Organization' ? party : { resourceType: 'Organization' };
}

/** A coverage of SBR and of who holds it. */
export function readCoverage(
  sbr: Segment,
  member: Loop | undefined,
  {
    patient,
    holder,
    payer,
    relationship,
  }: { patient: string; holder: string; payer: string; relationship: string },
): Coverage {
  const nm1 = member && segmentOf(member, 'NM1');
  const number = nm1 && element(nm1, 8) === 'MI' ? element(nm1, 9) : '';
  const [group, name] = [element(sbr, 3), element(sbr, 4)];
  const type = coverageType(element(sbr, 9), element(sbr, 5));
  return {
    resourceType: 'Coverage',
    status: 'active',
    ...(type ? { type } : {}),
    subscriber: { reference: holder },
    ...(number === '' ? {} : { subscriberId: number }),
    beneficiary: { reference: patient },
    ...(relationship === '' ? {} : { relationship: relationshipOf(relationship) }),
    payor: [{ reference: payer }],
    ...(group === '' && name === ''
      ? {}
      : {
          class: [
            {
              type: { coding: [{ system: system.coverageClass, code: 'group' }] },
              value: group === '' ? name : group, // a class has a value; the writer knows a name alone by it
              ...(name === '' ? {} : { name }),
            },
          ],
        }),
  };
}

/** A claim with what it contains as resources of their own: '#patient-1' becomes Patient/patient-1. */
export function apart(claim: Claim): { readonly claim: Claim; readonly resources: readonly Resource[] } {
  const { contained = [] } = claim;
  const rest = without(claim, 'contained');
  const names = new Map(
    contained.map(({ resourceType, id }) => [`#${id ?? ''}`, `${resourceType}/${id ?? ''}`]),
  );
  const renamed = <T>(value: T): T => JSON.parse(JSON.stringify(value), namesOf(names)) as T;
  return { claim: renamed(rest), resources: contained.map((resource) => renamed(resource)) };
}

const namesOf =
  (names: ReadonlyMap<string, string>) =>
  (key: string, value: unknown): unknown =>
    key === 'reference' && typeof value === 'string' ? (names.get(value) ?? value) : value;
