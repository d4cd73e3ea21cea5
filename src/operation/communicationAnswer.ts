import type { Communication, Parameters } from '@medplum/fhirtypes';
import { referenceText } from '../datatypes/reference.ts';
import { createResource, find, readResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, missing } from '../outcome/issue.ts';
import { isQuery } from './coding/queries.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { sender } from './taskQueryProvider.ts';

/** POST [base]/Communication/[id]/$answer: a provider says what a coder asked; the work goes on. */
export const communicationAnswer: Operation = {
  definition: operationDefinition('Communication-answer'),
  permission: 'answer-query',
  async run(call): Promise<Parameters> {
    const { context, tx } = call;
    const query = await readResource<Communication & { id: string }>(
      tx,
      'Communication',
      call.target.id ?? '',
    );
    const name = referenceText(query);
    if (!isQuery(query))
      throw unprocessable([businessFault('not-a-query', 'Communication.category', `${name} asks nothing`)]);
    const said = parameter(call.input, 'text')?.valueString?.trim() ?? '';
    const at = "Parameters.parameter.where(name='text').value";
    if (said === '') throw unprocessable([missing('answer-missing', at, 'the answer is missing')]);
    if (query.status !== 'in-progress') {
      const former = await find<Communication>(tx, 'Communication', {
        ...(query.encounter?.reference === undefined ? {} : { encounter: query.encounter.reference }),
        status: 'completed',
      });
      const same = former.find(
        (one) =>
          one.inResponseTo?.some(({ reference }) => reference === name) &&
          one.payload?.[0]?.contentString === said,
      );
      if (same) return answer([['answer', same]], [decided('already-there', 'Communication', 'it was said')]);
      throw conflict('not-to-be-done', `${name} is ${query.status}`, 'Communication.status');
    }
    const written = await createResource<Communication>(context, tx, {
      resourceType: 'Communication',
      status: 'completed',
      inResponseTo: [{ reference: name }],
      ...(query.category ? { category: query.category } : {}),
      ...(query.about ? { about: query.about } : {}),
      ...(query.subject ? { subject: query.subject } : {}),
      ...(query.encounter ? { encounter: query.encounter } : {}),
      ...(query.sender ? { recipient: [query.sender] } : {}),
      ...sender(call),
      sent: context.now(),
      payload: [{ contentString: said }],
    });
    return answer([['answer', written]], [decided('answered', 'Communication', `${name} is answered`)]);
  },
};
