/** The one code of C4BB's CodeSystem for a compound drug, whose ingredients stand below the line by NDC. */
export const compound = 'compound';
