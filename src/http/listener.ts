import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Answer } from '../interaction/rest/answer.ts';
import { FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import { fhirJson, presentationOf, type Presentation } from './content.ts';
import { nativeAnswer, wantsNative } from './binary.ts';
import { guardOf, type Guard } from './guard.ts';
import { health } from './health.ts';
import { outcomeHandler } from './outcomeHandler.ts';
import { requestId } from './requestId.ts';
import { route, type Served } from './routes.ts';
import { send } from './send.ts';
import type { Settings } from './settings.ts';

const base = '/fhir';

/**
 * The door of every request. FHIR goes straight to its route, for speed, and so does the question whether we live; the
 * rest goes to Express, which is loaded when somebody asks for it. All pass the same log.
 */
export function listener(served: Served, settings: Settings): RequestListener {
  const guard = guardOf(settings, served.context.publicUrl);
  const answerNotFound = notFoundOf(settings);
  return (request, response) => {
    const started = performance.now();
    const id = requestId(request);
    const { url = '/' } = request;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (settings.log.wants('info')) logWhenDone({ request, response, id, started, path, settings });
    if (!path.startsWith(base) || (path.length > base.length && path.charCodeAt(base.length) !== 0x2f)) {
      answerNotFound({ request, response, id, settings }, path);
      return;
    }
    const query = mark < 0 ? '' : url.slice(mark + 1);
    void answerFhir({ served, settings, guard, request, id, below: path.slice(base.length + 1), query }).then(
      ({ answer, presentation }) => {
        const acceptEncoding = request.headers['accept-encoding'];
        const head = request.method === 'HEAD';
        send(response, answer, { requestId: id, presentation, head, acceptEncoding });
      },
    );
  };
}

/** Answers what is not FHIR; Express is made when it is first needed. */
function notFoundOf(settings: Settings): (passing: Passing, path: string) => void {
  let express: Promise<RequestListener> | undefined;
  return ({ request, response, id }, path) => {
    const reply = (answer: Answer, contentType: string): void => {
      const acceptEncoding = request.headers['accept-encoding'];
      const presentation = { contentType, pretty: false };
      send(response, answer, {
        requestId: id,
        presentation,
        head: request.method === 'HEAD',
        acceptEncoding,
      });
    };
    const answer = health(request, path, settings);
    if (answer) {
      reply(answer, 'application/json');
      return;
    }
    response.setHeader('X-Request-Id', id);
    express ??= import('./notFound.ts').then(({ notFound }) => notFound(settings));
    express.then(
      (app) => {
        app(request, response);
      },
      (error: unknown) => {
        reply(outcomeHandler(error, id, settings.log), fhirJson);
      },
    );
  };
}

interface Asked {
  readonly served: Served;
  readonly settings: Settings;
  readonly guard: Guard;
  readonly request: IncomingMessage;
  readonly id: string;
  readonly below: string;
  readonly query: string;
}

const plain: Presentation = { contentType: fhirJson, pretty: false };

async function answerFhir(asked: Asked): Promise<{ answer: Answer; presentation: Presentation }> {
  const { served, settings, guard, request, id, below, query } = asked;
  let presentation = plain;
  try {
    if (!/^metadata\/?$/.test(below)) guard(request);
    if (!settings.ready()) throw starting();
    if (wantsNative(request, below, query)) return await native(asked);
    presentation = presentationOf(request, query);
    const answer = await route(served, request, below, query, (form) => {
      presentation = presentationOf(request, form);
    });
    return { answer, presentation };
  } catch (error) {
    return { answer: outcomeHandler(error, id, settings.log), presentation };
  }
}

/** A read of a Binary that is answered with what it holds. */
async function native({
  served,
  request,
  below,
  query,
}: Asked): Promise<{ answer: Answer; presentation: Presentation }> {
  const read = await route(served, request, below, query, () => undefined);
  if (read.body === undefined) return { answer: read, presentation: plain };
  const { answer, contentType } = nativeAnswer(read, request);
  return { answer, presentation: { contentType, pretty: false, native: true } };
}

const starting = (): FhirError =>
  new FhirError(
    503,
    [{ severity: 'error', code: 'transient', details: details('starting', 'the server is still starting') }],
    { 'retry-after': '2' },
  );

interface Passing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly settings: Settings;
}

/** One line for each request, without query string: it may tell of a patient. */
function logWhenDone({
  request,
  response,
  id,
  started,
  path,
  settings,
}: Passing & {
  readonly started: number;
  readonly path: string;
}): void {
  response.once('close', () => {
    settings.log.info({
      requestId: id,
      method: request.method,
      path,
      status: response.statusCode,
      ms: Math.round((performance.now() - started) * 10) / 10,
    });
  });
}
