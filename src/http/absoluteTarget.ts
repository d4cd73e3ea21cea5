import { badRequest, fhirError } from '../outcome/fhirError.ts';
import type { Step } from './exchange.ts';

/**
 * A target in absolute form (GET http://this.server/fhir/…) is read as its path, its authority counts as the Host. Express
 * remembers how a URL begins, so such a request starts anew. See https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
 */
export const absoluteTarget: Step = (request, response, next) => {
  const [, authority, rest = ''] = request.url.startsWith('/')
    ? []
    : (/^https?:\/\/([^/?#]*)(.*)$/i.exec(request.url) ?? []);
  if (authority === undefined) {
    next();
    return;
  }
  request.headers.host = authority;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  request.app(request, response);
};

/** Judges how a request is addressed: one Host, no expectation but 100-continue. A `#` is no end of a path. */
export const addressed: Step = (request, _response, next) => {
  const { headers, rawHeaders, httpVersion } = request;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') hosts += 1;
  if (hosts > 1) throw badRequest('malformed-header', 'a request has one Host header');
  if (hosts === 0 && httpVersion === '1.1')
    throw badRequest('malformed-header', 'a request names its host in the Host header');
  if (headers.expect !== undefined && !/^100-continue$/i.test(headers.expect))
    throw fhirError(417, 'not-supported', 'unknown-expectation', 'Expect can only be 100-continue');
  if (request.url.includes('#')) request.url = request.url.replaceAll('#', '%23');
  next();
};
