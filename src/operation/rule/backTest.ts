import { createHash } from 'node:crypto';
import type { Basic, Claim, ClaimResponse, Extension, Parameters, Resource } from '@medplum/fhirtypes';
import { deniedBy } from '../../billing/denial/denied.ts';
import { csvOf, rowParameter, tableOf, type Past, type Table } from '../../billing/rule/backTest.ts';
import { isAbout, readRule, testedText, type DataRule } from '../../billing/rule/dataRule.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { breather } from '../../interaction/breather.ts';
import { find, parsed, resolve, updateResource } from '../../interaction/repository.ts';
import { decided, toOutcome, warning, type Issue } from '../../outcome/issue.ts';
import { parsePairs } from '../../search/parse.ts';
import { asServer } from '../../store/access/asServer.ts';
import type { Reader } from '../../store/store.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { extension } from '../../terminology/system.ts';
import type { OperationContext } from '../operation.ts';
import { readKnown } from '../submission/readKnown.ts';
import { firstDay } from './activeRules.ts';
import { judgeApart } from './judgeApart.ts';
import { subjectOf } from './subjectOf.ts';

/** What a back-test is asked, kept as text while it is awaited. */
export interface Asked {
  readonly basic: Basic; // the rule; stored, unless it is proposed in a dry run
  readonly from: string;
  readonly to: string;
  readonly on: string;
}

interface Tested {
  readonly table: Table;
  readonly failed: number;
  readonly isUnfinished: boolean;
  readonly isCut: boolean; // there were more claims
}

const claimsAtOnce = 50;
/** A test looks at so many claims at most, the latest first. */
const claimsMax = 20_000;

/** Hash of what was tested: an extension need not repeat the rule. */
export const testedHash = (rule: DataRule): string =>
  createHash('sha256').update(testedText(rule)).digest('hex');

/**
 * What a rule would have done with the claims that a practice sent in a time, held against what payers decided on them.
 * Claims are read as they were sent, all else as it is now. The days for which the rule holds are left out.
 */
async function testRule(
  store: Reader,
  rule: DataRule,
  { from, to }: Pick<Asked, 'from' | 'to'>,
): Promise<Tested> {
  const past: Past[] = [];
  let failed = 0;
  const breathe = breather();
  for await (const claim of sentClaims(store, rule, { from, to })) {
    if (past.length >= claimsMax) return { table: tableOf(past), failed, isUnfinished: false, isCut: true };
    await breathe();
    const payer = unversionedText(claim.insurer?.reference) ?? '';
    if (!isAbout({ payers: rule.payers }, { payer, day: firstDay(claim) })) continue;
    const known = await readKnown(store, claim);
    const subject = await subjectOf(store, claim, known, claim.created.slice(0, 10));
    const [judged = 'not-run'] = await judgeApart([rule], subject);
    if (judged === 'unfinished' || judged === 'not-run')
      return { table: tableOf(past), failed, isUnfinished: true, isCut: false };
    if (judged === 'failed') failed += 1;
    const isStopped = typeof judged !== 'string' && judged.length > 0;
    past.push({ claim: referenceText(claim), payer, isStopped, denied: await deniedOf(store, claim, rule) });
  }
  return { table: tableOf(past), failed, isUnfinished: false, isCut: false };
}

/** What was ever denied of a claim for the reason of the rule: the most of one answer. */
async function deniedOf(store: Reader, claim: Claim, { carc }: DataRule): Promise<Past['denied']> {
  const answers = await find<ClaimResponse>(store, 'ClaimResponse', { request: referenceText(claim) });
  const amounts = answers.flatMap((answer) => deniedBy(answer).get(carc)?.amount ?? []);
  return amounts.length === 0 ? undefined : amounts.reduce((a, b) => (a > b ? a : b));
}

async function* sentClaims(
  store: Reader,
  { practice }: DataRule,
  { from, to }: Pick<Asked, 'from' | 'to'>,
): AsyncGenerator<Claim & { id: string }> {
  const query = parsePairs('Claim', [
    ['status', 'active'],
    ['use', 'claim'],
    ['created', `ge${from}`],
    ['created', `le${to}`],
    ...(practice === undefined ? [] : [['provider', practice] as const]),
    ['_sort', '-created'],
    ['_count', String(claimsAtOnce)],
  ]);
  for (let cursor: string | undefined; ;) {
    const page = await store.search(cursor === undefined ? query : { ...query, cursor });
    for (const match of page.matches) {
      const claim = parsed<Claim & { id: string }>(match);
      if (!isVoidClaim(claim)) yield claim;
    }
    cursor = page.next;
    if (cursor === undefined) return;
  }
}

/** Tests a rule, keeps what was found with it, and answers with the table. */
export async function backTest(given: OperationContext, asked: Asked, dryRun: boolean): Promise<Parameters> {
  // that the rule is the caller's to test was judged before; the claims are those of its practice
  const context = { ...given, store: asServer(given.store) };
  const { rule } = readRule(asked.basic);
  const tested = await testRule(context.store, rule, asked);
  const basic = dryRun ? asked.basic : await keep(context, asked, tested);
  const { table, failed, isUnfinished, isCut } = tested;
  const { claims, stopped, rightly, missed } = table.total;
  const text = `of ${claims} claims the rule would have stopped ${stopped}, ${rightly} of them rightly; ${missed} more were denied for CARC ${rule.carc}`;
  const issues: Issue[] = [
    decided('back-tested', 'Basic', text),
    ...(failed > 0
      ? [warning('scrub-rule-not-run', 'Basic', `on ${failed} claims it cannot be judged`)]
      : []),
    ...(isCut
      ? [warning('back-test-cut', 'Basic', `only the latest ${claimsMax} claims were looked at`)]
      : []),
    ...(isUnfinished
      ? [warning('scrub-rule-unfinished', 'Basic', 'it did not end within a second: the test was stopped')]
      : []),
  ];
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'rule', resource: basic },
      rowParameter('total', table.total),
      ...table.rows.map((row) => rowParameter('row', row)),
      ...table.wrongly.map((reference) => ({ name: 'wrongly', valueReference: { reference } })),
      { name: 'csv', valueString: csvOf(table) },
      { name: 'outcome', resource: toOutcome(issues) },
    ],
  };
}

const keep = (context: OperationContext, asked: Asked, tested: Tested): Promise<Resource> =>
  context.store.transaction(async (tx) => {
    const reference = `Basic/${asked.basic.id ?? ''}`;
    const basic = await resolve<Basic & { id: string }>(tx, 'Basic', { reference });
    if (!basic) return asked.basic; // it was deleted meanwhile
    const others = (basic.extension ?? []).filter(({ url }) => url !== extension.scrubRuleTest);
    const kept = testExtension(asked, tested);
    return updateResource<Basic>(context, tx, changed(basic, { extension: [...others, kept] }));
  });

function testExtension({ basic, from, to, on }: Asked, { table, failed, isUnfinished }: Tested): Extension {
  const { claims, stopped, rightly, missed } = table.total;
  const counts = { claims, stopped, rightly, missed, failed };
  return {
    url: extension.scrubRuleTest,
    extension: [
      { url: 'on', valueDate: on },
      { url: 'tested', valueString: testedHash(readRule(basic).rule) },
      { url: 'from', valueDate: from },
      { url: 'to', valueDate: to },
      ...Object.entries(counts).map(([url, valueInteger]) => ({ url, valueInteger })),
      { url: 'unfinished', valueBoolean: isUnfinished },
    ],
  };
}
