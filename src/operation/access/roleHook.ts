import { isRole, readRole } from '../../access/role.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { hasPermission } from '../../interaction/permits.ts';
import { fhirError, unprocessable } from '../../outcome/fhirError.ts';

/**
 * What roles may is changed by who administers the server, in whichever way it is written; a role is sound when it is
 * stored. Any other Basic is nothing to it.
 */
export const roleHook: WriteHook = {
  types: ['Basic'],
  async run(context, _tx, { before, after, by }) {
    if (by === 'operation') return undefined;
    const former = await before();
    const wasRole = former?.resourceType === 'Basic' && isRole(former);
    if (!wasRole && !(after?.resourceType === 'Basic' && isRole(after))) return undefined;
    if (!hasPermission(context, 'administer'))
      throw fhirError(
        403,
        'forbidden',
        'not-permitted',
        'A role is written by who has the permission administer',
      );
    if (after?.resourceType !== 'Basic' || !isRole(after)) return undefined;
    const { role, faults } = readRole(after, context.store.registry);
    if (faults.length > 0) throw unprocessable([...faults]);
    if (role.name === 'administrator' && !role.permissions.has('administer'))
      throw fhirError(
        422,
        'business-rule',
        'access-role-invalid',
        'The role administrator keeps the permission administer',
      );
    return undefined;
  },
};
