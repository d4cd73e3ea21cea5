import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTransport } from '../../src/transport/openTransport.ts';
import type { Allowed, Transport, TransportFault, Way } from '../../src/transport/transport.ts';
import { httpPartner, type HttpPartner } from './httpPartner.ts';
import { sshServer, type SshServer } from './sshServer.ts';

const root = mkdtempSync(join(tmpdir(), 'claimwright-transport-'));
const partner = join(root, 'acme');
const secrets = join(root, 'secrets');
const bytes = Buffer.from('ISA*00*~IEA*0*000000001~');
const others = Buffer.from('ISA*00*~IEA*0*000000002~');
const name = 'ACME_000000001.x12';
let ssh: SshServer;
let web: HttpPartner;

beforeAll(async () => {
  mkdirSync(secrets);
  writeFileSync(join(secrets, 'acme'), 'secret\n');
  writeFileSync(join(secrets, 'acme-web'), 'office:secret\n');
  writeFileSync(join(secrets, 'acme-wrong'), 'office:wrong');
  for (const folder of ['out', 'in', 'archive', 'failed'])
    mkdirSync(join(partner, folder), { recursive: true });
  ssh = await sshServer(root);
  web = await httpPartner(partner);
});
afterAll(async () => {
  await ssh.close();
  await web.close();
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  for (const folder of ['out', 'in', 'archive', 'failed']) {
    rmSync(join(partner, folder), { recursive: true });
    mkdirSync(join(partner, folder));
  }
  Object.assign(ssh.behaviour, { isFull: false, diesAfter: Infinity, isMute: false });
});

const inFolder = (folder: string): string[] => readdirSync(join(partner, folder)).sort();
const allowed = (): Allowed => ({ root, hosts: ['127.0.0.1'], secrets, patience: 5000 });
const wayOf = (kind: Way['kind'], more: Partial<Way> = {}): Way => ({
  kind,
  address: {
    directory: 'file:///acme',
    sftp: `sftp://office@127.0.0.1:${ssh.port}/acme`,
    core: `http://127.0.0.1:${web.port}/core`,
    'fhir-binary': `http://127.0.0.1:${web.port}/fhir`,
  }[kind],
  folders: { out: 'out', in: 'in', archive: 'archive', failed: 'failed' },
  hostKeys: [ssh.hostKey],
  secret: kind === 'sftp' ? 'acme' : 'acme-web',
  sender: 'OFFICE',
  receiver: 'ACME',
  pickup: ['X12_005010_Request_Batch_Results_Mixed'],
  ...more,
});

const read = async (transport: Transport, file: string): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of transport.fetch(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
const faultOf = async (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as TransportFault).code,
  );

describe.each(['directory', 'sftp', 'core', 'fhir-binary'] as const)('6.1 the contract, over %s', (kind) => {
  let transport: Transport;
  beforeEach(async () => {
    transport = await openTransport(wayOf(kind), allowed());
  });
  afterEach(() => transport.close());

  test('6.1 bytes under a name arrive once, unchanged, however often they are handed over', async () => {
    await transport.stage(name, bytes);
    expect(inFolder('out').filter((n) => !n.startsWith('.'))).toEqual([]);
    await transport.handOver(name, bytes);
    await transport.stage(name, bytes);
    await transport.handOver(name, bytes);
    expect(inFolder('out')).toHaveLength(1);
    expect(readFileSync(join(partner, 'out', inFolder('out')[0] ?? ''))).toEqual(bytes);
    expect(await transport.look(name, bytes)).toBe(kind === 'core' ? 'cannot-tell' : 'released');
  });

  test('6.1 what was never handed over is absent', async () => {
    expect(await transport.look(name, bytes)).toBe(kind === 'core' ? 'cannot-tell' : 'absent');
  });

  test('6.1 neighbour: a name that is no plain one is refused', async () => {
    for (const bad of ['../x', 'a/b', '', '.hidden', 'a\0b', '..'])
      expect([bad, await faultOf(transport.stage(bad, bytes))]).toEqual([bad, 'not-allowed']);
    expect(inFolder('out')).toEqual([]);
  });
});

describe.each(['directory', 'sftp', 'core'] as const)('6.1 what waits for us, over %s', (kind) => {
  test('6.1 is listed, fetched, and archived once', async () => {
    const transport = await openTransport(wayOf(kind), allowed());
    expect(await transport.list()).toEqual([]);
    writeFileSync(join(partner, 'in', 'first.x12'), bytes);
    const [found, ...more] = await transport.list();
    expect([found?.name, found?.size, more]).toEqual(['first.x12', bytes.length, []]);
    expect(await read(transport, 'first.x12')).toBe(bytes.toString());
    await transport.archive('first.x12');
    await transport.archive('first.x12');
    expect([inFolder('in'), inFolder('archive')]).toEqual([[], ['first.x12']]);
    await transport.close();
  });
});

describe.each(['directory', 'sftp'] as const)('6.1 folders, over %s', (kind) => {
  let transport: Transport;
  beforeEach(async () => {
    transport = await openTransport(wayOf(kind), allowed());
  });
  afterEach(() => transport.close());

  test('6.1 what is staged is told from what is released, and a broken upload is begun again', async () => {
    await transport.stage(name, bytes);
    expect(await transport.look(name, bytes)).toBe('staged');
    writeFileSync(join(partner, 'out', `.${name}.part`), bytes.subarray(0, 5));
    expect(await transport.look(name, bytes)).toBe('absent');
    await transport.stage(name, bytes);
    await transport.handOver(name, bytes);
    expect(inFolder('out')).toEqual([name]);
  });

  test('6.1 a name that is taken by other bytes is never written over', async () => {
    writeFileSync(join(partner, 'out', name), others);
    await transport.stage(name, bytes);
    expect(await faultOf(transport.handOver(name, bytes))).toBe('taken');
    expect(await faultOf(transport.look(name, bytes))).toBe('taken');
    expect(readFileSync(join(partner, 'out', name))).toEqual(others);
  });

  test('6.1 a file that the partner still writes is left alone, and so are folders', async () => {
    writeFileSync(join(partner, 'in', 'a.835.part'), bytes);
    writeFileSync(join(partner, 'in', '.b.835'), bytes);
    mkdirSync(join(partner, 'in', 'sub'));
    writeFileSync(join(partner, 'in', 'c.835'), bytes);
    expect((await transport.list()).map((w) => w.name)).toEqual(['c.835']);
  });

  test('6.1 a name that was archived before keeps both files', async () => {
    for (const content of [bytes, others]) {
      writeFileSync(join(partner, 'in', 'daily.835'), content);
      await transport.archive('daily.835');
    }
    expect(inFolder('archive')).toEqual(['daily.835', 'daily.835.2']);
    writeFileSync(join(partner, 'in', 'bad.835'), bytes);
    await transport.fail('bad.835');
    expect(inFolder('failed')).toEqual(['bad.835']);
  });

  test('6.1 neighbour: 3 MB arrive whole both ways', async () => {
    const large = Buffer.alloc(3_000_000, 'ST*837*0001~');
    await transport.stage(name, large);
    await transport.handOver(name, large);
    expect(readFileSync(join(partner, 'out', name)).equals(large)).toBe(true);
    writeFileSync(join(partner, 'in', 'large.835'), large);
    expect((await read(transport, 'large.835')) === large.toString()).toBe(true);
  });
});

describe('6.1 a directory', () => {
  test.each([
    'file:///../secrets',
    'file:///acme/../../etc',
    'file:///',
    '/etc',
    'file:///acme%2f..',
    'file://host/acme',
  ])('6.1 outside of the root is refused: %s', async (address) => {
    expect(await faultOf(openTransport(wayOf('directory', { address }), allowed()))).toBe('not-allowed');
  });

  test('6.1 a link out of the root is refused, and nothing is made there', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'claimwright-outside-'));
    symlinkSync(outside, join(root, 'sly'));
    expect(await faultOf(openTransport(wayOf('directory', { address: 'file:///sly' }), allowed()))).toBe(
      'not-allowed',
    );
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });

  test('6.1 neighbour: a link in the folder is not read', async () => {
    symlinkSync(join(secrets, 'acme'), join(partner, 'in', 'x.835'));
    const transport = await openTransport(wayOf('directory'), allowed());
    expect(await transport.list()).toEqual([]);
    expect(await faultOf(read(transport, 'x.835'))).toBe('failed');
  });

  test('6.1 without the setting there is none', async () => {
    expect(await faultOf(openTransport(wayOf('directory'), { hosts: [] }))).toBe('not-allowed');
  });
});

describe('6.1 a server', () => {
  test('6.1 whose host key is another is not logged in to', async () => {
    const way = wayOf('sftp', { hostKeys: ['SHA256:AAAA'] });
    expect(await faultOf(openTransport(way, allowed()))).toBe('host-key');
    expect(await faultOf(openTransport(wayOf('sftp', { hostKeys: [] }), allowed()))).toBe('host-key');
  });

  test('6.1 that does not accept the login is told so', async () => {
    expect(await faultOf(openTransport(wayOf('sftp', { secret: 'acme-wrong' }), allowed()))).toBe('login');
    const core = await openTransport(wayOf('core', { secret: 'acme-wrong' }), allowed());
    expect(await faultOf(core.handOver(name, bytes))).toBe('refused');
    const fhir = await openTransport(wayOf('fhir-binary', { secret: 'acme-wrong' }), allowed());
    expect(await faultOf(fhir.handOver(name, bytes))).toBe('login');
  });

  test('6.1 that dies in the middle of an upload has released nothing, and the next try goes through', async () => {
    ssh.behaviour.diesAfter = 2;
    const large = Buffer.alloc(500_000, 'x');
    const broken = await openTransport(wayOf('sftp'), allowed());
    expect(await faultOf(broken.stage(name, large))).toBe('unreachable');
    await broken.close();
    expect(inFolder('out')).toEqual([`.${name}.part`]);
    ssh.behaviour.diesAfter = Infinity;
    const whole = await openTransport(wayOf('sftp'), allowed());
    expect(await whole.look(name, large)).toBe('absent');
    await whole.stage(name, large);
    await whole.handOver(name, large);
    expect(inFolder('out')).toEqual([name]);
    await whole.close();
  });

  test('6.1 whose disk is full keeps nothing under the name', async () => {
    const transport = await openTransport(wayOf('sftp'), allowed());
    ssh.behaviour.isFull = true;
    expect(await faultOf(transport.stage(name, bytes))).toBe('failed');
    expect(inFolder('out').filter((n) => !n.startsWith('.'))).toEqual([]);
    await transport.close();
  });

  test('6.1 that falls silent is given up after a time', async () => {
    const transport = await openTransport(wayOf('sftp'), { ...allowed(), patience: 1000 });
    ssh.behaviour.isMute = true;
    expect(await faultOf(transport.list())).toBe('too-slow');
    await transport.close();
  });

  test('6.1 that the settings do not name is not called', async () => {
    for (const kind of ['sftp', 'core', 'fhir-binary'] as const)
      expect([
        kind,
        await faultOf(openTransport(wayOf(kind), { ...allowed(), hosts: ['payer.example'] })),
      ]).toEqual([kind, 'not-allowed']);
    const port = { ...allowed(), hosts: [`127.0.0.1:${ssh.port}`] };
    expect(await faultOf(openTransport(wayOf('core'), port))).toBe('not-allowed');
  });

  test('6.1 neighbour: a redirect is not followed, and a secret out of its folder is not read', async () => {
    const moved = wayOf('core', { address: `http://127.0.0.1:${web.port}/moved` });
    const transport = await openTransport(moved, allowed());
    expect(await faultOf(transport.handOver(name, bytes))).toBe('refused');
    expect(inFolder('out')).toEqual([]);
    for (const secret of ['../secrets/acme', '/etc/passwd', 'a..b', 'none'])
      expect(await faultOf(openTransport(wayOf('sftp', { secret }), allowed()))).toBe('not-allowed');
  });

  test('6.1 neighbour: nobody listens', async () => {
    const way = wayOf('sftp', { address: 'sftp://office@127.0.0.1:1/acme' });
    expect(await faultOf(openTransport(way, allowed()))).toBe('unreachable');
  });
});
