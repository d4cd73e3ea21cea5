import type { MeasureReport } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../../src/app.ts';
import { centsOf } from '../../../src/datatypes/cents.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { httpServer } from '../../httpServer.ts';

/** A report of the year's practice, asked for as a client does. */
export interface Measured {
  /** A figure of money, in cents; undefined where the report has none of that code. */
  money(code: string): number | undefined;
  /** A figure as it is told: a number of claims, days, a share. */
  value(code: string): number | undefined;
  /** The figure divided: in cents, those that are nothing left out. */
  by(code: string, stratifier: string): Readonly<Record<string, number>>;
}

const clinic = 'Organization/alder-street-clinic';

export function measuring(context: Context): (id: string, query: string) => Promise<Measured> {
  const http = supertest(httpServer(createApp(context)));
  return async (id, query) => {
    const path = `/fhir/Measure/${id}/$evaluate-measure?subject=${clinic}&${query}`;
    const { status, body } = (await http.get(path)) as { status: number; body: unknown };
    if (status !== 200) throw new Error(`${path} answered ${String(status)}: ${JSON.stringify(body)}`);
    const { group = [] } = body as MeasureReport;
    const inCents = (value: number | undefined): number | undefined =>
      value === undefined ? undefined : centsOf({ value, currency: 'USD' });
    const groupOf = (code: string) => group.find((g) => g.code?.coding?.[0]?.code === code);
    const value = (code: string): number | undefined => groupOf(code)?.measureScore?.value;
    return {
      value,
      money: (code) => inCents(value(code)),
      by: (code, stratifier) => {
        const found = groupOf(code)?.stratifier?.find((s) => s.code?.[0]?.coding?.[0]?.code === stratifier);
        const rows = (found?.stratum ?? []).map(
          (s) => [s.value?.text ?? '', inCents(s.measureScore?.value) ?? 0] as const,
        );
        return Object.fromEntries(
          rows.filter(([, amount]) => amount !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1)),
        );
      },
    };
  };
}
