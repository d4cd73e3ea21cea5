import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { quoted } from '../report/csv.ts';

const columns = ['kind', 'day', 'since', 'age', 'of', 'patient', 'provider', 'task', 'text'] as const;

const cellOf = (part: ParametersParameter | undefined): string => {
  const { valueCode, valueDate, valueInteger, valueReference, valueString } = part ?? {};
  return valueCode ?? valueDate ?? valueInteger?.toString() ?? valueReference?.reference ?? valueString ?? '';
};

/** The answer of $missing-charges as rows of comma-separated values (RFC 4180). A row `next` says where to go on. */
export function gapCsv({ parameter = [] }: Parameters): string {
  const rows = parameter
    .filter(({ name }) => name === 'gap')
    .map(({ part = [] }) => columns.map((column) => cellOf(part.find(({ name }) => name === column))));
  const next = parameter.find(({ name }) => name === 'next')?.valueString;
  const more = next === undefined ? [] : [['next', next, ...columns.slice(2).map(() => '')]];
  return [columns, ...rows, ...more].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}
