import { shippedCodes } from './codeSystem.ts';

/**
 * What a provider is: Health Care Provider Taxonomy of the NUCC, version 25.1, codes only. Free of charge; commercial use
 * needs a licence of the NUCC that costs nothing (see the note in the file and in NOTICE). PRV03.
 */
const taxonomy = shippedCodes('nucc-taxonomy-251');

export const isTaxonomy = (code: string): boolean => taxonomy().has(code);

/** Ten characters, the last an X, whatever the version (billing rule 4). */
export const looksLikeTaxonomy = (code: string): boolean => /^[0-9A-Z]{9}X$/.test(code);
