/**
 * Teeth, areas of the mouth and surfaces by the numbers that the ADA's claim form takes: permanent 1 to 32, primary A to
 * T, supernumerary 51 to 82 and AS to TS. Numbers alone; their words are the ADA's.
 */
export const isTooth = (code: string): boolean =>
  /^(?:[1-9]|[12]\d|3[0-2]|5[1-9]|[67]\d|8[0-2]|[A-T]S?)$/.test(code.replace(/^0(?=\d$)/, ''));

/** The whole mouth, an arch, a quadrant or a sextant. */
export const isOralArea = (code: string): boolean => /^(?:0[0-9]|10|20|30|40)$/.test(code);

/** C4BB 2.0.0, CodeSystem C4BBSurfaceCodes. */
export const isToothSurface = (code: string): boolean => /^[MOIDBFL]$/.test(code);
