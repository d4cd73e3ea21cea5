import type { Basic } from '@medplum/fhirtypes';
import { readRule, ruleExtension } from '../../billing/rule/dataRule.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { asServer } from '../../store/access/asServer.ts';
import type { Reader } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import type { OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { laterCall } from '../submission/laterCall.ts';
import { raiseTask } from '../worklist/task.ts';
import type { ActiveRule } from './activeRules.ts';

/** Rules that did not end, until their Basic says that they are switched off: by store, id and version. */
const stopped = new WeakMap<object, Set<string>>();

const nameOf = ({ id, version }: ActiveRule): string => `${id}/${version}`;

export const isStopped = (store: Reader, rule: ActiveRule): boolean =>
  stopped.get(asServer(store))?.has(nameOf(rule)) === true;

/**
 * Switches off rules that did not end. It is done in a transaction of its own, after the one that found it out, which
 * may be taken back; until then no claim is held against them here.
 */
export function switchOffStopped(given: OperationContext, rules: readonly ActiveRule[]): void {
  const store = asServer(given.store);
  const context = { ...given, store };
  const known = stopped.get(store) ?? new Set<string>();
  stopped.set(store, known);
  for (const rule of rules) known.add(nameOf(rule));
  const work = (async (): Promise<void> => {
    for (const rule of rules)
      await store.transaction((tx) =>
        traced(context, tx, { activity: 'scrub rule switched off', byServer: true }, async () => {
          const call = laterCall(context, tx, '');
          const basic = await resolve<Basic & { id: string }>(tx, 'Basic', { reference: `Basic/${rule.id}` });
          if (basic?.meta?.versionId !== rule.version) return; // changed since
          await updateResource(context, tx, withStatus(basic, 'draft'));
          await raiseTask(
            { ...call, on: call.today },
            {
              code: 'scrub-rule',
              focus: `Basic/${rule.id}`,
              detail: 'did-not-end',
              text: `scrub rule ${rule.rule.name} did not end within a second and is switched off`,
              ...(rule.rule.practice === undefined ? {} : { practice: rule.rule.practice }),
            },
          );
        }),
      );
  })().catch((error: unknown) => context.failed?.(error));
  context.background?.(work);
}

/** The Basic of a rule with another status. */
export function withStatus<T extends Basic>(basic: T, status: 'draft' | 'active'): T {
  const { rule } = readRule(basic);
  const others = (basic.extension ?? []).filter(({ url }) => url !== extension.scrubRule);
  return changed(basic, { extension: [ruleExtension({ ...rule, status }), ...others] });
}
