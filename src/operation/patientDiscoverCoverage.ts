import type { Parameters, Patient } from '@medplum/fhirtypes';
import { readResource } from '../interaction/repository.ts';
import type { Awaited } from '../interaction/rest/answer.ts';
import { operationDefinition } from './definition.ts';
import { awaitDiscovery, discoverCoverage } from './eligibility/discover.ts';
import type { Operation } from './operation.ts';

/** POST [base]/Patient/[id]/$discover-coverage: asks payers that allow it whether they cover a patient who has no coverage. */
export const patientDiscoverCoverage: Operation = {
  definition: operationDefinition('Patient-discover-coverage'),
  permission: 'check-eligibility',
  async run(call): Promise<Awaited | Parameters> {
    const id = call.target.id ?? '';
    await readResource<Patient>(call.tx, 'Patient', id);
    return discoverCoverage(call, `Patient/${id}`);
  },
  answer: awaitDiscovery,
};
