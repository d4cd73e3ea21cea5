import { operationDefinition } from './definition.ts';
import { cursorParameter } from './everything/cursorParameter.ts';
import { gather } from './everything/gather.ts';
import { ofAccount } from './everything/scope.ts';
import type { Operation } from './operation.ts';

/** GET [base]/Account/[id]/$everything: from the visit to the payment, with what they refer to. */
export const accountEverything: Operation = {
  definition: operationDefinition('Account-everything'),
  asCaller: true,
  linked: [cursorParameter],
  run: (call) => {
    const { registry } = call.context.store;
    return gather(call, ofAccount(registry, call.target.id ?? ''));
  },
};
