import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoBinaryDownload } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownload.js';
import { refuseOther } from './hash.ts';

/** MongoDB's own archive for Linux on x86-64 with OpenSSL 3, downloaded by mongodb-memory-server. */
export const archive = {
  version: '8.2.6',
  url: 'https://fastdl.mongodb.org/linux/mongodb-linux-x86_64-ubuntu2404-8.2.6.tgz',
  sha256: '56314a0f0a81238d974302fbffe7862efe9694c498ead62a0bca92cb595a0df0',
} as const;

export async function fromMongodb(to: string): Promise<void> {
  const downloadDir = mkdtempSync(join(tmpdir(), 'claimwright-mongod-'));
  process.env['MONGOMS_DOWNLOAD_URL'] = archive.url;
  try {
    const download = new MongoBinaryDownload({
      downloadDir,
      version: archive.version,
      platform: 'linux',
      arch: 'x64',
      checkMD5: false, // we check the SHA-256 that is pinned here
    });
    const file = await download.startDownload();
    await refuseOther(file, archive.sha256);
    copyFileSync(await download.extract(file), to);
  } finally {
    rmSync(downloadDir, { recursive: true, force: true });
  }
}
