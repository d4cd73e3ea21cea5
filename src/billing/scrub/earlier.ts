import type { Claim, ClaimItem, PractitionerRole } from '@medplum/fhirtypes';
import { parseReference, same } from '../../datatypes/reference.ts';
import { frequencyOf } from '../../terminology/claimFrequency.ts';
import { linesOf, type Line } from './line.ts';
import { knownAs, type ScrubInput } from './input.ts';

/** A claim that takes an earlier one back (frequency 8): neither it nor the earlier one stands. */
export const isVoid = (claim: Claim): boolean => claim.status === 'active' && frequencyOf(claim) === '8';

const priorsOf = (claims: readonly Claim[]): Set<string> =>
  new Set(claims.flatMap((v) => (v.related ?? []).flatMap((r) => r.claim?.reference ?? [])));

/** The same payer and biller, and neither corrects the other. */
const rivals = (claim: Claim, other: Claim): boolean =>
  other.id !== claim.id &&
  other.status === 'active' &&
  same(claim.provider, other.provider) &&
  same(claim.insurer, other.insurer) &&
  !(claim.related ?? []).some((r) => r.claim?.reference === `Claim/${other.id ?? ''}`);

/** Earlier claims of the patient by the same biller to the same payer that stand: sent, not voided, not corrected by this one. */
export function standing(claim: Claim, earlier: readonly Claim[]): Claim[] {
  const voided = priorsOf(earlier.filter(isVoid));
  return earlier.filter(
    (other) => rivals(claim, other) && !isVoid(other) && !voided.has(`Claim/${other.id ?? ''}`),
  );
}

/** A line that was served: of this claim, or of an earlier one that stands; by whom. */
export interface Served {
  readonly line: Line;
  readonly isOwn: boolean;
  readonly by: string; // Practitioner/1
}

/** Who rendered a line: as it says, else the claim, else the biller. On an institutional claim it is the hospital. */
export function rendererOf(claim: Claim, item: ClaimItem, known: ScrubInput['known']): string {
  const isInstitutional = claim.type.coding?.some(({ code }) => code === 'institutional') === true;
  const members = isInstitutional
    ? []
    : (claim.careTeam ?? []).filter(({ role }) =>
        (role?.coding ?? []).some(({ code }) => code === 'rendering' || code === 'primary'),
      );
  const own = members.find(({ sequence }) => item.careTeamSequence?.includes(sequence) === true);
  const named = (own ?? members[0])?.provider ?? claim.provider;
  const role = knownAs<PractitionerRole>(known, 'PractitionerRole', named);
  const target = parseReference((role?.practitioner ?? named).reference);
  return target ? `${target.type}/${target.id}` : '';
}

/** The lines of the claim and of earlier ones that stand, which edits across lines are held against. */
export function servedOf({ claim, earlier, known }: ScrubInput, lines: readonly Line[]): Served[] {
  const replaced = priorsOf(
    earlier.filter((other) => frequencyOf(other) === '7' && other.status === 'active'),
  );
  const others = standing(claim, earlier).filter(({ id }) => !replaced.has(`Claim/${id ?? ''}`));
  return [claim, ...others].flatMap((one) =>
    (one === claim ? lines : linesOf(one, known)).map((line) => ({
      line,
      isOwn: one === claim,
      by: rendererOf(one, line.item, known),
    })),
  );
}
