import type { ChargeItem, Claim, ClaimResponse, Parameters, Resource } from '@medplum/fhirtypes';
import type { Entry } from '../../src/datatypes/entry.ts';
import type { Context } from '../../src/interaction/context.ts';
import { find, parsed, updateResource } from '../../src/interaction/repository.ts';
import { callOperation } from '../../src/operation/run.ts';
import { extension } from '../../src/terminology/system.ts';
import { chargeCaptured } from '../../src/billing/ledger/index.ts';
import { cents, exactCents } from '../../src/datatypes/cents.ts';
import { testContext } from '../context.ts';
import { claimOf, coverageOf, enrollments, insurancePlans, parties, type Story } from '../payer/stories.ts';

/** A practice with plans, enrolments and a story's charges and draft claim, without chart. */
export interface Practice {
  readonly context: Context;
  readonly put: (...resources: Resource[]) => Promise<void>;
  readonly submit: (
    claim: string,
    parameters?: NonNullable<Parameters['parameter']>,
  ) => Promise<ClaimResponse>;
  readonly all: <T extends Resource>(type: T['resourceType']) => Promise<T[]>;
  readonly journal: () => Promise<Entry[]>;
  readonly read: <T extends Resource>(type: T['resourceType'], id: string) => Promise<T>;
}

export const account = 'Account/a';

export async function practice(over: Partial<Context> = {}): Promise<Practice> {
  const context = await testContext(over);
  const put = async (...resources: Resource[]): Promise<void> => {
    await context.store.transaction(async (tx) => {
      for (const r of resources)
        await updateResource(context, tx, { ...structuredClone(r), id: r.id ?? context.newId() });
    });
  };
  await put(...parties, ...insurancePlans, ...enrollments, {
    resourceType: 'Account',
    id: 'a',
    status: 'active',
    subject: [{ reference: 'Patient/nora-whitfield' }],
    owner: { reference: 'Organization/alder-street-clinic' },
  });
  return {
    context,
    put,
    submit: async (claim, parameters = []) => {
      const { body } = await callOperation(context, 'submit', { type: 'Claim', id: claim }, parameters);
      return JSON.parse(String(body)) as ClaimResponse;
    },
    all: (type) => find(context.store, type, {}),
    journal: () => context.store.journal(account),
    read: async (type, id) => {
      const stored = await context.store.read(type, id);
      if (!stored) throw new Error(`${type}/${id} is not there`);
      return parsed(stored);
    },
  };
}

/** Stores Coverage, charges (captured and posted) and the draft claim of a story; answers with the claim's id. */
export async function chart(p: Practice, story: Story, over: Partial<Claim> = {}): Promise<string> {
  const claim = claimOf(story, { status: 'draft', ...over });
  claim.extension = [{ url: extension.account, valueReference: { reference: account } }];
  for (const item of claim.item ?? []) {
    const id = `${claim.id}-charge-${item.sequence}`;
    item.extension = [{ url: extension.chargeItem, valueReference: { reference: `ChargeItem/${id}` } }];
    const charge: ChargeItem = {
      resourceType: 'ChargeItem',
      id,
      status: 'billable',
      code: item.productOrService,
      subject: claim.patient,
      context: { reference: 'Encounter/e' },
      ...(item.net ? { priceOverride: item.net } : {}),
      account: [{ reference: account }],
    };
    await p.put(charge);
    await p.context.store.transaction(async (tx) => {
      const entry = chargeCaptured({
        id: p.context.newId(),
        on: story.on,
        account,
        cause: `ChargeItem/${id}/_history/1`,
        charge: `ChargeItem/${id}`,
        encounter: 'Encounter/e',
        amount: exactCents(item.net?.value ?? 0) ?? cents(0),
      });
      await tx.append(entry);
    });
  }
  await p.put(coverageOf(story), claim);
  return claim.id;
}

/** The parameters that give a step its dates. */
export const dated = (businessDate: string, answeredOn?: string): NonNullable<Parameters['parameter']> => [
  { name: 'businessDate', valueDate: businessDate },
  ...(answeredOn === undefined ? [] : [{ name: 'answeredOn', valueDate: answeredOn }]),
];
