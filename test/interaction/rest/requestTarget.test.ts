import { expect, test } from '@jest/globals';
import { requestTargetOf } from '../../../src/interaction/rest/requestTarget.ts';
import { interactionOf } from '../../../src/interaction/rest/request.ts';

test.each([
  ['', {}, 'POST', 'system'],
  ['metadata', { tail: 'metadata' }, 'GET', 'capabilities'],
  ['metadata/', { tail: 'metadata' }, 'GET', 'capabilities'],
  ['$process-x12', { operation: 'process-x12' }, 'POST', 'operation'],
  ['Patient', { type: 'Patient' }, 'GET', 'search-type'],
  ['Patient/', { type: 'Patient' }, 'POST', 'create'],
  ['Patient/_search', { type: 'Patient', tail: '_search' }, 'POST', 'search-type'],
  ['Claim/$submit', { type: 'Claim', operation: 'submit' }, 'POST', 'operation'],
  ['Claim/%24submit', { type: 'Claim', operation: 'submit' }, 'POST', 'operation'],
  ['Patient/a.b-C1', { type: 'Patient', id: 'a.b-C1' }, 'GET', 'read'],
  ['Patient/1/', { type: 'Patient', id: '1' }, 'PUT', 'update'],
  ['Patient/1', { type: 'Patient', id: '1' }, 'DELETE', 'delete'],
  ['Account/1/$balance', { type: 'Account', id: '1', operation: 'balance' }, 'GET', 'operation'],
  ['Patient/1/_history', { type: 'Patient', id: '1', tail: '_history' }, 'GET', 'history-instance'],
  ['Patient/_history', { type: 'Patient', tail: '_history' }, 'GET', 'history-type'],
  ['_history', { tail: '_history' }, 'HEAD', 'history-system'],
  ['Patient', { type: 'Patient' }, 'PUT', 'update'],
  ['Patient', { type: 'Patient' }, 'PATCH', 'patch'],
  ['Patient', { type: 'Patient' }, 'DELETE', 'delete'],
  ['Patient/1', { type: 'Patient', id: '1' }, 'PATCH', 'patch'],
  ['Patient/1/_history/2', { type: 'Patient', id: '1', version: '2' }, 'GET', 'vread'],
])('%s is read as a place, and %s %s there is %s', (path, place, method, interaction) => {
  expect(requestTargetOf(path)).toEqual(place);
  expect(interactionOf(method, requestTargetOf(path))).toBe(interaction);
});

test.each([
  ['Patiennt/1', 404, 'unknown-type'],
  ['Resource', 404, 'unknown-type'],
  ['__proto__/1', 404, 'unknown-type'],
  ['Patient/1/2', 404, 'unknown-path'],
  ['/Patient', 404, 'unknown-path'],
  ['/Patient/1', 404, 'unknown-path'],
  ['//Patient', 404, 'unknown-path'],
  ['Patient//1', 400, 'malformed-id'],
  ['Patient/_historia', 404, 'unknown-path'],
  ['Patient/1/_history/2/3', 404, 'unknown-path'],
  ['Patient/1/_history/x', 404, 'not-found'],
  ['Patient/1/_history/0', 404, 'not-found'],
  ['Patient/a_b', 400, 'malformed-id'],
  [`Patient/${'a'.repeat(65)}`, 400, 'malformed-id'],
  ['Patient/%zz', 400, 'malformed-url'],
  ['Patient/%c3%28', 400, 'malformed-url'],
])('%s names nothing: %s %s', (path, status, code) => {
  expect(() => requestTargetOf(path)).toThrow(
    expect.objectContaining({
      status,
      issue: [
        expect.objectContaining({
          details: expect.objectContaining({ coding: [expect.objectContaining({ code })] }),
        }),
      ],
    }),
  );
});

test.each([
  ['POST', 'Patient/1', 'GET, HEAD, PUT, PATCH, DELETE'],
  ['OPTIONS', 'Patient', 'GET, HEAD, POST, PUT, PATCH, DELETE'],
  ['PUT', '', 'GET, HEAD, POST'],
  ['POST', '_history', 'GET, HEAD'],
  ['DELETE', 'Patient/_history', 'GET, HEAD'],
  ['GET', '_search', 'POST'],
  ['PUT', 'Patient/1/Claim', 'GET, HEAD'],
  ['POST', 'Patient/1/*', 'GET, HEAD'],
  ['DELETE', 'Patient/1/_history/1', 'GET, HEAD'],
  ['GET', 'Patient/_search', 'POST'],
])('%s %s is not allowed, and the answer says what is', (method, path, allow) => {
  expect(() => interactionOf(method, requestTargetOf(path))).toThrow(
    expect.objectContaining({ status: 405, headers: { allow } }),
  );
});
