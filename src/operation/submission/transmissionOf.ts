import type { Claim, Coverage } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import type { Transmission } from '../../gateway/gateway.ts';
import { parsed } from '../../interaction/repository.ts';
import type { OperationContext } from '../operation.ts';
import type { Delivery } from './handedOver.ts';
import { readPriors } from './submission.ts';

type Stored<T> = T & { id: string };

/** What is to be sent, as it was when it was handed over. */
export async function transmissionOf(
  reader: OperationContext['store'],
  delivery: Delivery,
): Promise<Transmission> {
  const claim = await versionOf<Claim>(reader, delivery.claim);
  const coverage = await versionOf<Coverage>(reader, delivery.coverage);
  const { transmission: id, controlNumber, payer, satisfied, on: sentOn, answeredOn, route } = delivery;
  const { priors } = await readPriors(reader, claim);
  return {
    ...{ id, controlNumber, payer, claim, coverage, priors, satisfied, sentOn },
    ...(answeredOn === undefined ? {} : { answeredOn }),
    ...(route ? { route } : {}),
  };
}

async function versionOf<T extends Claim | Coverage>(
  reader: OperationContext['store'],
  reference: string,
): Promise<Stored<T>> {
  const [name, version] = reference.split('/_history/');
  const target = parseReference(name);
  const stored = target && (await reader.vread(target.type, target.id, Number(version)));
  if (!target || !stored) throw new Error(`${reference} is not there`);
  return Object.assign(parsed<T>(stored), { id: target.id });
}
