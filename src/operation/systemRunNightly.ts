import { setTimeout as pause } from 'node:timers/promises';
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Awaited } from '../interaction/rest/answer.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { unresolved } from '../outcome/issue.ts';
import { asServer } from '../store/access/asServer.ts';
import { openStates, type Job, type Lease } from '../store/job.ts';
import { waitsUntil, workLeased } from './call/leased.ts';
import { operationDefinition } from './definition.ts';
import { askedKey, askFor, nightly, progressOf } from './nightly/nightJob.ts';
import { nightlyWorks } from './nightly/works.ts';
import type { Call, Operation, OperationContext } from './operation.ts';

/** How often the end of the work is looked at; milliseconds. */
const lookEvery = 50;

const at = "Parameters.parameter.where(name='work').value";

/**
 * POST [base]/$run-nightly: a night's work is done now, all of it or the kinds named by `work`. What was done for the
 * night before is found done. Answers how far it is once it has ended, or after the time that $submit waits.
 */
export const systemRunNightly: Operation = {
  definition: operationDefinition('run-nightly'),
  permission: 'operate',
  async run({ context, tx, input, dryRun, isPart }: Call): Promise<Awaited | Parameters> {
    const works = worksNamed(input);
    const begun: Lease[] = [];
    for (const work of dryRun ? [] : works) {
      const lease = await askFor(asServer(tx), { work, now: Date.parse(context.now()), isOwn: !isPart });
      if (lease) begun.push(lease);
    }
    if (isPart) return { resourceType: 'Parameters', parameter: works.map((w) => shown(w, undefined)) };
    return { awaited: works.join(' '), begun };
  },
  async answer(given, { awaited, begun }, dryRun): Promise<Parameters> {
    const context: OperationContext = { ...given, store: asServer(given.store) };
    const works = awaited.split(' ');
    context.background?.(inTurn(context, (begun ?? []) as readonly Lease[]));
    const until = waitsUntil(context);
    let jobs = await jobsOf(context, works);
    while (!dryRun && jobs.some(isOpen) && performance.now() < until) {
      await pause(lookEvery);
      jobs = await jobsOf(context, works);
    }
    return { resourceType: 'Parameters', parameter: works.map((work, i) => shown(work, jobs[i])) };
  },
};

function worksNamed(input: Parameters): readonly string[] {
  const named = (input.parameter ?? []).flatMap((p) => (p.name === 'work' ? (p.valueCode ?? []) : []));
  const known = nightlyWorks.map(({ code }) => code);
  if (named.every((code) => known.includes(code))) return named.length === 0 ? known : [...new Set(named)];
  const text = `there is no such nightly work; there is ${known.join(', ')}`;
  throw unprocessable([unresolved('nightly-unknown', at, text)]);
}

const isOpen = (job: Job | undefined): boolean => job !== undefined && openStates.includes(job.state);

const jobsOf = ({ store }: OperationContext, works: readonly string[]): Promise<(Job | undefined)[]> =>
  Promise.all(works.map((work) => store.jobs.read(askedKey(work))));

/** Works at what this request has begun, one after the other. */
async function inTurn(context: OperationContext, leases: readonly Lease[]): Promise<void> {
  for (const lease of leases) await workLeased(context, nightly(context, nightlyWorks), lease);
}

function shown(work: string, job: Job | undefined): ParametersParameter {
  const progress = progressOf(job?.result);
  const state = isOpen(job) || !progress ? 'underway' : job?.state === 'failed' ? 'failed' : 'done';
  return {
    name: 'work',
    part: [
      { name: 'code', valueCode: work },
      { name: 'state', valueCode: state },
      ...(progress
        ? [
            { name: 'date', valueDate: progress.date },
            { name: 'done', valueInteger: progress.done },
            { name: 'failed', valueInteger: progress.failed },
          ]
        : []),
    ],
  };
}
