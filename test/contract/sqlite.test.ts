import { openStore } from '../../src/store/openStore.ts';
import { storeContract } from './storeContract.ts';

storeContract('sqlite', (now, registry) =>
  openStore('sqlite::memory:', { now, base: 'https://here/fhir', ...(registry ? { registry } : {}) }),
);
