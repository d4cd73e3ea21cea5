import type { Endpoint, Parameters } from '@medplum/fhirtypes';
import { parseReference } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unresolved } from '../outcome/issue.ts';
import type { Reader } from '../store/store.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { sendAgain } from './partner/interchangeJob.ts';
import { flush } from './partner/outbox.ts';
import { sentOf, type SentInterchange } from './partner/sentIndex.ts';
import { idsOf, isTradingPartner, partnerOf } from './partner/tradingPartner.ts';

const at = "Parameters.parameter.where(name='interchange').value";

/**
 * POST [base]/Endpoint/[id]/$send: claims that wait for this trading partner leave now; or an interchange is sent again,
 * the same bytes under the same number, since a person has found out that the partner does not have it.
 */
export const endpointSend: Operation = {
  definition: operationDefinition('Endpoint-send'),
  permission: 'submit-claim',
  async run({ context, tx, target, input, view }): Promise<Parameters> {
    const endpoint = await readResource<Endpoint>(tx, 'Endpoint', target.id ?? '');
    if (!isTradingPartner(endpoint)) {
      const text = 'is no trading partner: its connection type is none of X12';
      throw unprocessable([businessFault('not-a-trading-partner', 'Endpoint.connectionType', text)]);
    }
    const now = Date.parse(context.now());
    const number = parameter(input, 'interchange')?.valuePositiveInt;
    if (number === undefined) {
      const count = await flush(tx, `Endpoint/${endpoint.id ?? ''}`, now);
      const text = count === 0 ? 'no claim waits for it' : `${count} claims that wait for it leave now`;
      return answer([], [decided(count === 0 ? 'nothing-waits' : 'leaving', 'Endpoint', text)]);
    }
    const ids = idsOf(partnerOf(endpoint));
    const sent = await sentOf(tx, ids, number);
    // what has left goes again for whoever sees all that is in it; for others there is no such interchange
    const isSeen = !view || !sent || (await seesClaims(view, sent));
    switch (isSeen ? await sendAgain(tx, ids, number, now) : 'none') {
      case 'none': {
        const text = `no interchange ${number} was written for it`;
        throw unprocessable([unresolved('interchange-unknown', at, text)]);
      }
      case 'underway':
        return answer([], [decided('already-there', 'Endpoint', `interchange ${number} is on its way`)]);
      case 'again':
        return answer([], [decided('leaving', 'Endpoint', `interchange ${number} is sent again as it was`)]);
    }
  },
};

async function seesClaims(view: Reader, { sets }: SentInterchange): Promise<boolean> {
  for (const { claim: reference } of sets.flatMap(({ claims }) => claims)) {
    const id = parseReference(reference)?.id;
    if (id === undefined || !(await view.read('Claim', id))) return false;
  }
  return true;
}
