import type { Reader, Remembered, Transaction } from '../store/store.ts';

/** Charts that were opened by breaking the glass, kept under the name of who did, until the last of them is closed. */

/** A chart that is open to somebody. */
export interface OpenedChart {
  readonly patient: string; // id
  readonly until: string; // an instant
}

const keyOf = (name: string): string => `break-glass|${name}`;

/** Rises when somebody opens a chart on this server, so that it counts at once; other servers look every second. */
let revision = 0;
export const openedRevision = (): number => revision;

/** The charts that are open to an account at an instant. */
export async function openedCharts(
  reader: Reader,
  name: string,
  now: string,
): Promise<readonly OpenedChart[]> {
  const kept = await reader.recall(keyOf(name));
  return kept ? chartsIn(kept).filter(({ until }) => until > now) : [];
}

function chartsIn({ body }: Remembered): readonly OpenedChart[] {
  const charts: unknown = JSON.parse(body === '' ? '[]' : body);
  if (!Array.isArray(charts)) return [];
  return charts.flatMap((one: unknown): OpenedChart[] => {
    if (typeof one !== 'object' || one === null || !('patient' in one) || !('until' in one)) return [];
    const { patient, until } = one;
    return typeof patient === 'string' && typeof until === 'string' ? [{ patient, until }] : [];
  });
}

/** Opens a chart to an account until an instant, beside those that are open. */
export async function openChart(
  tx: Transaction,
  { name, now }: { readonly name: string; readonly now: string },
  chart: OpenedChart,
): Promise<void> {
  await tx.lock(keyOf(name));
  const others = (await openedCharts(tx, name, now)).filter(({ patient }) => patient !== chart.patient);
  const charts = [...others, chart];
  const last = charts.reduce((a, b) => (a.until > b.until ? a : b));
  const body = JSON.stringify(charts);
  await tx.remember(keyOf(name), { bodyHash: '', status: 200, headers: {}, body }, last.until);
  revision += 1;
}
