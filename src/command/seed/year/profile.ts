import type { CareName } from './care.ts';
import type { PlanName } from './plan.ts';

/** What becomes of a visit between the chart and the payer's last answer. */
export type Course =
  | 'plain'
  | 'unbilled' // charted only
  | 'captured' // its charges are posted, no claim is drafted
  | 'draft' // a claim is drafted, not sent
  | 'authorized' // the authorisation was asked for beforehand
  | 'cured' // denied for want of an authorisation, corrected with its number
  | 'unauthorized' // so denied, and written off
  | 'late' // sent after the payer's time to file, and written off
  | 'ended' // the coverage had ended: the patient is billed
  | 'rebilled' // the coverage had ended, the next one was found
  | 'corrected' // paid, then replaced because the dose was charted wrong
  | 'voided' // paid, then taken back, and billed anew
  | 'documented' // pended, answered with the document
  | 'unneeded'; // denied as not needed, and written off

/** How the patient pays what is asked for. */
export type Paying =
  | 'nothing' // it stays open
  | 'in full'
  | 'check-in' // the copay at check-in, the rest later
  | 'half'
  | 'in two parts'
  | 'too much' // and gets it back
  | 'ahead' // too much, kept as credit for the next bill
  | 'bounced' // by a check that bounces, then by card
  | 'bad debt'
  | 'charity'
  | 'small balance'; // all but a little, which is written off

export interface VisitProfile {
  readonly daysAgo: number;
  readonly care: CareName;
  readonly course: Course;
  readonly paying: Paying;
}

/** One kind of patient, and the visits of the year. Every fortieth patient is of the same kind. */
export interface PatientProfile {
  readonly plan: PlanName;
  readonly second?: PlanName;
  readonly age: 'child' | 'adult' | 'senior';
  /** What the payer counts for the calendar year before the first visit: nothing, all of the deductible, or nearly. */
  readonly deductible?: 'met' | 'nearly';
  /** A child's parent: a patient of the practice (the next one), somebody beside it, or nobody that is known. */
  readonly parent?: 'next patient' | 'beside' | 'unknown';
  /** What the payer always answers, whatever the plan says: the simulator knows it by the member number. */
  readonly forced?: 'DENIED' | 'REVERSED';
  readonly spanish?: boolean;
  readonly qmb?: boolean; // Qualified Medicare Beneficiary
  readonly visits: readonly VisitProfile[];
}

const visit = (
  daysAgo: number,
  care: CareName,
  paying: Paying = 'in full',
  course: Course = 'plain',
): VisitProfile => ({ daysAgo, care, course, paying });

const every = (days: readonly number[], care: CareName, paying: Paying): VisitProfile[] =>
  days.map((d) => visit(d, care, paying));

const insured: readonly PatientProfile[] = [
  { plan: 'choice', age: 'adult', deductible: 'met', visits: [visit(330, 'cold'), visit(150, 'influenza'), visit(40, 'hypertension')] },
  { plan: 'choice', age: 'adult', visits: [visit(300, 'knee', 'check-in'), visit(90, 'back', 'check-in')] },
  { plan: 'hsa', age: 'adult', visits: [visit(290, 'cold', 'in two parts'), visit(170, 'back', 'half')] },
  { plan: 'hsa', age: 'adult', visits: [visit(250, 'skin', 'bad debt')] },
  { plan: 'hsa', age: 'adult', visits: [visit(345, 'ankle', 'nothing'), visit(55, 'back', 'nothing')] },
  { plan: 'harbor', age: 'adult', visits: [visit(270, 'gel', 'in full', 'cured'), visit(75, 'cold', 'check-in')] },
  { plan: 'harbor', age: 'adult', visits: [visit(210, 'gel', 'in full', 'unauthorized')] },
  { plan: 'harbor', age: 'adult', visits: [visit(50, 'gel', 'in full')] }, // denied, and nothing done about it yet
  { plan: 'harbor', age: 'adult', visits: [visit(200, 'hypertension', 'in full', 'late')] },
  { plan: 'harbor', age: 'adult', visits: [visit(115, 'gel', 'in full', 'authorized')] },
  { plan: 'granite', age: 'adult', visits: [visit(230, 'asthma'), visit(35, 'cold', 'nothing')] },
  { plan: 'granite', age: 'adult', visits: [visit(180, 'cold', 'in full', 'ended')] },
  { plan: 'granite', age: 'adult', visits: [visit(135, 'cold', 'small balance')] },
  { plan: 'granite', age: 'adult', visits: [...every([320, 235, 140, 52], 'diabetes', 'in full'), visit(10, 'back', 'nothing')] },
  { plan: 'granite', age: 'adult', visits: [visit(85, 'hypertension'), visit(6, 'knee', 'in full', 'draft')] },
  { plan: 'choice', second: 'granite', age: 'adult', visits: [visit(160, 'back', 'in full', 'rebilled')] },
  { plan: 'choice', age: 'child', parent: 'next patient', visits: [visit(325, 'cold'), visit(130, 'ankle', 'half')] },
  { plan: 'choice', age: 'adult', visits: [visit(140, 'knee', 'in full', 'corrected')] },
  { plan: 'choice', age: 'adult', visits: [visit(175, 'skin', 'in full', 'voided')] },
  { plan: 'lakeshore', age: 'adult', visits: [visit(255, 'knee', 'too much')] },
  { plan: 'lakeshore', age: 'adult', visits: [visit(145, 'back', 'ahead'), visit(25, 'hypertension', 'nothing')] },
  { plan: 'lakeshore', age: 'adult', forced: 'DENIED', visits: [visit(165, 'knee', 'in full', 'unneeded'), visit(70, 'knee')] },
  { plan: 'choice', age: 'adult', forced: 'REVERSED', visits: [visit(125, 'cold', 'nothing')] },
  { plan: 'choice', age: 'adult', visits: [visit(195, 'diabetes'), visit(2, 'cold', 'in full', 'unbilled')] },
  { plan: 'lakeshore', age: 'adult', visits: [visit(155, 'cold'), visit(4, 'unmapped', 'in full', 'captured')] },
  { plan: 'choice', age: 'adult', spanish: true, visits: [visit(65, 'cold', 'half'), visit(15, 'influenza', 'nothing')] },
  { plan: 'choice', age: 'adult', deductible: 'nearly', visits: [visit(205, 'gel')] },
  { plan: 'lakeshore', age: 'adult', visits: every([350, 260, 148, 48], 'hypertension', 'in full') },
];

const public_: readonly PatientProfile[] = [
  { plan: 'senior', second: 'lakeshore', age: 'senior', deductible: 'met', visits: every([340, 310, 280, 250, 220, 190, 160, 130, 100, 70, 41, 13], 'vitamin', 'in full') },
  { plan: 'senior', age: 'senior', deductible: 'met', visits: [visit(285, 'bones', 'half'), visit(80, 'influenza')] },
  { plan: 'senior', second: 'family', age: 'senior', deductible: 'met', qmb: true, visits: [visit(265, 'hypertension'), visit(60, 'cold')] },
  { plan: 'senior', age: 'senior', deductible: 'nearly', visits: [visit(245, 'bones')] },
  { plan: 'senior', age: 'senior', deductible: 'met', visits: [visit(105, 'wellness'), visit(12, 'hypertension', 'nothing')] },
  { plan: 'family', age: 'child', parent: 'beside', visits: [visit(240, 'asthma', 'in full', 'documented'), visit(30, 'asthma')] },
  { plan: 'family', age: 'child', parent: 'beside', spanish: true, visits: [visit(222, 'influenza'), visit(110, 'cold')] },
  { plan: 'family', age: 'adult', visits: [visit(225, 'diabetes'), visit(51, 'back')] },
];

const selfPay: readonly PatientProfile[] = [
  { plan: 'none', age: 'adult', visits: [visit(305, 'cold'), visit(95, 'back', 'half')] },
  { plan: 'none', age: 'adult', visits: [visit(215, 'skin', 'charity')] },
  { plan: 'none', age: 'adult', visits: [visit(120, 'cold', 'bounced')] },
  { plan: 'none', age: 'child', parent: 'unknown', visits: [visit(185, 'cold', 'nothing')] },
];

/** The forty kinds of patients. */
export const profiles: readonly PatientProfile[] = [...insured, ...public_, ...selfPay];
