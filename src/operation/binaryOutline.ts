import type { Binary, Resource } from '@medplum/fhirtypes';
import type { Awaited } from '../interaction/rest/answer.ts';
import { readResource } from '../interaction/repository.ts';
import { badRequest, unprocessable } from '../outcome/fhirError.ts';
import { businessFault } from '../outcome/issue.ts';
import { mostLines, outlineHtml, outlineOf, outlineText } from '../x12/outline.ts';
import { reasonCodesIn, withCodeNames } from '../x12/outlineNames.ts';
import type { OutlineLine } from '../x12/outline.ts';
import { outlinePage } from '../x12/outlinePage.ts';
import { operationDefinition } from './definition.ts';
import { asServer } from '../store/access/asServer.ts';
import type { Reader } from '../store/store.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { reasonTextsOn } from './table/reasonTexts.ts';
import { readContent, sizeBeside } from './x12/content.ts';

export { outlineStyle } from '../x12/outline.ts';

/** GET Binary/[id]/$outline: an interchange as a person reads it, with the meaning of each element and its faults. */
export const binaryOutline: Operation = {
  definition: operationDefinition('Binary-outline'),
  async run({ tx, target, input, context, on }: Call): Promise<Resource | Awaited> {
    const id = target.id ?? '';
    const { contentType, data = '' } = await readResource<Binary>(tx, 'Binary', id);
    if (!/^application\/edi-x12\b/i.test(contentType))
      throw unprocessable([
        businessFault('not-x12', 'Binary.contentType', 'the Binary is no X12 interchange'),
      ]);
    const isText = parameter(input, 'format')?.valueCode === 'text';
    const from = parameter(input, 'from')?.valueInteger;
    if (from !== undefined && from < 1) throw badRequest('malformed-value', 'from counts segments from 1');
    const isBeside = data === '' && (await sizeBeside(tx, `Binary/${id}`)) !== undefined;
    if (!isBeside && from === undefined) {
      const lines = outlineOf(Buffer.from(data, 'base64'));
      return shown(await named(asServer(tx), { owner: context.store, on, lines }), isText);
    }
    return {
      awaited: JSON.stringify({ binary: `Binary/${id}`, from: from ?? 1, isText, on } satisfies Asked),
    };
  },
  answer: async ({ store }, { awaited }) => {
    const { binary, from, isText, on } = JSON.parse(awaited) as Asked;
    // whether the caller sees the Binary was judged by the transaction; its pieces are nobody's resources
    const lines = await outlinePage(() => readContent(asServer(store), binary), { from, count: mostLines });
    return shown(await named(asServer(store), { owner: store, on, lines }), isText);
  },
};

interface Asked {
  readonly binary: string; // Binary/1
  readonly from: number;
  readonly isText: boolean;
  readonly on: string;
}

/** The lines with the texts of reason and remark codes that the practice has loaded. */
async function named(
  reader: Reader,
  {
    owner,
    on,
    lines,
  }: { readonly owner: Reader; readonly on: string; readonly lines: readonly OutlineLine[] },
): Promise<readonly OutlineLine[]> {
  const texts = await reasonTextsOn(reader, owner, { codes: reasonCodesIn(lines), on });
  return texts.size === 0 ? lines : withCodeNames(lines, (code) => texts.get(code));
}

const shown = (lines: readonly OutlineLine[], isText: boolean): Binary => ({
  resourceType: 'Binary',
  contentType: isText ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8',
  data: Buffer.from(isText ? outlineText(lines) : outlineHtml(lines)).toString('base64'),
});
