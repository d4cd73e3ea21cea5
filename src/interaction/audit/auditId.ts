import type { WriteHook } from '../context.ts';
import { conflict } from '../../outcome/fhirError.ts';

/** What the ids of AuditEvents that the server makes begin with; clients make none of such an id. */
export const auditIdPrefix = 'audit-';

/** The id of the AuditEvent of a record of a chain; `nth` of those that are one record, from 0. */
export const auditIdOf = (chain: string, seq: number, nth = 0): string =>
  `${auditIdPrefix}${chain}-${seq}${nth === 0 ? '' : `-${nth}`}`;

/** AuditEvents that the server made are changed by nobody, and made by nobody else. */
export const auditHook: WriteHook = {
  types: ['AuditEvent'],
  async run(_context, _tx, { target, by, before }) {
    if (!target.id.startsWith(auditIdPrefix)) return undefined;
    if (by === 'operation' && (await before()) === undefined) return undefined;
    throw conflict(
      'kept-by-the-audit',
      `AuditEvents whose id begins with ${auditIdPrefix} are made by the audit and never changed`,
    );
  },
};
