import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { dimensions, type Fact } from '../billing/report/report.ts';
import { factsIn, type Cell } from '../billing/report/tally.ts';
import { sum, toMoney, type Cents } from '../datatypes/cents.ts';
import { toOutcome } from '../outcome/issue.ts';
import { decided, unknownCode } from '../outcome/issue.ts';
import { breather } from '../interaction/breather.ts';
import { badRequest, unprocessable } from '../outcome/fhirError.ts';
import { asServer } from '../store/access/asServer.ts';
import type { Store } from '../store/store.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { keptFigures } from './report/keptFigures.ts';
import { followBooks } from './report/followBooks.ts';
import { questionOf, reportOf, type Question } from './report/question.ts';

interface Asked extends Question, Cell {
  readonly skip: number;
  readonly count: number;
}

const countDefault = 50;
const countMax = 500;

/** GET [base]/Measure/[id]/$entries: the journal entries that a figure of a report is added up from, page by page. */
export const measureEntries: Operation = {
  definition: operationDefinition('Measure-entries'),
  permission: 'report',
  async run(call) {
    const question = await questionOf(call);
    const asked: Asked = { ...question, ...cellOf(call, question), ...pageOf(call) };
    return { awaited: JSON.stringify(asked) };
  },
  answer: async (context, { awaited }): Promise<Parameters> => {
    const asked = JSON.parse(awaited) as Asked;
    const books = await followBooks(context.store);
    const report = reportOf(asked.measure);
    const facts = await factsIn(
      report,
      { books, kept: await keptFigures(context.store, asked), ...asked },
      asked,
      breather(),
    );
    const { of, kind } = report.figures.find(({ code }) => code === asked.figure) ?? {};
    const isMoney = kind === 'money' || of === 'money';
    const page = facts.slice(asked.skip, asked.skip + asked.count);
    const entry: ParametersParameter[] = [];
    for (const fact of page)
      entry.push({
        name: 'entry',
        part: await partsOf(context.store, books.order(books.row(fact.posting).entry), fact, {
          isMoney,
          account: books.row(fact.posting).account,
        }),
      });
    const counted = facts.filter(({ part }) => part !== 'denominator').map(({ amount }) => amount as Cents);
    const next = asked.skip + asked.count;
    return {
      resourceType: 'Parameters',
      parameter: [
        { name: 'total', valueInteger: facts.length },
        isMoney
          ? { name: 'amount', valueMoney: toMoney(sum(counted)) }
          : { name: 'count', valueDecimal: sum(counted) },
        ...entry,
        ...(next < facts.length
          ? [{ name: 'next', valueUrl: nextLink(context.publicUrl, asked, next) }]
          : []),
        {
          name: 'outcome',
          resource: toOutcome([decided('as-of', undefined, `postings up to ${asked.end}`)]),
        },
      ],
    };
  },
};

async function partsOf(
  store: Store,
  order: number,
  fact: Fact,
  { isMoney, account }: { readonly isMoney: boolean; readonly account: string },
): Promise<ParametersParameter[]> {
  const { entries } = await asServer(store).entries({ count: 1, after: order - 1 });
  const [found] = entries;
  if (!found) return [];
  return [
    { name: 'date', valueDate: found.on },
    ...(found.dated === undefined ? [] : [{ name: 'dated', valueDate: found.dated }]),
    { name: 'reason', valueCode: found.reason },
    { name: 'account', valueCode: account },
    { name: 'source', valueReference: { reference: found.cause } },
    { name: 'of', valueReference: { reference: found.account } },
    { name: 'entry', valueId: found.id },
    isMoney
      ? { name: 'amount', valueMoney: toMoney(fact.amount as Cents) }
      : { name: 'value', valueDecimal: fact.amount },
    ...(fact.part === undefined ? [] : [{ name: 'part', valueCode: fact.part }]),
  ];
}

/** Which figure, and the values it is divided by. */
function cellOf({ input }: Call, { measure }: Question): Cell {
  const { figures } = reportOf(measure);
  const figure = parameter(input, 'figure')?.valueCode ?? '';
  if (!figures.some(({ code }) => code === figure)) {
    const text = `a figure of ${measure} is one of ${figures.map(({ code }) => code).join(', ')}`;
    throw unprocessable([
      unknownCode('figure-unknown', "Parameters.parameter.where(name='figure').value", text),
    ]);
  }
  const at = Object.fromEntries(
    dimensions.flatMap((one) => {
      const value = parameter(input, one)?.valueString;
      return value === undefined ? [] : [[one, value]];
    }),
  );
  return { figure, at };
}

function pageOf({ input }: Call): Pick<Asked, 'skip' | 'count'> {
  const [skip, count] = [
    parameter(input, '_skip')?.valueInteger ?? 0,
    parameter(input, '_count')?.valueInteger,
  ];
  if (skip < 0 || (count ?? 1) < 1)
    throw badRequest('malformed-value', '_count is above and _skip not below 0');
  return { skip, count: Math.min(count ?? countDefault, countMax) };
}

function nextLink(
  base: string,
  { measure, practice, start, end, anchor, figure, at, count }: Asked,
  skip: number,
): string {
  const query = new URLSearchParams({
    ...{ subject: practice, periodStart: start, periodEnd: end, anchor, figure, ...at },
    ...{ _count: String(count), _skip: String(skip) },
  });
  return `${base}/Measure/${measure}/$entries?${query.toString()}`;
}
