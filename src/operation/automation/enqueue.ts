import type { Claim, Encounter, Organization } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import type { Context, WriteHook } from '../../interaction/context.ts';
import { parsed, resolve } from '../../interaction/repository.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import type { OperationContext } from '../operation.ts';
import { automationOf, type Automation } from './settings.ts';

export const automationKind = 'automation';

/** What a job of automation is about: a visit, and what a payer decided of it. */
export interface About {
  readonly encounter: string; // Encounter/1
  readonly explanation?: string; // ExplanationOfBenefit/1
}

/** Makes the job for one occasion; the same occasion a second time makes none. */
export async function enqueueAutomation(
  { now }: Pick<Context, 'now'>,
  tx: Transaction,
  { about, occasion }: { readonly about: About; readonly occasion: string },
): Promise<void> {
  const key = [automationKind, about.explanation ?? about.encounter, occasion].join('|');
  const job = { key, kind: automationKind, payload: JSON.stringify(about), due: Date.parse(now()) };
  await tx.jobs.enqueue(job);
}

/** The practice of a visit, and what it has switched on. */
export async function automationOfVisit(
  reader: Reader,
  encounter: Encounter | undefined,
): Promise<Automation & { readonly practice: string | undefined }> {
  const practice = await resolve<Organization>(reader, 'Organization', encounter?.serviceProvider);
  return { ...automationOf(practice), practice: practice && referenceText(practice) };
}

/** A visit whose chart was written: a job takes it up, where it is finished and its practice has that so. */
export async function automateVisit(
  context: OperationContext,
  encounter: string,
  written: string,
): Promise<void> {
  const { store } = context;
  const visit = await resolve<Encounter>(store, 'Encounter', { reference: encounter });
  if (visit?.status !== 'finished') return;
  if ((await automationOfVisit(store, visit)).steps.size === 0) return;
  await store.transaction((tx) =>
    enqueueAutomation(context, tx, { about: { encounter }, occasion: written }),
  );
}

/** What a payer decided goes on by itself, to the next payer and to the patient. */
export const automationAnswerHook: WriteHook = {
  types: ['ExplanationOfBenefit'],
  async run(context, tx, { after, by }) {
    if (by !== 'operation' || after?.resourceType !== 'ExplanationOfBenefit') return undefined;
    if (after.status !== 'active' || extensionOf(after, extension.reverses)) return undefined;
    const practice = await resolve<Organization>(tx, 'Organization', after.provider);
    if (automationOf(practice).steps.size === 0) return undefined;
    const claim = await resolve<Claim>(tx, 'Claim', after.claim);
    const encounter = claim && encounterOfClaim(claim);
    if (encounter === undefined) return undefined;
    return async (stored) => {
      const { id, meta } = parsed(stored);
      const about = { encounter, explanation: `ExplanationOfBenefit/${id ?? ''}` };
      await enqueueAutomation(context, tx, { about, occasion: meta?.versionId ?? '' });
    };
  },
};

/** The visit that a claim bills first. */
export function encounterOfClaim({ item = [] }: Claim): string | undefined {
  const [first] = item.flatMap((line) => line.encounter?.[0]?.reference ?? []);
  const name = unversionedText(first);
  return parseReference(name)?.type === 'Encounter' ? name : undefined;
}
