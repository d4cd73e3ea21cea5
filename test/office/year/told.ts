import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { has } from '../../../src/datatypes/coding.ts';
import { dayNumber } from '../../../src/datatypes/dayNumber.ts';
import { system } from '../../../src/terminology/system.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { parsed } from '../../../src/interaction/repository.ts';
import { isDenied, saidIn } from './answered.ts';
import { summed } from './booked.ts';
import { day, extended, money, nameOf, plain, type Read } from './records.ts';

/** What reports tell of claims, counted from the resources: which were sent, which were answered, and how long it took. */
export interface Told {
  /** Claims that were sent first, no corrections and none to a further payer. */
  readonly sent: readonly Claim[];
  /** Those of them whose payer asked for something before it answered. */
  readonly pended: readonly Claim[];
  /** The first answers to claims, and their claims. */
  readonly answered: readonly { readonly answer: ClaimResponse; readonly claim: Claim }[];
}

const isPrimary = ({ insurance }: Claim): boolean => (insurance.find((i) => i.focal)?.sequence ?? 1) === 1;
/** That a claim was voided decides nothing of it. */
const isDecided = ({ item = [], adjudication = [] }: ClaimResponse): boolean =>
  item.length > 0 || adjudication.length > 0;
const corrects = ({ related = [] }: Claim): boolean =>
  related.some(({ relationship }) => has(relationship, system.relatedClaim, 'prior'));
/** A claim that was sent first: no correction, and to no further payer. */
export const isFirst = (claim: Claim): boolean => isPrimary(claim) && !corrects(claim);

export function told({ claims, answers, tasks }: Read): Told {
  const kept = tasks.filter(({ code }) => has(code, system.task, 'submission'));
  const wasSent = new Set(kept.map(({ focus }) => plain(focus?.reference)));
  const sent = claims.filter((c) => c.status !== 'draft' && wasSent.has(nameOf(c)) && isFirst(c));
  const asked = new Set(
    tasks
      .filter(({ code }) => has(code, system.task, 'information-requested'))
      .map(({ focus }) => plain(focus?.reference)),
  );
  return {
    sent,
    pended: sent.filter((c) => asked.has(nameOf(c))),
    answered: answers
      .filter((a) => a.outcome === 'complete' && !extended(a, 'answer-kind') && isDecided(a))
      .flatMap((answer) => {
        const claim = claims.find((c) => nameOf(c) === plain(answer.request?.reference));
        return claim ? [{ answer, claim }] : [];
      }),
  };
}

/** Of answers: those that denied nothing, of claims that correct none. */
export const resolved = ({ answered }: Told): Told['answered'] =>
  answered.filter(
    ({ answer, claim }) => (claim.related ?? []).length === 0 && !saidIn(answer).some(isDenied),
  );

export const servedOn = ({ item = [] }: Claim): string =>
  item.map(({ servicedDate, servicedPeriod }) => day(servicedDate ?? servicedPeriod?.start)).sort()[0] ?? '';

export const between = (from: string | undefined, to: string | undefined): number =>
  dayNumber(day(to)) - dayNumber(day(from));

/** An average of days with two digits, as reports tell it. */
export const averaged = (days: readonly number[]): number =>
  Math.round((days.reduce((a, b) => a + b, 0) / days.length) * 100) / 100;

/** The day on which an answer was first complete: a later version is what became of it. */
export async function firstAnswered({ store }: Context, { id = '' }: ClaimResponse): Promise<string> {
  const versions = await store.history('ClaimResponse', id, { count: 100 });
  const all = versions.filter(({ deleted }) => !deleted).map((one) => parsed<ClaimResponse>(one));
  return day(all.findLast(({ outcome }) => outcome === 'complete')?.created);
}

/** Cash of patients by how they paid: of the receipts that stand, in cents. */
export function byMethod({ receipts }: Read): Readonly<Record<string, number>> {
  const rows = receipts
    .filter(({ status }) => status === 'active')
    .map((one) => ({
      amount: money(one.amount.value),
      method:
        one.extension?.find(({ url }) => url.endsWith('/payment-method'))?.valueCodeableConcept?.coding?.[0]
          ?.code ?? 'none',
    }));
  return summed(rows, ({ method }) => method);
}
