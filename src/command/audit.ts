import { readConfig, type Config } from '../config.ts';
import type { AuditHead } from '../store/audit.ts';
import { auditFaults, type AuditFaults } from './verify/auditFaults.ts';
import { onCopy } from './verify.ts';

const usage =
  'npm run audit -- verify [CHAIN:NUMBER:HASH …]: checks every record of access and every AuditEvent made of them.\n' +
  'The ends of chains that it prints can be noted elsewhere, and given to it later.\n';

/** Checks the audit of the store that the settings name; a server may go on meanwhile. */
export const verifyAudit = (config: Config, known: readonly AuditHead[] = []): Promise<AuditFaults> =>
  onCopy(config, (store) => auditFaults(store, known));

/** Reads CHAIN:NUMBER:HASH; undefined where it is none. */
export function headIn(text: string): AuditHead | undefined {
  const [, chain, seq, hash] = /^([A-Za-z0-9-]+):(\d+):([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (chain === undefined || seq === undefined || hash === undefined) return undefined;
  return { chain, seq: Number(seq), hash };
}

if (import.meta.main) {
  const [command, ...given] = process.argv.slice(2);
  const known = given.map(headIn);
  if (command !== 'verify' || known.includes(undefined)) {
    process.stderr.write(usage);
    process.exitCode = 2;
  } else {
    try {
      const { records, heads, faults } = await verifyAudit(
        readConfig(process.env),
        known.filter((head) => head !== undefined),
      );
      for (const text of faults) process.stdout.write(`${text}\n`);
      for (const { chain, seq, hash } of heads) process.stdout.write(`${chain}:${seq}:${hash}\n`);
      const result =
        faults.length === 0 ? 'no fault' : `${faults.length} fault${faults.length === 1 ? '' : 's'}`;
      process.stdout.write(`Verified ${records} records of access in ${heads.length} chains: ${result}\n`);
      process.exitCode = faults.length === 0 ? 0 : 1;
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 2;
    }
  }
}
