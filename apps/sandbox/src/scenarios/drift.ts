/** Changes the shape of an answer's `data` the way a vendor does overnight: a field renamed, retyped, added, or a figure that is none. */

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same data with `change` applied to every object in it, innermost first. */
function eachObject(data: unknown, change: (object: Json) => Json): unknown {
  if (Array.isArray(data)) return data.map((item) => eachObject(item, change));
  if (!isObject(data)) return data;
  const inner = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, eachObject(value, change)]),
  );
  return change(inner);
}

function firstObject(data: unknown): Json | undefined {
  if (isObject(data)) {
    // A map such as the pairs list has no fields of its own: its keys are exchanges.
    const values = Object.values(data);
    const isMap = values.length > 0 && values.every((value) => Array.isArray(value));
    return isMap ? firstObject(values) : data;
  }
  if (!Array.isArray(data)) return undefined;
  for (const item of data) {
    const found = firstObject(item);
    if (found) return found;
  }
  return undefined;
}

const times = new Set(['time', 'timestamp']);

/** The field a drift strikes when the rule names none: the first of the first row that is no time and passes `accept`. */
function defaultField(data: unknown, accept: (value: unknown) => boolean): string | undefined {
  const row = firstObject(data) ?? {};
  return Object.keys(row).find((name) => !times.has(name) && accept(row[name]));
}

const withField = (
  data: unknown,
  field: string | undefined,
  change: (object: Json, field: string) => Json,
): unknown =>
  field === undefined
    ? data
    : eachObject(data, (object) => (Object.hasOwn(object, field) ? change(object, field) : object));

const any = (): boolean => true;

export const rename = (data: unknown, field?: string, to?: string): unknown =>
  withField(data, field ?? defaultField(data, any), (object, name) =>
    Object.fromEntries(
      Object.entries(object).map(([each, value]) => [
        each === name ? (to ?? `${name}_v2`) : each,
        value,
      ]),
    ),
  );

export type Retyped = 'object' | 'array' | 'text' | 'null' | 'boolean';

const retypers: Readonly<Record<Retyped, (value: unknown) => unknown>> = {
  object: (value) => ({ value }),
  array: (value) => [value],
  text: (value) => `about ${JSON.stringify(value)}`,
  null: () => null,
  boolean: () => true,
};

export const retype = (data: unknown, as: Retyped, field?: string): unknown =>
  withField(data, field ?? defaultField(data, any), (object, name) => ({
    ...object,
    [name]: retypers[as](object[name]),
  }));

/** Adds `field` to every object that holds a plain figure or text, rows and members alike, but not to maps. */
export const addField = (data: unknown, field: string): unknown =>
  eachObject(data, (object) =>
    Object.values(object).some((value) => typeof value !== 'object')
      ? { ...object, [field]: 'new' }
      : object,
  );

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));

export const notANumber = (data: unknown, value: string, field?: string): unknown =>
  withField(data, field ?? defaultField(data, isNumeric), (object, name) => ({
    ...object,
    [name]: value,
  }));
