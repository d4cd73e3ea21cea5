import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';

/**
 * What bench/readCreate.ts measures against: node:http and node:sqlite and nothing else. A read answers one prepared
 * row by id; a create parses the body and inserts the resource and its index rows, those that are waiting
 * at the same moment in one commit that is flushed (synchronous=FULL) before any of them is answered.
 */
const indexRows = 21; // as many as the Patient of the benchmark has here
const database = new DatabaseSync(process.argv[2] ?? ':memory:');
database.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE resource (rid INTEGER PRIMARY KEY, type TEXT, id TEXT, body BLOB, UNIQUE (type, id));
  CREATE TABLE entry (parameter INTEGER, value TEXT, rid INTEGER, PRIMARY KEY (parameter, value, rid)) WITHOUT ROWID;
`);
const byId = database.prepare('SELECT body FROM resource WHERE type = ? AND id = ?');
const insert = database.prepare('INSERT INTO resource (type, id, body) VALUES (?, ?, ?)');
const insertEntry = database.prepare('INSERT INTO entry (parameter, value, rid) VALUES (?, ?, ?)');
const begin = database.prepare('BEGIN IMMEDIATE');
const commit = database.prepare('COMMIT');

interface Made {
  readonly id: string;
  readonly body: string;
  readonly answer: () => void;
}
let waiting: Made[] = [];

function flush(): void {
  const group = waiting;
  waiting = [];
  begin.run();
  for (const { id, body } of group) {
    const { lastInsertRowid: rid } = insert.run('Patient', id, Buffer.from(body));
    for (let i = 0; i < indexRows; i += 1) insertEntry.run(i, `value ${i} of the patient`, rid);
  }
  commit.run();
  for (const { answer } of group) answer();
}

function create(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const resource = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { id?: string };
    const id = request.method === 'PUT' ? (resource.id ?? '') : randomUUID();
    const body = JSON.stringify({ ...resource, id });
    if (waiting.length === 0) setImmediate(flush);
    const answer = (): void => {
      response.writeHead(201, { 'content-type': 'application/fhir+json' }).end(body);
    };
    waiting.push({ id, body, answer });
  });
}

const server = createServer((request, response) => {
  if (request.method !== 'GET') {
    create(request, response);
    return;
  }
  const [, , type = '', id = ''] = (request.url ?? '').split('/');
  const row = byId.get(type, id);
  if (row)
    response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(row['body'] as Uint8Array);
  else response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('message', (message) => {
  if (message === 'stop') process.exit(0);
  const { user, system } = process.cpuUsage();
  process.send?.(user + system); // microseconds
});
