import { Connection } from '../connection.ts';
import type { Running } from '../server.ts';

const clients = 150;

/** Creates one thing from 150 connections at once, if none has its identifier: one 201 and 149 × 200 are right. */
export async function conditionalCreates(server: Running): Promise<string> {
  const value = `once-${performance.now()}`;
  const body = JSON.stringify({
    resourceType: 'Patient',
    identifier: [{ system: 'http://hospital.example/mrn', value }],
  });
  const header = `If-None-Exist: identifier=http://hospital.example/mrn|${value}\r\n`;
  const connections = Array.from({ length: clients }, () => new Connection(server.base));
  await Promise.all(connections.map((connection) => connection.send('GET', '/metadata?_summary=true')));
  const began = performance.now();
  const replies = await Promise.all(
    connections.map((connection) => connection.send('POST', '/Patient', body, header)),
  );
  const took = performance.now() - began;
  for (const connection of connections) connection.close();
  const counts = new Map<number, number>();
  for (const { status } of replies) counts.set(status, (counts.get(status) ?? 0) + 1);
  const said = [...counts].sort(([a], [b]) => b - a).map(([status, count]) => `${count} × ${status}`);
  return `${said.join(', ')} in ${took.toFixed(0)} ms`;
}
