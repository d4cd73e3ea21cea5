import type { Resource } from '@medplum/fhirtypes';
import { ConfigError, type Config } from './config.ts';
import { DefinedParameters, type Unserved } from './interaction/conformance/definedParameters.ts';
import { readPackages } from './package/readPackages.ts';
import type { Store } from './store/store.ts';

/** What is defined besides what is shipped. */
export interface Definitions {
  readonly packaged: readonly Resource[];
  readonly defined: DefinedParameters;
  readonly unserved: readonly Unserved[];
}

/** Reads the packages of the settings; serves their search parameters and those of stored SearchParameters. */
export async function openDefinitions(
  { profiles }: Pick<Config, 'profiles'>,
  store: Store,
  onFault: (error: unknown) => void,
): Promise<Definitions> {
  const packaged = profiles === undefined ? [] : await packagesOf(profiles);
  const defined = new DefinedParameters(store, packaged, onFault);
  return { packaged, defined, unserved: await defined.refresh() };
}

async function packagesOf(profiles: string): Promise<Resource[]> {
  try {
    return await readPackages(profiles);
  } catch (cause) {
    throw new ConfigError(`CLAIMWRIGHT_PROFILES: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}
