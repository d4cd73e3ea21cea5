import type { Adjudicated } from '../../datatypes/adjudication.ts';
import type { Decided } from '../decided.ts';
import { enrolledPeriod, enrolledPlan, newEnrollment } from '../enrollment.ts';
import { judge, type Held } from '../judge.ts';
import { keyOf, takeNumber, type Books, type Due, type Ends, type KeptClaim } from './books.ts';
import type { Claim837 } from './claim837.ts';
import { planOf, type House } from './house.ts';
import { remittedOf, reversalOf } from './remitted.ts';
import { samenessOf } from './sameness.ts';
import { paidAndTakenBack, takenBackLater, withInterest } from './scenario835.ts';

/** A claim that is taken into adjudication, and when. */
export interface Taken {
  readonly house: House;
  readonly claim: Claim837;
  readonly ends: Ends;
  readonly receivedOn: string;
  readonly answeredOn: string;
}

/** What became of it: it waits for a document, or an 835 will tell. */
export interface Outcome {
  readonly icn: string;
  readonly asks?: readonly number[]; // the lines for which a document is missing
}

/** Decides a claim and books what follows: what the member has used, and what the next 835s are to say. */
export function decide837(books: Books, taken: Taken): Outcome {
  const { house, claim, receivedOn, answeredOn } = taken;
  const memberKey = keyOf(house.id, claim.member);
  const enrollment = books.members[memberKey] ?? newEnrollment(claim.member, house.organization, '');
  const prior = claim.prior === '' ? undefined : books.claims[keyOf(house.id, claim.prior)];
  const standing = prior?.state === 'answered' ? prior : undefined;
  const sameness = samenessOf(claim);
  const earlier = sameness === undefined ? undefined : books.sameness[keyOf(house.id, sameness)];
  const same = earlier === undefined ? undefined : books.claims[keyOf(house.id, earlier)];
  const held: Held = {
    plan: planOf(house, enrolledPlan(enrollment)),
    enrollment,
    duplicate: same?.state === 'answered',
    lastAnswer: prior?.answeredOn,
    prior: standing?.adjudicated,
  };
  const judged = judge(
    {
      ...{ received: claim.received, receivedOn, member: claim.member, priors: claim.priors },
      is: claim.frequency === '8' ? 'void' : claim.frequency === '7' ? 'replacement' : 'original',
      period: enrolledPeriod(enrollment, undefined),
      priorAnsweredOn: claim.priorAnsweredOn,
      satisfied: false,
    },
    held,
  );
  // what was asked for comes with the claim once more: it stays the one that waits
  const icn =
    same?.state === 'pended' ? same.icn : `ICN${String(takeNumber(books, 'claim')).padStart(9, '0')}`;
  const kept = { icn, house: house.id, number: claim.number, sameness, answeredOn };
  const keep = (one: KeptClaim): void => {
    books.claims[keyOf(house.id, one.icn)] = one;
  };
  if (judged.is === 'pended') {
    keep({ ...kept, state: 'pended' });
    if (sameness !== undefined) books.sameness[keyOf(house.id, sameness)] = icn;
    return { icn, asks: judged.asks.lines };
  }
  if (judged.enrollment) books.members[memberKey] = judged.enrollment;
  const takesBack = judged.is === 'voided' || judged.reverses;
  const reversals = takesBack && standing?.remitted ? [reversalOf(standing.remitted)] : [];
  if (takesBack && standing) keep({ ...standing, state: judged.is === 'voided' ? 'voided' : 'reversed' });
  if (judged.is === 'voided') {
    keep({ ...kept, state: 'voided' });
    due(books, taken, { on: answeredOn, clps: reversals });
    return { icn };
  }
  const remitted = remittedOf(claim, judged.decisions, { icn, receivedOn });
  const clps = judged.takenBack === undefined ? [] : paidAndTakenBack(remitted);
  keep({ ...kept, state: 'answered', remitted, adjudicated: judged.decisions.map(adjudicatedOf) });
  if (sameness !== undefined && earlier === undefined) books.sameness[keyOf(house.id, sameness)] = icn;
  const paid = withInterest(remitted);
  const then = takenBackLater(books, kept, paid);
  due(books, taken, { on: answeredOn, clps: [...reversals, ...clps, paid], ...(then ? { then } : {}) });
  return { icn };
}

const adjudicatedOf = (d: Decided): Adjudicated => ({
  ...(d.sequence === undefined ? {} : { sequence: d.sequence }),
  ...{ submitted: d.charge, allowed: d.allowed, paid: d.paid, adjustments: d.adjustments },
});

function due(books: Books, { house, claim, ends }: Taken, of: Omit<Due, 'house' | 'payee' | 'ends'>): void {
  if (of.clps.length === 0) return;
  books.due.push({ house: house.id, payee: claim.payee, ends, ...of });
}
