import type { Parameters } from '@medplum/fhirtypes';
import { reports } from '../../billing/report/index.ts';
import {
  anchors,
  dimensions,
  type Anchor,
  type Dimension,
  type Report,
} from '../../billing/report/report.ts';
import { isDate } from '../../datatypes/date.ts';
import { lastDayOf } from '../../datatypes/month.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { readResource } from '../../interaction/repository.ts';
import { badRequest, fhirError, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, unknownCode } from '../../outcome/issue.ts';
import { closedDay } from '../closing/post.ts';
import { requireOwnPractice } from '../closing/ownPractice.ts';
import type { Call } from '../operation.ts';
import { parameter, parameters } from '../parameters.ts';
import { ownMeasure } from '../../terminology/system.ts';

/** What a report is asked. */
export interface Question {
  readonly measure: string; // its id
  readonly practice: string; // Organization/1
  readonly start: string;
  readonly end: string;
  readonly anchor: Anchor;
  readonly ways: readonly (readonly Dimension[])[];
  readonly closed: string | undefined; // the last closed day
}

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** The report that a Measure is; 422 for a Measure of others. */
export function reportOf(id: string): Report {
  const report = reports.find((one) => one.id === id);
  if (report) return report;
  const text = `this server evaluates ${reports.map((one) => one.id).join(', ')}`;
  throw unprocessable([businessFault('measure-not-evaluated', 'Measure', text)]);
}

/** Reads and checks the question: Measure, practice, period, anchor and stratifiers. */
export async function questionOf(call: Call): Promise<Question> {
  if (call.isPart)
    throw fhirError(422, 'not-supported', 'not-in-bundle', 'a report cannot be part of a transaction');
  const { tx, input } = call;
  const id = await measureId(call);
  const report = reportOf(id);
  const practice = practiceNamed(call);
  await readResource(call.view ?? tx, 'Organization', practice);
  requireOwnPractice(call.context, practice);
  const period = periodOf(input);
  const anchor = parameter(input, 'anchor')?.valueCode ?? 'service';
  const known = anchors.find((one) => one === anchor);
  if (!known)
    throw unprocessable([
      unknownCode('anchor-unknown', at('anchor'), `the anchor is one of ${anchors.join(', ')}`),
    ]);
  const name = `Organization/${practice}`;
  const closed = await closedDay(tx, name);
  return { measure: id, practice: name, ...period, anchor: known, ways: waysOf(input, report), closed };
}

async function measureId({ tx, target, input, view }: Call): Promise<string> {
  if (target.id !== undefined) {
    if (!reports.some(({ id }) => id === target.id)) await readResource(view ?? tx, 'Measure', target.id);
    return target.id;
  }
  const named = parameter(input, 'measure')?.valueString ?? '';
  return (
    reports.find(({ id }) => named === id || named === `Measure/${id}` || named === ownMeasure(id))?.id ??
    named
  );
}

/** The practice that is asked about: `subject`, or the only one of who asks. */
function practiceNamed({ input, context }: Call): string {
  const given = parameter(input, 'subject')?.valueString;
  const target = parseReference(given);
  if (target?.type === 'Organization') return target.id;
  if (given !== undefined)
    throw badRequest('malformed-value', 'subject is a practice, as Organization/1', at('subject'));
  const [only, ...others] = context.access?.practices ?? [];
  if (only !== undefined && others.length === 0) return only;
  const text = 'subject is missing: the practice that is asked about, as Organization/1';
  throw unprocessable([businessFault('subject-missing', at('subject'), text)]);
}

/** Days, or months or years: their first day as start, their last as end. */
function periodOf(input: Parameters): Pick<Question, 'start' | 'end'> {
  const day = (name: 'periodStart' | 'periodEnd'): string => {
    const given = parameter(input, name)?.valueDate ?? '';
    const whole =
      given.length === 4
        ? name === 'periodStart'
          ? `${given}-01-01`
          : `${given}-12-31`
        : given.length === 7
          ? name === 'periodStart'
            ? `${given}-01`
            : lastDayOf(given)
          : given;
    if (!isDate(whole)) throw badRequest('malformed-value', `${name} must be a date`, at(name));
    return whole;
  };
  const [start, end] = [day('periodStart'), day('periodEnd')];
  if (start > end)
    throw unprocessable([
      businessFault('period-turned', at('periodEnd'), 'the period ends before it begins'),
    ]);
  return { start, end };
}

/** `payer`, or two of them as `payer.month`; where none is asked for, each dimension by itself. */
function waysOf(input: Parameters, report: Report): (readonly Dimension[])[] {
  const own = dimensions.filter((one) => report.figures.some(({ ways }) => ways.includes(one)));
  const asked = parameters(input, 'stratifier').flatMap((p) => p.valueCode ?? []);
  if (asked.length === 0) return own.map((one) => [one]);
  return asked.map((text) => {
    const names = text.split('.').map((name) => own.find((one) => one === name));
    const known = names.flatMap((one) => one ?? []);
    if (known.length === names.length && known.length <= 2 && new Set(known).size === known.length)
      return known;
    const say = `a stratifier of ${report.id} is one of ${own.join(', ')}, or two of them with a dot between`;
    throw unprocessable([unknownCode('stratifier-unknown', at('stratifier'), say)]);
  });
}
