import type { Coverage, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { ageOn, contains } from '../../datatypes/date.ts';
import { same } from '../../datatypes/reference.ts';
import { coverageCodes as codes, isMedicaid, isMedicare, payingFor } from '../../terminology/coverageType.ts';
import { businessFault, decided, warning, type Issue } from '../../outcome/issue.ts';
import type { ClaimForm } from './claimLine.ts';

/** A Coverage that an Account may name, with its priority there. */
export interface NamedCoverage {
  readonly coverage: Coverage;
  readonly priority?: number | undefined;
}

/** What is known about who may pay. */
export interface PayerQuestion {
  readonly named: readonly NamedCoverage[]; // of the Account
  readonly known: readonly Coverage[]; // of the patient
  readonly on: string; // date of service
  readonly form?: ClaimForm; // of the claim; none: a claim for a visit or stay
  readonly patient: Patient;
  readonly subscribers: ReadonlyMap<string, Patient | RelatedPerson>; // by reference
}

/** Who pays, in order. No payer: the patient does (`selfPay`), or the visit must be corrected first (`faults`). */
export interface PayerOrder {
  readonly coverages: readonly Coverage[];
  readonly selfPay: boolean;
  readonly issues: readonly Issue[];
  readonly faults: readonly Issue[];
}

/** The patient pays: coverage-selfpay `pay`, or a Coverage whose payor is the patient. */
const isSelfPay = (c: Coverage): boolean =>
  codes(c).some((code) => code.toLowerCase() === 'pay' || code.toUpperCase() === 'SELFPAY') ||
  same(c.payor[0], c.beneficiary);

const isActive = (on: string) => (c: Coverage) => c.status === 'active' && contains(c.period, on);

const benefitOf: Partial<Record<ClaimForm, 'dental' | 'drug'>> = { oral: 'dental', pharmacy: 'drug' };

const nobodyPays = (form: ClaimForm | undefined): PayerOrder => {
  const text = `no Coverage of the patient pays ${form ?? 'this'} claims: the patient pays, Encounter/[id]/$generate-invoice bills it`;
  return { coverages: [], selfPay: true, issues: [decided('self-pay', 'Coverage', text)], faults: [] };
};

/**
 * Who pays first: what the Account names, by priority; else the patient's active Coverages by order; where an order is
 * missing, billing rules 43 and 44 decide. Two of the same order are a fault.
 */
export function payerOrder(question: PayerQuestion): PayerOrder {
  const { named, known, on, form } = question;
  const none = { coverages: [], selfPay: false, issues: [], faults: [] };
  if (named.length > 0) {
    const active = named.filter((n) => isActive(on)(n.coverage));
    if (active.length === 0) {
      const faults = named.map(({ coverage }, i) =>
        businessFault(
          'coverage-not-active',
          `Account.coverage[${i.toString()}]`,
          `${idOf(coverage)} is not active on ${on}`,
        ),
      );
      return { ...none, faults };
    }
    const payers = payingFor(active, form && benefitOf[form], (n) => n.coverage);
    if (payers.length === 0) return nobodyPays(form);
    return ranked(
      question,
      payers.map((n) => ({ coverage: n.coverage, order: n.priority })),
      'Account.coverage',
    );
  }
  const active = known.filter(isActive(on));
  if (active.length === 0) {
    const text = known.length > 0 ? `no Coverage is active on ${on}` : 'the patient has no Coverage';
    const hint = `${text}: the patient pays, Encounter/[id]/$generate-invoice bills it`;
    return { ...none, selfPay: true, issues: [decided('self-pay', 'Coverage', hint)] };
  }
  const payers = payingFor(active, form && benefitOf[form], (coverage) => coverage);
  if (payers.length === 0) return nobodyPays(form);
  return ranked(
    question,
    payers.map((coverage) => ({ coverage, order: coverage.order })),
    'Coverage.order',
  );
}

interface Ranked {
  readonly coverage: Coverage;
  readonly order?: number | undefined;
}

function ranked(question: PayerQuestion, all: readonly Ranked[], basis: string): PayerOrder {
  const payers = all.filter((r) => !isSelfPay(r.coverage));
  if (payers.length === 0) {
    const text = 'the Coverage says that the patient pays: Encounter/[id]/$generate-invoice bills it';
    return { coverages: [], selfPay: true, issues: [decided('self-pay', 'Coverage', text)], faults: [] };
  }
  const faults = payers.flatMap((r, i) => {
    const twin = payers.findIndex((other) => r.order !== undefined && other.order === r.order);
    if (twin === i) return [];
    const text = `${idOf(r.coverage)} has the same order as ${idOf(payers[twin]?.coverage)}`;
    return r.order === undefined ? [] : [businessFault('coverage-order-conflict', basis, text)];
  });
  if (faults.length > 0) return { coverages: [], selfPay: false, issues: [], faults };
  const given = payers.every((r) => r.order !== undefined);
  const sorted = given
    ? [...payers].sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    : [...payers].sort((a, b) => precedes(question, a.coverage, b.coverage).sign);
  const issues = sorted.map(({ coverage }, i) => {
    const place = `payer ${(i + 1).toString()} is ${idOf(coverage)}`;
    const before = sorted[i - 1]?.coverage;
    const why = given || before === undefined ? undefined : precedes(question, before, coverage).why;
    const text = given ? `${place}, by ${basis}` : `${place}${why === undefined ? '' : `: ${why}`}`;
    return decided('payer-order', basis, text);
  });
  return {
    coverages: sorted.map((r) => r.coverage),
    selfPay: false,
    issues: [...issues, ...lastResort(sorted)],
    faults,
  };
}

/** Medicaid is the payer of last resort (billing rule 44): an order that says otherwise is kept, with a warning. */
const lastResort = (sorted: readonly Ranked[]): Issue[] =>
  sorted.slice(0, -1).some((r) => isMedicaid(r.coverage))
    ? [warning('medicaid-not-last', 'Coverage.order', 'a Medicaid coverage stands before another payer')]
    : [];

const idOf = (coverage: Coverage | undefined): string => `Coverage/${coverage?.id ?? ''}`;

const isRetired = (c: Coverage): boolean => codes(c).includes('RETIRE');
const isEmployer = (c: Coverage): boolean =>
  codes(c).includes('EHCPOL') || c.class?.some((x) => x.type.coding?.[0]?.code === 'group') === true;
const isOwn = (c: Coverage, patient: Patient): boolean =>
  same(c.subscriber, { reference: `Patient/${patient.id ?? ''}` }) ||
  c.relationship?.coding?.some((x) => x.code === 'self') === true;

interface Verdict {
  readonly sign: number; // below zero: the first pays first
  readonly why: string;
}
type Rule = (a: Coverage, b: Coverage, q: PayerQuestion) => Verdict | undefined;

const first = (one: boolean, other: boolean, why: string): Verdict | undefined =>
  one === other ? undefined : { sign: one ? -1 : 1, why };

/** Billing rules 43 and 44, the first that tells two Coverages apart. */
const rules: readonly Rule[] = [
  (a, b) => first(!isMedicaid(a), !isMedicaid(b), 'Medicaid pays last'),
  (a, b, q) => medicare(a, b, q),
  (a, b, { patient }) =>
    first(isOwn(a, patient), isOwn(b, patient), 'the plan of the subscriber before that of a dependent'),
  (a, b) => first(!isRetired(a), !isRetired(b), 'the plan of active work before that of retirement'),
  (a, b, q) => birthday(a, b, q),
  (a, b) => compared(a.period?.start, b.period?.start, 'the plan in force longer'),
  (a, b) => compared(a.id, b.id, 'nothing tells the two apart, so by id'),
];

/** A group plan of present work pays before Medicare of a patient of 65 or more; every other plan after it. */
function medicare(a: Coverage, b: Coverage, { patient, on }: PayerQuestion): Verdict | undefined {
  if (isMedicare(a) === isMedicare(b)) return undefined;
  const other = isMedicare(a) ? b : a;
  const working = isEmployer(other) && !isRetired(other) && ageOn(patient.birthDate ?? on, on) >= 65;
  return working
    ? first(a === other, b === other, 'a group plan of present work before Medicare')
    : first(isMedicare(a), isMedicare(b), 'Medicare before a plan that is not of present work');
}

/** A child under two parents' plans: the parent whose birthday comes first in the year. */
function birthday(a: Coverage, b: Coverage, { patient, subscribers }: PayerQuestion): Verdict | undefined {
  if (isOwn(a, patient) || isOwn(b, patient)) return undefined;
  const day = (c: Coverage): string | undefined =>
    subscribers.get(c.subscriber?.reference ?? '')?.birthDate?.slice(5);
  return compared(day(a), day(b), 'birthday rule');
}

function compared(a: string | undefined, b: string | undefined, why: string): Verdict | undefined {
  if (a === b || a === undefined || b === undefined) return undefined;
  return { sign: a < b ? -1 : 1, why };
}

function precedes(question: PayerQuestion, a: Coverage, b: Coverage): Verdict {
  for (const rule of rules) {
    const verdict = rule(a, b, question);
    if (verdict) return verdict;
  }
  return { sign: 0, why: 'nothing tells the two apart' };
}
