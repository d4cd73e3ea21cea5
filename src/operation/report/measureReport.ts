import type {
  Extension,
  MeasureReport,
  MeasureReportGroup,
  MeasureReportGroupPopulation,
  MeasureReportGroupStratifier,
  Quantity,
} from '@medplum/fhirtypes';
import type { Figure } from '../../billing/report/report.ts';
import type { Division, Score, Tallied } from '../../billing/report/tally.ts';
import { toDecimal, toMoney, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { extension, ownMeasure, system } from '../../terminology/system.ts';
import type { Question } from './question.ts';

/** How much of the period of a report is closed. */
export function stateOf({
  start,
  end,
  closed,
}: Pick<Question, 'start' | 'end' | 'closed'>): 'open' | 'closed' | 'mixed' {
  if (closed === undefined || closed < start) return 'open';
  return closed >= end ? 'closed' : 'mixed';
}

/** The figures of a report as a MeasureReport: a group each, a stratum for each value they are divided by. */
export function measureReport(
  question: Question,
  figures: readonly Tallied[],
  { now, base }: { readonly now: string; readonly base: string },
): MeasureReport {
  const { measure, practice, start, end, closed } = question;
  const state = stateOf(question);
  return {
    resourceType: 'MeasureReport',
    extension: [
      { url: extension.periodState, valueCode: state },
      ...(state === 'mixed' && closed !== undefined
        ? [{ url: extension.closedThrough, valueDate: closed }]
        : []),
    ],
    status: 'complete',
    type: 'summary',
    measure: ownMeasure(measure),
    date: now,
    reporter: { reference: practice },
    period: { start, end },
    group: figures.map((one) => groupOf(one, (at) => entriesLink(question, base, at))),
  };
}

/** Opens a cell: which figure, and the values it is divided by. */
type Link = (at: Readonly<Record<string, string>>) => Extension;

function entriesLink(
  { measure, practice, start, end, anchor }: Question,
  base: string,
  at: Readonly<Record<string, string>>,
): Extension {
  const query = new URLSearchParams({
    ...{ subject: practice, periodStart: start, periodEnd: end },
    ...(anchor === 'service' ? {} : { anchor }),
    ...at,
  });
  return {
    url: extension.reportEntries,
    valueUrl: `${base}/Measure/${measure}/$entries?${query.toString()}`,
  };
}

function groupOf({ figure, total, divisions }: Tallied, link: Link): MeasureReportGroup {
  const stratifier = divisions.map((one) => stratifierOf(figure, one, link));
  return {
    extension: [link({ figure: figure.code })],
    code: { ...concept(system.reportFigure, figure.code), text: figure.text },
    ...scored(figure, total),
    ...(stratifier.length > 0 ? { stratifier } : {}),
  };
}

const stratifierOf = (
  figure: Figure,
  { by, strata }: Division,
  link: Link,
): MeasureReportGroupStratifier => ({
  code: [{ ...concept(system.reportDimension, by.join('.')) }],
  ...(strata.length > 0
    ? {
        stratum: strata.map(({ values, score }) => {
          const at = Object.fromEntries(by.map((one, i) => [one, values[i] ?? '']));
          return {
            extension: [link({ figure: figure.code, ...at })],
            ...(by.length === 1
              ? { value: { text: values[0] ?? '' } }
              : {
                  component: by.map((one, i) => ({
                    code: concept(system.reportDimension, one),
                    value: { text: values[i] ?? '' },
                  })),
                }),
            ...scored(figure, score),
          };
        }),
      }
    : {}),
});

type Scored = Pick<MeasureReportGroup, 'measureScore' | 'population'>;

function scored(figure: Figure, { score, numerator, denominator }: Score): Scored {
  const population = [
    ...(numerator === undefined ? [] : [populationOf('numerator', figure, numerator)]),
    ...(denominator === undefined ? [] : [populationOf('denominator', figure, denominator)]),
  ];
  return {
    ...(population.length > 0 ? { population } : {}),
    ...(score === undefined ? {} : { measureScore: quantityOf(figure.kind, score) }),
  };
}

/** R4 counts subjects in a population; a sum of money or days is an extension beside. */
function populationOf(code: string, { of, kind }: Figure, amount: number): MeasureReportGroupPopulation {
  const isDays = kind === 'days' && of === 'days';
  const money = of === 'money';
  return {
    ...(money ? { extension: [{ url: extension.reportAmount, valueMoney: toMoney(amount as Cents) }] } : {}),
    code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-population', code }] },
    ...(money && !isDays ? {} : { count: amount }),
  };
}

function quantityOf(kind: Figure['kind'], score: number): Quantity {
  switch (kind) {
    case 'money':
      return { value: toDecimal(score as Cents), unit: 'USD', system: 'urn:iso:std:iso:4217', code: 'USD' };
    case 'percent':
      return { value: score, unit: '%', system: 'http://unitsofmeasure.org', code: '%' };
    case 'days':
      return { value: score, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' };
    case 'count':
      return { value: score, unit: '1', system: 'http://unitsofmeasure.org', code: '1' };
    default:
      return kind satisfies never;
  }
}
