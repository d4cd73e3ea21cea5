import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { notFound } from '../outcome/fhirError.ts';
import { asServer } from '../store/access/asServer.ts';
import type { Job } from '../store/job.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { parameter } from './parameters.ts';

/** Jobs that are listed of each state that waits for a person. */
const listMax = 100;

/** GET [base]/$job-status: how much background work there is and what waits for a person, or how one job stands. */
export const jobStatus: Operation = {
  definition: operationDefinition('job-status'),
  permission: 'operate',
  async run({ tx, input }): Promise<Parameters> {
    const { jobs } = asServer(tx);
    const key = parameter(input, 'job')?.valueString;
    if (key !== undefined) {
      const job = await jobs.read(key);
      if (!job) throw notFound('the job');
      return { resourceType: 'Parameters', parameter: [shown(job)] };
    }
    const { states, leases, oldestDue } = await jobs.counts();
    const count = (name: string, valueInteger: number): ParametersParameter => ({ name, valueInteger });
    return {
      resourceType: 'Parameters',
      parameter: [
        ...Object.entries(states).map(([state, number]) => count(state, number)),
        count('lease', leases),
        ...(oldestDue === undefined ? [] : [{ name: 'oldestDue', valueInstant: instant(oldestDue) }]),
        ...(await jobs.list('held', listMax)).map(shown),
        ...(await jobs.list('failed', listMax)).map(shown),
      ],
    };
  },
};

const instant = (ms: number): string => new Date(ms).toISOString();

/** A job without what it is about: its key names resources by id only. */
const shown = ({ key, kind, state, due, attempts, created, updated }: Job): ParametersParameter => ({
  name: 'job',
  part: [
    { name: 'key', valueString: key },
    { name: 'kind', valueCode: kind },
    { name: 'state', valueCode: state },
    { name: 'due', valueInstant: instant(due) },
    { name: 'attempts', valueInteger: attempts },
    { name: 'created', valueInstant: instant(created) },
    { name: 'updated', valueInstant: instant(updated) },
  ],
});
