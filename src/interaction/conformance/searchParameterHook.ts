import { unprocessable } from '../../outcome/fhirError.ts';
import type { WriteHook } from '../context.ts';

/** A SearchParameter that cannot be served is refused; one that is written or deleted changes what is served. */
export const searchParameterHook: WriteHook = {
  types: ['SearchParameter'],
  run({ defined }, tx, { after }) {
    if (!defined) return Promise.resolve(undefined);
    const faults = after?.resourceType === 'SearchParameter' ? defined.faultsOf(after) : [];
    if (faults.length > 0) throw unprocessable(faults);
    defined.note(tx);
    return Promise.resolve(undefined);
  },
};
