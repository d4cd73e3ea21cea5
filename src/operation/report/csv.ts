import type { MeasureReport, MeasureReportGroupPopulation } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';

const head = [
  ...[
    'measure',
    'periodStart',
    'periodEnd',
    'periodState',
    'figure',
    'dimension',
    'value',
    'dimension2',
    'value2',
  ],
  ...['score', 'unit', 'numerator', 'denominator'],
];

interface Scored {
  readonly measureScore?: MeasureReport['group'] extends (infer G)[] | undefined
    ? G extends { measureScore?: infer Q }
      ? Q
      : never
    : never;
  readonly population?: readonly MeasureReportGroupPopulation[];
}

/** A MeasureReport as rows of comma-separated values (RFC 4180): the whole of each figure, then its strata. */
export function csvOf(report: MeasureReport): string {
  const state = extensionOf(report, extension.periodState)?.valueCode ?? '';
  const shared = [
    report.measure.split('/').at(-1) ?? '',
    report.period.start ?? '',
    report.period.end ?? '',
    state,
  ];
  const rows = (report.group ?? []).flatMap((group) => {
    const figure = group.code?.coding?.[0]?.code ?? '';
    const whole = [...shared, figure, '', '', '', '', ...scoreOf(group)];
    const strata = (group.stratifier ?? []).flatMap(({ code, stratum = [] }) => {
      const [one = '', two = ''] = (code?.[0]?.coding?.[0]?.code ?? '').split('.');
      return stratum.map((s) => {
        const [first, second] = s.component?.map((c) => c.value.text ?? '') ?? [s.value?.text ?? ''];
        return [...shared, figure, one, first ?? '', two, second ?? '', ...scoreOf(s)];
      });
    });
    return [whole, ...strata];
  });
  return [head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function scoreOf({ measureScore, population = [] }: Scored): string[] {
  const part = (code: string): string => {
    const found = population.find((p) => p.code?.coding?.[0]?.code === code);
    const amount = extensionOf(found, extension.reportAmount)?.valueMoney?.value ?? found?.count;
    return amount === undefined ? '' : String(amount);
  };
  const { value, unit = '' } = measureScore ?? {};
  return [value === undefined ? '' : String(value), unit, part('numerator'), part('denominator')];
}

/** Quoted where it must be; a cell that a spreadsheet would run as a formula begins with an apostrophe. */
export function quoted(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
