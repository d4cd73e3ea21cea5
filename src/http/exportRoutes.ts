import { onlyParameters } from '../interaction/rest/onlyParameters.ts';
import { methodNotAllowed, unsupported } from '../outcome/fhirError.ts';
import { askedTooSoon, askExport, exportFile, filePath } from '../operation/export/askExport.ts';
import { statusPath } from '../operation/export/kickOff.ts';
import { Buckets } from './bucket.ts';
import { presentationOf } from './content.ts';
import { contextOf, exchangeOf, queryOf, type Step } from './exchange.ts';
import { send } from './send.ts';

const ndjson = 'application/fhir+ndjson';
/** Questions about one export that are answered at once, and how many more each second; further ones get 429. */
const asked = { size: 10, perSecond: 2 };

/** GET asks how an export stands, DELETE cancels it. */
export function exportStatus(path: string): Step {
  const questions = new Buckets(asked);
  return async (request, response) => {
    const exchange = exchangeOf(response);
    const query = queryOf(request.url);
    exchange.route = `${path}/${statusPath}/:id`;
    exchange.presentation = presentationOf(request, query);
    onlyParameters({ query }, 'this');
    const context = contextOf(response);
    const id = request.params['id'] ?? '';
    const answer = await askExport(context, request.method, id);
    if (answer.headers?.['x-progress'] !== undefined && questions.take(id) !== undefined)
      throw askedTooSoon();
    const { pretty } = exchange.presentation;
    if (answer.body !== undefined)
      // the manifest is plain JSON, and no FHIR
      exchange.presentation = { contentType: 'application/json', pretty };
    send(request, response, answer);
  };
}

/** GET of a file of an export. */
export function exportedFile(path: string): Step {
  return async (request, response) => {
    const exchange = exchangeOf(response);
    exchange.route = `${path}/${filePath}/:id/:file`;
    if (!/^(?:GET|HEAD)$/.test(request.method))
      throw methodNotAllowed('here is GET for the file', 'GET, HEAD');
    onlyParameters({ query: queryOf(request.url) }, 'this');
    const { accept = '*/*' } = request.headers;
    if (!/ndjson|\*\/\*|application\/\*|json/i.test(accept))
      throw unsupported(406, 'not-acceptable', `a file of an export is ${ndjson}`);
    const { id = '', file = '' } = request.params;
    const body = await exportFile(contextOf(response), id, file);
    exchange.presentation = { contentType: ndjson, pretty: false, native: true };
    send(request, response, { status: 200, body });
  };
}
