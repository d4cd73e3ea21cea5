import type { Provenance, Resource } from '@medplum/fhirtypes';
import { versionText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';

/** Keeps who wrote a code on the chart, or into the map, and for which piece of work. */
export async function keepCoder(
  { context, tx }: Call,
  coded: Resource,
  {
    task,
    practice,
    definition,
  }: { readonly task: string; readonly practice: string | undefined; readonly definition: string },
): Promise<void> {
  const user = context.permits?.user;
  const agent = (code: string) => ({ type: { coding: [{ system: system.provenanceParticipant, code }] } });
  const security = coded.meta?.security;
  const who =
    user === undefined
      ? { display: 'somebody who is known to this server by an account only' }
      : { reference: user };
  await createResource<Provenance>(context, tx, {
    resourceType: 'Provenance',
    ...(security ? { meta: { security } } : {}),
    target: [{ reference: versionText(coded) }],
    recorded: context.now(),
    policy: [definition],
    activity: { coding: [{ system: system.dataOperation, code: 'UPDATE' }], text: '$accept-code' },
    agent: [
      { ...agent('author'), who },
      ...(practice === undefined ? [] : [{ ...agent('custodian'), who: { reference: practice } }]),
    ],
    entity: [{ role: 'source', what: { reference: task } }],
  });
}
