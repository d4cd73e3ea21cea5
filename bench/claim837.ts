/**
 * Claims as 837: node bench/claim837.ts [--claims 10000] [--rounds 3]. Generated claims of each form with their parties
 * and other payers' answers, written as interchanges of 1,000 claims a set, then read again; claims per second of
 * processor time.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { claimSet, guideOfForm } from '../src/billing/submission/claim837/claimSet.ts';
import { formOfGuide, readClaim } from '../src/billing/submission/claim837/readClaim.ts';
import { readBytes } from '../src/x12/read.ts';
import { writeInterchange } from '../src/x12/write.ts';
import { generatedClaim, type Form } from '../test/fixture/generatedClaim.ts';

const { values } = parseArgs({
  options: { claims: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '3' } },
});
const count = Number(values.claims);
const forms: readonly Form[] = ['professional', 'institutional', 'oral'];
const side = { name: 'A SENDER', number: '12345', contact: 'SOMEBODY', phone: '5551234567' };
const ids = { sender: 'SENDER', receiver: 'RECEIVER' };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs something and answers claims per second of processor time. */
function rate(work: () => number): number {
  const before = process.cpuUsage();
  const done = work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((done * 1_000_000) / (user + system));
}

for (const form of forms) {
  const made = fc.sample(generatedClaim(form), { numRuns: 500, seed: 42 }).map(({ claim, resources }) => ({
    claim,
    known: new Map(resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r])),
  }));
  const one = (n: number) => {
    const found = made[n % made.length];
    if (!found) throw new Error('nothing was generated');
    return found;
  };
  const claims = Array.from({ length: count }, (_, n) => ({
    ...one(n),
    number: `C${n}`,
  }));
  const version = guideOfForm[form];
  let text = '';
  const write = (): number => {
    const sets = [];
    for (let at = 0; at < claims.length; at += 1000) {
      const header = {
        reference: String(at),
        date: '2026-08-01',
        time: '1200',
        submitter: side,
        receiver: side,
      };
      const { set } = claimSet(header, form, claims.slice(at, at + 1000));
      sets.push({
        controlNumber: String(sets.length + 1).padStart(4, '0'),
        set: '837',
        convention: version,
        content: set,
      });
    }
    const when = { date: '20260801', time: '1200', controlNumber: 1 };
    text = writeInterchange({ senderQualifier: 'ZZ', receiverQualifier: 'ZZ', ...ids, ...when, usage: 'T' }, [
      { functionalGroup: 'HC', ...ids, ...when, version, sets },
    ]);
    return claims.length;
  };
  const read = (): number => {
    let found = 0;
    for (const part of readBytes(Buffer.from(text))) {
      const of = part.kind === 'unit' ? formOfGuide(part.guide.id) : undefined;
      if (part.kind === 'unit' && of && readClaim(part, of).item) found += 1;
    }
    return found;
  };
  const rounds = Array.from({ length: Number(values.rounds) }, () => [rate(write), rate(read)] as const);
  const best = (n: 0 | 1): number => Math.max(...rounds.map((round) => round[n]));
  say(
    `${form}: written ${best(0)} claims/s, read ${best(1)} claims/s (${(text.length / count).toFixed(0)} bytes a claim)`,
  );
}
