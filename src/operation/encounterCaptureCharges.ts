import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { recapture } from './charge/recapture.ts';

/** POST [base]/Encounter/[id]/$capture-charges: from the chart to priced charges. */
export const encounterCaptureCharges: Operation = {
  definition: operationDefinition('Encounter-capture-charges'),
  permission: 'capture',
  async run(call) {
    const { charges, issues } = await recapture(call, call.target.id ?? '');
    return answer(
      charges.map((charge) => ['charge', charge]),
      issues,
    );
  },
};
