import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { createApp } from '../../src/app.ts';
import { testContext } from '../context.ts';
import { startServer, type RunningServer } from '../server.ts';

let server: RunningServer;
let page: Response;
let html = '';

beforeAll(async () => {
  server = await startServer({ CLAIMWRIGHT_SEED: 'none' });
  page = await fetch(`${server.origin}/`, { headers: { accept: 'text/html,*/*;q=0.8' } });
  html = await page.text();
});
afterAll(async () => {
  await server.stop();
  server.remove();
});

const linksOf = (text: string): string[] =>
  [...text.matchAll(/href="([^"]+)"/g)].map(([, to = '']) => to.replaceAll('&amp;', '&'));

test('4.3 / answers with a page that says what this is', () => {
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(html).toContain('<h1>Claimwright</h1>');
  expect(html).toContain('medical billing server');
  expect(html).toContain(server.base);
});

test('4.3 every link of the page at / answers', async () => {
  const links = linksOf(html);
  expect(links.length).toBeGreaterThan(5);
  for (const to of links)
    expect([to, (await fetch(new URL(to, `${server.origin}/`))).status]).toEqual([to, 200]);
});

test('4.3 neighbour: the page runs no script, loads nothing and may not be framed', () => {
  expect(html).not.toMatch(/<script|<link|<img|\son\w+=/i);
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
});

test('4.3 neighbour: the page has a language, a title, one main heading and headings in order', () => {
  expect(html).toContain('<html lang="en">');
  expect(html).toMatch(/<title>[^<]+<\/title>/);
  expect([...html.matchAll(/<h(\d)>/g)].map(([, level]) => level)).toEqual(['1', '2', '2']);
  for (const [, text = ''] of html.matchAll(/<a [^>]*>([^<]*)<\/a>/g)) expect(text.trim()).not.toBe('');
});

test.each([
  ['the browser asks for it', '/', 'es-MX,es;q=0.9,en;q=0.8', 'es'],
  ['a person chose it', '/?language=es', 'en', 'es'],
  ['a person chose English', '/?language=en', 'es', 'en'],
  ['nobody speaks what was asked for', '/?language=xx', 'tlh', 'en'],
])('4.3 neighbour: the page is in a language where %s', async (_, path, accepted, code) => {
  const answer = await fetch(`${server.origin}${path}`, { headers: { 'accept-language': accepted } });
  const text = await answer.text();
  expect(text).toContain(`<html lang="${code}">`);
  expect(text).toContain(code === 'es' ? 'facturación médica' : 'medical billing server');
  expect(answer.headers.get('vary')).toContain('Accept-Language');
});

test('4.3 neighbour: HEAD has no body, POST is refused, and another path is still 404', async () => {
  const head = await fetch(`${server.origin}/`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect([404, 405]).toContain((await fetch(`${server.origin}/`, { method: 'POST' })).status);
  const other = await fetch(`${server.origin}/index.html`);
  expect([other.status, await other.json()]).toMatchObject([404, { resourceType: 'OperationOutcome' }]);
});

test('4.3 neighbour: under a token the page is still there, shows no chart, and says what needs the token', async () => {
  const guarded = await startServer({
    CLAIMWRIGHT_SEED: 'none',
    CLAIMWRIGHT_AUTH: 'token',
    CLAIMWRIGHT_TOKEN: 'a-token-of-more-than-thirty-two-characters',
  });
  try {
    const answer = await fetch(`${guarded.origin}/`);
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toContain('need a token');
    expect(text).not.toContain('a-token-of');
  } finally {
    await guarded.stop();
    guarded.remove();
  }
});

test('4.3 neighbour: mounted below a path, the page sends links that stay below it', async () => {
  const context = await testContext();
  const outer = express();
  outer.use('/billing', createApp(context));
  const listening = outer.listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address() as AddressInfo;
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/billing`);
    expect([answer.status, answer.url]).toEqual([200, `http://127.0.0.1:${port}/billing/`]);
    for (const to of linksOf(await answer.text()))
      expect([to, (await fetch(new URL(to, answer.url))).status]).toEqual([to, 200]);
  } finally {
    listening.close();
    listening.closeAllConnections();
    await context.store.close();
  }
});
