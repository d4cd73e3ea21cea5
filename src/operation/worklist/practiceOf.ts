import type {
  Account,
  ChargeItem,
  Claim,
  Encounter,
  Endpoint,
  MedicationDispense,
  Organization,
  PaymentReconciliation,
  Reference,
} from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { unversioned } from '../../datatypes/sentVersion.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** What a piece of work is about. */
interface About {
  readonly focus: string; // Claim/1
  readonly encounter?: string | undefined; // Encounter/1
}

/** The practice whose work it is: whose focus it is, else who gave the visit. It owns the Task, and so finds it. */
export async function practiceOf(
  reader: Reader,
  { focus, encounter }: About,
): Promise<Reference<Organization> | undefined> {
  const practice = (await ofFocus(reader, focus)) ?? (await ofVisit(reader, { reference: encounter ?? '' }));
  return parseReference(practice?.reference)?.type === 'Organization'
    ? unversioned(practice as Reference<Organization>)
    : undefined;
}

async function ofFocus(reader: Reader, reference: string): Promise<Reference | undefined> {
  switch (parseReference(reference)?.type) {
    case 'Account':
      return (await resolve<Account>(reader, 'Account', { reference }))?.owner;
    case 'ChargeItem':
      return (await resolve<ChargeItem>(reader, 'ChargeItem', { reference }))?.performingOrganization;
    case 'Claim':
      return (await resolve<Claim>(reader, 'Claim', { reference }))?.provider;
    case 'Endpoint':
      return (await resolve<Endpoint>(reader, 'Endpoint', { reference }))?.managingOrganization;
    case 'Encounter':
      return ofVisit(reader, { reference });
    case 'MedicationDispense':
      return (await resolve<MedicationDispense>(reader, 'MedicationDispense', { reference }))?.performer
        ?.map(({ actor }) => actor)
        .find((actor) => parseReference(actor.reference)?.type === 'Organization');
    case 'PaymentReconciliation':
      return (await resolve<PaymentReconciliation>(reader, 'PaymentReconciliation', { reference }))
        ?.requestor;
    default:
      return undefined;
  }
}

const ofVisit = async (reader: Reader, pointer: Reference): Promise<Reference | undefined> =>
  (await resolve<Encounter>(reader, 'Encounter', pointer))?.serviceProvider;
