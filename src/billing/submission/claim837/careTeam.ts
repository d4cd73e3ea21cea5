import type { Claim, ClaimCareTeam, ClaimItem, Location, Organization } from '@medplum/fhirtypes';
import { codeOf } from '../../../datatypes/coding.ts';
import { identifierOf } from '../../../datatypes/identifier.ts';
import { system } from '../../../terminology/system.ts';
import type { Loop } from '../../../x12/loop.ts';
import { segment } from '../../../x12/segment.ts';
import { addressSegments, contactSegments, providerSegment } from './party.ts';
import { locationOf, organizationOf, providerOf, type ClaimForm, type Sending } from './sending.ts';
import { text } from './value.ts';

/** Who took part, and where: loops 2310 of a claim and 2420 of a line. Their reading is readCareTeam.ts. */

/** A role of Claim.careTeam with its loop on the claim and on a line, and its NM101. */
export interface Role {
  readonly role: string;
  readonly system: string;
  readonly code: string; // NM101
  readonly claim?: string;
  readonly line?: string;
  readonly specialty?: string; // PRV01, where the loop has a PRV
  readonly reached?: true; // where the loop has an address and a telephone
}

const c4bb = system.c4bbCareTeamRole;
const own = system.careTeamRole;

export const roles: Readonly<Record<ClaimForm, readonly Role[]>> = {
  professional: [
    { role: 'referring', system: c4bb, code: 'DN', claim: '2310A', line: '2420F' },
    { role: 'primary-care', system: own, code: 'P3', claim: '2310A', line: '2420F' },
    { role: 'rendering', system: c4bb, code: '82', claim: '2310B', line: '2420A', specialty: 'PE' },
    { role: 'supervising', system: c4bb, code: 'DQ', claim: '2310D', line: '2420D' },
    { role: 'ordering', system: own, code: 'DK', line: '2420E', reached: true },
    { role: 'purchasedservice', system: c4bb, code: 'QB', line: '2420B' },
  ],
  institutional: [
    { role: 'attending', system: c4bb, code: '71', claim: '2310A', specialty: 'AT' },
    { role: 'operating', system: c4bb, code: '72', claim: '2310B', line: '2420A' },
    { role: 'otheroperating', system: c4bb, code: 'ZZ', claim: '2310C', line: '2420B' },
    { role: 'rendering', system: c4bb, code: '82', claim: '2310D', line: '2420C' },
    { role: 'referring', system: c4bb, code: 'DN', claim: '2310F', line: '2420D' },
  ],
  oral: [
    { role: 'referring', system: c4bb, code: 'DN', claim: '2310A', specialty: 'RF' },
    { role: 'primary-care', system: own, code: 'P3', claim: '2310A', specialty: 'RF' },
    { role: 'rendering', system: c4bb, code: '82', claim: '2310B', line: '2420A', specialty: 'PE' },
    { role: 'assistant-surgeon', system: own, code: 'DD', claim: '2310D', line: '2420B', specialty: 'AS' },
    { role: 'supervising', system: c4bb, code: 'DQ', claim: '2310E', line: '2420C' },
  ],
};

/** The role of a member; HL7's own names of some roles are taken for ours. */
const others: Readonly<Record<string, string>> = {
  supervisor: 'supervising',
  primary: 'rendering',
  assist: 'assistant-surgeon',
};

export const roleOf = (form: ClaimForm, { role }: ClaimCareTeam): Role | undefined =>
  role?.coding
    ?.map(({ code = '' }) => roles[form].find((each) => each.role === code || each.role === others[code]))
    .find((found) => found !== undefined);

/** The members that a line names itself. */
const ofLine = (item: ClaimItem, { sequence }: ClaimCareTeam): boolean =>
  item.careTeamSequence?.includes(sequence) === true;

/**
 * Who stands on the claim: the first of each role. A further one of a role, and an ordering provider, belongs to the lines
 * that point at it, or to all lines where none does.
 */
export function membersOfClaim({ claim, form }: Sending): ClaimCareTeam[] {
  const seen = new Set<string>();
  return (claim.careTeam ?? []).filter((member) => {
    const role = roleOf(form, member);
    if (role?.claim === undefined || seen.has(role.role)) return false;
    seen.add(role.role);
    return true;
  });
}

export function membersOfLine(sending: Sending, item: ClaimItem): ClaimCareTeam[] {
  const { claim, form } = sending;
  const above = new Set(membersOfClaim(sending));
  return (claim.careTeam ?? []).filter((member) => {
    if (above.has(member) || roleOf(form, member)?.line === undefined) return false;
    const pointed = (claim.item ?? []).some((each) => ofLine(each, member));
    return pointed ? ofLine(item, member) : true;
  });
}

/** The loops of members, on the claim or on a line. */
export function memberLoops(
  sending: Sending,
  members: readonly ClaimCareTeam[],
  place: 'claim' | 'line',
): Loop[] {
  const { form, known, problems } = sending;
  return members.flatMap((member): Loop[] => {
    const role = roleOf(form, member);
    const id = role?.[place];
    if (role === undefined || id === undefined) return [];
    const named = providerOf(known, member.provider);
    if (!named) {
      problems.push({
        expression: `Claim.careTeam.where(sequence = ${member.sequence}).provider`,
        text: 'the provider is not known',
      });
      return [];
    }
    const taxonomy = codeOf(member.qualification, system.taxonomy) ?? named.taxonomy;
    const specialty =
      role.specialty === undefined || taxonomy === undefined
        ? []
        : [segment('PRV', [role.specialty, 'PXC', taxonomy])];
    const reached =
      role.reached === true
        ? [...addressSegments(named.provider.address?.[0]), ...contactSegments('', named.provider.telecom)]
        : [];
    return [
      { id, segments: [providerSegment(role.code, named.provider), ...specialty, ...reached], loops: [] },
    ];
  });
}

/** Members that no loop of this form is for are told. */
export function unplacedMembers({ claim, form, problems }: Sending): void {
  for (const member of claim.careTeam ?? []) {
    if (roleOf(form, member)) continue;
    problems.push({
      expression: `Claim.careTeam.where(sequence = ${member.sequence}).role`,
      text: 'an 837 of this form has no place for this role',
    });
  }
}

/** The loop of the place of service: 2310C of a professional or oral claim, 2310E of an institutional one. */
export const facilityLoopId = (form: ClaimForm): string => (form === 'institutional' ? '2310E' : '2310C');

/** The service facility, where it has an address that is not the billing provider's. */
export function facilityLoops({ claim, form, known }: Sending): Loop[] {
  const location = locationOf(known, claim.facility);
  if (!location) return [];
  const owner = organizationOf(known, location.managingOrganization);
  const address = addressSegments(location.address ?? owner?.address?.[0]);
  if (address.length === 0) return [];
  const npi = facilityNpi(location, owner, claim);
  const name = text(location.name ?? owner?.name, 60);
  const nm1 = segment('NM1', ['77', '2', name, '', '', '', '', npi === '' ? '' : 'XX', npi]);
  return [{ id: facilityLoopId(form), segments: [nm1, ...address], loops: [] }];
}

/** The place's own NPI, else that of another organization that runs it. */
function facilityNpi(location: Location, owner: Organization | undefined, { provider }: Claim): string {
  const own = identifierOf(location, system.npi);
  if (own !== undefined) return own;
  const billing = provider.reference?.startsWith(`Organization/${owner?.id ?? ''}`) === true;
  return billing ? '' : (identifierOf(owner, system.npi) ?? '');
}
