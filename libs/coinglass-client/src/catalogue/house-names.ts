/** The house's name of a native parameter, where it differs: a caller gives a coin, the vendor wants a symbol. */
const houseNames: Readonly<Record<string, string>> = { symbol: 'coin', current_page: 'page' };

export const houseNameOf = (native: string): string => houseNames[native] ?? native;

export const nativeNameOf = (house: string): string =>
  Object.keys(houseNames).find((native) => houseNames[native] === house) ?? house;
