import type { Parameters, Resource } from '@medplum/fhirtypes';
import type { Awaited } from '../interaction/rest/answer.ts';
import { badRequest, fhirError } from '../outcome/fhirError.ts';
import { decided, toOutcome, warning } from '../outcome/issue.ts';
import { asServer } from '../store/access/asServer.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation, OperationContext } from './operation.ts';
import { parameter } from './parameters.ts';
import { forgetTables } from './table/loadedTables.ts';
import { loadTables, type LoadOptions, type LoadReport } from './table/loadTables.ts';
import { tableParts } from './table/tableParts.ts';

/**
 * POST [base]/$load-table: a coding table of the practice's own (NCCI, MUE, fee schedule …) as CMS publishes it, as text,
 * CSV or ZIP that streams in, or as a Binary. It takes the place of the same edition whole, or nothing changes.
 */
export const systemLoadTable: Operation = {
  definition: operationDefinition('load-table'),
  permission: 'administer',
  run({ input, isPart }: Call): Promise<Awaited> {
    if (isPart)
      throw fhirError(422, 'not-supported', 'not-in-bundle', '$load-table cannot be part of a Bundle');
    const file = parameter(input, 'file')?.resource;
    const data = file?.resourceType === 'Binary' ? file.data : undefined;
    if (data === undefined || data === '')
      throw badRequest('table-missing', 'parameter file is a Binary with data', 'Parameters.parameter');
    return Promise.resolve({
      awaited: data.slice(0, 64),
      begun: { bytes: Buffer.from(data, 'base64'), input },
    });
  },
  async answer(context, { begun }): Promise<Resource> {
    const { bytes, input } = begun as { readonly bytes: Uint8Array; readonly input: Parameters };
    return load(context, once(bytes), input);
  },
  file: load,
};

async function load(
  context: OperationContext,
  bytes: AsyncIterable<Uint8Array>,
  input: Parameters,
): Promise<Parameters> {
  const store = asServer(context.store);
  const { now, newId } = context;
  const options: LoadOptions = {
    table: parameter(input, 'table')?.valueCode,
    edition: parameter(input, 'edition')?.valueString,
    part: parameter(input, 'part')?.valueString,
  };
  const name = parameter(input, 'name')?.valueString ?? '';
  const report = await loadTables({ records: store.records, now, newId }, [{ name, bytes }], options);
  forgetTables(store);
  return answerOf(report);
}

function answerOf({ loaded, passedOver, faults }: LoadReport): Parameters {
  const issues = [
    ...loaded.map(({ table, edition, rows }) =>
      decided('table-loaded', undefined, `${table} ${edition}: ${rows} rows`),
    ),
    ...faults.map((text) => warning('table-record', undefined, text)),
    ...(passedOver.length === 0
      ? []
      : [decided('table-passed-over', undefined, `holds none of it: ${passedOver.slice(0, 20).join(', ')}`)]),
  ];
  return {
    resourceType: 'Parameters',
    parameter: [...loaded.map(tableParts), { name: 'outcome', resource: toOutcome(issues) }],
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
