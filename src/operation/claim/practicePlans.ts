import type { Coverage, InsurancePlan } from '@medplum/fhirtypes';
import { idOf } from '../../datatypes/reference.ts';
import { typeCache } from '../../interaction/typeCache.ts';
import { find } from '../../interaction/repository.ts';
import { coveragePlan } from '../../payer/enrollment.ts';
import { readPlan, type Plan } from '../../payer/plan.ts';
import type { Call } from '../operation.ts';

interface Plans {
  readonly byId: ReadonlyMap<string, Plan>; // owner and plan id
  readonly byOwner: ReadonlyMap<string, readonly Plan[]>;
}

/** All plans whose rules the practice holds, read again only when one was written. */
const allPlans = ({ context, tx }: Call): Promise<Plans> =>
  typeCache(context, tx, {
    key: 'practice-plans',
    types: ['InsurancePlan'],
    build: async (server) => {
      const plans = (await find<InsurancePlan>(server, 'InsurancePlan', {}))
        .filter((p) => p.status !== 'retired')
        .map(readPlan);
      return {
        byId: new Map(plans.map((p) => [`${p.owner ?? ''}|${p.id}`, p])),
        byOwner: Map.groupBy(plans, (p) => p.owner ?? ''),
      };
    },
  });

/** The plan of a Coverage as far as the practice knows it: the one its class names, else the only one of its payer. */
export async function planOf(
  call: Call,
  coverage: Coverage | undefined,
  insurer: Coverage['payor'][number] | undefined = coverage?.payor[0],
): Promise<Plan | undefined> {
  const { byId, byOwner } = await allPlans(call);
  const owner = idOf(insurer, 'Organization') ?? '';
  const id = coveragePlan(coverage);
  const named = id === undefined ? undefined : (byId.get(`${owner}|${id}`) ?? byId.get(`|${id}`));
  const own = byOwner.get(owner) ?? [];
  return named ?? (own.length === 1 ? own[0] : undefined);
}
