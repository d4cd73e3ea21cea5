import { requestSet, type Problem } from '../../billing/authorization/request278.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import type { Transmission } from '../../gateway/gateway.ts';
import { system } from '../../terminology/system.ts';
import type { Loop } from '../../x12/loop.ts';
import type { OperationContext } from '../operation.ts';
import { readSent } from '../submission/readSent.ts';
import { toPayer } from './toPayer.ts';

interface Header {
  readonly on: string; // FHIR date
  readonly time: string; // HHMM
  readonly asks?: boolean; // after a decision, not for one
}

interface Written {
  readonly set: Loop;
  readonly trace: string; // TRN02: by it the answer finds the request
  readonly problems: readonly Problem[];
}

/** The set that asks for an authorization (278 X217), or after one (X215), with the payer under the partner's id for it. */
export async function authorizationSet(
  { store }: OperationContext,
  { claim, route, controlNumber }: Transmission,
  { on, time, asks = false }: Header,
): Promise<Written> {
  const trace = identifierOf(claim, system.trace) ?? controlNumber;
  const known = await readSent(store, claim);
  const purpose = asks ? ('28' as const) : ('13' as const);
  const { set, problems } = requestSet({ claim, known, trace }, { on, time, purpose });
  return { set: toPayer(set, route?.payerId, '2010A'), trace, problems };
}

/** Why a request cannot be written as a 278; undefined where it can. */
export const faultOfRequest = ({ problems }: Written): string | undefined => {
  const refusing = problems.filter(({ refuses }) => refuses === true);
  return refusing.length === 0
    ? undefined
    : refusing.map(({ expression, text }) => `${expression}: ${text}`).join('; ');
};
