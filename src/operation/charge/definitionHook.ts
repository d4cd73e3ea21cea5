import { definitionFaults, isChargeMasterLine } from '../../billing/charge/definitionFaults.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { unprocessable } from '../../outcome/fhirError.ts';

/** A line of the charge master whose price would be unclear is not written, whichever way it comes in. */
export const definitionHook: WriteHook = {
  types: ['ChargeItemDefinition'],
  run: (_context, _tx, { after }) => {
    if (after?.resourceType === 'ChargeItemDefinition' && isChargeMasterLine(after)) {
      const faults = definitionFaults(after);
      if (faults.length > 0) throw unprocessable(faults);
    }
    return Promise.resolve(undefined);
  },
};
