import { dayNumber } from '../../../datatypes/dayNumber.ts';
import { Claims, type ClaimStory } from '../claims.ts';
import { monthOfDay, none } from '../place.ts';
import type { Dimension, Fact, Figure, Report, Scope } from '../report.ts';

const ways: readonly Dimension[] = ['payer', 'provider', 'place', 'month', 'carc'];
const without = ways.filter((one) => one !== 'carc');
const share = (
  code: string,
  text: string,
  of: 'count' | 'money' = 'count',
  by: readonly Dimension[] = ways,
): Figure => ({ code, text, kind: 'percent', of, ways: by });
const count = (code: string, text: string, by: readonly Dimension[] = without): Figure => ({
  code,
  text,
  kind: 'count',
  ways: by,
});
const money = (code: string, text: string): Figure => ({ code, text, kind: 'money', ways });

/** Facts of every claim that something of the period is said of. */
export function* ofClaims(
  scope: Scope,
  facts: (story: ClaimStory, isIn: (day: number | undefined) => boolean) => readonly Fact[],
): Generator<Fact | undefined> {
  const claims = new Claims(scope);
  yield* claims.read();
  const [from, through] = [dayNumber(scope.start), dayNumber(scope.end)];
  const isIn = (day: number | undefined): boolean => day !== undefined && day >= from && day <= through;
  for (const story of claims.stories.values()) yield* facts(story, isIn);
}

/** A fact counts for the payer of the claim, in the month of what it is about. */
export const at = (
  scope: Scope,
  story: ClaimStory,
  of: { readonly posting: number; readonly day: number },
) => ({
  posting: of.posting,
  in: { payer: scope.books.names.name(story.payer) ?? none, month: monthOfDay(of.day) },
});

export const cleanClaims: Report = {
  id: 'clean-claim-rate',
  title: 'Clean claims',
  description:
    'Of the claims sent in the period for the first time (by the day they were sent): those sent as they were drafted, without a change by a biller ($edit), that their payer neither asked about (pended) nor that were taken back or replaced before their answer, ÷ all of them. Every claim that is sent has passed the edits of the scrub. Corrections and claims to a further payer are not counted.',
  figures: [
    share('clean-claim-rate', 'Clean claims ÷ claims sent', 'count', without),
    count('sent', 'Claims sent'),
    count('edited', 'Changed by a biller'),
    count('pended', 'Asked about by the payer'),
    count('withdrawn', 'Taken back or replaced before the answer'),
  ],
  facts: (scope) =>
    ofClaims(scope, (story, isIn) => {
      const { sent } = story;
      if (!sent || sent.isCorrection || !isIn(sent.day)) return [];
      const head = { amount: 1, ...at(scope, story, sent) };
      const isEdited = scope.books.about(story.claim).isEdited === true;
      const faults = [
        ...(isEdited ? ['edited'] : []),
        ...(story.isPended ? ['pended'] : []),
        ...(story.isWithdrawn ? ['withdrawn'] : []),
      ];
      return [
        { ...head, figure: 'clean-claim-rate', part: 'denominator' },
        ...(faults.length === 0 ? [{ ...head, figure: 'clean-claim-rate' }] : []),
        { ...head, figure: 'sent' },
        ...faults.map((figure) => ({ ...head, figure })),
      ];
    }),
};

export const firstPass: Report = {
  id: 'first-pass-rate',
  title: 'First-pass resolution',
  description:
    'Of the claims whose first answer came in the period (by posting date): those that were no correction and of which that answer denied nothing ÷ all of them. What was pended counts by its answer.',
  figures: [
    share('first-pass-rate', 'Resolved by the first answer ÷ answered', 'count', without),
    count('answered', 'Claims answered'),
  ],
  facts: (scope) =>
    ofClaims(scope, (story, isIn) => {
      const { answered, sent } = story;
      if (!answered || !isIn(answered.day)) return [];
      const head = { amount: 1, ...at(scope, story, answered) };
      const isFirst = story.denied === 0 && sent?.isCorrection !== true;
      return [
        { ...head, figure: 'first-pass-rate', part: 'denominator' },
        ...(isFirst ? [{ ...head, figure: 'first-pass-rate' }] : []),
        { ...head, figure: 'answered' },
      ];
    }),
};

export const denials: Report = {
  id: 'denial-rate',
  title: 'Denials',
  description:
    'Of the claims whose first answer came in the period (by posting date): those it denied anything of ÷ all of them (count), and denied ÷ submitted (money). By CARC a claim counts under the first reason that its answer denies for. overturned is how many of the denied were paid by a later answer, up to the end of the period.',
  figures: [
    share('denial-rate', 'Denied ÷ answered claims', 'count', without),
    share('denied-money-rate', 'Denied ÷ submitted money', 'money', without),
    count('denied', 'Claims denied, in part or whole', ways),
    count('answered', 'Claims answered'),
    money('denied-money', 'Money denied by the first answer'),
    count('overturned', 'Denied and paid by a later answer'),
  ],
  facts: (scope) =>
    ofClaims(scope, (story, isIn) => {
      const { answered } = story;
      if (!answered || !isIn(answered.day)) return [];
      const place = at(scope, story, answered);
      const one = { amount: 1, ...place };
      const carcs = story.carcs.length > 0 ? story.carcs : [none];
      const isDenied = story.denied > 0;
      const under = (figure: string, carc: string): Fact => ({ ...one, figure, in: { ...one.in, carc } });
      return [
        { ...one, figure: 'denial-rate', part: 'denominator' },
        { ...one, figure: 'answered' },
        { ...place, figure: 'denied-money-rate', part: 'denominator', amount: story.submitted },
        ...(isDenied ? [under('denial-rate', carcs[0] ?? none), under('denied', carcs[0] ?? none)] : []),
        ...story.deniedAt.flatMap((posting): Fact[] => {
          const amount = scope.books.row(posting).amount;
          const head = { amount, posting, in: { ...place.in, carc: carcs[0] ?? none } };
          return [
            { ...head, figure: 'denied-money-rate' },
            { ...head, figure: 'denied-money' },
          ];
        }),
        ...(isDenied && story.isOverturned ? [{ ...one, figure: 'overturned' }] : []),
      ];
    }),
};
