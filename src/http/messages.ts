import type { Express } from 'express';

// Its import would load all that http exports, fetch and WebSocket with it.
const http = process.getBuiltinModule('node:http');

/**
 * Classes for the requests and responses of a server (options of createServer) and a function that makes them those of
 * an app. Express gives each request and response that it gets the prototypes of the app: where they have them from the
 * start, that costs nothing, and the engine knows their shape.
 */
export function messageClasses() {
  class IncomingMessage extends http.IncomingMessage {}
  class ServerResponse extends http.ServerResponse<IncomingMessage> {}
  const adopt = (app: Express): void => {
    const [request, response] = [IncomingMessage.prototype, ServerResponse.prototype];
    Object.setPrototypeOf(request, app.request);
    Object.setPrototypeOf(response, app.response);
    Object.assign(app, { request, response });
  };
  return { classes: { IncomingMessage, ServerResponse }, adopt };
}
