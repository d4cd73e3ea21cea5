import { rendererOf } from '../earlier.ts';
import type { Enrolment } from '../input.ts';
import { fault, type Fault, type ScrubRule } from '../rule.ts';

/** Who rendered a service is enrolled with the payer for the group, the place and the day. */
export const providerEnrolment: ScrubRule = {
  id: 'provider-enrolment',
  source: 'billing rule 1; the contract with the payer, of Medicare 42 CFR 424.505 and 424.521',
  carc: 'B7',
  cure: 'Wait until the payer has enrolled the provider, and enter the enrolment; correct its dates where they are wrong.',
  severity: 'error',
  check: ({ claim, lines, enrolments, known }) => {
    if (!enrolments) return [];
    return lines.flatMap((line): Fault[] => {
      const by = rendererOf(claim, line.item, known);
      const place = nameOf(line.item.locationReference?.reference ?? claim.facility?.reference);
      const held = enrolments.filter(
        (one) => (one.practitioner ?? one.group) === by && (one.place === undefined || one.place === place),
      );
      const days = [line.from, line.through].flatMap((day) => day ?? []);
      if (days.every((day) => held.some((one) => isWithin(one, day)))) return [];
      return [fault(line.at, textOf(held, days[0] ?? ''))];
    });
  },
};

const nameOf = (reference: string | undefined): string | undefined => reference?.split('/_history/')[0];

const isWithin = ({ from, through }: Enrolment, day: string): boolean =>
  (from === undefined || from <= day) && (through === undefined || day <= through);

function textOf(held: readonly Enrolment[], day: string): string {
  if (held.length === 0) return 'the provider is not enrolled with this payer for this practice and place';
  return held.every(({ from }) => from !== undefined && day < from)
    ? 'the service is from before the provider was enrolled with this payer'
    : 'the service is from a day on which the provider is not enrolled with this payer';
}
