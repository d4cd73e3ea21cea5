import type { WriteHook } from '../../interaction/context.ts';
import { conflict } from '../../outcome/fhirError.ts';
import { isTaken } from '../uniqueKey.ts';
import { mergeKey } from './mergeKey.ts';
import { replacedBy } from './replacedBy.ts';

/**
 * A record that was merged names who stays until the merge is undone, whatever a plain write says: without the link its
 * visits would be charged again on an Account of their own.
 */
export const mergeHook: WriteHook = {
  types: ['Patient'],
  async run(_context, tx, { by, before, after, target }) {
    if (by === 'operation') return undefined;
    const was = await before();
    const other = was?.resourceType === 'Patient' ? replacedBy(was) : undefined;
    if (other === undefined) return undefined;
    if (after?.resourceType === 'Patient' && replacedBy(after) === other) return undefined;
    const name = `Patient/${target.id}`;
    if (!(await isTaken(tx, mergeKey(name)))) return undefined;
    const text = `${name} was merged: Patient/[id]/$unmerge undoes a merge`;
    throw conflict('kept-by-the-books', text, 'Patient.link');
  },
};
