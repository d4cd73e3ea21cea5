import type { Claim } from '@medplum/fhirtypes';
import { same } from '../../../datatypes/reference.ts';
import { frequencyOf } from '../../../terminology/claimFrequency.ts';
import { linesOf, type Line } from '../line.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** No line repeats an earlier claim of the patient: same biller, date, service, modifiers, units and amount, same payer. */
export const duplicateClaim: ScrubRule = {
  id: 'duplicate-claim',
  source: 'billing rule 39; CARC 18',
  carc: '18',
  cure: 'Check whether it was given twice: then modifier 76, 77 or 91; else do not send, or replace the claim.',
  severity: 'warning',
  check: ({ claim, lines, earlier, known }) => {
    const voids = earlier.filter(isVoid);
    const voided = new Set(voids.flatMap((v) => (v.related ?? []).flatMap((r) => r.claim?.reference ?? [])));
    const others = earlier.filter(
      (other) => rivals(claim, other) && !isVoid(other) && !voided.has(`Claim/${other.id ?? ''}`),
    );
    if (others.length === 0) return [];
    const keys = new Set(others.flatMap((other) => linesOf(other, known).map(keyOf)));
    return lines.flatMap((line) =>
      unless(!keys.has(keyOf(line)), line.at, 'this service was billed on an earlier claim'),
    );
  },
};

/** A claim that takes an earlier one back (frequency 8): neither it nor the earlier one stands. */
const isVoid = (claim: Claim): boolean => claim.status === 'active' && frequencyOf(claim) === '8';

/** The same payer and biller, and neither corrects the other. */
const rivals = (claim: Claim, other: Claim): boolean =>
  other.id !== claim.id &&
  other.status === 'active' &&
  same(claim.provider, other.provider) &&
  same(claim.insurer, other.insurer) &&
  !(claim.related ?? []).some((r) => r.claim?.reference === `Claim/${other.id ?? ''}`);

const keyOf = ({ item, code, modifiers, revenue, from, through, units }: Line): string =>
  JSON.stringify([
    code ?? item.productOrService.coding?.[0]?.code,
    [...modifiers].sort(),
    revenue,
    from,
    through,
    units,
    item.net?.value,
  ]);
