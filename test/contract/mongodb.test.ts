import { openStore } from '../../src/store/openStore.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { storeContract } from './storeContract.ts';

storeContract('mongodb', async (now, registry) =>
  openStore(await emptyDatabase(registry ? 'contract_index' : 'contract'), {
    now,
    base: 'https://here/fhir',
    ...(registry ? { registry } : {}),
  }),
);
