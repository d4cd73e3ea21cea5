import express, { type ErrorRequestHandler, type Express } from 'express';
import { unsupported } from '../outcome/fhirError.ts';
import { fhirJson } from './content.ts';
import { outcomeHandler } from './outcomeHandler.ts';
import { send } from './send.ts';
import type { Settings } from './settings.ts';

/** Answers every path that is neither FHIR nor health. Later the authorization server joins here. */
export function notFound({ log }: Pick<Settings, 'log'>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request) => {
    const text = `nothing answers at ${request.path.slice(0, 100)}; FHIR is at /fhir, health at /healthz and /readyz`;
    throw unsupported(404, 'unknown-path', text);
  });
  const failed: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const requestId = String(response.getHeader('X-Request-Id'));
    const answer = outcomeHandler(error, requestId, log);
    const presentation = { contentType: fhirJson, pretty: false };
    const acceptEncoding = request.headers['accept-encoding'];
    send(response, answer, { requestId, presentation, head: request.method === 'HEAD', acceptEncoding });
  };
  app.use(failed);
  return app;
}
