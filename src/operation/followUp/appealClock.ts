import type { Claim, ClaimResponse, Organization, Task } from '@medplum/fhirtypes';
import { appealRules, deadlineOf, levelOf } from '../../billing/appeal/appealLevel.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { dateOf } from '../../datatypes/date.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { appealFacts, inputOf, lost } from '../appeal/appealTask.ts';
import { firstLevel } from '../denial/readDenials.ts';

/**
 * The last day to appeal against a denial: that of the first level, or after a decision against us that of the next one.
 * Undefined where nothing is to be appealed, and while an appeal is open: that has a day of its own.
 */
export async function lastDayToAppeal(
  reader: Reader,
  denial: Task,
): Promise<{ readonly last: string; readonly level: string } | undefined> {
  const found = await resolve<Claim>(reader, 'Claim', denial.focus);
  if (!found || found.status !== 'active' || denial.focus?.reference === undefined) return undefined;
  const claim = withoutVersions(found);
  const appeals = await find<Task>(reader, 'Task', {
    focus: denial.focus.reference,
    code: `${system.task}|appeal`,
  });
  if (appeals.some(isOpen)) return undefined;
  const over = appeals
    .filter((task) => lost.includes(codeOf(task.businessStatus, system.appealState)))
    .sort((a, b) => (appealFacts(b)?.level ?? 0) - (appealFacts(a)?.level ?? 0))[0];
  const facts = over && appealFacts(over);
  const level = facts
    ? levelOf(appealRules(await resolve<Organization>(reader, 'Organization', claim.insurer)), {
        route: facts.route,
        level: facts.level + 1,
      })
    : await firstLevel(reader, claim);
  if (!level) return undefined;
  const response = await resolve<ClaimResponse>(reader, 'ClaimResponse', denial.reasonReference);
  const received = over && inputOf(over, 'decision-received')?.valueDate;
  const dated = received ?? dateOf(response?.created ?? denial.authoredOn ?? '');
  if (dated === '') return undefined;
  const last = deadlineOf(level, { dated, ...(received === undefined ? {} : { received }) });
  return last === undefined ? undefined : { last, level: level.name };
}
