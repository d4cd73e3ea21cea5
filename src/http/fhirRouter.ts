import { Router } from 'express';
import { onlyParameters } from '../interaction/rest/onlyParameters.ts';
import { routes } from '../interaction/rest/request.ts';
import { FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import { asyncPath } from './asyncJobs.ts';
import { answersRows, csvAnswer, nativeAnswer, wantsCsv, wantsNative, withContent } from './binary.ts';
import { fhirPresentation, presentationOf } from './content.ts';
import { contextOf, exchangeOf, pathOf, queryOf, type Step } from './exchange.ts';
import { filePath } from '../operation/export/askExport.ts';
import { statusPath } from '../operation/export/kickOff.ts';
import { exportedFile, exportStatus } from './exportRoutes.ts';
import { answerFhir, type Served } from './fhirRequest.ts';
import { outlineStyle } from '../operation/binaryOutline.ts';
import { inOrder } from './inOrder.ts';
import { inEvenTime } from './evenTime.ts';
import { pagePolicy } from './securityHeaders.ts';
import { send } from './send.ts';
import type { Settings } from './settings.ts';
import { canonicalPath } from './canonicalPath.ts';

/** Where FHIR is, below the path that the server is mounted at. */
export const fhirPath = '/fhir';

/** The style of the page that $outline answers with. What else a Binary may hold gets none. */
const allowOutline = pagePolicy(outlineStyle);

/**
 * The paths of the table in the order that Express tries them: those with two parts first, for most requests are reads.
 * Paths with as many parts keep their order; of different numbers of parts only one can fit.
 */
const hasTwoParts = (path: string): boolean => path.split('/').length === 3;
const paths = Object.keys(routes).sort((a, b) => Number(hasTwoParts(b)) - Number(hasTwoParts(a)));

/**
 * FHIR: every path of the table of routes (src/interaction/rest/request.ts), and the states of requests that are
 * answered later. A path that is none of them is refused with what there is. `before` are steps that come first.
 */
export function fhirRouter(before: readonly Step[], served: Served): Router {
  const router = Router({ caseSensitive: true });
  router.use(inOrder(...before, canonicalPath));
  router.all(`/${asyncPath}{/:id}`, asyncState(served));
  router.all(`/${statusPath}{/:id}`, exportStatus(fhirPath));
  router.all(`/${filePath}{/:id}{/:file}`, exportedFile(fhirPath));
  for (const path of paths) router.all(path.replace('*', '\\*'), interaction(served, path));
  router.use(interaction(served));
  return router;
}

/** GET asks for the answer of a request that is answered later, DELETE cancels it. */
function asyncState({ jobs }: Served): Step {
  return async (request, response) => {
    const exchange = exchangeOf(response);
    const query = queryOf(request.url);
    exchange.route = `${fhirPath}/${asyncPath}/:id`;
    exchange.presentation = presentationOf(request, query);
    onlyParameters({ query }, 'this');
    send(request, response, await jobs.ask(contextOf(response), request.method, request.params['id'] ?? ''));
  };
}

/** Answers the interactions of one path. */
function interaction(served: Served, route?: string): Step {
  const logged = route === undefined ? undefined : `${fhirPath}${route === '/' ? '' : route}`;
  return async (request, response) => {
    const exchange = exchangeOf(response);
    if (logged !== undefined) exchange.route = logged;
    const path = pathOf(request.url).slice(1);
    const query = queryOf(request.url);
    const isNative = wantsNative(request, path, query);
    const isCsv = wantsCsv(request, path, query);
    const isRows = answersRows(path); // by a format of its own, which says what is refused
    if (isCsv || isRows)
      exchange.presentation = fhirPresentation; // of a refusal
    else if (!isNative) exchange.presentation = presentationOf(request, query);
    const context = contextOf(response);
    const asked = {
      store: context.store,
      method: request.method,
      isBundle: path === '' && request.method === 'POST',
    };
    const { recordImported } = exchange;
    const sent = { context, request, path, route, query, recordImported };
    const answer = await inEvenTime(asked, () =>
      answerFhir(served, { ...sent, record: exchange.recordLater }, (form) => {
        exchange.form = form;
        if (!isCsv && !isRows) exchange.presentation = presentationOf(request, form);
      }),
    );
    if (answer.contentType !== undefined) {
      exchange.presentation = { contentType: answer.contentType, pretty: false, native: true };
      send(request, response, answer);
      return;
    }
    const native = isCsv ? csvAnswer(answer) : isNative ? nativeAnswer(answer, request) : undefined;
    if (native) {
      exchange.presentation = { contentType: native.contentType, pretty: false, native: true };
      if (path.endsWith('/$outline')) allowOutline(exchange);
      send(request, response, await withContent(context, native.answer, path));
      return;
    }
    if (isNative) exchange.presentation = presentationOf(request, query);
    send(request, response, answer);
  };
}

/** FHIR is answered once the store is prepared. */
export function whenReady({ ready }: Pick<Settings, 'ready'>): Step {
  return (_request, _response, next) => {
    if (!ready()) throw starting();
    next();
  };
}

const starting = (): FhirError =>
  new FhirError(
    503,
    [{ severity: 'error', code: 'transient', details: details('starting', 'the server is still starting') }],
    { 'retry-after': '2' },
  );
