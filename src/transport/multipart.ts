import { TransportFault } from './transport.ts';

const partsMax = 100;
const headerMax = 8192;

/** The parts of a multipart/form-data body by their names. See https://www.rfc-editor.org/rfc/rfc7578 */
export function readMultipart(type: string, body: Buffer): ReadonlyMap<string, Buffer> {
  const boundary = /^multipart\/form-data\b.*;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(type);
  const text = boundary?.[1] ?? boundary?.[2];
  if (text === undefined) throw unreadable();
  const edge = Buffer.from(`\r\n--${text}`);
  const parts = new Map<string, Buffer>();
  // the first edge has no line break before it where nothing stands before it
  let at = body.indexOf(edge.subarray(2));
  if (at < 0) throw unreadable();
  at += edge.length - 2;
  while (body.toString('latin1', at, at + 2) !== '--') {
    const start = body.indexOf('\r\n\r\n', at);
    const end = start < 0 ? -1 : body.indexOf(edge, start + 2);
    if (end < 0 || start - at > headerMax || parts.size >= partsMax) throw unreadable();
    const name = /\bname="([^"\r\n]{1,100})"/i.exec(body.toString('latin1', at, start))?.[1];
    if (name === undefined) throw unreadable();
    parts.set(name, body.subarray(Math.min(start + 4, end), end));
    at = end + edge.length;
  }
  return parts;
}

const unreadable = (): TransportFault =>
  new TransportFault('refused', 'the partner did not answer in the envelope of CORE');
