import type { IncomingMessage } from 'node:http';
import type { Context } from '../interaction/context.ts';
import { asServer } from '../store/access/asServer.ts';
import { FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import { exchangeOf, pathOf, type Answering, type Step } from './exchange.ts';
import type { RequestCounts } from './requestCounts.ts';
import { send } from './send.ts';
import type { PrincipalOf } from './settings.ts';

/** Where the figures are. */
const path = '/metrics';
const contentType = 'text/plain; version=0.0.4';

/**
 * Tells the figures at /metrics in the text format of Prometheus: requests by method, route and status, and background
 * work, nothing of a chart. Whoever may ask FHIR may ask here; with
 * a token, whoever has a role that lets them see how the server does.
 * See https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function metrics(context: Context, principalOf: PrincipalOf, counts: RequestCounts): Step {
  const answer = async (request: IncomingMessage, response: Answering): Promise<void> => {
    const { permits } = await principalOf(request);
    if (permits && !permits.has('operate')) throw notForThem();
    const body = await figures(context, counts);
    exchangeOf(response).presentation = { contentType, pretty: false };
    send(request, response, { status: 200, body });
  };
  return (request, response, next) => {
    if (pathOf(request.url) !== path || (request.method !== 'GET' && request.method !== 'HEAD')) {
      next();
      return undefined;
    }
    const exchange = exchangeOf(response);
    exchange.route = path;
    return answer(request, response);
  };
}

const notForThem = (): FhirError =>
  new FhirError(403, [
    {
      severity: 'error',
      code: 'forbidden',
      details: details('not-permitted', 'the figures are for administrators'),
    },
  ]);

async function figures(context: Context, counts: RequestCounts): Promise<string> {
  const { states, leases, oldestDue } = await asServer(context.store).jobs.counts();
  const age = oldestDue === undefined ? 0 : Math.max(0, (Date.parse(context.now()) - oldestDue) / 1000);
  const lines = [
    '# HELP claimwright_requests_total Requests that were answered.',
    '# TYPE claimwright_requests_total counter',
    ...counts.lines('claimwright_requests_total'),
    '# HELP claimwright_jobs Background work by state: failed was given up, held waits for a person.',
    '# TYPE claimwright_jobs gauge',
    ...Object.entries(states).map(([state, count]) => `claimwright_jobs{state="${state}"} ${count}`),
    '# HELP claimwright_job_leases Background work that a server is at.',
    '# TYPE claimwright_job_leases gauge',
    `claimwright_job_leases ${leases}`,
    '# HELP claimwright_job_oldest_due_seconds How long the job that waits longest is overdue.',
    '# TYPE claimwright_job_oldest_due_seconds gauge',
    `claimwright_job_oldest_due_seconds ${age}`,
  ];
  return `${lines.join('\n')}\n`;
}
