import { asCaller } from '../../interaction/asCaller.ts';
import type { Context } from '../../interaction/context.ts';
import { seesAll } from '../../store/access/asServer.ts';
import type { OperationContext } from '../operation.ts';
import type { ExportCaller } from './exportRequest.ts';

/** Callers without a grant that could be asked about again: known as long as this server runs. */
const remembered = new Map<string, Context>();

export function rememberCaller(id: string, context: Context): void {
  if (!seesAll(context.store) && context.grant === undefined) remembered.set(id, context);
}

export const forgetCaller = (id: string): boolean => remembered.delete(id);

/**
 * The context of who asked for an export, with what they may today; undefined where they may nothing any more, or where
 * nobody knows.
 */
export async function callerOf(
  context: OperationContext,
  id: string,
  { name, grant, isConfined }: ExportCaller,
): Promise<Context | undefined> {
  if (!isConfined) return name === undefined ? context : asCaller(context, { name });
  if (grant === undefined) return remembered.get(id);
  const principal = await context.principalOfGrant?.(grant);
  return principal && asCaller(context, principal);
}
