import type { Communication, Parameters } from '@medplum/fhirtypes';
import { extensionOf, extensionsOf } from '../datatypes/extension.ts';
import { changed } from '../datatypes/json.ts';
import { referenceText } from '../datatypes/reference.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import { isOfficeMessage } from './message/officeMessage.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';

/** POST [base]/Communication/[id]/$mark-read: the caller has read a message that they are a party to. */
export const communicationMarkRead: Operation = {
  definition: operationDefinition('Communication-mark-read'),
  permission: 'message',
  async run({ context, tx, target }): Promise<Parameters> {
    const message = await readResource<Communication & { id: string }>(tx, 'Communication', target.id ?? '');
    if (!isOfficeMessage(message)) {
      const text = `${referenceText(message)} is no message of an office`;
      throw unprocessable([businessFault('not-a-message', 'Communication.category', text)]);
    }
    const reader = context.permits?.user;
    if (reader === undefined) {
      const text = 'who reads a message is a person: this account is nobody in FHIR';
      throw unprocessable([businessFault('reader-unknown', 'Communication', text)]);
    }
    const marks = extensionsOf(message, extension.readBy);
    const isMarked = marks.some((mark) => extensionOf(mark, 'reader')?.valueReference?.reference === reader);
    if (isMarked)
      return answer(
        [['message', message]],
        [decided('already-there', 'Communication', 'it is read already')],
      );
    const mark = {
      url: extension.readBy,
      extension: [
        { url: 'reader', valueReference: { reference: reader } },
        { url: 'at', valueInstant: context.now() },
      ],
    };
    const isRecipient = message.recipient?.some((one) => one.reference === reader) === true;
    const written = await updateResource<Communication>(
      context,
      tx,
      changed(message, {
        extension: [...(message.extension ?? []), mark],
        ...(message.received === undefined && isRecipient ? { received: context.now() } : {}),
      }),
    );
    return answer([['message', written]], [decided('marked-read', 'Communication', 'it is read')]);
  },
};
