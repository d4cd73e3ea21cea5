import { parentPort, workerData } from 'node:worker_threads';
import { placesAtFault, readCondition, variablesOf, type ReadCondition } from '../../billing/rule/judge.ts';
import type { Subject } from '../../billing/rule/subject.ts';
import type { Condition } from '../../billing/rule/dataRule.ts';
import { times } from './times.ts';

/** Judges rules on one claim after another in a thread of its own, which judgeApart.ts stops when it takes too long. */

const clock = times(workerData as SharedArrayBuffer);
const read = new Map<string, ReadCondition>();
const keptMax = 1000;

function readOnce(rule: Condition): ReadCondition {
  const key = JSON.stringify([rule.each, rule.when, rule.place]);
  const known = read.get(key);
  if (known) return known;
  if (read.size >= keptMax) read.clear();
  const made = readCondition(rule);
  read.set(key, made);
  return made;
}

interface Asked {
  readonly id: number;
  readonly rules: readonly Condition[];
  readonly subject: Subject;
}

parentPort?.on('message', ({ id, rules, subject }: Asked) => {
  const variables = variablesOf(subject);
  const found = rules.map((rule, i) => {
    const since = performance.now();
    clock.begin(i);
    try {
      return placesAtFault(readOnce(rule), subject, variables);
    } catch {
      return null; // what a fault says may hold words of the chart
    } finally {
      clock.end(i, performance.now() - since);
    }
  });
  parentPort?.postMessage({ id, found });
});
parentPort?.postMessage({ id: 0, found: [] });
