import type { ChargeItemDefinition, ConceptMap } from '@medplum/fhirtypes';
import { buildCodeMap } from '../../billing/coding/codeMap.ts';
import { coder } from '../../billing/coding/coder.ts';
import { priceList, type PriceList } from '../../billing/charge/priceList.ts';
import type { Coder } from '../../datatypes/chart.ts';
import { typeCache } from '../../interaction/typeCache.ts';
import { find } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';

/** All ConceptMaps as one coder, built again only when one was written. */
export const practiceCoder = ({ context, tx }: Call): Promise<Coder> =>
  typeCache(context, tx, {
    key: 'coder',
    types: ['ConceptMap'],
    build: async (server) => coder(buildCodeMap(await find<ConceptMap>(server, 'ConceptMap', {}))),
  });

/** The charge master, read again only when a line of it was written. */
export const practicePrices = ({ context, tx }: Call): Promise<PriceList> =>
  typeCache(context, tx, {
    key: 'price-list',
    types: ['ChargeItemDefinition'],
    build: async (server) => priceList(await find<ChargeItemDefinition>(server, 'ChargeItemDefinition', {})),
  });
