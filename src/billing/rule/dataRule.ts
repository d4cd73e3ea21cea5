import type { Basic, Extension } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { has } from '../../datatypes/coding.ts';
import { isDate } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { wrongValue, type Issue } from '../../outcome/issue.ts';
import { extension, system } from '../../terminology/system.ts';
import { readExpression } from './expression.ts';

/** What a rule says of a claim: the elements to look at, and the condition under which one of them is at fault. */
export interface Condition {
  readonly each: string; // FHIRPath of the elements that are judged one by one; 'Claim' judges the claim as a whole
  readonly when: string; // FHIRPath: at fault where it is true of the element
  readonly place?: string; // below the element, where the fault stands: 'quantity'
}

/** A scrub rule that is kept as data: Basic of code scrub-rule, extension scrub-rule. */
export interface DataRule extends Condition {
  readonly name: string; // stable, e.g. 'juniper-infusion-authorization'
  readonly severity: 'error' | 'warning';
  readonly text: string; // one sentence, without anything from a chart
  readonly carc: string; // the denial it would earn
  readonly cure: string; // what to do about it, one sentence
  readonly source?: string; // where it is written down
  readonly payers: readonly string[]; // Organization/1; none: every payer
  readonly start?: string; // FHIR dates of the first service of a claim
  readonly end?: string;
  readonly practice?: string; // Organization/1; none: every practice
  readonly status: 'draft' | 'active';
}

/** Whether a Basic resource is a scrub rule. */
export const isDataRule = ({ code }: Pick<Basic, 'code'>): boolean => has(code, system.basic, 'scrub-rule');

const longest = 2000; // characters of an expression
const deepest = 25; // brackets within brackets

/** Functions whose result depends on the clock, or that print what they are given. */
const refused = /\b(?:trace|now|today|timeOfDay|resolve)\b/;

const partOf = (said: Extension | undefined, name: string): Extension | undefined =>
  said?.extension?.find(({ url }) => url === name);

/** Reads a rule, and every fault of it. */
export function readRule(basic: Basic): { readonly rule: DataRule; readonly faults: readonly Issue[] } {
  const said = extensionOf(basic, extension.scrubRule);
  const text = (name: string): string => (partOf(said, name)?.valueString ?? '').trim();
  const code = (name: string): string => partOf(said, name)?.valueCode ?? '';
  const place = text('place');
  const source = text('source');
  const [start, end] = ['start', 'end'].map((name) => partOf(said, name)?.valueDate);
  const practice = basic.author?.reference;
  const rule: DataRule = {
    name: code('name'),
    each: text('each') || 'Claim',
    when: text('when'),
    ...(place === '' ? {} : { place }),
    severity: code('severity') === 'error' ? 'error' : 'warning',
    text: text('text'),
    carc: code('carc'),
    cure: text('cure'),
    ...(source === '' ? {} : { source }),
    payers: (said?.extension ?? []).flatMap((e) =>
      e.url === 'payer' ? [e.valueReference?.reference ?? ''] : [],
    ),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(practice === undefined ? {} : { practice }),
    status: code('status') === 'active' ? 'active' : 'draft',
  };
  return { rule, faults: faultsOf(rule, { severity: code('severity'), status: code('status') }) };
}

function faultsOf(rule: DataRule, said: { readonly severity: string; readonly status: string }): Issue[] {
  const wrong = (part: string, text: string): Issue =>
    wrongValue('scrub-rule-invalid', `Basic.extension.extension.where(url='${part}').value`, text);
  const faults: Issue[] = [];
  const need = (isSound: boolean, part: string, text: string): void => {
    if (!isSound) faults.push(wrong(part, text));
  };
  need(/^[a-z][a-z0-9-]{2,63}$/.test(rule.name), 'name', 'the name is 3 to 64 of a-z, 0-9 and hyphen');
  need(rule.when !== '', 'when', 'the rule needs a condition');
  need(['error', 'warning'].includes(said.severity), 'severity', 'the severity is error or warning');
  need(['draft', 'active'].includes(said.status), 'status', 'the status is draft or active');
  need(rule.text !== '' && rule.text.length <= 300, 'text', 'the text is one sentence of at most 300');
  need(rule.cure !== '' && rule.cure.length <= 300, 'cure', 'the cure is one sentence of at most 300');
  need(/^[A-Z]?\d{1,3}$/.test(rule.carc), 'carc', 'the claim adjustment reason code is as in 16 or B7');
  need(
    rule.place === undefined || /^[A-Za-z][A-Za-z0-9.[\]]{0,63}$/.test(rule.place),
    'place',
    'the place is a path below the element',
  );
  const payers = rule.payers.every((one) => parseReference(one)?.type === 'Organization');
  need(payers, 'payer', 'a payer is an Organization');
  const { start, end } = rule;
  need(start === undefined || isDate(start), 'start', 'the start is a full date');
  need(
    end === undefined || (isDate(end) && (start ?? end) <= end),
    'end',
    'the end is a full date, not before the start',
  );
  need(
    rule.practice === undefined || parseReference(rule.practice)?.type === 'Organization',
    'name',
    'the practice of a rule (Basic.author) is an Organization',
  );
  for (const part of ['each', 'when'] as const) {
    const why = whyUnsound(rule[part]);
    if (why !== undefined && rule[part] !== '') faults.push(wrong(part, why));
  }
  return faults;
}

/** Why an expression is not taken; undefined where it is. What it costs to judge it is bounded by its worker. */
export function whyUnsound(expression: string): string | undefined {
  if (expression.length > longest) return `an expression has at most ${longest} characters`;
  let depth = 0;
  for (const sign of expression) {
    if (sign === '(' || sign === '[') depth += 1;
    if (sign === ')' || sign === ']') depth -= 1;
    if (depth > deepest) return `an expression has at most ${deepest} brackets within one another`;
  }
  if (refused.test(expression))
    return 'trace, now, today, timeOfDay and resolve are not judged: the day is %on';
  try {
    readExpression(expression);
    return undefined;
  } catch {
    return 'this is no FHIRPath that can be read';
  }
}

/** What of a rule a back-test is about, as text: another condition needs another one. */
export const testedText = ({ each, when, carc, payers, practice }: DataRule): string =>
  contentText({ each, when, carc, payers: [...payers].sort(), practice });

/** Whether a rule is about a claim of this payer whose first service is on this day. */
export const isAbout = (
  rule: Pick<DataRule, 'payers' | 'start' | 'end'>,
  { payer, day }: { readonly payer: string | undefined; readonly day: string },
): boolean =>
  (rule.payers.length === 0 || (payer !== undefined && rule.payers.includes(payer))) &&
  (rule.start === undefined || rule.start <= day) &&
  (rule.end === undefined || rule.end >= day);

/** The rule as the extension of its Basic. */
export function ruleExtension(rule: DataRule): Extension {
  const optional = [
    ...(rule.place === undefined ? [] : [{ url: 'place', valueString: rule.place }]),
    ...(rule.source === undefined ? [] : [{ url: 'source', valueString: rule.source }]),
    ...(rule.start === undefined ? [] : [{ url: 'start', valueDate: rule.start }]),
    ...(rule.end === undefined ? [] : [{ url: 'end', valueDate: rule.end }]),
  ];
  return {
    url: extension.scrubRule,
    extension: [
      { url: 'name', valueCode: rule.name },
      { url: 'status', valueCode: rule.status },
      { url: 'severity', valueCode: rule.severity },
      { url: 'each', valueString: rule.each },
      { url: 'when', valueString: rule.when },
      { url: 'text', valueString: rule.text },
      { url: 'carc', valueCode: rule.carc },
      { url: 'cure', valueString: rule.cure },
      ...rule.payers.map((reference) => ({ url: 'payer', valueReference: { reference } })),
      ...optional,
    ],
  };
}
