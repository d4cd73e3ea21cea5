import type { Contract, Invoice, ParametersParameter, Task } from '@medplum/fhirtypes';
import { toDecimal, cents } from '../../src/datatypes/cents.ts';
import { find, updateResource } from '../../src/interaction/repository.ts';
import { collectionWork } from '../../src/operation/collection/collectionWork.ts';
import { extension, system } from '../../src/terminology/system.ts';
import type { Practice } from '../fixture/answeredVisit.ts';
import { businessDate, called, type Called } from '../fixture/called.ts';

/** What an office does to collect: steps of a generated history. */
export const collectionKinds = [
  ...([
    'discount',
    'plan',
    'transfer',
    'transfer',
    'place',
    'place',
    'recall',
    'recall',
    'recall',
    'night',
  ] as const),
] as const;
export type CollectionKind = (typeof collectionKinds)[number];

export const isCollection = (kind: string): kind is CollectionKind =>
  (collectionKinds as readonly string[]).includes(kind);

interface Chosen {
  readonly kind: CollectionKind;
  readonly which: number;
  readonly amount: number;
  readonly flag: boolean;
}

const named = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});

/** The practice gives discounts and clears small balances; its state lets it place at once. */
export async function openCollection({ context, patient }: Practice): Promise<void> {
  await context.store.transaction(async (tx) => {
    await updateResource(context, tx, {
      resourceType: 'Organization',
      id: 'clinic',
      name: 'clinic',
      extension: [
        {
          url: extension.collection,
          extension: [
            { url: 'state', valueCode: 'OH' },
            { url: 'promptPay', valueDecimal: 10 },
            { url: 'selfPay', valueDecimal: 20 },
            { url: 'smallBalance', valueMoney: { value: 9, currency: 'USD' } },
            { url: 'smallBalanceDays', valueInteger: 1 },
          ],
        },
      ],
    });
    await updateResource(context, tx, {
      resourceType: 'Basic',
      id: 'law',
      code: { coding: [{ system: system.basic, code: 'collection-law' }] },
      extension: [
        {
          url: extension.collectionLaw,
          extension: [
            { url: 'state', valueCode: 'OH' },
            { url: 'facility', valueCode: 'office' },
            { url: 'period', valuePeriod: { start: '2026-01-01' } },
            { url: 'noticeDays', valueInteger: 0 },
            { url: 'waitDays', valueInteger: 0 },
            { url: 'limitationYears', valueInteger: 6 },
          ],
        },
      ],
    });
    const sent = {
      status: 'completed',
      sent: '2026-01-01T09:00:00Z',
      subject: { reference: patient },
    } as const;
    await updateResource(context, tx, { resourceType: 'Communication', id: 'notice', ...sent });
    await updateResource(context, tx, {
      resourceType: 'DocumentReference',
      id: 'waiver',
      status: 'current',
      content: [{ attachment: { title: 'waiver' } }],
    });
  });
}

/** Does a step; `claims` are those that were answered. */
export async function collect(
  { context, account }: Practice,
  day: string,
  { step, claims, id }: { readonly step: Chosen; readonly claims: readonly string[]; readonly id: string },
): Promise<Called | undefined> {
  const on = businessDate(day);
  const pick = <T>(all: readonly T[]): T | undefined => all[step.which % Math.max(1, all.length)];
  switch (step.kind) {
    case 'discount': {
      const invoice = pick(await find<Invoice>(context.store, 'Invoice', { account }));
      const kind = { name: 'kind', valueCode: step.flag ? 'prompt-pay' : 'self-pay' };
      return invoice && called(context, `Invoice/${invoice.id ?? ''}/$discount`, [kind, on]);
    }
    case 'plan': {
      const plan = pick(await find<Contract>(context.store, 'Contract', { status: 'executed' }));
      if (plan)
        return called(context, `Contract/${plan.id ?? ''}/$end-plan`, [{ name: 'reason', valueString: 'x' }]);
      return called(context, `${account}/$payment-plan`, [
        { name: 'count', valuePositiveInt: 1 + (step.which % 6) },
        on,
      ]);
    }
    case 'transfer': {
      const claim = pick(claims);
      if (claim === undefined) return undefined;
      const value = toDecimal(cents(1 + (step.amount % 900)));
      const waits = await called(context, `Claim/${claim}/$transfer`, [
        { name: 'amount', valueMoney: { value, currency: 'USD' } },
        { name: 'reason', valueCode: 'signed-waiver' },
        { name: 'reference', valueString: `T${id}` },
        named('document', 'DocumentReference/waiver'),
        on,
      ]);
      const [task] = waits.all<Task>('task');
      return task ? called(context, `Task/${task.id ?? ''}/$approve`) : waits;
    }
    case 'place':
      return called(context, `${account}/$place`, [
        named('agency', 'Organization/second'),
        named('notice', 'Communication/notice'),
        on,
      ]);
    case 'recall':
      return called(context, `${account}/$recall`, [on]);
    case 'night': {
      await context.store.transaction((tx) => collectionWork.one(context, tx, account, { date: day }));
      return undefined;
    }
  }
}
