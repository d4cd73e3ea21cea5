import { negate, rateOf, zero, type Cents } from '../../datatypes/cents.ts';
import { addDays } from '../../datatypes/date.ts';
import { forcedDenial } from '../scenario.ts';
import { takeNumber, type Books, type Due, type KeptClaim } from './books.ts';
import { reversalOf, type Remitted, type RemittedLine } from './remitted.ts';

/** Days after which a payer takes back what it has paid by mistake, where no other payment takes it along. */
const takebackDays = 7;
/** One percent, in basis points: what is paid for being late. */
const interestRate = 100;

/** What a member id asks of the remittances: FORCEDINTEREST1, FORCEDTAKEBACK …; all of them are paid as charged first. */
const asked = (member: string): string | undefined => /^FORCED(INTEREST|TAKEBACK|RECOUPED)/.exec(member)?.[1];

/** Interest for a late payment: AMT*I of the claim, and PLB L6. Billing rule 57. */
export const withInterest = (paid: Remitted): Remitted =>
  asked(paid.member) === 'INTEREST' ? { ...paid, interest: rateOf(interestRate, paid.paid) } : paid;

/** Paid in full, and the same taken back, under a number of their own. */
export function paidAndTakenBack(of: Remitted): Remitted[] {
  const paid = { ...inFull(of), icn: `${of.icn}A` };
  return [paid, reversalOf(paid)];
}

const inFull = (of: Remitted): Remitted => ({
  ...of,
  status: '1',
  paid: of.charge,
  adjustments: [],
  remarks: [],
  lines: of.lines.map((l) => ({ ...l, paid: l.charge, allowed: l.charge, adjustments: [], remarks: [] })),
});

/** Refused as a whole: all of it is adjusted, on the lines where there are any. */
function refused(of: Remitted): Remitted {
  const why = (amount: Cents) => [{ group: forcedDenial.group, reason: forcedDenial.reason, amount }];
  const line = (l: RemittedLine): RemittedLine => ({
    ...l,
    ...{ paid: zero, allowed: zero, adjustments: why(l.charge), remarks: [] },
  });
  return {
    ...of,
    ...{ status: '4', paid: zero, remarks: [] },
    adjustments: of.lines.length === 0 ? why(of.charge) : [],
    lines: of.lines.map(line),
  };
}

/**
 * A payment that was a mistake: a later remittance reverses it and denies the claim. RECOUPED: that remittance leaves the
 * money (PLB WO, negative), and the one after it takes it (PLB WO, positive). Billing rules 62 and 63.
 */
export function takenBackLater(
  books: Books,
  kept: Omit<KeptClaim, 'state'>,
  paid: Remitted,
): Omit<Due, 'house' | 'payee' | 'ends'> | undefined {
  const how = asked(paid.member);
  if ((how !== 'TAKEBACK' && how !== 'RECOUPED') || paid.paid === 0) return undefined;
  const icn = `ICN${String(takeNumber(books, 'claim')).padStart(9, '0')}`;
  const denied: Remitted = { ...refused(paid), icn };
  const on = addDays(kept.answeredOn, takebackDays);
  const adjudicated = [
    { submitted: paid.charge, allowed: zero, paid: zero, adjustments: denied.adjustments },
  ];
  const keeps: KeptClaim[] = [
    { ...kept, state: 'reversed' },
    { ...kept, icn, answeredOn: on, state: 'answered', remitted: denied, adjudicated },
  ];
  const clps = [reversalOf(paid), denied];
  if (how === 'TAKEBACK') return { on, clps, keeps, isLater: true };
  return {
    ...{ on, clps, keeps, isLater: true },
    recoups: [{ icn: paid.icn, amount: negate(paid.paid) }],
    then: {
      on: addDays(on, takebackDays),
      clps: [],
      isLater: true,
      recoups: [{ icn: paid.icn, amount: paid.paid }],
    },
  };
}
