import type { CareTeam, Communication, PractitionerRole, Reference, Resource } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { without } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import type { Context, WriteHook } from '../../interaction/context.ts';
import { resolve } from '../../interaction/repository.ts';
import { conflict, fhirError, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, missing, unresolved, wrongValue, type Issue } from '../../outcome/issue.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import { addLabels, labelsOf } from '../label/labelled.ts';
import { isOfficeMessage } from './officeMessage.ts';

type Message = Communication & { id: string };

/**
 * A message of an office is sent by writing it, and is never changed after that. Who sends it, what it is about and whom
 * it goes to is held against what its sender sees. See docs/decision/0062
 */
export const messageHook: WriteHook = {
  types: ['Communication'],
  async run(context, tx, { by, before, after, view }) {
    if (by !== 'client') return undefined;
    const former = await before();
    if (isOfficeMessage(former)) {
      if (after && contentText(bare(former)) === contentText(bare(after))) return undefined;
      const text = `${referenceText(former)} was sent: it is answered, and not changed or deleted`;
      throw conflict('message-sent', text, 'Communication');
    }
    if (!isOfficeMessage(after)) return undefined;
    requireSender(context, after);
    const faults = faultsOf(after);
    if (faults.length > 0) throw unprocessable(faults);
    const unseen = await unseenIn(view, after);
    if (unseen.length > 0) throw unprocessable(unseen);
    await address(context, tx, after);
    return undefined;
  },
};

const bare = (resource: Resource): unknown => without(resource, 'meta', 'text' as keyof Resource);

/** A person sends in their own name; a system that is nobody in FHIR says for whom. */
function requireSender({ permits }: Context, message: Message): void {
  const user = permits?.user;
  if (user === undefined || message.sender?.reference === user) return;
  throw fhirError(
    403,
    'forbidden',
    'message-sender',
    'A message is sent by who writes it: sender is yourself',
  );
}

const parties = ['Practitioner', 'PractitionerRole', 'Organization', 'CareTeam'];
const senders = ['Practitioner', 'PractitionerRole', 'Organization', 'Device'];

/** What is wrong with a message by itself. */
function faultsOf(message: Message): Issue[] {
  const { status, subject, encounter, sender, recipient = [], about = [], payload = [] } = message;
  const typeOf = (reference: Reference): string => parseReference(reference.reference)?.type ?? '';
  const faults: Issue[] = [];
  const at = (element: string): string => `Communication.${element}`;
  if (status !== 'completed')
    faults.push(
      wrongValue('message-status', at('status'), 'a message is sent when it is written: completed'),
    );
  for (const [name, given] of [
    ['subject', subject],
    ['encounter', encounter],
    ['note', message.note],
    ['received', message.received],
  ] as const)
    if (given !== undefined)
      faults.push(
        businessFault(
          'message-element',
          at(name),
          'a message has its patient in about, and its text in payload: only its parties see it',
        ),
      );
  if (sender === undefined || !senders.includes(typeOf(sender)))
    faults.push(missing('message-sender', at('sender'), 'the sender is a person or an office'));
  if (recipient.length === 0)
    faults.push(missing('message-recipient', at('recipient'), 'say who gets it: a person, team or office'));
  recipient.forEach((one, i) => {
    if (parties.includes(typeOf(one))) return;
    const text = 'it goes to a Practitioner, PractitionerRole, CareTeam or Organization';
    faults.push(wrongValue('message-recipient', `${at('recipient')}[${i}]`, text));
  });
  if (about.length === 0) faults.push(missing('message-about', at('about'), 'say what it is about'));
  if (payload.length === 0) faults.push(missing('message-empty', at('payload'), 'it says nothing'));
  if (extensionOf(message, extension.readBy))
    faults.push(businessFault('message-element', at('extension'), '$mark-read says who has read it'));
  return faults;
}

/** What a message names and its sender does not see, whether it is there or not. */
async function unseenIn(view: Reader, message: Message): Promise<Issue[]> {
  const faults: Issue[] = [];
  const named = [
    ...namedIn('about', message.about),
    ...namedIn('recipient', message.recipient),
    ...namedIn('inResponseTo', message.inResponseTo),
    ...(message.payload ?? []).flatMap(({ contentReference }, i) =>
      contentReference ? [[`payload[${i}].content`, contentReference] as const] : [],
    ),
  ];
  for (const [place, { reference }] of named) {
    const target = parseReference(reference);
    const stored =
      target && isResourceType(target.type) ? await view.read(target.type, target.id) : undefined;
    if (stored && !stored.deleted) continue;
    faults.push(unresolved('message-reference', `Communication.${place}`, `it names what is not here`));
  }
  return faults;
}

const namedIn = (element: string, references: readonly Reference[] | undefined) =>
  (references ?? []).map((reference, i) => [`${element}[${i}]`, reference] as const);

/**
 * Says when it was sent, of which thread it is, and the people of a team or role it goes to: who is named by a team sees
 * what the team gets. What is sensitive in what it is about is so in it.
 */
async function address(context: Context, tx: Transaction, message: Message): Promise<void> {
  if (context.permits !== undefined) message.sent = context.now();
  else message.sent ??= context.now();
  const recipients = new Map((message.recipient ?? []).map((one) => [one.reference ?? '', one]));
  for (const one of message.recipient ?? [])
    for (const reference of await peopleOf(tx, one))
      if (!recipients.has(reference)) recipients.set(reference, { reference });
  message.recipient = [...recipients.values()] as NonNullable<Message['recipient']>;
  const parent = await resolve<Communication>(tx, 'Communication', message.inResponseTo?.[0]);
  if (parent && !isOfficeMessage(parent)) {
    const text = 'a message answers a message';
    throw unprocessable([businessFault('message-reference', 'Communication.inResponseTo[0]', text)]);
  }
  if (parent) message.partOf = [parent.partOf?.[0] ?? { reference: referenceText(parent) }];
  for (const { reference = '' } of message.about ?? []) {
    const labels = await labelsOf(tx, reference);
    if (labels.length > 0) addLabels(message, labels);
  }
}

/** The people and offices of a team, and who fills a role. */
async function peopleOf(tx: Transaction, party: Reference): Promise<string[]> {
  const role = await resolve<PractitionerRole>(tx, 'PractitionerRole', party);
  if (role) return role.practitioner?.reference === undefined ? [] : [role.practitioner.reference];
  const team = await resolve<CareTeam>(tx, 'CareTeam', party);
  const found: string[] = [];
  for (const { member, period } of team?.participant ?? []) {
    const type = parseReference(member?.reference)?.type ?? '';
    if (!member || period?.end !== undefined || !parties.includes(type) || type === 'CareTeam') continue;
    found.push(member.reference ?? '', ...(type === 'PractitionerRole' ? await peopleOf(tx, member) : []));
  }
  return found;
}
