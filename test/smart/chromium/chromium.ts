import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { chromium, type Browser } from 'playwright-core';
import { extract } from 'tar-stream';

/** A Chromium of this run, and its end. */
export interface Running {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Compressed, in the package: the browser, the libraries that it links to, fonts. */
const packed = fileURLToPath(new URL('../../bin', import.meta.resolve('@sparticuz/chromium')));

/**
 * Starts the Chromium of @sparticuz/chromium out of a folder of its own, which goes when it is closed. Only what the
 * package holds is used, none of its code: its settings switch off the checks of origins that are tested here.
 */
export async function runChromium(): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'claimwright-chromium-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const executablePath = join(folder, 'chromium');
    await Promise.all([
      unpack('chromium.br', createWriteStream(executablePath, { mode: 0o755 })),
      unpackAll('al2023.tar.br', folder),
      unpackAll('fonts.tar.br', folder),
    ]);
    await writeFile(join(folder, 'fonts.conf'), fontSettings(folder));
    const browser = await chromium.launch({
      executablePath,
      chromiumSandbox: false, // tests may run as root, in a container
      args: ['--no-zygote', '--disable-gpu'],
      env: {
        HOME: folder,
        TMPDIR: folder,
        FONTCONFIG_FILE: join(folder, 'fonts.conf'),
        LD_LIBRARY_PATH: join(folder, 'lib'),
      },
    });
    return {
      browser,
      close: async () => {
        await browser.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

const fontSettings = (folder: string): string =>
  `<?xml version="1.0"?><fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/cache</cachedir></fontconfig>`;

const unpack = (name: string, to: NodeJS.WritableStream): Promise<void> =>
  pipeline(createReadStream(join(packed, name)), createBrotliDecompress(), to);

async function unpackAll(name: string, folder: string): Promise<void> {
  const files = extract();
  files.on('entry', ({ name: path, type }, stream, next) => {
    const to = join(folder, path);
    void (async () => {
      if (type === 'file') {
        await mkdir(dirname(to), { recursive: true });
        await pipeline(stream, createWriteStream(to));
      } else stream.resume();
    })().then(() => {
      next();
    }, next);
  });
  await unpack(name, files);
}
