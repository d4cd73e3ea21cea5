import type { Claim, Contract, Coverage, Task, TaskOutput } from '@medplum/fhirtypes';
import { centsOf, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { concept, has } from '../../datatypes/coding.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { system } from '../../terminology/system.ts';
import { level, type Standing } from './compare.ts';
import type { ExpectedLine } from './expected.ts';
import { ratesText, readRates, type Rate } from './rates.ts';

/** What a practice and a payer have agreed to, for one plan or all, from a day on. */
export interface Terms {
  readonly name: string;
  readonly practice: string; // Organization/1
  readonly payer: string;
  readonly plan: string | undefined; // Coverage.class of type plan; none: every plan without a contract of its own
  readonly network: string | undefined; // Coverage.network; none: every network without a contract of its own
  readonly start: string;
  readonly end: string | undefined;
}

/** A fee schedule as a Contract; its rows are kept as text in its one rule. */
export const feeContract = (terms: Terms, rates: readonly Rate[], on: string): Contract => ({
  resourceType: 'Contract',
  status: 'executed',
  type: concept(system.contract, 'fee-schedule'),
  ...(terms.plan === undefined ? {} : { subType: [{ text: terms.plan }] }),
  ...(terms.network === undefined ? {} : { scope: { text: terms.network } }),
  title: terms.name,
  issued: on,
  applies: { start: terms.start, ...(terms.end === undefined ? {} : { end: terms.end }) },
  subject: [{ reference: terms.payer }],
  authority: [{ reference: terms.practice }],
  rule: [
    {
      contentAttachment: {
        contentType: 'text/csv',
        title: terms.name,
        data: Buffer.from(ratesText(rates), 'utf8').toString('base64'),
      },
    },
  ],
});

export const isFeeContract = ({ type }: Pick<Contract, 'type'>): boolean =>
  has(type, system.contract, 'fee-schedule');

export const termsOf = (contract: Contract): Terms => ({
  name: contract.title ?? '',
  practice: contract.authority?.[0]?.reference ?? '',
  payer: contract.subject?.[0]?.reference ?? '',
  plan: contract.subType?.[0]?.text,
  network: contract.scope?.text,
  start: contract.applies?.start ?? '',
  end: contract.applies?.end,
});

export const ratesOf = (contract: Contract): readonly Rate[] =>
  readRates(Buffer.from(contract.rule?.[0]?.contentAttachment?.data ?? '', 'base64').toString('utf8')).rates;

/** Whether two contracts would both be in force on some day, for the same practice, payer, plan and network. */
export const overlaps = (a: Terms, b: Terms): boolean =>
  a.practice === b.practice &&
  a.payer === b.payer &&
  a.plan === b.plan &&
  a.network === b.network &&
  a.start <= (b.end ?? '9999-12-31') &&
  b.start <= (a.end ?? '9999-12-31');

/** The contract in force on a day: that of plan and network, else of the plan, else of the network, else the one of all. */
export function contractOn<T extends Contract>(
  contracts: readonly T[],
  {
    plan,
    network,
    day,
  }: { readonly plan: string | undefined; readonly network?: string | undefined; readonly day: string },
): T | undefined {
  const inForce = contracts.filter((contract) => {
    const { start, end } = termsOf(contract);
    return start <= day && day <= (end ?? '9999-12-31');
  });
  const ways = [
    [plan, network],
    [plan, undefined],
    [undefined, network],
    [undefined, undefined],
  ] as const;
  for (const [ofPlan, ofNetwork] of ways) {
    const found = inForce.find((contract) => {
      const terms = termsOf(contract);
      return terms.plan === ofPlan && terms.network === ofNetwork;
    });
    if (found) return found;
  }
  return undefined;
}

export const planOf = ({ class: classes }: Pick<Coverage, 'class'>): string | undefined =>
  classes?.find((one) => one.type.coding?.some(({ code }) => code === 'plan'))?.value;

/** What is expected of a claim that goes: a Task beside it, for the claim stays as it was sent. */
export const expectationTask = (
  claim: Claim & { id: string },
  lines: readonly ExpectedLine[],
  { practice, on }: { readonly practice: string; readonly on: string },
): Task => ({
  resourceType: 'Task',
  status: 'draft',
  intent: 'order',
  code: concept(system.task, 'payment-expected'),
  description: 'what the contract with the payer lets expect of each line of the claim',
  focus: { reference: referenceText(claim) },
  for: claim.patient,
  owner: { reference: practice },
  ...(claim.insurer ? { requester: claim.insurer } : {}),
  authoredOn: on,
  output: lines.map((line) => ({
    id: `line-${line.item}`,
    type: { ...concept(system.task, 'expected'), text: line.rule },
    valueMoney: toMoney(line.amount),
  })),
});

const isLine = ({ id }: TaskOutput): boolean => id?.startsWith('line-') === true;

export const expectedOf = (task: Task): ExpectedLine[] =>
  (task.output ?? []).filter(isLine).map((output) => ({
    item: Number(output.id?.slice(5)),
    amount: centsOf(output.valueMoney) ?? zero,
    rule: output.type.text ?? '',
  }));

const figures = ['short', 'over', 'met', 'found', 'recovered'] as const;

/** Where the difference of a claim stands; undefined before its payer has answered. */
export function standingOf(task: Task): Standing | undefined {
  const amount = (name: string): Cents | undefined =>
    centsOf(task.output?.find(({ id }) => id === name)?.valueMoney);
  if (amount('found') === undefined) return undefined;
  const of = (name: (typeof figures)[number]): Cents => amount(name) ?? level[name];
  return {
    short: of('short'),
    over: of('over'),
    met: of('met'),
    found: of('found'),
    recovered: of('recovered'),
  };
}

/** The outputs of the Task with where the difference stands now. */
export const withStanding = (task: Task, standing: Standing): TaskOutput[] => [
  ...(task.output ?? []).filter(isLine),
  ...figures.map((name) => ({
    id: name,
    type: { ...concept(system.task, 'difference'), text: name },
    valueMoney: toMoney(standing[name]),
  })),
];
