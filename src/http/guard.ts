import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import type { Settings } from './settings.ts';

export type Guard = (request: IncomingMessage) => void;

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Without authorization only this machine may ask, under a name of this machine or the public one: a page in a
 * browser that points a foreign name here gets 421.
 */
export function hostGuard(publicUrl: string): Guard {
  const publicHost = URL.parse(publicUrl)?.host;
  return ({ headers: { host } }) => {
    if (host !== undefined && (loopback.test(host) || host.toLowerCase() === publicHost)) return;
    const text = 'the Host header names neither this machine nor the public URL of this server';
    throw new FhirError(421, [{ severity: 'error', code: 'security', details: details('wrong-host', text) }]);
  };
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** 401 for a request without the token, which is compared in constant time. */
export function tokenGuard(token: string): Guard {
  const expected = hash(token);
  return ({ headers: { authorization = '' } }) => {
    const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (given !== undefined && timingSafeEqual(hash(given), expected)) return;
    throw new FhirError(
      401,
      [
        {
          severity: 'error',
          code: given === undefined ? 'login' : 'unknown',
          details: details('unauthorized', 'send the token of this server as Authorization: Bearer'),
        },
      ],
      { 'www-authenticate': 'Bearer realm="claimwright"' },
    );
  };
}

/** The guard that every FHIR request passes. */
export function guardOf({ auth, token = '' }: Settings, publicUrl: string): Guard {
  switch (auth) {
    case 'off':
      return hostGuard(publicUrl);
    case 'token':
      return tokenGuard(token);
    case 'smart':
      throw new Error('who asks is said by the authorization server');
  }
}
