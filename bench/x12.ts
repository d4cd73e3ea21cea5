/**
 * Reading X12: node bench/x12.ts [--megabytes 20] [--rounds 3] [--large 1000]. Bytes through the tokeniser and the walk
 * of the guide, per second of processor time, beside npm x12-parser, which cuts segments and walks no guide. With
 * --large, one interchange of so many megabytes, and the memory it takes.
 */
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { readInterchanges } from '../src/x12/read.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    large: { type: 'string' },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const head = (group: string, version: string): string =>
  'ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240506*0708*^*00501*000000001*0*T*:~\n' +
  `GS*${group}*SENDER*RECEIVER*20240506*0708*1*X*${version}~\n`;

/** A kind of interchange: what comes before its claims, one claim, and what comes after so many segments. */
interface Kind {
  readonly name: string;
  readonly before: string;
  readonly claim: (n: number) => string;
  readonly after: (segments: number) => string;
}

const count = (text: string): number => text.split('~').length - 1;

const remittance: Kind = {
  name: '835 005010X221A1',
  before:
    `${head('HP', '005010X221A1')}ST*835*0001~\nBPR*I*100*C*ACH*CCP*01*111111111*DA*1234*1222222222**01*333333333*DA*5678*20240506~\n` +
    'TRN*1*EFT1*1222222222~\nDTM*405*20240505~\nN1*PR*PAYER ONE~\nN3*1 MAIN STREET~\nN4*DAYTON*OH*45402~\n' +
    'PER*BL*HELP*TE*5555550100~\nN1*PE*PRACTICE ONE*XX*1234567893~\nLX*1~\n',
  claim: (n) =>
    `CLP*C-${n}*1*150*110*20*12*PCN-${n}*11*1~\nNM1*QC*1*DOE*JANE****MI*M${n}~\nNM1*82*1*ROE*RICHARD****XX*1234567893~\n` +
    'DTM*232*20240401~\nSVC*HC:99213*100*70**1~\nDTM*472*20240401~\nCAS*CO*45*10~\nCAS*PR*2*20~\nREF*6R*1~\nAMT*B6*90~\n' +
    'SVC*HC:87880*50*40**1~\nDTM*472*20240401~\nCAS*CO*45*10~\nREF*6R*2~\nAMT*B6*40~\n',
  after: (segments) => `SE*${segments}*0001~\nGE*1*1~\nIEA*1*000000001~\n`,
};

const professional: Kind = {
  name: '837P 005010X222A1',
  before:
    `${head('HC', '005010X222A1')}ST*837*0001*005010X222A1~\nBHT*0019*00*B1*20240506*0708*CH~\n` +
    'NM1*41*2*PRACTICE ONE*****46*S1~\nPER*IC*BILLING*TE*5555550100~\nNM1*40*2*CLEARINGHOUSE*****46*R1~\n' +
    'HL*1**20*1~\nNM1*85*2*PRACTICE ONE*****XX*1234567893~\nN3*1 MAIN STREET~\nN4*DAYTON*OH*454020001~\nREF*EI*111222333~\n',
  claim: (n) =>
    `HL*${n + 2}*1*22*0~\nSBR*P*18*******CI~\nNM1*IL*1*DOE*JANE****MI*M${n}~\nN3*2 SIDE STREET~\nN4*DAYTON*OH*45402~\n` +
    `DMG*D8*19800102*F~\nNM1*PR*2*PAYER ONE*****PI*P1~\nCLM*C-${n}*150***11:B:1*Y*A*Y*Y~\nHI*ABK:J069*ABF:R05~\n` +
    'LX*1~\nSV1*HC:99213:25*100*UN*1***1:2~\nDTP*472*D8*20240401~\nREF*6R*1~\nLX*2~\nSV1*HC:87880*50*UN*1***1~\n' +
    'DTP*472*D8*20240401~\nREF*6R*2~\n',
  after: remittance.after,
};

/** An interchange of about so many bytes, in chunks as a socket brings them. */
function* chunks({ before, claim, after }: Kind, bytes: number): Generator<Uint8Array> {
  let [text, made, segments] = [before, 0, count(before) - 2];
  const one = count(claim(0));
  for (let n = 0; made < bytes; n += 1) {
    text += claim(n);
    segments += one;
    if (text.length < 65_536) continue;
    made += text.length;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text + after(segments + 1));
}

async function ours(source: Iterable<Uint8Array>, each?: () => void): Promise<number> {
  let units = 0;
  for await (const part of readInterchanges(Readable.from(source))) {
    if (part.kind === 'unit') units += 1;
    if (units % 2000 === 0) each?.();
    if (part.kind === 'setEnd' && part.faults.length > 0) throw new Error(part.faults[0]?.sentence ?? '');
  }
  return units;
}

const { X12parser } = createRequire(import.meta.url)('x12-parser') as {
  X12parser: new () => NodeJS.ReadWriteStream;
};
async function theirs(source: Iterable<Uint8Array>): Promise<number> {
  let segments = 0;
  const parser = Readable.from(source).pipe(new X12parser());
  parser.on('data', () => (segments += 1));
  await finished(parser);
  return segments;
}

type Reader = (source: Iterable<Uint8Array>) => Promise<number>;

/** Megabytes per second of processor time, chunks made beforehand. */
async function measured(reader: Reader, parts: readonly Uint8Array[]): Promise<number> {
  const size = parts.reduce((all, { length }) => all + length, 0);
  const before = process.cpuUsage();
  await reader(parts);
  const { user, system } = process.cpuUsage(before);
  return size / (user + system);
}

async function compare(kind: Kind): Promise<void> {
  const parts = [...chunks(kind, Number(values.megabytes) * 1e6)];
  const [own, other]: [number[], number[]] = [[], []];
  await measured(ours, parts);
  await measured(theirs, parts);
  for (let n = 0; n < Number(values.rounds); n += 1) {
    own.push(await measured(ours, parts));
    other.push(await measured(theirs, parts));
  }
  const [a, b] = [Math.max(...own), Math.max(...other)];
  say(`${kind.name}: ${a.toFixed(1)} MB/s; x12-parser ${b.toFixed(1)} MB/s; ${(a / b).toFixed(1)} times`);
}

async function large(kind: Kind, megabytes: number): Promise<void> {
  let most = 0;
  const start = performance.now();
  const units = await ours(chunks(kind, megabytes * 1e6), () => {
    most = Math.max(most, process.memoryUsage.rss());
  });
  const seconds = (performance.now() - start) / 1000;
  say(
    `${kind.name}, one interchange of ${megabytes} MB: ${units} claims in ${seconds.toFixed(0)} s, ` +
      `at most ${Math.round(most / 1e6)} MB resident`,
  );
}

if (values.large === undefined) for (const kind of [remittance, professional]) await compare(kind);
else for (const size of [Number(values.large) / 10, Number(values.large)]) await large(remittance, size);
