import type { Binary, Resource } from '@medplum/fhirtypes';
import { readResource } from '../interaction/repository.ts';
import { fhirError, unprocessable } from '../outcome/fhirError.ts';
import { businessFault } from '../outcome/issue.ts';
import { outlineHtml, outlineOf, outlineText } from '../x12/outline.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { sizeBeside } from './x12/content.ts';

export { outlineStyle } from '../x12/outline.ts';

/** GET Binary/[id]/$outline: an interchange as a person reads it, with the meaning of each element and its faults. */
export const binaryOutline: Operation = {
  definition: operationDefinition('Binary-outline'),
  async run({ tx, target, input }: Call): Promise<Resource> {
    const id = target.id ?? '';
    const { contentType, data = '' } = await readResource<Binary>(tx, 'Binary', id);
    if (!/^application\/edi-x12\b/i.test(contentType))
      throw unprocessable([
        businessFault('not-x12', 'Binary.contentType', 'the Binary is no X12 interchange'),
      ]);
    if (data === '' && (await sizeBeside(tx, `Binary/${id}`)) !== undefined)
      throw fhirError(
        422,
        'too-long',
        'outline-too-large',
        'the interchange is too large for an outline: npm run x12',
      );
    const lines = outlineOf(Buffer.from(data, 'base64'));
    const isText = parameter(input, 'format')?.valueCode === 'text';
    return {
      resourceType: 'Binary',
      contentType: isText ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8',
      data: Buffer.from(isText ? outlineText(lines) : outlineHtml(lines)).toString('base64'),
    };
  },
};
