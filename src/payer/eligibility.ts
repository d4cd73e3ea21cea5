import type { Basic, Coverage } from '@medplum/fhirtypes';
import { most, subtract, type Cents } from '../datatypes/cents.ts';
import { contains } from '../datatypes/date.ts';
import { enrolledPeriod, memberIdOf, usedOf } from './enrollment.ts';
import type { Plan } from './plan.ts';

/** What a payer says of a member, in the codes of a 271. */
export interface BenefitFact {
  readonly code: string; // EB01
  readonly serviceType: string; // EB03, '' where a service is named
  readonly plan?: string; // EB05
  readonly period?: string; // EB06
  readonly amount?: Cents; // EB07
  readonly share?: number; // EB08, in basis points
  readonly service?: readonly string[]; // EB13: qualifier, code, modifiers
  readonly needsAuthorization?: boolean; // EB11
  readonly otherPayer?: { readonly name: string; readonly payerId: string }; // loop 2120
}

/** The facts, or the code by which it refuses to say any (AAA03). */
export type Facts = { readonly facts: readonly BenefitFact[] } | { readonly refused: string };

export interface Member {
  readonly plan: Plan;
  readonly enrollment: Basic | undefined;
  readonly coverage: Coverage | undefined; // where the payer has no record of its own
}

/** Answers that a member id can force: no answer for now, one that says nothing, a coverage that ended, a further payer. */
const forced = {
  FORCEDSILENT: { refused: '42' },
  FORCEDVAGUE: { facts: [{ code: 'V', serviceType: '30' }] },
  FORCEDENDED: { facts: [{ code: '6', serviceType: '30' }] },
} as const satisfies Readonly<Record<string, Facts>>;
const otherPayer = { name: 'Medicare', payerId: 'MEDICARE' };

/**
 * What a payer knows of a member on a day: whether the plan is active, what the member bears of it and has borne this
 * year, and of each service that is asked after whether it needs an authorization.
 */
export function eligibilityFacts(
  { plan, enrollment, coverage }: Member,
  { day, services }: { readonly day: string; readonly services: readonly (readonly string[])[] },
): Facts {
  const number = enrollment?.identifier?.[0]?.value ?? memberIdOf(coverage) ?? '';
  const [scenario = ''] = /^FORCED[A-Z]+/.exec(number) ?? [];
  if (Object.hasOwn(forced, scenario)) return forced[scenario as keyof typeof forced];
  const period = enrolledPeriod(enrollment, coverage);
  const name = { plan: plan.id.slice(0, 50) };
  if (period !== undefined && !contains(period, day))
    return { facts: [{ code: '6', serviceType: '30', ...name }] };
  const used = usedOf(enrollment, day);
  const left = (whole: Cents, taken: Cents): Cents => most(subtract(whole, taken), subtract(whole, whole));
  const money = (code: string, when: string, amount: Cents, serviceType = '30'): BenefitFact => ({
    ...{ code, serviceType, period: when, amount },
  });
  const facts: BenefitFact[] = [
    { code: '1', serviceType: '30', ...name },
    money('C', '23', plan.deductible),
    money('C', '29', left(plan.deductible, used.deductible)),
    ...(plan.limit === undefined
      ? []
      : [money('G', '23', plan.limit), money('G', '29', left(plan.limit, used.limit))]),
    { code: 'A', serviceType: '30', period: '27', share: plan.coinsurance },
    ...(plan.visitCopay === 0 ? [] : [money('B', '27', plan.visitCopay, '98')]),
    ...(scenario === 'FORCEDSECOND' ? [{ code: 'R', serviceType: '30', otherPayer }] : []),
    ...services.map((service): BenefitFact => {
      const needsAuthorization = plan.authorization.has(service[1] ?? '');
      return { code: '1', serviceType: '', service, needsAuthorization };
    }),
  ];
  return { facts };
}
