/** Days since 1970-01-01, for the arithmetic of many dates at once. */
export const dayNumber = (date: string): number => Math.round(Date.parse(date.slice(0, 10)) / 86_400_000);

/** The date of such a number. */
export const dateOfDay = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
