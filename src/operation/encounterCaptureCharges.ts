import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { captureCharges } from './charge/captureCharges.ts';
import { redraftClaims } from './claim/draftClaims.ts';
import { readVisit } from './charge/visit.ts';

/** POST [base]/Encounter/[id]/$capture-charges: from the chart to priced charges. */
export const encounterCaptureCharges: Operation = {
  definition: operationDefinition('Encounter-capture-charges'),
  async run(call) {
    const captured = await captureCharges(call, await readVisit(call, call.target.id ?? ''));
    const drafts = captured.changed ? await redraftClaims(call, captured) : [];
    return answer(
      captured.charges.map(({ charge }) => ['charge', charge]),
      [...captured.issues, ...drafts],
    );
  },
};
