import { openCore } from './core.ts';
import { openDirectory } from './directory.ts';
import { openFhirBinary } from './fhirBinary.ts';
import { openSftp } from './sftp.ts';
import type { Allowed, Transport, Way } from './transport.ts';

const kinds: Readonly<Record<Way['kind'], (way: Way, allowed: Allowed) => Promise<Transport>>> = {
  directory: openDirectory,
  sftp: openSftp,
  core: openCore,
  'fhir-binary': openFhirBinary,
};

/** Opens the way to a partner; a TransportFault where the settings do not allow it or nobody answers. */
export const openTransport = (way: Way, allowed: Allowed): Promise<Transport> =>
  kinds[way.kind](way, allowed);
