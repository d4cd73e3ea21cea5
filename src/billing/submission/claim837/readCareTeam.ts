import type { ClaimCareTeam, Location, Resource } from '@medplum/fhirtypes';
import { concept } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { loopOf, loopsOf, segmentOf, type Loop } from '../../../x12/loop.ts';
import { element } from '../../../x12/segment.ts';
import { facilityLoopId, roles } from './careTeam.ts';
import { addressOf, partyOf } from './party.ts';
import type { ClaimForm } from './sending.ts';

/** The team of a claim that is read: each member once, by who he is and what he did. */
export class ReadTeam {
  readonly members: ClaimCareTeam[] = [];
  readonly #known = new Map<string, number>();
  readonly #form: ClaimForm;
  readonly #add: (resource: Resource) => string;

  constructor(form: ClaimForm, add: (resource: Resource) => string) {
    this.#form = form;
    this.#add = add;
  }

  /** The sequences of the members that the loops of a claim or line name. */
  read(loop: Loop, place: 'claim' | 'line'): number[] {
    const ids = new Set(roles[this.#form].flatMap((role) => role[place] ?? []));
    return [...ids].flatMap((id) => loopsOf(loop, id).flatMap((inner) => this.#member(inner, place)));
  }

  #member(inner: Loop, place: 'claim' | 'line'): number[] {
    const nm1 = segmentOf(inner, 'NM1');
    const role = roles[this.#form].find(
      (each) => each[place] === inner.id && nm1 && each.code === element(nm1, 1),
    );
    const prv = segmentOf(inner, 'PRV');
    const party = partyOf(inner);
    if (!role || !party) return [];
    const provider = this.#add(party);
    const taxonomy = prv ? element(prv, 3) : '';
    const key = `${role.role}|${provider}|${taxonomy}`;
    const before = this.#known.get(key);
    if (before !== undefined) return [before];
    const sequence = this.members.length + 1;
    this.members.push({
      sequence,
      provider: { reference: provider },
      role: concept(role.system, role.role),
      ...(taxonomy === '' ? {} : { qualification: concept(system.taxonomy, taxonomy) }),
    });
    this.#known.set(key, sequence);
    return [sequence];
  }

  /** The sequence of the claim's member of a role. */
  of(role: string): number | undefined {
    return this.members.find((member) => member.role?.coding?.[0]?.code === role)?.sequence;
  }
}

/** Claim.facility of loop 2310C or 2310E. */
export function readFacility(loop: Loop, form: ClaimForm): Location | undefined {
  const inner = loopOf(loop, facilityLoopId(form));
  const nm1 = inner && segmentOf(inner, 'NM1');
  if (!nm1) return undefined;
  const address = addressOf(inner);
  const npi = element(nm1, 8) === 'XX' ? element(nm1, 9) : '';
  return {
    resourceType: 'Location',
    ...(npi === '' ? {} : { identifier: [{ system: system.npi, value: npi }] }),
    ...(element(nm1, 3) === '' ? {} : { name: element(nm1, 3) }),
    ...(address ? { address } : {}),
  };
}
