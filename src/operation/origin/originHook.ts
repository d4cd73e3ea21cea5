import { originIdPrefix } from '../../datatypes/originId.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { conflict } from '../../outcome/fhirError.ts';
import { firstDifference } from '../books/plainContent.ts';

/** A Provenance that an operation wrote with what it made is changed by nobody but for its labels, and made by nobody else. */
export const originHook: WriteHook = {
  types: ['Provenance'],
  async run(_context, _tx, { target, by, before, after }) {
    if (by === 'operation' || !target.id.startsWith(originIdPrefix)) return undefined;
    const former = await before();
    if (former && after && firstDifference(former, after) === undefined) return undefined;
    throw conflict(
      'kept-by-the-books',
      `Provenances whose id begins with ${originIdPrefix} are written by operations and never changed`,
      'Provenance',
    );
  },
};
