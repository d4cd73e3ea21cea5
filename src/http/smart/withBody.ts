import { IncomingMessage } from 'node:http';

/** A request whose body was read, with that text or another one as its body. */
export function withBody(request: IncomingMessage, text: string): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  const { method, url, headers, httpVersion, httpVersionMajor, httpVersionMinor, rawHeaders } = request;
  const length = String(Buffer.byteLength(text));
  Object.assign(copy, { method, url, httpVersion, httpVersionMajor, httpVersionMinor, rawHeaders });
  Object.assign(copy, { originalUrl: Reflect.get(request, 'originalUrl') as unknown });
  copy.headers = { ...headers, 'content-length': length };
  delete copy.headers['transfer-encoding'];
  copy.complete = true; // it has been read as a whole: when it ends, the connection does not
  copy.push(text);
  copy.push(null);
  return copy;
}
