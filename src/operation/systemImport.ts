import type { Parameters } from '@medplum/fhirtypes';
import type { Context } from '../interaction/context.ts';
import { importLines, toldMax, type ImportTotal } from '../interaction/import/importLines.ts';
import { importSome, judge, type Judged } from '../interaction/import/importSome.ts';
import { decided, details, toOutcome, type Issue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameters } from './parameters.ts';

/**
 * POST [base]/$import: resources kept under the ids they bring, each for itself. As NDJSON they stream in, many to a
 * commit; as Parameters they come in one transaction.
 */
export const systemImport: Operation = {
  definition: operationDefinition('import'),
  permission: 'import',
  asCaller: true,
  async run({ context, tx, input }: Call): Promise<Parameters> {
    const judged = parameters(input, 'resource').map(({ resource }, i) =>
      judge(context, i + 1, () => resource),
    );
    const { imported, refused } = await importSome(context, tx, judged);
    return answerOf({ imported, refused: refused.length, first: refused.slice(0, toldMax) }, 'resource');
  },
  lines: importFromLines,
};

/** The same of lines that stream in. */
export async function importFromLines(
  context: Context,
  body: AsyncIterable<Uint8Array>,
): Promise<Parameters> {
  return answerOf(await importLines(context, body), 'line');
}

function answerOf({ imported, refused, first }: ImportTotal, what: 'line' | 'resource'): Parameters {
  const issues = first.flatMap((judged) => issuesOf(judged, what));
  const more = refused - first.length;
  if (more > 0) {
    const text = `${more} more were refused; of so many, the first ${first.length} are told of`;
    issues.push(decided('more-refused', undefined, text));
  }
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'imported', valueInteger: imported },
      { name: 'refused', valueInteger: refused },
      { name: 'outcome', resource: toOutcome(issues) },
    ],
  };
}

/** The faults of one resource, each saying where it came. */
const issuesOf = ({ no, faults }: Judged, what: 'line' | 'resource'): Issue[] =>
  faults.map((issue) => ({
    ...issue,
    details: details(
      issue.details?.coding?.[0]?.code ?? 'invalid',
      `${what} ${no}: ${issue.details?.text ?? 'it was refused'}`,
    ),
    diagnostics: `${what} ${no}`,
  }));
